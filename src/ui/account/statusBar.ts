import {
  MarkdownString,
  StatusBarAlignment,
  ThemeColor,
  l10n,
  window,
  type Disposable,
  type StatusBarItem,
} from 'vscode';
import type { Account } from './account';
import type { Settings } from '../settings';
import { renderStatusBar } from './statusBarView';

/** The one item of ours in the status bar. Its click opens a menu: nothing is switched by accident. */
export class StatusBar implements Disposable {
  readonly #item: StatusBarItem;
  readonly #subscriptions: readonly { dispose(): void }[];

  constructor(
    private readonly account: Account,
    private readonly settings: Settings,
  ) {
    this.#item = window.createStatusBarItem('daochain.account', StatusBarAlignment.Left, 50);
    this.#item.name = 'DaoChain';
    const render = (): void => {
      this.#render();
    };
    this.#subscriptions = [account.onDidChange(render), settings.onDidChange(render, 'statusBar.show')];
    this.#render();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#item.dispose();
  }

  #render(): void {
    const view = renderStatusBar(this.account.state, this.settings.statusBarVisibility, l10n);
    if (view === undefined) {
      this.#item.hide();
      return;
    }
    const tooltip = new MarkdownString(view.tooltip);
    tooltip.isTrusted = { enabledCommands: view.tooltipCommands };
    this.#item.text = view.text;
    this.#item.tooltip = tooltip;
    this.#item.command = view.command;
    this.#item.accessibilityInformation = { label: view.accessibleLabel, role: 'button' };
    this.#item.backgroundColor = view.background && new ThemeColor(view.background);
    this.#item.show();
  }
}
