import type { Disposable } from '../core/emitter';

/** Calls back once after so many milliseconds unless disposed before. */
export function startTimer(ms: number, callback: () => void): Disposable {
  const timer = setTimeout(callback, ms);
  return {
    dispose: () => {
      clearTimeout(timer);
    },
  };
}

/** Resolves after so many milliseconds, at once when aborted. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      timer.dispose();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = startTimer(ms, end);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
