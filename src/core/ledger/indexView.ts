import type { Address, Hex32 } from '../hex';
import type { Digest } from '../image/digest';
import type { BlockHeader } from '../ports';
import type { EventTable, KeyId } from './eventTable';
import { keyId } from './eventTable';
import type { Attestation, History, LedgerId, PublisherId, SignerSlot } from './types';

/**
 * `complete`: the events make the very link that the contract holds at the view's block (also no event and no link), and
 * every signer's slot was read there. `incomplete`: they do not. `unchecked`: nobody asked for this name yet.
 */
export type KeyState = 'complete' | 'incomplete' | 'unchecked';

/** `unavailable`: the node did not answer. `behind`: it has not yet reached a block that was final here before. */
export type MissingReason = 'unavailable' | 'behind';

/** A history whose final entries are not what they were: the chain was rewritten. Stays until a person has read it. */
export interface Alarm {
  readonly key: Hex32;
  readonly publisher: PublisherId;
  readonly repository: string;
  readonly tag: string;
  /** `vanished`: fewer entries than before. `differs`: other entries than before. */
  readonly change: 'vanished' | 'differs';
  /** Block of the newest final entry that was remembered. */
  readonly block: number;
  /** When it was noticed, in milliseconds since the Unix epoch. */
  readonly noticed: number;
}

/** Content to look for; whatever is given is looked for as what it is called. */
export interface ContentDigests {
  readonly configDigest?: Digest;
  readonly manifestDigest?: Digest;
  readonly indexDigest?: Digest;
  readonly fingerprint?: Digest;
}

/** What the ledger says, read at one block. A view never changes. */
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
  /** Every publisher's history of a canonical name, in the order of publisher ids. */
  historiesOf(repository: string, tag: string): readonly History[];
  /** Every history of a publisher, in no order. It takes as long as there are histories. */
  historiesBy(publisher: PublisherId): readonly History[];
  /** The slot at (about) the view's block; undefined when it was not read, which is not the same as a slot of zeros. */
  slotOf(publisher: PublisherId, signer: Address): SignerSlot | undefined;
  /** Statements of some names, not more than a few, that contain this content. Their keys may be `unchecked`. */
  byContent(digests: ContentDigests): readonly Attestation[];
  /** Histories of a canonical repository in which a statement contains this content. Their keys may be `unchecked`. */
  historiesStating(digests: ContentDigests, repository: string): readonly History[];
  /** How far a publisher's history of a canonical name, or that there is none, is known to be the whole one. */
  keyState(publisher: PublisherId, repository: string, tag: string): KeyState;
  readonly alarms: readonly Alarm[];
}

/** The facts behind a view. */
export interface IndexFacts {
  readonly ledger: LedgerId;
  readonly state: IndexView['state'];
  readonly missing?: MissingReason | undefined;
  readonly head?: BlockHeader | undefined;
  readonly confirmations: number;
  readonly events: EventTable;
  /** Publishers that rules name; they come before others wherever only some can be told. */
  readonly trusted: ReadonlySet<PublisherId>;
  /** By `keyId`. */
  readonly keyStates: ReadonlyMap<KeyId, { readonly state: KeyState }>;
  /** By {@link slotId}. */
  readonly slots: ReadonlyMap<string, SignerSlot>;
  readonly alarms: readonly Alarm[];
}

export function slotId(publisher: PublisherId, signer: Address): string {
  return `${publisher}:${signer}`;
}

/** Newest block whose entries are final when `confirmations` blocks from theirs to the head are asked for. */
export function finalBlockAt(head: number, confirmations: number): number {
  return Math.max(-1, head - Math.max(1, confirmations) + 1);
}

/** How many attestations `byContent` tells; publishers that rules name come first. */
const contentLimit = 20;

function states(
  { body }: Attestation,
  { configDigest, manifestDigest, indexDigest, fingerprint }: ContentDigests,
): boolean {
  if (body.type !== 'statement') return false;
  const { statement } = body;
  return (
    (indexDigest !== undefined && statement.indexDigest === indexDigest) ||
    statement.leaves.some(
      (leaf) =>
        (configDigest !== undefined && leaf.configDigest === configDigest) ||
        (fingerprint !== undefined && leaf.fingerprint === fingerprint) ||
        (manifestDigest !== undefined && leaf.manifestDigest === manifestDigest),
    )
  );
}

export function createIndexView(facts: IndexFacts): IndexView {
  const { ledger, state, missing, head, confirmations, events, trusted, alarms } = facts;
  const historiesWith = (digests: ContentDigests): readonly History[] => {
    const given = [digests.indexDigest, digests.manifestDigest, digests.configDigest, digests.fingerprint];
    const keys = given.filter((digest) => digest !== undefined).flatMap((digest) => events.stating(digest));
    return [...new Set(keys)].map((key) => key.folded.history).filter((history) => history !== undefined);
  };
  return {
    ledger,
    state,
    confirmations,
    alarms,
    ...(missing !== undefined && { missing }),
    ...(head !== undefined && { head }),
    finalBlock: head === undefined ? -1 : finalBlockAt(head.number, confirmations),

    historiesOf: (repository, tag) =>
      [...new Set([...trusted, ...events.publishersOf(repository, tag)])]
        .map((publisher) => events.get(publisher, repository, tag)?.folded.history)
        .filter((history) => history !== undefined)
        .sort((a, b) => (a.publisher < b.publisher ? -1 : 1)),

    historiesBy: (publisher) =>
      events
        .keysOf(publisher)
        .map((key) => key.folded.history)
        .filter((history) => history !== undefined),

    slotOf: (publisher, signer) => facts.slots.get(slotId(publisher, signer)),

    byContent: (digests) => {
      const rank = (history: History): number => (trusted.has(history.publisher) ? 0 : 1);
      return [...historiesWith(digests)]
        .sort((a, b) => rank(a) - rank(b))
        .flatMap((history) => history.attestations.filter((attestation) => states(attestation, digests)))
        .slice(0, contentLimit);
    },

    historiesStating: (digests, repository) =>
      historiesWith(digests).filter(
        (history) =>
          history.repository === repository && history.attestations.some((attestation) => states(attestation, digests)),
      ),

    keyState: (publisher, repository, tag) =>
      facts.keyStates.get(keyId(publisher, repository, tag))?.state ?? 'unchecked',
  };
}
