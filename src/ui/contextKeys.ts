import { commands } from 'vscode';
import type { Disposable } from '../core/ports';
import type { Account } from './account';

/** Keeps what the manifest's `when` clauses ask for: `daochain.nodeState`, `daochain.walletState`. */
export function followContextKeys(account: Account): Disposable {
  const shown = new Map<string, string>();
  const set = (key: string, value: string): void => {
    if (shown.get(key) === value) return;
    shown.set(key, value);
    void commands.executeCommand('setContext', key, value);
  };
  const update = (): void => {
    set('daochain.nodeState', account.state.node.status);
    set('daochain.walletState', account.state.wallet.status);
  };
  update();
  return account.onDidChange(update);
}
