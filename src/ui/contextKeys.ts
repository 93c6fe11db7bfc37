import { commands } from 'vscode';
import type { Account } from './account/account';
import type { Settings } from './settings';
import type { Disposable } from '../core/emitter';

/**
 * Keeps what the manifest's `when` clauses and the steps of its walkthrough ask for: `daochain.nodeState`,
 * `daochain.walletState`, `daochain.isBackedUp`, `daochain.hasOrganization`.
 */
export function followContextKeys(account: Account, settings: Settings): Disposable {
  const shown = new Map<string, string | boolean>();
  const set = (key: string, value: string | boolean): void => {
    if (shown.get(key) === value) return;
    shown.set(key, value);
    void commands.executeCommand('setContext', key, value);
  };
  const update = (): void => {
    set('daochain.nodeState', account.state.node.status);
    const { wallet } = account.state;
    set('daochain.walletState', wallet.status);
    set('daochain.isBackedUp', wallet.status !== 'none' && wallet.backedUp);
    set('daochain.hasOrganization', settings.defaultPublisher !== undefined);
  };
  update();
  const following = [account.onDidChange(update), settings.onDidChange(update, 'signing.publisher')];
  return {
    dispose: () => {
      for (const each of following) each.dispose();
    },
  };
}
