import type { Address, Hex32 } from '../hex';
import type { Attestation, History, LedgerId, PublisherId, SignerSlot } from './types';
import { finalBlockAt } from './finality';
import type { StrangersRead } from '../judging/judgeInput';
import type { BlockHeader } from '../ports/ledger';

/** Publisher and name: it stands for the key, and needs no hashing. A tag has no colon. */
export type KeyId = string;

export function keyId(publisher: PublisherId, repository: string, tag: string): KeyId {
  return `${publisher} ${repository}:${tag}`;
}

/**
 * `complete`: the events make the very link that the contract holds at the view's head (also no event and no link), and
 * every signer's slot was read there. `incomplete`: they do not. `unchecked`: nobody asked for this key.
 */
export type KeyState = 'complete' | 'incomplete' | 'unchecked';

/**
 * `unavailable`: the node did not answer. `behind`: it has not yet reached a block that was final here, or where it was shared.
 * `contradicted`: it has another block in the place of one that was final here, and no person has read that yet.
 * `otherChain`: it has another block in the place of the one by which whoever shared the network told its chain.
 */
export type MissingReason = 'unavailable' | 'behind' | 'contradicted' | 'otherChain';

/** A block as it is remembered. */
export interface BlockId {
  readonly number: number;
  readonly hash: Hex32;
}

/** The chain has been rewritten below what was final here. Stays until a person has read it. */
export interface Contradiction {
  readonly remembered: BlockId;
  /** The block that has its place now. */
  readonly found: Hex32;
  /** When it was noticed, in milliseconds since the Unix epoch. */
  readonly noticed: number;
}

/** A final entry, or the end of a signer, that is on the chain no more. */
export type Gone =
  | { readonly what: 'entry'; readonly entry: Attestation }
  | {
      /** `revocation`: a signer was revoked. `end`: a wallet had ended itself. */
      readonly what: 'revocation' | 'end';
      readonly publisher: PublisherId;
      readonly signer: Address;
    };

/** A file of the memory that could not be read; what it held is not known any more. */
export type MemoryProblem = 'final' | 'contradiction' | 'histories';

/** What the ledger says, read at one block: whatever is in a view is the contract's answer at its head. A view never changes. */
export interface IndexView {
  readonly ledger: LedgerId;
  /** `empty`: nothing was read yet. Only where {@link keyState} is `complete` too can a verdict be green. */
  readonly state: 'empty' | 'complete' | 'incomplete';
  /** Why the view is `incomplete`. */
  readonly missing?: MissingReason;
  readonly head?: BlockHeader;
  /** An entry is final when this many blocks hold it or came after it. */
  readonly confirmations: number;
  /** Entries up to this block are final; -1 when none is. */
  readonly finalBlock: number;
  /** The histories of a name that were read, in the order of publisher ids. */
  historiesOf(repository: string, tag: string): readonly History[];
  /** The slot at the view's head; undefined when it was not read, which is not the same as a slot of zeros. */
  slotOf(publisher: PublisherId, signer: Address): SignerSlot | undefined;
  /** How far a publisher's history of a canonical name, or that there is none, is known to be the whole one. */
  keyState(publisher: PublisherId, repository: string, tag: string): KeyState;
  /** Whether those whom no rule names were looked for under a name. */
  strangersOf(repository: string, tag: string): StrangersRead;
  readonly contradiction?: Contradiction;
}

/** One key at the head of a view. */
export interface KeyReading {
  readonly publisher: PublisherId;
  readonly repository: string;
  readonly tag: string;
  readonly state: Exclude<KeyState, 'unchecked'>;
  /** Undefined where there is no event, or where the events make no history. */
  readonly history: History | undefined;
}

/** The facts behind a view. */
export interface IndexFacts extends Pick<IndexView, 'ledger' | 'state' | 'confirmations' | 'strangersOf'> {
  readonly missing?: MissingReason | undefined;
  readonly head?: BlockHeader | undefined;
  readonly keys: ReadonlyMap<KeyId, KeyReading>;
  /** By {@link slotId}. */
  readonly slots: ReadonlyMap<string, SignerSlot>;
  readonly contradiction?: Contradiction | undefined;
}

export function slotId(publisher: PublisherId, signer: Address): string {
  return `${publisher}:${signer}`;
}

export function createIndexView(facts: IndexFacts): IndexView {
  const { ledger, state, missing, head, confirmations, keys, slots, contradiction, strangersOf } = facts;
  const byName = new Map<string, History[]>();
  for (const { history } of keys.values()) {
    if (history === undefined) continue;
    const name = `${history.repository}:${history.tag}`;
    const histories = byName.get(name);
    if (histories === undefined) byName.set(name, [history]);
    else histories.push(history);
  }
  for (const histories of byName.values()) histories.sort((a, b) => (a.publisher < b.publisher ? -1 : 1));
  return {
    ledger,
    state,
    confirmations,
    strangersOf,
    ...(missing !== undefined && { missing }),
    ...(head !== undefined && { head }),
    ...(contradiction !== undefined && { contradiction }),
    finalBlock: head === undefined ? -1 : finalBlockAt(head.number, confirmations),
    historiesOf: (repository, tag) => byName.get(`${repository}:${tag}`) ?? [],
    slotOf: (publisher, signer) => slots.get(slotId(publisher, signer)),
    keyState: (publisher, repository, tag) => keys.get(keyId(publisher, repository, tag))?.state ?? 'unchecked',
  };
}
