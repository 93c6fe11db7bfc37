import { keccak_256 } from '@noble/hashes/sha3';
import { toHex, type Hex32 } from '../hex';

/** What the header of a block in its own bytes says (RLP, as geth exports it). */
export interface RawBlock {
  readonly number: number;
  readonly hash: Hex32;
  readonly parentHash: Hex32;
  /** How many bytes it has. */
  readonly length: number;
}

/** Many times what a block of our gas limit can hold. */
export const largestBlock = 16 * 2 ** 20;

/**
 * The block that `bytes` begins with: undefined where more of them are needed. Its hash is computed, so that whoever knows
 * the last of a chain knows that all before it are those. Throws a `RangeError` for what is no block.
 */
export function readRawBlock(bytes: Uint8Array): RawBlock | undefined {
  const block = item(bytes, 0, 'list');
  if (block === undefined) return undefined;
  if (block.end > largestBlock) throw new RangeError('a block that no chain of ours has');
  if (block.end > bytes.length) return undefined;
  const header = within(bytes, block.start, 'list', block.end);
  const parent = within(bytes, header.start, 'text', header.end);
  if (parent.end - parent.start !== 32) throw new RangeError('a block without a parent');
  let field = parent;
  for (let index = 1; index <= 8; index += 1) field = within(bytes, field.end, 'text', header.end);
  const number = bytes.subarray(field.start, field.end);
  if (number.length > 6 || number[0] === 0) throw new RangeError('a number that no block has');
  return {
    number: number.reduce((value, byte) => value * 256 + byte, 0),
    hash: toHex(keccak_256(bytes.subarray(block.start, header.end))),
    parentHash: toHex(bytes.subarray(parent.start, parent.end)),
    length: block.end,
  };
}

interface Item {
  /** Of what is in it. */
  readonly start: number;
  readonly end: number;
}

function within(bytes: Uint8Array, at: number, kind: 'list' | 'text', end: number): Item {
  const found = at < end ? item(bytes, at, kind) : undefined;
  if (found === undefined || found.end > end) throw new RangeError('a block that is cut off');
  return found;
}

/** Undefined where its length is not all there. */
function item(bytes: Uint8Array, at: number, kind: 'list' | 'text'): Item | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (kind === 'text' && first < 0x80) return { start: at, end: at + 1 };
  const base = kind === 'list' ? 0xc0 : 0x80;
  if (first < base || first > base + 0x3f) throw new RangeError(`no ${kind}`);
  if (first <= base + 55) return { start: at + 1, end: at + 1 + first - base };
  const size = first - base - 55;
  if (at + size >= bytes.length) return undefined;
  if (size > 4) throw new RangeError('longer than a block can be');
  const length = bytes.subarray(at + 1, at + 1 + size).reduce((value, byte) => value * 256 + byte, 0);
  return { start: at + 1 + size, end: at + 1 + size + length };
}
