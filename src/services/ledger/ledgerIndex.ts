import { DaoChainError, throwIfCancelled } from '../../core/errors';
import { Emitter, type Disposable, type Event } from '../../core/emitter';
import type { Hex32 } from '../../core/hex';
import { contentRepository } from '../../core/ledger/contentName';
import type { BlockId, Contradiction, IndexView, KeyId, KeyReading, MissingReason } from '../../core/ledger/indexView';
import { confirmationsNeeded, finalBlockAt } from '../../core/ledger/finality';
import { createIndexView, slotId } from '../../core/ledger/indexView';
import type { RowMark } from '../../core/ledger/ledgerRow';
import { linkKey, nameHash, zeroWord } from '../../core/ledger/link';
import type { PublisherId, SignerSlot } from '../../core/ledger/types';
import { ledgerKey } from '../../core/ledger/types';
import type { TrustRule } from '../../core/trust/rules';
import { matches } from '../../core/trust/rules';
import { ChainTrail } from './chainTrail';
import type { HistoryKey, ReadHistory, Wanted } from './historyReader';
import { idOf, lastWord, noHistory, readHistories } from './historyReader';
import { LedgerMemory } from './ledgerMemory';
import type { FoundHistories } from './ledgerTable';
import { type BlockProgress, LedgerTable } from './ledgerTable';
import { readLogs } from './logRanges';
import { SharedTask } from '../../core/sharedTask';
import type { ImageName } from '../../core/image/imageNames';
import type { StrangersRead } from '../../core/judging/judgeInput';
import type { Clock } from '../../core/ports/clock';
import type { Log } from '../../core/ports/log';
import type { FileStore } from '../../core/ports/files';
import type { BlockHeader, LedgerReader, SignerQuery } from '../../core/ports/ledger';

/** `head`: a newer block was pushed, `sync` would see it. `view`: `view()` answers anew. */
export type IndexChange = 'head' | 'view';

export interface LedgerIndexOptions {
  readonly reader: LedgerReader;
  /** What is only reported by an endpoint is kept apart from what one's own node says: in memory. */
  readonly store: FileStore;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Blocks from an entry's own to the head that make the entry final, at least 1; or `tag`: what the chain itself tells of its
   * final block, and nothing else.
   */
  readonly confirmations: number | 'tag';
  /** A block that was final where the network was shared: a chain without it counts for nothing. */
  readonly checkpoint?: BlockId | undefined;
  /** All rules in force anywhere; whom they name is heard about the repositories that they match. Asked at each `sync`. */
  readonly rules: () => readonly TrustRule[];
  /** Publishers that speak for the reader; they are heard about every name. */
  readonly ownPublishers: () => readonly PublisherId[];
}

/** A pushed block is taken for the newest one for this long; then the node is asked whether it still pushes. */
const pushedHeadAgeMs = 30_000;
/** While a history does not fit its link, it is read anew this often. */
const rereadMs = 10 * 60_000;
/** Names whose histories are read; the ones that were used last. */
const namesInUse = 60_000;
/** Elements of a list that one call carries. */
const elementsPerCall = 10_000;

/** A name that verdicts are wanted for, and whose word on it beside those whom rules name. */
class UsedName {
  readonly name: Hex32;
  readonly others = new Set<PublisherId>();
  readonly #keys = new Map<PublisherId, HistoryKey>();

  constructor(
    readonly repository: string,
    readonly tag: string,
  ) {
    this.name = nameHash(repository, tag);
  }

  keyOf(publisher: PublisherId): HistoryKey {
    let key = this.#keys.get(publisher);
    if (key === undefined) {
      const { repository, tag, name } = this;
      key = { publisher, repository, tag, name, key: linkKey(publisher, name) };
      this.#keys.set(publisher, key);
    }
    return key;
  }
}

/** Where the chain is: its newest block, and the number of its highest final one. */
interface Position {
  readonly head: BlockHeader;
  readonly final: number;
  /** The final block, where the chain tells it. */
  readonly tagged?: BlockHeader;
}

/** One key as it was read at a head. */
interface Reading extends KeyReading, ReadHistory {
  readonly of: HistoryKey;
  readonly link: Hex32;
}

/**
 * Reads one ledger at its newest block: the contract's links of the names in use, the histories behind those that are new, and
 * the slots of their signers. What that costs depends on these names and histories, not on what else the ledger holds.
 * Nothing is asked of the node but by `sync`, `readTable` and what a person asks for.
 */
export class LedgerIndex {
  readonly table: LedgerTable;
  readonly memory: LedgerMemory;
  readonly #reader: LedgerReader;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #rules: LedgerIndexOptions['rules'];
  readonly #ownPublishers: LedgerIndexOptions['ownPublishers'];
  /** Undefined where the chain tells what is final. */
  readonly #depth: number | undefined;
  readonly #trail: ChainTrail;
  readonly #checkpoint: BlockId | undefined;
  /** Whether the chain that was read last holds the checkpoint. */
  #isCheckpointHeld: boolean;
  readonly #changed = new Emitter<IndexChange>();
  readonly #task = new SharedTask<BlockProgress>((signal) => this.#run(signal));
  readonly #tableTask = new SharedTask<BlockProgress>((signal, report) => this.#advanceTable(signal, report));

  /** The ones that were used last are at the end. */
  readonly #used = new Map<string, UsedName>();
  #readings: ReadonlyMap<KeyId, Reading> = new Map();
  #slots: ReadonlyMap<string, SignerSlot> = new Map();
  /** Links whose histories did not fit them even when they were read anew. */
  readonly #doubted = new Map<KeyId, { readonly link: Hex32; readonly at: number }>();

  #state: IndexView['state'] = 'empty';
  #missing: MissingReason | undefined;
  #head: BlockHeader | undefined;
  /** The highest final block below the head; -1 where none is, or where it is not known. */
  #final = -1;
  #view: IndexView;

  #pushed: { readonly header: BlockHeader; readonly at: number } | undefined;
  #subscription: Disposable | undefined;
  #namesAdded = 0;
  /** What the reading that is under way answers for. */
  #demand = '';
  /** What the view answers for. */
  #answered: string | undefined;
  /** Names under which strangers were looked for, and whether some were left out. */
  readonly #strangers = new Map<string, StrangersRead>();
  #tableRules = '';

  constructor(options: LedgerIndexOptions) {
    const { reader, store, log, clock } = options;
    this.#depth = options.confirmations === 'tag' ? undefined : confirmationsNeeded(options.confirmations);
    this.#reader = reader;
    this.#clock = clock;
    this.#log = log;
    this.#rules = options.rules;
    this.#ownPublishers = options.ownPublishers;
    this.#checkpoint = options.checkpoint;
    this.#isCheckpointHeld = this.#checkpoint === undefined;
    this.memory = new LedgerMemory({ store, ledger: reader.ledger, log, clock });
    this.table = new LedgerTable({
      store,
      reader,
      log,
      folder: this.memory.folder,
      publishersFor: (repository) => this.publishersFor(repository),
    });
    this.#trail = new ChainTrail(this.#depth ?? 1);
    this.#view = this.#createView();
  }

  /** How deep the highest final block is, itself counted; where the chain tells which one that is, as it was at the view's head. */
  get confirmations(): number {
    return this.#depth ?? (this.#head?.number ?? 0) - this.#final + 1;
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

  /** Whose word counts about a repository: whom the rules that match it name, and the reader's own. */
  publishersFor(repository: string): readonly PublisherId[] {
    const key = ledgerKey(this.#reader.ledger);
    const named = this.#rules()
      .filter((rule) => rule.ledger === key && matches(rule.repositories, repository))
      .flatMap(({ publishers }) => publishers);
    return [...new Set([...this.#ownPublishers(), ...named])];
  }

  /**
   * Names that verdicts are wanted for, from the next `sync` on, by all whose word counts there, and by `publishers`. The view
   * tells of nobody else, and of no other name.
   */
  use(names: Iterable<ImageName>, publishers: readonly PublisherId[] = []): void {
    for (const { repository, tag } of names) {
      const text = `${repository}:${tag}`;
      let used = this.#used.get(text);
      if (used === undefined) {
        used = new UsedName(repository, tag);
        this.#namesAdded++;
      }
      for (const publisher of publishers) {
        if (used.others.has(publisher)) continue;
        used.others.add(publisher);
        this.#namesAdded++;
      }
      this.#used.delete(text);
      this.#used.set(text, used);
    }
    for (const text of this.#used.keys()) {
      if (this.#used.size <= namesInUse) break;
      this.#used.delete(text);
      this.#strangers.delete(text);
    }
  }

  /**
   * Brings the view up to the newest block. Callers at the same time share one reading, which ends when all of them have
   * cancelled. When the node does not answer, rejects with its error and the view is `incomplete`.
   */
  async sync(signal: AbortSignal): Promise<void> {
    // A reading that began before these names or publishers were wanted does not answer for them.
    while (this.#task.isRunning && this.#demand !== this.#currentDemand()) {
      await this.#task.join(signal).catch(() => {
        throwIfCancelled(signal);
      });
    }
    if (!this.#task.isRunning) this.#demand = this.#currentDemand();
    await this.#task.join(signal);
  }

  /** Brings the table up to the final block of the chain. Callers at the same time share one reading. */
  async readTable(signal: AbortSignal, onProgress?: (progress: BlockProgress) => void): Promise<void> {
    await this.#tableTask.join(signal, onProgress);
  }

  /** Verdicts that waited for the table can be given. */
  tableWasRead(): void {
    this.#changed.fire('view');
  }

  /** What was read, on disk. */
  async flush(): Promise<void> {
    try {
      await this.memory.flush();
      await this.table.save();
    } catch (error) {
      this.#log.error(`What was read of the ledger cannot be written: ${String(error)}`);
    }
  }

  /** Names under which a publisher has an entry, by all of the chain's logs of it. */
  async namesOf(publisher: PublisherId, signal: AbortSignal): Promise<readonly ImageName[]> {
    const head = await this.#newestHead(signal);
    const names = new Map<string, ImageName>();
    for await (const { attested } of readLogs(
      this.#reader,
      { fromBlock: 0, toBlock: head.number, publishers: [publisher] },
      signal,
    )) {
      for (const { repository, tag } of attested) names.set(`${repository}:${tag}`, { repository, tag });
    }
    return [...names.values()];
  }

  /** Everybody who has an entry under a name, by all of the chain's logs of it. */
  async publishersOf({ repository, tag }: ImageName, signal: AbortSignal): Promise<readonly PublisherId[]> {
    const head = await this.#newestHead(signal);
    const range = { fromBlock: 0, toBlock: head.number, names: [nameHash(repository, tag)] };
    const publishers = new Set<PublisherId>();
    for await (const { attested } of readLogs(this.#reader, range, signal)) {
      for (const { publisher } of attested) publishers.add(publisher);
    }
    return [...publishers];
  }

  /** How far those whom no rule names were looked for under some names. */
  noteStrangers(heard: Iterable<readonly [ImageName, StrangersRead]>): void {
    for (const [{ repository, tag }, read] of heard) {
      const name = `${repository}:${tag}`;
      this.#strangers.delete(name);
      this.#strangers.set(name, read);
    }
    for (const name of this.#strangers.keys()) {
      if (this.#strangers.size <= namesInUse) break;
      this.#strangers.delete(name);
    }
    this.#view = this.#createView();
  }

  /**
   * A person has read what is gone, and takes the chain that has block `found` in the place of the one that was final. False,
   * and nothing is settled, where the chain has yet another one.
   */
  async settle(found: string, signal: AbortSignal): Promise<boolean> {
    await this.sync(signal);
    if (this.memory.contradiction?.found !== found) return false;
    await this.memory.settle();
    await this.table.clear().catch((error: unknown) => {
      this.#log.error(`The table of the ledger cannot be removed: ${String(error)}`);
    });
    this.#trail.clear();
    this.#readings = new Map();
    this.#slots = new Map();
    this.#answered = undefined;
    this.#state = 'empty';
    this.#missing = undefined;
    this.#view = this.#createView();
    this.#changed.fire('view');
    return true;
  }

  /** Looks in the table; nobody is left out whom rules name now. */
  async find(marks: Iterable<RowMark>): Promise<ReadonlyMap<RowMark, FoundHistories>> {
    const stamp = this.#rulesStamp();
    if (stamp !== this.#tableRules) this.table.forgetSearches();
    this.#tableRules = stamp;
    return this.table.find(marks);
  }

  /**
   * The highest block that is final here, by the node where it answers and else by what is remembered: who is given it knows this
   * chain by it. Undefined where there is none, or where the chain contradicts it. `cancelled`.
   */
  async knownFinal(signal: AbortSignal): Promise<BlockId | undefined> {
    await this.sync(signal).catch(() => {
      throwIfCancelled(signal);
    });
    return this.memory.contradiction === undefined ? this.memory.highest : undefined;
  }

  // --- one reading --------------------------------------------------------------------------------------------------

  /** A chain that does not reach this block lacks something that it need not lack for ever. */
  get #lowestHead(): number {
    const { horizon } = this.memory;
    // Before it is final, a node may follow a branch that it leaves again.
    return this.#checkpoint === undefined
      ? horizon
      : Math.max(horizon, this.#checkpoint.number + this.confirmations - 1);
  }

  #currentDemand(): string {
    return [this.#namesAdded, this.#rulesStamp()].join();
  }

  #rulesStamp(): string {
    const rules = this.#rules().map(
      ({ ledger, repositories, publishers }) => `${ledger} ${repositories} ${publishers.join()}`,
    );
    return [...this.#ownPublishers(), ...rules].join();
  }

  async #run(signal: AbortSignal): Promise<void> {
    try {
      await this.memory.refresh();
      await this.#update(signal);
    } catch (error) {
      if (!signal.aborted) this.#interrupt('unavailable');
      throw error;
    }
  }

  /** As usual; where a history does not fit its link, that one once more and whole, up to a head that is asked for. */
  async #update(signal: AbortSignal): Promise<void> {
    for (const effort of ['usual', 'whole'] as const) {
      const position = await this.#position(effort === 'usual', signal);
      const { head, tagged } = position;
      throwIfCancelled(signal);
      if (this.memory.contradiction !== undefined) {
        await this.#lookAgainAt(this.memory.contradiction, signal);
        throwIfCancelled(signal);
        this.#interrupt('contradicted', head);
        return;
      }
      if (Math.min(head.number, tagged?.number ?? Infinity) < this.#lowestHead) {
        this.#interrupt('behind', head);
        return;
      }
      // It was asked for after the head, which can have been pushed some time ago.
      if (position.final > head.number) continue;
      const isSame = this.#state === 'complete' && this.#head?.hash === head.hash && this.memory.isProved;
      const isAsFinal = isSame && position.final === this.#final;
      if (isAsFinal && this.#answered === this.#demand && effort === 'usual') return;
      const demand = this.#demand;
      const readings = await this.#readKeys(head, isSame, effort === 'whole', signal);
      const slots = await this.#readSlots(readings, head, isSame ? this.#slots : new Map(), signal);
      const isNeeded = this.#isAtStake(readings, slots, position.final);
      const final = isAsFinal ? undefined : await this.#finalOn(position, isNeeded, signal);
      throwIfCancelled(signal);
      if (final === 'moved') continue;
      if (final === 'contradicted' || final === 'otherChain') {
        this.#interrupt(final, head);
        return;
      }
      const broken = [...readings.values()].filter((reading) => this.#isWorthReading(reading));
      if (broken.length > 0 && effort === 'usual') {
        this.#log.warn(`${broken.length} histories do not fit their links at block ${head.number}; reading again`);
        continue;
      }
      for (const id of this.#doubted.keys()) if (!readings.has(id)) this.#doubted.delete(id);
      for (const { of, link } of broken) this.#doubted.set(idOf(of), { link, at: this.#clock() });
      this.#accept(readings, slots, position, final, demand);
      return;
    }
    this.#interrupt('unavailable');
  }

  async #newestHead(signal: AbortSignal): Promise<BlockHeader> {
    const pushed = this.#pushed;
    if (pushed !== undefined && this.#clock() - pushed.at < pushedHeadAgeMs) return pushed.header;
    const header = await this.#reader.head(signal);
    if (this.#subscription !== undefined && this.#pushed === pushed) this.#pushed = { header, at: this.#clock() };
    return header;
  }

  /** By what is known of the newest block, or by asking. */
  async #position(isUsual: boolean, signal: AbortSignal): Promise<Position> {
    const known = isUsual ? await this.#newestHead(signal) : undefined;
    const tagged = this.#depth === undefined ? await this.#reader.finalized(signal) : undefined;
    // What is final is asked for first: the chain only grows meanwhile.
    const head = known ?? (await this.#reader.head(signal));
    return tagged === undefined ? { head, final: this.#finalBelow(head) } : { head, final: tagged.number, tagged };
  }

  #finalBelow(head: BlockHeader): number {
    return this.#depth === undefined ? -1 : finalBlockAt(head.number, this.#depth);
  }

  /** Every key of the names in use. The links come first: what has none, or the one that is known, is read no further. */
  async #readKeys(
    head: BlockHeader,
    isSame: boolean,
    isWhole: boolean,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<KeyId, Reading>> {
    const keys = this.#keysInUse();
    const asked = [...keys].filter(([id]) => !isSame || !this.#readings.has(id) || isWhole).map(([, key]) => key);
    const links = await this.#links(asked, head, signal);
    const read = new Map<KeyId, Reading>();
    for (const id of keys.keys()) {
      const before = isSame ? this.#readings.get(id) : undefined;
      if (before !== undefined) read.set(id, before);
    }
    const wanted: Wanted[] = [];
    for (const [i, of] of asked.entries()) {
      const link = links[i];
      if (link === undefined) throw lacking('links');
      const before = this.#readings.get(idOf(of));
      if (link === zeroWord) read.set(idOf(of), readingOf(of, link, noHistory));
      else if (before?.link === link && before.state === 'complete') read.set(idOf(of), before);
      else wanted.push({ of, link, known: isWhole ? noHistory : await this.#knownOf(of, before) });
    }
    // What was kept on disk can be all that there is.
    const behind = wanted.filter(({ known, link }) => lastWord(known) !== link);
    const histories = await readHistories(this.#reader, behind, head.number, signal);
    for (const { of, link, known } of wanted) {
      read.set(idOf(of), readingOf(of, link, histories.get(idOf(of)) ?? known));
    }
    return read;
  }

  #keysInUse(): ReadonlyMap<KeyId, HistoryKey> {
    const heardAbout = this.#heardAbout();
    const keys = new Map<KeyId, HistoryKey>();
    for (const used of this.#used.values()) {
      for (const publisher of [...heardAbout(used.repository), ...used.others]) {
        const key = used.keyOf(publisher);
        keys.set(idOf(key), key);
      }
    }
    return keys;
  }

  /** As `publishersFor`, at once for many names. Under the reserved name of contents only those speak who were asked for. */
  #heardAbout(): (repository: string) => ReadonlySet<PublisherId> {
    const known = new Map<string, ReadonlySet<PublisherId>>([[contentRepository, new Set()]]);
    return (repository) => {
      let heard = known.get(repository);
      if (heard === undefined) known.set(repository, (heard = new Set(this.publishersFor(repository))));
      return heard;
    };
  }

  async #links(keys: readonly HistoryKey[], head: BlockHeader, signal: AbortSignal): Promise<readonly Hex32[]> {
    const links: Hex32[] = [];
    for (let from = 0; from < keys.length; from += elementsPerCall) {
      const part = keys.slice(from, from + elementsPerCall).map(({ key }) => key);
      links.push(...(await this.#reader.state({ keys: part, signers: [] }, head.hash, signal)).links);
    }
    return links;
  }

  /** What a reorganization cannot have changed: the final entries that were read before, here or in an earlier session. */
  async #knownOf(of: HistoryKey, before: Reading | undefined): Promise<ReadHistory> {
    if (before?.folded !== undefined && before.events.every(({ block }) => block <= this.#final)) return before;
    return this.memory.historyOf(of);
  }

  /** Of every signer in the histories: always at this head, so that what a view says of a publisher is the contract's word. */
  async #readSlots(
    readings: ReadonlyMap<KeyId, Reading>,
    head: BlockHeader,
    known: ReadonlyMap<string, SignerSlot>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, SignerSlot>> {
    const pairs = new Map<string, SignerQuery>();
    for (const { publisher, history } of readings.values()) {
      for (const signer of new Set(history?.attestations.map((entry) => entry.signer))) {
        const id = slotId(publisher, signer);
        if (!known.has(id)) pairs.set(id, { publisher, signer });
      }
    }
    const slots = new Map(known);
    const unread = [...pairs];
    for (let from = 0; from < unread.length; from += elementsPerCall) {
      const part = unread.slice(from, from + elementsPerCall);
      const answer = await this.#reader.state({ keys: [], signers: part.map(([, pair]) => pair) }, head.hash, signal);
      part.forEach(([id], i) => {
        const slot = answer.slots[i];
        if (slot === undefined) throw lacking('signers');
        slots.set(id, slot);
      });
    }
    return slots;
  }

  /** Whether something became final, or was taken away, that the block that is remembered need not hold. */
  #isAtStake(readings: ReadonlyMap<KeyId, Reading>, slots: ReadonlyMap<string, SignerSlot>, final: number): boolean {
    const from = this.memory.horizon;
    const isNewlyFinal = ({ events }: Reading): boolean => events.some(({ block }) => block > from && block <= final);
    // A slot does not tell in which block its signer was ended.
    const hasEnded = ({ voidFrom, notAfter }: SignerSlot): boolean => voidFrom !== 0 || notAfter !== 0;
    return [...slots.values()].some(hasEnded) || [...readings.values()].some(isNewlyFinal);
  }

  /**
   * The final block below a head, where its hash is known; always where that `isNeeded`. `contradicted`: the chain of this
   * head lacks the block that was final before. `otherChain`: it lacks the checkpoint. `moved`: it is the node's chain no
   * more. Blocks that follow each other without a gap need no question, once they reach down to the final one. What the chain
   * tells of it is always compared.
   */
  async #finalOn(
    { head, final: number, tagged }: Position,
    isNeeded: boolean,
    signal: AbortSignal,
  ): Promise<BlockId | 'contradicted' | 'otherChain' | 'moved' | undefined> {
    if (tagged === undefined && this.memory.isProved && this.#isCheckpointHeld && this.#trail.follow(head)) {
      const known = this.#trail.at(number);
      if (known !== undefined || !isNeeded || number < 0) return known;
    } else {
      // What is not known to follow is nothing to go on from, until it was compared.
      this.#trail.clear();
    }
    const checkpoint = this.#checkpoint;
    const held = [...this.memory.remembered, ...(checkpoint === undefined ? [] : [checkpoint])];
    // The head comes last: as long as the node has it, it has what is below it.
    const numbers = [...held.map((block) => block.number), Math.max(0, number), head.number];
    const blocks = await this.#reader.blocksAt(numbers, signal);
    throwIfCancelled(signal);
    if (blocks.at(-1)?.hash !== head.hash) return 'moved';
    for (const [i, block] of held.entries()) {
      const there = blocks[i];
      if (there?.number !== block.number) return 'moved';
      if (there.hash === block.hash) continue;
      if (block === checkpoint) return 'otherChain';
      await this.memory.contradict(block, there.hash);
      return 'contradicted';
    }
    const final = blocks.at(-2);
    // The block that is told to be final is not on the chain that is told to be the newest.
    if (tagged !== undefined && final?.hash !== tagged.hash) return 'moved';
    this.memory.prove();
    this.#isCheckpointHeld = true;
    this.#trail.follow(head);
    return final?.number === number ? final : undefined;
  }

  /** The node's right data can have been put back, or other data once more. */
  async #lookAgainAt({ remembered }: Contradiction, signal: AbortSignal): Promise<void> {
    if (remembered.hash === zeroWord) return;
    const [there] = await this.#reader.blocksAt([remembered.number], signal);
    if (there?.number === remembered.number) await this.memory.noteFound(there.hash);
  }

  #isWorthReading({ of, link, state }: Reading): boolean {
    if (state === 'complete') return false;
    const doubted = this.#doubted.get(idOf(of));
    return doubted?.link !== link || this.#clock() - doubted.at >= rereadMs;
  }

  #accept(
    readings: ReadonlyMap<KeyId, Reading>,
    slots: ReadonlyMap<string, SignerSlot>,
    { head, final: finalBlock }: Position,
    final: BlockId | undefined,
    demand: string,
  ): void {
    const isNews = this.#head?.hash !== head.hash || this.#final !== finalBlock || this.#state !== 'complete';
    this.#readings = readings;
    this.#slots = slots;
    this.#head = head;
    this.#final = finalBlock;
    this.#state = 'complete';
    this.#missing = undefined;
    this.#answered = demand;
    const heardAbout = this.#heardAbout();
    // What strangers write is read anew where somebody asks for it, and never fills a disk.
    const lasting = [...readings.values()].filter(
      ({ state, repository, publisher }) =>
        state === 'complete' && (repository === contentRepository || heardAbout(repository).has(publisher)),
    );
    this.memory.remember(head.number, final, finalBlock, lasting, slots);
    this.#view = this.#createView();
    // Names that were only read now are no news but to who asked.
    if (isNews) this.#changed.fire('view');
  }

  async #advanceTable(signal: AbortSignal, report: (progress: BlockProgress) => void): Promise<void> {
    const { final: number, tagged } = await this.#position(true, signal);
    if (number < 0 || number <= this.table.finalBlock) return;
    const final = tagged ?? (await this.#reader.blocksAt([number], signal))[0];
    if (final !== undefined) await this.table.advance(final, signal, report);
  }

  // --- what is seen -------------------------------------------------------------------------------------------------

  /** What was read stays to be seen, but nothing can be concluded from what is missing in it. */
  #interrupt(missing: MissingReason, head = this.#head): void {
    if (this.#missing === missing && this.#head?.hash === head?.hash) return;
    if (this.#missing !== missing) this.#log.warn(`The view of the ledger is incomplete: ${missing}`);
    this.#state = 'incomplete';
    this.#missing = missing;
    // Another window may settle it, and then this one goes on.
    const isWrongChain = missing === 'contradicted' || missing === 'otherChain';
    if (isWrongChain) this.table.doubt();
    // What was read belongs to the head it was read at; under another nothing of it may be used.
    if (head?.hash !== this.#head?.hash || isWrongChain) {
      this.#readings = new Map();
      this.#slots = new Map();
    }
    if (head !== undefined && head.hash !== this.#head?.hash) this.#final = this.#finalBelow(head);
    this.#head = head;
    this.#view = this.#createView();
    this.#changed.fire('view');
  }

  #createView(): IndexView {
    const strangers = new Map(this.#strangers);
    return createIndexView({
      ledger: this.#reader.ledger,
      state: this.#state,
      missing: this.#missing,
      head: this.#head,
      confirmations: this.confirmations,
      keys: this.#readings,
      slots: this.#slots,
      contradiction: this.memory.contradiction,
      strangersOf: (repository, tag) => strangers.get(`${repository}:${tag}`) ?? 'reading',
    });
  }
}

function lacking(what: string): DaoChainError {
  return new DaoChainError('nodeFailed', `The node did not answer for all ${what} that it was asked for`);
}

/** A history counts where its events make the very link that the contract holds. */
function readingOf(of: HistoryKey, link: Hex32, read: ReadHistory): Reading {
  const { publisher, repository, tag } = of;
  const state = lastWord(read) === link ? 'complete' : 'incomplete';
  return { of, link, ...read, publisher, repository, tag, state, history: read.folded?.history };
}
