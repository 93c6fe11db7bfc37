import * as v from 'valibot';
import type { Hex, Hex32 } from '../../core/hex';
import { sha256Digest } from '../../core/image/digest';
import type { BlockId, Contradiction, KeyId } from '../../core/ledger/indexView';
import { keyId, slotId } from '../../core/ledger/indexView';
import type { AttestedEvent, LedgerId, PublisherId, SignerSlot } from '../../core/ledger/types';
import { ledgerKey } from '../../core/ledger/types';
import type { FileStore } from '../../core/ports/files';

/** The final events of one key that were equal to its link, and the slots of their signers as they were read last. */
export interface SavedHistory {
  readonly publisher: PublisherId;
  readonly repository: string;
  readonly tag: string;
  /** At least one. */
  readonly events: readonly AttestedEvent[];
  /** By {@link slotId}. */
  readonly slots: ReadonlyMap<string, SignerSlot>;
}

/** `damaged`: there is a file, but not one that this version wrote, or it cannot be read. */
export interface Loaded<T> {
  readonly value?: T;
  readonly damaged: boolean;
}

function hex(bytes?: number): v.GenericSchema<Hex> {
  const pattern = new RegExp(`^0x(?:[0-9a-f]{2})${bytes === undefined ? '*' : `{${bytes}}`}$`);
  return v.custom<Hex>((value) => typeof value === 'string' && pattern.test(value));
}

export const hex32 = hex(32);
export const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Decimal text, because JSON numbers do not hold 64 bits. */
const uint64 = v.pipe(
  v.string(),
  v.regex(/^(?:0|[1-9]\d{0,19})$/),
  v.transform((text) => (Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text))),
);

/** previous, signer, kind, validUntil, time, body, block, blockHash, logIndex, transaction */
const eventRow = v.strictTuple([hex32, hex(20), whole, uint64, whole, hex(), whole, hex32, whole, hex32]);
const slotRow = v.strictTuple([hex(20), whole, whole, whole, v.boolean()]);
const historySchema = v.strictObject({
  publisher: hex32,
  name: hex32,
  repository: v.string(),
  tag: v.string(),
  events: v.pipe(v.array(eventRow), v.minLength(1)),
  slots: v.array(slotRow),
});
const bucketSchema = v.strictObject({ version: v.literal(2), histories: v.array(historySchema) });
const blockSchema = v.strictObject({ number: whole, hash: hex32 });
const finalSchema = v.strictObject({ version: v.literal(2), final: blockSchema });
const contradictionSchema = v.strictObject({
  version: v.literal(2),
  contradiction: v.strictObject({ remembered: blockSchema, found: hex32, noticed: whole }),
});

function toRow({ publisher, repository, tag, events, slots }: SavedHistory): v.InferInput<typeof historySchema> {
  const signers = [...new Set(events.map(({ signer }) => signer))];
  return {
    publisher,
    name: events[0]?.name ?? '0x',
    repository,
    tag,
    events: events.map(
      ({ previous, signer, kind, validUntil, time, body, block, blockHash, logIndex, transaction }) => {
        const until = validUntil.toString();
        return [previous, signer, kind, until, time, body, block, blockHash, logIndex, transaction];
      },
    ),
    slots: signers.flatMap((signer) => {
      const slot = slots.get(slotId(publisher, signer));
      return slot === undefined ? [] : [[signer, slot.notBefore, slot.notAfter, slot.voidFrom, slot.isScoped]];
    }),
  };
}

function fromRow({ events, slots, ...key }: v.InferOutput<typeof historySchema>): SavedHistory {
  const { publisher, repository, tag } = key;
  return {
    publisher,
    repository,
    tag,
    events: events.map(
      ([previous, signer, kind, validUntil, time, body, block, blockHash, logIndex, transaction]): AttestedEvent => ({
        ...key,
        previous,
        signer,
        kind,
        validUntil,
        time,
        body,
        block,
        blockHash,
        logIndex,
        transaction,
      }),
    ),
    slots: new Map(
      slots.map(([signer, notBefore, notAfter, voidFrom, isScoped]) => [
        slotId(publisher, signer),
        { notBefore, notAfter, voidFrom, isScoped },
      ]),
    ),
  };
}

type Bucket = ReadonlyMap<KeyId, SavedHistory>;

/**
 * What is kept of one ledger: which block was final, the histories that were read, in 256 files by their keys so that a verdict
 * reads few of them, and a contradiction that no person has read. Each file is a line with the digest of the rest, then JSON.
 */
export class LedgerFiles {
  readonly folder: string;

  constructor(
    private readonly store: FileStore,
    ledger: LedgerId,
  ) {
    this.folder = `ledgers/${ledgerKey(ledger).replaceAll(':', '-')}`;
  }

  async loadFinal(): Promise<Loaded<BlockId>> {
    const { value, damaged } = await this.#load('final.json', finalSchema);
    return value === undefined ? { damaged } : { damaged, value: value.final };
  }

  async saveFinal({ number, hash }: BlockId): Promise<void> {
    await this.#save('final.json', { version: 2, final: { number, hash } });
  }

  async loadContradiction(): Promise<Loaded<Contradiction>> {
    const { value, damaged } = await this.#load('contradiction.json', contradictionSchema);
    return value === undefined ? { damaged } : { damaged, value: value.contradiction };
  }

  async saveContradiction(contradiction: Contradiction): Promise<void> {
    await this.#save('contradiction.json', { version: 2, contradiction });
  }

  /** Which bucket a key is in. */
  bucketOf(key: Hex32): string {
    return key.slice(2, 4);
  }

  async buckets(): Promise<readonly string[]> {
    const names = await this.store.list(`${this.folder}/histories`);
    return names.flatMap((name) => /^([0-9a-f]{2})\.json$/.exec(name)?.[1] ?? []);
  }

  async loadBucket(bucket: string): Promise<Loaded<Bucket>> {
    const { value, damaged } = await this.#load(`histories/${bucket}.json`, bucketSchema);
    if (value === undefined) return { damaged };
    const histories = value.histories.map(fromRow);
    return {
      damaged,
      value: new Map(histories.map((each) => [keyId(each.publisher, each.repository, each.tag), each])),
    };
  }

  async saveBucket(bucket: string, histories: Iterable<SavedHistory>): Promise<void> {
    await this.#save(`histories/${bucket}.json`, { version: 2, histories: [...histories].map(toRow) });
  }

  /** Kept beside the rest under another name: what is replaced may be wanted, and nobody knows yet what it was. */
  async putAside(name: string, label: string): Promise<void> {
    const bytes = await this.store.read(`${this.folder}/${name}`);
    if (bytes !== undefined) await this.store.write(`${this.folder}/aside/${label}-${name.replace('/', '-')}`, bytes);
  }

  async remove(name: string): Promise<void> {
    await this.store.remove(`${this.folder}/${name}`);
  }

  async #load<S extends v.GenericSchema>(name: string, schema: S): Promise<Loaded<v.InferOutput<S>>> {
    let bytes: Uint8Array | undefined;
    try {
      bytes = await this.store.read(`${this.folder}/${name}`);
    } catch {
      // There is something, and nobody can tell what.
      return { damaged: true };
    }
    if (bytes === undefined) return { damaged: false };
    const value = unseal(bytes, schema);
    return value === undefined ? { damaged: true } : { value, damaged: false };
  }

  async #save(name: string, value: object): Promise<void> {
    await this.store.write(`${this.folder}/${name}`, seal(value));
  }
}

/** A line with the digest of the rest, then JSON. */
export function seal(value: object): Uint8Array {
  const payload = new TextEncoder().encode(JSON.stringify(value));
  const digest = new TextEncoder().encode(`${sha256Digest(payload)}\n`);
  const bytes = new Uint8Array(digest.length + payload.length);
  bytes.set(digest);
  bytes.set(payload, digest.length);
  return bytes;
}

/** Undefined for what this version has not written. */
export function unseal<S extends v.GenericSchema>(bytes: Uint8Array, schema: S): v.InferOutput<S> | undefined {
  const newline = bytes.indexOf(0x0a);
  const payload = bytes.subarray(newline + 1);
  const text = new TextDecoder();
  if (text.decode(bytes.subarray(0, Math.max(0, newline))) !== sha256Digest(payload)) return undefined;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text.decode(payload), { abortEarly: true });
  return parsed.success ? parsed.output : undefined;
}
