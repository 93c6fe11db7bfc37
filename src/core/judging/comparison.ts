import { differences, equivalence } from '../image/equivalence';
import { dockerFieldsDigest, fingerprint } from '../image/fingerprint';
import { isKnownByManifest, type ImageContent, type ImageIdentity } from '../image/identity';
import { samePlatform } from '../image/platform';
import type { Leaf, Statement } from '../ledger/types';
import type { Match } from './verdict';

/**
 * The content behind a leaf's hashes, where the reader has it. It only gives differences their names; nothing is judged
 * by it.
 */
export type ContentOf = (leaf: Leaf) => ImageContent | undefined;

/** What a statement says about an image. */
export type Comparison =
  | { readonly relation: 'same'; readonly match: Match; readonly differences: readonly string[] }
  /** Other content for the image's platform. `differences` is empty where they cannot be named. */
  | { readonly relation: 'other'; readonly differences: readonly string[] }
  /**
   * The same content, or one that has lost something that matters: the statement does not say which docker-only fields
   * the signed image had.
   */
  | { readonly relation: 'undecided' }
  /** Nothing about the image's platform. */
  | { readonly relation: 'elsewhere' };

function compareLeaf(leaf: Leaf, image: ImageIdentity, isDigestSigned: boolean, contentOf?: ContentOf): Comparison {
  const found = equivalence(leaf, image);
  if (found.kind === 'exact') return { relation: 'same', match: isDigestSigned ? 'exact' : 'content', differences: [] };
  // Engines leave things out of what they print, so a difference found there may come from the engine and not from the
  // image.
  if (image.source === 'inspect') return { relation: 'other', differences: [] };
  switch (found.kind) {
    case 'equivalent':
      return { relation: 'same', match: 'equivalent', differences: found.dropped };
    case 'undetermined':
      return { relation: 'undecided' };
    case 'different':
      return { relation: 'other', differences: namedDifferences(leaf, image, contentOf?.(leaf)) };
  }
}

function namedDifferences(leaf: Leaf, image: ImageIdentity, signed: ImageContent | undefined): readonly string[] {
  const isSigned =
    signed && fingerprint(signed) === leaf.fingerprint && dockerFieldsDigest(signed) === leaf.dockerFields;
  return isSigned ? differences(signed, image.content) : [];
}

export function isSameDigest(signed: string | undefined, found: string | undefined): boolean {
  return signed !== undefined && signed === found;
}

/**
 * Compares by content: the two content hashes of the leaf of the image's platform decide, and a digest only tells `exact`
 * from `content`; of the config only where that tells the layers. So a leaf whose config digest is the image's but whose hashes are not is other content. A signed index
 * digest stands for platforms that have no leaf.
 */
export function compare(statement: Statement, image: ImageIdentity, contentOf?: ContentOf): Comparison {
  const isIndexSigned = isSameDigest(statement.indexDigest, image.indexDigest);
  const compared = statement.leaves
    .filter((leaf) => samePlatform(leaf.platform, image.platform))
    .map((leaf) => {
      const isConfigSigned = !isKnownByManifest(image) && isSameDigest(leaf.configDigest, image.configDigest);
      const isLeafDigest = isConfigSigned || isSameDigest(leaf.manifestDigest, image.manifestDigest);
      return compareLeaf(leaf, image, isIndexSigned || isLeafDigest, contentOf);
    });
  // Two leaves can mean one platform (`amd64` and `amd64/v1`); the image may be either.
  for (const relation of ['same', 'undecided', 'other'] as const) {
    const found = compared.find((each) => each.relation === relation);
    if (found !== undefined) return found;
  }
  return isIndexSigned ? { relation: 'same', match: 'exact', differences: [] } : { relation: 'elsewhere' };
}
