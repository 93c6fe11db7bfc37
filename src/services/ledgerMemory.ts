import type { Hex32 } from '../core/hex';
import { publisherWallet } from '../core/hex';
import { fold } from '../core/ledger/fold';
import type { BlockId, Contradiction, Gone, KeyId, KeyReading, MemoryProblem } from '../core/ledger/indexView';
import { slotId } from '../core/ledger/indexView';
import { linkKey, nameHash, zeroWord } from '../core/ledger/link';
import type { LedgerId, SignerSlot } from '../core/ledger/types';
import type { Clock, FileStore, LedgerReader, Log } from '../core/ports';
import type { HistoryKey, ReadHistory } from './historyReader';
import { idOf, noHistory, readHistories } from './historyReader';
import type { SavedHistory } from './ledgerFiles';
import { LedgerFiles } from './ledgerFiles';

/** So many blocks may be forgotten when the machine stops at once. */
const unsavedBlocks = 20;

/** What a reading of a key is remembered by. */
type Remembered = KeyReading & ReadHistory & { readonly of: HistoryKey };

/**
 * What was final on a ledger as far as it was read here: the number and hash of the highest final block, which every later
 * chain has to hold, and the histories and signers that were read, so that they need not be read again and so that it can be
 * told what is gone. One folder has one memory: a copy of it from yesterday remembers what was final yesterday.
 */
export class LedgerMemory {
  readonly folder: string;
  readonly #store: FileStore;
  readonly #files: LedgerFiles;
  readonly #log: Log;
  readonly #clock: Clock;
  #isLoaded = false;
  #remembered: BlockId | undefined;
  #savedFinal = -1;
  #contradiction: Contradiction | undefined;
  readonly #problems = new Set<MemoryProblem>();
  readonly #buckets = new Map<string, Map<KeyId, SavedHistory>>();
  readonly #dirty = new Set<string>();
  /** Writes, one after another. No verdict waits for the disk. */
  #saving: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly store: FileStore;
    readonly ledger: LedgerId;
    readonly log: Log;
    readonly clock: Clock;
  }) {
    this.#store = options.store;
    this.#files = new LedgerFiles(options.store, options.ledger);
    this.folder = this.#files.folder;
    this.#log = options.log;
    this.#clock = options.clock;
  }

  /** The highest final block that was read. */
  get remembered(): BlockId | undefined {
    return this.#remembered;
  }

  /** A chain that does not reach this block can contradict nothing yet. */
  get horizon(): number {
    return this.#remembered?.number ?? -1;
  }

  get contradiction(): Contradiction | undefined {
    return this.#contradiction;
  }

  /** Said to a person, because what is forgotten cannot be missed. */
  get problems(): readonly MemoryProblem[] {
    return [...this.#problems];
  }

  async load(): Promise<void> {
    if (this.#isLoaded) return;
    const [final, contradiction] = await Promise.all([this.#files.loadFinal(), this.#files.loadContradiction()]);
    if (final.damaged) this.#tell('final');
    this.#remembered = final.value;
    this.#savedFinal = final.value?.number ?? -1;
    this.#contradiction = contradiction.value;
    if (contradiction.damaged) {
      this.#tell('contradiction');
      // Something was to be read by a person; what it was, nobody knows any more.
      const nowhere = { number: 0, hash: zeroWord };
      this.#contradiction = { remembered: this.#remembered ?? nowhere, found: zeroWord, noticed: 0 };
    }
    this.#isLoaded = true;
  }

  /** The final entries of a key that were read before. */
  async historyOf(of: HistoryKey): Promise<ReadHistory> {
    const saved = (await this.#bucket(this.#files.bucketOf(of.key))).get(idOf(of));
    if (saved === undefined) return noHistory;
    const folded = fold(saved.events);
    return folded.history === undefined ? noHistory : { events: saved.events, folded };
  }

  /** Takes over what was read at a head that no memory contradicts. `final`: the final block, where its hash is known. */
  remember(
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
    if (changed.length === 0 && this.horizon - this.#savedFinal < unsavedBlocks) return;
    this.#saving = this.#saving
      .then(() => this.#save(changed, slots))
      .catch((error: unknown) => {
        this.#log.error(`What is remembered of the ledger cannot be written: ${String(error)}`);
      });
  }

  /** The chain has another block in the place of the one that was final. Nothing is overwritten until a person has read it. */
  async contradict(remembered: BlockId, found: Hex32): Promise<void> {
    await this.#saving;
    this.#contradiction = { remembered, found, noticed: this.#clock() };
    this.#log.error(`The chain was rewritten below block ${remembered.number}, which was final`);
    await this.#files.saveContradiction(this.#contradiction);
  }

  /** Everything that was remembered and that the chain of `reader` holds no more. */
  async gone(reader: LedgerReader, signal: AbortSignal): Promise<readonly Gone[]> {
    const head = await reader.head(signal);
    const gone: Gone[] = [];
    for (const bucket of await this.#files.buckets()) {
      for (const saved of (await this.#bucket(bucket)).values()) {
        const { publisher, repository, tag } = saved;
        const name = nameHash(repository, tag);
        const of = { publisher, repository, tag, name, key: linkKey(publisher, name) };
        const before = fold(saved.events);
        const pairs = [...new Set(saved.events.map(({ signer }) => signer))].map((signer) => ({ publisher, signer }));
        const { links, slots } = await reader.state({ keys: [of.key], signers: pairs }, head.hash, signal);
        const link = links[0] ?? zeroWord;
        if (before.history !== undefined && link !== before.history.word) {
          const now = await readHistories(reader, [{ of, known: noHistory, link }], head.number, signal);
          const words = now.get(idOf(of))?.folded?.words ?? [];
          const from = before.words.findIndex((word, i) => words[i] !== word);
          if (from !== -1) {
            gone.push(...before.history.attestations.slice(from).map((entry) => ({ what: 'entry' as const, entry })));
          }
        }
        pairs.forEach(({ signer }, i) => {
          const was = saved.slots.get(slotId(publisher, signer));
          const is = slots[i];
          if (was === undefined || is === undefined) return;
          if (was.voidFrom !== 0 && is.voidFrom === 0) gone.push({ what: 'revocation', publisher, signer });
          const isWallet = publisherWallet(publisher) !== undefined;
          if (isWallet && was.notAfter !== 0 && is.notAfter === 0) gone.push({ what: 'end', publisher, signer });
        });
      }
    }
    return gone;
  }

  /** A person has read it: what was remembered is put aside, and the memory begins anew on the chain as it is. */
  async settle(): Promise<void> {
    await this.#saving;
    const aside = `${this.folder}/settled`;
    const at = String(this.#clock());
    const buckets = await this.#files.buckets();
    const names = ['final.json', 'contradiction.json', ...buckets.map((bucket) => `histories/${bucket}.json`)];
    for (const name of names) {
      const bytes = await this.#store.read(`${this.folder}/${name}`);
      if (bytes !== undefined) await this.#store.write(`${aside}/${at}-${name.replace('/', '-')}`, bytes);
    }
    for (const name of names.filter((each) => each !== 'contradiction.json')) {
      await this.#store.remove(`${this.folder}/${name}`);
    }
    // Last, so that whoever is interrupted begins again.
    await this.#files.removeContradiction();
    this.#log.info('A person has read what is gone; the memory of the ledger begins anew');
    this.#remembered = this.#contradiction = undefined;
    this.#savedFinal = -1;
    this.#buckets.clear();
    this.#dirty.clear();
    this.#problems.clear();
  }

  /** Everything that is remembered, on disk. */
  async flush(): Promise<void> {
    await this.#saving;
    await this.#saveFinal();
  }

  async #save(
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
      if (before?.events.length === count && sameSlots(before.slots, known)) continue;
      histories.set(idOf(of), { publisher, repository, tag, events: events.slice(0, count), slots: known });
      this.#dirty.add(bucket);
    }
    const isNew = this.#dirty.size > 0;
    for (const bucket of this.#dirty) {
      await this.#files.saveBucket(bucket, await this.#merged(bucket));
      this.#dirty.delete(bucket);
    }
    if (isNew || this.horizon - this.#savedFinal >= unsavedBlocks) await this.#saveFinal();
  }

  /** What another window or command has written meanwhile stays, where it knows more. */
  async #merged(bucket: string): Promise<Iterable<SavedHistory>> {
    const histories = await this.#bucket(bucket);
    for (const [id, theirs] of (await this.#files.loadBucket(bucket)).value ?? []) {
      const mine = histories.get(id);
      if (mine === undefined || theirs.events.length > mine.events.length) histories.set(id, theirs);
    }
    return histories.values();
  }

  async #saveFinal(): Promise<void> {
    const mine = this.#remembered;
    if (mine === undefined || mine.number <= this.#savedFinal || this.#contradiction !== undefined) return;
    const { value: theirs } = await this.#files.loadFinal();
    if (theirs === undefined || theirs.number < mine.number) await this.#files.saveFinal(mine);
    this.#savedFinal = mine.number;
  }

  async #bucket(bucket: string): Promise<Map<KeyId, SavedHistory>> {
    const known = this.#buckets.get(bucket);
    if (known !== undefined) return known;
    const { value, damaged } = await this.#files.loadBucket(bucket);
    if (damaged) this.#tell('histories');
    const histories = new Map(value);
    this.#buckets.set(bucket, histories);
    return histories;
  }

  #tell(problem: MemoryProblem): void {
    this.#problems.add(problem);
    this.#log.error(`What was remembered of the ledger is damaged: ${problem}`);
  }
}

function sameSlots(a: ReadonlyMap<string, SignerSlot>, b: ReadonlyMap<string, SignerSlot>): boolean {
  return (
    a.size === b.size &&
    [...a].every(([id, slot]) => {
      const other = b.get(id);
      return (
        other?.notBefore === slot.notBefore && other.notAfter === slot.notAfter && other.voidFrom === slot.voidFrom
      );
    })
  );
}
