import { DaoChainError } from '../../core/errors';
import type { Digest } from '../../core/image/digest';
import { isDigest } from '../../core/image/digest';
import type { ImageReference } from '../../core/image/reference';
import { parseReference, withDefaultTag } from '../../core/image/reference';

/**
 * The reference that an entry names: a tag is needed, and a digest says nothing that the ledger could look up.
 * `imageWithoutName`, `referenceInvalid`.
 */
export function signableReference(name: string): ImageReference {
  const reference = isDigest(name) ? undefined : withDefaultTag(parseReference(name));
  if (reference === undefined || reference.digest !== undefined) throw withoutTag(name);
  return reference;
}

/** The same for a name that may have the digest that is meant beside its tag. */
export function digestedReference(name: string): { readonly reference: ImageReference; readonly expected?: Digest } {
  const [tagged = '', ...pinned] = name.split('@');
  if (pinned.length === 0) return { reference: signableReference(name) };
  const { tag, digest } = parseReference(name);
  if (tag === undefined || digest === undefined) throw withoutTag(name);
  return { reference: parseReference(tagged), expected: digest };
}

function withoutTag(name: string): DaoChainError {
  return new DaoChainError('imageWithoutName', 'Only an image with a tag can be signed', { details: { image: name } });
}
