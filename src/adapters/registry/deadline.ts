/** A signal that ends when another does, or when the time that was given last is over. */
export class Deadline {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(private readonly outer: AbortSignal) {
    outer.addEventListener('abort', this.abort);
    if (outer.aborted) this.abort();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether it was the time that ended the signal. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Counts from now on. */
  give(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isOver = true;
      this.abort();
    }, milliseconds);
  }

  /** Ends whatever still goes on. */
  readonly abort = (): void => {
    this.#controller.abort();
  };

  /** Nobody waits any longer. */
  end(): void {
    clearTimeout(this.#timer);
    this.outer.removeEventListener('abort', this.abort);
  }
}
