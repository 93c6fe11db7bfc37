import { isDaoChainError } from '../../core/errors';
import type { LedgerKind, ThisLedger } from '../../core/ledger/types';
import type { Assurance } from '../../core/judging/verdict';
import type { LedgerIndex } from './ledgerIndex';
import type { LedgerReader, LedgerWriter, OrganizationReader } from '../../core/ports/ledger';

/** One ledger as the services use it: what it is, what it says, and the way to write to it. */
export interface Ledger {
  readonly kind: LedgerKind;
  readonly assurance: Assurance;
  readonly reader: LedgerReader;
  readonly organizations: OrganizationReader;
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
