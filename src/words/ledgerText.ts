import { displayText } from '../core/displayText';
import type { KnownLedgers } from '../core/ledger/knownLedgers';
import type { LedgerKind, LedgerId, NamedLedger } from '../core/ledger/types';
import type { Localizer } from './localizer';

export function ledgerKindText(kind: LedgerKind, l10n: Localizer): string {
  switch (kind) {
    case 'development':
      return l10n.t('The development ledger of this machine');
    case 'team':
      return l10n.t('The ledger of a team');
    case 'external':
      return l10n.t('An external ledger');
  }
}

/** What kind of ledger it is, and where more than one is followed, which of them. */
export function namedLedgerText(
  { kind, name }: NamedLedger,
  { all }: Pick<KnownLedgers, 'all'>,
  l10n: Localizer,
): string {
  const text = ledgerKindText(kind, l10n);
  return kind === 'development' || all.length < 2 ? text : l10n.t('{0} “{1}”', text, displayText(name));
}

/** A ledger with every digit: two that differ in the middle of a hash are not told apart by its ends. */
export function ledgerText({ chainId, genesisHash, address }: LedgerId, l10n: Localizer): string {
  return l10n.t('chain {0}, genesis {1}, contract {2}', chainId.toString(), genesisHash, address);
}

/** What a link is worth on other machines if they do not have its ledger; undefined for a ledger that they can have. */
export function onlyHereText(kind: LedgerKind, l10n: Localizer): string | undefined {
  if (kind !== 'development') return undefined;
  return l10n.t(
    'Its ledger is the development ledger of this machine. No other machine has it, so nobody there can use the link.',
  );
}
