import {
  l10n,
  languages,
  LanguageStatusSeverity,
  window,
  type DocumentSelector,
  type LanguageStatusItem,
  type TextDocument,
} from 'vscode';
import type { FileStatus } from '../../protocol/fileStatus';
import { fileStatusView, stoppedView, type FileStatusView } from './fileStatusView';
import type { Disposable } from '../../core/emitter';

/** The language status of build files: one item, about the file in the active editor or about a server that is gone. */
export class LanguageStatus implements Disposable {
  readonly #statuses = new Map<string, FileStatus>();
  readonly #listening: Disposable;
  #item: LanguageStatusItem | undefined;
  #stopped = false;

  constructor(private readonly selector: DocumentSelector) {
    this.#listening = window.onDidChangeActiveTextEditor(() => {
      this.#render();
    });
  }

  dispose(): void {
    this.#listening.dispose();
    this.#item?.dispose();
  }

  update(status: FileStatus): void {
    this.#statuses.set(status.uri, status);
    this.#render();
  }

  forget({ uri }: TextDocument): void {
    this.#statuses.delete(uri.toString());
  }

  /** The server has stopped and stays so. */
  showStopped(): void {
    this.#stopped = true;
    this.#render();
  }

  #render(): void {
    const view = this.#stopped ? stoppedView(l10n) : this.#viewOfEditor();
    if (view === undefined) {
      this.#item?.dispose();
      this.#item = undefined;
      return;
    }
    this.#item ??= languages.createLanguageStatusItem('daochain.dockerfile', this.selector);
    this.#item.name = 'DaoChain';
    this.#item.severity = view.isAlarm ? LanguageStatusSeverity.Error : LanguageStatusSeverity.Information;
    this.#item.busy = view.isBusy;
    this.#item.text = view.text;
    this.#item.detail = view.detail;
    this.#item.command = view.command;
  }

  #viewOfEditor(): FileStatusView | undefined {
    const status = this.#statuses.get(window.activeTextEditor?.document.uri.toString() ?? '');
    return status && fileStatusView(status, l10n);
  }
}
