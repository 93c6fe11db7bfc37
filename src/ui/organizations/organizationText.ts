import { checksumAddress } from '../../core/checksumAddress';
import type { Localizer } from '../../words/localizer';
import { displayText } from '../../core/displayText';
import { grantTexts, roleText } from '../../words/organizationText';
import type { Membership, OrganizationPlan } from '../../core/plans/organizationPlan';
import { below, type ConfirmationLine } from '../signing/confirmation';
import { organizationLabel } from './organizationLabel';
import type { Organization } from '../../core/ports/ledger';

/** A line of a list, and what it stands for. */
export interface Row<T> {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly value: T;
}

export function membershipRow(membership: Membership, l10n: Localizer): Row<Membership> {
  const label = `$(organization) ${organizationLabel(membership.organization, l10n)}`;
  return { label, description: roleText(membership, l10n), detail: membership.organization.id, value: membership };
}

export type OrganizationAction =
  'signAs' | 'invite' | 'signers' | 'offerAdmin' | 'withdrawOffer' | 'acceptAdmin' | 'share';

/** What a wallet can do with an organization, what is likeliest first. */
export function organizationRows(
  { organization: { pendingAdmin }, isAdmin, isOffered, window }: Membership,
  isDefault: boolean,
  l10n: Localizer,
): readonly Row<OrganizationAction>[] {
  const rows: readonly (Row<OrganizationAction> | false)[] = [
    isOffered && { label: `$(key) ${l10n.t('Accept the admin role…')}`, value: 'acceptAdmin' },
    isAdmin && {
      label: `$(person-add) ${l10n.t('Invite a signer…')}`,
      detail: l10n.t('Lets a colleague’s wallet sign for the organization too'),
      value: 'invite',
    },
    { label: `$(list-unordered) ${l10n.t('Signers')}`, value: 'signers' },
    (isAdmin || window === 'current') && {
      label: `$(verified) ${l10n.t('Sign as this organization…')}`,
      ...(isDefault && { description: l10n.t('current') }),
      value: 'signAs',
    },
    { label: `$(broadcast) ${l10n.t('Share its ID…')}`, value: 'share' },
    isAdmin && {
      label: `$(arrow-swap) ${l10n.t('Offer the admin role…')}`,
      detail: l10n.t('To another wallet or a contract wallet, which has to accept'),
      value: 'offerAdmin',
    },
    isAdmin &&
      pendingAdmin !== undefined && {
        label: `$(discard) ${l10n.t('Withdraw the offer of the admin role…')}`,
        description: checksumAddress(pendingAdmin),
        value: 'withdrawOffer',
      },
  ];
  return rows.filter((row) => row !== false);
}

/** What a plan lets a signer do. */
export function grantLines({ organization, call }: OrganizationPlan, l10n: Localizer): readonly ConfirmationLine[] {
  if (call?.type !== 'setSigner') return [];
  const [time, scope] = grantTexts(call, l10n);
  return [...changeLines(organization, { wallet: call.signer, text: time }), below(scope)];
}

/** What is to become of an organization, or of a wallet in it, as a plan shows it. */
export function changeLines(
  organization: Organization,
  { wallet, text }: { readonly wallet?: string; readonly text: string },
): readonly ConfirmationLine[] {
  const { id, name } = organization;
  const line = { label: `$(organization) ${displayText(name)}`, description: '', detail: id };
  return wallet === undefined
    ? [line, below(text)]
    : [line, { label: `$(account) ${checksumAddress(wallet)}`, description: '', detail: text }];
}
