import { concatBytes } from '@noble/hashes/utils';
import { statementInvalid } from './statement';
import { fromHex, toHex } from '../hex';
import type { Revocation, RevocationReason } from './types';

/** Bytes of a note in UTF-8. */
export const maximumNoteLength = 512;

/** In the order of their codes, 0 to 4. */
export const revocationReasons = [
  'other',
  'compromised',
  'vulnerable',
  'mistake',
  'unsupported',
] as const satisfies readonly RevocationReason[];

/** Those that a person can give. */
export const givenReasons = revocationReasons.filter((reason) => reason !== 'other');

/** Reasons that are about the content, and so about every name that it has. */
const contentReasons: readonly RevocationReason[] = ['compromised', 'vulnerable'];

/** Whether what is taken back for this reason is taken back under every name of the publisher. */
export function isForEveryName(reason: RevocationReason): boolean {
  return contentReasons.includes(reason);
}

const hashLength = 32;
/** A byte order mark is text like any other, so that nothing is lost on the way back. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The one encoding of a revocation (docs/statement.md): statement hash, reason code, note in UTF-8. */
export function encodeRevocation(revocation: Revocation): Uint8Array {
  if (!/^0x[0-9a-f]{64}$/.test(revocation.statementHash)) throw statementInvalid('Not the hash of a statement');
  const note = new TextEncoder().encode(revocation.note);
  if (note.length > maximumNoteLength) throw statementInvalid('The note is too long');
  // A lone surrogate has no UTF-8; the encoder would silently write something else.
  if (utf8.decode(note) !== revocation.note) throw statementInvalid('The note is not Unicode text');
  const reason = revocationReasons.indexOf(revocation.reason);
  return concatBytes(fromHex(revocation.statementHash), Uint8Array.of(reason), note);
}

/** The inverse of {@link encodeRevocation}; `statementInvalid` for every byte string that it does not produce. */
export function decodeRevocation(bytes: Uint8Array): Revocation {
  const reason = revocationReasons[bytes[hashLength] ?? -1];
  if (reason === undefined) throw statementInvalid('The revocation gives a reason that is not known');
  const note = bytes.subarray(hashLength + 1);
  if (note.length > maximumNoteLength) throw statementInvalid('The note is too long');
  try {
    return { statementHash: toHex(bytes.subarray(0, hashLength)), reason, note: utf8.decode(note) };
  } catch (cause) {
    throw statementInvalid('The note is not Unicode text', cause);
  }
}

/**
 * What a reader makes of a revocation on the chain: whoever names a statement takes it back, even with a reason or a note
 * that this version cannot read. Otherwise what a later version writes would leave an image green in this one.
 * `statementInvalid` when not even the hash is there.
 */
export function readRevocation(bytes: Uint8Array): Revocation {
  try {
    return decodeRevocation(bytes);
  } catch (error) {
    if (bytes.length < hashLength) throw error;
    return { statementHash: toHex(bytes.subarray(0, hashLength)), reason: 'other', note: '' };
  }
}
