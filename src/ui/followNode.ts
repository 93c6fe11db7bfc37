import { describeForLog } from '../core/errors';
import { l10n, window, workspace, type SecretStorage } from 'vscode';
import { damagedRecordText, withdrawnText } from '../words/progressText';
import type { NodeService } from '../services/node/nodeService';
import type { Transactions } from '../services/transactions/transactions';
import type { VerificationService } from '../services/judging/verificationService';
import type { WalletService } from '../services/wallet/walletService';
import { notify } from './notify';
import type { Settings } from './settings';
import type { Disposable } from '../core/emitter';
import type { Log } from '../core/ports/log';
import type { NodeLauncher } from '../core/ports/node';

interface FollowedParts {
  readonly engine: { reconnect(): void };
  readonly node: NodeService;
  readonly launcher: Pick<NodeLauncher, 'onDidChangeOwner'>;
  readonly transactions: Transactions;
  readonly verification: VerificationService;
  readonly wallet: WalletService;
  readonly settings: Settings;
  readonly secrets: Pick<SecretStorage, 'onDidChange'>;
  readonly log: Log;
}

/** The node of a network that is not home: one that another window or a terminal runs is used, and verdicts are asked for again. */
export function followOtherNode(
  { node, launcher }: Pick<FollowedParts, 'node' | 'launcher'>,
  { verification, log }: Pick<FollowedParts, 'verification' | 'log'>,
): Disposable {
  const join = (): void => {
    node.join().catch((error: unknown) => {
      log.warn(describeForLog(error));
    });
  };
  let status = node.state.status;
  const subscriptions: readonly Disposable[] = [
    node.onDidChange((state) => {
      if (state.status === status) return;
      status = state.status;
      if (status === 'running' || status === 'stopped' || status === 'failed') verification.reconsider();
    }),
    launcher.onDidChangeOwner(join),
    // For folders that cannot be watched.
    window.onDidChangeWindowState(({ focused }) => {
      if (focused) join();
    }),
  ];
  join();
  return {
    dispose: () => {
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}

/**
 * What follows from what: a node that another window or a terminal runs is used; a node that runs takes up signatures that
 * are on their way, and one that is lost there is told; another wallet, other rules, other registries that may be asked or
 * a node that came or went make verdicts be asked for again.
 */
export function followNode(parts: FollowedParts): Disposable {
  const { engine, launcher, node, transactions, verification, wallet, settings, secrets, log } = parts;
  const ended = new AbortController();
  const report = (error: unknown): void => {
    if (!ended.signal.aborted) log.warn(describeForLog(error));
  };
  const join = (): void => {
    node.join().catch(report);
  };
  let status = node.state.status;
  const subscriptions: readonly Disposable[] = [
    node.onDidChange((state) => {
      if (state.status === status) return;
      status = state.status;
      if (status !== 'running' && status !== 'stopped' && status !== 'failed') return;
      verification.reconsider();
      if (status === 'running') transactions.resume(ended.signal).catch(report);
    }),
    transactions.onDidLose((error) => {
      notify(error, log);
    }),
    transactions.onDidWithdraw((pending) => {
      void window.showWarningMessage(withdrawnText(pending, l10n));
    }),
    transactions.onDamaged((file) => {
      void window.showWarningMessage(damagedRecordText(file, l10n));
    }),
    wallet.onDidChange(() => {
      verification.reconsider();
    }),
    settings.onDidChange(() => {
      verification.reconsider();
    }, 'trust.rules'),
    settings.onDidChange(() => {
      verification.reconsider();
    }, 'registry'),
    settings.onDidChange(() => {
      verification.reconsider();
    }, 'signing.publisher'),
    workspace.onDidGrantWorkspaceTrust(() => {
      verification.reconsider();
    }),
    settings.onDidChange(() => {
      engine.reconnect();
      verification.reconsider();
    }, 'engine.host'),
    launcher.onDidChangeOwner(join),
    // For folders that cannot be watched: it may have been started in the window that a person comes from.
    window.onDidChangeWindowState(({ focused }) => {
      if (focused) join();
    }),
    // Another window of the same user made, imported or removed the wallet.
    secrets.onDidChange(() => {
      wallet.refresh().catch(report);
    }),
  ];
  wallet.refresh().catch(report);
  join();
  return {
    dispose: () => {
      ended.abort();
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}
