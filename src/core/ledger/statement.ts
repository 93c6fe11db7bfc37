import { keccak_256 } from '@noble/hashes/sha3';
import { concatBytes } from '@noble/hashes/utils';
import { DaoChainError } from '../errors';
import type { Hex32 } from '../hex';
import { toHex } from '../hex';
import type { Digest } from '../image/digest';
import { digestBytes, digestFromBytes, isDigest } from '../image/digest';
import { dockerFieldNames, type DockerFieldName } from '../image/fingerprint';
import type { Platform } from '../image/identity';
import type { Leaf, Statement } from './types';

/** Bytes that the contract accepts in one entry. */
export const maximumBodyLength = 16_384;

const version = 2;
const hasIndexDigest = 1;
const isIndexCarried = 2;
const hasManifestDigest = 1;
/** One flag for each docker-only field, from this one on, in the order of `dockerFieldNames`. */
const firstFieldFlag = 2;
const isContentCarried = firstFieldFlag << dockerFieldNames.length;
const isDigestCarried = isContentCarried << 1;
const fieldFlags = isContentCarried - firstFieldFlag;
const part = /^[A-Za-z0-9._+-]{1,64}$/;
/** Build records (SBOM, provenance) are listed in an index under this name; they are not images. */
const notAnImage = 'unknown/unknown';

/** Also of a revocation. */
export function statementInvalid(message: string, cause?: unknown): DaoChainError {
  return new DaoChainError('statementInvalid', message, { cause });
}

/**
 * `os/architecture[/variant][:osVersion]`, the name of a platform inside a statement; its bytes are the sorting key.
 * `statementInvalid` for a part that is not 1 to 64 letters, digits, `.`, `_`, `+` or `-`.
 */
export function platformText(platform: Platform): string {
  const { os, architecture, variant, osVersion } = platform;
  const parts = variant === undefined ? [os, architecture] : [os, architecture, variant];
  for (const each of osVersion === undefined ? parts : [...parts, osVersion]) {
    if (!part.test(each)) throw statementInvalid('A part of the platform cannot be stated');
  }
  const text = parts.join('/') + (osVersion === undefined ? '' : `:${osVersion}`);
  if (text === notAnImage) throw statementInvalid('The platform unknown/unknown is not an image');
  return text;
}

function parsePlatform(text: string): Platform {
  const [names = '', osVersion, ...more] = text.split(':');
  const [os = '', architecture = '', variant, ...rest] = names.split('/');
  const platform = {
    os,
    architecture,
    ...(variant !== undefined && { variant }),
    ...(osVersion !== undefined && { osVersion }),
  };
  if (more.length > 0 || rest.length > 0 || platformText(platform) !== text) throw statementInvalid('Not a platform');
  return platform;
}

function digest(value: Digest): Uint8Array {
  if (!isDigest(value)) throw statementInvalid('Not a sha256 digest');
  return digestBytes(value);
}

function flagsOf({ manifestDigest, dockerFieldNames: names = [], carried }: Leaf): number {
  if (carried?.digests === true && manifestDigest === undefined)
    throw statementInvalid('No digest that could be carried');
  const fields = dockerFieldNames.reduce((sum, name, i) => sum + (names.includes(name) ? firstFieldFlag << i : 0), 0);
  return (
    fields +
    (manifestDigest === undefined ? 0 : hasManifestDigest) +
    (carried?.content === true ? isContentCarried : 0) +
    (carried?.digests === true ? isDigestCarried : 0)
  );
}

function fieldsOf(flags: number): readonly DockerFieldName[] {
  return dockerFieldNames.filter((_, i) => (flags & (firstFieldFlag << i)) !== 0);
}

function encodeLeaf(leaf: Leaf, platform: string): Uint8Array {
  const { configSize: size, manifestDigest } = leaf;
  if (!Number.isInteger(size) || size < 0 || size > 0xffff_ffff)
    throw statementInvalid('The size of the config is not 32 bits');
  return concatBytes(
    Uint8Array.of(flagsOf(leaf), platform.length),
    new TextEncoder().encode(platform),
    digest(leaf.configDigest),
    Uint8Array.of(size >>> 24, size >>> 16, size >>> 8, size),
    digest(leaf.fingerprint),
    digest(leaf.dockerFields),
    manifestDigest === undefined ? new Uint8Array() : digest(manifestDigest),
  );
}

/** Leaves in the order of the encoding, by their platforms' names; `statementInvalid` when a platform appears twice. */
export function byPlatform(leaves: Iterable<Leaf>): Map<string, Leaf> {
  const sorted = new Map<string, Leaf>();
  // ASCII throughout, so the order of code units is the order of bytes.
  for (const leaf of [...leaves].sort((a, b) => (platformText(a.platform) < platformText(b.platform) ? -1 : 1))) {
    const text = platformText(leaf.platform);
    if (sorted.has(text)) throw statementInvalid('A platform appears twice');
    sorted.set(text, leaf);
  }
  return sorted;
}

/**
 * The one encoding of a statement (docs/statement.md), at most 16,384 bytes. Leaves may come in any order.
 * `statementInvalid` for no leaf, a platform that appears twice, a mark of a digest that is not there, and what the encoding
 * cannot hold.
 */
export function encodeStatement({ leaves, indexDigest, isIndexCarried: isCarried }: Statement): Uint8Array {
  if (leaves.length === 0 || leaves.length > 255) throw statementInvalid('A statement has 1 to 255 platforms');
  if (isCarried === true && indexDigest === undefined) throw statementInvalid('No index digest that could be carried');
  const bytes = concatBytes(
    Uint8Array.of(
      version,
      (indexDigest === undefined ? 0 : hasIndexDigest) + (isCarried === true ? isIndexCarried : 0),
    ),
    indexDigest === undefined ? new Uint8Array() : digest(indexDigest),
    Uint8Array.of(leaves.length),
    ...[...byPlatform(leaves)].map(([platform, leaf]) => encodeLeaf(leaf, platform)),
  );
  if (bytes.length > maximumBodyLength) throw statementInvalid('The statement is too long for the ledger');
  return bytes;
}

/** Reads from front to back; every step beyond the end is `statementInvalid`. */
class Reader {
  #position = 0;

  constructor(private readonly bytes: Uint8Array) {}

  take(length: number): Uint8Array {
    const end = this.#position + length;
    if (end > this.bytes.length) throw statementInvalid('The statement ends early');
    const taken = this.bytes.subarray(this.#position, end);
    this.#position = end;
    return taken;
  }

  uint(length: number): number {
    return this.take(length).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** `digest` and `mark`, which says that it is carried and needs it, are bits; `more` has the others that may be set. */
  flags(digest: number, mark: number, more = 0): number {
    const value = this.uint(1);
    if ((value & ~(digest | mark | more)) !== 0) throw statementInvalid('The statement sets a flag of another version');
    if ((value & mark) !== 0 && (value & digest) === 0) throw statementInvalid('No digest that could be carried');
    return value;
  }

  digest(): Digest {
    return digestFromBytes(this.take(32));
  }

  end(): void {
    if (this.#position !== this.bytes.length) throw statementInvalid('Data after the statement');
  }
}

function readLeaf(reader: Reader): Leaf & { readonly text: string } {
  const flags = reader.flags(hasManifestDigest, isDigestCarried, isContentCarried | fieldFlags);
  const names = fieldsOf(flags);
  const carried = {
    ...((flags & isContentCarried) !== 0 && { content: true as const }),
    ...((flags & isDigestCarried) !== 0 && { digests: true as const }),
  };
  const text = String.fromCharCode(...reader.take(reader.uint(1)));
  return {
    text,
    platform: parsePlatform(text),
    configDigest: reader.digest(),
    configSize: reader.uint(4),
    fingerprint: reader.digest(),
    dockerFields: reader.digest(),
    ...(names.length > 0 && { dockerFieldNames: names }),
    ...((flags & hasManifestDigest) !== 0 && { manifestDigest: reader.digest() }),
    ...(Object.keys(carried).length > 0 && { carried }),
  };
}

/** The inverse of {@link encodeStatement}; `statementInvalid` for every byte string that it does not produce. */
export function decodeStatement(bytes: Uint8Array): Statement {
  if (bytes.length > maximumBodyLength) throw statementInvalid('The statement is too long for the ledger');
  const reader = new Reader(bytes);
  if (reader.uint(1) !== version) throw statementInvalid('The statement is of another version');
  const flags = reader.flags(hasIndexDigest, isIndexCarried);
  const indexDigest = (flags & hasIndexDigest) !== 0 ? reader.digest() : undefined;
  const count = reader.uint(1);
  if (count === 0) throw statementInvalid('The statement has no platform');
  const leaves: Leaf[] = [];
  let before = '';
  for (let i = 0; i < count; i++) {
    const { text, ...leaf } = readLeaf(reader);
    if (text <= before) throw statementInvalid('The platforms are not in order');
    leaves.push(leaf);
    before = text;
  }
  reader.end();
  return {
    leaves,
    ...(indexDigest !== undefined && { indexDigest }),
    ...((flags & isIndexCarried) !== 0 && { isIndexCarried: true }),
  };
}

/** What a revocation names: keccak256 of the statement's bytes. */
export function statementHash(body: Uint8Array): Hex32 {
  return toHex(keccak_256(body));
}
