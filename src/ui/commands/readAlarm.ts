import { l10n, ProgressLocation, window } from 'vscode';
import { goneText } from '../../core/contradictionText';
import { DaoChainError } from '../../core/errors';
import type { Ledger } from '../../services/ledger';

/**
 * Tells what of the final entries is gone from the chain, and takes the chain as it is when the person says so. Until then
 * nothing is judged. `cancelled`, `nodeUnavailable`.
 */
export async function readAlarm(ledger: Ledger | undefined): Promise<void> {
  const contradiction = ledger?.index.view().contradiction;
  if (ledger === undefined || contradiction === undefined) {
    void window.showInformationMessage(l10n.t('There is no alarm.'));
    return;
  }
  const gone = await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('Comparing what was final with the chain…') },
    () => ledger.index.memory.gone(ledger.reader, AbortSignal.timeout(60_000)),
  );
  const settle = l10n.t('Take This Chain');
  const picked = await window.showWarningMessage(
    l10n.t('The chain was rewritten'),
    { modal: true, detail: goneText(contradiction, gone, l10n) },
    settle,
  );
  if (picked !== settle) throw new DaoChainError('cancelled', 'The alarm stays');
  await ledger.index.settle();
}
