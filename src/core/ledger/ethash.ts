/** Ethash's dataset, the DAG: which one a block needs, its size, and the name under which geth keeps it. */
import { keccak_256 } from '@noble/hashes/sha3';
import { toHex } from '../hex';

/** Blocks for which one dataset is good. */
export const epochLength = 30_000;

export function epochOf(block: number): number {
  return Math.floor(block / epochLength);
}

/** Bytes of the dataset of public chains; it has a prime number of rows of 128 bytes. */
export function datasetBytes(epoch: number): number {
  let rows = (2 ** 30 + 2 ** 23 * epoch) / 128 - 1;
  while (!isPrime(rows)) rows -= 2;
  return rows * 128;
}

/** Of the file, which begins with 8 bytes of geth's. */
export function datasetFileBytes(epoch: number): number {
  return datasetBytes(epoch) + 8;
}

/** What geth calls the file; `.be` comes after it on machines with the other order of bytes, which we have none of. */
export function datasetFileName(epoch: number): string {
  let seed: Uint8Array = new Uint8Array(32);
  for (let each = 0; each < epoch; each++) seed = keccak_256(seed);
  return `full-R23-${toHex(seed.subarray(0, 8)).slice(2)}`;
}

function isPrime(odd: number): boolean {
  for (let divisor = 3; divisor * divisor <= odd; divisor += 2) if (odd % divisor === 0) return false;
  return true;
}
