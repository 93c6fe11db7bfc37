import type { Localizer } from './localizer';
import { familiarName } from '../core/image/reference';
import type { ImageName } from '../core/image/imageNames';
import { isContentName } from '../core/ledger/contentName';
import { list } from './listText';
import { displayText } from '../core/displayText';
import type { TransactionProgress } from '../core/plans/transactionPlan';

/** About a file of what is on its way. */
export function damagedRecordText(file: string, l10n: Localizer): string {
  return l10n.t(
    'The record of a transaction that is on its way is damaged, and was left where it is: {0}. It is unknown whether that was written; check it before you sign or pay again.',
    displayText(file),
  );
}

/** About what was in the chain, is not any more, and is still on its way. */
export function withdrawnText(
  { hash, entries }: { readonly hash: string; readonly entries: readonly ImageName[] },
  l10n: Localizer,
): string {
  const names = entries.filter((entry) => !isContentName(entry)).map((entry) => displayText(familiarName(entry)));
  return names.length === 0
    ? l10n.t('Your transaction {0} is no longer in the chain; it is sent again.', hash)
    : l10n.t('Your signature of {0} is no longer in the chain; it is sent again.', list(names, l10n));
}

/** How far a signature is. */
export function transactionProgressText(progress: TransactionProgress, l10n: Localizer): string {
  switch (progress.stage) {
    case 'queued':
      return l10n.t('waiting for another command that sends with this wallet');
    case 'quiet':
      return l10n.t('no block has come for a while; waiting for one');
    case 'broadcast':
      return l10n.t('sent. Cancelling now only ends the waiting.');
    case 'mined':
      return l10n.t('in block {0}', progress.block);
    case 'confirming':
      return l10n.t('{0}/{1} confirmations', progress.confirmations, progress.needed);
    case 'final':
      return l10n.t('final');
  }
}
