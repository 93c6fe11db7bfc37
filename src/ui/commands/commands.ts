import { commands, l10n, window, type Memento } from 'vscode';
import { DaoChainError } from '../../core/errors';
import type { PublisherId } from '../../core/ledger/types';
import type { Foresight } from '../../services/signing/foresight';
import type { Ledger, LedgerSource } from '../../services/ledger/ledger';
import type { NodeService } from '../../services/node/nodeService';
import type { OrganizationNames } from '../../services/organizations/organizationNames';
import type { OrganizationService } from '../../services/organizations/organizationService';
import type { PullService } from '../../services/images/pullService';
import type { PushService } from '../../services/images/pushService';
import type { SigningRequests } from '../../services/signing/signingRequests';
import type { SigningService } from '../../services/signing/signingService';
import type { Transactions } from '../../services/transactions/transactions';
import type { VerificationService } from '../../services/judging/verificationService';
import type { VouchService } from '../../services/signing/vouchService';
import { ownAddress, type WalletService } from '../../services/wallet/walletService';
import type { Account } from '../account/account';
import { accountMenu, type MenuItem } from '../account/accountMenu';
import type { Logs } from '../log';
import type { Settings } from '../settings';
import type { PolicyReview } from '../policies/policyReview';
import { OrganizationCommands } from '../organizations/organizationCommands';
import { RequestFlow } from '../signing/requestFlow';
import { continueSignatures } from '../signing/interrupted';
import { SigningFlow } from '../signing/signingFlow';
import { TransactionFlow } from '../signing/transactionFlow';
import type { LocalImages } from '../trees/localImages';
import { PublisherShare } from '../trust/publisherShare';
import type { TrialDocuments } from '../trust/trialDocuments';
import { TrustCommands } from '../trust/trustCommands';
import { TrustPrompts } from '../trust/trustPrompts';
import type { WhyDocuments } from '../why/whyDocuments';
import { buildAndSign } from './buildAndSign';
import { ignoreInWorkspace } from './ignoreInWorkspace';
import { NamespaceOffer } from './namespaceOffer';
import { readAlarm } from './readAlarm';
import { registerCommands, type CommandTable } from './commandTable';
import { ImageCommands } from './imageCommands';
import { NodeCommands } from './nodeCommands';
import { revokeStatement } from './revokeCommand';
import { TransferCommands } from './transferCommands';
import { VouchCommands } from './vouchCommands';
import { WalletCommands } from './walletCommands';
import type { ContainerEngine, ImageTransfer } from '../../core/ports/engine';
import type { SecretStore } from '../../core/ports/wallet';
import type { NodeLauncher } from '../../core/ports/node';

export interface CommandParts {
  readonly engine: ContainerEngine;
  readonly docker: Pick<ImageTransfer, 'tag'>;
  readonly verification: VerificationService;
  readonly transactions: Transactions;
  readonly signing: SigningService;
  readonly requests: SigningRequests;
  readonly vouches: VouchService;
  readonly foresight: Foresight;
  readonly pulls: PullService;
  readonly pushes: PushService;
  readonly wallet: WalletService;
  readonly node: NodeService;
  readonly launcher: Pick<NodeLauncher, 'install'>;
  readonly ledgers: LedgerSource;
  readonly names: OrganizationNames;
  readonly organizations: OrganizationService;
  readonly trials: TrialDocuments;
  readonly ledger: () => Ledger | undefined;
  /** Publishers that speak for the reader. */
  readonly ownPublishers: () => readonly PublisherId[];
  readonly secrets: SecretStore;
  readonly settings: Settings;
  readonly account: Account;
  readonly images: LocalImages;
  readonly whys: WhyDocuments;
  readonly policyReview: PolicyReview;
  readonly logs: Logs;
  readonly memory: Memento;
  readonly extensionId: string;
  readonly drawQr: (text: string) => Promise<string>;
}

/** Makes every command of the manifest and registers it. */
export function registerAllCommands(parts: CommandParts): { dispose(): void } {
  const { logs, images: tree } = parts;
  const trust = new TrustPrompts({ ...parts, log: logs.main });
  const rules = new TrustCommands({ ...parts, prompts: trust });
  const share = new PublisherShare(parts);
  const transactionFlow = new TransactionFlow(parts);
  const signingFlow = new SigningFlow({ ...parts, transactionFlow, trust });
  const namespace = new NamespaceOffer(parts);
  const images = new ImageCommands({ ...parts, signingFlow, trust, namespace });
  const vouches = new VouchCommands({ ...parts, signingFlow });
  const transfers = new TransferCommands({ ...parts, signingFlow });
  const wallets = new WalletCommands(parts);
  const requests = new RequestFlow({ ...parts, transactionFlow, obtainWallet: () => wallets.obtain() });
  const organizations = new OrganizationCommands({ ...parts, transactionFlow, log: logs.main });
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
    'daochain.vouchForImage': { needs: 'wallet', run: (wallet, ...args) => vouches.vouch(wallet, ...args) },
    'daochain.updateVouch': { needs: 'wallet', run: (wallet, ...args) => vouches.update(wallet, ...args) },
    'daochain.revokeStatement': {
      needs: 'wallet',
      run: (wallet, ...args) => revokeStatement({ ...parts, signingFlow, transactionFlow }, wallet, ...args),
    },
    'daochain.createSigningRequest': { needs: 'trust', run: (_, ...args) => requests.create(...args) },
    'daochain.openSigningRequest': { needs: 'trust', run: (_, file) => requests.open(file) },
    'daochain.explainVerdict': { needs: 'nothing', run: (_, ...args) => images.explainVerdict(...args) },
    'daochain.copyDigest': { needs: 'nothing', run: (_, ...args) => images.copyDigest(...args) },
    'daochain.trustPublisher': { needs: 'trust', run: (_, ...args) => images.trustPublisher(...args) },
    'daochain.trustPublisherForRepository': {
      needs: 'trust',
      run: (_, repository) => trust.trustPublisher(typeof repository === 'string' ? repository : undefined),
    },
    'daochain.reviewPolicy': { needs: 'nothing', run: (_, target) => parts.policyReview.review(target) },
    'daochain.addTrustRule': { needs: 'trust', run: () => trust.trustPublisher(undefined) },
    'daochain.removeTrustRule': { needs: 'trust', run: (_, row) => rules.remove(row) },
    'daochain.changeTrustLevel': { needs: 'trust', run: (_, row) => rules.changeLevel(row) },
    'daochain.copyTrustLink': { needs: 'nothing', run: (_, row) => rules.copyLink(row) },
    'daochain.tryTrustRule': { needs: 'nothing', run: (_, row) => rules.tryRule(row) },
    'daochain.openTrustLink': {
      needs: 'trust',
      run: (_, link) => trust.openLink(typeof link === 'string' ? link : undefined),
    },
    'daochain.sharePublisherId': { needs: 'wallet', run: (wallet, id) => share.share(wallet, id) },
    'daochain.ignoreInWorkspace': { needs: 'trust', run: (_, code) => ignoreInWorkspace(code) },
    'daochain.refreshImages': {
      needs: 'nothing',
      run: () => tree.refreshInSight(),
    },
    'daochain.readAlarm': { needs: 'nothing', run: () => readAlarm(parts.ledger()) },
    'daochain.createWallet': { needs: 'trust', run: () => wallets.create() },
    'daochain.importWallet': { needs: 'trust', run: () => wallets.import() },
    'daochain.exportWallet': { needs: 'wallet', run: (wallet) => wallets.export(wallet) },
    'daochain.unlockWallet': { needs: 'wallet', run: (wallet) => wallets.unlock(wallet) },
    'daochain.lockWallet': { needs: 'nothing', run: () => wallets.lock() },
    'daochain.copyAddress': { needs: 'nothing', run: () => wallets.copyAddress() },
    'daochain.createOrganization': { needs: 'wallet', run: (wallet) => organizations.create(wallet) },
    'daochain.chooseOrganization': { needs: 'wallet', run: (wallet) => organizations.choose(wallet) },
    'daochain.manageOrganization': { needs: 'wallet', run: (wallet, ...args) => organizations.manage(wallet, ...args) },
    'daochain.acceptInvitation': {
      needs: 'wallet',
      run: (wallet, link) => organizations.acceptInvitation(wallet, link),
    },
    'daochain.acceptAdmin': { needs: 'wallet', run: (wallet, id) => organizations.acceptAdmin(wallet, id) },
    'daochain.startNode': { needs: 'trust', run: () => nodes.start() },
    'daochain.stopNode': { needs: 'nothing', run: () => nodes.stop() },
    'daochain.installNode': { needs: 'trust', run: () => nodes.install() },
    'daochain.toggleMining': { needs: 'wallet', run: (wallet, wanted) => nodes.toggleMining(wallet, wanted) },
    'daochain.mineUntilFinal': { needs: 'wallet', run: () => nodes.mineUntilFinal() },
    'daochain.continueSignatures': {
      needs: 'trust',
      run: async () =>
        continueSignatures({ ...parts, trust, log: logs.main }, ownAddress(await parts.wallet.refresh())),
    },
    'daochain.showAccountMenu': { needs: 'nothing', run: () => showAccountMenu(parts, organizations) },
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

async function showAccountMenu(
  { account, node, settings }: CommandParts,
  organizations: OrganizationCommands,
): Promise<void> {
  const items = async (): Promise<MenuItem[]> => {
    // Where no block comes, a window does not notice that another one has ended mining.
    await node.refresh().catch(() => undefined);
    const memberships = await organizations.known(account.state);
    return [...accountMenu(account.state, { memberships, publisher: settings.defaultPublisher }, l10n)];
  };
  const picked = await window.showQuickPick(items(), { title: 'DaoChain', placeHolder: l10n.t('Account and node') });
  if (picked === undefined) throw new DaoChainError('cancelled', 'Nothing was picked');
  await commands.executeCommand(picked.command, ...(picked.arguments ?? []));
}
