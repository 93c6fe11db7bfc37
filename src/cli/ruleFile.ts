import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import * as v from 'valibot';
import { FolderFileStore } from '../adapters/files/folderFileStore';
import { displayText } from '../core/trust/displayText';
import type { TrustRule } from '../core/trust/rules';
import { problemText } from '../services/ruleText';
import { parseTrustRules } from '../services/trustRules';
import { UsageError } from './usageError';

const fileSchema = v.pipe(v.string(), v.parseJson(), v.array(v.unknown()));

/** In the data folder: what the editor writes from its user's settings, and what only this command writes. */
const editorsFile = 'trust.json';
const commandsFile = 'trust.local.json';

/**
 * The reader's trust rules: those of `file`, or else of the data folder, where the editor puts its user's and this command
 * its own; all count alike. Nothing of them is passed over: a rule that is not understood could be the one that enforces.
 */
export async function readRules(file: string | undefined, folder: string): Promise<readonly TrustRule[]> {
  if (file !== undefined) return readFileOf(file, true);
  const paths = [editorsFile, commandsFile].map((name) => join(folder, name));
  return (await Promise.all(paths.map((path) => readFileOf(path, false)))).flat();
}

/** Rules of which this command may change some: `file`'s, or else its own of the data folder. */
export class RuleFile {
  readonly path: string;

  constructor(
    private readonly file: string | undefined,
    folder: string,
  ) {
    this.path = resolve(file ?? join(folder, commandsFile));
  }

  read(): Promise<readonly TrustRule[]> {
    return readFileOf(this.path, this.file !== undefined);
  }

  /** Whole or not at all. */
  async write(rules: readonly TrustRule[]): Promise<void> {
    const store = new FolderFileStore(dirname(this.path));
    await store.write(basename(this.path), Buffer.from(`${JSON.stringify(rules, null, 2)}\n`));
  }
}

async function readFileOf(path: string, mustBeThere: boolean): Promise<readonly TrustRule[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isAbsent && !mustBeThere) return [];
    throw new UsageError(l10n.t('The trust rules cannot be read: {0}', displayText(path)));
  }
  const values = v.safeParse(fileSchema, text);
  if (!values.success) throw new UsageError(l10n.t('{0} is not a JSON list of trust rules.', displayText(path)));
  const { rules, problems } = parseTrustRules(values.output);
  if (problems.length > 0) {
    const reasons = problems.map((problem) => `  ${problemText(problem, l10n)}`);
    throw new UsageError([l10n.t('Trust rules in {0} are refused:', displayText(path)), ...reasons].join('\n'));
  }
  return rules;
}
