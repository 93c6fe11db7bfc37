/** Every object of the product below the editor and the terminal, built by hand, from top to bottom. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { delay } from './timers';
import { RpcChainHeads } from './adapters/chain/chainHeads';
import { developmentLedgerCode } from './adapters/chain/developmentLedger';
import { identifyLedgerAt } from './adapters/chain/identifyLedger';
import { IpcTransport } from './adapters/chain/ipcTransport';
import { RpcLedgerReader } from './adapters/chain/ledgerReader';
import { RpcLedgerWriter } from './adapters/chain/ledgerWriter';
import { miningAt, RpcMiningControl } from './adapters/chain/miningControl';
import { RpcOrganizationReader } from './adapters/chain/organizationReader';
import type { RpcTransport } from './adapters/chain/rpcTransport';
import { DockerEngine } from './adapters/docker/engine';
import { defaultPlatform, hostPlatform } from './adapters/docker/hostPlatform';
import { FolderFileStore } from './adapters/files/folderFileStore';
import { MemoryFileStore } from './adapters/files/memoryFileStore';
import { FolderPolicyFiles } from './adapters/files/folderPolicyFiles';
import { FolderTurns } from './adapters/files/folderTurns';
import { GethLauncher } from './adapters/geth/launcher';
import { DistributionRegistry, type DistributionRegistryOptions } from './adapters/registry/distributionRegistry';
import { DockerLogins } from './adapters/registry/dockerLogins';
import { EthersSignatureRecovery } from './adapters/secrets/signatureRecovery';
import type { Address } from './core/hex';
import { walletPublisher } from './core/hex';
import { networkLedger } from './core/ledger/network';
import type { LedgerId, LedgerKind, PublisherId } from './core/ledger/types';
import type { RuleSource, TrustRule } from './core/trust/rules';
import type { Assurance } from './core/judging/verdict';
import { Foresight } from './services/signing/foresight';
import {
  followedBeside,
  LedgerSource,
  onlyLedger,
  type FollowedLedger,
  type FollowedLedgers,
} from './services/ledger/ledger';
import { LedgerIndex } from './services/ledger/ledgerIndex';
import type { BlockProgress } from './services/ledger/ledgerTable';
import { isDiskFull, isFullDisk, NodeService } from './services/node/nodeService';
import { OrganizationNames } from './services/organizations/organizationNames';
import { OrganizationService } from './services/organizations/organizationService';
import type { Policy } from './services/trust/parsePolicy';
import { Policies } from './services/trust/policies';
import { PushService } from './services/images/pushService';
import { SignedContents } from './services/judging/signedContents';
import { SigningRequests } from './services/signing/signingRequests';
import { SigningService } from './services/signing/signingService';
import { Transactions } from './services/transactions/transactions';
import { VerificationService } from './services/judging/verificationService';
import { VouchService } from './services/signing/vouchService';
import type { Log } from './core/ports/log';
import type { FileStore } from './core/ports/files';
import type { ContainerEngine, ImageTransfer } from './core/ports/engine';
import type { ContainerRegistry, RegistryLogins } from './core/ports/registry';
import type { MiningControl } from './core/ports/node';

export interface Engine extends ContainerEngine, ImageTransfer {
  /** Its address can be another from now on. */
  reconnect(): void;
}

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
  readonly engineHost?: () => string | undefined;
  /** The variables of Docker's commands; the process's own unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly gethPath?: () => string | undefined;
  /** Threads that mine, 1 unless given. */
  readonly threads?: () => number;
  readonly registry: Omit<DistributionRegistryOptions, 'logins' | 'log' | 'clock'>;
  /** Those of Docker's configuration unless given. */
  readonly logins?: RegistryLogins;
  /** The reader's own rules; the policies that they have accepted for folders come to these. */
  readonly rules: () => readonly TrustRule[];
  /** Takes the place of what was accepted for folders: the policy that a command line names. */
  readonly namedPolicy?: Policy | undefined;
  /** Whether policy files may be read; they may unless given. */
  readonly readsPolicies?: () => boolean;
  /** Whom mining pays. */
  readonly owner: () => Address | undefined;
  /** In whose name the owner signs unless another is chosen; none unless given. */
  readonly organization?: () => PublisherId | undefined;
  readonly log: Log;
  /** `log` unless given. */
  readonly nodeLog?: Log;
  /** Over the socket of the folder's node unless given. */
  readonly createTransport?: (nodePath: () => string | undefined) => RpcTransport;
  /** The network of the folder, whether its node runs or not, unless given. */
  readonly locate?: (launcher: GethLauncher, transport: RpcTransport) => Promise<LedgerPlace>;
  /** Ledgers that are followed beside home; none unless given. */
  readonly follows?: readonly FollowedLedger[];
  /** To watch what is asked of the engine. */
  readonly wrapEngine?: (engine: Engine) => Engine;
  /** Whether verdicts wait for the table of the ledger, as a command does; a window says that it is being read. */
  readonly isPatient?: boolean;
  readonly onProgress?: (progress: BlockProgress) => void;
}

export interface Product {
  readonly files: FileStore;
  /** Publishers that speak for the reader: their wallet, and the organization in whose name it signs. */
  readonly ownPublishers: () => readonly PublisherId[];
  readonly engine: Engine;
  /** What the docker command fetches where no platform is written; the engine's own where that is undefined. */
  readonly defaultPlatform: string | undefined;
  readonly registry: ContainerRegistry;
  readonly launcher: GethLauncher;
  readonly transport: RpcTransport;
  readonly mining: MiningControl;
  readonly node: NodeService;
  readonly policies: Policies;
  /** Home. */
  readonly ledgers: LedgerSource;
  readonly followed: FollowedLedgers;
  readonly transactions: Transactions;
  readonly verification: VerificationService;
  readonly signing: SigningService;
  readonly foresight: Foresight;
  readonly names: OrganizationNames;
  readonly organizations: OrganizationService;
  readonly requests: SigningRequests;
  readonly vouches: VouchService;
  readonly pushes: PushService;
  dispose(): Promise<void>;
}

/** One product over one folder. Nothing is read, started or asked before it is used. */
export function composeProduct({
  folder,
  nodeFolder = join(folder, 'node'),
  cacheFolder,
  engineHost = () => undefined,
  environment = process.env,
  gethPath = () => undefined,
  threads = () => 1,
  registry: registryOptions,
  logins = new DockerLogins({ environment, homeDirectory: homedir() }),
  rules,
  namedPolicy,
  readsPolicies: isReadable = () => true,
  owner,
  organization = () => undefined,
  log,
  nodeLog = log,
  createTransport = (nodePath) => new IpcTransport(nodePath),
  locate = networkOfFolder,
  follows = [],
  wrapEngine = (engine) => engine,
  isPatient = false,
  onProgress,
}: ProductOptions): Product {
  const clock = Date.now;
  const files = new FolderFileStore(folder);
  const ownPublishers = (): readonly PublisherId[] => {
    const address = owner();
    return [address && walletPublisher(address), organization()].filter((publisher) => publisher !== undefined);
  };
  /** All rules wherever they count: they decide whose entries are read, which does not mean that these are trusted. */
  const allRules = (): readonly TrustRule[] => [...rules(), ...(namedPolicy?.rules ?? []), ...policies.rules];

  // Rules
  const policies = new Policies({ store: files, files: new FolderPolicyFiles(), clock, isReadable });
  const rulesIn = async (at?: string): Promise<readonly RuleSource[]> => [
    { origin: 'user', rules: rules() },
    ...(namedPolicy === undefined
      ? await policies.sources(at)
      : [{ origin: 'policy' as const, rules: namedPolicy.rules }]),
  ];

  // Node and ledger
  const launcher = new GethLauncher({
    folder: nodeFolder,
    cacheFolder,
    log: nodeLog,
    network: 'development',
    ledgerCode: developmentLedgerCode,
    programSetting: gethPath,
    verify: identifyLedgerAt,
    mining: miningAt,
  });
  const transport = createTransport(() => launcher.ipcPath);
  const mining = new RpcMiningControl(transport);
  const node = new NodeService({
    launcher,
    mining,
    clock,
    log,
    wait: delay,
    chain: new RpcChainHeads(transport),
    threads,
    etherbase: owner,
  });
  const ledgers = new LedgerSource(async () => {
    const { ledger, kind, confirmations, assurance } = await locate(launcher, transport);
    const reader = new RpcLedgerReader(transport, ledger);
    // What an endpoint only reports is never stored: one's own node must not be compared with it later.
    const store = assurance === 'ownNode' ? files : new MemoryFileStore();
    const index = new LedgerIndex({ reader, clock, log, confirmations, store, ownPublishers, rules: allRules });
    const organizations = new RpcOrganizationReader(transport, ledger);
    return { kind, assurance, reader, organizations, index, writer: new RpcLedgerWriter(transport, ledger) };
  });

  const followed = followedBeside(onlyLedger('home', ledgers), follows);

  // Images and registries
  const engine = wrapEngine(new DockerEngine({ setting: engineHost, environment, logins, log, clock }));
  const registry = new DistributionRegistry({ ...registryOptions, logins, log, clock });
  const contents = new SignedContents(files);
  const ofTools = defaultPlatform(environment);
  const platforms = { hostPlatform, defaultPlatform: ofTools };
  const verification = new VerificationService({
    engine,
    registry,
    followed,
    contents,
    clock,
    log,
    ownPublishers,
    ...platforms,
    rules: rulesIn,
    isPatient,
    onProgress,
    isDiskFull: ({ source }) => (source === ledgers && isDiskFull(node.state)) || isFullDisk(source.failure),
  });
  policies.onDidChange((change) => {
    if (change === 'rules') verification.reconsider();
  });
  const transactions = new Transactions({
    ledgers,
    files,
    turns: new FolderTurns({ folder: join(folder, 'turns') }),
    wait: delay,
    log,
  });
  const signing = new SigningService({ engine, registry, ledgers, transactions, contents, clock });
  const names = new OrganizationNames(followed, log);
  const foresight = new Foresight({ verification, ledgers, names });
  const requests = new SigningRequests({ ledgers, transactions, recovery: new EthersSignatureRecovery(), clock });
  const organizations = new OrganizationService({ ledgers, transactions, clock });
  const vouches = new VouchService({ engine, registry, verification, signing, ...platforms });
  const pushes = new PushService({ engine, registry });
  return {
    defaultPlatform: ofTools,
    files,
    ownPublishers,
    engine,
    registry,
    launcher,
    transport,
    mining,
    node,
    policies,
    ledgers,
    followed,
    transactions,
    verification,
    signing,
    foresight,
    names,
    organizations,
    requests,
    pushes,
    vouches,
    dispose: async () => {
      transactions.dispose();
      await ledgers.current?.index.flush();
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
