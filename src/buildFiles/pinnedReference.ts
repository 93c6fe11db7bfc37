import type { Digest } from '../core/image/digest';
import { isCanonicalTag, parseReference, type ImageReference } from '../core/image/reference';
import type { Citation } from '../core/trust/verdict';
import type { VerifiedImage } from '../protocol/verifyImages';
import type { BaseImage } from './baseImages';

/**
 * The name with the digest that was judged and seen in a registry: `nginx` becomes `nginx:latest@sha256:…`. Undefined where
 * that digest is not verified, where there is one already, and where the name is not written out.
 */
export function pinnedReference(image: BaseImage, { verdict, registry }: VerifiedImage): string | undefined {
  const reference = writtenOut(image);
  const isVerified = verdict.kind === 'verified' && registry?.verdict.kind === 'verified';
  if (!isVerified || reference === undefined || reference.digest !== undefined) return undefined;
  return rewrite(reference, reference.tag ?? 'latest', registry.digest);
}

/** The name under a tag that a publisher has signed. */
export interface SignedReference {
  readonly text: string;
  readonly tag: string;
  readonly citation: Citation;
}

/**
 * For content that is unsigned under its tag: the tags of the same repository under which it is signed, a digest kept. For
 * an old release that a digest holds on to: the tag that has been signed anew, without it.
 */
export function signedReferences(image: BaseImage, { verdict, name }: VerifiedImage): readonly SignedReference[] {
  const reference = writtenOut(image);
  if (reference === undefined || name === undefined) return [];
  const { digest } = reference;
  const citations =
    verdict.kind === 'unsigned'
      ? verdict.knownAs
      : verdict.kind === 'superseded' && digest !== undefined
        ? [verdict.current]
        : [];
  const kept = verdict.kind === 'unsigned' ? digest : undefined;
  const byTag = new Map(
    citations
      .filter(({ repository, tag }) => repository === name.repository && isCanonicalTag(tag))
      .map((citation) => [citation.tag, { text: rewrite(reference, citation.tag, kept), tag: citation.tag, citation }]),
  );
  return [...byTag.values()].filter(({ text }) => text !== reference.text);
}

/** Undefined where variables, quotes or escapes stand for parts of it, and in another file. */
function writtenOut(image: BaseImage): ImageReference | undefined {
  if (image.type !== 'image' || image.file !== undefined || image.written !== image.reference) return undefined;
  try {
    return parseReference(image.reference);
  } catch {
    return undefined;
  }
}

/** Keeps the way in which the name is written. */
function rewrite({ text, tag, digest }: ImageReference, newTag: string, newDigest: Digest | undefined): string {
  const suffix = (tag === undefined ? 0 : tag.length + 1) + (digest === undefined ? 0 : digest.length + 1);
  return `${text.slice(0, text.length - suffix)}:${newTag}${newDigest === undefined ? '' : `@${newDigest}`}`;
}
