/**
 * The hashes of the ledger contract, byte for byte (contracts/IDaoChainLedger.sol). Everything is
 * `keccak256(abi.encode(…))`; the encodings are written out because `core` carries no ABI library.
 */
import { keccak_256 } from '@noble/hashes/sha3';
import { concatBytes } from '@noble/hashes/utils';
import type { Address, Hex, Hex20, Hex32 } from '../hex';
import { fromHex, toHex } from '../hex';
import type { PublisherId } from './types';

/** The link of a key that nobody has used. */
export const zeroWord: Hex32 = `0x${'0'.repeat(64)}`;

/** Everything of an entry that its content hash covers. */
export interface EntryContent {
  readonly previous: Hex20;
  readonly key: Hex32;
  /** The on-chain number of the kind. */
  readonly kind: number;
  readonly signer: Address;
  readonly validUntil: number | bigint;
  /** keccak256 of the body: of a statement, its name in a revocation. */
  readonly bodyHash: Hex32;
}

function uint(value: number | bigint): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

/** Hash of values that are one word each; all of them are hex already. */
function hashWords(...words: readonly Hex[]): Hex32 {
  return toHex(keccak_256(fromHex(`0x${words.map((word) => word.slice(2)).join('')}`)));
}

/** The tail of a `string`: its length, then its bytes padded to whole words. */
function textTail(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(32 + Math.ceil(bytes.length / 32) * 32);
  new DataView(padded.buffer).setUint32(28, bytes.length);
  padded.set(bytes, 32);
  return padded;
}

/** `keccak256(abi.encode(repository, tag))`. */
export function nameHash(repository: string, tag: string): Hex32 {
  const tail = textTail(repository);
  const head = fromHex(`0x${uint(64).slice(2)}${uint(64 + tail.length).slice(2)}`);
  return toHex(keccak_256(concatBytes(head, tail, textTail(tag))));
}

/** `keccak256(abi.encode(publisher, name))`. */
export function linkKey(publisher: PublisherId, name: Hex32): Hex32 {
  return hashWords(publisher, name);
}

/** `keccak256(abi.encode(previous, key, kind, signer, validUntil, keccak256(body)))`. */
export function contentHash(content: EntryContent): Hex32 {
  const { previous, key, kind, signer, validUntil, bodyHash } = content;
  // bytes20 stands at the left of its word, an address at the right.
  return hashWords(`${previous}${'0'.repeat(24)}`, key, uint(kind), uint(BigInt(signer)), uint(validUntil), bodyHash);
}

/** The part of a link that holds no block data; the next entry of the key names it. */
export function linkContent(word: Hex32): Hex20 {
  return `0x${word.slice(2, 42)}`;
}

/** `bytes20(content) ‖ bytes12(keccak256(abi.encode(link before, content, block.number, block.timestamp)))`. */
export function nextWord(before: Hex32, content: Hex32, block: number, time: number): Hex32 {
  const seal = hashWords(before, content, uint(block), uint(time));
  return `${linkContent(content)}${seal.slice(2, 26)}`;
}
