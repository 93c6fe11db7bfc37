import * as v from 'valibot';
import type { Hex, Hex32 } from '../core/hex';
import type { LedgerKey } from '../core/ledger/types';
import type { FileStore, Log } from '../core/ports';

/** A transaction that was signed here and is not final yet. Raw bytes hold no secret: they are what everybody will see. */
export interface PendingTransaction {
  readonly ledger: LedgerKey;
  readonly hash: Hex32;
  readonly raw: Hex;
  /** The links that it writes, and the first half that each had to have. */
  readonly entries: readonly { readonly key: Hex32; readonly repository: string; readonly tag: string }[];
}

const hex = v.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]*$/.test(value));
const schema = v.object({
  ledger: v.string(),
  hash: hex,
  raw: hex,
  entries: v.array(v.object({ key: hex, repository: v.string(), tag: v.string() })),
});

const folder = 'pending';
const fileOf = (hash: Hex32): string => `${folder}/${hash}.json`;

/**
 * Remembers transactions from before they are sent until they are final, one file each, so that a killed node or window
 * loses none and two windows do not write over each other.
 */
export class PendingTransactions {
  constructor(
    private readonly files: FileStore,
    private readonly log: Log,
  ) {}

  async add(transaction: PendingTransaction): Promise<void> {
    await this.files.write(fileOf(transaction.hash), new TextEncoder().encode(JSON.stringify(transaction)));
  }

  async remove(hash: Hex32): Promise<void> {
    await this.files.remove(fileOf(hash));
  }

  async of(ledger: LedgerKey): Promise<readonly PendingTransaction[]> {
    const names = await this.files.list(folder);
    const all = await Promise.all(names.map((name) => this.read(`${folder}/${name}`)));
    return all.filter((each) => each !== undefined).filter((each) => each.ledger === ledger);
  }

  private async read(name: string): Promise<PendingTransaction | undefined> {
    const bytes = await this.files.read(name);
    if (bytes === undefined) return undefined;
    try {
      return v.parse(schema, JSON.parse(new TextDecoder().decode(bytes)));
    } catch {
      this.log.warn(`The record of a pending transaction cannot be read: ${name}`);
      return undefined;
    }
  }
}
