import { checksumAddress } from '../../core/checksumAddress';
import type { Address } from '../../core/hex';
import { proposedSinceBlock, type RevocationPreview, type SignerHistory } from '../../core/ledger/signerRevocation';
import type { Attestation } from '../../core/ledger/types';
import type { Localizer } from '../../words/localizer';
import { nameText } from '../../words/nameText';
import { timeText } from '../../words/timeText';
import { entryText, signerText, statedPlatformText } from '../../words/organizationText';
import type { OrganizationSigner } from '../../core/plans/organizationPlan';
import type { ConfirmationLine } from '../signing/confirmation';
import type { Row } from './organizationText';

export function signerRow(signer: OrganizationSigner, own: Address, l10n: Localizer): Row<OrganizationSigner> {
  const address = checksumAddress(signer.signer);
  return {
    label: `$(${signer.window === 'revoked' ? 'circle-slash' : 'account'}) ${address}`,
    ...(signer.signer === own && { description: l10n.t('this wallet') }),
    detail: signerText(signer, l10n),
    value: signer,
  };
}

export type SignerAction = 'copyInvitation' | 'extend' | 'changeScope' | 'retire' | 'revoke' | 'copyAddress';

/** What can be done about a signer; only the admin changes anything. */
export function signerRows(
  { window }: OrganizationSigner,
  isAdmin: boolean,
  l10n: Localizer,
): readonly Row<SignerAction>[] {
  const isOpen = window === 'current' || window === 'notYet';
  const rows: readonly (Row<SignerAction> | false)[] = [
    isOpen && {
      label: `$(link) ${l10n.t('Copy Invitation')}`,
      detail: l10n.t('A link with which the wallet’s owner starts to sign for the organization'),
      value: 'copyInvitation',
    },
    isAdmin &&
      window !== 'revoked' && {
        label: `$(calendar) ${isOpen ? l10n.t('Change how long it may sign…') : l10n.t('Let it sign again…')}`,
        value: 'extend',
      },
    isAdmin &&
      isOpen && {
        label: `$(list-tree) ${l10n.t('Change for what…')}`,
        detail: l10n.t('For everything, or only for some repositories'),
        value: 'changeScope',
      },
    isAdmin &&
      isOpen && {
        label: `$(sign-out) ${l10n.t('Retire…')}`,
        detail: l10n.t('It can no longer sign anything new. What it has signed stays valid.'),
        value: 'retire',
      },
    isAdmin && {
      label: `$(circle-slash) ${window === 'revoked' ? l10n.t('Revoke from an earlier block on…') : l10n.t('Revoke…')}`,
      detail: l10n.t('For a stolen or misused key: permanently voids what it has signed since then.'),
      value: 'revoke',
    },
    { label: `$(copy) ${l10n.t('Copy address')}`, value: 'copyAddress' },
  ];
  return rows.filter((row) => row !== false);
}

/** Blocks since which a signer can be revoked: what it has said, newest first, between nothing and everything. */
export function revocationRows(
  { signer, entries, slots, head, confirmations }: SignerHistory,
  l10n: Localizer,
): readonly Row<number>[] {
  const { voidFrom = 0 } = slots.get(signer) ?? {};
  const isPossible = (block: number): boolean => block >= 1 && (voidFrom === 0 || block < voidFrom);
  const rows: readonly Row<number>[] = [
    {
      label: `$(debug-pause) ${l10n.t('From now on')}`,
      description: l10n.t('what it has signed before block {0} stays valid', head),
      value: head,
    },
    ...entries.map((entry) => {
      const value = proposedSinceBlock(entry, confirmations);
      return {
        label: `$(history) ${entryText(entry, l10n)}`,
        description: l10n.t('block {0}, {1}', entry.block, timeText(entry.time)),
        detail: l10n.t('This and everything later, since block {0}', value),
        value,
      };
    }),
    { label: `$(trash) ${l10n.t('Everything that it has ever signed')}`, value: 1 },
  ];
  return rows.filter(({ value }) => isPossible(value));
}

/** What a person has to know before a signer is revoked. */
export function signerRevocationLines(
  signer: Address,
  { voided, lost, kept, isSettled, sinceBlock }: RevocationPreview,
  isComplete: boolean,
  l10n: Localizer,
): readonly ConfirmationLine[] {
  return [
    {
      label: `$(warning) ${l10n.t('This cannot be undone')}`,
      description: '',
      detail: l10n.t('It can never sign for the organization again. Another wallet can take its place.'),
    },
    ...(isComplete
      ? []
      : [
          {
            label: `$(warning) ${l10n.t('Not everything that it has signed could be read')}`,
            description: l10n.t('More than is shown here can become void.'),
          },
        ]),
    {
      label: `$(circle-slash) ${voidedCountText(voided.length, l10n)}`,
      description: l10n.t('since block {0}', sinceBlock),
      ...(!isSettled && { detail: l10n.t('Some of it is not final yet. Check again when this is final.') }),
    },
    ...lost.map((content) => ({
      label: `$(error) ${nameText(content, l10n)}`,
      description: statedPlatformText(content),
      detail: l10n.t('Becomes revoked for everybody who trusts it, until it is signed again.'),
    })),
    ...kept.map((content) => ({
      label: `$(pass) ${nameText(content, l10n)}`,
      description: statedPlatformText(content),
      detail: keptText(signer, content.by, l10n),
    })),
  ];
}

function keptText(signer: Address, by: Attestation, l10n: Localizer): string {
  const who = checksumAddress(by.signer);
  if (by.kind === 'vouch') return l10n.t('Stays valid only as far as {0} has vouched for it.', who);
  return by.signer === signer
    ? l10n.t('Stays valid: the same wallet had stated it before.')
    : l10n.t('Stays valid: {0} stated it too.', who);
}

/** What a revocation does to so many statements. */
export function voidedCountText(count: number, l10n: Localizer): string {
  if (count === 0) return l10n.t('Nothing that it has signed becomes void');
  return count === 1 ? l10n.t('One statement becomes void') : l10n.t('{0} statements become void', count);
}
