import { commands, l10n, window, type Memento } from 'vscode';
import { DaoChainError } from '../../core/errors';
import type { PublisherId } from '../../core/ledger/types';
import type { ContainerEngine, NodeLauncher, SecretStore } from '../../core/ports';
import type { Ledger } from '../../services/ledger';
import type { NodeService } from '../../services/nodeService';
import type { PullService } from '../../services/pullService';
import type { PushService } from '../../services/pushService';
import type { SigningService } from '../../services/signingService';
import type { Transactions } from '../../services/transactions';
import type { VerificationService } from '../../services/verificationService';
import type { WalletService } from '../../services/walletService';
import type { Account } from '../account';
import { accountMenu } from '../accountMenu';
import type { AttestationDocuments } from '../attestationDocument';
import type { Logs } from '../log';
import type { Settings } from '../settings';
import { SigningFlow } from '../signing/signingFlow';
import { TransactionFlow } from '../signing/transactionFlow';
import type { LocalImages } from '../trees/localImages';
import { TrustPrompts } from '../trust/trustPrompts';
import { buildAndSign } from './buildAndSign';
import { ignoreInWorkspace } from './ignoreInWorkspace';
import { readAlarm } from './readAlarm';
import { registerCommands, type CommandTable } from './commandTable';
import { ImageCommands } from './imageCommands';
import { NodeCommands } from './nodeCommands';
import { TransferCommands } from './transferCommands';
import { WalletCommands } from './walletCommands';

export interface CommandParts {
  readonly engine: ContainerEngine;
  readonly verification: VerificationService;
  readonly transactions: Transactions;
  readonly signing: SigningService;
  readonly pulls: PullService;
  readonly pushes: PushService;
  readonly wallet: WalletService;
  readonly node: NodeService;
  readonly launcher: Pick<NodeLauncher, 'install'>;
  readonly ledger: () => Ledger | undefined;
  /** Publishers that speak for the reader. */
  readonly ownPublishers: () => readonly PublisherId[];
  readonly secrets: SecretStore;
  readonly settings: Settings;
  readonly account: Account;
  readonly images: LocalImages;
  readonly attestations: AttestationDocuments;
  readonly logs: Logs;
  readonly memory: Memento;
  readonly extensionId: string;
}

/** Makes every command of the manifest and registers it. */
export function registerAllCommands(parts: CommandParts): { dispose(): void } {
  const { logs, images: tree } = parts;
  const trust = new TrustPrompts(parts.settings, parts.ledger);
  const transactionFlow = new TransactionFlow(parts);
  const signingFlow = new SigningFlow({ ...parts, transactionFlow, trust });
  const images = new ImageCommands({ ...parts, signingFlow, trust });
  const transfers = new TransferCommands({ ...parts, signingFlow });
  const wallets = new WalletCommands(parts);
  const nodes = new NodeCommands(parts);
  const table: CommandTable = {
    'daochain.signImage': { needs: 'wallet', run: (wallet, ...args) => images.sign(wallet, ...args) },
    'daochain.buildAndSign': {
      needs: 'wallet',
      run: (wallet, file) => buildAndSign({ ...parts, signingFlow }, wallet, file),
    },
    'daochain.verifyImage': { needs: 'nothing', run: (_, ...args) => images.verify(...args) },
    'daochain.pullImage': { needs: 'nothing', run: (_, ...args) => transfers.pull(...args) },
    'daochain.pushImage': { needs: 'nothing', run: (_, ...args) => transfers.push(...args) },
    'daochain.completeStatement': {
      needs: 'wallet',
      run: (wallet, ...args) => transfers.completeStatement(wallet, ...args),
    },
    'daochain.showAttestation': { needs: 'nothing', run: (_, ...args) => images.showAttestation(...args) },
    'daochain.copyDigest': { needs: 'nothing', run: (_, ...args) => images.copyDigest(...args) },
    'daochain.trustPublisher': { needs: 'trust', run: (_, ...args) => images.trustPublisher(...args) },
    'daochain.trustPublisherForRepository': {
      needs: 'trust',
      run: (_, repository) => trust.trustPublisher(typeof repository === 'string' ? repository : undefined),
    },
    'daochain.ignoreInWorkspace': { needs: 'trust', run: (_, code) => ignoreInWorkspace(code) },
    'daochain.refreshImages': {
      needs: 'nothing',
      run: () => {
        tree.refresh();
      },
    },
    'daochain.readAlarm': { needs: 'nothing', run: (_, key) => readAlarm(parts.ledger(), key) },
    'daochain.createWallet': { needs: 'trust', run: () => wallets.create() },
    'daochain.importWallet': { needs: 'trust', run: () => wallets.import() },
    'daochain.exportWallet': { needs: 'wallet', run: (wallet) => wallets.export(wallet) },
    'daochain.unlockWallet': { needs: 'wallet', run: (wallet) => wallet.unlock() },
    'daochain.lockWallet': {
      needs: 'nothing',
      run: () => {
        wallets.lock();
      },
    },
    'daochain.copyAddress': { needs: 'nothing', run: () => wallets.copyAddress() },
    'daochain.startNode': { needs: 'trust', run: () => nodes.start() },
    'daochain.stopNode': { needs: 'nothing', run: () => nodes.stop() },
    'daochain.installNode': { needs: 'trust', run: () => nodes.install() },
    'daochain.toggleMining': { needs: 'wallet', run: (wallet, wanted) => nodes.toggleMining(wallet, wanted) },
    'daochain.mineUntilFinal': { needs: 'wallet', run: () => nodes.mineUntilFinal() },
    'daochain.showAccountMenu': { needs: 'nothing', run: () => showAccountMenu(parts.account) },
    'daochain.openWalkthrough': {
      needs: 'nothing',
      run: () => commands.executeCommand('workbench.action.openWalkthrough', `${parts.extensionId}#start`),
    },
    'daochain.showLog': {
      needs: 'nothing',
      run: () => {
        logs.main.show();
      },
    },
    'daochain.showNodeLog': {
      needs: 'nothing',
      run: () => {
        logs.node.show();
      },
    },
  };
  return registerCommands(table, () => wallets.obtain(), logs.main);
}

async function showAccountMenu(account: Account): Promise<void> {
  const picked = await window.showQuickPick([...accountMenu(account.state, l10n)], {
    title: 'DaoChain',
    placeHolder: l10n.t('Account and node'),
  });
  if (picked === undefined) throw new DaoChainError('cancelled', 'Nothing was picked');
  await commands.executeCommand(picked.command);
}
