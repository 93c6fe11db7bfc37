import { isDeepStrictEqual } from 'node:util';
import { ConfigurationTarget, workspace, type Disposable, type Uri } from 'vscode';
import type { DaoChainError } from '../core/errors';
import { publisherWallet } from '../core/hex';
import { isCanonicalRepository } from '../core/image/reference';
import type { PublisherId } from '../core/ledger/types';
import { parsePublisher, type TrustRule } from '../core/trust/rules';
import { parseTrustRules, type TrustRules } from '../services/trust/trustRules';
import { settingId, settingValue, type SettingArea, type SettingName, type SettingValue } from './settingTable';

export type StatusBarVisibility = SettingValue<'statusBar.show'>;

/** A trust rule as the user wrote it: what it means, or why it means nothing. */
export interface WrittenRule {
  readonly value: unknown;
  readonly rule?: TrustRule;
  readonly problem?: DaoChainError;
}

/** The user's settings. Each value is parsed: settings files are written by people. */
export class Settings {
  /** Rules are the user's alone: a folder that was cloned must not widen whom its reader trusts. */
  trustRules(): TrustRules {
    return parseTrustRules(this.userRules);
  }

  /** The rules as the user wrote them, understood or not. */
  get userRules(): readonly unknown[] {
    return this.userList('trust.rules');
  }

  get writtenRules(): readonly WrittenRule[] {
    return this.userRules.map((value) => {
      const { rules, problems } = parseTrustRules([value]);
      return { value, ...(rules[0] && { rule: rules[0] }), ...(problems[0] && { problem: problems[0] }) };
    });
  }

  /** Adds a rule, understood or not, to the user's settings; what is there stays as it is. */
  async addTrustRule(rule: unknown): Promise<void> {
    await this.writeRules([...this.userRules, rule]);
  }

  /** Puts `rules` in the place of one that stands there as `value`. False where it does not stand there any more. */
  async replaceTrustRule(value: unknown, rules: readonly TrustRule[]): Promise<boolean> {
    const there = this.userRules.findIndex((each) => isDeepStrictEqual(each, value));
    if (there === -1) return false;
    await this.writeRules(this.userRules.toSpliced(there, 1, ...rules));
    return true;
  }

  /** A path, or undefined to look for the program. */
  get nodePath(): string | undefined {
    return this.optionalText('node.path');
  }

  /** Where the user has datasets of ethash, or undefined for geth's usual folder. */
  get datasetFolder(): string | undefined {
    return this.optionalText('node.datasetFolder');
  }

  get startNodeWithViews(): boolean {
    return this.read('node.startWithViews');
  }

  get miningThreads(): number {
    return this.read('node.miningThreads');
  }

  /** An address such as `unix:///var/run/docker.sock`, or undefined to resolve it as the docker command does. */
  get engineHost(): string | undefined {
    return this.optionalText('engine.host');
  }

  /** What the registry client asks before each request. In Restricted Mode nobody is asked. */
  readonly registries = {
    isEnabled: (): boolean => workspace.isTrusted && this.registryEnabled,
    privateHosts: (): readonly string[] => this.userHosts('registry.privateHosts'),
    plainHttpHosts: (): readonly string[] => this.userHosts('registry.plainHttpHosts'),
  };

  /** The organization in whose name the wallet signs unless another is chosen; undefined for the wallet itself. */
  get defaultPublisher(): PublisherId | undefined {
    const publisher = parsePublisher(this.userText('signing.publisher'));
    return publisher !== undefined && publisherWallet(publisher) === undefined ? publisher : undefined;
  }

  /** `registry/path` that images are signed in whose own name has no registry. */
  get namespace(): string | undefined {
    const text = this.userText('signing.namespace');
    return isCanonicalRepository(`${text}/image`) ? text : undefined;
  }

  /** Signs in the name of an organization from now on; an empty namespace is none. */
  async signAs(publisher: PublisherId, namespace: string): Promise<void> {
    await updateSetting('signing.publisher', publisher, ConfigurationTarget.Global);
    await updateSetting('signing.namespace', namespace === '' ? undefined : namespace, ConfigurationTarget.Global);
  }

  /** Where the user wants no offers, no workspace brings them back. */
  get offerAfterBuild(): boolean {
    return layersOf('signing.offerAfterBuild').globalValue !== false && this.read('signing.offerAfterBuild');
  }

  get lockAfterMinutes(): number {
    return this.read('wallet.lockAfterMinutes');
  }

  get statusBarVisibility(): StatusBarVisibility {
    return this.read('statusBar.show');
  }

  /** Calls `listener` whenever the setting changes, or one of an area's (`registry`); any of ours where none is named. */
  onDidChange(listener: () => void, name?: SettingName | SettingArea): Disposable {
    const key = name === undefined ? 'daochain' : settingId(name);
    return workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(key)) listener();
    });
  }

  /** A workspace can say no to what the user allows, and not the other way round. */
  private get registryEnabled(): boolean {
    const layers = layersOf('registry.enabled');
    return [layers.globalValue, layers.workspaceValue, layers.workspaceFolderValue].every(
      (value) => value === undefined || value === true,
    );
  }

  /** Of the user's layer alone: a folder that was cloned must not name hosts for its reader's machine to ask. */
  private userHosts(name: SettingName): readonly string[] {
    return this.userList(name).filter((host) => typeof host === 'string');
  }

  private async writeRules(rules: readonly unknown[]): Promise<void> {
    await updateSetting('trust.rules', rules, ConfigurationTarget.Global);
  }

  /** Of the user's layer alone, like whatever decides in whose name something is said. */
  private userText(name: SettingName): string {
    const value = layersOf(name).globalValue;
    return typeof value === 'string' ? value.trim() : '';
  }

  private userList(name: SettingName): readonly unknown[] {
    const value = layersOf(name).globalValue;
    return Array.isArray(value) ? value : [];
  }

  private optionalText(name: 'node.path' | 'node.datasetFolder' | 'engine.host'): string | undefined {
    const text = this.read(name).trim();
    return text === '' ? undefined : text;
  }

  private read<N extends SettingName>(name: N): SettingValue<N> {
    return settingValue(name, workspace.getConfiguration().get(settingId(name)));
  }
}

/** What a person wrote, and what the workspace and its folder did: a folder that was cloned must not decide for its reader. */
interface Layers {
  readonly globalValue?: unknown;
  readonly workspaceValue?: unknown;
  readonly workspaceFolderValue?: unknown;
}

export function layersOf(name: SettingName, resource?: Uri): Layers {
  return workspace.getConfiguration(undefined, resource).inspect(settingId(name)) ?? {};
}

export async function updateSetting(name: SettingName, value: unknown, target: ConfigurationTarget): Promise<void> {
  await workspace.getConfiguration().update(settingId(name), value, target);
}
