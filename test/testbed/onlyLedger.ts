import { ledgerKey } from '../../src/core/ledger/types';
import type { FollowedLedger, FollowedLedgers, LedgerSource } from '../../src/services/ledger/ledger';

/** A ledger that is followed; it is known which one that is as soon as it was opened. */
export function followedLedger(name: string, source: LedgerSource): FollowedLedger {
  return {
    name,
    source,
    get ledger() {
      return source.current && ledgerKey(source.current.reader.ledger);
    },
    identify: async () => {
      const { kind, reader } = await source.open();
      return { name, kind, ledger: reader.ledger };
    },
  };
}

/** A reader who follows one ledger, which is home. */
export function onlyLedger(name: string, source: LedgerSource): FollowedLedgers {
  const home = followedLedger(name, source);
  return { home, all: [home], onDidChange: () => ({ dispose: () => undefined }) };
}
