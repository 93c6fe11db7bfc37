import type { Readable } from 'node:stream';
import { extract, type Extract } from 'tar-stream';
import { isDaoChainError } from '../../core/errors';
import { sha256Digest, type Digest } from '../../core/image/digest';
import { identityFromConfig, type Location } from '../../core/image/fingerprint';
import type { ImageIdentity } from '../../core/image/identity';
import { malformed } from '../../core/image/malformed';
import {
  isForNoPlatform,
  isIndexType,
  isManifestType,
  parseIndex,
  parseManifest,
  type Descriptor,
} from '../../core/image/manifest';
import { imageJsonLimits } from '../../core/image/jsonReader';

/** What was to be an archive is none. */
export class ArchiveDamaged extends Error {}

/** Which image of a saved archive is looked for, as the engine's `inspect` names it. */
export interface SavedTarget {
  /** Digest of a config (classic store), or of `root` (containerd store). */
  readonly id: Digest;
  readonly root: 'config' | 'manifest' | 'index';
  /** What the engine says it would run; chooses between the images of an index. */
  readonly inspected: ImageIdentity;
}

const limits = { entries: 100_000, keptBlobs: 1_000, keptBytes: 16 * 1024 * 1024, indexDepth: 4 };

/**
 * Reads a `docker save` stream until the config of `target` is there, with every digest on the way from the image's ID
 * to it checked, and no further. Takes the classic layout (`<hex>.json`) and the OCI layout (`blobs/sha256/<hex>`):
 * what an archive calls its entries is only a claim, the ID is not. Throws `imageMalformed`, {@link ArchiveDamaged}
 * when this is no archive, and whatever ends `archive` early. `onProgress` counts bytes read.
 */
export async function readSavedImage(
  archive: Readable,
  target: SavedTarget,
  onProgress?: (bytes: number) => void,
): Promise<ImageIdentity> {
  const tar = extract();
  let read = 0;
  let interruption: Error | undefined;
  archive.on('data', (chunk: Buffer) => {
    read += chunk.length;
    onProgress?.(read);
  });
  archive.on('error', (error) => {
    interruption = error;
    tar.destroy();
  });
  archive.on('close', () => {
    if (archive.readableEnded) return;
    interruption ??= new Error('The archive was not read to its end');
    tar.destroy();
  });
  archive.pipe(tar);
  try {
    return await findInEntries(tar, target);
  } catch (error) {
    if (interruption !== undefined) throw interruption;
    if (isDaoChainError(error)) throw error;
    throw new ArchiveDamaged('This is no archive that can be read', { cause: error });
  } finally {
    archive.destroy();
  }
}

async function findInEntries(tar: Extract, target: SavedTarget): Promise<ImageIdentity> {
  const blobs = new BlobStore();
  const names = new Set<string>();
  for await (const entry of tar) {
    const { name, type, size } = entry.header;
    if (names.has(name)) throw malformed('archive', `The archive has ${JSON.stringify(name)} twice`);
    if (names.size === limits.entries) throw malformed('tooLarge', 'The archive has too many entries');
    names.add(name);
    const digest = claimedDigest(name);
    const wanted = digest === target.id || target.root !== 'config';
    if (digest === undefined || !wanted || type !== 'file' || size > imageJsonLimits.bytes) {
      entry.resume();
      continue;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    const found = blobs.keep(digest, Buffer.concat(chunks)) ? find(blobs, target, false) : undefined;
    if (found !== undefined) return found;
  }
  const found = find(blobs, target, true);
  if (found === undefined) throw malformed('archive', 'The archive does not hold the image that the engine describes');
  return found;
}

function claimedDigest(name: string): Digest | undefined {
  const hex = /^(?:blobs\/sha256\/([0-9a-f]{64})|([0-9a-f]{64})\.json)$/.exec(name);
  return hex === null ? undefined : `sha256:${hex[1] ?? hex[2] ?? ''}`;
}

/** The small JSON documents of an archive. Blobs come sorted by digest, so a config may come before what names it. */
class BlobStore {
  readonly #blobs = new Map<Digest, Uint8Array>();
  readonly #checked = new Set<Digest>();
  #bytes = 0;

  /** Keeps what looks like a JSON object; layers do not. */
  keep(digest: Digest, bytes: Uint8Array): boolean {
    if (bytes.find((byte) => !whiteSpace.has(byte)) !== openingBrace) return false;
    this.#bytes += bytes.length;
    if (this.#blobs.size === limits.keptBlobs || this.#bytes > limits.keptBytes) {
      throw malformed('tooLarge', 'The archive holds too many documents');
    }
    this.#blobs.set(digest, bytes);
    return true;
  }

  /** The blob's bytes once they are here, checked against the digest and, where one is given, the size. */
  get(digest: Digest, size?: number): Uint8Array | undefined {
    const bytes = this.#blobs.get(digest);
    if (bytes === undefined) return undefined;
    if (!this.#checked.has(digest)) {
      if (sha256Digest(bytes) !== digest) throw malformed('digest', `The bytes of ${digest} are others`);
      this.#checked.add(digest);
    }
    if (size !== undefined && bytes.length !== size) throw malformed('digest', `The size of ${digest} is another`);
    return bytes;
  }
}

const whiteSpace = new Set(Buffer.from(' \t\n\r'));
const [openingBrace] = Buffer.from('{');

/**
 * The identity of the target, or undefined while a document is missing. `complete`: nothing more will come, so that
 * what was passed over before is an error now.
 */
function find(blobs: BlobStore, { id, root, inspected }: SavedTarget, complete: boolean): ImageIdentity | undefined {
  if (root === 'config') {
    const config = blobs.get(id);
    return config && identityFromConfig(config);
  }
  if (root === 'manifest') return identityOf(blobs, { digest: id }, {});
  const images = imagesOf(blobs, { digest: id }, complete);
  if (images?.length === 1 && images[0] !== undefined) return identityOf(blobs, images[0], { indexDigest: id });
  // Platforms in an index are claims too, and engines differ in how they choose by them. What the engine prints of the
  // image that it would run may have lost something, but whatever equals it in all is that image or no different.
  return images
    ?.map((image) => {
      try {
        return identityOf(blobs, image, { indexDigest: id });
      } catch (error) {
        if (complete) throw error;
        return undefined;
      }
    })
    .find((each) => each?.fingerprint === inspected.fingerprint && each.dockerFields === inspected.dockerFields);
}

type Named = Pick<Descriptor, 'digest'> & Partial<Pick<Descriptor, 'size'>>;

function identityOf(blobs: BlobStore, { digest, size }: Named, location: Location): ImageIdentity | undefined {
  const bytes = blobs.get(digest, size);
  if (bytes === undefined) return undefined;
  const { config } = parseManifest(bytes);
  const configBytes = blobs.get(config.digest, config.size);
  return configBytes && identityFromConfig(configBytes, { ...location, manifestDigest: digest });
}

/** The manifests of an index and of those inside it that could run; undefined while an index is missing. */
function imagesOf(
  blobs: BlobStore,
  { digest, size }: Named,
  complete: boolean,
  depth = 1,
): readonly Descriptor[] | undefined {
  if (depth > limits.indexDepth) throw malformed('tooLarge', 'Indexes in indexes in indexes');
  const bytes = blobs.get(digest, size);
  if (bytes === undefined) return undefined;
  const images: Descriptor[] = [];
  for (const child of parseIndex(bytes).manifests) {
    if (isForNoPlatform(child)) continue;
    if (isManifestType(child.mediaType)) images.push(child);
    if (!isIndexType(child.mediaType)) continue;
    const inner = imagesOf(blobs, child, complete, depth + 1);
    if (inner === undefined && !complete) return undefined;
    images.push(...(inner ?? []));
  }
  return images;
}
