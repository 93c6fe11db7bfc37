import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';
import { verdictLabel, verdictNextStep, verdictReason } from './verdictText';
import type { Verdict } from '../core/judging/verdict';
import { sentences } from './listText';
import { registryFailureText } from './registryText';
import { everyPlatform, type Sides, type JudgedSides } from '../core/judging/imageAnswer';

/**
 * Whether nobody has looked at the image: it is not here, and no registry was read. Then it says little that nobody has
 * signed under its name, and this must not sound like an answer about its content.
 */
function isUnseen({ verdict, local, registry }: JudgedSides): boolean {
  return verdict.kind === 'unsigned' && local === undefined && registry === undefined;
}

/** The verdict on a reference in a word or two. */
export function sidesLabel(judged: JudgedSides, l10n: Localizer): string {
  return isUnseen(judged) ? l10n.t('Not looked at') : verdictLabel(judged.verdict, l10n);
}

/** Why, without what {@link sidesText} adds. */
export function sidesReason(judged: JudgedSides, l10n: Localizer): string {
  if (!isUnseen(judged)) return verdictReason(judged.verdict, l10n);
  return sentences([l10n.t('The image is not here.'), l10n.t('Nobody has signed anything under its name.')], l10n);
}

/** What to do about it; as `verdictNextStep`. */
export function sidesNextStep(judged: JudgedSides, l10n: Localizer, isNamed = true): string {
  return isUnseen(judged) ? l10n.t('Pull or build the image.') : verdictNextStep(judged.verdict, l10n, isNamed);
}

/** For which platform it was judged, where there is an image to be for one. */
export function judgedPlatformText(
  { verdict, judgedFor }: { readonly verdict: Verdict; readonly judgedFor?: string },
  l10n: Localizer,
): string | undefined {
  if (judgedFor === undefined || (verdict.kind === 'unknown' && verdict.missing === 'image')) return undefined;
  if (judgedFor === everyPlatform)
    return l10n.t('Judged for every platform, because no engine says which one is its own.');
  return l10n.t('Judged for {0}.', displayText(judgedFor));
}

/**
 * Names both sides where they are not alike, and says where only the engine's was judged although the registry was to be
 * asked. Undefined where the verdict says everything.
 */
export function sidesText({ local, registry, registryFailure }: Sides, l10n: Localizer): string | undefined {
  if (local === undefined) return undefined;
  if (registryFailure !== undefined) {
    return sentences([l10n.t('Only the local image was judged.'), registryFailureText(registryFailure, l10n)], l10n);
  }
  if (registry === undefined) return undefined;
  const [here, there] = [verdictLabel(local.verdict, l10n), verdictLabel(registry.verdict, l10n)];
  if (here === there) return undefined;
  if (registry.verdict.kind === 'unknown') {
    return sentences([l10n.t('Local image: {0}.', here), verdictReason(registry.verdict, l10n)], l10n);
  }
  return l10n.t('Local image: {0}. In the registry: {1}.', here, there);
}
