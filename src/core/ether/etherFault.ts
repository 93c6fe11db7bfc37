import { DaoChainError } from '../errors';

/** Why a transfer is refused before anything is priced: `details.reason` of `invalidInput`. Closed and stable. */
export type EtherFault =
  /** Not digits with at most one point among them. */
  | 'amountForm'
  /** More digits than a wei has. */
  | 'amountFraction'
  /** Nothing, or more than there can be. */
  | 'amountRange'
  /** The contract of the ledger takes no ether. */
  | 'receiverLedger'
  /** Nobody has the key of such an address. */
  | 'receiverNobody'
  /** All of it is less than the fee. */
  | 'nothingLeft';

export function etherFault(reason: EtherFault, details: Readonly<Record<string, string>> = {}): DaoChainError {
  return new DaoChainError('invalidInput', `Refused: ${reason}`, { details: { ...details, reason } });
}
