import type { CancellationToken } from 'vscode';

/** The `AbortSignal` of a token. Progress dialogs hand out tokens; everything below `ui` speaks signals. */
export function abortSignal(token: CancellationToken): AbortSignal {
  if (token.isCancellationRequested) return AbortSignal.abort();
  const controller = new AbortController();
  token.onCancellationRequested(() => {
    controller.abort();
  });
  return controller.signal;
}
