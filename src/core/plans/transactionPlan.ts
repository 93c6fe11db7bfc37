import type { Address, Hex32 } from '../hex';
import type { LedgerId, LedgerKind } from '../ledger/types';
import type { FeeEstimate, TransactionCall, TransactionSigner } from '../ports/ledger';

/** What a person has to see before they sign a transaction; nothing has been sent yet. */
export interface TransactionPlan {
  readonly ledger: LedgerId;
  readonly ledgerKind: LedgerKind;
  /** The wallet that sends it. */
  readonly signer: Address;
  /** Undefined where there is nothing to send. */
  readonly call: TransactionCall | undefined;
  readonly fee: FeeEstimate;
  /** Wei that the balance lacks for all that it spends (`spending`); 0 when it is enough. */
  readonly missing: bigint;
}

/**
 * Progress of an executed plan. `queued`: somebody else is sending with this wallet. After `broadcast` a cancel only stops
 * the waiting. `quiet`: no block has come for a while.
 */
export type TransactionProgress =
  | { readonly stage: 'queued' | 'quiet' }
  | { readonly stage: 'broadcast'; readonly transaction: Hex32 }
  | { readonly stage: 'mined'; readonly transaction: Hex32; readonly block: number }
  | {
      readonly stage: 'confirming';
      readonly transaction: Hex32;
      readonly confirmations: number;
      readonly needed: number;
    }
  | { readonly stage: 'final'; readonly transaction: Hex32; readonly block: number };

export interface TransactionOutcome {
  readonly transaction: Hex32;
  /** `waiting`: the caller stopped waiting; the transaction stays on its way and is followed in the background. */
  readonly state: 'final' | 'waiting';
}

/** Sends what a plan showed. */
export type Execute<P> = (
  plan: P,
  signer: TransactionSigner,
  signal: AbortSignal,
  onProgress: (progress: TransactionProgress) => void,
) => Promise<TransactionOutcome>;
