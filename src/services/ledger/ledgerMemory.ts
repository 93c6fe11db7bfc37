import type { Hex32 } from '../../core/hex';
import { publisherWallet } from '../../core/hex';
import { fold } from '../../core/ledger/fold';
import type { BlockId, Contradiction, Gone, KeyId, KeyReading, MemoryProblem } from '../../core/ledger/indexView';
import { slotId } from '../../core/ledger/indexView';
import { linkKey, nameHash, zeroWord } from '../../core/ledger/link';
import type { AttestedEvent, LedgerId, SignerSlot } from '../../core/ledger/types';
import type { HistoryKey, ReadHistory } from './historyReader';
import { idOf, noHistory, readHistories } from './historyReader';
import type { SavedHistory } from './ledgerFiles';
import { LedgerFiles } from './ledgerFiles';
import type { Clock } from '../../core/ports/clock';
import type { Log } from '../../core/ports/log';
import type { FileStore } from '../../core/ports/files';
import type { BlockHeader, LedgerReader } from '../../core/ports/ledger';

/** So many blocks in which nothing happened may be forgotten when the machine stops at once. */
const unsavedBlocks = 20;
/** Histories that are compared with the chain in one call, and signers. */
const historiesPerCall = 1_000;
const elementsPerCall = 10_000;

/** What a reading of a key is remembered by. */
type Remembered = KeyReading & ReadHistory & { readonly of: HistoryKey };

/**
 * What was final on a ledger as far as it was read here: the number and hash of the highest final block, which every later
 * chain has to hold, and the histories and signers that were read, so that they need not be read again and so that it can be
 * told what is gone. One folder has one memory: a copy of it from yesterday remembers what was final yesterday.
 */
export class LedgerMemory {
  readonly folder: string;
  readonly #files: LedgerFiles;
  readonly #log: Log;
  readonly #clock: Clock;
  /** Held by the chain as it was read last. */
  #remembered: BlockId | undefined;
  /** What another window or command has remembered, or this one in an earlier session: not compared with the chain yet. */
  #unproved: BlockId | undefined;
  /** The final block as it was last seen on disk. */
  #onDisk: BlockId | undefined;
  #contradiction: Contradiction | undefined;
  #isContradictionSaved = false;
  /** What was read up to this block is to be missed where it is gone, so that the final block is written once it is that high. */
  #lastNews = -1;
  readonly #problems = new Set<MemoryProblem>();
  readonly #told = new Set<string>();
  readonly #histories = new Map<string, Map<KeyId, SavedHistory>>();
  readonly #dirty = new Set<string>();
  /** Writes, one after another. No verdict waits for the disk. */
  #saving: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly store: FileStore;
    readonly ledger: LedgerId;
    readonly log: Log;
    readonly clock: Clock;
  }) {
    this.#files = new LedgerFiles(options.store, options.ledger);
    this.folder = this.#files.folder;
    this.#log = options.log;
    this.#clock = options.clock;
  }

  /** Final blocks that a chain has to contain before anything it says is used. */
  get remembered(): readonly BlockId[] {
    return [this.#remembered, this.#unproved].filter((block) => block !== undefined);
  }

  /** Whether the chain that was read last is known to hold them all. */
  get isProved(): boolean {
    return this.#unproved === undefined;
  }

  /** A chain that does not reach this block cannot contradict the memory yet. */
  get horizon(): number {
    return this.highest?.number ?? -1;
  }

  get highest(): BlockId | undefined {
    const [first, second] = this.remembered;
    return second !== undefined && first !== undefined && second.number > first.number ? second : first;
  }

  get contradiction(): Contradiction | undefined {
    return this.#contradiction;
  }

  /** A person is told, because nobody can miss what was forgotten. */
  get problems(): readonly MemoryProblem[] {
    return [...this.#problems];
  }

  /** Takes up what is on disk: other windows and commands remember, notice and settle too. */
  async refresh(): Promise<void> {
    const [final, contradiction] = await Promise.all([this.#files.loadFinal(), this.#files.loadContradiction()]);
    if (final.damaged) await this.#tell('final', 'final.json');
    if (final.value !== undefined && !isSameBlock(final.value, this.#onDisk)) {
      this.#onDisk = final.value;
      if (!isSameBlock(final.value, this.#remembered)) this.#unproved = final.value;
    }
    if (contradiction.damaged) {
      await this.#tell('contradiction', 'contradiction.json');
      // There was an alarm that a person had to read, and what it was is no longer known.
      const nowhere = { number: 0, hash: zeroWord };
      this.#contradiction ??= { remembered: this.remembered[0] ?? nowhere, found: zeroWord, noticed: 0 };
      this.#isContradictionSaved = true;
    } else if (contradiction.value !== undefined) {
      this.#contradiction = contradiction.value;
      this.#isContradictionSaved = true;
    } else if (this.#contradiction !== undefined) {
      if (this.#isContradictionSaved) this.#forget(final.value);
      else await this.#saveContradiction(this.#contradiction);
    }
  }

  /** The chain holds all that is remembered. */
  prove(): void {
    this.#remembered = this.highest;
    this.#unproved = undefined;
  }

  /** The final entries of a key that were read before. */
  async historyOf(of: HistoryKey): Promise<ReadHistory> {
    const saved = (await this.#bucket(this.#files.bucketOf(of.key))).get(idOf(of));
    if (saved === undefined) return noHistory;
    const folded = fold(saved.events);
    return folded.history === undefined ? noHistory : { events: saved.events, folded };
  }

  /**
   * Takes over what was read at a head (its number) that no memory contradicts. `final`: the final block, where its hash is
   * known.
   */
  remember(
    head: number,
    final: BlockId | undefined,
    finalBlock: number,
    readings: readonly Remembered[],
    slots: ReadonlyMap<string, SignerSlot>,
  ): void {
    if (final !== undefined && final.number > this.horizon) this.#remembered = final;
    const changed = readings.flatMap((reading) => {
      const last = reading.events.findLastIndex(({ block }) => block <= finalBlock);
      return last === -1 ? [] : [{ reading, count: last + 1 }];
    });
    if (changed.length === 0 && !this.#isFinalDue) return;
    this.#saving = this.#saving
      .then(() => this.#save(head, changed, slots))
      .catch((error: unknown) => {
        this.#log.error(`What is remembered of the ledger cannot be written: ${String(error)}`);
      });
  }

  /** The chain has another block in the place of one that was final. Nothing is overwritten until a person has read it. */
  async contradict(remembered: BlockId, found: Hex32): Promise<void> {
    this.#contradiction = { remembered, found, noticed: this.#clock() };
    this.#log.error(`The chain was rewritten below block ${remembered.number}, which was final`);
    await this.#saving;
    await this.#saveContradiction(this.#contradiction);
  }

  /** Which block the chain has now in the place of the one that was final; it can have been that one again. */
  async noteFound(found: Hex32): Promise<void> {
    if (this.#contradiction === undefined || this.#contradiction.found === found) return;
    this.#contradiction = { ...this.#contradiction, found };
    await this.#saveContradiction(this.#contradiction);
  }

  /** Everything that was remembered and that the chain of `reader` holds no more. */
  async gone(reader: LedgerReader, signal: AbortSignal): Promise<readonly Gone[]> {
    const head = await reader.head(signal);
    const gone: Gone[] = [];
    for (const bucket of await this.#buckets()) {
      const saved = [...(await this.#bucket(bucket)).values()];
      for (let from = 0; from < saved.length; from += historiesPerCall) {
        const part = saved.slice(from, from + historiesPerCall);
        gone.push(...(await this.#goneOf(part, reader, head, signal)));
      }
    }
    return gone;
  }

  async #goneOf(
    saved: readonly SavedHistory[],
    reader: LedgerReader,
    head: BlockHeader,
    signal: AbortSignal,
  ): Promise<readonly Gone[]> {
    const keys = saved.map(({ publisher, repository, tag }): HistoryKey => {
      const name = nameHash(repository, tag);
      return { publisher, repository, tag, name, key: linkKey(publisher, name) };
    });
    const pairs = saved.flatMap(({ publisher, events }) =>
      [...new Set(events.map(({ signer }) => signer))].map((signer) => ({ publisher, signer })),
    );
    const { links } = await reader.state({ keys: keys.map(({ key }) => key), signers: [] }, head.hash, signal);
    const slots: SignerSlot[] = [];
    for (let from = 0; from < pairs.length; from += elementsPerCall) {
      const signers = pairs.slice(from, from + elementsPerCall);
      slots.push(...(await reader.state({ keys: [], signers }, head.hash, signal)).slots);
    }
    const gone: Gone[] = [];
    for (const [i, of] of keys.entries()) {
      const before = fold(saved[i]?.events ?? []);
      const link = links[i] ?? zeroWord;
      if (before.history === undefined || link === before.history.word) continue;
      const now = await readHistories(reader, [{ of, known: noHistory, link }], head.number, signal);
      const words = now.get(idOf(of))?.folded?.words ?? [];
      const from = before.words.findIndex((word, place) => words[place] !== word);
      if (from === -1) continue;
      gone.push(...before.history.attestations.slice(from).map((entry) => ({ what: 'entry' as const, entry })));
    }
    const remembered = new Map(saved.flatMap((each) => [...each.slots]));
    for (const [i, { publisher, signer }] of pairs.entries()) {
      const was = remembered.get(slotId(publisher, signer));
      const is = slots[i];
      if (was === undefined || is === undefined) continue;
      if (isWeaker(is.voidFrom, was.voidFrom)) gone.push({ what: 'revocation', publisher, signer });
      const isWallet = publisherWallet(publisher) !== undefined;
      if (isWallet && isWeaker(is.notAfter, was.notAfter)) gone.push({ what: 'end', publisher, signer });
    }
    return gone;
  }

  /**
   * A person has read it. Where the chain holds again what was final, nothing is gone; else what was remembered is put aside,
   * and the memory begins anew on the chain as it is.
   */
  async settle(): Promise<void> {
    await this.#saving;
    const isBack = this.#contradiction?.found === this.#contradiction?.remembered.hash;
    const label = String(this.#clock());
    const histories = isBack ? [] : (await this.#buckets()).map((bucket) => `histories/${bucket}.json`);
    const names = [...(isBack ? [] : ['final.json']), ...histories];
    for (const name of [...names, 'contradiction.json']) await this.#putAside(name, label);
    for (const name of names) await this.#files.remove(name);
    // Last, so that whoever is interrupted begins again.
    await this.#files.remove('contradiction.json');
    this.#log.info('A person has read what is gone from the chain');
    this.#contradiction = undefined;
    this.#isContradictionSaved = false;
    if (!isBack) this.#forget(undefined);
  }

  /** Everything that is remembered, on disk. */
  async flush(): Promise<void> {
    await this.#saving;
    await this.#saveFinal();
  }

  async #save(
    head: number,
    changed: readonly { readonly reading: Remembered; readonly count: number }[],
    slots: ReadonlyMap<string, SignerSlot>,
  ): Promise<void> {
    for (const { reading, count } of changed) {
      const { of, publisher, repository, tag, events } = reading;
      const bucket = this.#files.bucketOf(of.key);
      const histories = await this.#bucket(bucket);
      const before = histories.get(idOf(of));
      const signers = new Set(events.slice(0, count).map(({ signer }) => signer));
      const known = new Map(
        [...signers].flatMap((signer) => {
          const id = slotId(publisher, signer);
          const slot = slots.get(id) ?? before?.slots.get(id);
          return slot === undefined ? [] : [[id, slot] as const];
        }),
      );
      const final = events.slice(0, count);
      if (before?.events.length === count && isContinuedBy(before.events, final) && sameSlots(before.slots, known))
        continue;
      histories.set(idOf(of), { publisher, repository, tag, events: final, slots: known });
      this.#dirty.add(bucket);
    }
    const isNew = this.#dirty.size > 0;
    for (const bucket of this.#dirty) {
      await this.#files.saveBucket(bucket, await this.#merged(bucket));
      this.#dirty.delete(bucket);
    }
    if (isNew) this.#lastNews = Math.max(this.#lastNews, head);
    if (isNew || this.#isFinalDue) await this.#saveFinal();
  }

  /** What another window or command has written meanwhile stays, where it knows more. */
  async #merged(bucket: string): Promise<Iterable<SavedHistory>> {
    const histories = await this.#bucket(bucket);
    for (const [id, theirs] of (await this.#files.loadBucket(bucket)).value ?? []) {
      const mine = histories.get(id);
      if (
        mine === undefined ||
        (theirs.events.length > mine.events.length && isContinuedBy(mine.events, theirs.events))
      )
        histories.set(id, theirs);
    }
    return histories.values();
  }

  get #unsaved(): number {
    return (this.#remembered?.number ?? -1) - (this.#onDisk?.number ?? -1);
  }

  get #isFinalDue(): boolean {
    const isNewsFinal = (this.#onDisk?.number ?? -1) < this.#lastNews && this.horizon >= this.#lastNews;
    return isNewsFinal || this.#unsaved >= unsavedBlocks;
  }

  async #saveFinal(): Promise<void> {
    const mine = this.#remembered;
    if (mine === undefined || this.#contradiction !== undefined || this.#unsaved <= 0) return;
    const { value: theirs } = await this.#files.loadFinal();
    // What another window has remembered since then is compared with the chain before it is replaced.
    if (theirs !== undefined && !isSameBlock(theirs, this.#onDisk)) return;
    await this.#files.saveFinal(mine);
    this.#onDisk = mine;
  }

  async #saveContradiction(contradiction: Contradiction): Promise<void> {
    try {
      await this.#files.saveContradiction(contradiction);
      this.#isContradictionSaved = true;
    } catch (error) {
      this.#log.error(`The contradiction of the chain cannot be written: ${String(error)}`);
    }
  }

  /** Settled, here or by another window or command. */
  #forget(final: BlockId | undefined): void {
    this.#remembered = this.#contradiction = undefined;
    this.#isContradictionSaved = false;
    this.#unproved = this.#onDisk = final;
    this.#histories.clear();
    this.#dirty.clear();
    this.#problems.clear();
  }

  async #buckets(): Promise<readonly string[]> {
    try {
      return await this.#files.buckets();
    } catch {
      await this.#tell('histories');
      return [];
    }
  }

  async #bucket(bucket: string): Promise<Map<KeyId, SavedHistory>> {
    const known = this.#histories.get(bucket);
    if (known !== undefined) return known;
    const { value, damaged } = await this.#files.loadBucket(bucket);
    if (damaged) await this.#tell('histories', `histories/${bucket}.json`);
    const histories = new Map(value);
    this.#histories.set(bucket, histories);
    return histories;
  }

  /** Once for each file: it is put aside, so that what is written in its place destroys nothing. */
  async #tell(problem: MemoryProblem, file: string = problem): Promise<void> {
    this.#problems.add(problem);
    if (this.#told.has(file)) return;
    this.#told.add(file);
    this.#log.error(`What was remembered of the ledger is damaged: ${file}`);
    await this.#putAside(file, `damaged-${this.#clock()}`);
  }

  /** A file that can be neither read nor copied must not stop anything. */
  async #putAside(file: string, label: string): Promise<void> {
    try {
      await this.#files.putAside(file, label);
    } catch (error) {
      this.#log.error(`${file} of the ledger's memory cannot be put aside: ${String(error)}`);
    }
  }
}

function isSameBlock(a: BlockId, b: BlockId | undefined): boolean {
  return a.number === b?.number && a.hash === b.hash;
}

/** A block from which something ends, 0 where it does not end: gone, or later than it was. */
function isWeaker(is: number, was: number): boolean {
  return was !== 0 && (is === 0 || is > was);
}

/** The last event of a history that is true to the chain tells all before it. */
function isContinuedBy(history: readonly AttestedEvent[], longer: readonly AttestedEvent[]): boolean {
  const last = history.at(-1);
  const other = longer[history.length - 1];
  return last?.blockHash === other?.blockHash && last?.logIndex === other?.logIndex;
}

function sameSlots(a: ReadonlyMap<string, SignerSlot>, b: ReadonlyMap<string, SignerSlot>): boolean {
  return (
    a.size === b.size &&
    [...a].every(([id, slot]) => {
      const other = b.get(id);
      return (
        other?.notBefore === slot.notBefore &&
        other.notAfter === slot.notAfter &&
        other.voidFrom === slot.voidFrom &&
        other.isScoped === slot.isScoped
      );
    })
  );
}
