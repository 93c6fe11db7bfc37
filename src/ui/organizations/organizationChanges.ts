import { l10n, window } from 'vscode';
import { DaoChainError } from '../../core/errors';
import type { Address } from '../../core/hex';
import type { OrganizationPlan } from '../../core/plans/organizationPlan';
import type { TransactionOutcome, TransactionPlan } from '../../core/plans/transactionPlan';
import type { Transactions } from '../../services/transactions/transactions';
import type { OwnWallet } from '../account/ownWallet';
import { decisionLines, frameLines, type ConfirmationLine } from '../signing/confirmation';
import { confirmPlan } from '../signing/confirmPlan';
import type { TransactionFlow, TransactionStory } from '../signing/transactionFlow';
import { changeLines } from './organizationText';

/** A change of an organization, from its plan to the message when it is final. */
export interface OrganizationChange<P extends TransactionPlan> extends Pick<
  TransactionStory<P>,
  'title' | 'outcome' | 'copy'
> {
  /** Of the plan, as a title: *Invite a Signer*. */
  readonly heading: string;
  /** What confirming it does: *Invite*. */
  readonly act: string;
  readonly plan: (from: Address, signal: AbortSignal) => Promise<P>;
  /** What it changes, for its person to look at. */
  readonly about: (plan: P) => readonly ConfirmationLine[];
  /** Asked once more before it is sent, of what cannot be undone. */
  readonly warning?: (plan: P) => { readonly message: string; readonly detail: string };
}

/** A change that one sentence describes. */
export type SimpleChange = Omit<OrganizationChange<OrganizationPlan>, 'about'> & {
  /** The wallet that it concerns, if any, and what becomes of it. */
  readonly about: { readonly wallet?: string; readonly text: string };
};

/** Sends changes of organizations, each after a person has seen its plan. */
export class OrganizationChanges {
  constructor(
    private readonly parts: { readonly transactions: Transactions; readonly transactionFlow: TransactionFlow },
  ) {}

  /** `cancelled`, and whatever keeps the change from being planned or sent. */
  send<P extends TransactionPlan>(change: OrganizationChange<P>, wallet: OwnWallet): Promise<TransactionOutcome> {
    const { heading, act, plan, about, warning, ...told } = change;
    const { transactions, transactionFlow } = this.parts;
    return transactionFlow.run(
      {
        ...told,
        makePlan: ({ signer }, signal) => plan(signer, signal),
        confirm: async (planned, circumstances) => {
          const decision = await confirmPlan(heading, [
            ...decisionLines(planned, act, circumstances, l10n),
            ...about(planned),
            ...frameLines(planned, l10n),
          ]);
          const last = decision === 'mineForBalance' ? undefined : warning?.(planned);
          if (
            last !== undefined &&
            (await window.showWarningMessage(last.message, { modal: true, detail: last.detail }, act)) !== act
          )
            throw new DaoChainError('cancelled', 'The warning was heeded');
          return decision;
        },
        execute: (planned, signer, signal, onProgress) => transactions.execute(planned, signer, signal, onProgress),
      },
      wallet,
    );
  }
  /** As {@link send}. */
  sendSimple(change: SimpleChange, wallet: OwnWallet): Promise<TransactionOutcome> {
    return this.send(
      { ...change, about: ({ organization }: OrganizationPlan) => changeLines(organization, change.about) },
      wallet,
    );
  }
}
