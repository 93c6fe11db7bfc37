import { isDaoChainError } from '../errors';
import type { ImageReference } from './reference';
import { parseReference, withDefaultTag } from './reference';
import type { LocalImage } from '../ports/engine';

/** The name on the ledger; without a tag where only a digest says which image of the repository it is. */
export function nameOf(reference: ImageReference): ImageName {
  return { repository: reference.repository, tag: withDefaultTag(reference).tag ?? '' };
}

export function parseOrUndefined(text: string): ImageReference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (isDaoChainError(error, 'referenceInvalid')) return undefined;
    throw error;
  }
}

/** Tags that are no references are left out. */
export function referencesOf({ tags }: LocalImage): readonly ImageReference[] {
  return tags.map(parseOrUndefined).filter((reference) => reference !== undefined);
}

/** A canonical repository and tag. */
export interface ImageName {
  readonly repository: string;
  readonly tag: string;
}
