import { checksumAddress } from '../../core/checksumAddress';
import { samePlatform } from '../../core/image/platform';
import { familiarName } from '../../core/image/reference';
import { platformText } from '../../core/ledger/statement';
import type { Leaf } from '../../core/ledger/types';
import type { Localizer } from '../../words/localizer';
import { errorText } from '../../words/errorText';
import { displayText } from '../../core/displayText';
import { exactEther } from '../../words/amountText';
import { nothingToSendText, planFrame } from '../../words/frameText';
import {
  foreseenText,
  hubNameText,
  plannedChangeText,
  speakerText,
  unexpectedDigestText,
  voidedText,
  vouchOriginText,
  vouchWarning,
} from '../../words/planText';
import type {
  PlannedEntry,
  PlannedImage,
  RevocationPlan,
  SigningPlan,
  SkippedImage,
} from '../../core/plans/signingPlan';
import type { TransactionPlan } from '../../core/plans/transactionPlan';
import { verdictAppearance } from '../verdictAppearance';
import { list } from '../../words/listText';
import { revocationText } from '../../words/statementText';

/**
 * What the user decides. `mineForBalance`: earn first what is missing. `again`: sign what is signed already.
 * `switchPublisher`: sign in another name; `switchToNamed`: in that of whom a rule names. `switchSource`: what the registry has, not the engine.
 */
export type SigningDecision =
  'sign' | 'signAndMine' | 'mineForBalance' | 'again' | 'switchPublisher' | 'switchToNamed' | 'switchSource';

export interface ConfirmationLine<D = SigningDecision> {
  readonly label: string;
  readonly description: string;
  readonly detail?: string;
  /** Absent for a line that only tells something. */
  readonly decision?: D;
}

export interface Circumstances {
  /** Whether this machine mines now. */
  readonly mining: boolean;
  /** Why the plan is shown once more, if it is. */
  readonly staleLink: boolean;
  /** The one image that was signed elsewhere meanwhile, where that is known. */
  readonly staleImage?: string | undefined;
  /** Whether the wallet speaks for others than the plan's publisher. */
  readonly canSwitchPublisher?: boolean;
  /** For whom the wallet could speak whose word a rule takes, where it does not take that of the plan's publisher. */
  readonly named?: string | undefined;
}

/** Everything a person has to see before they sign: first what they can do, the likeliest on top, then what is signed. */
export function confirmationLines(
  plan: SigningPlan,
  circumstances: Circumstances,
  l10n: Localizer,
): readonly ConfirmationLine[] {
  return [
    ...staleLines(circumstances, l10n),
    ...namedLines(circumstances, l10n),
    ...decisionLines(plan, signLabel(plan, l10n), circumstances, l10n),
    ...plan.skipped.map((skipped) => skippedLine(skipped, l10n)),
    ...plan.images.flatMap((image) => [
      imageLine(image, l10n),
      ...hubNameLines(image, l10n),
      ...foreseenLines(plan, image, l10n),
      ...vouchLines(image, l10n),
      ...registryLines(image, l10n),
    ]),
    ...speakerLines(plan, circumstances, l10n),
    ...frameLines(plan, l10n),
  ];
}

/** The same before a statement is taken back. */
export function statementRevocationLines(
  plan: RevocationPlan,
  circumstances: Circumstances,
  l10n: Localizer,
): readonly ConfirmationLine[] {
  return [
    ...staleLines(circumstances, l10n),
    ...decisionLines(plan, l10n.t('Revoke'), circumstances, l10n),
    ...plan.images.flatMap((image): readonly ConfirmationLine[] => [
      {
        label: `$(package) ${familiarName(image.reference)}`,
        description: l10n.t('statement #{0}', image.attestation.position),
        detail: l10n.t(
          'Revoked permanently, for everybody to see: {0}.',
          revocationText(image.revocation.reason, l10n),
        ),
      },
      ...(image.revocation.note === ''
        ? []
        : [{ label: `$(note) ${displayText(image.revocation.note)}`, description: '' }]),
      ...voidedText(image, l10n).map((text) => ({ label: '$(error)', description: '', detail: text })),
      ...foreseenLines(plan, image, l10n),
    ]),
    ...speakerLines(plan, circumstances, l10n),
    ...frameLines(plan, l10n),
  ];
}

/** What every transaction has: the ledger, its cost, who signs, and all that it says. */
export function frameLines(plan: TransactionPlan, l10n: Localizer): readonly ConfirmationLine[] {
  const { ledger, cost, signer, signed } = planFrame(plan, l10n);
  return [
    { label: `$(link) ${ledger.kind}`, description: '', detail: ledger.id },
    ...(cost === undefined ? [] : [{ label: `$(credit-card) ${cost.most}`, description: cost.balance }]),
    { label: `$(account) ${signer}`, description: '' },
    ...(signed === undefined
      ? []
      : [{ label: `$(file-binary) ${signed.title}`, description: '' }, ...signed.lines.map(below)]),
  ];
}

/** A line that only tells something, below what it is about. */
export function below(text: string): ConfirmationLine<never> {
  return { label: `$(blank) ${text}`, description: '' };
}

function signLabel({ entries, images }: SigningPlan, l10n: Localizer): string {
  if (images[0]?.vouch !== undefined) return l10n.t('Vouch');
  const { length } = images.filter(({ entry }) => entries.includes(entry));
  return length === 1 ? l10n.t('Sign') : l10n.t('Sign {0} images', length);
}

function staleLines({ staleLink, staleImage }: Circumstances, l10n: Localizer): readonly ConfirmationLine[] {
  if (!staleLink) return [];
  const label =
    staleImage === undefined
      ? l10n.t('This was signed elsewhere in the meantime')
      : l10n.t('{0} was signed elsewhere in the meantime', displayText(staleImage));
  return [
    {
      label: `$(warning) ${label}`,
      description: l10n.t('Your signature was not written. Check what has changed since.'),
    },
  ];
}

function skippedLine({ name, error }: SkippedImage, l10n: Localizer): ConfirmationLine {
  return {
    label: `$(warning) ${l10n.t('Not signed: {0}', displayText(name))}`,
    description: '',
    detail: errorText(error, l10n),
  };
}

function hubNameLines({ reference }: PlannedEntry, l10n: Localizer): readonly ConfirmationLine[] {
  const text = hubNameText(reference, l10n);
  return text === undefined ? [] : [{ label: `$(info) ${text}`, description: '' }];
}

/** What the reader will see of an image once the plan is final. */
function foreseenLines(
  plan: SigningPlan | RevocationPlan,
  { reference }: PlannedEntry,
  l10n: Localizer,
): readonly ConfirmationLine[] {
  const foreseen = plan.foreseen?.find((each) => each.reference === reference);
  const text = foreseen && foreseenText(foreseen, plan, l10n);
  if (foreseen === undefined || text === undefined) return [];
  return [{ label: `$(${verdictAppearance[foreseen.then.kind].icon}) ${text}`, description: '' }];
}

/** Signing in the name of whom the reader's rule names stands before everything else that can be done. */
function namedLines({ named }: Circumstances, l10n: Localizer): readonly ConfirmationLine[] {
  if (named === undefined) return [];
  const label = l10n.t('Sign as {0} instead', named);
  return [{ label: `$(arrow-swap) ${label}`, description: l10n.t('your rule names them'), decision: 'switchToNamed' }];
}

function speakerLines(
  plan: SigningPlan | RevocationPlan,
  { canSwitchPublisher = false }: Circumstances,
  l10n: Localizer,
): readonly ConfirmationLine[] {
  const speaker = speakerText(plan, l10n);
  const [who, how] = [`$(organization) ${speaker ?? ''}`, l10n.t('signed by {0}', checksumAddress(plan.signer))];
  return [
    ...(speaker === undefined ? [] : [{ label: who, description: how }]),
    ...(canSwitchPublisher
      ? [
          {
            label: `$(arrow-swap) ${l10n.t('Sign in another name…')}`,
            description: '',
            decision: 'switchPublisher' as const,
          },
        ]
      : []),
  ];
}

/** What a person vouches for, digest by digest, where it is from, and what speaks against it. */
function vouchLines(image: PlannedImage, l10n: Localizer): readonly ConfirmationLine[] {
  const { vouch, statement, platform, registry } = image;
  if (vouch === undefined) return [];
  const warning = vouchWarning(image, l10n);
  const platforms = platform.split(', ');
  const digests = statement.leaves.filter((leaf) => platforms.includes(platformText(leaf.platform)));
  return [
    ...(warning === undefined ? [] : [{ label: '$(error)', description: '', detail: warning }]),
    ...digests.map(({ configDigest, manifestDigest }) => ({
      label: `$(verified) ${l10n.t('You vouch for this content and no other')}`,
      description: '',
      detail: manifestDigest ?? configDigest,
    })),
    { label: `$(info) ${vouchOriginText(image, l10n) ?? ''}`, description: '' },
    ...(vouch.origin === 'registry' || registry?.isExpected === true
      ? []
      : [
          {
            label: `$(cloud) ${l10n.t('Vouch for what the registry has instead…')}`,
            description: '',
            decision: 'switchSource' as const,
          },
        ]),
  ];
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
        description: nothingToSendText(l10n),
        decision: 'again',
      },
    ];
  }
  if (plan.missing > 0n) {
    return [
      {
        label: `$(server-process) ${l10n.t('Mine until the balance is enough')}`,
        description: l10n.t('{0} more needed', exactEther(plan.missing)),
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
    label: `$(key) ${l10n.t('{0}, and mine until it is final', label)}`,
    description: plan.ledgerKind === 'development' ? l10n.t('nobody else mines this network') : '',
    decision: 'signAndMine',
  };
  return plan.ledgerKind === 'development' ? [signAndMine, sign] : [sign, signAndMine];
}

function imageLine(image: PlannedImage, l10n: Localizer): ConfirmationLine {
  return {
    label: `$(package) ${familiarName(image.reference)}`,
    description: displayText(image.platform),
    detail: plannedChangeText(image, l10n),
  };
}

/** What a registry shows the release under, for a person to compare. */
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
            `$(warning) ${l10n.t('Not signed: {0}', list(unstated.map(platformText), l10n))}`,
            l10n.t('Your release does not state this, so the index as a whole is not signed either.'),
          ),
        ]),
  ];
}
