import { DaoChainError } from '../errors';

/** Why image bytes are refused: `details.reason` of an `imageMalformed` error. Closed and stable. */
export type MalformedReason =
  /** Not UTF-8, a byte order mark, or half of a surrogate pair. */
  | 'encoding'
  /** Not JSON. */
  | 'syntax'
  /** An object has a key twice. */
  | 'duplicateKey'
  /** A key differs from one that engines read only by case, so that they would read it too. */
  | 'ambiguousKey'
  /** Larger, deeper or more than we are willing to read. */
  | 'tooLarge'
  /** A member is missing or has the wrong type. */
  | 'schema'
  /** A media type that is not an image's. */
  | 'mediaType'
  /** Bytes that are not what their digest or size says. */
  | 'digest'
  /** The platform that the engine would run cannot be told, or is not what the engine says. */
  | 'platform'
  /** The archive itself: a name twice, an entry that is not there. */
  | 'archive';

export function malformed(reason: MalformedReason, message: string, cause?: unknown): DaoChainError {
  return new DaoChainError('imageMalformed', message, { details: { reason }, cause });
}
