import * as v from 'valibot';
import { ConfigurationTarget, workspace, type Disposable, type Uri } from 'vscode';
import { DaoChainError, isDaoChainError } from '../core/errors';
import { parseRule, type TrustRule } from '../core/trust/rules';

export type StatusBarVisibility = 'always' | 'whenActive' | 'never';

/** `problems` has one entry for each rule that is not understood; such a rule counts for nothing. */
export interface TrustRules {
  readonly rules: readonly TrustRule[];
  readonly problems: readonly DaoChainError[];
}

const section = 'daochain';

const ruleSchema = v.strictObject({
  ledger: v.string(),
  repositories: v.string(),
  publishers: v.array(v.string()),
  threshold: v.exactOptional(v.number()),
  accept: v.exactOptional(v.picklist(['publish', 'vouch'])),
  level: v.exactOptional(v.picklist(['enforce', 'warn'])),
  maximumViewAgeSeconds: v.exactOptional(v.number()),
});

/** The user's settings. Each value is parsed: settings files are written by people. */
export class Settings {
  /** Rules are the user's alone: a folder that was cloned must not widen whom its reader trusts. */
  trustRules(): TrustRules {
    const rules: TrustRule[] = [];
    const problems: DaoChainError[] = [];
    for (const value of this.userRules()) {
      try {
        rules.push(toRule(value));
      } catch (error) {
        if (!isDaoChainError(error)) throw error;
        problems.push(error);
      }
    }
    return { rules, problems };
  }

  /** Adds a rule to the user's settings; what is there stays as it is. */
  async addTrustRule(rule: TrustRule): Promise<void> {
    const configuration = workspace.getConfiguration(section);
    await configuration.update('trust.rules', [...this.userRules(), rule], ConfigurationTarget.Global);
  }

  /** A path, or undefined to look for the program. */
  get nodePath(): string | undefined {
    return this.optionalText('node.path');
  }

  get startNodeWithViews(): boolean {
    return this.read('node.startWithViews', v.boolean(), false);
  }

  get miningThreads(): number {
    return this.read('node.miningThreads', v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64)), 1);
  }

  /** An address such as `unix:///var/run/docker.sock`, or undefined to resolve it as the docker command does. */
  get engineHost(): string | undefined {
    return this.optionalText('engine.host');
  }

  get lockAfterMinutes(): number {
    return this.read('wallet.lockAfterMinutes', v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(480)), 15);
  }

  get statusBarVisibility(): StatusBarVisibility {
    return this.read('statusBar.show', v.picklist(['always', 'whenActive', 'never']), 'whenActive');
  }

  /** Calls `listener` whenever one of our settings changes; `name` without `daochain.`, all of them when absent. */
  onDidChange(listener: () => void, name?: string): Disposable {
    const key = name === undefined ? section : `${section}.${name}`;
    return workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(key)) listener();
    });
  }

  private userRules(): readonly unknown[] {
    const value = workspace.getConfiguration(section).inspect('trust.rules')?.globalValue;
    return Array.isArray(value) ? value : [];
  }

  private optionalText(name: string): string | undefined {
    const text = this.read(name, v.pipe(v.string(), v.trim()), '');
    return text === '' ? undefined : text;
  }

  private read<T>(name: string, schema: v.GenericSchema<T>, fallback: T, resource?: Uri): T {
    const parsed = v.safeParse(schema, workspace.getConfiguration(section, resource).get(name));
    return parsed.success ? parsed.output : fallback;
  }
}

function toRule(value: unknown): TrustRule {
  const parsed = v.safeParse(ruleSchema, value);
  if (parsed.success) return parseRule(parsed.output);
  const issue = parsed.issues[0];
  const at = v.getDotPath(issue) ?? '';
  throw new DaoChainError('ruleInvalid', issue.message, { details: { problem: 'shape', value: at } });
}
