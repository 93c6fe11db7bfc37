import { publisherWallet } from '../../core/hex';
import type { PublisherId } from '../../core/ledger/types';
import type { LedgerSource } from '../ledger/ledger';
import type { Log } from '../../core/ports/log';

/** What organizations call themselves on this machine's ledger: to be shown beside their ids, and never alone. */
export class OrganizationNames {
  /** A name never changes; an id that nobody has may get one. */
  readonly #known = new Map<PublisherId, string>();

  constructor(
    private readonly ledgers: LedgerSource,
    private readonly log: Log,
  ) {}

  /** Those that are known without asking. */
  get known(): ReadonlyMap<PublisherId, string> {
    return this.#known;
  }

  /** Asks for those that are not known yet, in one call. No answer means no names: nothing depends on them. */
  async read(publishers: readonly PublisherId[], signal: AbortSignal): Promise<ReadonlyMap<PublisherId, string>> {
    const asked = new Set(publishers.filter((id) => publisherWallet(id) === undefined && !this.#known.has(id)));
    if (asked.size === 0) return this.#known;
    try {
      const { organizations } = await this.ledgers.open();
      for (const { id, name } of await organizations.read([...asked], signal)) this.#known.set(id, name);
    } catch (error) {
      this.log.debug(`The names of organizations were not read: ${String(error)}`);
    }
    return this.#known;
  }
}
