import type { NetworkWork } from '../core/ledger/networkWork';
import type { DagProgress } from '../core/ports/node';
import { formatHashrate } from './amountText';
import type { Localizer } from './localizer';

/** How far the DAG is: `12%, about 8 min left`. What is left is measured, and not said before it is. */
export function dagText({ percent, secondsLeft }: DagProgress, l10n: Localizer): string {
  return secondsLeft === undefined
    ? `${percent}%`
    : l10n.t('{0}%, about {1} left', percent, durationText(secondsLeft, l10n));
}

/** What the newest blocks tell, one line each. */
export function workLines(work: NetworkWork, l10n: Localizer): readonly string[] {
  const { difficulty, blocks, own, blockSeconds, hashrate } = work;
  return [
    l10n.t('Difficulty: {0}', difficulty.toString()),
    blockSeconds === undefined
      ? undefined
      : l10n.t('A block every {0}, over the last {1} blocks', durationText(blockSeconds, l10n), blocks),
    hashrate === undefined ? undefined : l10n.t('All miners together: {0}', formatHashrate(hashrate)),
    l10n.t('Your blocks: {0} of the last {1}', own, blocks),
  ].filter((line) => line !== undefined);
}

/** How long something takes, rounded up by a tenth at most: `1.3 s`, `14 s`, `1.6 min`, `16 h`. */
export function durationText(seconds: number, l10n: Localizer): string {
  if (seconds < 1) return l10n.t('less than a second');
  if (seconds <= 90) return l10n.t('{0} s', roundedUp(seconds));
  if (seconds <= 90 * 60) return l10n.t('{0} min', roundedUp(seconds / 60));
  if (seconds <= 48 * 3600) return l10n.t('{0} h', roundedUp(seconds / 3600));
  return l10n.t('{0} days', roundedUp(seconds / 86_400));
}

function roundedUp(amount: number): number {
  return amount < 10 ? Math.ceil(amount * 10) / 10 : Math.ceil(amount);
}
