import { concatBytes } from '@noble/hashes/utils';
import type { Digest } from '../image/digest';
import { digestBytes, sha256Digest } from '../image/digest';
import { isCanonicalRepository, isCanonicalTag } from '../image/reference';
import type { IsVoid } from './signerStanding';
import type { History, Leaf } from './types';

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

interface Name {
  readonly repository: string;
  readonly tag: string;
}

/** The reserved name of a content. */
export function contentName(content: ContentHashes): Name {
  return { repository: contentRepository, tag: contentTag(content) };
}

/** Whether this is the reserved name of some content. */
export function isContentName({ repository, tag }: Name): boolean {
  return repository === contentRepository && /^[0-9a-f]{64}$/.test(tag);
}

/** Whether readers take entries under this name: it is that of an image, in its one spelling, or of a content. */
export function isLedgerName(name: Name): boolean {
  return isContentName(name) || (isCanonicalRepository(name.repository) && isCanonicalTag(name.tag));
}

/** The first of each content. */
export function distinctContents<T extends ContentHashes>(contents: Iterable<T>): readonly T[] {
  const found = new Map<string, T>();
  for (const content of contents) {
    const key = contentKey(content);
    if (!found.has(key)) found.set(key, content);
  }
  return [...found.values()];
}

/** Of entries of one publisher that are about the same content under its reserved name the first: it needs no other. */
export function oncePerContent<T extends Name>(entries: readonly T[]): readonly T[] {
  const seen = new Set<string>();
  return entries.filter((entry) => {
    if (!isContentName(entry)) return true;
    const isFirst = !seen.has(entry.tag);
    seen.add(entry.tag);
    return isFirst;
  });
}

/**
 * Whether the last word of a history of reserved name is that its content is taken back: every revocation there says so,
 * whoever made it and whatever statement it names, and a later statement of this very content by a signer in good standing
 * lifts it.
 */
export function isTakenBackEverywhere({ attestations }: History, content: ContentHashes, isVoid: IsVoid): boolean {
  const last = attestations.findLast(
    (entry) =>
      entry.kind === 'revoke' ||
      (entry.body.type === 'statement' &&
        !isVoid(entry) &&
        entry.body.statement.leaves.some(
          (leaf) => leaf.carried?.content !== true && contentKey(leaf) === contentKey(content),
        )),
  );
  return last?.kind === 'revoke';
}
