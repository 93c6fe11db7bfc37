import { commands, l10n, window } from 'vscode';
import { describeForLog, DaoChainError } from '../core/errors';
import { noticeOf, type Notice, type NoticeAction } from './errorNotice';
import type { Log } from '../core/ports/log';

/** Shows a notice; what the user picks runs. Resolves when it is gone. */
export async function show({ severity, message, actions }: Notice): Promise<void> {
  const titles = actions.map(({ title }) => title);
  const picked =
    severity === 'error'
      ? await window.showErrorMessage(message, ...titles)
      : severity === 'warning'
        ? await window.showWarningMessage(message, ...titles)
        : await window.showInformationMessage(message, ...titles);
  const action = actions.find(({ title }) => title === picked);
  if (action !== undefined) await commands.executeCommand(action.command, ...(action.arguments ?? []));
}

/** Says what a command has done, where nothing else shows it. */
export function tell(message: string): void {
  void show({ severity: 'information', message, actions: [] });
}

/** Says, in the place of an empty list, what there is none of and what can be done about it. Throws `cancelled`. */
export function tellNothing(message: string, ...actions: readonly NoticeAction[]): never {
  void show({ severity: 'information', message, actions });
  throw new DaoChainError('cancelled', 'There is nothing to choose');
}

/** Tells about an error that a command threw. The details go to the log; a cancelled command says nothing. */
export function notify(error: unknown, log: Log): void {
  const notice = noticeOf(error, l10n);
  if (notice === undefined) return;
  log.error(describeForLog(error));
  void show(notice);
}
