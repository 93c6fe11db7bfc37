/** Tells its listeners, in the order they came; a listener that throws does not keep the others from hearing. */
export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>();

  readonly event: Event<T> = (listener): Disposable => {
    // Each listener gets a wrapper of its own, so that one function can listen twice.
    const entry = (value: T): void => {
      listener(value);
    };
    this.#listeners.add(entry);
    return { dispose: () => this.#listeners.delete(entry) };
  };

  /** `onError` is called with what a listener throws; without it, that becomes an uncaught error. */
  constructor(private readonly onError: (error: unknown) => void = throwUncaught) {}

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  fire(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        this.onError(error);
      }
    }
  }
}

function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

export interface Disposable {
  dispose(): void;
}

/** A listener can be added; the returned object removes it. */
export type Event<T> = (listener: (value: T) => void) => Disposable;
