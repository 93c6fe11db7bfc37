import { l10n, window } from 'vscode';
import { DaoChainError } from '../../core/errors';
import { displayText } from '../../core/trust/displayText';
import { wholePublisher } from '../../core/trust/explain';
import type { Ledger } from '../../services/ledger';

/**
 * Tells about a final entry that is gone from the chain, and forgets it when the person says so. `key` names the history;
 * from the palette the first alarm is read. `cancelled`.
 */
export async function readAlarm(ledger: Ledger | undefined, key: unknown): Promise<void> {
  const alarms = ledger?.index.view().alarms ?? [];
  const alarm = alarms.find((each) => each.key === key) ?? (key === undefined ? alarms[0] : undefined);
  if (ledger === undefined || alarm === undefined) {
    void window.showInformationMessage(l10n.t('There is no alarm.'));
    return;
  }
  const { repository, tag, publisher, block, change, noticed } = alarm;
  const what =
    change === 'vanished'
      ? l10n.t('Final statements are gone from the chain.')
      : l10n.t('Final statements are others than they were.');
  const forget = l10n.t('Forget Alarm');
  const picked = await window.showWarningMessage(
    what,
    {
      modal: true,
      detail: l10n.t(
        '{0}, published by {1}, was final up to block {2}. On {3} the chain said something else. Somebody with more computing power may have rewritten it, or the data of the node was replaced. Do not rely on what was final before until you know why.',
        displayText(`${repository}:${tag}`),
        wholePublisher(publisher, l10n),
        block,
        new Date(noticed).toISOString(),
      ),
    },
    forget,
  );
  if (picked !== forget) throw new DaoChainError('cancelled', 'The alarm stays');
  await ledger.index.forgetAlarm(alarm.key);
}
