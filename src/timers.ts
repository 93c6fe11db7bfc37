import type { Disposable } from './core/emitter';

/** Calls back once after so many milliseconds unless disposed before. It keeps no process alive. */
export function startTimer(ms: number, callback: () => void): Disposable {
  const timer = setTimeout(callback, ms).unref();
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
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
