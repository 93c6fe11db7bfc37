import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';
import { judgedPlatformText, sidesLabel, sidesNextStep, sidesReason, sidesText } from './sidesText';
import type { ImageAnswer } from '../core/judging/imageAnswer';
import { ruleLines } from './ruleText';
import type { RuleTrial, TriedReference } from '../core/plans/ruleTrial';
import type { KnownLedgers } from '../core/ledger/knownLedgers';

/** What a rule does to the verdict on an image, as lines to read. */
export function trialLines(
  { now, then }: TriedReference,
  { rule, change }: RuleTrial,
  known: KnownLedgers,
  l10n: Localizer,
): readonly string[] {
  const isSame = now.verdict.kind === then.verdict.kind;
  return [
    displayText(now.text),
    '',
    l10n.t('With your rules as they are: {0}', sidesLabel(now, l10n)),
    ...indented(reasonLines(now, l10n)),
    '',
    change === 'added'
      ? l10n.t('With this rule: {0}', sidesLabel(then, l10n))
      : l10n.t('Without this rule: {0}', sidesLabel(then, l10n)),
    ...indented(reasonLines(then, l10n)),
    '',
    ...(isSame ? [l10n.t('The rule makes no difference for this image.'), ''] : []),
    l10n.t('The rule:'),
    ...indented(ruleLines(rule, known, l10n)),
    '',
    l10n.t('This was a trial: nothing was stored.'),
  ];
}

function reasonLines(judged: ImageAnswer, l10n: Localizer): readonly string[] {
  const { verdict } = judged;
  const lines = [
    sidesReason(judged, l10n),
    sidesText(judged, l10n),
    judgedPlatformText(judged, l10n),
    verdict.kind === 'verified' ? undefined : sidesNextStep(judged, l10n),
  ];
  return lines.filter((line) => line !== undefined);
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
