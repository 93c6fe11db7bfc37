/** Composition root: the product (`product.ts`), and what a person sees of it, built by hand from top to bottom. */
import { window, workspace, type ExtensionContext } from 'vscode';
import { cacheFolder } from './adapters/cacheFolder';
import { FolderFileStore } from './adapters/files/folderFileStore';
import { readProjectFile } from './adapters/files/projectFile';
import { qrSvg } from './adapters/qr/qrCode';
import { EthersWalletKeys } from './adapters/secrets/walletKeys';
import { composeProduct } from './product';
import { BuildWatch } from './services/images/buildWatch';
import { PullService } from './services/images/pullService';
import { WalletMemory } from './services/wallet/walletMemory';
import { ownAddress, WalletService } from './services/wallet/walletService';
import { WhyService } from './services/judging/whyService';
import { Account } from './ui/account/account';
import { BuildOffers } from './ui/buildFiles/buildOffers';
import { registerAllCommands } from './ui/commands/commands';
import { ImageCommands } from './ui/commands/imageCommands';
import { NamespaceOffer } from './ui/commands/namespaceOffer';
import { announceReplacedChain, NodeCommands } from './ui/commands/nodeCommands';
import { TransferCommands } from './ui/commands/transferCommands';
import { VouchCommands } from './ui/commands/vouchCommands';
import { WalletCommands } from './ui/commands/walletCommands';
import { followContextKeys } from './ui/contextKeys';
import { DockerfileClient } from './ui/buildFiles/dockerfileClient';
import { createApi, type DaoChainApi } from './ui/exportedApi';
import { createLogs } from './ui/log';
import { followNode, followOtherNode } from './ui/followNode';
import { announceNetworks } from './ui/networks/announceNetworks';
import { OrganizationCommands } from './ui/organizations/organizationCommands';
import { PolicyOffers } from './ui/policies/policyOffers';
import { PolicyReview } from './ui/policies/policyReview';
import { EditorSecretStore } from './ui/account/secretStore';
import { Settings } from './ui/settings';
import { announceInterrupted } from './ui/signing/interrupted';
import { RequestFlow } from './ui/signing/requestFlow';
import { SigningFlow } from './ui/signing/signingFlow';
import { TransactionFlow } from './ui/signing/transactionFlow';
import { StatusBar } from './ui/account/statusBar';
import { announceData } from './ui/terminals';
import { startTimer } from './timers';
import { ImageDecorations } from './ui/trees/imageDecorations';
import { LocalImages } from './ui/trees/localImages';
import { PublisherShare } from './ui/trust/publisherShare';
import { TrialDocuments } from './ui/trust/trialDocuments';
import { TrustCommands } from './ui/trust/trustCommands';
import { mirrorTrustRules } from './ui/trust/trustMirror';
import { TrustPrompts } from './ui/trust/trustPrompts';
import { TrustView } from './ui/trees/trustView';
import { registerUriHandler } from './ui/uriHandler';
import { WhyDocuments } from './ui/why/whyDocuments';

let release: (() => Promise<void>) | undefined;

export function activate(context: ExtensionContext): DaoChainApi {
  const clock = Date.now;
  const logs = createLogs();
  const log = logs.main;
  const settings = new Settings();

  // Wallet
  const secrets = new EditorSecretStore(context.secrets);
  const memoryOfWallet = new WalletMemory(new FolderFileStore(context.globalStorageUri.fsPath), log);
  const wallet = new WalletService({
    secrets,
    clock,
    keys: new EthersWalletKeys(),
    timer: startTimer,
    unlockMinutes: () => settings.lockAfterMinutes,
    memory: memoryOfWallet,
  });

  // Node, ledger, images and registries
  const product = composeProduct({
    folder: context.globalStorageUri.fsPath,
    cacheFolder: cacheFolder(process.env),
    engineHost: () => settings.engineHost,
    gethPath: () => settings.nodePath,
    datasetFolder: () => settings.datasetFolder,
    threads: () => settings.miningThreads,
    registry: settings.registries,
    rules: () => settings.trustRules().rules,
    readsPolicies: () => workspace.isTrusted,
    owner: () => ownAddress(wallet.state),
    organization: () => settings.defaultPublisher,
    log,
    nodeLog: logs.node,
  });
  const { defaultPlatform, engine, followed, launcher, ledgers, names, node, transactions, verification, work } =
    product;
  const { network: home } = product.homeParts;
  const homeNetwork = home === 'development' ? undefined : home.profile.name;
  release = () => product.dispose();
  const pulls = new PullService({ engine, verification, defaultPlatform });
  const builds = new BuildWatch({ engine, verification, ownPublishers: product.ownPublishers, log });

  // What a person sees
  announceData(context);
  const [ledger, memory] = [() => ledgers.current, context.workspaceState];
  const account = new Account({ wallet, node, ledgers, homeNetwork, transactions, work, log });
  const images = new LocalImages({ verification, node, followed, homeNetwork, settings, log });
  const policyReview = new PolicyReview({ settings, names, policies: product.policies });
  const trials = new TrialDocuments();
  const whys = new WhyDocuments(new WhyService({ verification, names, followed }));

  // What a person does
  const parts = {
    ...product,
    pulls,
    wallet,
    ledger,
    secrets,
    settings,
    account,
    trials,
    whys,
    memory,
    log,
    logs,
    drawQr: qrSvg,
  };
  const trust = new TrustPrompts(parts);
  const transactionFlow = new TransactionFlow(parts);
  const signingFlow = new SigningFlow({ ...parts, transactionFlow, trust });
  const walletCommands = new WalletCommands(parts);

  context.subscriptions.push(
    ...[logs.main, logs.node, transactions, wallet, account, images, whys, policyReview],
    ...[new TrustView({ settings, followed, node, names, policies: product.policies }), trials, registerUriHandler()],
    ...[new StatusBar(account, settings), followContextKeys(account, settings), announceReplacedChain(node)],
    announceNetworks(product.networks, product.externals),
    window.registerFileDecorationProvider(new ImageDecorations()),
    ...product.ledgerParts.slice(1).map((parts) => followOtherNode(parts, { verification, log })),
    followNode({
      engine,
      launcher,
      node,
      transactions,
      settings,
      wallet,
      verification,
      log,
      secrets: context.secrets,
    }),
    mirrorTrustRules({ settings, files: product.files, log }),
    new PolicyOffers({ policies: product.policies, log }),
    new BuildOffers({ builds, wallet, settings, memory }),
    registerAllCommands({
      ...parts,
      trust,
      transactionFlow,
      signingFlow,
      images,
      policyReview,
      extensionId: context.extension.id,
      walletCommands,
      imageCommands: new ImageCommands({ ...parts, signingFlow, trust, namespace: new NamespaceOffer(parts) }),
      transferCommands: new TransferCommands({ ...parts, signingFlow }),
      vouchCommands: new VouchCommands({ signingFlow }),
      requestFlow: new RequestFlow({ ...parts, transactionFlow, obtainWallet: () => walletCommands.obtain() }),
      trustCommands: new TrustCommands({ ...parts, prompts: trust }),
      publisherShare: new PublisherShare(parts),
      organizationCommands: new OrganizationCommands({ ...parts, transactionFlow }),
      networkUi: async () => {
        const [{ createNetworkUi }, { NewBackupFile, StoredBackupFile }] = await Promise.all([
          import(/* webpackMode: "lazy", webpackChunkName: "networks" */ './ui/networks/networkUi'),
          import(/* webpackMode: "lazy", webpackChunkName: "networks" */ './adapters/files/backupFile'),
        ]);
        return createNetworkUi({
          ...parts,
          newBackup: (path) => new NewBackupFile(path),
          storedBackup: (path) => new StoredBackupFile(path),
        });
      },
      nodeCommands: new NodeCommands(parts),
      etherCommands: async () => {
        const { EtherCommands } = await import(
          /* webpackMode: "lazy", webpackChunkName: "etherUi" */ './ui/ether/etherCommands'
        );
        return new EtherCommands({ ...parts, transactionFlow, obtainWallet: () => walletCommands.obtain() });
      },
    }),
    new DockerfileClient({
      extensionUri: context.extensionUri,
      manifest: context.extension.packageJSON as unknown,
      verification,
      log,
      readProjectFile,
    }),
  );
  void announceInterrupted({ transactions, log });
  return createApi(verification);
}

/** The node ends with the window that started it, unless another window takes it over. */
export async function deactivate(): Promise<void> {
  await release?.();
}
