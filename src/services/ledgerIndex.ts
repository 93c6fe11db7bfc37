import type { Hex32 } from '../core/hex';
import { throwIfCancelled } from '../core/errors';
import type { KeyId } from '../core/ledger/eventTable';
import { EventTable } from '../core/ledger/eventTable';
import type { Alarm, IndexView, MissingReason } from '../core/ledger/indexView';
import { createIndexView, finalBlockAt } from '../core/ledger/indexView';
import type { PublisherId } from '../core/ledger/types';
import type { BlockHeader, Clock, Disposable, Event, FileStore, LedgerReader, Log } from '../core/ports';
import { Emitter } from '../core/emitter';
import type { Check } from './ledgerCheck';
import { check, nothingChecked, UsedName } from './ledgerCheck';
import type { Remembered } from './ledgerFiles';
import { LedgerFiles } from './ledgerFiles';
import type { BlockProgress, Followed } from './ledgerFollower';
import { follow, nothingFollowed } from './ledgerFollower';
import { SharedTask } from './sharedTask';

/** A canonical repository and tag. */
export interface ImageName {
  readonly repository: string;
  readonly tag: string;
}

/** `head`: a newer block was pushed, `sync` would see it. `view`: `view()` answers anew. */
export type IndexChange = 'head' | 'view';

export interface LedgerIndexOptions {
  readonly reader: LedgerReader;
  readonly store: FileStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Blocks from an entry's own to the head that make the entry final; at least 1. */
  readonly confirmations: number;
  /** Publishers that rules name, and the reader's own. Asked at each `sync`; their histories are read without limits. */
  readonly trustedPublishers: () => readonly PublisherId[];
}

/** A pushed block is taken for the newest one for this long; then the node is asked whether it still pushes. */
const pushedHeadAgeMs = 30_000;
/** Slots are read again after so many blocks even if no event says that they changed. */
const slotAgeBlocks = 20;
/** While a history does not fit its link, everything is read anew this often. */
const rereadMs = 10 * 60_000;
/** The index is written when so many blocks without an entry have become final; they would be read again. */
const unsavedBlocks = 1_000;
/** Names whose histories are compared with the contract; the ones that were used last. */
const namesInUse = 10_000;

/**
 * Follows one ledger: reads its events into a small index on disk, folds them, and compares the histories of the names in
 * use with the contract's links at one block. Nothing is asked of the node but by `sync`.
 */
export class LedgerIndex {
  readonly confirmations: number;
  readonly #reader: LedgerReader;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #trustedPublishers: () => readonly PublisherId[];
  readonly #files: LedgerFiles;
  readonly #changed = new Emitter<IndexChange>();
  readonly #task = new SharedTask<BlockProgress>((signal, report) => this.#run(signal, report));

  #isLoaded = false;
  #followed: Followed = nothingFollowed();
  #savedFinal = -1;
  /** Writes, one after another. No verdict waits for the disk. */
  #saving: Promise<void> = Promise.resolve();
  #check: Check = nothingChecked;
  #slotsBlock = -Infinity;
  /** The ones that were used last are at the end. */
  readonly #used = new Map<string, UsedName>();
  readonly #memory = new Map<Hex32, Remembered>();
  readonly #alarms = new Map<Hex32, Alarm>();

  #state: IndexView['state'] = 'empty';
  #missing: IndexView['missing'];
  #head: BlockHeader | undefined;
  #view: IndexView;

  #pushed: { readonly header: BlockHeader; readonly at: number } | undefined;
  #subscription: Disposable | undefined;
  #namesAdded = 0;
  /** Whom no rule names, and who was asked about all the same. */
  readonly #consulted = new Set<PublisherId>();
  /** What the reading that is under way answers for. */
  #demand = '';
  /** What the view answers for. */
  #answered: string | undefined;
  /** Histories that did not fit their link even after everything was read anew. */
  #doubted: ReadonlySet<KeyId> = new Set();
  #rereadAt = -Infinity;

  constructor(options: LedgerIndexOptions) {
    this.confirmations = Math.max(1, options.confirmations);
    this.#reader = options.reader;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#trustedPublishers = options.trustedPublishers;
    this.#files = new LedgerFiles(options.store, options.reader.ledger);
    this.#view = this.#createView();
  }

  /** While somebody listens, the node pushes its blocks, and a `sync` after one need not ask for it. */
  readonly onDidChange: Event<IndexChange> = (listener) => {
    const registration = this.#changed.event(listener);
    this.#subscription ??= this.#reader.onHead((header) => {
      this.#pushed = { header, at: this.#clock() };
      this.#changed.fire('head');
    });
    return {
      dispose: () => {
        registration.dispose();
        if (this.#changed.hasListeners) return;
        this.#subscription?.dispose();
        this.#subscription = this.#pushed = undefined;
      },
    };
  };

  /** What was read last; does not wait. */
  view(): IndexView {
    return this.#view;
  }

  /**
   * Names that verdicts are wanted for. From the next `sync` on their histories are compared with the contract, and it is
   * made sure that trusted publishers without one have none; every other history is `unchecked`. `publishers` are from now
   * on read as those are that rules name.
   */
  use(names: Iterable<ImageName>, publishers: readonly PublisherId[] = []): void {
    for (const publisher of publishers) this.#consulted.add(publisher);
    for (const { repository, tag } of names) {
      const text = `${repository}:${tag}`;
      const used = this.#used.get(text);
      if (used === undefined) this.#namesAdded++;
      this.#used.delete(text);
      this.#used.set(text, used ?? new UsedName(repository, tag));
    }
    for (const text of this.#used.keys()) {
      if (this.#used.size <= namesInUse) break;
      this.#used.delete(text);
    }
  }

  /**
   * Brings the view up to the newest block. Callers at the same time share one reading, which ends when all of them have
   * cancelled. When the node does not answer, rejects with its error and the view is `incomplete`.
   */
  async sync(signal: AbortSignal, onProgress?: (progress: BlockProgress) => void): Promise<void> {
    // A reading that began before these names or publishers were wanted does not answer for them.
    while (this.#task.isRunning && this.#demand !== this.#currentDemand()) {
      await this.#task.join(signal, onProgress).catch(() => {
        throwIfCancelled(signal);
      });
    }
    if (!this.#task.isRunning) this.#demand = this.#currentDemand();
    await this.#task.join(signal, onProgress);
  }

  /** A person has read the alarm. */
  async forgetAlarm(key: Hex32): Promise<void> {
    if (!this.#alarms.delete(key)) return;
    this.#log.info(`The alarm about the history ${key} was read and forgotten`);
    this.#view = this.#createView();
    this.#changed.fire('view');
    await this.#files.removeAlarm(key);
  }

  // --- one reading --------------------------------------------------------------------------------------------------

  #currentDemand(): string {
    return [this.#namesAdded, ...this.#wholePublishers()].join();
  }

  async #run(signal: AbortSignal, report: (progress: BlockProgress) => void): Promise<void> {
    await this.#load();
    try {
      await this.#update(signal, report);
    } catch (error) {
      if (!signal.aborted) this.#interrupt('unavailable');
      throw error;
    }
  }

  /** As usual; while the histories do not fit, again up to a head that is asked for, and at last everything anew. */
  async #update(signal: AbortSignal, report: (progress: BlockProgress) => void): Promise<void> {
    const trusted = new Set(this.#wholePublishers());
    for (const effort of ['usual', 'again', 'anew'] as const) {
      const isUsual = effort === 'usual';
      const head = isUsual ? await this.#newestHead(signal) : await this.#reader.head(signal);
      throwIfCancelled(signal);
      if (head.number < this.#horizon()) {
        this.#interrupt('behind', head);
        return;
      }
      const isSame = isUsual && this.#isAt(head) && isSameSet(trusted, this.#followed.complete);
      if (isSame && this.#answered === this.#demand && this.#doubted.size === 0) return;
      const before = effort === 'anew' ? nothingFollowed() : this.#followed;
      const followed = isSame
        ? before
        : await follow(this.#reader, before, head, { trusted, confirmations: this.confirmations, signal, report });
      const keepsSlots = isSame || (isUsual && !followed.signersChanged && this.#hasFreshSlots(head));
      const known = {
        keys: isSame ? this.#check.keys : nothingChecked.keys,
        slots: keepsSlots ? this.#check.slots : nothingChecked.slots,
      };
      const checked = await check(
        this.#reader,
        followed.current,
        this.#used.values(),
        trusted,
        head.hash,
        known,
        signal,
      );
      throwIfCancelled(signal);

      if (effort === 'anew') {
        this.#rereadAt = this.#clock();
        this.#doubted = new Set(doubtful(followed, checked));
      } else if (this.#isWorthReading(doubtful(followed, checked))) {
        this.#log.warn(`Histories do not fit their links at block ${head.number}; reading again`);
        continue;
      }
      if (!keepsSlots) this.#slotsBlock = head.number;
      this.#answered = this.#demand;
      if (!isSame || checked.keys.size > this.#check.keys.size) this.#accept(followed, checked, head);
      return;
    }
  }

  /** Publishers whose histories are read without limits. */
  #wholePublishers(): readonly PublisherId[] {
    return [...this.#trustedPublishers(), ...this.#consulted];
  }

  async #newestHead(signal: AbortSignal): Promise<BlockHeader> {
    const pushed = this.#pushed;
    if (pushed !== undefined && this.#clock() - pushed.at < pushedHeadAgeMs) return pushed.header;
    const header = await this.#reader.head(signal);
    if (this.#subscription !== undefined && this.#pushed === pushed) this.#pushed = { header, at: this.#clock() };
    return header;
  }

  /** The newest block that was final here before; a chain that does not reach it can contradict nothing. */
  #horizon(): number {
    let horizon = this.#followed.final;
    for (const { block } of this.#memory.values()) horizon = Math.max(horizon, block);
    return horizon;
  }

  #isAt(head: BlockHeader): boolean {
    return this.#state === 'complete' && this.#head?.hash === head.hash;
  }

  #hasFreshSlots(head: BlockHeader): boolean {
    return head.number >= this.#slotsBlock && head.number - this.#slotsBlock <= slotAgeBlocks;
  }

  #isWorthReading(ids: readonly KeyId[]): boolean {
    if (ids.length === 0) return false;
    return ids.some((id) => !this.#doubted.has(id)) || this.#clock() - this.#rereadAt >= rereadMs;
  }

  #accept(followed: Followed, checked: Check, head: BlockHeader): void {
    const before = this.#followed;
    this.#followed = followed;
    this.#check = checked;
    this.#head = head;
    this.#state = 'complete';
    this.#missing = undefined;
    const { alarms, isMemoryNew } = this.#compareWithMemory(head);
    this.#view = this.#createView();
    // Names that were only compared now are no news but to who asked.
    if (followed !== before || alarms.length > 0) this.#changed.fire('view');

    const isIndexNew =
      followed.finals !== before.finals ||
      !isSameSet(followed.complete, before.complete) ||
      followed.final - this.#savedFinal >= unsavedBlocks;
    this.#saving = this.#saving.then(() => this.#save(alarms, isMemoryNew, isIndexNew));
  }

  /** Final entries that a link confirmed once must be in every later history that a link confirms. */
  #compareWithMemory(head: BlockHeader): { readonly alarms: readonly Alarm[]; readonly isMemoryNew: boolean } {
    const finalBlock = finalBlockAt(head.number, this.confirmations);
    const alarms: Alarm[] = [];
    let isMemoryNew = false;
    for (const { publisher, repository, tag, key, state, folded } of this.#check.keys.values()) {
      if (state !== 'complete' || !this.#followed.complete.has(publisher)) continue;
      const words = folded?.words ?? [];
      const before = this.#memory.get(key);
      const isContradicted = before !== undefined && words[before.count - 1] !== before.word;
      if (isContradicted) {
        const change = words.length < before.count ? 'vanished' : 'differs';
        alarms.push({ key, publisher, repository, tag, change, block: before.block, noticed: this.#clock() });
        this.#memory.delete(key);
        isMemoryNew = true;
      }
      const last = folded?.history.attestations.findLast(({ block }) => block <= finalBlock);
      const word = last && words[last.position];
      if (last === undefined || word === undefined) continue;
      if (before !== undefined && !isContradicted && last.position < before.count) continue;
      const count = last.position + 1;
      this.#memory.set(key, { key, publisher, repository, tag, count, word, block: last.block });
      isMemoryNew = true;
    }
    for (const alarm of alarms) {
      this.#log.error(`Final entries of ${alarm.repository}:${alarm.tag} by ${alarm.publisher} are gone`);
      this.#alarms.set(alarm.key, alarm);
    }
    return { alarms, isMemoryNew };
  }

  // --- what is kept -------------------------------------------------------------------------------------------------

  async #load(): Promise<void> {
    if (this.#isLoaded) return;
    try {
      const [index, memory, alarms] = await Promise.all([
        this.#files.loadIndex(),
        this.#files.loadMemory(),
        this.#files.loadAlarms(),
      ]);
      if (index.damaged) this.#log.warn('The index of the ledger was damaged; it is built anew from the chain');
      if (memory.damaged) this.#log.error('The memory of final entries was damaged; it begins anew');
      if (index.value !== undefined) {
        const { final, complete, events } = index.value;
        const finals = EventTable.over().with(events);
        this.#followed = { ...nothingFollowed(), final, complete: new Set(complete), finals, current: finals };
        this.#savedFinal = final;
      }
      for (const each of memory.value ?? []) this.#memory.set(each.key, each);
      for (const { value, damaged } of alarms) {
        if (damaged) this.#log.error('An alarm on disk was damaged');
        if (value !== undefined) this.#alarms.set(value.key, value);
      }
    } catch (error) {
      this.#log.error(`The index of the ledger cannot be read: ${String(error)}`);
    }
    this.#isLoaded = true;
  }

  async #save(alarms: readonly Alarm[], isMemoryNew: boolean, isIndexNew: boolean): Promise<void> {
    const { final, complete, finals } = this.#followed;
    try {
      for (const alarm of alarms) await this.#files.saveAlarm(alarm);
      if (isMemoryNew) await this.#files.saveMemory(this.#memory.values());
      if (!isIndexNew) return;
      await this.#files.saveIndex(final, complete, finals.events());
      this.#savedFinal = final;
    } catch (error) {
      this.#log.error(`The index of the ledger cannot be written: ${String(error)}`);
    }
  }

  // --- what is seen -------------------------------------------------------------------------------------------------

  /** What was read stays to be seen, but nothing can be concluded from what is missing in it. */
  #interrupt(missing: MissingReason, head = this.#head): void {
    if (this.#missing === missing && this.#head?.hash === head?.hash) return;
    if (this.#missing !== missing) this.#log.warn(`The view of the ledger is incomplete: ${missing}`);
    this.#state = 'incomplete';
    this.#missing = missing;
    this.#head = head;
    this.#view = this.#createView();
    this.#changed.fire('view');
  }

  #createView(): IndexView {
    return createIndexView({
      ledger: this.#reader.ledger,
      state: this.#state,
      missing: this.#missing,
      head: this.#head,
      confirmations: this.confirmations,
      events: this.#followed.current,
      trusted: this.#followed.complete,
      keyStates: this.#check.keys,
      slots: this.#check.slots,
      alarms: [...this.#alarms.values()],
    });
  }
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}

/** Histories that are incomplete although nothing of them was left out on purpose. */
function doubtful({ complete, isFull }: Followed, { keys }: Check): readonly KeyId[] {
  return [...keys]
    .filter(([, { state, publisher }]) => state === 'incomplete' && (complete.has(publisher) || !isFull))
    .map(([id]) => id);
}
