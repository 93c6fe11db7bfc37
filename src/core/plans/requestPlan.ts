import type { Entry, Attestation, LedgerKind } from '../ledger/types';
import type { EntryBody, SigningRequest } from '../ledger/signingRequest';
import type { ReleaseChange } from '../ledger/release';
import type { Hex32 } from '../hex';
import type { DaoChainError } from '../errors';
import type { TransactionPlan } from './transactionPlan';
import type { Foreseen } from './signingPlan';

/** One entry of a request, and how it stands in the ledger. */
export interface CheckedEntry {
  readonly entry: Entry;
  /** `repository:tag`. */
  readonly image: string;
  readonly content: EntryBody;
  /** What a revocation takes back, where the ledger has it. */
  readonly revoked?: Attestation | undefined;
  /** What a release is to the one that stands now. */
  readonly change?: ReleaseChange | undefined;
  /** `written`: what it says is there. `overtaken`: something else is. `unknownLink`: this node does not have what it follows. */
  readonly state: 'fresh' | 'written' | 'overtaken' | 'unknownLink';
  /** What is in the ledger in its place. */
  readonly instead?: Attestation | undefined;
  /** The EIP-712 hash that the signer signs, where it is known who that is. */
  readonly hash?: Hex32 | undefined;
  /** `unchecked`: a contract's, which only the ledger can ask, and would not any more. */
  readonly signature: 'none' | 'valid' | 'invalid' | 'unchecked';
}

/** A request for the ledger of this machine, read at one block. */
export interface CheckedRequest {
  readonly request: SigningRequest;
  readonly ledgerKind: LedgerKind;
  /** What an organization calls itself; its creator's text. */
  readonly publisherName?: string | undefined;
  readonly entries: readonly CheckedEntry[];
  /** Why it cannot be used: `requestInvalid`, `requestExpired`, `signatureInvalid`, `signerNotAllowed`. */
  readonly refusal: DaoChainError | undefined;
}

/** A request that is sent: one transaction for each entry that is not in the ledger yet. */
export interface RequestPlan extends TransactionPlan {
  readonly checked: CheckedRequest;
  /** In the order in which they are sent. `call` is that of the first, `fee` the sum of all. */
  readonly parts: readonly TransactionPlan[];
  /** Of the images that are here; absent until somebody has foretold it. */
  readonly foreseen?: readonly Foreseen[];
}
