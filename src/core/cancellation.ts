import { DaoChainError } from './errors';

/** What `promise` brings, or `cancelled` as soon as one is; what others wait for too goes on. */
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
