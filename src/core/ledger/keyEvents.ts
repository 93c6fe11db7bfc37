import type { FoldResult } from './fold';
import { fold } from './fold';
import type { AttestedEvent } from './types';

/** The events of one key, at least one, in the order of the chain. They are folded when somebody asks, once. */
export class KeyEvents {
  #folded: FoldResult | undefined;
  #base: KeyEvents | undefined;

  constructor(
    readonly events: readonly AttestedEvent[],
    base?: KeyEvents,
  ) {
    this.#base = base;
  }

  /** These and later events; what has been folded is not folded again. */
  followedBy(later: readonly AttestedEvent[]): KeyEvents {
    const base = this.#folded === undefined ? (this.#base ?? this) : this;
    return new KeyEvents([...this.events, ...later], base);
  }

  get folded(): FoldResult {
    this.#folded ??= this.#fold();
    this.#base = undefined;
    return this.#folded;
  }

  #fold(): FoldResult {
    if (this.#base === undefined) return fold(this.events);
    const before = this.#base.folded;
    return before.history === undefined ? before : fold(this.events.slice(this.#base.events.length), before);
  }
}
