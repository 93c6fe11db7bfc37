import { sha256 } from '@noble/hashes/sha256';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils';

/** `sha256:` and 64 lower-case hex digits (OCI image spec, "Digests"; other algorithms are not accepted). */
export type Digest = `sha256:${string}`;

const pattern = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return pattern.test(text);
}

export function sha256Digest(bytes: Uint8Array): Digest {
  return `sha256:${bytesToHex(sha256(bytes))}`;
}

/** The 32 raw bytes of a digest. */
export function digestBytes(digest: Digest): Uint8Array {
  return hexToBytes(digest.slice('sha256:'.length));
}

export function digestFromBytes(bytes: Uint8Array): Digest {
  if (bytes.length !== 32) throw new RangeError('a sha256 digest has 32 bytes');
  return `sha256:${bytesToHex(bytes)}`;
}

/** First twelve hex digits, as Docker prints image IDs. */
export function shortDigest(digest: Digest): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12);
}
