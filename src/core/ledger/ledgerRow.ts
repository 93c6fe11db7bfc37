import type { Hex32 } from '../hex';
import { fromHex } from '../hex';
import { isDaoChainError } from '../errors';
import type { Digest } from '../image/digest';
import { digestBytes } from '../image/digest';
import { decodeStatement } from './statement';
import type { AttestedEvent, PublisherId } from './types';
import { entryKindNumber } from './types';

/** Where an entry is and what it speaks of; what it says is read from the chain. */
export interface LedgerRow {
  readonly publisher: PublisherId;
  readonly repository: string;
  readonly tag: string;
  readonly kind: number;
  readonly block: number;
  /** Unix seconds. */
  readonly time: number;
  /** Bytes of its body. */
  readonly size: number;
}

/** What rows are looked for by: the first six bytes of a digest or of a name's hash, as a number. Two can share one. */
export type RowMark = number;

const markBytes = 6;
const headBytes = 4 + 6 + 6 + 1 + 2 + 32;
/** Of a row's marks, which come last: the name's, then those of the digests. */
const markCountBytes = 2;

export function digestMark(digest: Digest): RowMark {
  return markOf(digestBytes(digest));
}

/** `name`: the hash of repository and tag. */
export function nameMark(name: Hex32): RowMark {
  return markOf(fromHex(name));
}

function markOf(bytes: Uint8Array): RowMark {
  const byte = (at: number): number => bytes[at] ?? 0;
  return (byte(0) * 256 + byte(1)) * 2 ** 32 + ((byte(2) * 256 + byte(3)) * 256 + byte(4)) * 256 + byte(5);
}

function statedDigests({ kind, body }: AttestedEvent): readonly Digest[] {
  if (kind === entryKindNumber.revoke) return [];
  try {
    const { indexDigest, leaves } = decodeStatement(fromHex(body));
    const digests = leaves.flatMap((leaf) => [leaf.configDigest, leaf.fingerprint, leaf.manifestDigest]);
    return [indexDigest, ...digests].filter((digest) => digest !== undefined);
  } catch (error) {
    if (isDaoChainError(error, 'statementInvalid')) return [];
    throw error;
  }
}

/**
 * The bytes of a row: length of all of it (4), block (6), time (6), kind (1), size of the body (2), publisher (32), then
 * repository and tag, each after a byte with its length, the number of marks (2) and the marks (6 each). Big-endian.
 */
export function encodeRow(event: AttestedEvent): Uint8Array {
  const { publisher, name, repository, tag, kind, block, time, body } = event;
  const text = new TextEncoder();
  const [repositoryBytes, tagBytes] = [text.encode(repository), text.encode(tag)];
  const marks = [...new Set([nameMark(name), ...statedDigests(event).map(digestMark)])];
  const length =
    headBytes + 1 + repositoryBytes.length + 1 + tagBytes.length + markCountBytes + markBytes * marks.length;
  const row = new Uint8Array(length);
  const view = new DataView(row.buffer);
  view.setUint32(0, length);
  setUint48(view, 4, block);
  setUint48(view, 10, time);
  view.setUint8(16, kind);
  view.setUint16(17, Math.min(0xffff, (body.length - 2) / 2));
  row.set(fromHex(publisher), 19);
  let at = headBytes;
  for (const bytes of [repositoryBytes, tagBytes]) {
    view.setUint8(at, bytes.length);
    row.set(bytes, at + 1);
    at += 1 + bytes.length;
  }
  view.setUint16(at, marks.length);
  at += markCountBytes;
  for (const mark of marks) {
    setUint48(view, at, mark);
    at += markBytes;
  }
  return row;
}

function setUint48(view: DataView, at: number, value: number): void {
  view.setUint16(at, Math.floor(value / 2 ** 32));
  view.setUint32(at + 2, value % 2 ** 32);
}

function uint48(view: DataView, at: number): number {
  return view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2);
}

/** Tells of each row in `bytes`, which holds whole rows, that has a mark for which `isWanted`. */
export function scanRows(
  bytes: Uint8Array,
  isWanted: (mark: RowMark) => boolean,
  onFound: (row: LedgerRow, mark: RowMark) => void,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0; start < bytes.length;) {
    const end = start + view.getUint32(start);
    const repositoryAt = start + headBytes;
    const tagAt = repositoryAt + 1 + view.getUint8(repositoryAt);
    const countAt = tagAt + 1 + view.getUint8(tagAt);
    for (let at = countAt + markCountBytes; at < end; at += markBytes) {
      const mark = uint48(view, at);
      if (isWanted(mark)) onFound(rowAt(bytes, view, start), mark);
    }
    start = end;
  }
}

function rowAt(bytes: Uint8Array, view: DataView, start: number): LedgerRow {
  const text = new TextDecoder();
  const textAt = (at: number): string => text.decode(bytes.subarray(at + 1, at + 1 + view.getUint8(at)));
  const repositoryAt = start + headBytes;
  const publisher = [...bytes.subarray(start + 19, start + 51)].map((byte) => byte.toString(16).padStart(2, '0'));
  return {
    publisher: `0x${publisher.join('')}`,
    repository: textAt(repositoryAt),
    tag: textAt(repositoryAt + 1 + view.getUint8(repositoryAt)),
    kind: view.getUint8(start + 16),
    block: uint48(view, start + 4),
    time: uint48(view, start + 10),
    size: view.getUint16(start + 17),
  };
}
