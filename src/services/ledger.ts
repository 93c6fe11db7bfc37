import type { LedgerKind } from '../core/ledger/types';
import type { LedgerReader, LedgerWriter } from '../core/ports';
import type { Assurance } from '../core/trust/verdict';
import type { LedgerIndex } from './ledgerIndex';

/** One ledger as the services use it: what it is, what it says, and the way to write to it. */
export interface Ledger {
  readonly kind: LedgerKind;
  readonly assurance: Assurance;
  readonly reader: LedgerReader;
  readonly index: LedgerIndex;
  readonly writer: LedgerWriter;
}
