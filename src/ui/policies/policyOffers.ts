import { describeForLog } from '../../core/errors';
import {
  commands,
  l10n,
  languages,
  LanguageStatusSeverity,
  RelativePattern,
  Uri,
  window,
  workspace,
  type LanguageStatusItem,
} from 'vscode';
import { displayText } from '../../core/displayText';
import { policyFileName } from '../../core/trust/policyFile';
import type { Policies, PolicyStatus } from '../../services/trust/policies';
import { stateSentence } from './policyReview';
import type { Disposable } from '../../core/emitter';
import type { Log } from '../../core/ports/log';

interface OfferParts {
  readonly policies: Policies;
  readonly log: Log;
}

const selector = [
  { language: 'dockerfile' },
  { language: 'dockercompose' },
  { pattern: `**/${policyFileName}` },
] as const;

/**
 * Tells that an open folder has a policy that nobody has accepted: once for each content by a notification, and by a
 * language status as long as that is so. In Restricted Mode nothing is offered.
 */
export class PolicyOffers implements Disposable {
  readonly #subscriptions: Disposable[];
  readonly #asked = new Set<string>();
  #watchers: readonly Disposable[] = [];
  #item: LanguageStatusItem | undefined;
  #last = Promise.resolve();
  #disposed = false;

  constructor(private readonly parts: OfferParts) {
    const { policies } = parts;
    const lookAgain = (): void => {
      policies.lookAgain();
    };
    // Not before the extension has come up.
    const start = setTimeout(() => {
      this.watch();
      this.update();
    });
    this.#subscriptions = [
      {
        dispose: () => {
          clearTimeout(start);
        },
      },
      policies.onDidChange(() => {
        this.update();
      }),
      workspace.onDidChangeWorkspaceFolders(() => {
        policies.open(openFolders());
        this.watch();
        lookAgain();
      }),
      workspace.onDidGrantWorkspaceTrust(lookAgain),
      // Another window of the same user may have accepted or withdrawn one.
      window.onDidChangeWindowState(({ focused }) => {
        if (focused) policies.reload().catch(this.report);
      }),
    ];
    policies.open(openFolders());
  }

  dispose(): void {
    this.#disposed = true;
    for (const each of [...this.#subscriptions, ...this.#watchers]) each.dispose();
    this.#item?.dispose();
  }

  private readonly report = (error: unknown): void => {
    this.parts.log.warn(`Policies cannot be looked at: ${describeForLog(error)}`);
  };

  private watch(): void {
    for (const watcher of this.#watchers) watcher.dispose();
    this.#watchers = openFolders().flatMap((folder) => {
      const watcher = workspace.createFileSystemWatcher(new RelativePattern(Uri.file(folder), policyFileName));
      const lookAgain = (): void => {
        this.parts.policies.lookAgain();
      };
      return [watcher, watcher.onDidCreate(lookAgain), watcher.onDidChange(lookAgain), watcher.onDidDelete(lookAgain)];
    });
  }

  private update(): void {
    this.#last = this.#last.then(() => this.look()).catch(this.report);
  }

  private async look(): Promise<void> {
    const waiting = workspace.isTrusted ? (await this.parts.policies.list()).filter(needsReview) : [];
    if (this.#disposed) return;
    this.showStatus(waiting[0]);
    const next = waiting.find((status) => !this.#asked.has(contentOf(status)));
    if (next !== undefined) void this.ask(next);
  }

  /** Of several the next when a person has done with this one. */
  private async ask(status: PolicyStatus): Promise<void> {
    this.#asked.add(contentOf(status));
    const review = l10n.t('Review…');
    const text = l10n.t(
      '{0} names publishers to trust in {1}. {2}',
      policyFileName,
      displayText(status.folder),
      stateSentence(status),
    );
    const picked = await window.showInformationMessage(text, review);
    if (picked === review) await commands.executeCommand('daochain.reviewPolicy', Uri.file(status.folder));
    this.update();
  }

  private showStatus(status: PolicyStatus | undefined): void {
    if (status === undefined) {
      this.#item?.dispose();
      this.#item = undefined;
      return;
    }
    this.#item ??= languages.createLanguageStatusItem('daochain.policy', selector);
    this.#item.name = l10n.t('DaoChain Policy');
    this.#item.severity = LanguageStatusSeverity.Warning;
    this.#item.text = l10n.t('Policy not accepted');
    this.#item.detail = stateSentence(status);
    this.#item.command = {
      title: l10n.t('Review…'),
      command: 'daochain.reviewPolicy',
      arguments: [Uri.file(status.folder)],
    };
  }
}

function needsReview({ state }: PolicyStatus): boolean {
  return state === 'offered' || state === 'changed' || state === 'refused' || state === 'damaged';
}

function contentOf({ folder, state, file }: PolicyStatus): string {
  return [folder, file?.digest ?? state].join(' ');
}

/** Only folders on this machine's disk have policies. */
function openFolders(): readonly string[] {
  return (workspace.workspaceFolders ?? []).flatMap(({ uri }) => (uri.scheme === 'file' ? [uri.fsPath] : []));
}
