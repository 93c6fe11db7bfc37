/** The contract on the chain: what it holds, and what is written to it. */
import type { Hex32, Address, Hex } from '../hex';
import type {
  PublisherId,
  AttestedEvent,
  SignerSlot,
  LedgerId,
  UnsignedEntry,
  Entry,
  SignedEntry,
} from '../ledger/types';
import type { SignerScope } from '../ledger/signerScope';
import type { Event } from '../emitter';

export interface BlockHeader {
  readonly number: number;
  readonly hash: Hex32;
  /** Of the block before. */
  readonly parentHash: Hex32;
  /** Unix seconds. */
  readonly time: number;
}

/** An event of the ledger that changes signers or organizations; enough to know which slots to read again. */
export interface SignerEvent {
  readonly publisher: PublisherId;
  readonly signer?: Address;
  readonly block: number;
}

export interface LedgerLogs {
  readonly attested: readonly AttestedEvent[];
  readonly signers: readonly SignerEvent[];
}

export interface LogRange {
  readonly fromBlock: number;
  readonly toBlock: number;
  /** Only these publishers (by topic); all when absent. */
  readonly publishers?: readonly PublisherId[];
  /** Only entries of names with these hashes (by topic), and no events about signers; all when absent. */
  readonly names?: readonly Hex32[];
}

/** The link of a key as it was after a block. */
export interface PastLink {
  readonly key: Hex32;
  readonly block: number;
}

export interface SignerQuery {
  readonly publisher: PublisherId;
  readonly signer: Address;
}

/** What the ledger knows of an organization beside its signers. */
export interface Organization {
  readonly id: PublisherId;
  /** Its creator's text: not unique, proves nothing, never shown without the id. */
  readonly name: string;
  readonly admin: Address;
  /** Whom the admin has offered its place. */
  readonly pendingAdmin?: Address;
}

export interface SignerAndScope {
  readonly signer: Address;
  readonly slot: SignerSlot;
  readonly scope: SignerScope;
}

/** Who an organization is and who stands behind it, as the newest block has it. */
export interface OrganizationReader {
  /** 1 call for each id. Absent where there is none with an id. */
  read(ids: readonly PublisherId[], signal: AbortSignal): Promise<readonly Organization[]>;
  /**
   * Organizations that a wallet created, became or was offered to be admin of, or was ever set as a signer of; what it is
   * there now, `read` and the signers' slots tell. Anybody can name any wallet. 2 calls.
   */
  namedIn(wallet: Address, signal: AbortSignal): Promise<readonly PublisherId[]>;
  /**
   * Every wallet that was ever a signer, with its slot, and what it signs for; in the order in which they came. 2 calls, and
   * 1 more where some have a scope.
   */
  signersOf(id: PublisherId, signal: AbortSignal): Promise<readonly SignerAndScope[]>;
  /**
   * What signers sign for whose slots say that they have a scope, in their order: the text of an event, if the ledger has its
   * hash. 2 calls.
   */
  scopesOf(signers: readonly SignerQuery[], signal: AbortSignal): Promise<readonly SignerScope[]>;
  /** The organization that a transaction created; undefined where it is not mined or created none. 1 call. */
  createdBy(transaction: Hex32, signal: AbortSignal): Promise<PublisherId | undefined>;
}

/** Read side of a ledger. Each method's doc says how many RPC calls it makes; a batch counts each element. */
export interface LedgerReader {
  readonly ledger: LedgerId;
  /** 1 call. */
  head(signal: AbortSignal): Promise<BlockHeader>;
  /** The block that the chain itself calls final. 1 call. `nodeFailed` where it tells of none. */
  finalized(signal: AbortSignal): Promise<BlockHeader>;
  /** The blocks of these numbers on the node's chain, undefined where it has none so high. 1 call for each, in one batch. */
  blocksAt(numbers: readonly number[], signal: AbortSignal): Promise<readonly (BlockHeader | undefined)[]>;
  /** 1 call. Answers in chain order. */
  logs(range: LogRange, signal: AbortSignal): Promise<LedgerLogs>;
  /** As {@link logs} for some ranges, in their order. 1 call for each, in one batch. */
  logsOf(ranges: readonly LogRange[], signal: AbortSignal): Promise<LedgerLogs>;
  /** 1 call for each, in one batch. `nodeFailed` from a node that does not keep the states of old blocks. */
  pastLinks(places: readonly PastLink[], signal: AbortSignal): Promise<readonly Hex32[]>;
  /** `links` and `signers` at one block hash in one batch: 1 call for each list that is not empty, for up to 10,000 elements each. */
  state(
    query: { readonly keys: readonly Hex32[]; readonly signers: readonly SignerQuery[] },
    blockHash: Hex32,
    signal: AbortSignal,
  ): Promise<{ readonly links: readonly Hex32[]; readonly slots: readonly SignerSlot[] }>;
  /** Pushed by the node, not polled. Without a listener there is no subscription. */
  readonly onHead: Event<BlockHeader>;
}

export interface PreparedTransaction {
  readonly raw: Hex;
  readonly hash: Hex32;
}

export interface FeeEstimate {
  readonly gas: bigint;
  /** Wei for one gas. */
  readonly gasPrice: bigint;
  /** Wei: `gas × gasPrice`, without what a transfer takes along. */
  readonly cost: bigint;
  readonly balance: bigint;
}

/** A transaction, legacy (type 0) or with the fees of EIP-1559 (type 2). Prices in wei for each gas. */
export type UnsignedTransaction = {
  readonly chainId: bigint;
  readonly nonce: number;
  readonly to: Address;
  /** Wei that it takes along; none unless given. */
  readonly value?: bigint;
  readonly data: Hex;
  readonly gasLimit: bigint;
} & (
  | { readonly type: 0; readonly gasPrice: bigint }
  | { readonly type: 2; readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint }
);

/** Signs for one wallet; made by the wallet service while it is unlocked. */
export interface TransactionSigner {
  readonly address: Address;
  /** Returns the raw transaction. */
  signTransaction(transaction: UnsignedTransaction): Promise<Hex>;
  /** An entry for anybody to send: 65 bytes over its EIP-712 hash (`core/ledger/typedData.ts`). */
  signEntry(ledger: LedgerId, entry: UnsignedEntry): Promise<Hex>;
}

/** Finds out who signed. */
export interface SignatureRecovery {
  /** The wallet whose signature over `hash` this is; undefined for what is no 65-byte signature with a low s. */
  recover(hash: Hex32, signature: Hex): Promise<Address | undefined>;
}

/** A call that changes the ledger; each is one transaction. Seconds and blocks as in the contract's interface. */
export type LedgerCall =
  /** One entry, or several in one batch: all or none. Not empty. */
  | { readonly type: 'attest'; readonly entries: readonly Entry[] }
  | { readonly type: 'attestBySignature'; readonly signed: SignedEntry }
  | { readonly type: 'createOrganization'; readonly name: string }
  | {
      readonly type: 'setSigner';
      readonly organization: PublisherId;
      readonly signer: Address;
      readonly notBefore: number;
      readonly notAfter: number;
      /** Empty for everything. */
      readonly scope: string;
    }
  | {
      readonly type: 'revokeSigner';
      readonly organization: PublisherId;
      readonly signer: Address;
      readonly sinceBlock: number;
    }
  | { readonly type: 'transferAdmin'; readonly organization: PublisherId; readonly newAdmin: Address }
  | { readonly type: 'acceptAdmin'; readonly organization: PublisherId }
  | { readonly type: 'endWallet' };

/** Ether for somebody; the ledger's contract has no part in it. */
export interface EtherTransfer {
  readonly type: 'transfer';
  readonly to: Address;
  /** Wei. */
  readonly value: bigint;
}

/** What a wallet sends; each is one transaction. */
export type TransactionCall = LedgerCall | EtherTransfer;

/** Write side of a ledger. */
export interface LedgerWriter {
  readonly ledger: LedgerId;
  balance(address: Address, signal: AbortSignal): Promise<bigint>;
  /** The data of a transaction to the ledger, for a contract wallet to send. */
  encode(call: LedgerCall): Promise<Hex>;
  /**
   * Simulates the call against the newest block and prices it. `staleLink` names the key, `signerNotAllowed`, `notAdmin`,
   * `signatureInvalid`, `requestExpired`, `transactionRejected`; too little balance is not an error here.
   */
  estimate(call: TransactionCall, from: Address, signal: AbortSignal): Promise<FeeEstimate>;
  /** Builds and signs; nothing is sent. */
  prepare(
    call: TransactionCall,
    fee: FeeEstimate,
    signer: TransactionSigner,
    signal: AbortSignal,
  ): Promise<PreparedTransaction>;
  /** Sends a prepared transaction; sending the same bytes again is not an error. */
  broadcast(transaction: PreparedTransaction, signal: AbortSignal): Promise<void>;
  /** Where a transaction is now. `failed`: mined, but reverted. */
  status(
    hash: Hex32,
    signal: AbortSignal,
  ): Promise<{ readonly state: 'absent' | 'pending' } | { readonly state: 'mined' | 'failed'; readonly block: number }>;
}
