import type { BlockId } from '../../core/ledger/indexView';
import type { BlockHeader } from '../../core/ports/ledger';

/** The newest blocks of a chain, as far as each is known to follow the one before: what is below them is the same chain. */
export class ChainTrail {
  #blocks: readonly BlockHeader[] = [];

  /** `length`: how many blocks are kept. */
  constructor(private readonly length: number) {}

  /** Takes the new head. False where it does not follow what is known; then it is all that is known. */
  follow(head: BlockHeader): boolean {
    const last = this.#blocks.at(-1);
    if (last?.hash === head.hash) return true;
    const isNext = last?.hash === head.parentHash && last.number + 1 === head.number;
    this.#blocks = isNext ? [...this.#blocks, head].slice(-this.length) : [head];
    return isNext;
  }

  at(number: number): BlockId | undefined {
    return this.#blocks.find((block) => block.number === number);
  }

  clear(): void {
    this.#blocks = [];
  }
}
