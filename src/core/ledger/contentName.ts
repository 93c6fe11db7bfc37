import { concatBytes } from '@noble/hashes/utils';
import type { Digest } from '../image/digest';
import { digestBytes, sha256Digest } from '../image/digest';
import type { ImageIdentity } from '../image/identity';
import type { History, Leaf } from './types';

/**
 * Under this name a publisher takes content back under every name it has. No image can be called so: a canonical
 * repository has a path after its registry.
 */
export const contentRepository = 'daochain:content';

/** What decides what an image is: both hashes of a leaf, or of an image. */
export type ContentHashes = Pick<Leaf, 'fingerprint' | 'dockerFields'>;

/** The tag that stands for a content: sha256, in hex, of the 32 bytes of `fingerprint` and then those of `dockerFields`. */
export function contentTag({ fingerprint, dockerFields }: ContentHashes): string {
  const digest: Digest = sha256Digest(concatBytes(digestBytes(fingerprint), digestBytes(dockerFields)));
  return digest.slice('sha256:'.length);
}

/** The reserved names under which an image's content, or a statement's that could mean the image, may be taken back. */
export function contentNames(
  identity: ImageIdentity,
  histories: readonly History[],
): readonly { readonly repository: string; readonly tag: string }[] {
  const alike = histories.flatMap(({ attestations }) =>
    attestations.flatMap(({ body }) =>
      body.type === 'statement' ? body.statement.leaves.filter((leaf) => isAlike(leaf, identity)) : [],
    ),
  );
  const tags = new Set([identity, ...alike].map(contentTag));
  return [...tags].map((tag) => ({ repository: contentRepository, tag }));
}

/** The same but for what a conversion drops, or the same by a digest. */
function isAlike(leaf: Leaf, { fingerprint, configDigest, manifestDigest }: ImageIdentity): boolean {
  return (
    leaf.fingerprint === fingerprint ||
    (configDigest !== undefined && leaf.configDigest === configDigest) ||
    (manifestDigest !== undefined && leaf.manifestDigest === manifestDigest)
  );
}
