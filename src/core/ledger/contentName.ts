import { concatBytes } from '@noble/hashes/utils';
import type { Digest } from '../image/digest';
import { digestBytes, sha256Digest } from '../image/digest';
import type { Leaf } from './types';

/**
 * Under this name a publisher takes content back under every name it has. No image can be called so: a canonical
 * repository has a path after its registry.
 */
export const contentRepository = 'daochain:content';

/** What decides what an image is: both hashes of a leaf, or of an image. */
export type ContentHashes = Pick<Leaf, 'fingerprint' | 'dockerFields'>;

/** Equal for equal contents. */
export function contentKey({ fingerprint, dockerFields }: ContentHashes): string {
  return `${fingerprint} ${dockerFields}`;
}

/** The tag that stands for a content: sha256, in hex, of the 32 bytes of `fingerprint` and then those of `dockerFields`. */
export function contentTag({ fingerprint, dockerFields }: ContentHashes): string {
  const digest: Digest = sha256Digest(concatBytes(digestBytes(fingerprint), digestBytes(dockerFields)));
  return digest.slice('sha256:'.length);
}
