import type { Log } from '../../../src/core/ports/log';

export const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A signal that is never aborted. */
export const never = new AbortController().signal;
