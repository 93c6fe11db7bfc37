import type { Event } from '../../core/emitter';
import { isDaoChainError } from '../../core/errors';
import { ledgerKey, type Finality, type LedgerKey, type LedgerKind, type ThisLedger } from '../../core/ledger/types';
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
}

/** Every ledger that counts for verdicts; one of them is home, where this machine signs. */
export interface FollowedLedgers {
  readonly home: FollowedLedger;
  /** Home first. */
  readonly all: readonly FollowedLedger[];
  readonly onDidChange: Event<void>;
}

/** A reader who follows one ledger, which is home; it is known which one that is as soon as it was opened. */
export function onlyLedger(name: string, source: LedgerSource): FollowedLedgers {
  const home: FollowedLedger = {
    name,
    source,
    get ledger() {
      return source.current && ledgerKey(source.current.reader.ledger);
    },
  };
  return { home, all: [home], onDidChange: () => ({ dispose: () => undefined }) };
}

/** Undefined where there is none that can be used; which rules count shows without a running node. */
export async function thisLedger(ledgers: LedgerSource): Promise<ThisLedger | undefined> {
  try {
    const { kind, writer } = await ledgers.open();
    return { kind, ledger: writer.ledger };
  } catch (error) {
    if (!isDaoChainError(error)) throw error;
    return undefined;
  }
}
