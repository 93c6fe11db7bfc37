import { publisherWallet, walletPublisher } from '../core/hex';
import { familiarName, formatReference, type ImageReference } from '../core/image/reference';
import { platformText } from '../core/ledger/statement';
import type { Leaf, PublisherId } from '../core/ledger/types';
import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';
import { verdictLabel, verdictReason } from './verdictText';
import { leafTitle } from './statementText';
import { lookAlikeText } from './lookAlikeText';
import { isRed } from '../core/judging/verdict';
import type { Foreseen, PlannedImage, PlannedRevocation, RevocationPlan, SigningPlan } from '../core/plans/signingPlan';
import { wholePublisher } from './publisherText';
import { list, sentences } from './listText';

/** In whose name a plan speaks, and what; undefined where a wallet speaks for itself. */
export function speakerText(
  {
    publisher,
    publisherName,
    images: [first],
  }: Pick<SigningPlan, 'publisher' | 'publisherName'> & {
    readonly images: readonly Pick<PlannedImage, 'entry'>[];
  },
  l10n: Localizer,
): string | undefined {
  if (publisherWallet(publisher) !== undefined) return undefined;
  const who = wholePublisher(publisher, l10n, publisherName);
  switch (first?.entry.kind) {
    case undefined:
    case 'publish':
      return l10n.t('Published by {0}', who);
    case 'vouch':
      return l10n.t('Vouched for by {0}', who);
    case 'revoke':
      return l10n.t('Revoked by {0}', who);
  }
}

/** What a signature changes about a release. */
export function plannedChangeText(image: PlannedImage, l10n: Localizer): string {
  const { statement, change, lifted } = image;
  const carried = statement.leaves.filter((leaf) => leaf.carried?.content === true && !isCompleted(leaf));
  const changed = image.vouch === undefined ? changeText(change, l10n) : vouchChangeText(change, l10n);
  return sentences(
    [
      changed,
      lifted.length === 0
        ? undefined
        : l10n.t(
            'It was revoked under every name of the publisher. Your signature makes it valid again under every name.',
          ),
      carried.length === 0
        ? undefined
        : l10n.t('Carried forward unchanged from an earlier entry: {0}.', list(carried.map(leafTitle), l10n)),
    ],
    l10n,
  );
}

/** Whether whoever carries a content adds a digest to it. */
function isCompleted({ manifestDigest, carried }: Leaf): boolean {
  return manifestDigest !== undefined && carried?.digests !== true;
}

/** Whose name it is that names no registry, wherever such a name is signed; undefined for every other name. */
export function hubNameText({ repository, tag }: ImageReference, l10n: Localizer): string | undefined {
  if (!repository.startsWith('docker.io/library/')) return undefined;
  return l10n.t(
    'A name without a registry stands for one of Docker Hub’s official images: {0}. Nobody who signs here owns it.',
    formatReference({ repository, ...(tag !== undefined && { tag }) }),
  );
}

/** Where an image comes from that is vouched for; undefined for one that is not. */
export function vouchOriginText({ reference, vouch }: PlannedImage, l10n: Localizer): string | undefined {
  const registry = displayText(reference.registry);
  switch (vouch?.origin) {
    case undefined:
      return undefined;
    case 'built':
      return l10n.t('Built or loaded on this engine, according to the engine.');
    case 'pulled':
      return l10n.t('Pulled from {0}, according to the engine.', registry);
    case 'unknown':
      return l10n.t('The engine does not say where it came from.');
    case 'registry':
      return l10n.t('As {0} shows it now; it was not pulled.', registry);
  }
}

/** What speaks against vouching for an image, before a person does; undefined where nothing does. */
export function vouchWarning({ vouch, change }: PlannedImage, l10n: Localizer): string | undefined {
  if (vouch === undefined) return undefined;
  const { verdict, lookAlike } = vouch;
  const isMalformed = verdict.kind === 'unknown' && verdict.missing === 'malformedImage';
  const isBad = isRed(verdict) || isMalformed;
  const parts = [
    isBad ? l10n.t('{0}: {1}', verdictLabel(verdict, l10n), verdictReason(verdict, l10n)) : undefined,
    // Also where no rule of the reader asks the publisher.
    !isBad && change.type === 'restored' ? changeText(change, l10n) : undefined,
    lookAlike && lookAlikeText(lookAlike, l10n),
  ];
  return parts.some((part) => part !== undefined) ? sentences(parts, l10n) : undefined;
}

/**
 * What the reader will see once a plan is final, and whose word their rule takes where it is not that of whom the plan speaks
 * for; undefined where there is no image here to see it of.
 */
export function foreseenText(
  { now, then, named, names }: Foreseen,
  { publisher, publisherName, signer }: Pick<SigningPlan | RevocationPlan, 'publisher' | 'publisherName' | 'signer'>,
  l10n: Localizer,
): string | undefined {
  if (then.kind === 'unknown' && then.missing === 'image') return undefined;
  const who = (each: PublisherId): string => {
    if (each === walletPublisher(signer)) return l10n.t('your wallet');
    return wholePublisher(each, l10n, each === publisher ? publisherName : names?.get(each));
  };
  const label = verdictLabel(then, l10n);
  return sentences(
    [
      now.kind === then.kind ? l10n.t('For you it stays: {0}.', label) : l10n.t('For you it will be: {0}.', label),
      isWordTaken({ named }, publisher)
        ? undefined
        : l10n.t('Your rule trusts {0} here, not {1}.', list(named.map(who), l10n), who(publisher)),
      then.kind === 'verified' ? undefined : verdictReason(then, l10n),
    ],
    l10n,
  );
}

/** Whether a rule that decides takes the word of a publisher, or none takes anybody's. */
export function isWordTaken({ named }: Pick<Foreseen, 'named'>, publisher: PublisherId): boolean {
  return named.length === 0 || named.includes(publisher);
}

/** What a person should do first about an image that they vouch for unseen; undefined where there is nothing. */
export function unseenLayersText({ vouch, registry }: PlannedImage, l10n: Localizer): string | undefined {
  if (vouch?.origin !== 'registry' || registry?.isExpected === true) return undefined;
  return l10n.t(
    'Nobody has seen these layers, and whoever runs the registry chooses what you are shown. Pull the image first, or compare its digest with one that you know from elsewhere.',
  );
}

/** What a revocation takes back, one line for each image of a platform. */
export function voidedText(
  { reference, voided, affected, everywhere }: PlannedRevocation,
  l10n: Localizer,
): readonly string[] {
  const statements = affected.map(({ position }) => `#${position}`);
  return [
    ...voided.map(({ platform, configDigest }) =>
      l10n.t('Turns red: {0}, {1}', displayText(platformText(platform)), configDigest),
    ),
    l10n.t('Void from then on under {0}: {1}', displayText(familiarName(reference)), list(statements, l10n)),
    ...everywhere.map(({ leaf }) =>
      l10n.t('Revoked under every name of the publisher: {0}, {1}', leafTitle(leaf), leaf.configDigest),
    ),
  ];
}

/** What a person has to do about a digest that only the registry has named; undefined where there is nothing. */
export function unexpectedDigestText(image: PlannedImage, l10n: Localizer): string | undefined {
  const { registry, change, vouch } = image;
  if (vouch !== undefined) return unseenLayersText(image, l10n);
  if (registry === undefined || registry.isExpected || change.type === 'same') return undefined;
  return l10n.t(
    'Whoever runs the registry chooses what you are shown. Compare its digest with the one that your build printed.',
  );
}

export function vouchChangeText(change: PlannedImage['change'], l10n: Localizer): string {
  switch (change.type) {
    case 'first':
      return l10n.t('You have not vouched for anything under this tag before.');
    case 'added':
      return l10n.t('You have not vouched for this platform before.');
    case 'completed':
      return l10n.t('The content that you vouched for, with its digest in the registry.');
    case 'same':
      return l10n.t('You already vouch for this content.');
    case 'changed':
      return change.differences.length === 0
        ? l10n.t('Not the content that you vouched for before; what has changed is not known here.')
        : l10n.t('Changed since you vouched for it: {0}.', list(change.differences, l10n));
    case 'renewed':
    case 'restored':
      return changeText(change, l10n);
  }
}

export function changeText(change: PlannedImage['change'], l10n: Localizer): string {
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
      return l10n.t('The content that you signed, with its digests in the registry.');
    case 'same':
      return l10n.t('Already signed with this content.');
    case 'changed':
      return change.differences.length === 0
        ? l10n.t('Not the content that you signed before.')
        : l10n.t('Changed since you signed it: {0}.', list(change.differences, l10n));
  }
}
