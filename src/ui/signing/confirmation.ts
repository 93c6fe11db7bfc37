import { checksumAddress } from '../../core/checksumAddress';
import { shortDigest } from '../../core/image/digest';
import { samePlatform } from '../../core/image/platform';
import { familiarName } from '../../core/image/reference';
import { platformText } from '../../core/ledger/statement';
import type { Leaf } from '../../core/ledger/types';
import type { Localizer } from '../../core/localizer';
import { displayText } from '../../core/trust/displayText';
import { list } from '../../core/trust/explain';
import { exactEther, neededEther, shortEther } from '../../core/units';
import { ledgerKindText, ledgerText, plannedChangeText, unexpectedDigestText } from '../../services/planText';
import type { PlannedImage, SigningPlan } from '../../services/signingTypes';
import type { TransactionPlan } from '../../services/transactionTypes';

/** What the user decides. `mineForBalance`: earn first what is missing. `again`: sign what is signed already. */
export type SigningDecision = 'sign' | 'signAndMine' | 'mineForBalance' | 'again';

export interface ConfirmationLine {
  readonly label: string;
  readonly description: string;
  readonly detail?: string;
  /** Absent for a line that only tells something. */
  readonly decision?: SigningDecision;
}

export interface Circumstances {
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
    ...decisionLines(plan, signLabel(plan, l10n), circumstances, l10n),
    ...plan.images.flatMap((image) => [imageLine(image, l10n), ...registryLines(image, l10n)]),
    ...frameLines(plan, l10n),
  ];
}

/** What every transaction has beside what it says: the ledger, its cost and who signs. */
export function frameLines(plan: TransactionPlan, l10n: Localizer): readonly ConfirmationLine[] {
  return [
    ledgerLine(plan, l10n),
    ...(plan.call === undefined ? [] : [costLine(plan, l10n)]),
    { label: `$(account) ${l10n.t('Signed by {0}', checksumAddress(plan.signer))}`, description: '' },
  ];
}

function signLabel({ entries }: SigningPlan, l10n: Localizer): string {
  return entries.length === 1 ? l10n.t('Sign') : l10n.t('Sign {0} images', entries.length);
}

function staleLine(l10n: Localizer): ConfirmationLine {
  return {
    label: `$(warning) ${l10n.t('This was signed on another machine meanwhile')}`,
    description: l10n.t('Your signature was not written. Look at what has changed since.'),
  };
}

/** What can be done about a plan, the likeliest on top. `label`: what its signature does. */
export function decisionLines(
  plan: TransactionPlan,
  label: string,
  { mining }: Circumstances,
  l10n: Localizer,
): readonly ConfirmationLine[] {
  if (plan.call === undefined) {
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
    label: `$(key) ${label}`,
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

function imageLine(image: PlannedImage, l10n: Localizer): ConfirmationLine {
  const { reference, platform, configDigest } = image;
  return {
    label: `$(package) ${familiarName(reference)}`,
    description: `${displayText(platform)} · sha256:${shortDigest(configDigest)}`,
    detail: plannedChangeText(image, l10n),
  };
}

/** What a registry shows the release under, for a person to compare; a quick pick would cut a digest off beside a label. */
function registryLines(image: PlannedImage, l10n: Localizer): readonly ConfirmationLine[] {
  const { registry, statement } = image;
  if (registry === undefined) return [];
  const { digest, isIndex, platforms, unstated } = registry;
  const warning = unexpectedDigestText(image, l10n);
  const line = (label: string, detail: string): ConfirmationLine => ({ label, description: '', detail });
  const isShown = (leaf: Leaf): boolean => platforms.some((platform) => samePlatform(platform, leaf.platform));
  return [
    line(`$(cloud) ${isIndex ? l10n.t('Index in the registry') : l10n.t('Manifest in the registry')}`, digest),
    ...(warning === undefined ? [] : [line(`$(warning) ${l10n.t('Nobody has seen these layers')}`, warning)]),
    ...statement.leaves
      .filter((leaf) => isIndex && isShown(leaf))
      .map(({ platform, manifestDigest = '' }) =>
        line(`$(cloud) ${l10n.t('Manifest of {0}', displayText(platformText(platform)))}`, manifestDigest),
      ),
    ...(unstated.length === 0
      ? []
      : [
          line(
            `$(warning) ${l10n.t('Not signed: {0}', displayText(list(unstated.map(platformText), l10n)))}`,
            l10n.t('Your release does not state this, so the index as a whole is not signed either.'),
          ),
        ]),
  ];
}

function costLine({ fee, missing }: TransactionPlan, l10n: Localizer): ConfirmationLine {
  return {
    label: `$(credit-card) ${l10n.t('Costs {0} at most', neededEther(fee.cost))}`,
    description:
      missing > 0n
        ? l10n.t('the balance is {0}', exactEther(fee.balance))
        : l10n.t('of a balance of {0}', shortEther(fee.balance)),
  };
}

function ledgerLine({ ledger, ledgerKind }: TransactionPlan, l10n: Localizer): ConfirmationLine {
  // Beside the label a quick pick would cut it off.
  return { label: `$(link) ${ledgerKindText(ledgerKind, l10n)}`, description: '', detail: ledgerText(ledger, l10n) };
}
