import * as v from 'valibot';
import { isLedgerName } from '../core/ledger/contentName';
import type { BlockId } from '../core/ledger/indexView';
import type { LedgerRow, RowMark } from '../core/ledger/ledgerRow';
import { encodeRow, scanRows } from '../core/ledger/ledgerRow';
import type { AttestedEvent, PublisherId } from '../core/ledger/types';
import type { FileStore, LedgerReader, Log } from '../core/ports';
import type { BlockProgress } from './ledgerIndex';
import { hex32, whole } from './ledgerFiles';
import { readLogs } from './logRanges';

/** Bytes of one part; the last one is written anew as it grows. */
const partBytes = 512 * 1024;
/** Rows of publishers whom no rule names take no more bytes than this; what comes later is left out, and that is told. */
const strangersBytes = 256 * 2 ** 20;
/** Blocks whose logs are asked for at once: enough to go fast, few enough for the memory. */
const blocksAtOnce = 2_000;
/** Histories that are kept for one mark, of publishers whom no rule names. */
const strangersFound = 64;

interface Part {
  readonly name: string;
  readonly bytes: number;
}

const stateSchema = v.strictObject({
  version: v.literal(2),
  final: v.strictObject({ number: whole, hash: hex32 }),
  strangersBytes: whole,
  isFull: v.boolean(),
  parts: v.array(v.strictObject({ name: v.pipe(v.string(), v.regex(/^\d{6}-[0-9a-f]{8}$/)), bytes: whole })),
});

/** A history in which a mark was found. */
export interface FoundHistory extends Pick<LedgerRow, 'publisher' | 'repository' | 'tag'> {
  /** Entries with the mark, and the bytes of their bodies. */
  readonly entries: number;
  readonly bytes: number;
}

/** What was found under a mark, in the order of the chain. */
export interface Found {
  readonly histories: readonly FoundHistory[];
  /** Whether some were left out, of publishers whom no rule names. */
  readonly isCut: boolean;
}

const nothingFound: Found = { histories: [], isCut: false };

class Search implements Found {
  readonly #histories = new Map<string, FoundHistory>();
  #strangers = 0;
  isCut = false;

  get histories(): readonly FoundHistory[] {
    return [...this.#histories.values()];
  }

  /** Of publishers whom a rule names nothing is left out. */
  keep({ publisher, repository, tag, size }: LedgerRow, isTrusted: boolean): void {
    const id = `${publisher} ${repository}:${tag}`;
    const before = this.#histories.get(id);
    if (before === undefined && !isTrusted && this.#strangers >= strangersFound) {
      this.isCut = true;
      return;
    }
    if (before === undefined && !isTrusted) this.#strangers += 1;
    const { entries = 0, bytes = 0 } = before ?? {};
    this.#histories.set(id, { publisher, repository, tag, entries: entries + 1, bytes: bytes + size });
  }
}

/**
 * Every final entry of a ledger, as a row that tells where it is and which digests it names: for what cannot be found by a
 * key. It grows by appending, is read part by part, and can be built again from the chain. Nothing is concluded from a row:
 * whoever finds one reads the history that it points to.
 */
export class LedgerTable {
  readonly #store: FileStore;
  readonly #reader: LedgerReader;
  readonly #log: Log;
  readonly #folder: string;
  readonly #isTrusted: (publisher: PublisherId, repository: string) => boolean;
  #isLoaded = false;
  #final: BlockId | undefined;
  #strangersBytes = 0;
  #isFull = false;
  /** On disk, whole. */
  #parts: readonly Part[] = [];
  /** Rows after those; the last part once they are written. */
  #tail: Uint8Array = new Uint8Array();
  #isTailSaved = true;
  /** By the mark, as far as `#searched` rows. */
  #searches = new Map<RowMark, Search>();
  #searchedAt: { part: number; offset: number } = { part: 0, offset: 0 };

  constructor(options: {
    readonly store: FileStore;
    readonly reader: LedgerReader;
    readonly log: Log;
    readonly folder: string;
    readonly isTrusted: (publisher: PublisherId, repository: string) => boolean;
  }) {
    this.#store = options.store;
    this.#reader = options.reader;
    this.#log = options.log;
    this.#folder = `${options.folder}/table`;
    this.#isTrusted = options.isTrusted;
  }

  /** Entries up to this block are in it; -1 before the first. */
  get finalBlock(): number {
    return this.#final?.number ?? -1;
  }

  /** Whether entries were left out because there were too many. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Reads on up to `final`, which is on the node's chain. What is there from another chain is built anew. */
  async advance(final: BlockId, signal: AbortSignal, report: (progress: BlockProgress) => void): Promise<void> {
    await this.load();
    if (this.#final !== undefined) {
      const [block] = await this.#reader.blocksAt([this.#final.number], signal);
      if (block?.hash !== this.#final.hash) this.#startAnew();
    }
    const of = final.number - this.finalBlock;
    let done = 0;
    while (this.finalBlock < final.number) {
      const before = { parts: this.#parts, tail: this.#tail, bytes: this.#strangersBytes };
      const fromBlock = this.finalBlock + 1;
      const toBlock = Math.min(final.number, fromBlock + blocksAtOnce - 1);
      try {
        for await (const part of readLogs(this.#reader, { fromBlock, toBlock }, signal)) {
          const rows = part.attested.map((event) => this.#admit(event, toBlock)).filter((row) => row !== undefined);
          await this.#append(rows);
          done += part.blocks;
          report({ done, of });
        }
        const [block] = toBlock === final.number ? [final] : await this.#reader.blocksAt([toBlock], signal);
        if (block === undefined) return;
        this.#final = { number: block.number, hash: block.hash };
        this.#isTailSaved = false;
      } catch (error) {
        [this.#parts, this.#tail, this.#strangersBytes] = [before.parts, before.tail, before.bytes];
        throw error;
      }
    }
  }

  /** Looks for marks; what was looked for before is only looked for in what is new. */
  async find(marks: Iterable<RowMark>): Promise<ReadonlyMap<RowMark, Found>> {
    await this.load();
    const asked = [...marks];
    try {
      await this.#search(asked);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#abandon(error);
    }
    return new Map(asked.map((mark) => [mark, this.#searches.get(mark) ?? nothingFound]));
  }

  /** Whom rules name has changed: nobody is left out who is named now. */
  forgetSearches(): void {
    this.#searches = new Map();
    this.#searchedAt = { part: 0, offset: 0 };
  }

  async #search(asked: readonly RowMark[]): Promise<void> {
    const fresh = new Map<RowMark, Search>();
    for (const mark of asked) if (!this.#searches.has(mark)) fresh.set(mark, new Search());
    if (fresh.size > 0) await this.#scan(fresh, { part: 0, offset: 0 }, this.#searchedAt);
    for (const [mark, search] of fresh) this.#searches.set(mark, search);
    const end = { part: this.#parts.length, offset: this.#tail.length };
    await this.#scan(this.#searches, this.#searchedAt, end);
    this.#searchedAt = end;
  }

  /** Everything that was appended, on disk. */
  async save(): Promise<void> {
    if (this.#isTailSaved || this.#final === undefined) return;
    const before = await this.#readState();
    // Another process has read further: what it has is as good, and written already.
    if (before !== undefined && before.final.number > this.#final.number) return;
    const tail = this.#tail.length === 0 ? [] : [await this.#writePart(this.#parts.length, this.#tail)];
    const parts = [...this.#parts, ...tail];
    const state: v.InferInput<typeof stateSchema> = {
      ...{ version: 2, final: this.#final, strangersBytes: this.#strangersBytes, isFull: this.#isFull },
      parts: [...parts],
    };
    await this.#store.write(`${this.#folder}/state.json`, new TextEncoder().encode(JSON.stringify(state)));
    this.#isTailSaved = true;
    const isKept = new Set(parts.map(({ name }) => name));
    for (const { name } of before?.parts ?? []) {
      if (!isKept.has(name)) await this.#store.remove(`${this.#folder}/${name}.bin`);
    }
  }

  async load(): Promise<void> {
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    try {
      const state = await this.#readState();
      if (state === undefined) return;
      const { final, strangersBytes: bytes, isFull, parts } = state;
      // The last part grows on, unless it is full.
      const last = parts.at(-1);
      const tail = last === undefined || last.bytes >= partBytes ? undefined : await this.#readPart(last);
      this.#parts = tail === undefined ? parts : parts.slice(0, -1);
      this.#tail = tail ?? new Uint8Array();
      [this.#final, this.#strangersBytes, this.#isFull] = [final, bytes, isFull];
    } catch (error) {
      this.#abandon(error);
    }
  }

  #abandon(error: unknown): void {
    this.#log.warn(`The table of the ledger is damaged; it is built anew from the chain: ${String(error)}`);
    this.#startAnew();
  }

  #startAnew(): void {
    this.#final = undefined;
    this.#strangersBytes = 0;
    this.#isFull = false;
    this.#parts = [];
    this.#tail = new Uint8Array();
    this.forgetSearches();
  }

  #admit(event: AttestedEvent, last: number): Uint8Array | undefined {
    const { repository, tag, publisher, block } = event;
    if (block > last || !isLedgerName({ repository, tag })) return undefined;
    const row = encodeRow(event);
    if (this.#isTrusted(publisher, repository)) return row;
    if (this.#strangersBytes + row.length > strangersBytes) {
      this.#isFull = true;
      return undefined;
    }
    this.#strangersBytes += row.length;
    return row;
  }

  async #append(rows: readonly Uint8Array[]): Promise<void> {
    const length = rows.reduce((sum, row) => sum + row.length, this.#tail.length);
    const bytes = new Uint8Array(length);
    bytes.set(this.#tail);
    let at = this.#tail.length;
    let start = 0;
    const full: Uint8Array[] = [];
    for (const row of rows) {
      bytes.set(row, at);
      at += row.length;
      if (at - start < partBytes) continue;
      full.push(bytes.subarray(start, at));
      start = at;
    }
    for (const part of full) this.#parts = [...this.#parts, await this.#writePart(this.#parts.length, part)];
    this.#tail = bytes.slice(start);
  }

  async #scan(
    searches: ReadonlyMap<RowMark, Search>,
    from: { part: number; offset: number },
    to: { part: number; offset: number },
  ): Promise<void> {
    for (let part = from.part; part <= to.part; part += 1) {
      const known = this.#parts[part];
      const bytes = known === undefined ? this.#tail : await this.#readPart(known);
      const start = part === from.part ? from.offset : 0;
      const end = part === to.part ? to.offset : bytes.length;
      if (start >= end) continue;
      scanRows(
        bytes.subarray(start, end),
        (mark) => searches.has(mark),
        (row, mark) => {
          searches.get(mark)?.keep(row, this.#isTrusted(row.publisher, row.repository));
        },
      );
    }
  }

  async #readState(): Promise<v.InferOutput<typeof stateSchema> | undefined> {
    const bytes = await this.#store.read(`${this.#folder}/state.json`);
    return bytes && v.parse(stateSchema, JSON.parse(new TextDecoder().decode(bytes)));
  }

  async #readPart({ name, bytes: length }: Part): Promise<Uint8Array> {
    const bytes = await this.#store.read(`${this.#folder}/${name}.bin`);
    if (bytes?.length !== length || !name.endsWith(checksum(bytes))) throw new RangeError(`part ${name} is damaged`);
    return bytes;
  }

  /** Named by its content, so that what another process writes is never taken for it. */
  async #writePart(index: number, bytes: Uint8Array): Promise<Part> {
    const name = `${String(index).padStart(6, '0')}-${checksum(bytes)}`;
    await this.#store.write(`${this.#folder}/${name}.bin`, bytes);
    return { name, bytes: bytes.length };
  }
}

/** FNV-1a over words of four bytes: tells damage, not intent; whoever can write here can do worse. */
function checksum(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let hash = 0x811c9dc5;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) hash = Math.imul(hash ^ view.getUint32(at), 0x01000193);
  for (; at < bytes.length; at += 1) hash = Math.imul(hash ^ view.getUint8(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
