import { env, l10n, window } from 'vscode';
import { isDaoChainError } from '../../core/errors';
import type { Address } from '../../core/hex';
import type { Ledger } from '../../services/ledger/ledger';
import type { NodeService } from '../../services/node/nodeService';
import { transactionProgressText } from '../../words/progressText';
import type {
  Execute,
  TransactionOutcome,
  TransactionPlan,
  TransactionProgress,
} from '../../core/plans/transactionPlan';
import type { Account } from '../account/account';
import { show } from '../notify';
import type { OwnWallet } from '../account/ownWallet';
import { withCancellableProgress, withStatusProgress } from '../prompts/progress';
import type { Circumstances, SigningDecision } from './confirmation';
import type { TransactionSigner } from '../../core/ports/ledger';

export interface TransactionFlowParts {
  readonly node: NodeService;
  readonly ledger: () => Ledger | undefined;
  readonly account: Account;
}

/** What is planned, shown and sent. A plan is made again whenever what it rests on has changed. */
export interface TransactionStory<P extends TransactionPlan> {
  makePlan(
    options: { readonly signer: Address; readonly again: boolean },
    signal: AbortSignal,
    onProgress: (done: number, of: number) => void,
  ): Promise<P>;
  /** Shows all of the plan. `cancelled`. */
  confirm(plan: P, circumstances: Circumstances): Promise<SigningDecision>;
  readonly execute: Execute<P>;
  /** While it is on its way. */
  title(plan: P): string;
  /** When it is final; not told where it is left out. */
  outcome?(plan: P): string;
  /** What a person hands on once it is final; the transaction where it is left out. */
  copy?(plan: P): { readonly title: string; readonly text: string };
  /** As soon as it is sent, while it is waited for. */
  onSent?(plan: P): Promise<void>;
}

/** How long no block may come before mining is offered, in milliseconds. */
const patience = 30_000;

/** From a plan to a transaction that is final. Nothing is sent before the user has seen the plan. */
export class TransactionFlow {
  constructor(private readonly parts: TransactionFlowParts) {}

  /** Starts the node unless it runs. */
  async needNode(): Promise<void> {
    const { node } = this.parts;
    if (node.state.status !== 'running') {
      await withStatusProgress(l10n.t('Starting the node…'), () => node.start());
    }
  }

  /** `cancelled`, and whatever keeps the plan from being made or sent. */
  async run<P extends TransactionPlan>(story: TransactionStory<P>, wallet: OwnWallet): Promise<TransactionOutcome> {
    await this.needNode();
    const signer = await wallet.unlock();
    let again = false;
    let stale: Pick<Circumstances, 'staleLink' | 'staleImage'> = { staleLink: false };
    for (;;) {
      const plan = await this.plan(story, { signer: signer.address, again });
      const decision = await story.confirm(plan, { mining: await this.isMining(), ...stale });
      // The story has taken the choice in, and plans anew.
      if (decision === 'switchPublisher' || decision === 'switchToNamed' || decision === 'switchSource') continue;
      if (decision === 'again') again = true;
      else if (decision === 'mineForBalance') await this.mineForBalance(plan);
      else {
        try {
          return await this.execute(story, plan, signer, decision === 'signAndMine');
        } catch (error) {
          // Another machine was faster. The person looks at the new state and decides again.
          if (!isDaoChainError(error, 'staleLink')) throw error;
          stale = { staleLink: true, staleImage: error.details['image'] };
        }
      }
    }
  }

  /** Asked again, because where no block comes a window does not notice that another one has stopped mining. */
  private async isMining(): Promise<boolean> {
    const { node } = this.parts;
    await node.refresh();
    const { state } = node;
    return (state.status === 'running' || state.status === 'buildingDag') && state.mining;
  }

  private async plan<P extends TransactionPlan>(
    story: TransactionStory<P>,
    options: Parameters<TransactionStory<P>['makePlan']>[0],
  ): Promise<P> {
    const plan = await withCancellableProgress(l10n.t('Reading what will be signed'), (signal, report) =>
      story.makePlan(options, signal, (done, of) => {
        report.report({ message: l10n.t('{0} of {1}', done, of) });
      }),
    );
    if (plan.missing > 0n) this.parts.account.lack(plan.fee.balance + plan.missing);
    return plan;
  }

  private async mineForBalance({ fee, missing, signer }: TransactionPlan): Promise<void> {
    const { node, ledger } = this.parts;
    await withCancellableProgress(l10n.t('Mining until the balance is enough'), (signal) =>
      node.mineUntil(async () => {
        const balance = await ledger()?.writer.balance(signer, signal);
        return balance !== undefined && balance >= fee.balance + missing;
      }, signal),
    );
  }

  private async execute<P extends TransactionPlan>(
    story: TransactionStory<P>,
    plan: P,
    signer: TransactionSigner,
    mine: boolean,
  ): Promise<TransactionOutcome> {
    const { node } = this.parts;
    let meanwhile: Promise<void> | undefined;
    const outcome = await withCancellableProgress(story.title(plan), async (signal, report) => {
      const offer = new MiningOffer(() => this.isMining());
      let shown = 0;
      const send = (waiting: AbortSignal): Promise<TransactionOutcome> =>
        story.execute(plan, signer, waiting, (progress) => {
          const percent = percentOf(progress);
          report.report({ message: transactionProgressText(progress, l10n), increment: Math.max(percent - shown, 0) });
          shown = Math.max(percent, shown);
          if (progress.stage !== 'quiet') offer.restart();
          if (progress.stage === 'broadcast') meanwhile = story.onSent?.(plan);
        });
      try {
        return await (mine ? node.mineWhile((ended) => send(AbortSignal.any([signal, ended]))) : send(signal));
      } finally {
        offer.dispose();
      }
    });
    void tellOutcome(story, plan, outcome);
    await meanwhile;
    return outcome;
  }
}

async function tellOutcome<P extends TransactionPlan>(
  story: TransactionStory<P>,
  plan: P,
  { transaction, state }: TransactionOutcome,
): Promise<void> {
  if (state === 'waiting') {
    await show({
      severity: 'information',
      message: l10n.t('The transaction stays on its way and becomes final with the next blocks.'),
      actions: [{ title: l10n.t('Mine until Final'), command: 'daochain.mineUntilFinal' }],
    });
    return;
  }
  const message = story.outcome?.(plan);
  if (message === undefined) return;
  const { title, text } = story.copy?.(plan) ?? { title: l10n.t('Copy Transaction'), text: transaction };
  const picked = await window.showInformationMessage(message, title);
  if (picked === title) await env.clipboard.writeText(text);
}

function percentOf(progress: TransactionProgress): number {
  switch (progress.stage) {
    case 'queued':
    case 'quiet':
    case 'broadcast':
    case 'mined':
      return 0;
    case 'confirming':
      return (100 * progress.confirmations) / progress.needed;
    case 'final':
      return 100;
  }
}

/** Offers to mine when no block has come for a while and nobody here mines. Offers once. */
class MiningOffer {
  #timer: NodeJS.Timeout | undefined;
  /** Or there is nothing to offer any more. */
  #offered = false;

  constructor(private readonly isMining: () => Promise<boolean>) {}

  /** Something has changed: the waiting starts again. */
  restart(): void {
    clearTimeout(this.#timer);
    if (this.#offered) return;
    this.#timer = setTimeout(() => {
      void this.#offer();
    }, patience);
  }

  dispose(): void {
    this.#offered = true;
    clearTimeout(this.#timer);
  }

  async #offer(): Promise<void> {
    // Elsewhere it is reported that a node does not answer.
    const mining = await this.isMining().catch(() => true);
    if (mining || this.#offered) return;
    this.#offered = true;
    await show({
      severity: 'information',
      message: l10n.t('No block has come for a while: perhaps nobody mines.'),
      actions: [{ title: l10n.t('Mine until Final'), command: 'daochain.mineUntilFinal' }],
    });
  }
}
