import { homedir } from 'node:os';
import { join } from 'node:path';
import { IpcChainHeads } from '../adapters/chain/chainHeads';
import { developmentLedgerCode } from '../adapters/chain/developmentLedger';
import { identifyLedgerAt } from '../adapters/chain/identifyLedger';
import { IpcTransport } from '../adapters/chain/ipcTransport';
import { IpcLedgerReader } from '../adapters/chain/ledgerReader';
import { IpcLedgerWriter } from '../adapters/chain/ledgerWriter';
import { IpcMiningControl } from '../adapters/chain/miningControl';
import type { RpcTransport } from '../adapters/chain/rpcTransport';
import { DockerEngine } from '../adapters/docker/engine';
import { hostPlatform } from '../adapters/docker/hostPlatform';
import { FolderFileStore } from '../adapters/files/folderFileStore';
import { GethLauncher } from '../adapters/geth/launcher';
import { DistributionRegistry, type DistributionRegistryOptions } from '../adapters/registry/distributionRegistry';
import { DockerLogins } from '../adapters/registry/dockerLogins';
import type { Address } from '../core/hex';
import { walletPublisher } from '../core/hex';
import { networkLedger } from '../core/ledger/network';
import type { LedgerId, LedgerKind, PublisherId } from '../core/ledger/types';
import type {
  ContainerEngine,
  ContainerRegistry,
  ImageTransfer,
  Log,
  MiningControl,
  RegistryLogins,
} from '../core/ports';
import type { TrustRule } from '../core/trust/rules';
import type { Assurance } from '../core/trust/verdict';
import { LedgerSource } from '../services/ledger';
import { LedgerIndex } from '../services/ledgerIndex';
import { NodeService } from '../services/nodeService';
import { PushService } from '../services/pushService';
import { SignedContents } from '../services/signedContents';
import { SigningService } from '../services/signingService';
import { VerificationService } from '../services/verificationService';

/** A ledger, and what is known of it before anything is read. */
export interface LedgerPlace {
  readonly ledger: LedgerId;
  readonly kind: LedgerKind;
  readonly confirmations: number;
  readonly assurance: Assurance;
}

export interface ProductOptions {
  /** Index, memory and what is on its way; the node's own folder is below it unless given. */
  readonly folder: string;
  readonly nodeFolder?: string;
  readonly cacheFolder: string;
  /** As the docker command finds it, unless given. */
  readonly engineHost?: string | undefined;
  readonly gethPath?: string | undefined;
  readonly registry: Omit<DistributionRegistryOptions, 'logins' | 'log' | 'clock'>;
  /** Those of Docker's configuration unless given. */
  readonly logins?: RegistryLogins;
  readonly rules: () => readonly TrustRule[];
  /** Whom mining pays and who counts as the reader. */
  readonly owner: () => Address | undefined;
  readonly log: Log;
  /** Over the socket of the folder's node unless given. */
  readonly createTransport?: (nodePath: () => string | undefined) => RpcTransport;
  /** The network of the folder, whether its node runs or not, unless given. */
  readonly locate?: (launcher: GethLauncher, transport: RpcTransport) => Promise<LedgerPlace>;
  /** To watch what is asked of the engine. */
  readonly wrapEngine?: (engine: ContainerEngine) => ContainerEngine;
}

export interface Product {
  readonly engine: ContainerEngine;
  readonly transfer: ImageTransfer;
  readonly registry: ContainerRegistry;
  readonly launcher: GethLauncher;
  readonly transport: RpcTransport;
  readonly mining: MiningControl;
  readonly node: NodeService;
  readonly ledgers: LedgerSource;
  readonly verification: VerificationService;
  readonly signing: SigningService;
  readonly pushes: PushService;
  dispose(): Promise<void>;
}

/** The product without an editor: the same objects as `extension.ts` builds, over a folder. */
export function composeProduct({
  folder,
  nodeFolder = join(folder, 'node'),
  cacheFolder,
  engineHost,
  gethPath,
  registry: registryOptions,
  logins = new DockerLogins({ environment: process.env, homeDirectory: homedir() }),
  rules,
  owner,
  log,
  createTransport = (nodePath) => new IpcTransport(nodePath),
  locate = networkOfFolder,
  wrapEngine = (engine) => engine,
}: ProductOptions): Product {
  const clock = Date.now;
  const files = new FolderFileStore(folder);
  const ownPublishers = (): readonly PublisherId[] => {
    const address = owner();
    return address === undefined ? [] : [walletPublisher(address)];
  };

  // Node and ledger
  const launcher = new GethLauncher({
    ...{ folder: nodeFolder, cacheFolder, log },
    network: 'development',
    ledgerCode: developmentLedgerCode,
    programSetting: () => gethPath,
    verify: identifyLedgerAt,
  });
  const transport = createTransport(() => launcher.ipcPath);
  const mining = new IpcMiningControl(transport);
  const node = new NodeService({
    ...{ launcher, mining, clock, log, wait },
    chain: new IpcChainHeads(transport),
    threads: () => 1,
    etherbase: owner,
  });
  const ledgers = new LedgerSource(async () => {
    const { ledger, kind, confirmations, assurance } = await locate(launcher, transport);
    const reader = new IpcLedgerReader(transport, ledger);
    const index = new LedgerIndex({
      ...{ reader, clock, log, confirmations, store: files },
      trustedPublishers: () => [...ownPublishers(), ...rules().flatMap(({ publishers }) => publishers)],
    });
    return { kind, assurance, reader, index, writer: new IpcLedgerWriter(transport, ledger) };
  });

  // Images
  const docker = new DockerEngine({ setting: () => engineHost, logins, log, clock });
  const engine = wrapEngine(docker);
  const registry = new DistributionRegistry({ ...registryOptions, logins, log, clock });
  const contents = new SignedContents(files);
  const verification = new VerificationService({
    ...{ engine, registry, ledgers, contents, clock, log, ownPublishers, hostPlatform },
    rules: () => [{ origin: 'user', rules: rules() }],
  });
  const signing = new SigningService({ engine, registry, ledgers, files, contents, log });
  const pushes = new PushService({ engine: docker, registry });
  return {
    ...{ engine, transfer: docker, registry, launcher, transport, mining, node },
    ...{ ledgers, verification, signing, pushes },
    dispose: async () => {
      signing.dispose();
      await node.release();
      transport.dispose();
    },
  };
}

async function networkOfFolder(launcher: GethLauncher): Promise<LedgerPlace> {
  const network = await launcher.network();
  const { kind, confirmations } = network;
  return { ledger: networkLedger(network), kind, confirmations, assurance: 'ownNode' };
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
