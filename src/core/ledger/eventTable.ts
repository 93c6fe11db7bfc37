import { isDaoChainError } from '../errors';
import { fromHex } from '../hex';
import type { Digest } from '../image/digest';
import { chainOrder } from './fold';
import { KeyEvents } from './keyEvents';
import { decodeStatement } from './statement';
import type { AttestedEvent, PublisherId } from './types';
import { entryKindNumber } from './types';

/** A canonical repository and tag; a tag has no colon. */
type Name = string;
/** Publisher and name: it stands for the key, and needs no hashing. */
export type KeyId = string;

/** Where to look. Entries are only added, so a table must expect some that it does not hold. */
interface Lookup {
  readonly names: Map<Name, PublisherId[]>;
  readonly contents: Map<Digest, KeyId[]>;
  /** Whose statements are not in `contents` yet; they are read when somebody looks for content. */
  readonly unread: { readonly id: KeyId; readonly event: AttestedEvent }[];
}

function nameOf(repository: string, tag: string): Name {
  return `${repository}:${tag}`;
}

export function keyId(publisher: PublisherId, repository: string, tag: string): KeyId {
  return `${publisher} ${nameOf(repository, tag)}`;
}

function statedDigests(event: AttestedEvent): readonly Digest[] {
  if (event.kind === entryKindNumber.revoke) return [];
  try {
    const { indexDigest, leaves } = decodeStatement(fromHex(event.body));
    const digests = leaves.flatMap((leaf) => [leaf.configDigest, leaf.fingerprint, leaf.manifestDigest]);
    return [indexDigest, ...digests].filter((digest) => digest !== undefined);
  } catch (error) {
    if (isDaoChainError(error, 'statementInvalid')) return [];
    throw error;
  }
}

/**
 * Publishers kept for one name, and keys for one digest. Whoever floods the ledger with entries about one image makes no
 * verdict on it slower; publishers that a rule names are found without this list.
 */
export const foundAtMost = 64;

function append<K, V>(map: Map<K, V[]>, at: K, value: V): void {
  const values = map.get(at);
  if (values === undefined) map.set(at, [value]);
  else if (values.length < foundAtMost && !values.includes(value)) values.push(value);
}

/**
 * Events by key, found by name and by content. A table never changes: adding events makes another one. Names are what the
 * events say; folding tells whether it is true.
 */
export class EventTable {
  private constructor(
    private readonly keys: ReadonlyMap<KeyId, KeyEvents>,
    private readonly counts: ReadonlyMap<PublisherId, number>,
    private readonly lookup: Lookup,
    private readonly below: EventTable | undefined,
  ) {}

  static over(below?: EventTable): EventTable {
    return new EventTable(new Map(), new Map(), { names: new Map(), contents: new Map(), unread: [] }, below);
  }

  /** A table with `events` too, which follow all that are there of their keys. */
  with(events: readonly AttestedEvent[]): EventTable {
    if (events.length === 0) return this;
    const added = new Map<KeyId, AttestedEvent[]>();
    const counts = new Map(this.counts);
    for (const event of [...events].sort(chainOrder)) {
      const { publisher, repository, tag } = event;
      const id = keyId(publisher, repository, tag);
      const list = added.get(id);
      if (list === undefined) added.set(id, [event]);
      else list.push(event);
      counts.set(publisher, (counts.get(publisher) ?? 0) + 1);
      append(this.lookup.names, nameOf(repository, tag), publisher);
      this.lookup.unread.push({ id, event });
    }
    const keys = new Map(this.keys);
    for (const [id, list] of added) keys.set(id, this.find(id)?.followedBy(list) ?? new KeyEvents(list));
    return new EventTable(keys, counts, this.lookup, this.below);
  }

  /** All but these publishers' events. */
  without(publishers: ReadonlySet<PublisherId>): EventTable {
    if (![...publishers].some((publisher) => this.counts.has(publisher))) return this;
    return EventTable.over(this.below).with([...this.events()].filter((event) => !publishers.has(event.publisher)));
  }

  /** Events of this table, not of the one below. */
  *events(): Generator<AttestedEvent> {
    for (const key of this.keys.values()) yield* key.events;
  }

  /** How many events this table holds of each publisher. */
  get publishers(): ReadonlyMap<PublisherId, number> {
    return this.counts;
  }

  get(publisher: PublisherId, repository: string, tag: string): KeyEvents | undefined {
    return this.find(keyId(publisher, repository, tag));
  }

  /** Every key of a publisher. */
  keysOf(publisher: PublisherId): readonly KeyEvents[] {
    return [...new Set(this.idsOf(publisher))].map((id) => this.find(id)).filter((key) => key !== undefined);
  }

  /** The earliest publishers who have a history of this name. */
  publishersOf(repository: string, tag: string): readonly PublisherId[] {
    return this.lookUp(({ names }) => names.get(nameOf(repository, tag)));
  }

  /** Keys with a statement that contains `digest`, as whatever kind of digest. */
  stating(digest: Digest): readonly KeyEvents[] {
    const ids = this.lookUp(({ contents, unread }) => {
      for (const { id, event } of unread.splice(0)) {
        for (const stated of statedDigests(event)) append(contents, stated, id);
      }
      return contents.get(digest);
    });
    return ids.map((id) => this.find(id)).filter((key) => key !== undefined);
  }

  private idsOf(publisher: PublisherId): readonly KeyId[] {
    const own = [...this.keys.keys()].filter((id) => id.startsWith(`${publisher} `));
    return [...(this.below?.idsOf(publisher) ?? []), ...own];
  }

  private find(id: KeyId): KeyEvents | undefined {
    return this.keys.get(id) ?? this.below?.find(id);
  }

  private lookUp<V>(select: (lookup: Lookup) => readonly V[] | undefined): readonly V[] {
    const own = select(this.lookup) ?? [];
    const below = this.below?.lookUp(select) ?? [];
    return below.length === 0 ? own : [...new Set([...below, ...own])];
  }
}
