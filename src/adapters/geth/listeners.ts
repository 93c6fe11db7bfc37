import type { Event } from '../../core/ports';

/** Those who want to hear of something. */
export class Listeners<T> {
  readonly #all = new Set<(value: T) => void>();

  readonly event: Event<T> = (listener) => {
    const entry = (value: T): void => {
      listener(value);
    };
    this.#all.add(entry);
    return { dispose: () => this.#all.delete(entry) };
  };

  fire(value: T): void {
    for (const listener of [...this.#all]) listener(value);
  }
}
