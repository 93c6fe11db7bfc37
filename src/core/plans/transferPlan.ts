import type { Address } from '../hex';
import type { EtherTransfer } from '../ports/ledger';
import type { TransactionPlan } from './transactionPlan';

/** What a person has to know of a receiver before they pay. */
export type TransferWarning =
  /** Code decides what becomes of the ether. */
  | { readonly kind: 'contract' }
  /** It is the wallet itself. */
  | { readonly kind: 'self' }
  /** Nothing was ever sent there. */
  | { readonly kind: 'first' }
  /** It has the ends of another address, as one that was made to be mistaken for it. */
  | { readonly kind: 'imitates'; readonly address: Address }
  /** Not all earlier transfers are read, so an imitation of one of their receivers is not noticed. */
  | { readonly kind: 'unread' };

export interface TransferPlan extends TransactionPlan {
  readonly call: EtherTransfer;
  readonly warnings: readonly TransferWarning[];
  /** Wei that transactions on their way can still spend of the balance. */
  readonly onItsWay: bigint;
}

/** Whether only a person can decide about it, who has compared the address. */
export function needsPerson({ warnings }: Pick<TransferPlan, 'warnings'>): boolean {
  return warnings.some(({ kind }) => kind === 'imitates');
}

/** Wei that are left at least when everything is written; less than nothing where the balance does not pay for it. */
export function leastLeft({ fee: { balance, cost }, call, onItsWay }: TransferPlan): bigint {
  return balance - onItsWay - call.value - cost;
}
