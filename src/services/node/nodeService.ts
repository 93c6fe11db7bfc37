import { DaoChainError, isDaoChainError, throwIfCancelled } from '../../core/errors';
import type { Address } from '../../core/hex';
import { epochOf } from '../../core/ledger/ethash';
import { isFinalAt } from '../../core/ledger/finality';
import { Emitter, type Disposable, type Event } from '../../core/emitter';
import { untilSilent } from './untilSilent';
import type { Clock } from '../../core/ports/clock';
import type { Log } from '../../core/ports/log';
import type { BlockHeader, LedgerReader } from '../../core/ports/ledger';
import type { DagProgress, HubCall, MiningControl, NodeExit, NodeHandle, NodeLauncher } from '../../core/ports/node';

/** What is known of a node that runs. */
export interface RunningNode {
  /** False when another window started it. */
  readonly owned: boolean;
  readonly mining: boolean;
  /** Hashes for each second, the node's own average over a minute. */
  readonly hashrate: number;
  /** Number of the newest block; undefined until it is known. */
  readonly block: number | undefined;
  /** How many mine; absent where nobody has asked for it. */
  readonly threads?: number;
  /** The DAG of the next epoch, which is made in advance and keeps nobody from mining. */
  readonly nextDag?: DagProgress;
}

export type NodeState =
  | { readonly status: 'stopped' | 'starting' | 'stopping' }
  | ({ readonly status: 'running' } & RunningNode)
  /** It is asked to mine and cannot before this is done. */
  | ({ readonly status: 'buildingDag'; readonly dag: DagProgress } & RunningNode)
  | { readonly status: 'failed'; readonly error: DaoChainError; readonly lastLines: readonly string[] };

/** Whether a node does not run because there is no room for its chain. */
export function isFullDisk(error: unknown): boolean {
  return isDaoChainError(error, 'nodeFailed') && error.details['reason'] === 'diskFull';
}

export function isDiskFull(state: NodeState): boolean {
  return state.status === 'failed' && isFullDisk(state.error);
}

export interface NodePorts {
  readonly launcher: NodeLauncher;
  readonly mining: MiningControl;
  readonly chain: Pick<LedgerReader, 'head' | 'onHead'>;
  /** How many threads mine. */
  readonly threads: () => number;
  /** Whom mining pays; undefined as long as there is no wallet. */
  readonly etherbase: () => Address | undefined;
  /** What goes on as long as this window runs the node, and not where it uses another window's. */
  readonly whileOwned?: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  /** Resolves after so many milliseconds, at once when aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: Log;
}

/** So many crashes within this time, in milliseconds, are followed by a restart; after one more the node is left alone. */
const tolerated = { crashes: 3, within: 600_000 };

/** Milliseconds before the first restart; each further one waits twice as long. */
const firstPause = 1_000;

/** What the node is asked for. */
type Facts = Pick<RunningNode, 'mining' | 'hashrate' | 'block'>;

const nothingKnown: Facts = { mining: false, hashrate: 0, block: undefined };

/** For what the transport bounds by itself. */
const untilAnswered = new AbortController().signal;

/** Keeps the node running as long as it is wanted: started, restarted after a crash, taken over when its owner leaves. */
export class NodeService {
  readonly #ports: NodePorts;
  readonly #changed = new Emitter<NodeState>();
  readonly #replaced = new Emitter<string>();
  /** Why the node mines: a person's wish, and each piece of work that needs blocks. Ended when it will not any more. */
  readonly #miningReasons = new Set<AbortController>();
  #wish: AbortController | undefined;
  #state: NodeState = { status: 'stopped' };
  #handle: NodeHandle | undefined;
  #launching: { readonly done: Promise<void>; readonly cancel: AbortController } | undefined;
  #joining: { readonly done: Promise<void>; readonly cancel: AbortController } | undefined;
  #stopping: Promise<void> | undefined;
  #crashTimes: number[] = [];
  #dag: DagProgress | undefined;
  /** The newest block when its last step was told. */
  #dagSince = 0;
  #heads: Disposable | undefined;
  /** Aborted when this window runs the node no longer. */
  #owning: AbortController | undefined;
  /** What the node said last. */
  #facts: Facts = nothingKnown;
  #newest: BlockHeader | undefined;
  #reading: Promise<void> | undefined;
  /** The node that mines for this window. */
  #miner: NodeHandle | undefined;
  #miningTurn: Promise<void> = Promise.resolve();

  constructor(ports: NodePorts) {
    this.#ports = ports;
  }

  get state(): NodeState {
    return this.#state;
  }

  /** What came of the running node's calls to hubs, by address. */
  get calls(): ReadonlyMap<string, HubCall> {
    return this.#handle?.calls ?? new Map<string, HubCall>();
  }

  /** While somebody listens and the node runs, each new block brings a new state. */
  readonly onDidChange: Event<NodeState> = (listener) => {
    const registration = this.#changed.event(listener);
    this.#follow();
    return {
      dispose: () => {
        registration.dispose();
        this.#follow();
      },
    };
  };

  /** The development chain of an older ledger has made place for a new one: the folder where it is now. */
  get onDidReplaceChain(): Event<string> {
    return this.#replaced.event;
  }

  /**
   * Starts the node, or joins the one of another window. `signal` ends the start for all who wait for it. Rejects with what
   * `NodeLauncher.launch` says, and `cancelled`.
   */
  async start(signal?: AbortSignal): Promise<void> {
    if (this.#stopping !== undefined) await this.#stopping.catch(() => undefined);
    if (this.#joining !== undefined) await this.#joining.done.catch(() => undefined);
    throwIfCancelled(signal);
    if (this.#handle !== undefined) return;
    if (this.#state.status === 'failed') this.#crashTimes = [];
    const { done, cancel } = this.#launching ?? this.#launch();
    const abort = (): void => {
      cancel.abort();
    };
    signal?.addEventListener('abort', abort);
    try {
      await done;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Uses the node that another window runs, if there is one. Rejects with what `NodeLauncher.join` says, and `cancelled`. */
  async join(): Promise<void> {
    if (this.#handle !== undefined || this.#launching !== undefined || this.#stopping !== undefined) return;
    await (this.#joining ?? this.#join()).done;
  }

  /** Ends the node for every window; what mines or starts it is given up. */
  async stop(): Promise<void> {
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = undefined;
    });
    await this.#stopping;
  }

  /** For a window that closes: another one may take over. */
  async release(): Promise<void> {
    await this.#cancelLaunch();
    const handle = this.#handle;
    this.#handle = undefined;
    this.#owning?.abort();
    this.#follow();
    await handle?.release();
  }

  /**
   * Turns mining on, for which the node is started, or off as far as this wish goes: who waits for blocks still gets them,
   * here and in other windows. `walletMissing` when there is nobody to pay; `miningRefused`, and the wish is gone then.
   */
  async setMining(on: boolean): Promise<void> {
    if (on) {
      this.#etherbase();
      this.#wish ??= new AbortController();
      this.#miningReasons.add(this.#wish);
      await this.start();
    } else if (this.#wish !== undefined) {
      this.#miningReasons.delete(this.#wish);
      this.#wish = undefined;
    }
    try {
      await this.#settleMining();
    } catch (error) {
      if (isDaoChainError(error, 'miningRefused')) this.#endReasons(error);
      throw error;
    }
    // A node that gives up its DAG is started again, and does not answer meanwhile.
    await this.refresh().catch(this.#logFailure);
  }

  /** Ends mining for whoever wants it, in every window; who waits for blocks is told and waits no longer. */
  async endMining(): Promise<void> {
    await this.#handle?.endMining();
    await this.refresh().catch(this.#logFailure);
  }

  /**
   * Mines as long as `work` is under way, starting the node where it has to. `ended` says that nobody will mine for it any
   * more, and why: `miningEnded` by a person, `miningRefused` after a restart, or `nodeUnavailable`.
   */
  async mineWhile<T>(work: (ended: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    this.#etherbase();
    const reason = new AbortController();
    this.#miningReasons.add(reason);
    const done = new AbortController();
    try {
      await this.start(signal);
      await this.#settleMining();
      void this.#watch(reason, done.signal);
      return await work(reason.signal);
    } finally {
      done.abort();
      this.#miningReasons.delete(reason);
      const rested = this.#settleMining().then(() => this.refresh());
      if (reason.signal.aborted || signal?.aborted === true) rested.catch(this.#logFailure);
      else await rested.catch(this.#logFailure);
    }
  }

  /** Mines until `isDone` says so of a block. `cancelled`; `miningEnded`; `nodeUnavailable` when the node is stopped or fails. */
  async mineUntil(isDone: (head: BlockHeader) => boolean | Promise<boolean>, signal: AbortSignal): Promise<void> {
    await this.mineWhile((ended) => this.#until(isDone, AbortSignal.any([signal, ended])), signal);
  }

  /** Mines until the block is as deep as `confirmations` says, itself counted. */
  async mineUntilFinal(block: number, confirmations: number, signal: AbortSignal): Promise<void> {
    await this.mineUntil((head) => isFinalAt(head.number, block, confirmations), signal);
  }

  /** Asks the running node how it is. 3 calls. */
  async refresh(): Promise<void> {
    if (this.#handle !== undefined) await this.#read(await this.#ports.chain.head(untilAnswered));
  }

  async #stop(): Promise<void> {
    await this.#cancelLaunch();
    const handle = this.#handle;
    const before = this.#state;
    this.#set({ status: 'stopping' });
    try {
      // One that hangs is ended without its owner, and could perhaps not even be joined.
      const isStopped = await handle?.stop().then(() => true, this.#logFailure);
      if (isStopped !== true) {
        await this.#ports.launcher.end(untilAnswered);
        this.#handle = undefined;
        this.#owning?.abort();
        await handle?.release().catch(this.#logFailure);
      }
      this.#giveUp({ status: 'stopped' });
    } catch (error) {
      this.#set(handle === undefined ? before : { status: 'running', owned: handle.owned, ...this.#facts });
      throw error;
    }
  }

  #launch(pause = 0): { readonly done: Promise<void>; readonly cancel: AbortController } {
    const cancel = new AbortController();
    const done = this.#tryLaunch(pause, cancel.signal).finally(() => {
      this.#launching = undefined;
    });
    this.#launching = { done, cancel };
    return this.#launching;
  }

  async #tryLaunch(pause: number, signal: AbortSignal): Promise<void> {
    const { launcher, threads, wait } = this.#ports;
    this.#set({ status: 'starting' });
    try {
      if (pause > 0) await wait(pause, signal);
      throwIfCancelled(signal);
      const handle = await launcher.launch({ threads: threads() }, signal);
      await this.#use(handle);
    } catch (error) {
      if (isDaoChainError(error, 'cancelled')) this.#giveUp({ status: 'stopped' });
      else this.#fail(error);
      throw error;
    }
  }

  #join(): { readonly done: Promise<void>; readonly cancel: AbortController } {
    const cancel = new AbortController();
    const done = this.#ports.launcher
      .join(cancel.signal)
      .then(async (handle) => {
        if (handle !== undefined) await this.#use(handle);
      })
      .finally(() => {
        this.#joining = undefined;
      });
    this.#joining = { done, cancel };
    return this.#joining;
  }

  async #cancelLaunch(): Promise<void> {
    for (const beginning of [this.#launching, this.#joining]) {
      beginning?.cancel.abort();
      // Its own caller hears how it ended.
      await beginning?.done.catch(() => undefined);
    }
  }

  async #use(handle: NodeHandle): Promise<void> {
    this.#handle = handle;
    this.#owning?.abort();
    if (handle.owned) {
      this.#owning = new AbortController();
      this.#ports.whileOwned?.(this.#owning.signal).catch(this.#logFailure);
    }
    this.#dag = undefined;
    this.#facts = nothingKnown;
    this.#show();
    handle.onExit((exit) => {
      if (handle === this.#handle) this.#ended(exit);
    });
    handle.onDag((dag) => {
      if (handle !== this.#handle) return;
      this.#dag = dag;
      this.#dagSince = this.#facts.block ?? 0;
      this.#show();
    });
    handle.onMiningEnded(() => {
      if (handle !== this.#handle) return;
      this.#miner = undefined;
      this.#endReasons(new DaoChainError('miningEnded', 'Somebody has ended mining'));
      this.refresh().catch(this.#logFailure);
    });
    if (handle.replaced !== undefined) this.#replaced.fire(handle.replaced);
    try {
      await this.#settleMining();
      await this.refresh();
    } catch (error) {
      // It runs all the same; if it does not answer, its end will be told.
      this.#logFailure(error);
    }
    this.#follow();
  }

  #ended({ reason, code, lastLines, fault }: NodeExit): void {
    this.#handle = undefined;
    this.#owning?.abort();
    this.#follow();
    if (reason === 'stopped') {
      this.#giveUp({ status: 'stopped' });
    } else if (reason === 'ownerGone') {
      this.#restart(0);
    } else if (fault !== undefined) {
      this.#fail(fault, lastLines);
    } else {
      const now = this.#ports.clock();
      this.#crashTimes = [...this.#crashTimes.filter((time) => now - time < tolerated.within), now];
      const count = this.#crashTimes.length;
      this.#ports.log.warn(`The node crashed (exit code ${code ?? 'none'}), ${count} times of late`);
      if (count <= tolerated.crashes) this.#restart(firstPause * 2 ** (count - 1));
      else this.#fail(new DaoChainError('nodeFailed', 'The node crashes again and again'), lastLines);
    }
  }

  #restart(pause: number): void {
    this.#launch(pause).done.catch(this.#logFailure);
  }

  #fail(cause: unknown, lastLines?: readonly string[]): void {
    const error = isDaoChainError(cause)
      ? cause
      : new DaoChainError('nodeFailed', 'The node could not be started', { cause });
    const lines = lastLines ?? error.details['lastLines']?.split('\n') ?? [];
    this.#giveUp({ status: 'failed', error, lastLines: lines });
  }

  /** The node is gone for good, as far as this window is concerned: who waits for it waits no longer. */
  #giveUp(state: NodeState): void {
    this.#endReasons(new DaoChainError('nodeUnavailable', 'The node has ended', { details: { reason: 'notRunning' } }));
    this.#set(state);
  }

  #etherbase(): Address {
    const etherbase = this.#ports.etherbase();
    if (etherbase === undefined) throw new DaoChainError('walletMissing', 'There is no wallet that mining could pay');
    return etherbase;
  }

  /** Has the node mine for this window, or not, as its reasons say. */
  #settleMining(): Promise<void> {
    const settled = this.#miningTurn.then(async () => {
      const handle = this.#handle;
      if (handle === undefined) return;
      const { threads, etherbase: owner } = this.#ports;
      const etherbase = owner();
      if (this.#miningReasons.size > 0 && etherbase !== undefined && this.#miner !== handle) {
        await handle.mine({ threads: threads(), etherbase });
        this.#miner = handle;
      } else if (this.#miningReasons.size === 0 && this.#miner === handle) {
        this.#miner = undefined;
        await handle.rest();
      }
    });
    this.#miningTurn = settled.catch(() => undefined);
    return settled;
  }

  #endReasons(error: DaoChainError): void {
    const reasons = [...this.#miningReasons];
    this.#miningReasons.clear();
    this.#wish = undefined;
    for (const reason of reasons) reason.abort(error);
  }

  /** Who waits for blocks is told of a node that hangs, and mining that could not be begun is asked for again. */
  async #watch(reason: AbortController, done: AbortSignal): Promise<void> {
    const look = async (): Promise<void> => {
      const handle = this.#handle;
      try {
        if (handle === undefined) return;
        await this.#ports.mining.status(untilAnswered);
        await this.#settleMining();
      } catch (error) {
        // After a crash there is another one.
        if (handle !== this.#handle) return;
        if (!isDaoChainError(error, 'miningRefused')) throw error;
        reason.abort(error);
      }
    };
    if (await untilSilent(look, this.#ports.wait, AbortSignal.any([done, reason.signal])))
      reason.abort(new DaoChainError('nodeUnavailable', 'The node has not answered for long'));
  }

  #until(isDone: (head: BlockHeader) => boolean | Promise<boolean>, signal: AbortSignal): Promise<void> {
    const registrations: Disposable[] = [];
    return new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        reject(isDaoChainError(signal.reason) ? signal.reason : new DaoChainError('cancelled', 'Cancelled'));
      };
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort);
      const look = async (head: BlockHeader): Promise<void> => {
        if (await isDone(head)) resolve();
      };
      registrations.push(
        {
          dispose: () => {
            signal.removeEventListener('abort', abort);
          },
        },
        this.#ports.chain.onHead((head) => void look(head).catch(reject)),
      );
    }).finally(() => {
      for (const registration of registrations) registration.dispose();
    });
  }

  /** Follows the chain while somebody wants to know and there is something to know. */
  #follow(): void {
    if (this.#handle !== undefined && this.#changed.hasListeners) {
      this.#heads ??= this.#ports.chain.onHead((head) => void this.#read(head).catch(this.#logFailure));
    } else {
      this.#heads?.dispose();
      this.#heads = undefined;
    }
  }

  /** Reads the state at `head`. Blocks that come faster than answers are passed over. */
  #read(head: BlockHeader): Promise<void> {
    this.#newest = head;
    this.#reading ??= this.#readNewest().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readNewest(): Promise<void> {
    let head: BlockHeader | undefined;
    while (this.#newest !== head && this.#newest !== undefined) {
      head = this.#newest;
      this.#facts = { block: head.number, ...(await this.#ports.mining.status(untilAnswered)) };
      if (this.#dag !== undefined && this.#isMinedWith(this.#dag, head.number)) this.#dag = undefined;
      this.#show();
    }
  }

  /**
   * A new block shows that the DAG which it needs is there, whatever the node's log has said of its end; where another machine
   * mined it, the log goes on with the next step.
   */
  #isMinedWith({ epoch }: DagProgress, block: number): boolean {
    return epochOf(block) === epoch && block > this.#dagSince;
  }

  #show(): void {
    const handle = this.#handle;
    if (handle === undefined || this.#state.status === 'stopping') return;
    const dag = this.#dag;
    const { owned, threads } = handle;
    const node = { owned, ...this.#facts, ...(threads !== undefined && { threads }) };
    const isNext = dag !== undefined && dag.epoch > epochOf((node.block ?? 0) + 1);
    if (dag !== undefined && node.mining && dag.epoch === epochOf((node.block ?? 0) + 1))
      this.#set({ status: 'buildingDag', dag, ...node });
    else this.#set({ status: 'running', ...node, ...(isNext && { nextDag: dag }) });
  }

  #set(state: NodeState): void {
    this.#state = state;
    this.#changed.fire(state);
  }

  readonly #logFailure = (error: unknown): void => {
    this.#ports.log.warn(`The node: ${error instanceof Error ? error.message : String(error)}`);
  };
}
