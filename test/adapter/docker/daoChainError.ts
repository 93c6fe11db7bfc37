import { DaoChainError, type ErrorCode } from '../../../src/core/errors';

/** For `assert.rejects`: an error of this code whose details hold at least these values. */
export function failsWith(
  code: ErrorCode,
  details: Readonly<Record<string, string>> = {},
): (error: unknown) => boolean {
  return (error) => {
    if (!(error instanceof DaoChainError) || error.code !== code) throw error;
    for (const [name, value] of Object.entries(details)) {
      if (error.details[name] !== value) throw new Error(`${name} is ${String(error.details[name])}`, { cause: error });
    }
    return true;
  };
}
