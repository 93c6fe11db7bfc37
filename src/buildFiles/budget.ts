/** What reading a project may cost is used up. */
export class TooMuch extends Error {
  override readonly name = 'TooMuch';
}

/**
 * Bounds the work that files of a stranger make: with aliases and merges a small text is a large tree. compose-go refuses
 * a document of 100,000 nodes.
 */
export class Budget {
  #left = 300_000;

  /** A `TooMuch` when nothing is left. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new TooMuch();
  }
}
