import { ProgressLocation, window, type Progress } from 'vscode';
import { abortSignal } from '../cancellation';

type Report = Progress<{ readonly message?: string; readonly increment?: number }>;

/** Runs `work` under a notification that can be cancelled. */
export function withCancellableProgress<T>(
  title: string,
  work: (signal: AbortSignal, report: Report) => Promise<T>,
): Promise<T> {
  return Promise.resolve(
    window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, (report, token) =>
      work(abortSignal(token), report),
    ),
  );
}

/** Runs `work` with a sign in the status bar: short, and nothing to decide. */
export function withStatusProgress<T>(title: string, work: () => Promise<T>): Promise<T> {
  return Promise.resolve(window.withProgress({ location: ProgressLocation.Window, title }, work));
}
