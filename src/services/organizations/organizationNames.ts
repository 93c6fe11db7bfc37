import { publisherWallet } from '../../core/hex';
import type { KnownLedgers } from '../../core/ledger/knownLedgers';
import type { LedgerKey, PublisherId } from '../../core/ledger/types';
import type { TrustRule } from '../../core/trust/rules';
import { followedAs, namedLedgers, type FollowedLedger, type FollowedLedgers } from '../ledger/ledger';
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

  /** The followed ledgers, with the names that are known without asking. */
  async ledgers(): Promise<KnownLedgers> {
    return { ...(await namedLedgers(this.followed)), names: this.#on };
  }

  /** The same once the publishers of rules were asked for, each on the ledger of its rule. */
  async ledgersOf(
    rules: readonly Pick<TrustRule, 'ledger' | 'publishers'>[],
    signal: AbortSignal,
  ): Promise<KnownLedgers> {
    const asked = new Map<LedgerKey, PublisherId[]>();
    for (const { ledger, publishers } of rules) asked.set(ledger, [...(asked.get(ledger) ?? []), ...publishers]);
    await Promise.all([...asked].map(([ledger, publishers]) => this.read(publishers, signal, ledger)));
    return this.ledgers();
  }

  /**
   * Asks a ledger for those that are not known yet, in one call; home unless given. No answer means no names: nothing depends on
   * them. A ledger that is not followed is not asked.
   */
  async read(publishers: readonly PublisherId[], signal: AbortSignal, ledger?: LedgerKey): Promise<Names> {
    if (publishers.length === 0) return new Map();
    const followed = ledger === undefined ? this.followed.home : await followedAs(this.followed, ledger);
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

  readonly #on = (ledger: LedgerKey): Names => {
    const followed = this.followed.all.find((each) => each.ledger === ledger);
    return followed === undefined ? new Map() : this.#knownOn(followed);
  };

  #knownOn(followed: FollowedLedger): Map<PublisherId, string> {
    const known = this.#known.get(followed) ?? new Map<PublisherId, string>();
    this.#known.set(followed, known);
    return known;
  }
}
