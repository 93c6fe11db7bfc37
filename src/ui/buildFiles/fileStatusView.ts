import type { Localizer } from '../../words/localizer';
import type { FileStatus } from '../../protocol/fileStatus';
import type { CommandId } from '../commandIds';

/** What the language status says about one build file. */
export interface FileStatusView {
  readonly text: string;
  readonly detail: string;
  readonly isAlarm: boolean;
  readonly isBusy: boolean;
  readonly command: { readonly title: string; readonly command: string };
}

/** For a server that has stopped for good. */
export function stoppedView(l10n: Localizer): FileStatusView {
  return {
    text: l10n.t('DaoChain does not check this file'),
    detail: l10n.t('Its language server has stopped. Reload the window to start it again.'),
    isAlarm: true,
    isBusy: false,
    command: showLog(l10n),
  };
}

/**
 * "3 of 4 base images verified"; undefined for a file that is understood and fetches nothing. Unsigned ones are common, and no
 * alarm.
 */
export function fileStatusView(status: FileStatus, l10n: Localizer): FileStatusView | undefined {
  const { total, verified, alarms, waiting, unread, refusal } = status;
  if (total === 0 && unread === 0 && refusal === undefined) return undefined;
  const notes = [
    refusal,
    unread === 0 ? undefined : l10n.t('Parts that are not judged: {0}', unread),
    alarms === 0
      ? undefined
      : alarms === 1
        ? l10n.t('1 image is not what its publisher published')
        : l10n.t('{0} images are not what their publishers published', alarms),
  ];
  return {
    text:
      total === 0
        ? refusal === undefined
          ? l10n.t('Base images not judged')
          : l10n.t('Not understood by DaoChain')
        : total === 1
          ? verified === 1
            ? l10n.t('Base image verified')
            : l10n.t('Base image not verified')
          : l10n.t('{0} of {1} base images verified', verified, total),
    detail: notes.filter((note) => note !== undefined).join(' · '),
    isAlarm: alarms > 0,
    isBusy: waiting,
    command:
      verified === total && unread === 0
        ? showLog(l10n)
        : { title: l10n.t('Show Problems'), command: 'workbench.actions.view.problems' },
  };
}

function showLog(l10n: Localizer): FileStatusView['command'] {
  return { title: l10n.t('Show Log'), command: 'daochain.showLog' satisfies CommandId };
}
