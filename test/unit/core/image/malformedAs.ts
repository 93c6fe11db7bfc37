import { DaoChainError } from '../../../../src/core/errors';
import type { MalformedReason } from '../../../../src/core/image/malformed';

/** For `assert.throws` and `assert.rejects`: an `imageMalformed` error of this reason. */
export function malformedAs(reason: MalformedReason): (error: unknown) => boolean {
  return (error) =>
    error instanceof DaoChainError && error.code === 'imageMalformed' && error.details['reason'] === reason;
}
