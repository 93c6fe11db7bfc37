import { l10n, window } from 'vscode';
import { DaoChainError } from '../../core/errors';
import { displayText } from '../../core/displayText';
import type { Ledger } from '../../services/ledger/ledger';
import type { NodeService } from '../../services/node/nodeService';
import type { Transactions } from '../../services/transactions/transactions';
import type { Logs } from '../log';
import { show, tell } from '../notify';
import type { OwnWallet } from '../account/ownWallet';
import { withCancellableProgress, withStatusProgress } from '../prompts/progress';
import type { Event } from '../../core/emitter';
import type { NodeLauncher } from '../../core/ports/node';

interface NodeParts {
  readonly node: NodeService;
  readonly launcher: Pick<NodeLauncher, 'install'>;
  readonly transactions: Transactions;
  readonly ledger: () => Ledger | undefined;
  readonly logs: Logs;
}

/** The commands that start, stop and mine. */
export class NodeCommands {
  constructor(private readonly parts: NodeParts) {}

  async start(): Promise<void> {
    await withStatusProgress(l10n.t('Starting the node…'), () => this.parts.node.start());
    tell(l10n.t('The node is running.'));
  }

  async stop(): Promise<void> {
    await withStatusProgress(l10n.t('Stopping the node…'), () => this.parts.node.stop());
    tell(l10n.t('No node is running.'));
  }

  /** Builds the node; its output goes to the log, its last line is shown. `nodeInstallFailed`, `cancelled`. */
  async install(): Promise<void> {
    const { launcher, logs } = this.parts;
    const { version, path } = await withCancellableProgress(l10n.t('Building the node with Go'), (signal, report) =>
      launcher.install(signal, (line) => {
        logs.node.info(line);
        report.report({ message: line.slice(0, 80) });
      }),
    );
    logs.main.info(`Built geth ${version} at ${path}`);
    await show({
      severity: 'information',
      message: l10n.t('geth {0} is installed.', version),
      actions: [{ title: l10n.t('Start Node'), command: 'daochain.startNode' }],
    });
  }

  /**
   * Turns mining on, for which the node is started, or off. `wanted` is `on`, `off` or `offForAll`; the other of what is
   * without it. Whoever waits for blocks still gets them after `off`.
   */
  async toggleMining(_own: OwnWallet, wanted?: unknown): Promise<void> {
    const { node } = this.parts;
    const on = wanted === 'on' || (wanted !== 'off' && wanted !== 'offForAll' && !this.mines);
    await withStatusProgress(on ? l10n.t('Starting mining…') : l10n.t('Stopping mining…'), () =>
      wanted === 'offForAll' ? node.endMining() : node.setMining(on),
    );
    if (!on && this.mines) {
      await show({
        severity: 'information',
        message: l10n.t('The node keeps mining, because something still waits for blocks.'),
        actions: [{ title: l10n.t('Stop All Mining'), command: 'daochain.toggleMining', arguments: ['offForAll'] }],
      });
      return;
    }
    window.setStatusBarMessage(on ? this.miningText : l10n.t('No longer mining'), 4000);
  }

  /** Mines until everything that is in the chain or on its way to it is final. `cancelled`. */
  async mineUntilFinal(): Promise<void> {
    const { node, transactions, ledger } = this.parts;
    await withCancellableProgress(l10n.t('Mining until everything is final'), (signal) =>
      node.mineWhile(async (ended) => {
        await transactions.resume(AbortSignal.any([signal, ended]));
        ended.throwIfAborted();
        const current = ledger();
        if (current === undefined) throw new DaoChainError('nodeUnavailable', 'There is no ledger');
        const { number } = await current.reader.head(signal);
        await node.mineUntilFinal(number, current.index.confirmations, signal);
      }),
    );
    tell(l10n.t('Everything is final.'));
  }

  /** A node that was told to mine may have to prepare for it first. */
  private get miningText(): string {
    const { state } = this.parts.node;
    const isAtWork = state.status === 'running' && state.hashrate > 0;
    return isAtWork ? l10n.t('Mining') : l10n.t('Mining starts as soon as the node is ready');
  }

  private get mines(): boolean {
    const { state } = this.parts.node;
    return (state.status === 'running' || state.status === 'buildingDag') && state.mining;
  }
}

/** Says that the development network of an older version has made place, and where its balance and signatures are. */
export function announceReplacedChain(node: { readonly onDidReplaceChain: Event<string> }): { dispose(): void } {
  return node.onDidReplaceChain((folder) => {
    void show({
      severity: 'information',
      message: l10n.t(
        'The development network of an older version of DaoChain was replaced by a new one. The old one is kept in {0}, with its balance and its signatures.',
        displayText(folder),
      ),
      actions: [],
    });
  });
}
