import { DaoChainError } from './errors';

/**
 * Waits for `promise`, but rejects with `cancelled` as soon as the signal is aborted; work that others wait for too
 * goes on.
 */
export function untilCancelled<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => {
      reject(new DaoChainError('cancelled', 'Cancelled'));
    };
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    const end = (): void => {
      signal.removeEventListener('abort', cancel);
    };
    promise.then(resolve, reject).finally(end);
  });
}
