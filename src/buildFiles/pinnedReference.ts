import type { Digest } from '../core/image/digest';
import { isCanonicalTag, tryParseReference, type ImageReference } from '../core/image/reference';
import type { Citation } from '../core/judging/verdict';
import type { ImageAnswer } from '../core/judging/imageAnswer';
import type { Answer } from './answer';
import type { BaseImage } from './dockerfile/baseImages';
import { malformedText } from './findings';

/** What is fetched where a name stands, with what is known of it; nothing while there is no answer that is understood. */
export interface JudgedFetch {
  readonly image: BaseImage;
  readonly known: ImageAnswer | undefined;
}

export function fetchOf(image: BaseImage, answer: Answer | undefined): JudgedFetch {
  const isKnown = answer?.state === 'judged' && malformedText(image, answer) === undefined;
  return { image, known: isKnown ? answer.image : undefined };
}

/** The text to write, or why there is none although something could be pinned. */
export type Pin = { readonly text: string } | { readonly refused: 'notAllVerified' | 'severalDigests' };

/**
 * The name with the digest that was judged and seen in a registry: `nginx` becomes `nginx:latest@sha256:…`. One name can be
 * fetched for several platforms, and the digest is then written for all of them: each has to be verified, under the same digest.
 * Undefined where nothing is verified, where there is a digest already, and where the name is not written out.
 */
export function pinOf(fetches: readonly JudgedFetch[]): Pin | undefined {
  const written = fetches.filter(({ image }) => writtenOut(image) !== undefined);
  const [first] = written;
  const reference = first && writtenOut(first.image);
  if (reference === undefined || reference.digest !== undefined) return undefined;
  const digests = written.map(({ known }) => verifiedDigest(known));
  const [digest] = digests.filter((each) => each !== undefined);
  if (digest === undefined) return undefined;
  if (digests.includes(undefined)) return { refused: 'notAllVerified' };
  if (digests.some((each) => each !== digest)) return { refused: 'severalDigests' };
  return { text: rewrite(reference, reference.tag ?? 'latest', digest) };
}

function verifiedDigest(known: ImageAnswer | undefined): Digest | undefined {
  const isVerified = known?.verdict.kind === 'verified' && known.registry?.verdict.kind === 'verified';
  return isVerified ? known.registry.digest : undefined;
}

/** The name under a tag that a publisher has signed. */
export interface SignedReference {
  readonly text: string;
  readonly tag: string;
  readonly citation: Citation;
}

/**
 * For content that is unsigned under its tag: the tags of the same repository under which it is signed, a digest kept. For
 * an old release that a digest holds on to: the tag that has been signed anew, without it. Where it is fetched for several
 * platforms, those that serve each of them.
 */
export function signedReferences(fetches: readonly JudgedFetch[]): readonly SignedReference[] {
  const written = fetches.filter(({ image }) => writtenOut(image) !== undefined);
  const [first = [], ...others] = written.map(signedFor);
  return first.filter(({ text }) => others.every((other) => other.some((each) => each.text === text)));
}

function signedFor({ image, known }: JudgedFetch): readonly SignedReference[] {
  const reference = writtenOut(image);
  if (reference === undefined || known?.reference === undefined) return [];
  const { verdict } = known;
  const { repository } = known.reference;
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
      .filter((cited) => cited.repository === repository && isCanonicalTag(cited.tag))
      .map((citation) => [citation.tag, { text: rewrite(reference, citation.tag, kept), tag: citation.tag, citation }]),
  );
  return [...byTag.values()].filter(({ text }) => text !== reference.text);
}

/** Undefined where variables, quotes or escapes stand for parts of it, and in another file. */
function writtenOut(image: BaseImage): ImageReference | undefined {
  if (image.type !== 'image' || image.file !== undefined || image.written !== image.reference) return undefined;
  return tryParseReference(image.reference);
}

/** Keeps the way in which the name is written. */
function rewrite({ text, tag, digest }: ImageReference, newTag: string, newDigest: Digest | undefined): string {
  const suffix = (tag === undefined ? 0 : tag.length + 1) + (digest === undefined ? 0 : digest.length + 1);
  return `${text.slice(0, text.length - suffix)}:${newTag}${newDigest === undefined ? '' : `@${newDigest}`}`;
}
