import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import * as v from 'valibot';
import type { DaoChainError } from '../core/errors';
import { escapedText } from '../core/trust/displayText';
import { ruleProblemText } from '../core/trust/explain';
import { ruleProblems, type TrustRule } from '../core/trust/rules';
import { parseTrustRules } from '../services/trustRules';
import { UsageError } from './usageError';

const fileSchema = v.pipe(v.string(), v.parseJson(), v.array(v.unknown()));

/**
 * The reader's trust rules: those of `file`, or else of the data folder, where the editor puts its user's. Nothing of them
 * is passed over: a rule that is not understood could be the one that enforces.
 */
export async function readRules(file: string | undefined, folder: string): Promise<readonly TrustRule[]> {
  const path = file ?? join(folder, 'trust.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isAbsent && file === undefined) return [];
    throw new UsageError(l10n.t('The trust rules cannot be read: {0}', escapedText(path)));
  }
  const values = v.safeParse(fileSchema, text);
  if (!values.success) throw new UsageError(l10n.t('{0} is not a JSON list of trust rules.', escapedText(path)));
  const { rules, problems } = parseTrustRules(values.output);
  if (problems.length > 0) {
    const reasons = problems.map((problem) => `  ${reasonOf(problem)}`);
    throw new UsageError([l10n.t('Trust rules in {0} are refused:', escapedText(path)), ...reasons].join('\n'));
  }
  return rules;
}

function reasonOf({ details: { problem = '', value = '' } }: DaoChainError): string {
  const known = ruleProblems.find((each) => each === problem);
  return known !== undefined
    ? ruleProblemText(known, value, l10n)
    : l10n.t('A rule has a field that is missing, unknown or of the wrong type: {0}', escapedText(value));
}
