import { basename, dirname, join, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import * as v from 'valibot';
import { commandsRuleFile, editorsRuleFile } from '../core/trust/ruleFiles';
import { FileError, readIfThere } from '../adapters/boundedFile';
import { FolderFileStore } from '../adapters/files/folderFileStore';
import type { JsonValue } from '../core/json/canonicalJson';
import { parseStrictJson, StrictJsonError } from '../core/json/strictJson';
import { displayText } from '../core/displayText';
import type { TrustRule } from '../core/trust/rules';
import { problemText } from '../words/ruleText';
import { parseTrustRules } from '../services/trust/trustRules';
import { faultText, readNamedFile } from './namedFile';
import { UsageError } from './usageError';

/** Bytes: some 10,000 publishers. */
const largestFile = 1024 * 1024;

/**
 * The reader's trust rules: those of `file`, or otherwise of the data folder, where the editor stores its user's rules
 * and this command its own; all count alike. None is skipped: a rule that is not understood could be the one that
 * enforces.
 */
export async function readRules(
  file: string | undefined,
  folder: string,
  signal: AbortSignal,
): Promise<readonly TrustRule[]> {
  if (file !== undefined) return parseRules((await readNamedFile(file, largestFile, signal)).bytes, file);
  const paths = [editorsRuleFile, commandsRuleFile].map((name) => join(folder, name));
  return (await Promise.all(paths.map(readOwn))).flat();
}

/** Rules of which this command may change some: `file`'s, or else its own of the data folder. */
export class RuleFile {
  readonly path: string;

  constructor(file: string | undefined, folder: string) {
    this.path = resolve(file ?? join(folder, commandsRuleFile));
  }

  read(): Promise<readonly TrustRule[]> {
    return readOwn(this.path);
  }

  /** Whole or not at all. */
  async write(rules: readonly TrustRule[]): Promise<void> {
    const store = new FolderFileStore(dirname(this.path));
    await store.write(basename(this.path), Buffer.from(`${JSON.stringify(rules, null, 2)}\n`));
  }
}

/** Of a file that need not be there. */
async function readOwn(path: string): Promise<readonly TrustRule[]> {
  try {
    const bytes = await readIfThere(path, largestFile);
    return bytes === undefined ? [] : parseRules(bytes, path);
  } catch (error) {
    throw error instanceof FileError ? new UsageError(faultText(error, path)) : error;
  }
}

/** As strictly as a policy file: what other programs could read differently says nothing. */
function parseRules(bytes: Uint8Array, path: string): readonly TrustRule[] {
  const shown = displayText(path);
  let value: JsonValue;
  try {
    value = parseStrictJson(bytes, { bytes: largestFile, depth: 8 });
  } catch (error) {
    const isTwice = error instanceof StrictJsonError && error.fault === 'duplicateKey';
    throw new UsageError(
      isTwice
        ? l10n.t('{0} says something twice, so that it could be read in more than one way.', shown)
        : l10n.t('{0} is not a JSON list of trust rules.', shown),
    );
  }
  const values = v.safeParse(v.array(v.unknown()), value);
  if (!values.success) throw new UsageError(l10n.t('{0} is not a JSON list of trust rules.', shown));
  const { rules, problems } = parseTrustRules(values.output);
  if (problems.length > 0) {
    const reasons = problems.map((problem) => `  ${problemText(problem, l10n)}`);
    throw new UsageError([l10n.t('Trust rules in {0} are refused:', shown), ...reasons].join('\n'));
  }
  return rules;
}
