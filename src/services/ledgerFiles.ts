import * as v from 'valibot';
import type { Hex, Hex32 } from '../core/hex';
import { sha256Digest } from '../core/image/digest';
import type { Alarm } from '../core/ledger/indexView';
import type { AttestedEvent, LedgerId, PublisherId } from '../core/ledger/types';
import { ledgerKey } from '../core/ledger/types';
import type { FileStore } from '../core/ports';

/** Final events of a ledger up to a block; everything in it can be read from the chain again. */
export interface SavedIndex {
  readonly final: number;
  /** Publishers of whom nothing is left out. */
  readonly complete: readonly PublisherId[];
  readonly events: readonly AttestedEvent[];
}

/** The final part of a history that was once equal to its link: how many entries, and the link after them. */
export interface Remembered {
  readonly key: Hex32;
  readonly publisher: PublisherId;
  readonly repository: string;
  readonly tag: string;
  readonly count: number;
  readonly word: Hex32;
  /** Block of the last of these entries. */
  readonly block: number;
}

/** `damaged`: there is a file, but not one that this version wrote. */
export interface Loaded<T> {
  readonly value?: T;
  readonly damaged: boolean;
}

function hex(bytes?: number): v.GenericSchema<Hex> {
  const pattern = new RegExp(`^0x(?:[0-9a-f]{2})${bytes === undefined ? '*' : `{${bytes}}`}$`);
  return v.custom<Hex>((value) => typeof value === 'string' && pattern.test(value));
}

const hex32 = hex(32);
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Decimal text, because JSON numbers do not hold 64 bits. */
const uint64 = v.pipe(
  v.string(),
  v.regex(/^(?:0|[1-9]\d{0,19})$/),
  v.transform((text) => (Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text))),
);

/** previous, signer, kind, validUntil, time, body, block, blockHash, logIndex, transaction */
const eventRow = v.strictTuple([hex32, hex(20), whole, uint64, whole, hex(), whole, hex32, whole, hex32]);
const keyRow = v.strictObject({
  publisher: hex32,
  name: hex32,
  repository: v.string(),
  tag: v.string(),
  events: v.array(eventRow),
});
const indexSchema = v.strictObject({
  version: v.literal(1),
  final: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)),
  complete: v.array(hex32),
  keys: v.array(keyRow),
});

const named = { key: hex32, publisher: hex32, repository: v.string(), tag: v.string(), block: whole };
const memorySchema = v.strictObject({
  version: v.literal(1),
  remembered: v.array(v.strictObject({ ...named, count: v.pipe(whole, v.minValue(1)), word: hex32 })),
});
const alarmSchema = v.strictObject({
  version: v.literal(1),
  alarm: v.strictObject({ ...named, change: v.picklist(['vanished', 'differs']), noticed: whole }),
});

/** Key by key and each event as a row: half the size of objects. */
function toRows(events: Iterable<AttestedEvent>): readonly v.InferInput<typeof keyRow>[] {
  const rows = new Map<string, v.InferInput<typeof keyRow>>();
  for (const { publisher, name, repository, tag, ...event } of events) {
    const id = JSON.stringify([publisher, name, repository, tag]);
    const row = rows.get(id) ?? { publisher, name, repository, tag, events: [] };
    rows.set(id, row);
    const { previous, signer, kind, validUntil, time, body, block, blockHash, logIndex, transaction } = event;
    const until = validUntil.toString();
    row.events.push([previous, signer, kind, until, time, body, block, blockHash, logIndex, transaction]);
  }
  return [...rows.values()];
}

function fromRow({ events, ...key }: v.InferOutput<typeof keyRow>): readonly AttestedEvent[] {
  return events.map(
    ([previous, signer, kind, validUntil, time, body, block, blockHash, logIndex, transaction]): AttestedEvent => ({
      ...key,
      ...{ previous, signer, kind, validUntil, time, body, block, blockHash, logIndex, transaction },
    }),
  );
}

/** What is kept of one ledger. Each file is a line with the digest of the rest, then JSON; alarms have a file each. */
export class LedgerFiles {
  readonly #folder: string;

  constructor(
    private readonly store: FileStore,
    ledger: LedgerId,
  ) {
    this.#folder = `ledgers/${ledgerKey(ledger).replaceAll(':', '-')}`;
  }

  async loadIndex(): Promise<Loaded<SavedIndex>> {
    const { value, damaged } = await this.#load('index.json', indexSchema);
    if (value === undefined) return { damaged };
    const { final, complete, keys } = value;
    return { damaged, value: { final, complete, events: keys.flatMap(fromRow) } };
  }

  async saveIndex(final: number, complete: Iterable<PublisherId>, events: Iterable<AttestedEvent>): Promise<void> {
    await this.#save('index.json', { version: 1, final, complete: [...complete], keys: toRows(events) });
  }

  async loadMemory(): Promise<Loaded<readonly Remembered[]>> {
    const { value, damaged } = await this.#load('memory.json', memorySchema);
    return value === undefined ? { damaged } : { damaged, value: value.remembered };
  }

  async saveMemory(remembered: Iterable<Remembered>): Promise<void> {
    await this.#save('memory.json', { version: 1, remembered: [...remembered] });
  }

  async loadAlarms(): Promise<readonly Loaded<Alarm>[]> {
    const names = await this.store.list(`${this.#folder}/alarms`);
    return Promise.all(
      names.map(async (name) => {
        const { value, damaged } = await this.#load(`alarms/${name}`, alarmSchema);
        return value === undefined ? { damaged } : { damaged, value: value.alarm };
      }),
    );
  }

  async saveAlarm(alarm: Alarm): Promise<void> {
    await this.#save(`alarms/${alarm.key}.json`, { version: 1, alarm });
  }

  async removeAlarm(key: Hex32): Promise<void> {
    await this.store.remove(`${this.#folder}/alarms/${key}.json`);
  }

  async #load<S extends v.GenericSchema>(name: string, schema: S): Promise<Loaded<v.InferOutput<S>>> {
    const bytes = await this.store.read(`${this.#folder}/${name}`);
    if (bytes === undefined) return { damaged: false };
    const newline = bytes.indexOf(0x0a);
    const payload = bytes.subarray(newline + 1);
    const text = new TextDecoder();
    if (text.decode(bytes.subarray(0, newline)) !== sha256Digest(payload)) return { damaged: true };
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text.decode(payload), { abortEarly: true });
    return parsed.success ? { value: parsed.output, damaged: false } : { damaged: true };
  }

  async #save(name: string, value: object): Promise<void> {
    const payload = new TextEncoder().encode(JSON.stringify(value));
    const digest = new TextEncoder().encode(`${sha256Digest(payload)}\n`);
    const bytes = new Uint8Array(digest.length + payload.length);
    bytes.set(digest);
    bytes.set(payload, digest.length);
    await this.store.write(`${this.#folder}/${name}`, bytes);
  }
}
