/**
 * What the services need from the world. Folders under `adapters/` implement them, some several; a port meets its adapter in
 * `product.ts`, and what is the editor's or a terminal's own in `extension.ts` or the command. Every call that waits takes an
 * `AbortSignal` and rejects with a `DaoChainError`.
 */
import type { DaoChainError } from './errors';
import type { Digest } from './image/digest';
import type { ImageIdentity, Platform } from './image/identity';
import type { ImageReference } from './image/reference';
import type { Address, Hex, Hex32 } from './hex';
import type { NetworkProfile } from './ledger/network';
import type {
  AttestedEvent,
  Entry,
  LedgerId,
  PublisherId,
  SignedEntry,
  SignerSlot,
  UnsignedEntry,
} from './ledger/types';

export interface Disposable {
  dispose(): void;
}

/** A listener can be added; the returned object removes it. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** Milliseconds since the Unix epoch. */
export type Clock = () => number;

export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** Small files of ours: index, memory, profiles. Names are `a/b.json`-like; writes are atomic. */
export interface FileStore {
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  /** Names of the files in a folder, without the folder; empty when there is none. */
  list(folder: string): Promise<readonly string[]>;
  /** Of a folder's files those that are not `isKept` and were written a day before the newest: whoever wanted them is gone. */
  removeOld(folder: string, isKept: (name: string) => boolean): Promise<void>;
}

/** A turn that was taken; nobody else has it until it is ended. */
export interface Turn {
  end(): Promise<void>;
}

/** Turns among everybody who uses the same files: windows, commands, and whatever goes on at once in one of them. */
export interface Turns {
  /**
   * Waits until `name` is free. `onWait` is told once, where somebody has it. A turn of a process that is gone is over, and
   * none lasts longer than a few minutes. `walletBusy` when it does not come in time, `cancelled`.
   */
  take(name: string, signal: AbortSignal, onWait: () => void): Promise<Turn>;
}

/** The policy files of folders (`daochain.policy.json`), and where those folders really are. */
export interface PolicyFiles {
  /**
   * Real paths of a folder and of all above it, by name as well as by where links lead, so that no link leads out of a
   * folder; its own first, also where it is gone.
   */
  foldersAbove(folder: string): Promise<readonly string[]>;
  /** The bytes of the file in a folder, at most {@link mostPolicyBytes}; undefined where there is none. `policyInvalid`. */
  read(folder: string): Promise<Uint8Array | undefined>;
}

// --- engine ---------------------------------------------------------------------------------------------------

export interface EngineEndpoint {
  /** `unix:///…`, `npipe:////./pipe/…`, `tcp://…` or `ssh://…`. */
  readonly host: string;
  /** Where it was found, as the docker CLI looks: environment, context, default; `setting` comes before all. */
  readonly origin: 'setting' | 'environment' | 'context' | 'default';
  readonly context?: string;
}

/** What an image ID is: the config digest (`classic`), or a manifest or index digest (`containerd`). */
export type ImageStore = 'classic' | 'containerd';

export interface LocalImage {
  /** What the engine prints as ID; display and engine calls only. */
  readonly id: Digest;
  /** `RepoTags` without `<none>` entries. */
  readonly tags: readonly string[];
  /** `RepoDigests` without `<none>` entries; no proof that a registry has them. */
  readonly repoDigests: readonly string[];
  /** Unix seconds. */
  readonly created: number;
  /** Bytes, as the engine counts them. */
  readonly size: number;
}

export interface EngineSnapshot {
  readonly store: ImageStore;
  readonly images: readonly LocalImage[];
}

export interface InspectedImage {
  readonly id: Digest;
  readonly identity: ImageIdentity;
  /** `local`: built or loaded here, never pulled or pushed as far as the engine says. */
  readonly origin: 'local' | 'registry' | 'unknown';
  /** As in `LocalImage`. */
  readonly repoDigests: readonly string[];
}

/**
 * `image`: something about images changed; of a pull and a push `id` is the name. `tagged` is the name that a build or `tag`
 * gave; a load (`loaded`) and a pull give names too, and do not say so. `available`: the engine answers again;
 * `unavailable`: it stopped.
 */
export type EngineEvent =
  | { readonly type: 'image'; readonly id?: string; readonly tagged?: string; readonly loaded?: true }
  | { readonly type: 'available' }
  | { readonly type: 'unavailable' };

export interface BuildRequest {
  /** Absolute paths. */
  readonly contextDirectory: string;
  readonly dockerfile: string;
  readonly tag: string;
}

export interface ContainerEngine {
  endpoint(): Promise<EngineEndpoint>;
  /** For which it fetches where none is asked for; one `GET /version` for each connection, and at most one `GET /info`. */
  platform(signal: AbortSignal): Promise<Platform>;
  /** One `GET /images/json` (and one `GET /info` for each connection). */
  list(signal: AbortSignal): Promise<EngineSnapshot>;
  /** One `GET /images/{name}/json`. `imageNotFound` when there is none. */
  inspect(image: string, signal: AbortSignal): Promise<InspectedImage>;
  /**
   * Reads the `save` stream until the config's own bytes are there, checks every digest on the way to it, parses
   * strictly and stops reading. `imageMalformed` when the bytes are not acceptable or not what their name says.
   * `onProgress` counts bytes read.
   */
  readIdentity(image: string, signal: AbortSignal, onProgress?: (bytes: number) => void): Promise<ImageIdentity>;
  /** Builds with the engine's classic build API and reports its output lines. `buildFailed` with the last line. */
  build(request: BuildRequest, signal: AbortSignal, onOutput: (line: string) => void): Promise<void>;
  /** Follows the engine's events until disposed; reconnects with back-off. Without a listener there is no call at all. */
  readonly onEvent: Event<EngineEvent>;
}

/** Bytes over all layers. `total` grows while layers are found, and is 0 as long as none is known. */
export interface TransferProgress {
  readonly phase: 'downloading' | 'extracting' | 'pushing';
  readonly done: number;
  readonly total: number;
}

/** Moves images between the engine and registries; the engine does it, with the logins of Docker's configuration. */
export interface ImageTransfer {
  /**
   * `reference` has a digest, so that what was judged is what comes; the name gets no tag by it. `platform`: as
   * `--platform`, the engine's own unless given. `imageNotFound`, `registryDenied`, `pullFailed` with the engine's words.
   */
  pull(
    reference: ImageReference,
    platform: string | undefined,
    signal: AbortSignal,
    onProgress: (progress: TransferProgress) => void,
  ): Promise<void>;
  /** `POST /images/{name}/tag`: `reference` has a tag and no digest. `imageNotFound`. */
  tag(image: string, reference: ImageReference, signal: AbortSignal): Promise<void>;
  /**
   * `reference` has a tag. Gives the digest that the engine says the registry took, of a manifest or of an index.
   * `imageNotFound`, `registryDenied`, `pushFailed` with the engine's words.
   */
  push(
    reference: ImageReference,
    signal: AbortSignal,
    onProgress: (progress: TransferProgress) => void,
  ): Promise<{ readonly digest: Digest }>;
}

// --- registry -------------------------------------------------------------------------------------------------

/** What a registry has under a reference. */
export interface RegistryImage {
  /** Of the bytes that the reference names: an image index, or the manifest of one platform. */
  readonly digest: Digest;
  readonly isIndex: boolean;
  /**
   * The images that were asked for, each with all of its digests. Of an index, what an engine could choose for a
   * platform can be several; empty where it has none for it.
   */
  readonly images: readonly ImageIdentity[];
  /** The manifest is one of the image that the reader holds already; `images` is empty then. */
  readonly isHeld?: true;
}

/** An image that an engine holds, and the manifests by which it was pulled from a repository or pushed there. */
export interface HeldImage {
  readonly configDigest: Digest;
  readonly manifestDigests: readonly Digest[];
}

/** A login from Docker's configuration. A secret: never logged, never stored. */
export interface RegistryLogin {
  /** Never without a password. */
  readonly username?: string;
  readonly password?: string;
  /** What a token server changes into a token for reading. */
  readonly identityToken?: string;
  /** A token that the registry itself takes. */
  readonly registryToken?: string;
}

/** Logins as the docker command finds them: DOCKER_AUTH_CONFIG, `credHelpers`, `credsStore`, `auths`. */
export interface RegistryLogins {
  /**
   * `registry` and `path` as in a canonical reference. Undefined where nobody logged in; rejects with `registryLogin` when a
   * helper fails or what is written for the registry cannot be read.
   */
  find(registry: string, signal: AbortSignal, path?: string): Promise<RegistryLogin | undefined>;
}

/** OCI distribution spec, "Listing Referrers". */
export interface Referrer {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Reads registries and writes nothing. Every byte is compared with its digest, sizes and times are bounded, and no host is
 * asked that a file could have named without its reader's consent. Rejects with `registryUnavailable`,
 * `registryCertificate`, `registryWebPage`, `registryRefused` and `registryPlainHttp` (by those rules), `registryDenied`, `registryLogin`, `registryBusy` (with `details.seconds` to wait, where the registry says so),
 * `registryOff`, `imageNotFound`, `imageMalformed`.
 */
export interface ContainerRegistry {
  /**
   * By digest where the reference has one, else by its tag: one `HEAD`, then one `GET` for each manifest, index and
   * config that was not read before. `all`: every image of an index. Where one of the manifests of `held` is named, with
   * its config, nothing more is read.
   */
  read(
    reference: ImageReference,
    platform: Platform | 'all',
    signal: AbortSignal,
    held?: HeldImage,
  ): Promise<RegistryImage>;
  /** Manifests whose `subject` is this one: by the referrers API, else by the tag that the spec falls back to. */
  referrers(reference: ImageReference, subject: Digest, signal: AbortSignal): Promise<readonly Referrer[]>;
}

// --- chain ----------------------------------------------------------------------------------------------------

export interface BlockHeader {
  readonly number: number;
  readonly hash: Hex32;
  /** Of the block before. */
  readonly parentHash: Hex32;
  /** Unix seconds. */
  readonly time: number;
}

/** An event of the ledger that changes signers or organizations; enough to know which slots to read again. */
export interface SignerEvent {
  readonly publisher: PublisherId;
  readonly signer?: Address;
  readonly block: number;
}

export interface LedgerLogs {
  readonly attested: readonly AttestedEvent[];
  readonly signers: readonly SignerEvent[];
}

export interface LogRange {
  readonly fromBlock: number;
  readonly toBlock: number;
  /** Only these publishers (by topic); all when absent. */
  readonly publishers?: readonly PublisherId[];
  /** Only entries of names with these hashes (by topic), and no events about signers; all when absent. */
  readonly names?: readonly Hex32[];
}

/** The link of a key as it was after a block. */
export interface PastLink {
  readonly key: Hex32;
  readonly block: number;
}

export interface SignerQuery {
  readonly publisher: PublisherId;
  readonly signer: Address;
}

/** What the ledger knows of an organization beside its signers. */
export interface Organization {
  readonly id: PublisherId;
  /** Its creator's text: not unique, proves nothing, never shown without the id. */
  readonly name: string;
  readonly admin: Address;
  /** Whom the admin has offered its place. */
  readonly pendingAdmin?: Address;
}

/** Who an organization is and who stands behind it, as the newest block has it. */
export interface OrganizationReader {
  /** 1 call for each id. Absent where there is none with an id. */
  read(ids: readonly PublisherId[], signal: AbortSignal): Promise<readonly Organization[]>;
  /**
   * Organizations that a wallet created, became or was offered to be admin of, or was ever set as a signer of; what it is
   * there now, `read` and the signers' slots tell. Anybody can name any wallet. 2 calls.
   */
  namedIn(wallet: Address, signal: AbortSignal): Promise<readonly PublisherId[]>;
  /** Every wallet that was ever a signer, with its slot; in the order in which they came. 2 calls. */
  signersOf(
    id: PublisherId,
    signal: AbortSignal,
  ): Promise<readonly { readonly signer: Address; readonly slot: SignerSlot }[]>;
  /** The organization that a transaction created; undefined where it is not mined or created none. 1 call. */
  createdBy(transaction: Hex32, signal: AbortSignal): Promise<PublisherId | undefined>;
}

/** Read side of a ledger. Each method's doc says how many RPC calls it makes; a batch counts each element. */
export interface LedgerReader {
  readonly ledger: LedgerId;
  /** 1 call. */
  head(signal: AbortSignal): Promise<BlockHeader>;
  /** The blocks of these numbers on the node's chain, undefined where it has none so high. 1 call for each, in one batch. */
  blocksAt(numbers: readonly number[], signal: AbortSignal): Promise<readonly (BlockHeader | undefined)[]>;
  /** 1 call. Answers in chain order. */
  logs(range: LogRange, signal: AbortSignal): Promise<LedgerLogs>;
  /** As {@link logs} for some ranges, in their order. 1 call for each, in one batch. */
  logsOf(ranges: readonly LogRange[], signal: AbortSignal): Promise<LedgerLogs>;
  /** 1 call for each, in one batch. `nodeFailed` from a node that does not keep the states of old blocks. */
  pastLinks(places: readonly PastLink[], signal: AbortSignal): Promise<readonly Hex32[]>;
  /** `links` and `signers` at one block hash in one batch: 1 call for each list that is not empty, for up to 10,000 elements each. */
  state(
    query: { readonly keys: readonly Hex32[]; readonly signers: readonly SignerQuery[] },
    blockHash: Hex32,
    signal: AbortSignal,
  ): Promise<{ readonly links: readonly Hex32[]; readonly slots: readonly SignerSlot[] }>;
  /** Pushed by the node, not polled. Without a listener there is no subscription. */
  readonly onHead: Event<BlockHeader>;
}

export interface PreparedTransaction {
  readonly raw: Hex;
  readonly hash: Hex32;
}

export interface FeeEstimate {
  readonly gas: bigint;
  /** Wei for one gas. */
  readonly gasPrice: bigint;
  /** Wei: `gas × gasPrice`. */
  readonly cost: bigint;
  readonly balance: bigint;
}

/** A call of a contract, legacy (type 0) or with the fees of EIP-1559 (type 2). Amounts in wei for each gas. */
export type UnsignedTransaction = {
  readonly chainId: bigint;
  readonly nonce: number;
  readonly to: Address;
  readonly data: Hex;
  readonly gasLimit: bigint;
} & (
  | { readonly type: 0; readonly gasPrice: bigint }
  | { readonly type: 2; readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint }
);

/** Signs for one wallet; made by the wallet service while it is unlocked. */
export interface TransactionSigner {
  readonly address: Address;
  /** Returns the raw transaction. */
  signTransaction(transaction: UnsignedTransaction): Promise<Hex>;
  /** An entry for anybody to send: 65 bytes over its EIP-712 hash (`core/ledger/typedData.ts`). */
  signEntry(ledger: LedgerId, entry: UnsignedEntry): Promise<Hex>;
}

/** Finds out who signed. */
export interface SignatureRecovery {
  /** The wallet whose signature over `hash` this is; undefined for what is no 65-byte signature with a low s. */
  recover(hash: Hex32, signature: Hex): Promise<Address | undefined>;
}

/** A call that changes the ledger; each is one transaction. Seconds and blocks as in the contract's interface. */
export type LedgerCall =
  /** One entry, or several in one batch: all or none. Not empty. */
  | { readonly type: 'attest'; readonly entries: readonly Entry[] }
  | { readonly type: 'attestBySignature'; readonly signed: SignedEntry }
  | { readonly type: 'createOrganization'; readonly name: string }
  | {
      readonly type: 'setSigner';
      readonly organization: PublisherId;
      readonly signer: Address;
      readonly notBefore: number;
      readonly notAfter: number;
    }
  | {
      readonly type: 'revokeSigner';
      readonly organization: PublisherId;
      readonly signer: Address;
      readonly sinceBlock: number;
    }
  | { readonly type: 'transferAdmin'; readonly organization: PublisherId; readonly newAdmin: Address }
  | { readonly type: 'acceptAdmin'; readonly organization: PublisherId }
  | { readonly type: 'endWallet' };

/** Write side of a ledger. */
export interface LedgerWriter {
  readonly ledger: LedgerId;
  balance(address: Address, signal: AbortSignal): Promise<bigint>;
  /** The data of a transaction to the ledger, for a contract wallet to send. */
  encode(call: LedgerCall): Promise<Hex>;
  /**
   * Simulates the call against the newest block and prices it. `staleLink` names the key, `signerNotAllowed`, `notAdmin`,
   * `signatureInvalid`, `requestExpired`, `transactionRejected`; too little balance is not an error here.
   */
  estimate(call: LedgerCall, from: Address, signal: AbortSignal): Promise<FeeEstimate>;
  /** Builds and signs; nothing is sent. */
  prepare(
    call: LedgerCall,
    fee: FeeEstimate,
    signer: TransactionSigner,
    signal: AbortSignal,
  ): Promise<PreparedTransaction>;
  /** Sends a prepared transaction; sending the same bytes again is not an error. */
  broadcast(transaction: PreparedTransaction, signal: AbortSignal): Promise<void>;
  /** Where a transaction is now. `failed`: mined, but reverted. */
  status(
    hash: Hex32,
    signal: AbortSignal,
  ): Promise<{ readonly state: 'absent' | 'pending' } | { readonly state: 'mined' | 'failed'; readonly block: number }>;
}

// --- node -----------------------------------------------------------------------------------------------------

/** Real progress of the DAG, from the node's log. */
export interface DagProgress {
  readonly epoch: number;
  /** 0 to 99; the node never prints 100. */
  readonly percent: number;
}

/** A node program that was found and can mine. */
export interface NodeProgram {
  readonly path: string;
  readonly version: string;
  readonly origin: 'setting' | 'path' | 'cache';
}

/** How a running node ended. `ownerGone`: the window that owned it has left, so that this one can take over. */
export interface NodeExit {
  readonly reason: 'stopped' | 'crashed' | 'ownerGone';
  /** Of a crash: the node's exit code, if it had one. */
  readonly code: number | null;
  /** What the node printed last. */
  readonly lastLines: readonly string[];
  /** Of a crash: why it would only end again, until a person has done something about it. */
  readonly fault?: DaoChainError;
}

/** How, and whom mining pays. */
export interface MiningWish {
  readonly threads: number;
  readonly etherbase: Address;
}

/** A running node, ours or another window's. */
export interface NodeHandle {
  /** Path of the IPC socket or pipe. */
  readonly ipcPath: string;
  /** True when this process started it and will end it. */
  readonly owned: boolean;
  /** The folder to which the development chain of an older ledger was moved, to make place for this one. */
  readonly replaced: string | undefined;
  /** Comes with undefined when the generation is done. */
  readonly onDag: Event<DagProgress | undefined>;
  /** Comes once; at once for a listener that is late. */
  readonly onExit: Event<NodeExit>;
  /**
   * Has the node mine for as long as this window wants blocks, and no longer than it lives: a lease, of which each window
   * has one. It goes on mining while any window has one. `nodeUnavailable`.
   */
  mine(wish: MiningWish): Promise<void>;
  /** This window needs no blocks any more. */
  rest(): Promise<void>;
  /** A person's word: ends mining for every window. */
  endMining(): Promise<void>;
  /** Somebody has ended mining for every window. */
  readonly onMiningEnded: Event<void>;
  /** Ends the node cleanly, for every window that uses it. */
  stop(): Promise<void>;
  /** This window leaves: its own node ends and another window may take over; another window's goes on. */
  release(): Promise<void>;
}

export interface NodeLauncher {
  /** Where the node that was launched last listens; undefined when there is none. */
  readonly ipcPath: string | undefined;
  /** The network whose node this is; a development network is created when there is none for the newest ledger. */
  network(): Promise<NetworkProfile>;
  /** `nodeNotInstalled`, `nodeCannotMine` (with version). */
  find(signal: AbortSignal): Promise<NodeProgram>;
  /** Builds the node into the cache with Go; `nodeInstallFailed` says what to do. Output lines as they come. */
  install(signal: AbortSignal, onOutput: (line: string) => void): Promise<NodeProgram>;
  /**
   * Starts the network's node, or attaches to the one that another window or the CLI owns. Resolves when it answers and
   * is the network's. `nodeFailed` with the last lines, `nodeOwnedElsewhere` when the owner does not answer.
   */
  launch(options: { readonly threads: number }, signal: AbortSignal): Promise<NodeHandle>;
  /** Attaches to the node that another window or the CLI owns; undefined when there is none. Rejects as `launch` does. */
  join(signal: AbortSignal): Promise<NodeHandle | undefined>;
  /**
   * Ends the node of this folder, whoever runs it and whether that one answers or not; nothing about its chain has to be in
   * order. False when there is none. `nodeOwnedElsewhere` where a node that hangs cannot be ended.
   */
  end(signal: AbortSignal): Promise<boolean>;
  /** Something has changed about who owns the node; `join` finds out what. Without a listener nothing is watched. */
  readonly onDidChangeOwner: Event<void>;
}

/** Mining switch of a running node. */
export interface MiningControl {
  start(threads: number, etherbase: Address, signal: AbortSignal): Promise<void>;
  stop(signal: AbortSignal): Promise<void>;
  /** Whether it mines, and hashes for each second from the node itself (a one-minute average). */
  status(signal: AbortSignal): Promise<{ readonly mining: boolean; readonly hashrate: number }>;
}

// --- secrets --------------------------------------------------------------------------------------------------

export interface SecretStore {
  get(key: string): Promise<string | undefined>;
  /** `secretsUnavailable` when what was stored cannot be read back. */
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

/** A wallet's key: it can be used, and leaves only encrypted. */
export interface WalletKey extends TransactionSigner {
  /** A keystore (Web3 Secret Storage, version 3) that `password` opens. */
  encrypt(password: string): Promise<string>;
}

/** Makes keys from what a person has. */
export interface WalletKeys {
  create(): Promise<WalletKey>;
  /** 32 bytes of hex, with or without `0x`. `walletInvalid`. */
  fromPrivateKey(text: string): Promise<WalletKey>;
  /** `wrongPassword`; `walletInvalid` for what is no keystore, a damaged one, or one that takes absurdly long to open. */
  fromKeystore(keystore: string, password: string): Promise<WalletKey>;
}
