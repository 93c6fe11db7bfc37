import { publisherWallet } from '../../core/hex';
import type { LedgerKey, PublisherId } from '../../core/ledger/types';
import type { FollowedLedger, FollowedLedgers } from '../ledger/ledger';
import type { Log } from '../../core/ports/log';

type Names = ReadonlyMap<PublisherId, string>;

/** What organizations call themselves, on each ledger: to be shown beside their ids, and never alone. */
export class OrganizationNames {
  /** A name never changes; an id that nobody has may get one. On another ledger the same id may have another. */
  readonly #known = new WeakMap<FollowedLedger, Map<PublisherId, string>>();

  constructor(
    private readonly followed: FollowedLedgers,
    private readonly log: Log,
  ) {}

  /** Those of home that are known without asking. */
  get known(): Names {
    return this.#knownOn(this.followed.home);
  }

  /**
   * Asks a ledger for those that are not known yet, in one call; home unless given. No answer means no names: nothing depends on
   * them. A ledger that is not followed is not asked.
   */
  async read(publishers: readonly PublisherId[], signal: AbortSignal, ledger?: LedgerKey): Promise<Names> {
    const { home, all } = this.followed;
    const isHome = ledger === undefined || home.ledger === undefined || home.ledger === ledger;
    const followed = isHome ? home : all.find((each) => each.ledger === ledger);
    if (followed === undefined) return new Map();
    const known = this.#knownOn(followed);
    const asked = new Set(publishers.filter((id) => publisherWallet(id) === undefined && !known.has(id)));
    if (asked.size === 0) return known;
    try {
      const { organizations } = await followed.source.open();
      for (const { id, name } of await organizations.read([...asked], signal)) known.set(id, name);
    } catch (error) {
      this.log.debug(`The names of organizations were not read: ${String(error)}`);
    }
    return known;
  }

  #knownOn(followed: FollowedLedger): Map<PublisherId, string> {
    const known = this.#known.get(followed) ?? new Map<PublisherId, string>();
    this.#known.set(followed, known);
    return known;
  }
}
