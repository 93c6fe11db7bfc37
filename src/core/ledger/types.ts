import type { Digest } from '../image/digest';
import type { DockerFieldName } from '../image/fingerprint';
import type { Platform } from '../image/identity';
import type { Address, Hex, Hex20, Hex32 } from '../hex';

/** A ledger is the contract at (chain id, genesis hash, address); trust, pins and memory belong to exactly one. */
export interface LedgerId {
  readonly chainId: bigint;
  readonly genesisHash: Hex32;
  readonly address: Address;
}

/** `chainId:genesisHash:address`, the form used in settings, file names and rules. */
export type LedgerKey = string;

export function ledgerKey(ledger: LedgerId): LedgerKey {
  return `${ledger.chainId.toString()}:${ledger.genesisHash}:${ledger.address}`;
}

/** A key as it is typed or stored; undefined for what is none. */
export function parseLedgerKey(text: string): LedgerId | undefined {
  const [, chainId = '', genesisHash, address] =
    /^([1-9][0-9]{0,77}):(0x[0-9a-f]{64}):(0x[0-9a-f]{40})$/.exec(text) ?? [];
  if (genesisHash === undefined || address === undefined) return undefined;
  return { chainId: BigInt(chainId), genesisHash: genesisHash as Hex32, address: address as Address };
}

/**
 * Of this machine alone, of several machines that mine, or a chain of others. What compares a kind without a switch, nothing
 * forces to look at a new one: search for `'development'` and `'team'`.
 */
export type LedgerKind = 'development' | 'team' | 'external';

/** By what an entry becomes final: by its depth alone, by witnesses who agree, or by the tag of a chain that has finality. */
export type Finality = 'depth' | 'witnesses' | 'tag';

/** 32 bytes: a left-padded wallet address, or an organization's id. */
export type PublisherId = Hex32;

export type EntryKind = 'publish' | 'vouch' | 'revoke';

/** On-chain number of each kind. */
export const entryKindNumber = { publish: 1, vouch: 2, revoke: 3 } as const satisfies Record<EntryKind, number>;

/** One platform image inside a statement. */
export interface Leaf {
  readonly platform: Platform;
  readonly configDigest: Digest;
  /** Bytes of the config. */
  readonly configSize: number;
  readonly fingerprint: Digest;
  readonly dockerFields: Digest;
  /** Which docker-only fields the image has, in the order Healthcheck, Shell, OnBuild; absent for none. */
  readonly dockerFieldNames?: readonly DockerFieldName[];
  /** Known once the image has been pushed, or from the start where the engine keeps manifests. */
  readonly manifestDigest?: Digest;
  /**
   * Which parts only repeat, byte for byte, what an earlier entry of the history states itself: `content` is all of the leaf
   * but the manifest digest, `digests` that. They stand or fall with that entry. Absent for none.
   */
  readonly carried?: { readonly content?: true; readonly digests?: true };
}

/** What one release contains. Leaves are sorted by platform and each platform appears once. */
export interface Statement {
  readonly leaves: readonly Leaf[];
  readonly indexDigest?: Digest;
  /** The index digest only repeats what an earlier entry states itself, as in {@link Leaf.carried}. */
  readonly isIndexCarried?: true;
}

/** `other`: no reason of the list; also what a reader shows for a reason that it does not know. */
export type RevocationReason = 'compromised' | 'vulnerable' | 'mistake' | 'unsupported' | 'other';

export interface Revocation {
  /** keccak256 of the body of the statement that is revoked. */
  readonly statementHash: Hex32;
  readonly reason: RevocationReason;
  readonly note: string;
}

/** An `Attested` event as the chain gave it, decoded but not yet checked. */
export interface AttestedEvent {
  readonly publisher: PublisherId;
  readonly name: Hex32;
  readonly signer: Address;
  /** The whole word of the link before this entry. */
  readonly previous: Hex32;
  readonly kind: number;
  /** Unix seconds; 0 means no end. A bigint where the chain's 64 bits are more than a number holds exactly. */
  readonly validUntil: number | bigint;
  /** Block time, Unix seconds. */
  readonly time: number;
  readonly repository: string;
  readonly tag: string;
  readonly body: Hex;
  readonly block: number;
  readonly blockHash: Hex32;
  readonly logIndex: number;
  readonly transaction: Hex32;
}

/** One checked entry of a (publisher, repository, tag). */
export interface Attestation {
  readonly publisher: PublisherId;
  readonly repository: string;
  readonly tag: string;
  readonly key: Hex32;
  readonly kind: EntryKind;
  readonly signer: Address;
  readonly validUntil: number;
  /** Place in the history, from 0. */
  readonly position: number;
  /** keccak256 of the body: the name of a statement in a revocation. */
  readonly statementHash: Hex32;
  /** `malformed`: the body is not of a form this version reads; it takes its place in the history and says nothing. */
  readonly body:
    | { readonly type: 'statement'; readonly statement: Statement }
    | { readonly type: 'revocation'; readonly revocation: Revocation }
    | { readonly type: 'malformed' };
  readonly block: number;
  readonly time: number;
  readonly transaction: Hex32;
}

/** Every entry of one key, oldest first, and the word that the contract must hold if nothing is missing. */
export interface History {
  readonly key: Hex32;
  readonly publisher: PublisherId;
  readonly repository: string;
  readonly tag: string;
  readonly attestations: readonly Attestation[];
  readonly word: Hex32;
}

/** The contract's slot of a (publisher, signer). Seconds and blocks; 0 means unset. */
export interface SignerSlot {
  readonly notBefore: number;
  readonly notAfter: number;
  readonly voidFrom: number;
  /** Whether it signs for a part of the repositories only. For which one the slot does not tell: `SignerScope`. */
  readonly isScoped: boolean;
}

/** One entry as a caller gives it to the contract. */
export interface Entry {
  readonly publisher: PublisherId;
  readonly previous: Hex20;
  readonly kind: EntryKind;
  readonly validUntil: number;
  readonly repository: string;
  readonly tag: string;
  readonly body: Hex;
}

/** An entry that `signer` authorizes off chain; anybody may send it until `deadline` (Unix seconds). */
export interface UnsignedEntry {
  readonly entry: Entry;
  readonly signer: Address;
  readonly deadline: number;
}

export interface SignedEntry extends UnsignedEntry {
  /** 65 bytes of a wallet; of a contract wallet whatever it accepts (EIP-1271). */
  readonly signature: Hex;
}

/** A ledger that is followed, as a person is told of it. */
export interface NamedLedger {
  readonly name: string;
  readonly ledger: LedgerId;
  readonly kind: LedgerKind;
}
