import { throwIfCancelled } from '../../../src/core/errors';
import type { Turn, Turns } from '../../../src/core/ports/files';

/** Turns in memory, in the order in which they are asked for. */
export class MemoryTurns implements Turns {
  readonly #last = new Map<string, Promise<void>>();
  /** Names, in the order in which their turns began. */
  readonly taken: string[] = [];
  /** Turns of all names that were asked for and have not ended. */
  #open = 0;

  async take(name: string, signal: AbortSignal, onWait: () => void): Promise<Turn> {
    const before = this.#last.get(name);
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    this.#last.set(
      name,
      (before ?? Promise.resolve()).then(() => ended),
    );
    if (this.#open > 0) onWait();
    this.#open += 1;
    await before;
    this.taken.push(name);
    const turn = {
      end: () => {
        this.#open -= 1;
        end();
        return Promise.resolve();
      },
    };
    if (signal.aborted) await turn.end();
    throwIfCancelled(signal);
    return turn;
  }
}
