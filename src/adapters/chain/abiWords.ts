/**
 * The parts of the contract ABI (Solidity, "Contract ABI Specification") that are read and written by the thousand:
 * lists of whole words, and the one event with every attestation. An ABI library takes some 100 µs for each element.
 */
import type { Hex, Hex32 } from '../../core/hex';

function word(value: number): string {
  return value.toString(16).padStart(64, '0');
}

/** A call whose arguments are lists of words. Each element is 20 or 32 bytes and is padded as a number is. */
export function encodeLists(selector: Hex, ...lists: readonly (readonly Hex[])[]): Hex {
  let offset = lists.length * 32;
  let head = '';
  let tail = '';
  for (const list of lists) {
    head += word(offset);
    tail += word(list.length) + list.map((element) => element.slice(2).padStart(64, '0')).join('');
    offset += 32 + list.length * 32;
  }
  return `${selector}${head}${tail}`;
}

/** The words of an answer that is one list of `count` elements of `size` words. Throws a RangeError for any other. */
export function decodeList(data: Hex, count: number, size = 1): Hex32[] {
  const words = splitWords(data);
  if (words.length !== 2 + count * size || Number(words[0]) !== 32 || Number(words[1]) !== count) {
    throw new RangeError('not a list of as many elements as were asked for');
  }
  return words.slice(2);
}

function splitWords(data: Hex): Hex32[] {
  if (data.length % 64 !== 2) throw new RangeError('not whole words');
  return Array.from(
    { length: (data.length - 2) / 64 },
    (_, index): Hex32 => `0x${data.slice(2 + index * 64, 66 + index * 64)}`,
  );
}

/** The bytes of the `bytes` or `string` whose offset is word `index`. Throws a RangeError if they are not all there. */
export function dynamicBytes(data: Hex, index: number): Hex {
  const offset = numberAt(data, index * 32);
  const length = numberAt(data, offset);
  const start = 2 + (offset + 32) * 2;
  if (start + length * 2 > data.length) throw new RangeError('bytes beyond the end');
  return `0x${data.slice(start, start + length * 2)}`;
}

/** The word that begins at byte `offset`. Throws a RangeError if it is not all there. */
export function wordAt(data: Hex, offset: number): Hex32 {
  const digits = data.slice(2 + offset * 2, 66 + offset * 2);
  if (digits.length < 64) throw new RangeError('a word beyond the end');
  return `0x${digits}`;
}

/** The word that begins at byte `offset`, as a number of at most 53 bits. Throws a RangeError for more. */
export function numberAt(data: Hex, offset: number): number {
  const value = Number(wordAt(data, offset));
  if (!Number.isSafeInteger(value)) throw new RangeError('not a small number');
  return value;
}
