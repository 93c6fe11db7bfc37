import type { Log } from '../../core/ports/log';
import type { MiningControl, MiningWish } from '../../core/ports/node';

/** How often a node that is to mine is asked whether it does, in milliseconds. */
const lookEvery = 5_000;

/**
 * Who needs a node to mine, recorded where the node is owned. It mines as long as anybody holds a lease, and pays
 * whoever asked last. A lease ends with its holder, so no mining goes on for a process that is gone.
 */
export class MiningLeases {
  readonly #mining: MiningControl;
  readonly #log: Log;
  readonly #signal: AbortSignal;
  readonly #held = new Map<object, MiningWish>();
  #turn: Promise<void> = Promise.resolve();
  /** Somebody had it mine without a lease before the first one came. */
  #minedBefore = false;
  #look: NodeJS.Timeout | undefined;

  /** `signal` ends with the node. */
  constructor(mining: MiningControl, log: Log, signal: AbortSignal) {
    this.#mining = mining;
    this.#log = log;
    this.#signal = signal;
    signal.addEventListener('abort', () => {
      this.#held.clear();
      clearInterval(this.#look);
    });
  }

  /** How many threads mine, as whoever asked last wants; undefined when nobody does. */
  get threads(): number | undefined {
    return [...this.#held.values()].at(-1)?.threads;
  }

  /** Rejects with what the node says, and holds nothing then. */
  async hold(holder: object, wish: MiningWish): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#held.size === 0) this.#minedBefore = (await this.#mining.status(this.#signal)).mining;
      await this.#mining.start(wish.threads, wish.etherbase, this.#signal);
      this.#held.delete(holder);
      this.#held.set(holder, wish);
      this.#look ??= setInterval(() => void this.#mineOn(), lookEvery).unref();
    });
  }

  async release(holder: object): Promise<void> {
    await this.#inTurn(async () => {
      if (!this.#held.delete(holder)) return;
      const last = [...this.#held.values()].at(-1);
      if (last !== undefined) await this.#mining.start(last.threads, last.etherbase, this.#signal);
      else await this.#rest(this.#minedBefore);
    });
  }

  /** A person has decided: the node no longer mines for anybody. */
  async endAll(): Promise<void> {
    await this.#inTurn(async () => {
      this.#held.clear();
      await this.#rest(false);
    });
  }

  async #rest(mineOn: boolean): Promise<void> {
    clearInterval(this.#look);
    this.#look = undefined;
    if (!mineOn) await this.#mining.stop(this.#signal);
  }

  /** Whatever has stopped it, other than here: those who hold a lease wait for blocks. */
  async #mineOn(): Promise<void> {
    try {
      await this.#inTurn(async () => {
        const last = [...this.#held.values()].at(-1);
        if (last === undefined || (await this.#mining.status(this.#signal)).mining) return;
        await this.#mining.start(last.threads, last.etherbase, this.#signal);
      });
    } catch (error) {
      if (!this.#signal.aborted) this.#log.warn(`Whether the node mines is not known: ${String(error)}`);
    }
  }

  #inTurn(action: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(action);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
