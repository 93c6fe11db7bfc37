import { ProgressLocation, window, type Progress } from 'vscode';
import { abortSignal } from '../cancellation';
import { delay } from '../../timers';

export interface Step {
  readonly message?: string;
  /** Percent more than before. */
  readonly increment?: number;
}

/** What ends within this time, in milliseconds, has no notification, which would only flash. */
const patience = 1_000;

/** Runs `work`, under a notification that can be cancelled as soon as it takes a person's time. */
export async function withCancellableProgress<T>(
  title: string,
  work: (signal: AbortSignal, report: Progress<Step>) => Promise<T>,
): Promise<T> {
  const [cancelled, ended] = [new AbortController(), new AbortController()];
  let before: Step = {};
  let shown: Progress<Step> | undefined;
  const running = work(cancelled.signal, {
    report: (step) => {
      before = { ...before, ...step, increment: (before.increment ?? 0) + (step.increment ?? 0) };
      shown?.report(step);
    },
  }).finally(() => {
    ended.abort();
  });
  // Whoever called hears of it; VS Code asks for the promise later than it may reject.
  running.catch(() => undefined);
  await delay(patience, ended.signal);
  if (ended.signal.aborted) return running;
  return window.withProgress(
    { location: ProgressLocation.Notification, title, cancellable: true },
    (progress, token) => {
      abortSignal(token).addEventListener('abort', () => {
        cancelled.abort();
      });
      progress.report(before);
      shown = progress;
      return running;
    },
  );
}

/** Runs `work` with a sign in the status bar: short, and nothing to decide. */
export function withStatusProgress<T>(title: string, work: () => Promise<T>): Promise<T> {
  return Promise.resolve(window.withProgress({ location: ProgressLocation.Window, title }, work));
}
