import { Emitter, type Disposable, type Event } from '../../core/emitter';
import type { Clock } from '../../core/ports/clock';
import type { Log } from '../../core/ports/log';
import type { EngineEvent } from '../../core/ports/engine';

export type ImageEvent = Extract<EngineEvent, { readonly type: 'image' }>;

export interface EngineEventsOptions {
  /**
   * Subscribes, calls `connected` when the engine has accepted and `onImage` for each event; resolves or rejects when
   * the subscription has ended.
   */
  readonly subscribe: (
    connected: () => void,
    onImage: (event: ImageEvent) => void,
    signal: AbortSignal,
  ) => Promise<void>;
  readonly delay: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

const firstDelayMs = 1_000;
const longestDelayMs = 30_000;

/**
 * Keeps one subscription to an engine's events while somebody listens, and tells when the engine goes and comes back.
 * `available` also means that events may have been missed. Without a listener nothing runs.
 */
export class EngineEvents {
  readonly #listeners = new Emitter<EngineEvent>((error) => {
    this.options.log.error(`A listener of engine events failed: ${String(error)}`);
  });
  #stop: AbortController | undefined;
  #wake: AbortController | undefined;
  #connected = false;
  #down = false;

  constructor(private readonly options: EngineEventsOptions) {}

  readonly on: Event<EngineEvent> = (listener): Disposable => {
    const listening = this.#listeners.event(listener);
    if (this.#stop === undefined) this.#begin();
    return {
      dispose: () => {
        listening.dispose();
        if (!this.#listeners.hasListeners) this.#end();
      },
    };
  };

  /** Another call has found out whether the engine answers. */
  observe(answers: boolean): void {
    if (this.#connected) return;
    if (!answers) this.#setDown();
    // Back before the next attempt was due: subscribe now, so that listeners hear of it.
    else if (this.#down) this.#wake?.abort();
  }

  /** Gives up the subscription, and makes a new one if somebody listens: the endpoint may have changed. */
  restart(): void {
    this.#end();
    if (!this.#listeners.hasListeners) return;
    this.#down = true;
    this.#begin();
  }

  dispose(): void {
    this.#end();
  }

  #begin(): void {
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }

  #end(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#connected = false;
    this.#down = false;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { subscribe, clock, log } = this.options;
    let attempt = 0;
    while (!signal.aborted) {
      let since = Infinity;
      const connected = (): void => {
        if (signal.aborted) return;
        since = clock();
        this.#connected = true;
        if (!this.#down) return;
        this.#down = false;
        this.#emit({ type: 'available' });
      };
      const onImage = (event: ImageEvent): void => {
        if (!signal.aborted) this.#emit(event);
      };
      const failure = await subscribe(connected, onImage, signal).catch((error: unknown) => error);
      if (isAborted(signal)) return;
      if (failure instanceof Error) log.debug(`Engine events: ${failure.message}`);
      this.#connected = false;
      this.#setDown();
      // An engine that accepts and hangs up at once must not be asked every second.
      if (clock() - since > longestDelayMs) attempt = 0;
      await this.#wait(Math.min(firstDelayMs * 2 ** attempt, longestDelayMs), signal);
      attempt += 1;
    }
  }

  async #wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    this.#wake = new AbortController();
    try {
      await this.options.delay(milliseconds, AbortSignal.any([signal, this.#wake.signal]));
    } catch {
      // Woken or stopped; the loop looks which.
    }
  }

  #setDown(): void {
    if (this.#down) return;
    this.#down = true;
    this.#emit({ type: 'unavailable' });
  }

  #emit(event: EngineEvent): void {
    this.#listeners.fire(event);
  }
}

/** Read through a call, because the compiler takes an earlier look at `aborted` for lasting. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
