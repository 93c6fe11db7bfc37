import { l10n } from 'vscode';
import { checksumAddress } from '../../core/checksumAddress';
import type { Address } from '../../core/hex';
import type { SignerScope } from '../../core/ledger/signerScope';
import type { PublisherId } from '../../core/ledger/types';
import { displayText } from '../../core/displayText';
import type { Membership } from '../../core/plans/organizationPlan';
import { scopeText } from '../../words/organizationText';

/** In whose name a wallet speaks. */
export interface Speaker {
  /** Undefined for the wallet itself. */
  readonly publisher: PublisherId | undefined;
  /** For what it may sign in that name. */
  readonly scope: SignerScope;
  readonly label: string;
  readonly description: string;
  /** The whole id of an organization. */
  readonly detail?: string;
}

/** A wallet itself, then the organizations among `memberships`. */
export function speakersOf(wallet: Address, memberships: readonly Membership[]): readonly [Speaker, ...Speaker[]] {
  return [
    { publisher: undefined, scope: '', label: l10n.t('Your wallet itself'), description: checksumAddress(wallet) },
    ...memberships.map(({ organization: { id, name }, scope }) => ({
      publisher: id,
      scope,
      label: displayText(name),
      description: scope === '' ? '' : scopeText(scope, l10n),
      detail: id,
    })),
  ];
}
