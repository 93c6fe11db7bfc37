/** The node of this machine, and its mining. */
import type { DaoChainError } from '../errors';
import type { Address } from '../hex';
import type { Event } from '../emitter';
import type { NetworkProfile } from '../ledger/network';
import type { WorkBlock } from '../ledger/networkWork';

/** Real progress of the DAG, from the node's log. */
export interface DagProgress {
  readonly epoch: number;
  /** 0 to 99; the node never prints 100. */
  readonly percent: number;
  /** By what this machine took for the last steps; absent as long as there are no two. */
  readonly secondsLeft?: number;
}

/** A node program that was found and can mine. */
export interface NodeProgram {
  readonly path: string;
  readonly version: string;
  readonly origin: 'setting' | 'path' | 'cache';
}

/**
 * How a running node ended. `ownerGone`: nobody wanted that, and it can be started again at once: the window that owned it
 * has left, or a generation of the DAG that nobody needs any more could be ended in no other way.
 */
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
  /** Calls to hubs, by address as `host:port`; it changes as the node calls. */
  readonly calls: ReadonlyMap<string, HubCall>;
  /** Comes with undefined when the generation is done; at once for a listener that is late while one goes on. */
  readonly onDag: Event<DagProgress | undefined>;
  /** Comes once; at once for a listener that is late. */
  readonly onExit: Event<NodeExit>;
  /** How many threads mine, as was last asked for; undefined when nobody has asked. */
  readonly threads: number | undefined;
  /**
   * Has the node mine for as long as this window wants blocks, and no longer than it lives: a lease, of which each window
   * has one. It goes on mining while any window has one. `nodeUnavailable`; `miningRefused` where this machine has no room
   * for the DAG, and nothing was begun then.
   */
  mine(wish: MiningWish): Promise<void>;
  /** This window needs no blocks any more. A DAG that nobody needs then is given up, for which the node is started anew. */
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
  /** The number of the block that it would mine now. */
  nextBlock(signal: AbortSignal): Promise<number>;
  /** Whether it mines, and hashes for each second from the node itself (a one-minute average). */
  status(signal: AbortSignal): Promise<{ readonly mining: boolean; readonly hashrate: number }>;
}

/** Where a node listens: a literal address of this machine. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Whom the node of a team network connects to, and whom it lets in. A member has neither address nor admitted nodes. */
export interface PeerSettings {
  /** As a person named it; nothing listens without it. */
  readonly listen: ListenAddress | undefined;
  /** Keys of the nodes that may connect. */
  readonly admitted: readonly string[];
  /** The network's hubs, as `enode://…` with literal addresses. */
  readonly hubs: readonly string[];
}

/** What came of the node's last call to a hub. */
export interface HubCall {
  readonly outcome:
    | 'connected'
    /** Nothing answers at the address. */
    | 'unreachable'
    /** Something answers that does not prove to be the hub, or that hangs up on this machine's address. */
    | 'otherAnswer'
    /** The hub has no place for this node: it was not admitted. */
    | 'notAdmitted'
    /** The hub hangs up for another reason. */
    | 'refused';
  /** The two were connected at least once since the node started. */
  readonly wasConnected: boolean;
}

/** A machine that the node is connected to. */
export interface Peer {
  readonly nodeKey: string;
  /** The other end of the connection. */
  readonly address: ListenAddress;
  /** What it calls its program, in words that it chose itself. */
  readonly client: string;
  /** It has called here, and not the other way round. */
  readonly isInbound: boolean;
  readonly isTrusted: boolean;
  /** False while the two only greet each other: it can still turn out to be of another network. */
  readonly isGreeted: boolean;
}

/** How far a node that fetches blocks from others is; block numbers. */
export interface SyncProgress {
  readonly from: number;
  readonly at: number;
  /** The newest block that another machine says it has. */
  readonly to: number;
}

/**
 * The other machines of a running node's network. Peers tell this node what their newest block is, and it tells nobody: how far
 * the others are shows only while it fetches blocks from them, which it begins at most ten seconds after one is ahead.
 */
export interface PeerControl {
  /** The node's own key. */
  self(signal: AbortSignal): Promise<string>;
  peers(signal: AbortSignal): Promise<readonly Peer[]>;
  /** Undefined while there is nothing to fetch. */
  syncing(signal: AbortSignal): Promise<SyncProgress | undefined>;
  /** Lets the node with this key in from now on, until the node ends. */
  addTrusted(nodeKey: string, signal: AbortSignal): Promise<void>;
  /** No longer, and hangs up on it. */
  removeTrusted(nodeKey: string, signal: AbortSignal): Promise<void>;
  /** Calls this hub (`enode://…`) from now on, again whenever it is lost, until the node ends. */
  addStatic(hub: string, signal: AbortSignal): Promise<void>;
  /** Hangs up on a hub (`enode://…`) and calls it again. */
  greet(hub: string, signal: AbortSignal): Promise<void>;
}

/** Who mines, as the blocks of a chain tell. */
export interface WorkReader {
  /**
   * The newest `count` blocks or all, ascending. 1 call; and 1 for each further block, in one batch, unless the newest one
   * comes right after the one of the last time.
   */
  newest(count: number, signal: AbortSignal): Promise<readonly WorkBlock[]>;
}
