import {
  commands,
  l10n,
  ProcessExecution,
  ShellExecution,
  tasks,
  window,
  workspace,
  type Memento,
  type Task,
} from 'vscode';
import { familiarName } from '../../core/image/reference';
import type { BuildWatch, BuiltImage } from '../../services/images/buildWatch';
import type { WalletService } from '../../services/wallet/walletService';
import { buildsImage } from './buildCommand';
import type { CommandId } from '../commandIds';
import type { Settings } from '../settings';
import { startTimer } from '../../timers';
import type { Disposable } from '../../core/emitter';

interface OfferParts {
  readonly builds: Pick<BuildWatch, 'onDidBuild'>;
  readonly wallet: Pick<WalletService, 'state'>;
  readonly settings: Pick<Settings, 'offerAfterBuild'>;
  /** Of the workspace; remembers that its user wants no offers. */
  readonly memory: Memento;
}

const never = 'offerAfterBuild.never';

/** The engine tells of a build a little after its command has ended. Milliseconds. */
const aftermath = 5_000;

/**
 * Offers to sign what a task or a terminal of this window has built. The engine does not say who built an image, so it is
 * listened to only while a command runs here that builds; other builds only change the badges. One offer at a time, and for
 * a name that was declined none again: a person who builds all day is not asked all day.
 */
export class BuildOffers implements Disposable {
  readonly #subscriptions: readonly Disposable[];
  readonly #declined = new Set<string>();
  #running = 0;
  #listening: Disposable | undefined;
  #ending: Disposable | undefined;
  #offering = false;

  constructor(private readonly parts: OfferParts) {
    this.#subscriptions = [
      tasks.onDidStartTask(({ execution }) => {
        if (taskBuildsImage(execution.task)) this.#began();
      }),
      tasks.onDidEndTask(({ execution }) => {
        if (taskBuildsImage(execution.task)) this.#ended();
      }),
      // Only of terminals whose shell tells VS Code what it runs.
      window.onDidStartTerminalShellExecution(({ execution }) => {
        if (buildsImage(execution.commandLine.value)) this.#began();
      }),
      window.onDidEndTerminalShellExecution(({ execution }) => {
        if (buildsImage(execution.commandLine.value)) this.#ended();
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#stopListening();
  }

  #began(): void {
    this.#running += 1;
    this.#ending?.dispose();
    if (!this.#isWanted()) return;
    this.#listening ??= this.parts.builds.onDidBuild((built) => {
      void this.#offer(built);
    });
  }

  #ended(): void {
    this.#running = Math.max(this.#running - 1, 0);
    if (this.#running > 0) return;
    this.#ending = startTimer(aftermath, () => {
      this.#stopListening();
    });
  }

  #stopListening(): void {
    this.#ending?.dispose();
    this.#listening?.dispose();
    this.#listening = undefined;
  }

  #isWanted(): boolean {
    const { wallet, settings, memory } = this.parts;
    return (
      workspace.isTrusted &&
      wallet.state.status !== 'none' &&
      settings.offerAfterBuild &&
      memory.get<boolean>(never) !== true
    );
  }

  async #offer({ reference }: BuiltImage): Promise<void> {
    const name = familiarName(reference);
    if (this.#offering || this.#declined.has(name) || !this.#isWanted()) return;
    const [sign, notNow, stop] = [l10n.t('Sign…'), l10n.t('Not Now'), l10n.t('Never in This Workspace')];
    this.#offering = true;
    try {
      const question = l10n.t('{0} was built. Sign it?', name);
      const picked = await window.showInformationMessage(question, sign, notNow, stop);
      if (picked === sign) {
        await commands.executeCommand('daochain.signImage' satisfies CommandId, reference.text);
        return;
      }
      this.#declined.add(name);
      if (picked === stop) await this.parts.memory.update(never, true);
    } finally {
      this.#offering = false;
    }
  }
}

function taskBuildsImage({ definition, execution }: Task): boolean {
  return definition.type === 'docker-build' || buildsImage(commandLineOf(execution));
}

function commandLineOf(execution: Task['execution']): string {
  if (execution instanceof ProcessExecution) return [execution.process, ...execution.args].join(' ');
  if (!(execution instanceof ShellExecution)) return '';
  const { commandLine, command, args } = execution;
  return commandLine ?? [command, ...(args ?? [])].map((word) => textOf(word)).join(' ');
}

function textOf(word: ShellExecution['command']): string {
  return typeof word === 'string' ? word : (word?.value ?? '');
}
