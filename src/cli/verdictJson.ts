import * as l10n from '@vscode/l10n';
import { formatReference } from '../core/image/reference';
import { verdictLabel, verdictNextStep, verdictReason } from '../words/verdictText';
import { lookAlikeText } from '../words/lookAlikeText';
import { sidesLabel, sidesNextStep, sidesReason } from '../words/sidesText';
import type { Verdict } from '../core/judging/verdict';
import type { ImageAnswer, JudgedSides } from '../core/judging/imageAnswer';

/** A verdict as `--json` has it (docs/cli.md): itself, and what it says in the reader's language. */
export function verdictJson(verdict: Verdict): object {
  const { kind, ...facts } = verdict;
  return {
    kind,
    label: verdictLabel(verdict, l10n),
    reason: verdictReason(verdict, l10n),
    nextStep: verdictNextStep(verdict, l10n),
    ...facts,
  };
}

/** The verdict on a reference, in the words that it has where nobody has looked at the image. */
export function judgedVerdictJson(judged: JudgedSides): object {
  return {
    ...verdictJson(judged.verdict),
    label: sidesLabel(judged, l10n),
    reason: sidesReason(judged, l10n),
    nextStep: sidesNextStep(judged, l10n),
  };
}

/** The verdict on a reference, and apart where engine and registry were asked. */
export function judgedJson(judged: ImageAnswer): object {
  const { text, platform, judgedFor, reference, local, registry, registryFailure, lookAlike } = judged;
  return {
    text,
    ...(reference !== undefined && { name: formatReference(reference) }),
    ...(platform !== undefined && { platform }),
    ...(judgedFor !== undefined && { judgedFor }),
    verdict: judgedVerdictJson(judged),
    ...(local !== undefined && { engine: verdictJson(local.verdict) }),
    ...(registry !== undefined && { registry: { digest: registry.digest, ...verdictJson(registry.verdict) } }),
    ...(registryFailure !== undefined && { registryFailure }),
    ...(lookAlike !== undefined && { lookAlike: { ...lookAlike, text: lookAlikeText(lookAlike, l10n) } }),
  };
}
