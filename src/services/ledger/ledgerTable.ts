import { concatBytes } from '@noble/hashes/utils';
import * as v from 'valibot';
import { isLedgerName } from '../../core/ledger/contentName';
import type { BlockId } from '../../core/ledger/indexView';
import type { LedgerRow, RowMark } from '../../core/ledger/ledgerRow';
import { encodeRow, scanRows } from '../../core/ledger/ledgerRow';
import type { AttestedEvent, PublisherId } from '../../core/ledger/types';
import { hex32, seal, unseal, whole } from './ledgerFiles';
import { readLogs } from './logRanges';
import type { Log } from '../../core/ports/log';
import type { FileStore } from '../../core/ports/files';
import type { LedgerReader } from '../../core/ports/ledger';

/** Blocks whose logs have been read, of those to read. */
export interface BlockProgress {
  readonly done: number;
  readonly of: number;
}

/** Bytes of one part; the last one is written anew as it grows. */
const partBytes = 512 * 1024;
/** Rows of publishers whom no rule names take no more bytes than this; what comes later is left out, and that is told. */
const strangersBytesAtMost = 256 * 2 ** 20;
/** Blocks whose logs are asked for at once: enough to go fast, few enough for the memory. */
const blocksAtOnce = 2_000;
/** Histories that are kept for one mark, of publishers whom no rule names. */
const strangersFound = 64;
/** Marks whose rows are kept in memory; one more, and they are looked for again. */
const searchesKept = 50_000;

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

/** All rows up to the final block. */
interface Rows extends Pick<v.InferOutput<typeof stateSchema>, 'strangersBytes' | 'isFull'> {
  /** On disk, whole. */
  readonly parts: Part[];
  /** Rows after those; the last part once they are written. */
  readonly tail: Uint8Array;
}

const noRows: Rows = { strangersBytes: 0, isFull: false, parts: [], tail: new Uint8Array() };

type IsTrusted = (publisher: PublisherId, repository: string) => boolean;

/** A history in which a mark was found. */
export interface FoundHistory extends Pick<LedgerRow, 'publisher' | 'repository' | 'tag'> {
  /** Entries with the mark, and the bytes of their bodies. */
  readonly entries: number;
  readonly bytes: number;
}

/** What was found under a mark, in the order of the chain. */
export interface FoundHistories {
  readonly histories: readonly FoundHistory[];
  /** Whether some were left out, of publishers whom no rule names. */
  readonly isCut: boolean;
}

const nothingFound: FoundHistories = { histories: [], isCut: false };

class Search implements FoundHistories {
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
  readonly #publishersFor: (repository: string) => readonly PublisherId[];
  #isLoaded = false;
  #final: BlockId | undefined;
  /** Whether the final block was compared with the node's chain. */
  #isProved = false;
  #rows: Rows = noRows;
  #isTailSaved = true;
  /** By the mark, as far as `#searched` rows. */
  #searches = new Map<RowMark, Search>();
  #searchedAt: { part: number; offset: number } = { part: 0, offset: 0 };
  /** Searches, one after another: what one has gone through is not gone through by another. */
  #searching: Promise<unknown> = Promise.resolve();

  constructor(options: {
    readonly store: FileStore;
    readonly reader: LedgerReader;
    readonly log: Log;
    readonly folder: string;
    /** Whom rules name for a repository. */
    readonly publishersFor: (repository: string) => readonly PublisherId[];
  }) {
    this.#store = options.store;
    this.#reader = options.reader;
    this.#log = options.log;
    this.#folder = `${options.folder}/table`;
    this.#publishersFor = options.publishersFor;
  }

  /** Entries of the node's chain up to this block are known to be in it; -1 before the first. */
  get finalBlock(): number {
    return this.#isProved ? (this.#final?.number ?? -1) : -1;
  }

  /** Bytes of all rows: it grows with every entry. */
  get size(): number {
    return this.#rows.parts.reduce((sum, { bytes }) => sum + bytes, this.#rows.tail.length);
  }

  /** Whether entries were left out because there were too many. */
  get isFull(): boolean {
    return this.#rows.isFull;
  }

  /** Reads on up to `final`, which is on the node's chain. What is there from another chain is built anew. */
  async advance(final: BlockId, signal: AbortSignal, report: (progress: BlockProgress) => void): Promise<void> {
    await this.load();
    const before = this.#final;
    if (before !== undefined) {
      const [block] = await this.#reader.blocksAt([before.number], signal);
      if (before !== this.#final) return;
      if (block?.hash !== before.hash) this.#startAnew();
    }
    this.#isProved = true;
    const of = final.number - this.finalBlock;
    const isTrusted = this.#trust();
    let done = 0;
    while (this.finalBlock < final.number) {
      const at = this.#final;
      const fromBlock = this.finalBlock + 1;
      const toBlock = Math.min(final.number, fromBlock + blocksAtOnce - 1);
      // Nobody sees rows of blocks that were not read whole.
      let draft: Rows = this.#rows;
      for await (const part of readLogs(this.#reader, { fromBlock, toBlock }, signal)) {
        draft = await this.#append(
          draft,
          part.attested.filter(({ block }) => block <= toBlock),
          isTrusted,
        );
        done += part.blocks;
        report({ done, of });
      }
      const [block] = toBlock === final.number ? [final] : await this.#reader.blocksAt([toBlock], signal);
      // What was begun anew meanwhile begins at its own first block; what was doubted is compared first.
      if (block === undefined || at !== this.#final) return;
      this.#rows = draft;
      this.#final = { number: block.number, hash: block.hash };
      this.#isTailSaved = false;
    }
  }

  /** Looks for marks; what was looked for before is only looked for in what is new. */
  async find(marks: Iterable<RowMark>): Promise<ReadonlyMap<RowMark, FoundHistories>> {
    const asked = [...new Set(marks)];
    const found = this.#searching.then(() => this.#findNow(asked));
    this.#searching = found.catch(() => undefined);
    return found;
  }

  async #findNow(asked: readonly RowMark[]): Promise<ReadonlyMap<RowMark, FoundHistories>> {
    await this.load();
    if (this.#searches.size + asked.length > searchesKept) this.forgetSearches();
    for (;;) {
      const searches = this.#searches;
      try {
        await this.#search(asked);
      } catch (error) {
        this.#abandon(error);
      }
      // What was forgotten meanwhile is looked for again.
      if (searches === this.#searches) return new Map(asked.map((mark) => [mark, searches.get(mark) ?? nothingFound]));
    }
  }

  /** Whom rules name has changed: nobody is left out who is named now. */
  forgetSearches(): void {
    this.#searches = new Map();
    this.#searchedAt = { part: 0, offset: 0 };
  }

  /** The chain was rewritten: before anything is concluded from what is missing here, the final block is compared again. */
  doubt(): void {
    this.#isProved = false;
    // Another object, so that a reading that is under way ends.
    this.#final = this.#final && { ...this.#final };
  }

  /** Removes everything: it was built from a chain that is no longer accepted. */
  async clear(): Promise<void> {
    this.#startAnew();
    const names = await this.#store.list(this.#folder);
    for (const name of names) await this.#store.remove(`${this.#folder}/${name}`);
  }

  async #search(asked: readonly RowMark[]): Promise<void> {
    const { parts, tail } = this.#rows;
    const [searches, from] = [this.#searches, this.#searchedAt];
    const fresh = new Map<RowMark, Search>();
    for (const mark of asked) if (!searches.has(mark)) fresh.set(mark, new Search());
    const isTrusted = this.#trust();
    if (fresh.size > 0) await this.#scan(fresh, { part: 0, offset: 0 }, from, isTrusted);
    const all = new Map([...searches, ...fresh]);
    const end = { part: parts.length, offset: tail.length };
    await this.#scan(all, from, end, isTrusted);
    if (searches !== this.#searches) return;
    for (const [mark, search] of fresh) searches.set(mark, search);
    this.#searchedAt = end;
  }

  /** Everything that was appended, on disk. */
  async save(): Promise<void> {
    if (this.#isTailSaved || this.#final === undefined) return;
    const before = await this.#readState().catch(() => undefined);
    // Another process has read further: what it has is as good, and written already.
    if (before !== undefined && before.final.number > this.#final.number) return;
    const [final, { tail, strangersBytes: bytes, isFull }] = [this.#final, this.#rows];
    const last = tail.length === 0 ? [] : [await this.#writePart(this.#rows.parts.length, tail)];
    const parts = [...this.#rows.parts, ...last];
    const state: v.InferInput<typeof stateSchema> = { version: 2, final, strangersBytes: bytes, isFull, parts };
    await this.#store.write(`${this.#folder}/state.json`, seal(state));
    this.#isTailSaved = final === this.#final;
    const isKept = new Set(parts.map(({ name }) => name));
    for (const { name } of before?.parts ?? []) {
      if (!isKept.has(name)) await this.#store.remove(`${this.#folder}/${name}.bin`);
    }
    // Of processes that were killed before they named their last part, or that named it where another one did.
    await this.#store.removeOld(
      this.#folder,
      (name) => name === 'state.json' || isKept.has(name.replace(/\.bin$/, '')),
    );
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
      this.#rows = {
        ...{ strangersBytes: bytes, isFull },
        parts: tail === undefined ? parts : parts.slice(0, -1),
        tail: tail ?? new Uint8Array(),
      };
      this.#final = final;
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
    this.#isProved = false;
    this.#rows = noRows;
    this.forgetSearches();
  }

  /** Whom rules name, looked up once for each repository. */
  #trust(): IsTrusted {
    const named = new Map<string, ReadonlySet<PublisherId>>();
    return (publisher, repository) => {
      let publishers = named.get(repository);
      if (publishers === undefined) {
        publishers = new Set(this.#publishersFor(repository));
        named.set(repository, publishers);
      }
      return publishers.has(publisher);
    };
  }

  async #append(before: Rows, events: readonly AttestedEvent[], isTrusted: IsTrusted): Promise<Rows> {
    let { strangersBytes, isFull } = before;
    const rows: Uint8Array[] = [before.tail];
    for (const event of events) {
      const { repository, tag, publisher } = event;
      if (!isLedgerName({ repository, tag })) continue;
      const row = encodeRow(event);
      if (!isTrusted(publisher, repository)) {
        if (strangersBytes + row.length > strangersBytesAtMost) {
          isFull = true;
          continue;
        }
        strangersBytes += row.length;
      }
      rows.push(row);
    }
    const bytes = concatBytes(...rows);
    const parts = [...before.parts];
    let [start, end] = [0, 0];
    for (const { length } of rows) {
      end += length;
      if (end - start < partBytes) continue;
      parts.push(await this.#writePart(parts.length, bytes.subarray(start, end)));
      start = end;
    }
    return { strangersBytes, isFull, parts, tail: bytes.slice(start) };
  }

  async #scan(
    searches: ReadonlyMap<RowMark, Search>,
    from: { part: number; offset: number },
    to: { part: number; offset: number },
    isTrusted: IsTrusted,
  ): Promise<void> {
    const { parts, tail } = this.#rows;
    for (let part = from.part; part <= to.part; part += 1) {
      const known = parts[part];
      const bytes = known === undefined ? tail : await this.#readPart(known);
      const start = part === from.part ? from.offset : 0;
      const end = part === to.part ? to.offset : bytes.length;
      if (start >= end) continue;
      scanRows(
        bytes.subarray(start, end),
        (mark) => searches.has(mark),
        (row, mark) => {
          searches.get(mark)?.keep(row, isTrusted(row.publisher, row.repository));
        },
      );
    }
  }

  async #readState(): Promise<v.InferOutput<typeof stateSchema> | undefined> {
    const bytes = await this.#store.read(`${this.#folder}/state.json`);
    if (bytes === undefined) return undefined;
    const state = unseal(bytes, stateSchema);
    if (state === undefined) throw new RangeError('its state is damaged');
    return state;
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
