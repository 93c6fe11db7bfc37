import { isDaoChainError, throwIfCancelled } from '../../core/errors';
import type { Digest } from '../../core/image/digest';
import type { ImageIdentity } from '../../core/image/identity';
import { contentRepository } from '../../core/ledger/contentName';
import { namedContents } from '../../core/judging/contentWord';
import { digestMark, nameMark, type RowMark } from '../../core/ledger/ledgerRow';
import { nameHash } from '../../core/ledger/link';
import type { Attestation, History, PublisherId } from '../../core/ledger/types';
import type { LedgerEvidence } from './evidence';
import type { RuleSource } from '../../core/trust/rules';
import { coveringRules, onLedger } from '../../core/trust/rules';
import { ledgerKey } from '../../core/ledger/types';
import type { FollowedLedger } from '../ledger/ledger';
import type { LedgerIndex } from '../ledger/ledgerIndex';
import type { BlockProgress, FoundHistories, FoundHistory } from '../ledger/ledgerTable';
import type { ImageName } from '../../core/image/imageNames';
import type { StrangersRead } from '../../core/judging/judgeInput';
import type { Log } from '../../core/ports/log';

/** Content to look for; whatever is given is looked for as what it is called. */
export type ContentDigests = Partial<
  Pick<ImageIdentity, 'configDigest' | 'manifestDigest' | 'indexDigest' | 'fingerprint'>
>;

export interface NamedIdentity {
  readonly name: ImageName;
  readonly identity: ImageIdentity;
}

interface Ports {
  readonly followed: FollowedLedger;
  readonly log: Log;
  /** Whether a verdict that needs the table of the ledger waits until it was read; else it says that it is being read. */
  readonly isPatient: boolean;
  /** Blocks of the table that were read, of those to read. */
  readonly onProgress?: ((progress: BlockProgress) => void) | undefined;
}

interface ContentOptions {
  readonly ofEverybody?: boolean | undefined;
  /** Histories of a name by accepted publishers, on whatever ledgers decide. */
  readonly declaredIn: (name: ImageName) => readonly History[];
}

interface NamesStating {
  readonly names: readonly ImageName[];
  readonly unread: Exclude<StrangersRead, 'read'> | undefined;
}

/** The table may be so many final blocks behind before it is said to be still read. */
const slackBlocks = 64;
/** Publishers whom no rule names that are heard about one image. */
const strangersHeard = 16;
/** Bytes of a stranger's history that are read for one image. */
const strangersBytes = 256 * 1024;
/** Other names of an image that are looked at for a hint. */
const hintsRead = 8;
/** Histories among which those are chosen. */
const hintsLookedAt = 64;

/**
 * Reads of one ledger what verdicts need, and makes the view answer for it. A ledger that does not answer is no error: the view
 * says what is missing.
 */
export class LedgerReadings {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Opens the ledger, so that it is known which rules count. */
  async open(): Promise<void> {
    try {
      await this.#ports.followed.source.open();
    } catch (error) {
      this.#ports.log.warn(`The ledger cannot be opened: ${String(error)}`);
    }
  }

  /** The histories of names by all whose word counts there, and by `publishers`. */
  async names(
    names: readonly ImageName[],
    signal: AbortSignal,
    publishers: readonly PublisherId[] = [],
  ): Promise<void> {
    await this.#try(signal, async (index) => {
      index.use(names, publishers);
      await index.sync(signal);
    });
  }

  /** {@link names} and {@link contents} in one reading, for images that were looked at before the ledger was. */
  async namesAndContents(
    rules: readonly RuleSource[],
    names: readonly ImageName[],
    images: readonly NamedIdentity[],
    publishers: readonly PublisherId[],
    signal: AbortSignal,
  ): Promise<void> {
    await this.#try(signal, async (index) => {
      index.use(names, publishers);
      for (const { name, identity } of images) {
        index.use(contentNames(identity, []), publishersOf(rules, index, name.repository));
      }
      await index.sync(signal);
    });
  }

  /**
   * Whether content was taken back under every name: for what images are, and for what statements that could mean them say
   * they are, here or on another ledger. Of publishers whom the rules accept for these images; `ofEverybody` who has spoken under their names, to say
   * what a rule that named them would do.
   */
  async contents(
    evidence: LedgerEvidence,
    rules: readonly RuleSource[],
    images: readonly NamedIdentity[],
    signal: AbortSignal,
    { ofEverybody = false, declaredIn }: ContentOptions,
  ): Promise<LedgerEvidence> {
    const { view, ledger } = evidence;
    const wanted = images.flatMap(({ name, identity }) => {
      const histories = view?.historiesOf(name.repository, name.tag) ?? [];
      const heard = ofEverybody ? histories.map(({ publisher }) => publisher) : [];
      const publishers = [...new Set([...publishersOf(rules, ledger?.index, name.repository), ...heard])];
      if (publishers.length === 0) return [];
      // Statements of strangers about equivalent content must not make anybody read more.
      const theirs = histories.filter(({ publisher }) => publishers.includes(publisher));
      const names = contentNames(identity, [...theirs, ...declaredIn(name)]);
      return { names, publishers };
    });
    const isRead = wanted.every(({ names, publishers }) =>
      names.every((name) => publishers.every((each) => view?.keyState(each, name.repository, name.tag) === 'complete')),
    );
    if (isRead) return evidence;
    await this.#try(signal, async (index) => {
      for (const { names, publishers } of wanted) index.use(names, publishers);
      await index.sync(signal);
    });
    return this.withView(evidence);
  }

  /** Which of these names, that no rule covers, anybody has written about. Says of each whether that is known. */
  async spoken(names: readonly ImageName[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    if (names.length === 0) return found;
    await this.#try(signal, async (index) => {
      await this.#bringTable(index, this.#ports.isPatient, signal);
      const state = tableState(index);
      const rows = await index.find(names.map((name) => markOf(name)));
      const heard = names.map((name): readonly [ImageName, StrangersRead] => {
        const under = rows.get(markOf(name));
        const isThere = under?.histories.some((each) => isOfName(each, name)) === true;
        if (isThere) found.add(formatName(name));
        return [name, under?.isCut === true ? 'full' : state];
      });
      index.noteStrangers(heard);
    });
    return found;
  }

  /** Those who state these very images under their names and whom no rule names. */
  async strangers(
    evidence: LedgerEvidence,
    images: readonly NamedIdentity[],
    signal: AbortSignal,
  ): Promise<LedgerEvidence> {
    if (images.length === 0) return evidence;
    const leftOut = new Set(images.map(({ name }) => formatName(name)));
    await this.#try(signal, async (index) => {
      const found = await index.find(images.flatMap(({ name, identity }) => [markOf(name), ...marksOf(identity)]));
      const cut = new Set<string>();
      for (const { name, identity } of images) {
        const marks = marksOf(identity);
        const stating = historiesIn(found, marks).filter((each) => isOfName(each, name));
        const publishers = [...new Set(stating.map(({ publisher }) => publisher))];
        const heard = stating.filter((each) => isReadable(each, found)).map(({ publisher }) => publisher);
        const some = [...new Set(heard)].slice(0, strangersHeard);
        index.use([name], some);
        if (some.length < publishers.length || isCut(found, marks)) cut.add(formatName(name));
      }
      await index.sync(signal);
      for (const name of leftOut) if (!cut.has(name)) leftOut.delete(name);
    });
    return { ...this.withView(evidence), leftOut };
  }

  /**
   * Names of a repository under which any of these digests is stated, by publishers whom the rules accept where there are
   * any, else by anybody. `unread`: others could be missing whose word would count.
   */
  async namesStating(
    rules: readonly RuleSource[],
    repository: string,
    digests: readonly Digest[],
    signal: AbortSignal,
  ): Promise<NamesStating> {
    let answer: NamesStating = { names: [], unread: 'reading' };
    await this.#try(signal, async (index) => {
      await this.#bringTable(index, this.#ports.isPatient, signal);
      const marks = digests.map(digestMark);
      const found = await index.find(marks);
      const there = historiesIn(found, marks).filter((each) => each.repository === repository);
      const accepted = new Set(publishersOf(rules, index, repository));
      const byAccepted = there.filter(({ publisher }) => accepted.has(publisher));
      const sizes = byAccepted.length > 0 ? found : await index.find(there.map(markOf));
      const heard = there.filter((each) => isReadable(each, sizes)).slice(0, strangersHeard);
      const stating = byAccepted.length > 0 ? byAccepted : heard;
      const names = new Map(stating.map(({ tag }) => [tag, { repository, tag }]));
      for (const { tag, publisher } of stating) index.use([{ repository, tag }], [publisher]);
      await index.sync(signal);
      const isEnough = byAccepted.length > 0 || (accepted.size === 0 && stating.length > 0);
      const state = isCut(found, marks) ? 'full' : tableState(index);
      answer = { names: [...names.values()], unread: isEnough || state === 'read' ? undefined : state };
    });
    return answer;
  }

  /**
   * What is told beside images that nothing is signed for: who else states them, and under which other names. For that no
   * verdict waits; it is told as far as the table has been read.
   */
  async hints(
    evidence: LedgerEvidence,
    images: readonly NamedIdentity[],
    signal: AbortSignal,
  ): Promise<LedgerEvidence> {
    if (images.length === 0) return evidence;
    const read = await this.strangers(evidence, images, signal);
    const queries = images.map(({ name, identity }) => ({ name, digests: identity }));
    const known = await this.elsewhere(queries, signal);
    return {
      ...this.withView(read),
      knownAs: new Map(images.map(({ identity }, i) => [identity.fingerprint, known[i] ?? []])),
    };
  }

  /** For each content, statements of it under other names, for a hint; those of publishers whom rules name come first. */
  async elsewhere(
    images: readonly { readonly name: ImageName; readonly digests: ContentDigests }[],
    signal: AbortSignal,
  ): Promise<readonly (readonly Attestation[])[]> {
    const known: (readonly Attestation[])[] = [];
    if (images.length === 0) return known;
    await this.#try(signal, async (index) => {
      await this.#bringTable(index, false, signal);
      const found = await index.find(images.flatMap(({ digests }) => marksOf(digests)));
      const candidates = images.map(({ name, digests }) => {
        const others = historiesIn(found, marksOf(digests)).filter((each) => !isOfName(each, name));
        const isNamed = ({ repository, publisher }: FoundHistory): boolean =>
          index.publishersFor(repository).includes(publisher);
        return [...others.filter(isNamed), ...others.filter((each) => !isNamed(each))].slice(0, hintsLookedAt);
      });
      const sizes = await index.find(candidates.flat().map(markOf));
      const hints = candidates.map((each) => each.filter((one) => isReadable(one, sizes)).slice(0, hintsRead));
      const read = hints.flat();
      if (read.length === 0) return;
      for (const each of read) index.use([each], [each.publisher]);
      await index.sync(signal);
      const view = index.view();
      images.forEach(({ digests }, i) => {
        const histories = (hints[i] ?? []).flatMap(({ publisher, repository, tag }) =>
          view.historiesOf(repository, tag).filter((history) => history.publisher === publisher),
        );
        known[i] = [...new Set(histories)].flatMap(({ attestations }) =>
          attestations.filter((entry) => states(entry, digests)),
        );
      });
    });
    return images.map((_, i) => known[i] ?? []);
  }

  /** The same evidence by what has been read meanwhile. */
  withView(evidence: LedgerEvidence): LedgerEvidence {
    const { source } = this.#ports.followed;
    const ledger = source.current;
    const key = ledger === undefined ? evidence.key : ledgerKey(ledger.reader.ledger);
    return { ...evidence, key, ledger, view: ledger?.index.view() };
  }

  /** Up to date where verdicts wait for it; otherwise it is read on beside them, now and then. */
  async #bringTable(index: LedgerIndex, isWaitedFor: boolean, signal: AbortSignal): Promise<void> {
    const { onProgress, log } = this.#ports;
    // What is missing of the chain itself is said before what is missing of the table.
    if (index.view().state !== 'complete') return;
    await index.table.load();
    const lag = index.view().finalBlock - index.table.finalBlock;
    if (lag <= 0) return;
    if (isWaitedFor) {
      await index.readTable(signal, onProgress);
      return;
    }
    const wasReading = tableState(index) === 'reading';
    const { size } = index.table;
    index.readTable(new AbortController().signal).then(
      () => {
        if (wasReading || index.table.size !== size) index.tableWasRead();
      },
      (error: unknown) => {
        log.debug(`The table of the ledger was not read: ${String(error)}`);
      },
    );
  }

  async #try(signal: AbortSignal, read: (index: LedgerIndex) => Promise<void>): Promise<void> {
    const { followed, log } = this.#ports;
    try {
      const { index } = await followed.source.open();
      await read(index);
    } catch (error) {
      throwIfCancelled(signal);
      const say = isDaoChainError(error, 'nodeUnavailable') ? 'debug' : 'warn';
      log[say](`The ledger did not answer: ${String(error)}`);
    }
  }
}

/** Whom the rules that decide about a repository name on this ledger; on any as long as it was not opened. */
function publishersOf(
  rules: readonly RuleSource[],
  index: LedgerIndex | undefined,
  repository: string,
): readonly PublisherId[] {
  const coverages = onLedger(coveringRules(rules, repository), index && ledgerKey(index.view().ledger));
  return [...new Set(coverages.flatMap((coverage) => coverage.rules).flatMap(({ publishers }) => publishers))];
}

function tableState(index: LedgerIndex): StrangersRead {
  const { head, finalBlock } = index.view();
  // A chain that has just begun holds nothing final.
  if (head === undefined || (finalBlock >= 0 && index.table.finalBlock < 0)) return 'reading';
  if (finalBlock - index.table.finalBlock > slackBlocks) return 'reading';
  return index.table.isFull ? 'full' : 'read';
}

function markOf({ repository, tag }: ImageName): RowMark {
  return nameMark(nameHash(repository, tag));
}

function digestsOf({ configDigest, manifestDigest, indexDigest, fingerprint }: ContentDigests): readonly Digest[] {
  return [configDigest, manifestDigest, indexDigest, fingerprint].filter((digest) => digest !== undefined);
}

function marksOf(digests: ContentDigests): readonly RowMark[] {
  return digestsOf(digests).map(digestMark);
}

function historiesIn(found: ReadonlyMap<RowMark, FoundHistories>, marks: readonly RowMark[]): readonly FoundHistory[] {
  return marks.flatMap((mark) => found.get(mark)?.histories ?? []);
}

/** Whether the whole history of a name is small enough, by what was found under the name's mark. */
function isReadable(one: FoundHistory, byName: ReadonlyMap<RowMark, FoundHistories>): boolean {
  const all = byName
    .get(markOf(one))
    ?.histories.find((each) => each.publisher === one.publisher && isOfName(each, one));
  return all !== undefined && all.bytes <= strangersBytes;
}

function isCut(found: ReadonlyMap<RowMark, FoundHistories>, marks: readonly RowMark[]): boolean {
  return marks.some((mark) => found.get(mark)?.isCut === true);
}

/** How names are told apart in sets; a tag has no colon. */
export function formatName({ repository, tag }: ImageName): string {
  return `${repository}:${tag}`;
}

function isOfName(each: ImageName, { repository, tag }: ImageName): boolean {
  return each.repository === repository && each.tag === tag;
}

function states({ body }: Attestation, digests: ContentDigests): boolean {
  if (body.type !== 'statement') return false;
  const wanted = new Set(digestsOf(digests));
  const { leaves, indexDigest } = body.statement;
  const stated = leaves.flatMap((leaf) => [leaf.configDigest, leaf.fingerprint, leaf.manifestDigest]);
  return [indexDigest, ...stated].some((digest) => digest !== undefined && wanted.has(digest));
}

/** The reserved names under which an image may have been taken back everywhere. */
function contentNames(...given: Parameters<typeof namedContents>): readonly ImageName[] {
  return namedContents(...given).map(({ tag }) => ({ repository: contentRepository, tag }));
}
