import { displayText } from '../core/displayText';
import type { ErrorDetails } from '../core/errors';
import type { EtherFault } from '../core/ether/etherFault';
import { exactEther, feeEther } from './amountText';
import type { Localizer } from './localizer';

/** Why a transfer is refused before anything is priced; undefined where the error is of something else. */
export function etherFaultText(
  { reason, text = '', balance = '0', cost = '0' }: ErrorDetails,
  l10n: Localizer,
): string | undefined {
  const shown = displayText(text);
  switch (reason as EtherFault | undefined) {
    case undefined:
      return undefined;
    case 'amountForm':
      return l10n.t('"{0}" is not an amount: write digits with at most one point, such as 1.25.', shown);
    case 'amountFraction':
      return l10n.t('"{0}" has more than 18 digits behind the point, and ether has no smaller parts.', shown);
    case 'amountRange':
      return l10n.t('"{0}" is not an amount that can be sent.', shown);
    case 'receiverLedger':
      return l10n.t('{0} is the contract of the ledger. It takes no ether.', shown);
    case 'receiverNobody':
      return l10n.t('Nobody has the key of {0}: what is sent there is lost.', shown);
    case 'nothingLeft':
      return l10n.t(
        'The fee of {0} leaves nothing to send of {1}.',
        feeEther(BigInt(cost)),
        exactEther(BigInt(balance)),
      );
  }
}
