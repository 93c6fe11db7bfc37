import { DaoChainError, throwIfCancelled } from './errors';
import { Emitter } from './emitter';

interface Run<Progress> {
  readonly done: Promise<void>;
  readonly controller: AbortController;
  readonly progress: Emitter<Progress>;
  waiting: number;
}

/** One piece of work for all who want it at the same time. It is cancelled when the last of them has gone. */
export class SharedTask<Progress> {
  #run: Run<Progress> | undefined;

  constructor(private readonly work: (signal: AbortSignal, report: (progress: Progress) => void) => Promise<void>) {}

  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  /** Joins the work that is under way, or starts it. Rejects with `cancelled` as soon as `signal` is aborted. */
  async join(signal: AbortSignal, onProgress?: (progress: Progress) => void): Promise<void> {
    throwIfCancelled(signal);
    const run = (this.#run ??= this.#start());
    const listening = onProgress && run.progress.event(onProgress);
    run.waiting++;
    let leave = (): void => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        leave = () => {
          reject(new DaoChainError('cancelled', 'Cancelled'));
        };
        signal.addEventListener('abort', leave, { once: true });
        run.done.then(resolve, reject);
      });
    } finally {
      signal.removeEventListener('abort', leave);
      listening?.dispose();
      if (--run.waiting === 0) this.#abandon(run);
    }
  }

  #start(): Run<Progress> {
    const controller = new AbortController();
    const progress = new Emitter<Progress>();
    const work = this.work(controller.signal, (value) => {
      progress.fire(value);
    });
    const done = work.finally(() => {
      this.#forget(run);
    });
    const run = { done, controller, progress, waiting: 0 };
    return run;
  }

  /** Nobody waits any more: whoever comes next starts anew. */
  #abandon(run: Run<Progress>): void {
    run.controller.abort();
    this.#forget(run);
  }

  #forget(run: Run<Progress>): void {
    if (this.#run === run) this.#run = undefined;
  }
}
