import { withoutRule, withRule } from '../../core/trust/ruleChange';
import type { RuleSource } from '../../core/trust/rules';
import { isAlarm } from '../../core/judging/verdict';
import type { JudgedImage, ImageQuery } from '../../core/judging/imageAnswer';
import type { VerificationService } from '../judging/verificationService';
import type { RuleTrial, TriedReference } from '../../core/plans/ruleTrial';

export async function tryRule(
  verification: VerificationService,
  query: ImageQuery,
  trial: RuleTrial,
  signal: AbortSignal,
): Promise<TriedReference> {
  const [now] = await verification.judgeReferences([query], signal);
  const [then] = await verification.judgeReferences([query], signal, { substitute: changeOf(trial) });
  if (now === undefined || then === undefined) throw new RangeError('one reference has one verdict');
  return { now, then };
}

/** Local images whose verdict a change of the rules would take away: what is green, and what gives an alarm. */
export interface RuleEffect {
  readonly noLongerVerified: readonly string[];
  readonly noLongerAlarming: readonly string[];
}

/** `engineUnavailable`. */
export async function effectOf(
  verification: VerificationService,
  trial: RuleTrial,
  signal: AbortSignal,
): Promise<RuleEffect> {
  const { rows: now } = await verification.judgeAll(signal);
  const { rows: then } = await verification.judgeAll(signal, { substitute: changeOf(trial) });
  const later = new Map(then.map((row) => [keyOf(row), row.verdict]));
  const lost = (had: (verdict: JudgedImage['verdict']) => boolean): readonly string[] =>
    now.flatMap((row) => {
      const verdict = later.get(keyOf(row));
      return had(row.verdict) && verdict !== undefined && !had(verdict) ? [row.reference?.text ?? row.image.id] : [];
    });
  return { noLongerVerified: lost(({ kind }) => kind === 'verified'), noLongerAlarming: lost(isAlarm) };
}

function changeOf({ change, rule }: RuleTrial): (sources: readonly RuleSource[]) => readonly RuleSource[] {
  return (sources) => (change === 'added' ? withRule(sources, rule) : withoutRule(sources, rule));
}

function keyOf({ image, reference }: JudgedImage): string {
  return `${image.id} ${reference?.text ?? ''}`;
}
