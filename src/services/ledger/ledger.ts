import type { Event } from '../../core/emitter';
import { DaoChainError, isDaoChainError } from '../../core/errors';
import { ledgerKey, type Finality, type LedgerKey, type LedgerKind, type NamedLedger } from '../../core/ledger/types';
import { ledgerIn, type KnownLedgers } from '../../core/ledger/knownLedgers';
import type { NetworkTerms } from '../../core/ledger/networkTerms';
import type { Assurance } from '../../core/judging/verdict';
import type { AccountReader } from '../../core/ports/accounts';
import type { LedgerIndex } from './ledgerIndex';
import type { LedgerReader, LedgerWriter, OrganizationReader } from '../../core/ports/ledger';

/** One ledger as the services use it: what it is, what it says, and the way to write to it. */
export interface Ledger {
  readonly kind: LedgerKind;
  readonly assurance: Assurance;
  readonly finality: Finality;
  /** What a team network's genesis commits to. */
  readonly terms?: NetworkTerms | undefined;
  readonly reader: LedgerReader;
  readonly organizations: OrganizationReader;
  readonly accounts: AccountReader;
  readonly index: LedgerIndex;
  readonly writer: LedgerWriter;
}

/** The ledger of this machine. It is opened when it is first needed, and needs no running node for that. */
export class LedgerSource {
  #opening: Promise<Ledger> | undefined;
  #current: Ledger | undefined;
  #failure: unknown;

  constructor(private readonly make: () => Promise<Ledger>) {}

  /** Undefined until it was opened. */
  get current(): Ledger | undefined {
    return this.#current;
  }

  /** Why it could not be opened, when that was last tried. */
  get failure(): unknown {
    return this.#failure;
  }

  /** `networkInvalid` when what is stored of the network cannot be used. */
  async open(): Promise<Ledger> {
    this.#opening ??= this.make();
    try {
      this.#current = await this.#opening;
      this.#failure = undefined;
      return this.#current;
    } catch (error) {
      this.#opening = undefined;
      this.#failure = error;
      throw error;
    }
  }
}

/** A ledger that the reader has joined, or made. */
export interface FollowedLedger {
  /** What the reader calls it. */
  readonly name: string;
  /** Known without its node; undefined as long as this machine's own network was not made. */
  readonly ledger: LedgerKey | undefined;
  readonly source: LedgerSource;
  /** The host whose word is all that there is, where no node of this machine executed the blocks. */
  readonly reportedBy?: string;
  /** What it is, by what is stored here; undefined as long as this machine's own network was not made. `networkInvalid`. */
  identify(): Promise<NamedLedger | undefined>;
}

/** Every ledger that counts for verdicts; one of them is home, where this machine signs. */
export interface FollowedLedgers {
  readonly home: FollowedLedger;
  /** Home first. */
  readonly all: readonly FollowedLedger[];
  readonly onDidChange: Event<void>;
}

/** The followed ledger with this key, though nothing of it was opened yet. */
export async function followedAs(
  { all }: Pick<FollowedLedgers, 'all'>,
  key: LedgerKey,
): Promise<FollowedLedger | undefined> {
  const known = all.find(({ ledger }) => ledger === key);
  if (known !== undefined) return known;
  for (const each of all) {
    if (each.ledger !== undefined) continue;
    const found = await tryIdentify(each);
    if (found !== undefined && found !== 'unknown' && ledgerKey(found.ledger) === key) return each;
  }
  return undefined;
}

/** What the followed ledgers are; home first. One whose files cannot be used is left out, and hides no other. */
export async function namedLedgers({
  all,
}: Pick<FollowedLedgers, 'all'>): Promise<Pick<KnownLedgers, 'all' | 'isWhole'>> {
  const found = await Promise.all(all.map(tryIdentify));
  return {
    all: found.flatMap((each) => (each === undefined || each === 'unknown' ? [] : each)),
    isWhole: !found.includes('unknown'),
  };
}

/** The ledger of a link. `linkInvalid` where it is not followed; `networkInvalid` where that cannot be told. */
export async function requireFollowed(
  followed: Pick<FollowedLedgers, 'home' | 'all'>,
  ledger: LedgerKey,
): Promise<NamedLedger> {
  const known = await namedLedgers(followed);
  const found = ledgerIn(known, ledger);
  if (found !== undefined) return found;
  if (!known.isWhole) for (const each of followed.all) await each.identify();
  throw new DaoChainError('linkInvalid', 'The link is of a ledger that is not followed', {
    details: { reason: 'otherLedger', ledger },
  });
}

async function tryIdentify(followed: FollowedLedger): Promise<NamedLedger | 'unknown' | undefined> {
  try {
    return await followed.identify();
  } catch (error) {
    if (!isDaoChainError(error)) throw error;
    return 'unknown';
  }
}
