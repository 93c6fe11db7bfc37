import type { LedgerId, LedgerKind } from '../core/ledger/types';
import type { Localizer } from '../core/localizer';
import { list, sentences } from '../core/trust/explain';
import type { PlannedImage } from './signingTypes';

/** What a signature changes about a release. */
export function plannedChangeText({ platform, statement, change }: PlannedImage, l10n: Localizer): string {
  const others = statement.leaves.length - platform.split(', ').length;
  const carried =
    others === 0
      ? undefined
      : others === 1
        ? l10n.t('One other platform of the release stays signed.')
        : l10n.t('{0} other platforms of the release stay signed.', others);
  return sentences([changeText(change, l10n), carried], l10n);
}

/** What a person has to do about a digest that only the registry has named; undefined where there is nothing. */
export function unexpectedDigestText({ registry, change }: PlannedImage, l10n: Localizer): string | undefined {
  if (registry === undefined || registry.isExpected || change.type === 'same') return undefined;
  return l10n.t(
    'Whoever runs the registry chooses what you are shown. Compare its digest with the one that your build printed.',
  );
}

function changeText(change: PlannedImage['change'], l10n: Localizer): string {
  switch (change.type) {
    case 'first':
      return l10n.t('The first signature of this tag.');
    case 'added':
      return l10n.t('The first signature for this platform.');
    case 'renewed':
      return l10n.t('What was signed for this platform before is revoked or was dropped; this is other content.');
    case 'restored':
      return l10n.t('This very content was revoked. Your signature makes it valid again.');
    case 'completed':
      return l10n.t('The content that you signed, with the digests that the registry has it under.');
    case 'same':
      return l10n.t('Signed already with this content.');
    case 'changed':
      return change.differences.length === 0
        ? l10n.t('Other content than you signed before.')
        : l10n.t('Changed since you signed it: {0}.', list(change.differences, l10n));
  }
}

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

/** A ledger in short: chain, genesis and contract, enough to tell two apart. */
export function ledgerText({ chainId, genesisHash, address }: LedgerId, l10n: Localizer): string {
  return l10n.t(
    'chain {0}, genesis {1}, contract {2}',
    chainId.toString(),
    `${genesisHash.slice(0, 10)}…`,
    `${address.slice(0, 8)}…${address.slice(-4)}`,
  );
}
