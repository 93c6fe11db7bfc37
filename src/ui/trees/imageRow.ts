import { shortDigest } from '../../core/image/digest';
import { familiarName } from '../../core/image/reference';
import type { Localizer } from '../../words/localizer';
import { displayText } from '../../core/displayText';
import { accessibleLabel, listedLabel, verdictReason } from '../../words/verdictText';
import type { Citation, Verdict } from '../../core/judging/verdict';
import type { JudgedImage } from '../../core/judging/imageAnswer';
import { verdictAppearance, type VerdictColor } from '../verdictAppearance';
import { imageUri, type ImageUri } from './imageUri';
import { publisherLabel } from '../../words/publisherText';

/** One row of an image list, as data. */
export interface ImageRow {
  /** Stable while the same name or, without a name, the same image is there. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  readonly color: VerdictColor | undefined;
  readonly accessibleLabel: string;
  /** Tokens for `when` clauses: `image`, `signable` where there is a name, the verdict, and `vouched` where other content was vouched for. */
  readonly contextValue: string;
  readonly uri: ImageUri;
}

/** What a person calls an image: its name without what goes without saying, or its short ID. */
export function imageLabel({ image, reference }: JudgedImage): string {
  return reference === undefined ? shortDigest(image.id) : familiarName(reference);
}

/** `shown` is how the list writes the name, where it is too wide for its rows. To a screen reader it is told whole. */
export function imageRow(judged: JudgedImage, l10n: Localizer, shown = imageLabel(judged)): ImageRow {
  const { image, reference, verdict } = judged;
  const id = reference?.text ?? image.id;
  const { icon, color } = verdictAppearance[verdict.kind];
  return {
    id,
    label: shown,
    description: description(verdict, l10n),
    icon,
    color,
    accessibleLabel: accessibleLabel(reference === undefined ? image.id : familiarName(reference), verdict, l10n),
    contextValue: [
      'image',
      ...(reference === undefined ? [] : ['signable']),
      verdict.kind,
      ...(verdict.kind === 'unsigned' && verdict.vouchedDiffers.length > 0 ? ['vouched'] : []),
    ].join(';'),
    uri: imageUri(id, verdict.kind),
  };
}

/** By name, images without one last; the engine's order changes with every build. */
export function compareImages(a: JudgedImage, b: JudgedImage): number {
  if ((a.reference === undefined) !== (b.reference === undefined)) return a.reference === undefined ? 1 : -1;
  const [one, other] = [imageLabel(a), imageLabel(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The verdict in words, for it is never told by colour alone, and the one fact that a glance at the list should give. */
function description(verdict: Verdict, l10n: Localizer): string {
  const fact = keyFact(verdict, l10n);
  const label = listedLabel(verdict, l10n);
  return fact === undefined ? label : `${label} · ${fact}`;
}

function keyFact(verdict: Verdict, l10n: Localizer): string | undefined {
  switch (verdict.kind) {
    case 'verified':
      return [speakers(verdict.by, l10n), depthText(verdict, l10n)].filter((part) => part !== undefined).join(' · ');
    case 'pending':
      return l10n.t('{0}/{1} confirmations', verdict.confirmations, verdict.needed);
    case 'untrusted':
    case 'stale':
      return speakers(verdict.by, l10n);
    case 'superseded':
      return l10n.t('an older release of this tag');
    case 'mismatch':
      if (verdict.confirming !== undefined) {
        return l10n.t('{0}/{1} confirmations', verdict.confirming.confirmations, verdict.confirming.needed);
      }
      return verdict.cause === 'rebuilt'
        ? l10n.t('sign it again if you built it')
        : l10n.t('not what {0} published', publisherLabel(verdict.citation.publisher, l10n));
    case 'revoked':
      return l10n.t('by {0}', publisherLabel(verdict.citation.publisher, l10n));
    case 'tampered':
      return verdict.paths.length === 1 ? l10n.t('1 path differs') : l10n.t('{0} paths differ', verdict.paths.length);
    case 'unsigned':
      return unsignedFact(verdict, l10n);
    case 'unknown':
      return verdictReason(verdict, l10n);
  }
}

function unsignedFact(verdict: Extract<Verdict, { kind: 'unsigned' }>, l10n: Localizer): string | undefined {
  const [known] = verdict.knownAs;
  if (verdict.vouchedDiffers.length > 0) return l10n.t('vouched content differs');
  if (known !== undefined) return l10n.t('also signed as {0}', displayText(`${known.repository}:${known.tag}`));
  return verdict.otherPlatforms.length > 0 ? l10n.t('other platforms are signed') : undefined;
}

function speakers(citations: readonly Citation[], l10n: Localizer): string | undefined {
  const [first, ...more] = new Set(citations.map(({ publisher }) => publisherLabel(publisher, l10n)));
  if (first === undefined || more.length === 0) return first;
  return l10n.t('{0} and {1} more', first, more.length);
}

/** Said only where more than the identity was compared. */
function depthText({ depth }: Verdict, l10n: Localizer): string | undefined {
  switch (depth) {
    case 'identity':
      return undefined;
    case 'layers':
      return l10n.t('layers compared');
    case 'rootfs':
      return l10n.t('root filesystem compared');
  }
}
