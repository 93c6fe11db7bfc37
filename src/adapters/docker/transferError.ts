import { DaoChainError, type ErrorCode } from '../../core/errors';
import type { ImageReference } from '../../core/image/reference';

const longestWords = 500;

/** In this order: what is denied is often called "not found, or you may not see it". */
const denied =
  /access denied|resource is denied|no basic auth credentials|unauthorized|authentication required|authorization failed|insufficient_scope|403 forbidden/i;
const noPlatform = /no match(?:ing manifest)? for (?:platform|[a-z0-9]+\/)/i;
const notFound = /manifest unknown|manifest for .* not found|: not found$|does not exist/i;

/**
 * What an engine's words on a pull or a push mean; engines have no codes for it. Without words the transfer did not go on
 * (`details.reason` is `stalled`).
 */
export function transferError(
  direction: 'pull' | 'push',
  { text: image, registry }: ImageReference,
  words: string | undefined,
  cause?: unknown,
): DaoChainError {
  const message = words?.slice(0, longestWords) ?? '';
  const error = (code: ErrorCode): DaoChainError => {
    // What is not found by a push is not here; by a pull it is not there.
    const where = code === 'imageNotFound' && direction === 'push' ? {} : { registry };
    const details = { image, direction, ...where, ...(words === undefined ? { reason: 'stalled' } : { message }) };
    return new DaoChainError(code, `The ${direction} of ${image} failed: ${message}`, { details, cause });
  };
  if (denied.test(message)) return error('registryDenied');
  if (!notFound.test(message) || noPlatform.test(message))
    return error(direction === 'pull' ? 'pullFailed' : 'pushFailed');
  return error('imageNotFound');
}
