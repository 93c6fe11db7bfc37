import { l10n } from 'vscode';
import { checksumAddress } from '../../core/checksumAddress';
import type { Address } from '../../core/hex';
import type { PublisherId } from '../../core/ledger/types';
import { displayText } from '../../core/displayText';
import type { Membership } from '../../core/plans/organizationPlan';

/** In whose name a wallet speaks. */
export interface Speaker {
  /** Undefined for the wallet itself. */
  readonly publisher: PublisherId | undefined;
  readonly label: string;
  readonly description: string;
  /** The whole id of an organization. */
  readonly detail?: string;
}

/** A wallet itself, then the organizations among `memberships`. */
export function speakersOf(wallet: Address, memberships: readonly Membership[]): readonly [Speaker, ...Speaker[]] {
  return [
    { publisher: undefined, label: l10n.t('Your wallet itself'), description: checksumAddress(wallet) },
    ...memberships.map(({ organization: { id, name } }) => ({
      publisher: id,
      label: displayText(name),
      description: '',
      detail: id,
    })),
  ];
}
