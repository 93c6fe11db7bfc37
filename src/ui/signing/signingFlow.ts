import { env, l10n, window } from 'vscode';
import { isDaoChainError } from '../../core/errors';
import type { TransactionSigner } from '../../core/ports';
import type { Ledger } from '../../services/ledger';
import type { NodeService } from '../../services/nodeService';
import { signingProgressText } from '../../services/progressText';
import type { PlanOptions, SigningService } from '../../services/signingService';
import type { SigningOutcome, SigningPlan, SigningProgress } from '../../services/signingTypes';
import type { Account } from '../account';
import { show } from '../notify';
import type { OwnWallet } from '../ownWallet';
import { withCancellableProgress, withStatusProgress } from '../prompts/progress';
import type { TrustPrompts } from '../trustPrompts';
import { confirmSigning } from './confirmSigning';

interface SigningParts {
  readonly signing: SigningService;
  readonly node: NodeService;
  readonly ledger: () => Ledger | undefined;
  readonly account: Account;
  readonly trust: TrustPrompts;
}

type MakePlan = (
  options: PlanOptions,
  signal: AbortSignal,
  onProgress: (done: number, of: number) => void,
) => Promise<SigningPlan>;

/** How long no block may come before mining is offered, in milliseconds. */
const patience = 30_000;

/** From a list of names to signatures that are final. Nothing is sent before the user has seen the plan. */
export class SigningFlow {
  constructor(private readonly parts: SigningParts) {}

  /** `cancelled`, and whatever keeps the images from being signed. */
  sign(names: readonly string[], wallet: OwnWallet): Promise<void> {
    return this.planAndSign(wallet, (options, signal, onProgress) =>
      this.parts.signing.plan(names, options, signal, onProgress),
    );
  }

  /** Adds to a release what the registry has it under; `name` can have the digest that was pushed. As {@link sign}. */
  complete(name: string, wallet: OwnWallet): Promise<void> {
    return this.planAndSign(wallet, (options, signal) => this.parts.signing.planCompletion(name, options, signal));
  }

  /** Signs the release that a registry has, such as an index that was built there; else as {@link complete}. */
  signFromRegistry(name: string, wallet: OwnWallet): Promise<void> {
    return this.planAndSign(wallet, (options, signal) => this.parts.signing.planFromRegistry(name, options, signal));
  }

  private async planAndSign(wallet: OwnWallet, makePlan: MakePlan): Promise<void> {
    const { node } = this.parts;
    if (node.state.status !== 'running') {
      await withStatusProgress(l10n.t('Starting the node…'), () => node.start());
    }
    const signer = await wallet.unlock();
    let again = false;
    let staleLink = false;
    for (;;) {
      const plan = await this.plan({ signer: signer.address, again }, makePlan);
      const decision = await confirmSigning(plan, { mining: this.mining, staleLink });
      if (decision === 'again') again = true;
      else if (decision === 'mineForBalance') await this.mineForBalance(plan);
      else {
        try {
          await this.execute(plan, signer, decision === 'signAndMine');
          return;
        } catch (error) {
          // Another machine was faster. Whoever signs looks at the new state, and decides anew.
          if (!isDaoChainError(error, 'staleLink')) throw error;
          staleLink = true;
        }
      }
    }
  }

  private get mining(): boolean {
    const { state } = this.parts.node;
    return (state.status === 'running' || state.status === 'buildingDag') && state.mining;
  }

  private async plan(options: PlanOptions, makePlan: MakePlan): Promise<SigningPlan> {
    const plan = await withCancellableProgress(l10n.t('Reading what will be signed'), (signal, report) =>
      makePlan(options, signal, (done, of) => {
        report.report({ message: l10n.t('{0} of {1}', done, of) });
      }),
    );
    if (plan.missing > 0n) this.parts.account.lack(plan.fee.cost);
    return plan;
  }

  private async mineForBalance({ fee, missing, signer }: SigningPlan): Promise<void> {
    const { node, ledger } = this.parts;
    await withCancellableProgress(l10n.t('Mining until the balance is enough'), (signal) =>
      node.mineUntil(async () => {
        const balance = await ledger()?.writer.balance(signer, signal);
        return balance !== undefined && balance >= fee.balance + missing;
      }, signal),
    );
  }

  private async execute(plan: SigningPlan, signer: TransactionSigner, mine: boolean): Promise<void> {
    const { node, signing, trust } = this.parts;
    let trusting: Promise<void> | undefined;
    const outcome = await withCancellableProgress(titleOf(plan), async (signal, report) => {
      const offer = new MiningOffer(() => this.mining);
      let shown = 0;
      const send = (): Promise<SigningOutcome> =>
        signing.execute(plan, signer, signal, (progress) => {
          const percent = percentOf(progress);
          report.report({ message: signingProgressText(progress, l10n), increment: Math.max(percent - shown, 0) });
          shown = Math.max(percent, shown);
          offer.restart();
          if (progress.stage === 'broadcast') trusting = trust.offerOwn(plan);
        });
      try {
        return await (mine ? node.mineWhile(send) : send());
      } finally {
        offer.dispose();
      }
    });
    void this.tellOutcome(plan, outcome);
    await trusting;
  }

  private async tellOutcome(plan: SigningPlan, { transaction, state }: SigningOutcome): Promise<void> {
    const [first] = plan.images;
    if (state === 'waiting') {
      await show({
        severity: 'information',
        message: l10n.t('The signature stays on its way and becomes final with the next blocks.'),
        actions: [{ title: l10n.t('Mine until Final'), command: 'daochain.mineUntilFinal' }],
      });
      return;
    }
    const message =
      plan.images.length === 1 && first !== undefined
        ? l10n.t('Signed {0}.', first.reference.text)
        : l10n.t('Signed {0} images.', plan.images.length);
    const copy = l10n.t('Copy Transaction');
    const picked = await window.showInformationMessage(message, copy);
    if (picked === copy) await env.clipboard.writeText(transaction);
  }
}

function titleOf({ images: [first, ...more] }: SigningPlan): string {
  if (first === undefined || more.length > 0) return l10n.t('Signing {0} images', more.length + 1);
  return l10n.t('Signing {0}', first.reference.text);
}

function percentOf(progress: SigningProgress): number {
  switch (progress.stage) {
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
  #offered = false;

  constructor(private readonly mining: () => boolean) {}

  /** Something has moved: waits anew. */
  restart(): void {
    clearTimeout(this.#timer);
    if (this.#offered) return;
    this.#timer = setTimeout(() => {
      if (this.mining()) return;
      this.#offered = true;
      void show({
        severity: 'information',
        message: l10n.t('No block has come for a while: perhaps nobody mines.'),
        actions: [{ title: l10n.t('Mine until Final'), command: 'daochain.mineUntilFinal' }],
      });
    }, patience);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}
