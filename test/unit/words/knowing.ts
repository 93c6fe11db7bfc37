import type { KnownLedgers } from '../../../src/core/ledger/knownLedgers';
import type { NamedLedger, PublisherId } from '../../../src/core/ledger/types';

/** These ledgers are followed and no others, and on each of them organizations have these names. */
export function knowing(
  all: readonly NamedLedger[],
  names: ReadonlyMap<PublisherId, string> = new Map(),
): KnownLedgers {
  return { all, isWhole: true, names: () => names };
}
