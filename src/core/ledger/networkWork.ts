/** What the newest blocks tell of those who mine them. */
import type { Address } from '../hex';

export interface WorkBlock {
  readonly number: number;
  /** Unix seconds. */
  readonly time: number;
  readonly difficulty: bigint;
  /** Whom it paid. */
  readonly miner: Address;
}

export interface NetworkWork {
  /** Of the newest block: how many hashes a block takes on average. */
  readonly difficulty: bigint;
  /** How many blocks what follows is of; the first block of a chain is nobody's work. */
  readonly blocks: number;
  /** Of these, those that paid the reader. */
  readonly own: number;
  /** Seconds from block to block, on average; undefined as long as there are no two mined blocks. */
  readonly blockSeconds: number | undefined;
  /** Hashes for each second of all who mine together. */
  readonly hashrate: number | undefined;
}

/** So many blocks say how fast a chain is: a smaller number would jump, a larger one would be late. */
export const observedBlocks = 32;

/** `blocks`: the newest ones, ascending. Undefined as long as nothing was mined. */
export function networkWork(blocks: readonly WorkBlock[], own: Address | undefined): NetworkWork | undefined {
  const mined = blocks.filter(({ number }) => number > 0);
  const [first, last] = [mined[0], mined.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const rest = mined.slice(1);
  // Each block is at least a second later than the one before.
  const seconds = last.time - first.time;
  const hashes = Number(rest.reduce((sum, { difficulty }) => sum + difficulty, 0n));
  const isMeasured = rest.length > 0 && seconds > 0;
  return {
    difficulty: last.difficulty,
    blocks: mined.length,
    own: mined.filter(({ miner }) => miner === own).length,
    blockSeconds: isMeasured ? seconds / rest.length : undefined,
    hashrate: isMeasured ? hashes / seconds : undefined,
  };
}
