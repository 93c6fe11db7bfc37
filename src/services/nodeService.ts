import { DaoChainError, isDaoChainError, throwIfCancelled } from '../core/errors';
import type { Address } from '../core/hex';
import type {
  BlockHeader,
  Clock,
  DagProgress,
  Disposable,
  Event,
  LedgerReader,
  Log,
  MiningControl,
  NodeExit,
  NodeHandle,
  NodeLauncher,
} from '../core/ports';
import { confirmationsAt } from '../core/trust/confirmations';
import { Emitter } from '../core/emitter';

/** What is known of a node that runs. */
export interface RunningNode {
  /** False when another window started it. */
  readonly owned: boolean;
  readonly mining: boolean;
  /** Hashes for each second, the node's own average over a minute. */
  readonly hashrate: number;
  /** Number of the newest block; undefined until it is known. */
  readonly block: number | undefined;
}

export type NodeState =
  | { readonly status: 'stopped' | 'starting' | 'stopping' }
  | ({ readonly status: 'running' } & RunningNode)
  /** It is asked to mine and cannot before this is done. */
  | ({ readonly status: 'buildingDag'; readonly dag: DagProgress } & RunningNode)
  | { readonly status: 'failed'; readonly error: DaoChainError; readonly lastLines: readonly string[] };

export interface NodePorts {
  readonly launcher: NodeLauncher;
  readonly mining: MiningControl;
  readonly chain: Pick<LedgerReader, 'head' | 'onHead'>;
  /** How many threads mine. */
  readonly threads: () => number;
  /** Whom mining pays; undefined as long as there is no wallet. */
  readonly etherbase: () => Address | undefined;
  readonly clock: Clock;
  /** Resolves after so many milliseconds, at once when aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: Log;
}

/** So many crashes within this time, in milliseconds, are followed by a restart; after one more the node is left alone. */
const tolerated = { crashes: 3, within: 600_000 };

/** Milliseconds before the first restart; each further one waits twice as long. */
const firstPause = 1_000;

/** Blocks for which one DAG is good (ethash). */
const epochLength = 30_000;

const nothingKnown: Omit<RunningNode, 'owned'> = { mining: false, hashrate: 0, block: undefined };

/** For what the transport bounds by itself. */
const untilAnswered = new AbortController().signal;

/** Keeps the node running as long as it is wanted: started, restarted after a crash, taken over when its owner leaves. */
export class NodeService {
  readonly #ports: NodePorts;
  readonly #changed = new Emitter<NodeState>();
  readonly #replaced = new Emitter<void>();
  /** Why the node mines: a person's wish, and each piece of work that needs blocks. */
  readonly #miningReasons = new Set<object>();
  readonly #wish = {};
  #state: NodeState = { status: 'stopped' };
  #handle: NodeHandle | undefined;
  #launching: { readonly done: Promise<void>; readonly cancel: AbortController } | undefined;
  #joining: { readonly done: Promise<void>; readonly cancel: AbortController } | undefined;
  #stopping: Promise<void> | undefined;
  #crashTimes: number[] = [];
  #dag: DagProgress | undefined;
  #heads: Disposable | undefined;
  /** What the node said last. */
  #facts: Omit<RunningNode, 'owned'> = nothingKnown;
  #newest: BlockHeader | undefined;
  #reading: Promise<void> | undefined;
  /** True when mining was begun here and may be ended here. */
  #startedMining = false;

  constructor(ports: NodePorts) {
    this.#ports = ports;
  }

  get state(): NodeState {
    return this.#state;
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

  /** The development chain of an older ledger was deleted, and its statements and balance with it. */
  get onDidReplaceChain(): Event<void> {
    return this.#replaced.event;
  }

  /** Starts the node, or joins the one of another window. Rejects with what `NodeLauncher.launch` says, and `cancelled`. */
  async start(): Promise<void> {
    if (this.#stopping !== undefined) await this.#stopping.catch(() => undefined);
    if (this.#joining !== undefined) await this.#joining.done.catch(() => undefined);
    if (this.#handle !== undefined) return;
    if (this.#state.status === 'failed') this.#crashTimes = [];
    await (this.#launching ?? this.#launch()).done;
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
    this.#follow();
    await handle?.release();
  }

  /** Turns mining on, for which the node is started, or off. `walletMissing` when there is nobody to pay. */
  async setMining(on: boolean): Promise<void> {
    if (on) {
      const etherbase = this.#etherbase();
      this.#miningReasons.add(this.#wish);
      await this.start();
      await this.#beginMining(etherbase);
    } else {
      this.#miningReasons.clear();
      await this.#endMining();
    }
  }

  /**
   * Mines as long as `work` is under way, starting the node where it has to; mining that was on before stays on. When a
   * person turns mining off meanwhile it is off, and the work goes on without.
   */
  async mineWhile<T>(work: () => Promise<T>): Promise<T> {
    const etherbase = this.#etherbase();
    const reason = {};
    this.#miningReasons.add(reason);
    try {
      await this.start();
      if (!(await this.#ports.mining.status(untilAnswered)).mining) await this.#beginMining(etherbase);
      return await work();
    } finally {
      const last = this.#miningReasons.delete(reason) && this.#miningReasons.size === 0;
      if (last && this.#startedMining) await this.#endMining().catch(this.#logFailure);
    }
  }

  /** Mines until `isDone` says so of a block. `cancelled`; `nodeUnavailable` when the node is stopped or fails. */
  async mineUntil(isDone: (head: BlockHeader) => boolean | Promise<boolean>, signal: AbortSignal): Promise<void> {
    await this.mineWhile(() => this.#until(isDone, signal));
  }

  /** Mines until the block is as deep as `confirmations` says, itself counted. */
  async mineUntilFinal(block: number, confirmations: number, signal: AbortSignal): Promise<void> {
    await this.mineUntil((head) => confirmationsAt(head.number, block) >= confirmations, signal);
  }

  /** Asks the running node how it is. 3 calls. */
  async refresh(): Promise<void> {
    if (this.#handle !== undefined) await this.#read(await this.#ports.chain.head(untilAnswered));
  }

  async #stop(): Promise<void> {
    this.#miningReasons.clear();
    await this.#cancelLaunch();
    const handle = this.#handle;
    if (handle === undefined) {
      this.#set({ status: 'stopped' });
      return;
    }
    this.#set({ status: 'stopping' });
    try {
      await handle.stop();
    } catch (error) {
      this.#set({ status: 'running', owned: handle.owned, ...this.#facts });
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
      if (isDaoChainError(error, 'cancelled')) this.#set({ status: 'stopped' });
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
    this.#dag = undefined;
    this.#startedMining = false;
    this.#facts = nothingKnown;
    this.#show();
    handle.onExit((exit) => {
      if (handle === this.#handle) this.#ended(exit);
    });
    handle.onDag((dag) => {
      if (handle !== this.#handle) return;
      this.#dag = dag;
      this.#show();
    });
    if (handle.replaced) this.#replaced.fire();
    try {
      const etherbase = this.#ports.etherbase();
      if (this.#miningReasons.size > 0 && etherbase !== undefined) await this.#beginMining(etherbase);
      else await this.refresh();
    } catch (error) {
      // It runs all the same; if it does not answer, its end will be told.
      this.#logFailure(error);
    }
    this.#follow();
  }

  #ended({ reason, code, lastLines }: NodeExit): void {
    this.#handle = undefined;
    this.#follow();
    if (reason === 'stopped') {
      this.#miningReasons.clear();
      this.#set({ status: 'stopped' });
    } else if (reason === 'ownerGone') {
      this.#restart(0);
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
    this.#set({ status: 'failed', error, lastLines: lines });
  }

  #etherbase(): Address {
    const etherbase = this.#ports.etherbase();
    if (etherbase === undefined) throw new DaoChainError('walletMissing', 'There is no wallet that mining could pay');
    return etherbase;
  }

  async #beginMining(etherbase: Address): Promise<void> {
    await this.#ports.mining.start(this.#ports.threads(), etherbase, untilAnswered);
    this.#startedMining = true;
    await this.refresh();
  }

  async #endMining(): Promise<void> {
    if (this.#handle === undefined) return;
    await this.#ports.mining.stop(untilAnswered);
    this.#startedMining = false;
    await this.refresh();
  }

  #until(isDone: (head: BlockHeader) => boolean | Promise<boolean>, signal: AbortSignal): Promise<void> {
    const registrations: Disposable[] = [];
    const cancelled = new DaoChainError('cancelled', 'Cancelled');
    return new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        reject(cancelled);
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
        this.#changed.event(({ status }) => {
          if (status === 'stopped' || status === 'failed')
            reject(new DaoChainError('nodeUnavailable', 'The node has ended'));
        }),
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
      this.#show();
    }
  }

  #show(): void {
    const handle = this.#handle;
    if (handle === undefined || this.#state.status === 'stopping') return;
    const dag = this.#dag;
    const node = { owned: handle.owned, ...this.#facts };
    // The DAG of the next epoch is made in advance and keeps nobody from mining.
    const blocked = node.mining && dag?.epoch === Math.floor(((node.block ?? 0) + 1) / epochLength);
    this.#set(blocked ? { status: 'buildingDag', dag, ...node } : { status: 'running', ...node });
  }

  #set(state: NodeState): void {
    this.#state = state;
    this.#changed.fire(state);
  }

  readonly #logFailure = (error: unknown): void => {
    this.#ports.log.warn(`The node: ${error instanceof Error ? error.message : String(error)}`);
  };
}
