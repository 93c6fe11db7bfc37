import { differences, equivalence, presentDockerFields } from '../image/equivalence';
import { dockerFieldsDigest, fingerprint } from '../image/fingerprint';
import type { ImageContent, ImageIdentity } from '../image/identity';
import { samePlatform } from '../image/platform';
import type { Leaf, Statement } from '../ledger/types';
import type { Match } from './verdict';

/**
 * The content behind a leaf's hashes, where the reader has it: it tells what differs, and which fields were lost. It is
 * hashed again before it is believed.
 */
export type ContentOf = (leaf: Leaf) => ImageContent | undefined;

/** What a statement says about an image. */
export type Comparison =
  | { readonly relation: 'same'; readonly match: Match; readonly differences: readonly string[] }
  /** Other content for the image's platform. `differences` is empty where they cannot be named. */
  | { readonly relation: 'other'; readonly differences: readonly string[] }
  /** The same, or something was lost that must not be: only the content that was signed can tell. */
  | { readonly relation: 'undecided' }
  /** Nothing about the image's platform. */
  | { readonly relation: 'elsewhere' };

function compareLeaf(leaf: Leaf, image: ImageIdentity, isDigestSigned: boolean, contentOf?: ContentOf): Comparison {
  if (equivalence(leaf, image).kind === 'exact') {
    return { relation: 'same', match: isDigestSigned ? 'exact' : 'content', differences: [] };
  }
  // Engines leave things out of what they print, so from there a difference may be the engine's, not the image's.
  if (image.source === 'inspect') return { relation: 'other', differences: [] };

  const signed = contentBehind(leaf, contentOf);
  const names = signed && { dockerFieldNames: presentDockerFields(signed) };
  const found = equivalence({ ...leaf, ...names }, image);
  if (found.kind === 'equivalent') return { relation: 'same', match: 'equivalent', differences: found.dropped };
  if (found.kind === 'undetermined') return { relation: 'undecided' };
  return { relation: 'other', differences: signed === undefined ? [] : differences(signed, image.content) };
}

function contentBehind(leaf: Leaf, contentOf?: ContentOf): ImageContent | undefined {
  const content = contentOf?.(leaf);
  if (content === undefined || fingerprint(content) !== leaf.fingerprint) return undefined;
  return dockerFieldsDigest(content) === leaf.dockerFields ? content : undefined;
}

function isSameDigest(signed: string | undefined, found: string | undefined): boolean {
  return signed !== undefined && signed === found;
}

/**
 * Compares by content: the two content hashes of the leaf of the image's platform decide, and a digest only tells `exact`
 * from `content`. So a leaf whose config digest is the image's but whose hashes are not is other content. A signed index
 * digest stands for platforms that have no leaf.
 */
export function compare(statement: Statement, image: ImageIdentity, contentOf?: ContentOf): Comparison {
  const isIndexSigned = isSameDigest(statement.indexDigest, image.indexDigest);
  const compared = statement.leaves
    .filter((leaf) => samePlatform(leaf.platform, image.platform))
    .map((leaf) => {
      const isLeafDigest =
        isSameDigest(leaf.configDigest, image.configDigest) || isSameDigest(leaf.manifestDigest, image.manifestDigest);
      return compareLeaf(leaf, image, isIndexSigned || isLeafDigest, contentOf);
    });
  // Two leaves can mean one platform (`amd64` and `amd64/v1`); the image may be either.
  for (const relation of ['same', 'undecided', 'other'] as const) {
    const found = compared.find((each) => each.relation === relation);
    if (found !== undefined) return found;
  }
  return isIndexSigned ? { relation: 'same', match: 'exact', differences: [] } : { relation: 'elsewhere' };
}
