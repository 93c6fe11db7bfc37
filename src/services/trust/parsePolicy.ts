import * as v from 'valibot';
import { DaoChainError, type ErrorDetails } from '../../core/errors';
import type { JsonValue } from '../../core/json/canonicalJson';
import { sha256Digest, type Digest } from '../../core/image/digest';
import { parseStrictJson, StrictJsonError } from '../../core/json/strictJson';
import { mostPolicyBytes } from '../../core/trust/policyFile';
import type { TrustRule } from '../../core/trust/rules';
import { parseTrustRules } from './trustRules';

/** What a policy file says. */
export interface Policy {
  /** The whole file. */
  readonly text: string;
  /** sha256 of its bytes: what is accepted is this content and no other. */
  readonly digest: Digest;
  readonly rules: readonly TrustRule[];
}

const fileSchema = v.strictObject({
  $schema: v.exactOptional(v.string()),
  version: v.literal(1),
  rules: v.array(v.unknown()),
});

/**
 * Reads a policy file. `policyInvalid` with `details.reason`, and the number of the rule from 1, its problem and the value
 * at fault where one rule is refused: the file is refused with it, for a policy of which half counts says less than it means.
 */
export function parsePolicy(bytes: Uint8Array): Policy {
  const parsed = v.safeParse(fileSchema, parseJson(bytes));
  if (!parsed.success) return refuse('shape', { value: v.getDotPath(parsed.issues[0]) ?? '' });
  const rules = parsed.output.rules.map((value, index) => {
    const {
      rules: [rule],
      problems: [problem],
    } = parseTrustRules([value]);
    return rule ?? refuse('rule', { ...problem?.details, rule: String(index + 1) });
  });
  return { text: new TextDecoder().decode(bytes), digest: sha256Digest(bytes), rules };
}

function parseJson(bytes: Uint8Array): JsonValue {
  try {
    return parseStrictJson(bytes, { bytes: mostPolicyBytes, depth: 8 });
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    const { fault } = error;
    return refuse(fault === 'tooLarge' || fault === 'duplicateKey' ? fault : 'syntax', {}, error);
  }
}

function refuse(reason: string, details: ErrorDetails, cause?: unknown): never {
  throw new DaoChainError('policyInvalid', `Policy refused: ${reason}`, { details: { ...details, reason }, cause });
}
