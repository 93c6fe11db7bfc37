import { checksumAddress } from '../core/checksumAddress';
import type { Address } from '../core/hex';
import type { RevocationPreview, StatedContent } from '../core/ledger/signerRevocation';
import type { Invitation } from '../core/ledger/invitation';
import type { SignerScope } from '../core/ledger/signerScope';
import type { SignerWindow } from '../core/ledger/signerStanding';
import { platformText } from '../core/ledger/statement';
import type { Attestation, SignerSlot } from '../core/ledger/types';
import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';
import { nameText } from './nameText';
import { timeText } from './timeText';
import type { Membership, OrganizationDetails, OrganizationSigner } from '../core/plans/organizationPlan';
import type { LedgerCall } from '../core/ports/ledger';
import { phrases } from './listText';
import { ledgerKindText, ledgerText } from './ledgerText';

export function windowText(
  { window, slot }: { readonly window: SignerWindow; readonly slot: SignerSlot },
  l10n: Localizer,
): string {
  switch (window) {
    case 'notSigner':
      return l10n.t('no signer');
    case 'notYet':
      return l10n.t('may sign from {0}', timeText(slot.notBefore));
    case 'current':
      return slot.notAfter === 0 ? l10n.t('may sign') : l10n.t('may sign until {0}', timeText(slot.notAfter));
    case 'retired':
      return l10n.t('could sign until {0}', timeText(slot.notAfter));
    case 'revoked':
      return l10n.t('revoked since block {0}', slot.voidFrom);
  }
}

/** For what a signer signs, in the middle of a sentence. */
export function scopeText(scope: SignerScope, l10n: Localizer): string {
  if (scope === '') return l10n.t('for everything');
  if (scope === null) return l10n.t('for a part that is not known here');
  return scope.endsWith('/')
    ? l10n.t('only for what begins with {0}', displayText(scope))
    : l10n.t('only for {0} and what is below it', displayText(scope));
}

/** Whether a signer may sign, and for what where that is not everything. */
export function signerText(signer: Pick<OrganizationSigner, 'window' | 'slot' | 'scope'>, l10n: Localizer): string {
  const isEverything = signer.scope === '' || signer.window === 'notSigner';
  return phrases([windowText(signer, l10n), ...(isEverything ? [] : [scopeText(signer.scope, l10n)])], l10n);
}

/** Which names a scope that is being typed covers, by example. */
export function scopePreview(scope: string, l10n: Localizer): string {
  const shown = displayText(scope);
  return scope.endsWith('/')
    ? l10n.t('It signs for {0}, {1} and so on; not for {2}.', `${shown}app`, `${shown}team/app`, shown.slice(0, -1))
    : l10n.t('It signs for {0}, {1} and so on; not for {2}.', shown, `${shown}/app`, `${shown}-app`);
}

/** What a change lets a signer do: for how long, and for what. A sentence each. */
export function grantTexts(
  { notAfter, scope }: Pick<LedgerCall & { readonly type: 'setSigner' }, 'notAfter' | 'scope'>,
  l10n: Localizer,
): readonly [time: string, scope: string] {
  return [
    notAfter === 0 ? l10n.t('Signs for it, with no expiry.') : l10n.t('Signs for it until {0}.', timeText(notAfter)),
    l10n.t('It signs {0}.', scopeText(scope, l10n)),
  ];
}

/** What a wallet is in an organization. */
export function roleText({ isAdmin, isOffered, ...signer }: Membership, l10n: Localizer): string {
  const parts = [
    ...(isAdmin ? [l10n.t('admin')] : []),
    ...(isOffered ? [l10n.t('offered the admin role')] : []),
    ...(signer.window === 'notSigner' && !isAdmin ? [] : [signerText(signer, l10n)]),
  ];
  return phrases(parts, l10n);
}

/** An entry in a list of what a signer has said. */
export function entryText(entry: Attestation, l10n: Localizer): string {
  const name = nameText(entry, l10n);
  switch (entry.kind) {
    case 'publish':
      return l10n.t('Published: {0}', name);
    case 'vouch':
      return l10n.t('Vouched for: {0}', name);
    case 'revoke':
      return l10n.t('Revoked: {0}', name);
  }
}

/** What becomes of what a signer has said, a line each. */
export function revocationTexts(
  signer: Address,
  { sinceBlock, voided, lost, kept, isSettled }: RevocationPreview,
  isComplete: boolean,
  l10n: Localizer,
): readonly string[] {
  const count = voided.length;
  return [
    l10n.t(
      '{0} can never sign for the organization again. Another wallet can take its place.',
      checksumAddress(signer),
    ),
    ...(isComplete
      ? []
      : [l10n.t('Not everything that it has signed could be read. More than is shown here can become void.')]),
    `${
      count === 0
        ? l10n.t('Nothing that it has signed becomes void')
        : count === 1
          ? l10n.t('One statement becomes void')
          : l10n.t('{0} statements become void', count)
    }, ${l10n.t('since block {0}', sinceBlock)}`,
    ...lost.map(
      (content) =>
        `${nameText(content, l10n)}: ${l10n.t('{0}: revoked for everybody who trusts it', statedPlatformText(content))}`,
    ),
    ...kept.map((content) => `${nameText(content, l10n)}: ${keptText(content, l10n)}`),
    ...(isSettled ? [] : [l10n.t('Some of it is not final yet. Check again when this is final.')]),
  ];
}

function keptText({ by, ...content }: RevocationPreview['kept'][number], l10n: Localizer): string {
  const platform = statedPlatformText(content);
  return by.kind === 'vouch'
    ? l10n.t('{0}: stays valid only as far as somebody has vouched for it', platform)
    : l10n.t('{0}: stays valid', platform);
}

export function statedPlatformText({ leaf }: StatedContent): string {
  return displayText(platformText(leaf.platform));
}

/** What a person looks at before they take an invitation up, a paragraph each. */
export function invitationTexts(
  { organization, ledger, ledgerKind, signers }: OrganizationDetails,
  { scope }: Pick<Invitation, 'scope'>,
  wallet: Address,
  l10n: Localizer,
): readonly string[] {
  const own = signers.find(({ signer }) => signer === wallet);
  return [
    l10n.t('It calls itself: {0}', displayText(organization.name)),
    l10n.t('ID: {0}', organization.id),
    l10n.t('Ledger: {0}', `${ledgerKindText(ledgerKind, l10n)} (${ledgerText(ledger, l10n)})`),
    ...(own === undefined
      ? []
      : [
          l10n.t('Your wallet: {0}', windowText(own, l10n)),
          l10n.t('It signs {0}.', scopeText(own.scope, l10n)),
          ...(scope === undefined || scope === own.scope
            ? []
            : [
                l10n.t(
                  'The invitation says otherwise: it signs {0}. What the ledger says counts.',
                  scopeText(scope, l10n),
                ),
              ]),
        ]),
    l10n.t(
      'Anybody can take any name and invite any wallet. Compare the ID with the one that your colleague told you.',
    ),
  ];
}
