import { ledgerKey, type LedgerKey, type NamedLedger, type PublisherId } from './types';

/** What is known of the followed ledgers by which people read rules and links. */
export interface KnownLedgers {
  /** Home first. */
  readonly all: readonly NamedLedger[];
  /** Whether these are all that are followed. Of one that cannot be told what it is, any rule can be. */
  readonly isWhole: boolean;
  /** What organizations of a ledger call themselves, as far as it was read. */
  readonly names: (ledger: LedgerKey) => ReadonlyMap<PublisherId, string>;
}

export function ledgerIn({ all }: Pick<KnownLedgers, 'all'>, key: LedgerKey): NamedLedger | undefined {
  return all.find(({ ledger }) => ledgerKey(ledger) === key);
}

/** Whether what a rule says about this ledger surely cannot be checked. */
export function isUnfollowed(known: Pick<KnownLedgers, 'all' | 'isWhole'>, key: LedgerKey): boolean {
  return known.isWhole && ledgerIn(known, key) === undefined;
}
