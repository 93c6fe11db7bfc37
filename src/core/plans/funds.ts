import { DaoChainError } from '../errors';
import type { FeeEstimate, TransactionCall } from '../ports/ledger';

/** Wei. */
type Funds = Pick<FeeEstimate, 'cost' | 'balance'>;

/** Wei that a call spends at most: its fee, and what it takes along. */
export function spending(call: TransactionCall, { cost }: Pick<FeeEstimate, 'cost'>): bigint {
  return call.type === 'transfer' ? call.value + cost : cost;
}

/** Wei that the balance lacks for the cost; 0 when it is enough. */
export function missingFunds({ cost, balance }: Funds): bigint {
  return cost > balance ? cost - balance : 0n;
}

/** Throws `insufficientFunds` (`missing`, `balance`, `cost` in wei) unless the balance pays for the cost. */
export function requireFunds({ cost, balance }: Funds): void {
  const missing = missingFunds({ cost, balance });
  if (missing === 0n) return;
  throw new DaoChainError('insufficientFunds', 'The balance does not pay for it', {
    details: { missing: missing.toString(), balance: balance.toString(), cost: cost.toString() },
  });
}
