import { checksumAddress } from '../../core/checksumAddress';
import { shortDigest } from '../../core/image/digest';
import { familiarName } from '../../core/image/reference';
import type { LedgerId, LedgerKind } from '../../core/ledger/types';
import type { Localizer } from '../../core/localizer';
import { displayText } from '../../core/trust/displayText';
import { list, sentences } from '../../core/trust/explain';
import type { PlannedImage, SigningPlan } from '../../services/signingTypes';
import { exactEther, neededEther, shortEther } from '../../core/units';

/** What the user decides. `mineForBalance`: earn first what is missing. `again`: sign what is signed already. */
export type SigningDecision = 'sign' | 'signAndMine' | 'mineForBalance' | 'again';

export interface ConfirmationLine {
  readonly label: string;
  readonly description: string;
  readonly detail?: string;
  /** Absent for a line that only tells something. */
  readonly decision?: SigningDecision;
}

interface Circumstances {
  /** Whether this machine mines now. */
  readonly mining: boolean;
  /** Why the plan is shown once more, if it is. */
  readonly staleLink: boolean;
}

/** Everything a person has to see before they sign: first what they can do, the likeliest on top, then what is signed. */
export function confirmationLines(
  plan: SigningPlan,
  circumstances: Circumstances,
  l10n: Localizer,
): readonly ConfirmationLine[] {
  return [
    ...(circumstances.staleLink ? [staleLine(l10n)] : []),
    ...decisionLines(plan, circumstances, l10n),
    ...plan.images.map((image) => imageLine(image, l10n)),
    ledgerLine(plan, l10n),
    ...(plan.entries.length === 0 ? [] : [costLine(plan, l10n)]),
    { label: `$(account) ${l10n.t('Signed by {0}', checksumAddress(plan.signer))}`, description: '' },
  ];
}

function staleLine(l10n: Localizer): ConfirmationLine {
  return {
    label: `$(warning) ${l10n.t('This was signed on another machine meanwhile')}`,
    description: l10n.t('Your signature was not written. Look at what has changed since.'),
  };
}

function decisionLines(plan: SigningPlan, { mining }: Circumstances, l10n: Localizer): readonly ConfirmationLine[] {
  if (plan.entries.length === 0) {
    return [
      {
        label: `$(key) ${l10n.t('Sign again')}`,
        description: l10n.t('This content is signed already; nothing needs to be done'),
        decision: 'again',
      },
    ];
  }
  if (plan.missing > 0n) {
    return [
      {
        label: `$(server-process) ${l10n.t('Mine until the balance is enough')}`,
        description: l10n.t('{0} are missing', neededEther(plan.missing)),
        decision: 'mineForBalance',
      },
    ];
  }
  const sign: ConfirmationLine = {
    label: `$(key) ${plan.entries.length === 1 ? l10n.t('Sign') : l10n.t('Sign {0} images', plan.entries.length)}`,
    description: mining ? '' : l10n.t('without mining: final when others mine'),
    decision: 'sign',
  };
  if (mining) return [sign];
  const signAndMine: ConfirmationLine = {
    label: `$(key) ${l10n.t('Sign, and mine until it is final')}`,
    description: plan.ledgerKind === 'development' ? l10n.t('nobody else mines this network') : '',
    decision: 'signAndMine',
  };
  return plan.ledgerKind === 'development' ? [signAndMine, sign] : [sign, signAndMine];
}

function imageLine(
  { reference, platform, configDigest, statement, change }: PlannedImage,
  l10n: Localizer,
): ConfirmationLine {
  const others = statement.leaves.length - 1;
  const carried =
    others === 0
      ? undefined
      : others === 1
        ? l10n.t('One other platform of the release stays signed.')
        : l10n.t('{0} other platforms of the release stay signed.', others);
  return {
    label: `$(package) ${familiarName(reference)}`,
    description: `${displayText(platform)} · sha256:${shortDigest(configDigest)}`,
    detail: sentences([changeText(change, l10n), carried], l10n),
  };
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

function costLine({ fee, missing }: SigningPlan, l10n: Localizer): ConfirmationLine {
  return {
    label: `$(credit-card) ${l10n.t('Costs {0} at most', neededEther(fee.cost))}`,
    description:
      missing > 0n
        ? l10n.t('the balance is {0}', exactEther(fee.balance))
        : l10n.t('of a balance of {0}', shortEther(fee.balance)),
  };
}

function ledgerLine({ ledger, ledgerKind }: SigningPlan, l10n: Localizer): ConfirmationLine {
  // Beside the label a quick pick would cut it off.
  return { label: `$(link) ${ledgerKindText(ledgerKind, l10n)}`, description: '', detail: ledgerText(ledger, l10n) };
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
