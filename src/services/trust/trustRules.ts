import * as v from 'valibot';
import { DaoChainError, isDaoChainError } from '../../core/errors';
import { parseRule, type TrustRule } from '../../core/trust/rules';

/** `problems` has one entry for each rule that is not understood; such a rule counts for nothing. */
export interface TrustRules {
  readonly rules: readonly TrustRule[];
  readonly problems: readonly DaoChainError[];
}

const ruleSchema = v.strictObject({
  ledger: v.string(),
  repositories: v.string(),
  publishers: v.array(v.string()),
  threshold: v.exactOptional(v.number()),
  accept: v.exactOptional(v.picklist(['publish', 'vouch'])),
  level: v.exactOptional(v.picklist(['enforce', 'warn'])),
  maximumViewAgeSeconds: v.exactOptional(v.number()),
});

/** Rules as people write them, in the editor's settings or in a file. */
export function parseTrustRules(values: readonly unknown[]): TrustRules {
  const rules: TrustRule[] = [];
  const problems: DaoChainError[] = [];
  for (const value of values) {
    try {
      rules.push(toRule(value));
    } catch (error) {
      if (!isDaoChainError(error)) throw error;
      problems.push(error);
    }
  }
  return { rules, problems };
}

function toRule(value: unknown): TrustRule {
  const parsed = v.safeParse(ruleSchema, value);
  if (parsed.success) return parseRule(parsed.output);
  const issue = parsed.issues[0];
  const at = v.getDotPath(issue) ?? '';
  throw new DaoChainError('ruleInvalid', issue.message, { details: { problem: 'shape', value: at } });
}
