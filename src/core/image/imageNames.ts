import type { ImageReference } from './reference';
import { tryParseReference, withDefaultTag } from './reference';
import type { LocalImage } from '../ports/engine';

/** The name on the ledger; without a tag where only a digest says which image of the repository it is. */
export function nameOf(reference: ImageReference): ImageName {
  return { repository: reference.repository, tag: withDefaultTag(reference).tag ?? '' };
}

/** Tags that are no references are left out. */
export function referencesOf({ tags }: LocalImage): readonly ImageReference[] {
  return tags.map(tryParseReference).filter((reference) => reference !== undefined);
}

/** A canonical repository and tag. */
export interface ImageName {
  readonly repository: string;
  readonly tag: string;
}
