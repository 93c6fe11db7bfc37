import type { Hex32 } from '../core/hex';
import type { EventTable, KeyId } from '../core/ledger/eventTable';
import { keyId } from '../core/ledger/eventTable';
import type { Folded } from '../core/ledger/fold';
import type { KeyState } from '../core/ledger/indexView';
import { slotId } from '../core/ledger/indexView';
import { linkKey, nameHash, zeroWord } from '../core/ledger/link';
import type { PublisherId, SignerSlot } from '../core/ledger/types';
import type { LedgerReader, SignerQuery } from '../core/ports';

/** Elements of a list that one call carries. */
const elementsPerCall = 10_000;

/** A canonical name that verdicts are wanted for. Its keys are hashed once, and only where no history has them. */
export class UsedName {
  #name: Hex32 | undefined;
  readonly #keys = new Map<PublisherId, Hex32>();

  constructor(
    readonly repository: string,
    readonly tag: string,
  ) {}

  keyOf(publisher: PublisherId): Hex32 {
    const known = this.#keys.get(publisher);
    if (known !== undefined) return known;
    const key = linkKey(publisher, (this.#name ??= nameHash(this.repository, this.tag)));
    this.#keys.set(publisher, key);
    return key;
  }
}

/** The history of a name by one publisher, or that there is none. */
export interface CheckedKey {
  readonly publisher: PublisherId;
  readonly repository: string;
  readonly tag: string;
  readonly key: Hex32;
  readonly state: KeyState;
  /** Undefined where there is no event, or where the events make no history. */
  readonly folded: Folded | undefined;
}

/** What has been compared with the contract at one block. */
export interface Check {
  readonly keys: ReadonlyMap<KeyId, CheckedKey>;
  /** By `slotId`. */
  readonly slots: ReadonlyMap<string, SignerSlot>;
}

export const nothingChecked: Check = { keys: new Map(), slots: new Map() };

type Candidate = Omit<CheckedKey, 'state'> & {
  readonly id: KeyId;
  /** The link that there must be; undefined where the events make no history. */
  readonly word: Hex32 | undefined;
};

/** A publisher without an event must have no link either: otherwise something was held back. */
function candidate(events: EventTable, name: UsedName, publisher: PublisherId): Candidate {
  const { repository, tag } = name;
  const found = events.get(publisher, repository, tag)?.folded;
  const folded = found?.history === undefined ? undefined : found;
  return {
    id: keyId(publisher, repository, tag),
    publisher,
    repository,
    tag,
    key: folded?.history.key ?? name.keyOf(publisher),
    folded,
    word: found === undefined ? zeroWord : folded?.history.word,
  };
}

function signersOf(publisher: PublisherId, folded: Folded | undefined): readonly SignerQuery[] {
  const signers = new Set(folded?.history.attestations.map(({ signer }) => signer));
  return [...signers].map((signer) => ({ publisher, signer }));
}

/**
 * Compares each history of these names with the contract's link at a block, and reads the slots of all its signers there;
 * of `trusted` publishers also that they have none. What is in `known` is not asked again.
 */
export async function check(
  reader: LedgerReader,
  events: EventTable,
  names: Iterable<UsedName>,
  trusted: ReadonlySet<PublisherId>,
  blockHash: Hex32,
  known: Check,
  signal: AbortSignal,
): Promise<Check> {
  const asked = [...names]
    .flatMap((name) => {
      const publishers = new Set([...trusted, ...events.publishersOf(name.repository, name.tag)]);
      const isNew = (publisher: PublisherId): boolean => !known.keys.has(keyId(publisher, name.repository, name.tag));
      return [...publishers].filter(isNew).map((publisher) => candidate(events, name, publisher));
    })
    .map((each) => ({ ...each, signers: signersOf(each.publisher, each.folded) }));
  const pairs = new Map(
    asked.flatMap(({ signers }) => signers).map((pair) => [slotId(pair.publisher, pair.signer), pair]),
  );
  const unread = [...pairs].filter(([id]) => !known.slots.has(id));
  const links: Hex32[] = [];
  const slots = new Map(known.slots);
  for (let from = 0; from < Math.max(asked.length, unread.length); from += elementsPerCall) {
    const keys = asked.slice(from, from + elementsPerCall).map(({ key }) => key);
    const part = unread.slice(from, from + elementsPerCall);
    const answer = await reader.state({ keys, signers: part.map(([, pair]) => pair) }, blockHash, signal);
    links.push(...answer.links);
    part.forEach(([id], i) => {
      const slot = answer.slots[i];
      if (slot !== undefined) slots.set(id, slot);
    });
  }
  const keys = new Map(known.keys);
  asked.forEach(({ id, word, signers, ...each }, i) => {
    const isWhole = word !== undefined && word === links[i];
    const hasSlots = signers.every(({ signer }) => slots.has(slotId(each.publisher, signer)));
    keys.set(id, { ...each, state: isWhole && hasSlots ? 'complete' : 'incomplete' });
  });
  return { keys, slots };
}
