import { l10n, ProgressLocation, window } from 'vscode';
import { goneText } from '../../words/contradictionText';
import { displayText } from '../../core/displayText';
import { DaoChainError, isDaoChainError } from '../../core/errors';
import type { Contradiction, Gone } from '../../core/ledger/indexView';
import type { FollowedLedgers, Ledger } from '../../services/ledger/ledger';
import { abortSignal } from '../cancellation';
import { tell } from '../notify';

/**
 * Shows which final entries are gone from chains, and accepts a chain as it is if the person says so. Until then nothing is
 * judged by it. A ledger that does not answer hides no other. `cancelled`, `nodeUnavailable`.
 */
export async function readAlarm({ all }: Pick<FollowedLedgers, 'all'>): Promise<void> {
  const faults: unknown[] = [];
  let isAlarm = false;
  for (const { name, source } of all) {
    if (source.current === undefined) continue;
    try {
      const found = await compare(source.current);
      if (found === undefined) continue;
      isAlarm = true;
      const title = l10n.t('The chain was rewritten');
      await ask(source.current, found, all.length < 2 ? title : l10n.t('{0}: {1}', displayText(name), title));
    } catch (error) {
      if (!isDaoChainError(error) || error.code === 'cancelled') throw error;
      faults.push(error);
    }
  }
  if (faults.length > 0) throw faults[0];
  if (!isAlarm) void window.showInformationMessage(l10n.t('There is no alarm.'));
}

interface Alarm {
  readonly contradiction: Contradiction;
  readonly gone: readonly Gone[];
}

function compare({ index, reader }: Ledger): Thenable<Alarm | undefined> {
  const progress = {
    location: ProgressLocation.Notification,
    title: l10n.t('Comparing what was final with the chain…'),
    cancellable: true,
  };
  return window.withProgress(progress, async (_, token) => {
    const signal = abortSignal(token);
    await index.sync(signal);
    const { contradiction } = index.view();
    return contradiction && { contradiction, gone: await index.memory.gone(reader, signal) };
  });
}

async function ask({ index }: Ledger, { contradiction, gone }: Alarm, title: string): Promise<void> {
  const settle = l10n.t('Accept This Chain');
  const detail = goneText(contradiction, gone, l10n);
  const picked = await window.showWarningMessage(title, { modal: true, detail }, settle);
  if (picked !== settle) throw new DaoChainError('cancelled', 'The alarm stays');
  if (await index.settle(contradiction.found, new AbortController().signal)) tell(l10n.t('This chain was accepted.'));
  else void window.showWarningMessage(l10n.t('That is not the block that the chain has now.'));
}
