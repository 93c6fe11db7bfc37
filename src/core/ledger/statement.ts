import { keccak_256 } from '@noble/hashes/sha3';
import { concatBytes } from '@noble/hashes/utils';
import { DaoChainError } from '../errors';
import type { Hex32 } from '../hex';
import { toHex } from '../hex';
import type { Digest } from '../image/digest';
import { digestBytes, digestFromBytes, isDigest } from '../image/digest';
import { dockerFieldNames, type DockerFieldName } from '../image/fingerprint';
import type { Platform } from '../image/identity';
import { samePlatform } from '../image/platform';
import type { Leaf, Statement } from './types';

/** Bytes that the contract accepts in one entry. */
export const maximumBodyLength = 16_384;

const version = 1;
const hasIndexDigest = 1;
const hasManifestDigest = 1;
/** One flag for each docker-only field, from this one on, in the order of `dockerFieldNames`. */
const firstFieldFlag = 2;
const leafFlags = hasManifestDigest + firstFieldFlag * (2 ** dockerFieldNames.length - 1);
const part = /^[A-Za-z0-9._+-]{1,64}$/;
/** Build records (SBOM, provenance) are listed in an index under this name; they are not images. */
const notAnImage = 'unknown/unknown';

function invalid(message: string, cause?: unknown): DaoChainError {
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
    if (!part.test(each)) throw invalid('A part of the platform cannot be stated');
  }
  const text = parts.join('/') + (osVersion === undefined ? '' : `:${osVersion}`);
  if (text === notAnImage) throw invalid('The platform unknown/unknown is not an image');
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
  if (more.length > 0 || rest.length > 0 || platformText(platform) !== text) throw invalid('Not a platform');
  return platform;
}

function digest(value: Digest): Uint8Array {
  if (!isDigest(value)) throw invalid('Not a sha256 digest');
  return digestBytes(value);
}

function flagsOf({ manifestDigest, dockerFieldNames: names = [] }: Leaf): number {
  const fields = dockerFieldNames.reduce((sum, name, i) => sum + (names.includes(name) ? firstFieldFlag << i : 0), 0);
  return fields + (manifestDigest === undefined ? 0 : hasManifestDigest);
}

function fieldsOf(flags: number): readonly DockerFieldName[] {
  return dockerFieldNames.filter((_, i) => (flags & (firstFieldFlag << i)) !== 0);
}

function encodeLeaf(leaf: Leaf, platform: string): Uint8Array {
  const { configSize: size, manifestDigest } = leaf;
  if (!Number.isInteger(size) || size < 0 || size > 0xffff_ffff) throw invalid('The size of the config is not 32 bits');
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

/** Leaves in the order of the encoding; `statementInvalid` when a platform appears twice. */
function byPlatform(leaves: Iterable<Leaf>): Map<string, Leaf> {
  const sorted = new Map<string, Leaf>();
  // ASCII throughout, so the order of code units is the order of bytes.
  for (const leaf of [...leaves].sort((a, b) => (platformText(a.platform) < platformText(b.platform) ? -1 : 1))) {
    const text = platformText(leaf.platform);
    if (sorted.has(text)) throw invalid('A platform appears twice');
    sorted.set(text, leaf);
  }
  return sorted;
}

function statementOf(leaves: Iterable<Leaf>, indexDigest: Digest | undefined): Statement {
  return { leaves: [...byPlatform(leaves).values()], ...(indexDigest !== undefined && { indexDigest }) };
}

/**
 * The one encoding of a statement (docs/statement.md), at most 16,384 bytes. Leaves may come in any order.
 * `statementInvalid` for no leaf, a platform that appears twice, and what the encoding cannot hold.
 */
export function encodeStatement({ leaves, indexDigest }: Statement): Uint8Array {
  if (leaves.length === 0 || leaves.length > 255) throw invalid('A statement has 1 to 255 platforms');
  const bytes = concatBytes(
    Uint8Array.of(version, indexDigest === undefined ? 0 : hasIndexDigest),
    indexDigest === undefined ? new Uint8Array() : digest(indexDigest),
    Uint8Array.of(leaves.length),
    ...[...byPlatform(leaves)].map(([platform, leaf]) => encodeLeaf(leaf, platform)),
  );
  if (bytes.length > maximumBodyLength) throw invalid('The statement is too long for the ledger');
  return bytes;
}

/** Reads from front to back; every step beyond the end is `statementInvalid`. */
class Reader {
  #position = 0;

  constructor(private readonly bytes: Uint8Array) {}

  take(length: number): Uint8Array {
    const end = this.#position + length;
    if (end > this.bytes.length) throw invalid('The statement ends early');
    const taken = this.bytes.subarray(this.#position, end);
    this.#position = end;
    return taken;
  }

  uint(length: number): number {
    return this.take(length).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** `known` has the bits that may be set. */
  flags(known: number): number {
    const value = this.uint(1);
    if ((value & ~known) !== 0) throw invalid('The statement sets a flag of another version');
    return value;
  }

  digest(): Digest {
    return digestFromBytes(this.take(32));
  }

  end(): void {
    if (this.#position !== this.bytes.length) throw invalid('Data after the statement');
  }
}

function readLeaf(reader: Reader): Leaf & { readonly text: string } {
  const flags = reader.flags(leafFlags);
  const names = fieldsOf(flags);
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
  };
}

/** The inverse of {@link encodeStatement}; `statementInvalid` for every byte string that it does not produce. */
export function decodeStatement(bytes: Uint8Array): Statement {
  if (bytes.length > maximumBodyLength) throw invalid('The statement is too long for the ledger');
  const reader = new Reader(bytes);
  if (reader.uint(1) !== version) throw invalid('The statement is of another version');
  const indexDigest = reader.flags(hasIndexDigest) !== 0 ? reader.digest() : undefined;
  const count = reader.uint(1);
  if (count === 0) throw invalid('The statement has no platform');
  const leaves: Leaf[] = [];
  let before = '';
  for (let i = 0; i < count; i++) {
    const { text, ...leaf } = readLeaf(reader);
    if (text <= before) throw invalid('The platforms are not in order');
    leaves.push(leaf);
    before = text;
  }
  reader.end();
  return { leaves, ...(indexDigest !== undefined && { indexDigest }) };
}

/** What a revocation names: keccak256 of the statement's bytes. */
export function statementHash(body: Uint8Array): Hex32 {
  return toHex(keccak_256(body));
}

/** True if `leaf` says nothing that `before` does not say; what a local build cannot know is the manifest digest. */
function saysAll(before: Leaf, leaf: Leaf): boolean {
  return (
    platformText(before.platform) === platformText(leaf.platform) &&
    before.configDigest === leaf.configDigest &&
    before.fingerprint === leaf.fingerprint &&
    before.dockerFields === leaf.dockerFields &&
    (leaf.manifestDigest === undefined || leaf.manifestDigest === before.manifestDigest)
  );
}

/**
 * The statement of a publisher who signs `mine` again after `previous`: leaves of other platforms are carried forward,
 * and so is the manifest digest of content that has not changed. Another name of a platform (`arm64` of `arm64/v8`) is no
 * other platform: what it said would stay valid beside what replaces it. The index digest stays only if no leaf changed.
 */
export function mergeLeaves(previous: Statement | undefined, mine: readonly Leaf[]): Statement {
  const before = previous?.leaves ?? [];
  const replaced = before.filter(({ platform }) => mine.some((leaf) => samePlatform(leaf.platform, platform)));
  const stated = mine.map((leaf) => replaced.find((each) => saysAll(each, leaf)) ?? leaf);
  const isUnchanged = replaced.length === mine.length && stated.every((leaf) => replaced.includes(leaf));
  const carried = before.filter((leaf) => !replaced.includes(leaf));
  return statementOf([...carried, ...stated], isUnchanged ? previous?.indexDigest : undefined);
}
