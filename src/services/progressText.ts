import type { Localizer } from '../core/localizer';
import type { TransactionProgress } from './transactionTypes';

/** How far a signature is. */
export function transactionProgressText(progress: TransactionProgress, l10n: Localizer): string {
  switch (progress.stage) {
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
