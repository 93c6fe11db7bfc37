import { isDigest } from '../core/image/digest';
import type { Localizer } from '../words/localizer';
import { verdictLabel, verdictNextStep, verdictReason } from '../words/verdictText';
import { isAlarm, type Verdict } from '../core/judging/verdict';
import { worse } from '../core/judging/worse';
import type { CommandId } from './commandIds';
import type { Notice } from './errorNotice';
import { sentences } from '../words/listText';

export interface ToldVerdict {
  /** As a person reads it. */
  readonly label: string;
  /** What *Why?* explains: a reference or an image ID. */
  readonly name: string;
  readonly verdict: Verdict;
}

/** Tells verdicts that somebody asked for: that of one image, or how many are verified and the worst there is. */
export function verdictNotice(told: readonly [ToldVerdict, ...ToldVerdict[]], l10n: Localizer): Notice {
  const alarms = told.filter(({ verdict }) => isAlarm(verdict));
  const { label, name, verdict } = alarms.reduce(
    (before, each) => (worse(before.verdict, each.verdict) === before.verdict ? before : each),
    alarms[0] ?? told[0],
  );
  const sentence = l10n.t('{0}: {1}. {2}', label, verdictLabel(verdict, l10n), verdictReason(verdict, l10n));
  const verified = told.filter((each) => each.verdict.kind === 'verified').length;
  const summary = l10n.t('{0} of {1} images are verified.', verified, told.length);
  const nextStep = verdict.kind === 'verified' ? undefined : verdictNextStep(verdict, l10n, !isDigest(name));
  const parts = told.length === 1 ? [sentence, nextStep] : [summary, alarms.length > 0 ? sentence : undefined];
  const command: CommandId = 'daochain.explainVerdict';
  return {
    severity: alarms.length > 0 ? 'error' : 'information',
    message: sentences(parts, l10n),
    actions: [{ title: l10n.t('Why?'), command, arguments: [name, 'engine'] }],
  };
}
