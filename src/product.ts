/** Every object of the product below the editor and the terminal, built by hand, from top to bottom. */
import { randomBytes } from 'node:crypto';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { delay } from './timers';
import { RpcAccountReader } from './adapters/chain/accountReader';
import { RpcBlockStore } from './adapters/chain/blockStore';
import { RpcChainHeads } from './adapters/chain/chainHeads';
import { developmentLedgerCode, releasedLedgerCodes } from './adapters/chain/developmentLedger';
import { assuranceOf, endpointText, openEndpoint, parseEndpoint } from './adapters/chain/endpoint';
import { examineExternal, externalLedgerAddresses } from './adapters/chain/externalChain';
import { IdentifiedTransport } from './adapters/chain/identifiedTransport';
import { identifyLedgerAt } from './adapters/chain/identifyLedger';
import { IpcTransport } from './adapters/chain/ipcTransport';
import { RpcLedgerReader } from './adapters/chain/ledgerReader';
import { RpcLedgerWriter } from './adapters/chain/ledgerWriter';
import { miningAt, RpcMiningControl } from './adapters/chain/miningControl';
import { RpcOrganizationReader } from './adapters/chain/organizationReader';
import type { RpcTransport } from './adapters/chain/rpcTransport';
import { RpcWorkReader } from './adapters/chain/workReader';
import { DockerEngine } from './adapters/docker/engine';
import { defaultPlatform, hostPlatform } from './adapters/docker/hostPlatform';
import { FolderFileStore } from './adapters/files/folderFileStore';
import { MemoryFileStore } from './adapters/files/memoryFileStore';
import { FolderPolicyFiles } from './adapters/files/folderPolicyFiles';
import { FolderTurns } from './adapters/files/folderTurns';
import { usualDatasetFolder } from './adapters/geth/datasets';
import { GethLauncher, type GethLauncherOptions } from './adapters/geth/launcher';
import { ExternalsFolder } from './adapters/geth/externalsFolder';
import { hasNetworkFile, NetworkFolder } from './adapters/geth/networkFolder';
import { NetworksFolder, nodeKeyFile } from './adapters/geth/networksFolder';
import { ownAddresses } from './adapters/geth/ownAddresses';
import { RpcPeerControl } from './adapters/chain/peerControl';
import { DistributionRegistry, type DistributionRegistryOptions } from './adapters/registry/distributionRegistry';
import { DockerLogins } from './adapters/registry/dockerLogins';
import { EthersSignatureRecovery, sentBy } from './adapters/secrets/signatureRecovery';
import { DaoChainError, describeForLog, isDaoChainError, throwIfCancelled } from './core/errors';
import type { Address } from './core/hex';
import { walletPublisher } from './core/hex';
import { parseHub } from './core/ledger/hub';
import type { BlockId } from './core/ledger/indexView';
import { isCalled, type ExternalLedger } from './core/ledger/externalLedger';
import { networkLedger, type NetworkProfile } from './core/ledger/network';
import type { NetworkTerms } from './core/ledger/networkTerms';
import { ledgerKey, type Finality, type LedgerId, type LedgerKind, type PublisherId } from './core/ledger/types';
import type { RuleSource, TrustRule } from './core/trust/rules';
import type { Assurance } from './core/judging/verdict';
import { EtherService } from './services/ether/etherService';
import { TransferHistory } from './services/ether/transferHistory';
import { Foresight } from './services/signing/foresight';
import { LedgerSource, type FollowedLedger, type Ledger, type FollowedLedgers } from './services/ledger/ledger';
import { LedgerIndex } from './services/ledger/ledgerIndex';
import { LedgerMemory } from './services/ledger/ledgerMemory';
import type { BlockProgress } from './services/ledger/ledgerTable';
import { ExternalLedgers, type ReadEndpoint } from './services/networks/externalLedgers';
import { NetworkBackup } from './services/networks/networkBackup';
import { NetworkService } from './services/networks/networkService';
import { isDiskFull, isFullDisk, NodeService } from './services/node/nodeService';
import { PeerService } from './services/node/peerService';
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
import type {
  Checkpoint,
  FollowedExternal,
  FollowedNetwork,
  FollowedNetworks,
  NetworkStore,
} from './core/ports/networks';
import type { MiningControl, PeerControl, PeerSettings, WorkReader } from './core/ports/node';

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
  readonly finality: Finality;
  /** Of a team network. */
  readonly terms?: NetworkTerms | undefined;
}

export interface ProductOptions {
  /** Index, memory and what is on its way; the node's own folder is below it unless given. */
  readonly folder: string;
  readonly nodeFolder?: string;
  readonly cacheFolder: string;
  /** The development network of the folder, unless given, and whom its node speaks with. */
  readonly network?: GethLauncherOptions['network'];
  readonly peerSettings?: GethLauncherOptions['peers'];
  /** As the docker command finds it, unless given. */
  readonly engineHost?: () => string | undefined;
  /** The variables of Docker's commands; the process's own unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly gethPath?: () => string | undefined;
  /** Where the user has datasets of ethash, which are used and never written; geth's usual folder unless given. */
  readonly datasetFolder?: () => string | undefined;
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
  /** The home network, whether its node runs or not, unless given. */
  readonly locate?: (launcher: GethLauncher, transport: RpcTransport) => Promise<LedgerPlace>;
  /** Whose word is all that is known of home, where no node of this machine executed the blocks. */
  readonly reportedBy?: string | undefined;
  /** Whether only `locate` tells which ledger home is, whatever is stored of the network. */
  readonly isElsewhere?: boolean;
  /** Which of the followed networks is home, by name or chain ID; the stored one unless given. */
  readonly home?: string | undefined;
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
  /** The network on which this machine signs; the development network where nobody can know which one that is. */
  readonly homeParts: LedgerParts;
  /** Why nobody can know: nothing is judged, sent or started then. */
  readonly homeFault: DaoChainError | undefined;
  readonly networks: NetworkService;
  /** Ledgers of other chains. */
  readonly externals: ExternalLedgers;
  /** Those that are followed. */
  readonly externalParts: readonly FollowedLedger[];
  readonly followed: FollowedLedgers;
  /** Every followed network with its node, home first. */
  readonly ledgerParts: readonly LedgerParts[];
  /** Publishers that speak for the reader: their wallet, and the organization in whose name it signs. */
  readonly ownPublishers: () => readonly PublisherId[];
  readonly engine: Engine;
  /** What the docker command fetches where no platform is written; the engine's own where that is undefined. */
  readonly defaultPlatform: string | undefined;
  readonly registry: ContainerRegistry;
  readonly launcher: GethLauncher;
  readonly transport: RpcTransport;
  readonly mining: MiningControl;
  readonly work: WorkReader;
  readonly node: NodeService;
  readonly peers: PeerService;
  readonly policies: Policies;
  /** Home. */
  readonly ledgers: LedgerSource;
  readonly transactions: Transactions;
  readonly transferHistory: TransferHistory;
  readonly ether: EtherService;
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

/** One followed network: its node, and its ledger. */
export interface LedgerParts extends FollowedLedger {
  readonly network: 'development' | FollowedNetwork;
  /** Of index, memory and what is on its way, and of the node. */
  readonly folder: string;
  readonly nodeFolder: string;
  readonly files: FileStore;
  readonly launcher: GethLauncher;
  readonly transport: RpcTransport;
  readonly mining: MiningControl;
  readonly work: WorkReader;
  readonly backup: NetworkBackup;
  readonly peerControl: PeerControl;
  readonly peers: PeerService;
  readonly node: NodeService;
}

/** One product over one folder. Which networks are followed is read; nothing else is read, started or asked before it is used. */
export function composeProduct({
  folder,
  nodeFolder = nodeFolderIn(folder),
  cacheFolder,
  network: baseNetwork = 'development',
  peerSettings,
  engineHost = () => undefined,
  environment = process.env,
  gethPath = () => undefined,
  datasetFolder = () => undefined,
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
  reportedBy,
  isElsewhere = false,
  home: namedHome,
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

  // Networks: the node and the ledger of each
  const store = networksIn(folder);
  const stored = store.read();
  for (const { error } of stored.damaged) log.warn(`${error.message}: ${error.details['file'] ?? ''}`);
  const externalStore = new ExternalsFolder(folder, turnsIn(folder));
  const storedExternals = externalStore.read();
  for (const { error } of storedExternals.damaged) log.warn(`${error.message}: ${error.details['file'] ?? ''}`);
  const isExternal = storedExternals.externals.some(({ external }) => isCalled(external, namedHome));
  const home = isExternal ? externalHome(namedHome) : homeOf(stored, namedHome);
  const compose = (network: 'development' | FollowedNetwork): LedgerParts => {
    const isHome = network === home || (network === 'development' && isDaoChainError(home));
    const place =
      network === 'development'
        ? { folder, nodeFolder }
        : { folder: network.folder, nodeFolder: nodeFolderIn(network.folder) };
    const parts = composeLedger({
      ...place,
      name: network === 'development' ? network : network.profile.name,
      profile: network === 'development' ? baseNetwork : network.profile,
      checkpoint: network === 'development' ? undefined : network.place.checkpoint,
      peerSettings: network === 'development' ? peerSettings : () => peerSettingsOf(store, network.profile.chainId),
      nodeKeyFile: network === 'development' ? undefined : nodeKeyFile(network.folder),
      cacheFolder,
      gethPath,
      userDatasets: () => datasetFolder() ?? usualDatasetFolder(environment),
      threads,
      owner,
      ownPublishers,
      rules: allRules,
      log,
      nodeLog,
      createTransport: isHome ? createTransport : (nodePath) => new IpcTransport(nodePath),
      joinsNode: !isHome,
      isElsewhere: isDaoChainError(home) || (isHome && isElsewhere),
      locate: isDaoChainError(home) ? () => Promise.reject(home) : isHome ? locate : storedNetworkOf,
    });
    return Object.assign(parts, { network, ...(isHome && reportedBy !== undefined && { reportedBy }) });
  };
  const all = (['development', ...stored.networks] as const).map(compose);
  const homeParts = all.find(({ network }) => network === home) ?? all[0];
  if (homeParts === undefined) throw new RangeError('the development network is always there');
  // Beside another home, the development network is followed if it was made.
  const isMade = hasNetworkFile(nodeFolder, developmentLedgerCode);
  const others = all.filter((parts) => parts !== homeParts && (parts.network !== 'development' || isMade));
  const ledgerParts = [homeParts, ...others];
  const { launcher, transport, mining, work, peers, node, source: ledgers } = homeParts;
  const development = async (): Promise<LedgerId | undefined> => {
    const found = await all[0]?.launcher.storedNetwork();
    return found && networkLedger(found);
  };
  const externals = new ExternalLedgers({
    store: externalStore,
    addresses: externalLedgerAddresses,
    readEndpoint,
    examine: examineAt,
    networks: () => store.read().networks.map(({ profile }) => profile),
    development,
  });
  const partsOf = (chainId: number): LedgerParts | undefined =>
    all.find(({ network }) => network !== 'development' && network.profile.chainId === chainId);
  /** To end a node of whose network this product knows nothing more. */
  const strangersLauncher = (at: string): GethLauncher =>
    new GethLauncher({
      folder: at,
      cacheFolder,
      network: 'development',
      ledgerCode: developmentLedgerCode,
      programSetting: gethPath,
      log: nodeLog,
      verify: identifyLedgerAt,
      mining: miningAt,
    });
  const networks = new NetworkService({
    store,
    externals: () => externals.stored.externals.map(({ external }) => external),
    releasedCodes: releasedLedgerCodes,
    development,
    peersOf: (chainId) => partsOf(chainId)?.peerControl,
    finalBlockOf: async (chainId, signal) => {
      const parts = partsOf(chainId);
      return parts && finalBlockOf(parts, signal, log);
    },
    endNode: async (chainId, signal) => {
      const parts = partsOf(chainId);
      if (parts !== undefined) {
        // What was read of its ledger goes with it.
        await parts.source.current?.index.flush();
        await parts.node.stop();
        return;
      }
      const { networks: followedNow, damaged } = store.read();
      const found =
        damaged.find((each) => each.chainId === chainId) ??
        followedNow.find(({ profile }) => profile.chainId === chainId);
      if (found !== undefined) await strangersLauncher(nodeFolderIn(found.folder)).end(signal);
    },
    ownAddresses,
    machineName: hostname,
    randomBytes,
  });
  const externalParts = storedExternals.externals.map((each) =>
    composeExternal(each, { log, ownPublishers, rules: allRules }),
  );
  const followed: FollowedLedgers = {
    home: homeParts,
    all: [...ledgerParts, ...externalParts, ...follows],
    onDidChange: networks.onDidChange,
  };

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
    isDiskFull: ({ source }) =>
      ledgerParts.some((parts) => parts.source === source && isDiskFull(parts.node.state)) ||
      isFullDisk(source.failure),
  });
  policies.onDidChange((change) => {
    if (change === 'rules') verification.reconsider();
  });
  const transactions = new Transactions({
    ledgers,
    files: homeParts.files,
    turns: new FolderTurns({ folder: join(homeParts.folder, 'turns') }),
    wait: delay,
    log,
  });
  const transferHistory = new TransferHistory({ ledgers, files: homeParts.files, log });
  const ether = new EtherService({ ledgers, transactions, history: transferHistory, wait: delay });
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
    homeParts,
    homeFault: isDaoChainError(home) ? home : undefined,
    networks,
    externals,
    externalParts,
    followed,
    ledgerParts,
    ownPublishers,
    engine,
    registry,
    launcher,
    transport,
    mining,
    work,
    node,
    peers,
    policies,
    ledgers,
    transactions,
    transferHistory,
    ether,
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
      for (const parts of all) {
        await parts.source.current?.index.flush();
        await parts.node.release();
        parts.transport.dispose();
      }
      for (const parts of externalParts) await parts.dispose();
    },
  };
}

/** The folder of the home network's node, or of the one that is `named`. `networkInvalid`. */
export function homeNodeFolder(folder: string, named: string | undefined): string {
  const home = homeOf(networksIn(folder).read(), named);
  if (isDaoChainError(home)) throw home;
  return nodeFolderIn(home === 'development' ? folder : home.folder);
}

/** The profiles of this machine's own network, if it was made, and of those that it follows; by what `home` calls them. */
export async function knownNetworks(folder: string, log: Log): Promise<ReadonlyMap<string, NetworkProfile>> {
  const own = await new NetworkFolder(nodeFolderIn(folder), developmentLedgerCode, log).stored();
  const followed = networksIn(folder).read().networks;
  return new Map<string, NetworkProfile>([
    ...(own === undefined ? [] : [['development', own] as const]),
    ...followed.map(({ profile }) => [profile.chainId.toString(), profile] as const),
  ]);
}

function networksIn(folder: string): NetworksFolder {
  return new NetworksFolder(folder, releasedLedgerCodes, turnsIn(folder));
}

/** Of who changes what is followed. */
function turnsIn(folder: string): FolderTurns {
  return new FolderTurns({ folder: join(folder, 'turns'), longestWaitMs: 30_000 });
}

function nodeFolderIn(folder: string): string {
  return join(folder, 'node');
}

interface LedgerOptions extends Pick<ProductOptions, 'cacheFolder' | 'owner' | 'log' | 'rules'> {
  readonly name: string;
  readonly profile: 'development' | NetworkProfile;
  readonly checkpoint: Checkpoint | undefined;
  readonly folder: string;
  readonly nodeFolder: string;
  readonly peerSettings: (() => Promise<PeerSettings>) | undefined;
  readonly nodeKeyFile: string | undefined;
  readonly gethPath: () => string | undefined;
  readonly userDatasets: () => string | undefined;
  readonly threads: () => number;
  readonly ownPublishers: () => readonly PublisherId[];
  readonly nodeLog: Log;
  readonly createTransport: (nodePath: () => string | undefined) => RpcTransport;
  /** Whether a node that another process runs is used without being asked for. Home's is joined by who uses it. */
  readonly joinsNode: boolean;
  /** Whether only `locate` tells which ledger it is. */
  readonly isElsewhere: boolean;
  readonly locate: (launcher: GethLauncher, transport: RpcTransport) => Promise<LedgerPlace>;
}

/** A ledger on a chain that is none of ours, which is read at an endpoint. */
export interface ExternalParts extends FollowedLedger {
  dispose(): Promise<void>;
}

function composeLedger({
  name,
  profile,
  checkpoint,
  folder,
  nodeFolder,
  peerSettings,
  nodeKeyFile: keyFile,
  cacheFolder,
  gethPath,
  userDatasets,
  threads,
  owner,
  ownPublishers,
  rules,
  log,
  nodeLog,
  createTransport,
  joinsNode,
  isElsewhere,
  locate,
}: LedgerOptions): Omit<LedgerParts, 'network'> {
  const files = new FolderFileStore(folder);
  const launcher = new GethLauncher({
    folder: nodeFolder,
    cacheFolder,
    log: nodeLog,
    network: profile,
    ...(peerSettings && { peers: peerSettings }),
    ...(keyFile !== undefined && { nodeKeyFile: keyFile }),
    ledgerCode: developmentLedgerCode,
    programSetting: gethPath,
    userDatasets,
    verify: identifyLedgerAt,
    mining: miningAt,
  });
  const transport = createTransport(() => launcher.ipcPath);
  const mining = new RpcMiningControl(transport);
  const chain = new RpcChainHeads(transport);
  const node = new NodeService({
    launcher,
    mining,
    clock: Date.now,
    log,
    wait: delay,
    chain,
    threads,
    etherbase: owner,
    whileOwned: (signal) => peers.keepUp(signal),
  });
  const peerControl = new RpcPeerControl(transport);
  const peers: PeerService = new PeerService({
    control: peerControl,
    chain,
    log,
    wait: delay,
    calls: () => node.calls,
    hubs: async () => {
      const stored = await launcher.storedNetwork();
      return (await peerSettings?.())?.hubs ?? (stored?.kind === 'team' ? stored.hubs : []);
    },
  });
  const source = new LedgerSource(async () => {
    if (joinsNode) {
      await node.join().catch((error: unknown) => {
        log.warn(`The node of ${name} cannot be used: ${describeForLog(error)}`);
      });
    }
    return ledgerAt(await locate(launcher, transport), transport, { files, log, checkpoint, ownPublishers, rules });
  });
  return {
    name,
    get ledger() {
      if (source.current !== undefined) return ledgerKey(source.current.reader.ledger);
      return profile === 'development' || isElsewhere ? undefined : ledgerKey(networkLedger(profile));
    },
    source,
    identify: async () => {
      if (source.current !== undefined || isElsewhere) {
        const { kind, reader } = await source.open();
        return { name, kind, ledger: reader.ledger };
      }
      const network = profile === 'development' ? await launcher.storedNetwork() : profile;
      return network && { name, kind: network.kind, ledger: networkLedger(network) };
    },
    folder,
    nodeFolder,
    files,
    launcher,
    transport,
    mining,
    work: new RpcWorkReader(transport),
    backup: new NetworkBackup({
      blocks: new RpcBlockStore(transport, nodeFolder),
      files,
      clock: Date.now,
      releasedCodes: releasedLedgerCodes,
      sentBy,
    }),
    peerControl,
    peers,
    node,
  };
}

type Reading = Pick<LedgerOptions, 'log' | 'ownPublishers' | 'rules'> & {
  readonly files: FileStore;
  readonly checkpoint?: BlockId | undefined;
};

/** A ledger, and the ways to read it and to write to it. */
function ledgerAt(
  { ledger, kind, confirmations, assurance, finality, terms }: LedgerPlace,
  transport: RpcTransport,
  { files, log, checkpoint, ownPublishers, rules }: Reading,
): Ledger {
  const reader = new RpcLedgerReader(transport, ledger);
  // What an endpoint only reports is never stored: one's own node must not be compared with it later.
  const store = assurance === 'ownNode' ? files : new MemoryFileStore();
  const index = new LedgerIndex({
    ...{ reader, log, store, checkpoint, ownPublishers, rules, clock: Date.now },
    confirmations: finality === 'tag' ? 'tag' : confirmations,
  });
  const organizations = new RpcOrganizationReader(transport, ledger);
  const [writer, accounts] = [new RpcLedgerWriter(transport, ledger), new RpcAccountReader(transport)];
  return { kind, assurance, finality, terms, reader, organizations, accounts, index, writer };
}

/** A ledger on a chain that is none of ours. Its endpoint is looked at when it is opened, and asked for its chain each time. */
function composeExternal({ external, folder }: FollowedExternal, reading: Omit<Reading, 'files'>): ExternalParts {
  const { name, ledger, confirmations } = external;
  const endpoint = parseEndpoint(external.endpoint);
  let transport: RpcTransport | undefined;
  const source = new LedgerSource(async () => {
    if (endpoint === undefined) throw new DaoChainError('nodeUnavailable', 'It has no endpoint');
    transport ??= new IdentifiedTransport(await openEndpoint(endpoint), ledger);
    // Whoever waits can go; the transport bounds each of its messages.
    const found = await examineExternal(transport, ledger, new AbortController().signal);
    // Where the chain tells what is final, nothing else ever counts.
    const finality = external.finality === 'tag' ? 'tag' : found;
    const place = { ledger, kind: 'external', confirmations, assurance: assuranceOf(endpoint), finality } as const;
    return ledgerAt(place, transport, { ...reading, files: new FolderFileStore(folder) });
  });
  return {
    name,
    ledger: ledgerKey(ledger),
    source,
    identify: () => Promise.resolve({ name, kind: 'external', ledger }),
    ...(endpoint?.type === 'web' && { reportedBy: endpoint.url.host }),
    dispose: async () => {
      await source.current?.index.flush();
      transport?.dispose();
    },
  };
}

/** Opens the way to an endpoint, looks at a ledger there, and closes it. */
async function examineAt(text: string, ledger: LedgerId, signal: AbortSignal): Promise<ExternalLedger['finality']> {
  const endpoint = parseEndpoint(text);
  if (endpoint === undefined) throw new DaoChainError('nodeUnavailable', 'It has no endpoint');
  const transport = await openEndpoint(endpoint);
  try {
    return await examineExternal(transport, ledger, signal);
  } finally {
    transport.dispose();
  }
}

function readEndpoint(text: string): ReadEndpoint | undefined {
  const endpoint = parseEndpoint(text);
  if (endpoint === undefined) return undefined;
  return {
    endpoint: endpoint.type === 'path' ? endpoint.path : endpoint.url.href,
    shown: endpointText(endpoint),
    assurance: assuranceOf(endpoint),
  };
}

/** By its node where that runs, and else by what is remembered of it. What an endpoint only reports nobody passes on. */
async function finalBlockOf(
  { network, source, files }: LedgerParts,
  signal: AbortSignal,
  log: Log,
): Promise<Checkpoint | undefined> {
  try {
    const { assurance, index } = await source.open();
    if (assurance === 'ownNode') return await index.knownFinal(signal);
  } catch (error) {
    throwIfCancelled(signal);
    if (!isDaoChainError(error)) throw error;
  }
  if (network === 'development') return undefined;
  const memory = new LedgerMemory({ store: files, ledger: networkLedger(network.profile), log, clock: Date.now });
  await memory.refresh();
  return memory.contradiction === undefined ? memory.highest : undefined;
}

/** As it is stored when the node starts: a hub can have been added since, and a machine admitted. */
async function peerSettingsOf(store: NetworkStore, chainId: number): Promise<PeerSettings> {
  const nodeKey = await store.nodeKey(chainId);
  const found = store.read().networks.find(({ profile }) => profile.chainId === chainId);
  // It was left meanwhile, perhaps in another window.
  if (found === undefined) throw networkNotFollowed(chainId.toString());
  const { listen, admitted } = found.place;
  const hubs = found.profile.hubs.filter((hub) => parseHub(hub)?.nodeKey !== nodeKey);
  return { listen, admitted: admitted.map((each) => each.nodeKey), hubs };
}

function homeOf({ home, networks }: FollowedNetworks, named: string | undefined): FollowedNetworks['home'] {
  if (named === undefined) return home;
  if (named === 'development') return named;
  const found = networks.find(({ profile }) => profile.name === named || profile.chainId.toString() === named);
  return found ?? networkNotFollowed(named);
}

/** A ledger of another chain is read, and nothing is signed there. */
function externalHome(name = ''): DaoChainError {
  return new DaoChainError('networkInvalid', 'No home', { details: { reason: 'externalHome', name } });
}

function networkNotFollowed(name: string): DaoChainError {
  return new DaoChainError('networkInvalid', 'No such network is followed', {
    details: { reason: 'notFollowed', name },
  });
}

/** The development network of this machine is made where there is none. */
async function networkOfFolder(launcher: GethLauncher): Promise<LedgerPlace> {
  return placeOf(await launcher.network());
}

/** The same, but nothing is made. */
async function storedNetworkOf(launcher: GethLauncher): Promise<LedgerPlace> {
  const network = await launcher.storedNetwork();
  if (network === undefined) throw networkNotFollowed('development');
  return placeOf(network);
}

function placeOf(network: NetworkProfile): LedgerPlace {
  const { kind, confirmations } = network;
  const terms = kind === 'team' ? network : undefined;
  return { ledger: networkLedger(network), kind, confirmations, assurance: 'ownNode', finality: 'depth', terms };
}
