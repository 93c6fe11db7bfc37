import type { Address } from '../hex';
import type { SignerScope } from '../ledger/signerScope';
import type { SignerWindow } from '../ledger/signerStanding';
import type { LedgerId, LedgerKind, PublisherId, SignerSlot } from '../ledger/types';
import type { TransactionPlan } from './transactionPlan';
import type { Organization } from '../ports/ledger';

/** An organization in which a wallet has a part. Anybody can make any wallet a signer of theirs: that proves nothing. */
export interface Membership {
  readonly organization: Organization;
  readonly isAdmin: boolean;
  /** The admin's place is offered to the wallet. */
  readonly isOffered: boolean;
  /** `notSigner` for who is no signer and was none. */
  readonly window: SignerWindow;
  readonly slot: SignerSlot;
  readonly scope: SignerScope;
}

export interface OrganizationSigner {
  readonly signer: Address;
  readonly slot: SignerSlot;
  readonly window: SignerWindow;
  readonly scope: SignerScope;
}

/** An organization, and every wallet that was ever its signer, in the order in which they came. */
export interface OrganizationDetails {
  readonly ledger: LedgerId;
  readonly ledgerKind: LedgerKind;
  readonly organization: Organization;
  readonly signers: readonly OrganizationSigner[];
}

/** A change of an organization that a person has to see before it is sent. */
export interface OrganizationPlan extends TransactionPlan {
  /** As it is before the change. */
  readonly organization: Organization;
}

export interface SignerChange {
  readonly organization: PublisherId;
  /** As a person typed it. */
  readonly signer: string;
  /** Unix seconds from which entries are accepted; from the block of the change unless given. */
  readonly notBefore?: number;
  /** Unix seconds up to which entries are accepted; without end unless given. */
  readonly notAfter?: number;
  /** As a person typed it (`signerScope`). A signer keeps the one that it has unless given; who is new signs for everything. */
  readonly scope?: string | undefined;
}
