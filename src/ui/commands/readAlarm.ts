import { l10n, ProgressLocation, window } from 'vscode';
import { goneText } from '../../words/contradictionText';
import { DaoChainError } from '../../core/errors';
import type { Ledger } from '../../services/ledger/ledger';
import { abortSignal } from '../cancellation';
import { tell } from '../notify';

/**
 * Shows which final entries are gone from the chain, and accepts the chain as it is if the person says so. Until then
 * nothing is judged. `cancelled`, `nodeUnavailable`.
 */
export async function readAlarm(ledger: Ledger | undefined): Promise<void> {
  if (ledger === undefined) {
    void window.showInformationMessage(l10n.t('There is no alarm.'));
    return;
  }
  const { index, reader } = ledger;
  const progress = {
    location: ProgressLocation.Notification,
    title: l10n.t('Comparing what was final with the chain…'),
    cancellable: true,
  };
  const { contradiction, gone } = await window.withProgress(progress, async (_, token) => {
    const signal = abortSignal(token);
    await index.sync(signal);
    const known = index.view().contradiction;
    return { contradiction: known, gone: known === undefined ? [] : await index.memory.gone(reader, signal) };
  });
  if (contradiction === undefined) {
    void window.showInformationMessage(l10n.t('There is no alarm.'));
    return;
  }
  const settle = l10n.t('Accept This Chain');
  const picked = await window.showWarningMessage(
    l10n.t('The chain was rewritten'),
    { modal: true, detail: goneText(contradiction, gone, l10n) },
    settle,
  );
  if (picked !== settle) throw new DaoChainError('cancelled', 'The alarm stays');
  if (await index.settle(contradiction.found, new AbortController().signal)) tell(l10n.t('This chain was accepted.'));
  else void window.showWarningMessage(l10n.t('That is not the block that the chain has now.'));
}
