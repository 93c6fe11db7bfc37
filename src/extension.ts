/** Composition root: every object of the extension is built here, by hand, from top to bottom. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { window, type ExtensionContext } from 'vscode';
import { IpcChainHeads } from './adapters/chain/chainHeads';
import { developmentLedgerCode } from './adapters/chain/developmentLedger';
import { identifyLedgerAt } from './adapters/chain/identifyLedger';
import { IpcTransport } from './adapters/chain/ipcTransport';
import { IpcLedgerReader } from './adapters/chain/ledgerReader';
import { IpcLedgerWriter } from './adapters/chain/ledgerWriter';
import { IpcMiningControl } from './adapters/chain/miningControl';
import { DockerEngine } from './adapters/docker/engine';
import { hostPlatform } from './adapters/docker/hostPlatform';
import { FolderFileStore } from './adapters/files/folderFileStore';
import { GethLauncher } from './adapters/geth/launcher';
import { DistributionRegistry } from './adapters/registry/distributionRegistry';
import { DockerLogins } from './adapters/registry/dockerLogins';
import { EthersWalletKeys } from './adapters/secrets/walletKeys';
import { walletPublisher } from './core/hex';
import { networkLedger } from './core/ledger/network';
import type { PublisherId } from './core/ledger/types';
import { BuildWatch } from './services/buildWatch';
import { LedgerSource } from './services/ledger';
import { LedgerIndex } from './services/ledgerIndex';
import { NodeService } from './services/nodeService';
import { PullService } from './services/pullService';
import { PushService } from './services/pushService';
import { SignedContents } from './services/signedContents';
import { SigningService } from './services/signingService';
import { VerificationService } from './services/verificationService';
import { WalletService } from './services/walletService';
import { Account } from './ui/account';
import { AttestationDocuments } from './ui/attestationDocument';
import { BuildOffers } from './ui/buildOffers';
import { registerAllCommands } from './ui/commands/commands';
import { announceReplacedChain } from './ui/commands/nodeCommands';
import { followContextKeys } from './ui/contextKeys';
import { DockerfileClient } from './ui/dockerfileClient';
import { createApi, type DaoChainApi } from './ui/exportedApi';
import { createLogs } from './ui/log';
import { followNode } from './ui/followNode';
import { EditorSecretStore } from './ui/secretStore';
import { Settings } from './ui/settings';
import { StatusBar } from './ui/statusBar';
import { announceData } from './ui/terminals';
import { delay, startTimer } from './ui/timers';
import { ImageDecorations } from './ui/trees/imageDecorations';
import { LocalImages } from './ui/trees/localImages';
import { mirrorTrustRules } from './ui/trustMirror';

let release: (() => Promise<void>) | undefined;

export function activate(context: ExtensionContext): DaoChainApi {
  const clock = Date.now;
  const logs = createLogs();
  const log = logs.main;
  const settings = new Settings();
  const storage = context.globalStorageUri.fsPath;
  const files = new FolderFileStore(storage);

  // Wallet
  const secrets = new EditorSecretStore(context.secrets);
  const wallet = new WalletService({
    ...{ secrets, clock, keys: new EthersWalletKeys(), timer: startTimer },
    unlockMinutes: () => settings.lockAfterMinutes,
  });
  const ownAddress = () => (wallet.state.status === 'none' ? undefined : wallet.state.address);
  const ownPublishers = (): readonly PublisherId[] => {
    const address = ownAddress();
    return address === undefined ? [] : [walletPublisher(address)];
  };

  // Node and ledger
  const launcher = new GethLauncher({
    folder: join(storage, 'node'),
    cacheFolder:
      process.env['DAOCHAIN_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'daochain'),
    network: 'development',
    ledgerCode: developmentLedgerCode,
    programSetting: () => settings.nodePath,
    verify: identifyLedgerAt,
    log: logs.node,
  });
  const transport = new IpcTransport(() => launcher.ipcPath);
  const node = new NodeService({
    ...{ launcher, clock, log, wait: delay },
    mining: new IpcMiningControl(transport),
    chain: new IpcChainHeads(transport),
    threads: () => settings.miningThreads,
    etherbase: ownAddress,
  });
  release = () => node.release();
  const rules = () => settings.trustRules().rules;
  const ledgers = new LedgerSource(async () => {
    const network = await launcher.network();
    const ledger = networkLedger(network);
    const reader = new IpcLedgerReader(transport, ledger);
    const index = new LedgerIndex({
      ...{ reader, clock, log, store: files, confirmations: network.confirmations },
      trustedPublishers: () => [...ownPublishers(), ...rules().flatMap(({ publishers }) => publishers)],
    });
    return { kind: network.kind, assurance: 'ownNode', reader, index, writer: new IpcLedgerWriter(transport, ledger) };
  });

  // Images and registries
  const logins = new DockerLogins({ environment: process.env, homeDirectory: homedir() });
  const engine = new DockerEngine({ setting: () => settings.engineHost, log, clock, logins });
  const registry = new DistributionRegistry({ ...settings.registries, logins, log, clock });
  const contents = new SignedContents(files);
  const verification = new VerificationService({
    ...{ engine, registry, ledgers, contents, clock, log, ownPublishers, hostPlatform },
    rules: () => [{ origin: 'user', rules: rules() }],
  });
  const signing = new SigningService({ engine, registry, ledgers, files, contents, log });
  const pulls = new PullService({ engine, verification });
  const pushes = new PushService({ engine, registry });
  const builds = new BuildWatch({ engine, verification, ownPublishers, log });

  // What a person sees
  announceData(context);
  const [ledger, memory] = [() => ledgers.current, context.workspaceState];
  const account = new Account({ wallet, node, ledgers, log });
  const images = new LocalImages({ verification, node, ledgers, settings, log });
  const attestations = new AttestationDocuments({ verification, ledger });
  context.subscriptions.push(
    ...[logs.main, logs.node, transport, signing, wallet, account, images, attestations],
    ...[new StatusBar(account, settings), followContextKeys(account), announceReplacedChain(node)],
    window.registerFileDecorationProvider(new ImageDecorations()),
    followNode({ engine, launcher, node, signing, settings, secrets: context.secrets, wallet, verification, log }),
    mirrorTrustRules({ settings, files, log }),
    new BuildOffers({ builds, wallet, settings, memory }),
    registerAllCommands({
      ...{ engine, verification, signing, pulls, pushes, wallet, ownPublishers, node, launcher, ledger, secrets },
      ...{ settings, account, images, attestations, logs, memory, extensionId: context.extension.id },
    }),
    new DockerfileClient({
      extensionUri: context.extensionUri,
      manifest: context.extension.packageJSON as unknown,
      ...{ verification, log },
    }),
  );
  return createApi(verification);
}

/** The node ends with the window that started it, unless another window takes it over. */
export async function deactivate(): Promise<void> {
  await release?.();
}
