import type { Hex } from '../../core/hex';
import { ledgerReleases } from './ledgerAbi';

/** Runtime codes of all ledgers that were released, the newest last. */
export const releasedLedgerCodes: readonly Hex[] = ledgerReleases.map(({ runtimeCode }) => runtimeCode);

/** Runtime code of the ledger that a development network gets: the newest release. */
export const developmentLedgerCode: Hex = newest().runtimeCode;

function newest(): (typeof ledgerReleases)[number] {
  const release = ledgerReleases.at(-1);
  if (release === undefined) throw new RangeError('no ledger was released');
  return release;
}
