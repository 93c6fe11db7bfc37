/** Every command of the manifest, and what it calls. */
import { commands } from 'vscode';
import { ownAddress, type WalletService } from '../../services/wallet/walletService';
import { showAccountMenu, type AccountMenuParts } from '../account/showAccountMenu';
import type { EtherCommands } from '../ether/etherCommands';
import type { PolicyReview } from '../policies/policyReview';
import { continueSignatures, type InterruptedParts } from '../signing/interrupted';
import type { RequestFlow } from '../signing/requestFlow';
import type { LocalImages } from '../trees/localImages';
import type { PublisherShare } from '../trust/publisherShare';
import type { TrustCommands } from '../trust/trustCommands';
import type { TrustPrompts } from '../trust/trustPrompts';
import { buildAndSign, type BuildParts } from './buildAndSign';
import { registerCommands, type CommandTable } from './commandTable';
import { ignoreInWorkspace } from './ignoreInWorkspace';
import type { ImageCommands } from './imageCommands';
import type { NetworkUi } from '../networks/networkUi';
import type { NodeCommands } from './nodeCommands';
import { readAlarm } from './readAlarm';
import { revokeStatement, type RevokeParts } from './revokeCommand';
import type { TransferCommands } from './transferCommands';
import type { VouchCommands } from './vouchCommands';
import type { WalletCommands } from './walletCommands';
import type { FollowedLedgers } from '../../services/ledger/ledger';

interface CalledParts {
  readonly wallet: Pick<WalletService, 'refresh'>;
  readonly followed: FollowedLedgers;
  readonly images: Pick<LocalImages, 'refreshInSight'>;
  readonly policyReview: PolicyReview;
  readonly trust: TrustPrompts;
  readonly walletCommands: WalletCommands;
  readonly imageCommands: ImageCommands;
  readonly transferCommands: TransferCommands;
  readonly vouchCommands: VouchCommands;
  readonly requestFlow: RequestFlow;
  readonly trustCommands: TrustCommands;
  readonly publisherShare: PublisherShare;
  readonly networkUi: () => Promise<NetworkUi>;
  readonly nodeCommands: NodeCommands;
  readonly etherCommands: () => Promise<EtherCommands>;
  readonly extensionId: string;
}

type CommandParts = CalledParts & AccountMenuParts & BuildParts & InterruptedParts & RevokeParts;

/** Registers them all. */
export function registerAllCommands(parts: CommandParts): { dispose(): void } {
  const { imageCommands, transferCommands, vouchCommands, requestFlow, walletCommands } = parts;
  const { trust, trustCommands, publisherShare, organizationCommands, nodeCommands, etherCommands, logs } = parts;
  const { networkUi } = parts;
  const table: CommandTable = {
    'daochain.signImage': { needs: 'wallet', run: (wallet, ...args) => imageCommands.sign(wallet, ...args) },
    'daochain.buildAndSign': {
      needs: 'wallet',
      run: (wallet, file) => buildAndSign(parts, wallet, file),
    },
    'daochain.verifyImage': { needs: 'nothing', run: (_, ...args) => imageCommands.verify(...args) },
    'daochain.pullImage': { needs: 'nothing', run: (_, ...args) => transferCommands.pull(...args) },
    'daochain.pushImage': { needs: 'nothing', run: (_, ...args) => transferCommands.push(...args) },
    'daochain.completeStatement': {
      needs: 'wallet',
      run: (wallet, ...args) => transferCommands.completeStatement(wallet, ...args),
    },
    'daochain.vouchForImage': { needs: 'wallet', run: (wallet, ...args) => vouchCommands.vouch(wallet, ...args) },
    'daochain.updateVouch': { needs: 'wallet', run: (wallet, ...args) => vouchCommands.update(wallet, ...args) },
    'daochain.revokeStatement': {
      needs: 'wallet',
      run: (wallet, ...args) => revokeStatement(parts, wallet, ...args),
    },
    'daochain.createSigningRequest': { needs: 'trust', run: (_, ...args) => requestFlow.create(...args) },
    'daochain.openSigningRequest': { needs: 'trust', run: (_, file) => requestFlow.open(file) },
    'daochain.explainVerdict': { needs: 'nothing', run: (_, ...args) => imageCommands.explainVerdict(...args) },
    'daochain.copyDigest': { needs: 'nothing', run: (_, ...args) => imageCommands.copyDigest(...args) },
    'daochain.trustPublisher': { needs: 'trust', run: (_, ...args) => imageCommands.trustPublisher(...args) },
    'daochain.trustPublisherForRepository': {
      needs: 'trust',
      run: (_, repository) => trust.trustPublisher(typeof repository === 'string' ? repository : undefined),
    },
    'daochain.reviewPolicy': { needs: 'nothing', run: (_, target) => parts.policyReview.review(target) },
    'daochain.addTrustRule': { needs: 'trust', run: () => trust.trustPublisher(undefined) },
    'daochain.removeTrustRule': { needs: 'trust', run: (_, row) => trustCommands.remove(row) },
    'daochain.changeTrustLevel': { needs: 'trust', run: (_, row) => trustCommands.changeLevel(row) },
    'daochain.copyTrustLink': { needs: 'nothing', run: (_, row) => trustCommands.copyLink(row) },
    'daochain.tryTrustRule': { needs: 'nothing', run: (_, row) => trustCommands.tryRule(row) },
    'daochain.openTrustLink': {
      needs: 'trust',
      run: (_, link) => trust.openLink(typeof link === 'string' ? link : undefined),
    },
    'daochain.sharePublisherId': { needs: 'wallet', run: (wallet, id) => publisherShare.share(wallet, id) },
    'daochain.ignoreInWorkspace': { needs: 'trust', run: (_, code) => ignoreInWorkspace(code) },
    'daochain.refreshImages': {
      needs: 'nothing',
      run: () => parts.images.refreshInSight(),
    },
    'daochain.readAlarm': { needs: 'nothing', run: () => readAlarm(parts.followed) },
    'daochain.createWallet': { needs: 'trust', run: () => walletCommands.create() },
    'daochain.importWallet': { needs: 'trust', run: () => walletCommands.import() },
    'daochain.exportWallet': { needs: 'wallet', run: (wallet) => walletCommands.export(wallet) },
    'daochain.unlockWallet': { needs: 'wallet', run: (wallet) => walletCommands.unlock(wallet) },
    'daochain.lockWallet': { needs: 'nothing', run: () => walletCommands.lock() },
    'daochain.copyAddress': { needs: 'nothing', run: () => walletCommands.copyAddress() },
    'daochain.sendEther': { needs: 'wallet', run: async (wallet) => (await etherCommands()).send(wallet) },
    'daochain.askForEther': { needs: 'wallet', run: async (wallet) => (await etherCommands()).ask(wallet) },
    'daochain.openPaymentRequest': {
      needs: 'trust',
      run: async (_, link) => (await etherCommands()).openRequest(typeof link === 'string' ? link : undefined),
    },
    'daochain.showTransfers': { needs: 'wallet', run: async (wallet) => (await etherCommands()).showTransfers(wallet) },
    'daochain.createOrganization': { needs: 'wallet', run: (wallet) => organizationCommands.create(wallet) },
    'daochain.chooseOrganization': { needs: 'wallet', run: (wallet) => organizationCommands.choose(wallet) },
    'daochain.manageOrganization': {
      needs: 'wallet',
      run: (wallet, ...args) => organizationCommands.manage(wallet, ...args),
    },
    'daochain.acceptInvitation': {
      needs: 'wallet',
      run: (wallet, link) => organizationCommands.acceptInvitation(wallet, link),
    },
    'daochain.acceptAdmin': { needs: 'wallet', run: (wallet, id) => organizationCommands.acceptAdmin(wallet, id) },
    'daochain.createNetwork': { needs: 'trust', run: async () => (await networkUi()).networks.create() },
    'daochain.joinNetwork': { needs: 'trust', run: async (_, link) => (await networkUi()).networks.join(link) },
    'daochain.admitMachine': { needs: 'trust', run: async (_, link) => (await networkUi()).networks.admit(link) },
    'daochain.shareNetwork': { needs: 'trust', run: async (_, chainId) => (await networkUi()).networks.share(chainId) },
    'daochain.backUpNetwork': { needs: 'trust', run: async () => (await networkUi()).backups.backUp() },
    'daochain.restoreNetwork': { needs: 'trust', run: async () => (await networkUi()).backups.restore() },
    'daochain.switchHomeNetwork': { needs: 'trust', run: async () => (await networkUi()).networks.switchHome() },
    'daochain.useLedger': { needs: 'trust', run: async () => (await networkUi()).externals.use() },
    'daochain.manageNetworks': { needs: 'trust', run: async () => (await networkUi()).networks.manage() },
    'daochain.startNode': { needs: 'trust', run: () => nodeCommands.start() },
    'daochain.stopNode': { needs: 'nothing', run: () => nodeCommands.stop() },
    'daochain.installNode': { needs: 'trust', run: () => nodeCommands.install() },
    'daochain.toggleMining': { needs: 'wallet', run: (wallet, wanted) => nodeCommands.toggleMining(wallet, wanted) },
    'daochain.mineUntilFinal': { needs: 'wallet', run: () => nodeCommands.mineUntilFinal() },
    'daochain.continueSignatures': {
      needs: 'trust',
      run: async () => continueSignatures(parts, ownAddress(await parts.wallet.refresh())),
    },
    'daochain.showAccountMenu': { needs: 'nothing', run: () => showAccountMenu(parts) },
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
  return registerCommands(table, () => walletCommands.obtain(), parts.log);
}
