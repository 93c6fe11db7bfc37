import * as v from 'valibot';
import { jsonWithWei, weiSchema } from './weiJson';
import { Emitter, type Event } from '../../core/emitter';
import type { Address, Hex, Hex32 } from '../../core/hex';
import { parseStrictJson, type JsonLimits } from '../../core/json/strictJson';
import { transactionHash } from '../../core/ledger/transactionHash';
import type { Entry, LedgerKey, PublisherId } from '../../core/ledger/types';
import type { FileStore } from '../../core/ports/files';
import type { EtherTransfer, PreparedTransaction } from '../../core/ports/ledger';

/** What an entry writes to. */
export interface WrittenKey {
  readonly key: Hex32;
  readonly repository: string;
  readonly tag: string;
}

/** What an entry on its way says, and in whose name. */
export interface PendingEntry extends WrittenKey, Pick<Entry, 'publisher' | 'kind'> {}

/** A transaction that was signed here and is not final yet. Raw bytes hold no secret: they are what everybody will see. */
export interface PendingTransaction extends PreparedTransaction {
  readonly ledger: LedgerKey;
  /** The wallet that sends it. */
  readonly signer: Address;
  readonly entries: readonly PendingEntry[];
  /** Wei that it spends at most, fee included. */
  readonly most: bigint;
  /** Of ether that is sent to somebody. */
  readonly transfer?: Pick<EtherTransfer, 'to' | 'value'>;
}

const address = v.custom<Address>((value) => typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value));
const hex = v.custom<Hex>((value) => typeof value === 'string' && /^0x(?:[0-9a-f]{2})+$/.test(value));
const schema = v.pipe(
  v.strictObject({
    ledger: v.string(),
    hash: hex,
    raw: hex,
    signer: address,
    entries: v.array(
      v.strictObject({
        key: hex,
        repository: v.string(),
        tag: v.string(),
        publisher: v.custom<PublisherId>((value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value)),
        kind: v.picklist(['publish', 'vouch', 'revoke']),
      }),
    ),
    most: weiSchema,
    transfer: v.exactOptional(v.strictObject({ to: address, value: weiSchema })),
  }),
  // If the bytes do not have this hash they would be sent again without end, because nobody would find what the hash
  // names.
  v.check(({ raw, hash }) => transactionHash(raw) === hash),
);

/** A transaction of 128 KiB, in hex, and what it writes. */
const limits: JsonLimits = { bytes: 1024 * 1024, depth: 4 };

const folder = 'pending';
const fileOf = (hash: Hex32): string => `${folder}/${hash}.json`;

/**
 * Remembers transactions from before they are sent until they are final, one file each, so that a killed node or window
 * loses none and two windows do not write over each other.
 */
export class PendingTransactions {
  readonly #files: FileStore;
  readonly #damaged = new Emitter<string>();
  /** Files that were told to be damaged. */
  readonly #told = new Set<string>();

  constructor(files: FileStore) {
    this.#files = files;
  }

  /** The name of a file that cannot be read, once: what it would send is not sent, and nobody can tell for which tag. */
  get onDamaged(): Event<string> {
    return this.#damaged.event;
  }

  async add(transaction: PendingTransaction): Promise<void> {
    const text = pendingText(transaction);
    await this.#files.write(fileOf(transaction.hash), new TextEncoder().encode(text));
  }

  async remove(hash: Hex32): Promise<void> {
    await this.#files.remove(fileOf(hash));
  }

  /** Whether there are any, of whatever ledger. */
  async isEmpty(): Promise<boolean> {
    return (await this.#files.list(folder)).length === 0;
  }

  /** Those of one ledger; a file that cannot be read is left where it is and counts for nothing. */
  async of(ledger: LedgerKey): Promise<readonly PendingTransaction[]> {
    const names = await this.#files.list(folder);
    const all = await Promise.all(names.map((name) => this.#read(`${folder}/${name}`)));
    return all.filter((each) => each !== undefined).filter((each) => each.ledger === ledger);
  }

  async #read(name: string): Promise<PendingTransaction | undefined> {
    try {
      const bytes = await this.#files.read(name);
      if (bytes === undefined) return undefined;
      const transaction = parsePending(bytes);
      if (fileOf(transaction.hash) === name) return transaction;
    } catch {
      // Whatever is wrong with it, it is nothing to send.
    }
    if (!this.#told.has(name)) this.#damaged.fire(name);
    this.#told.add(name);
    return undefined;
  }
}

/** As it is written down. */
export function pendingText(transaction: PendingTransaction): string {
  return jsonWithWei(transaction);
}

/** What was written down; throws for anything else. */
export function parsePending(bytes: Uint8Array): PendingTransaction {
  return v.parse(schema, parseStrictJson(bytes, limits));
}
