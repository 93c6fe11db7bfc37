import type { Digest } from '../../core/image/digest';
import type { ImageName } from '../../core/image/imageNames';
import type { JudgeInput, StrangersRead } from '../../core/judging/judgeInput';
import { acceptedHistories } from '../../core/judging/composition';
import type { Attestation, History, LedgerKey, PublisherId } from '../../core/ledger/types';
import { ledgerKey } from '../../core/ledger/types';
import type { Log } from '../../core/ports/log';
import { coveringRules, type RuleSource } from '../../core/trust/rules';
import type { FollowedLedger, FollowedLedgers } from '../ledger/ledger';
import type { BlockProgress } from '../ledger/ledgerTable';
import { decidingOf, noName, type Evidence, type LedgerEvidence, type Unread } from './evidence';
import { LedgerReadings, type ContentDigests, type NamedIdentity } from './ledgerReadings';

interface Ports {
  readonly followed: FollowedLedgers;
  readonly log: Log;
  /** Whether a verdict that needs the table of a ledger waits until it was read; else it says that it is being read. */
  readonly isPatient: boolean;
  /** Blocks of a table that were read, of those to read. */
  readonly onProgress?: ((progress: BlockProgress) => void) | undefined;
  /** Whether a node that does not answer has no room for its chain. */
  readonly isDiskFull: (followed: FollowedLedger) => boolean;
}

interface NamesStating {
  readonly names: readonly ImageName[];
  /** Where others could be missing whose word would count. */
  readonly unread: Unread;
}

/** Reads what verdicts need of the ledgers that can decide about the names at hand. No other ledger is opened or asked. */
export class FollowedReadings {
  readonly #ports: Ports;
  readonly #readings = new WeakMap<FollowedLedger, LedgerReadings>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** What is known without asking anybody. */
  evidence(given: Pick<JudgeInput, 'rules' | 'ownPublishers' | 'now'>): Evidence {
    const { isDiskFull } = this.#ports;
    const [home, ...others] = this.#places().map(({ followed, key }): LedgerEvidence => {
      const ledger = followed.source.current;
      return { followed, key, ledger, view: ledger?.index.view(), isDiskFull: isDiskFull(followed) };
    });
    if (home === undefined) throw new RangeError('no ledger is home');
    return { ...given, ledgers: [home, ...others] };
  }

  /** Opens ledgers of which only their own files tell which they are, so that it is known which rules count there. */
  async open(): Promise<void> {
    const unknown = this.#ports.followed.all.filter((each) => keyOf(each) === undefined);
    await Promise.all(unknown.map((each) => this.#of(each).open()));
  }

  /** The histories of names by all whose word counts there, and by `publishers`. */
  async names(
    rules: readonly RuleSource[],
    names: readonly ImageName[],
    signal: AbortSignal,
    publishers: readonly PublisherId[] = [],
  ): Promise<void> {
    await this.namesAndContents(rules, names, [], publishers, signal);
  }

  /** {@link names} and {@link contents} in one reading, for images that were looked at before the ledgers were. */
  async namesAndContents(
    rules: readonly RuleSource[],
    names: readonly ImageName[],
    images: readonly NamedIdentity[],
    publishers: readonly PublisherId[],
    signal: AbortSignal,
  ): Promise<void> {
    await this.open();
    const asked = names.length === 0 && images.length === 0 ? [noName] : names;
    const places = this.#places();
    const deciding = decidingIn(places, rules);
    await Promise.all(
      places.map(async (place) => {
        const { followed } = place;
        const here = asked.filter((name) => deciding(name).includes(place));
        const found = images.filter(({ name }) => deciding(name).includes(place));
        if (here.length === 0 && found.length === 0) return;
        const named = here.filter(({ repository }) => repository !== noName.repository);
        await this.#of(followed).namesAndContents(rules, named, found, publishers, signal);
      }),
    );
  }

  /** One ledger has a newer block. */
  async catchUp(followed: FollowedLedger): Promise<void> {
    await this.#of(followed).names([], new AbortController().signal);
  }

  /** Whether content was taken back under every name, on the ledgers that decide about the images. */
  async contents(
    evidence: Evidence,
    images: readonly NamedIdentity[],
    signal: AbortSignal,
    options: { readonly ofEverybody?: boolean } = {},
  ): Promise<Evidence> {
    const declaredIn = (name: ImageName): readonly History[] => declaredUnder(evidence, name);
    return this.#onEach(evidence, images, (readings, ledger, here) =>
      readings.contents(ledger, evidence.rules, here, signal, { ...options, declaredIn }),
    );
  }

  /** Which of these names, that no rule covers, anybody has written about: on home, which alone is asked about them. */
  async spoken(names: readonly ImageName[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    return this.#of(this.#ports.followed.home).spoken(names, signal);
  }

  /** Those who state these very images under their names and whom no rule names. */
  async strangers(evidence: Evidence, images: readonly NamedIdentity[], signal: AbortSignal): Promise<Evidence> {
    return this.#onEach(evidence, images, (readings, ledger, here) => readings.strangers(ledger, here, signal));
  }

  /** Names of a repository under which any of these digests is stated on a ledger that decides about it. */
  async namesStating(
    evidence: Evidence,
    repository: string,
    digests: readonly Digest[],
    signal: AbortSignal,
  ): Promise<NamesStating> {
    const deciding = decidingOf(evidence.ledgers, evidence.rules, repository);
    const names = new Map<string, ImageName>();
    const unread = new Map<FollowedLedger, Exclude<StrangersRead, 'read'>>();
    await Promise.all(
      deciding.map(async (each) => {
        const found = await this.#of(each.followed).namesStating(evidence.rules, repository, digests, signal);
        if (found.unread !== undefined) unread.set(each.followed, found.unread);
        for (const name of found.names) names.set(name.tag, name);
      }),
    );
    const all = [...names.values()].sort((a, b) => (a.tag < b.tag ? -1 : 1));
    // A name that one ledger tells of is judged by all of them.
    if (deciding.length > 1 && all.length > 0) await this.names(evidence.rules, all, signal);
    return { names: all, unread };
  }

  /** What is told beside images that nothing is signed for. */
  async hints(evidence: Evidence, images: readonly NamedIdentity[], signal: AbortSignal): Promise<Evidence> {
    return this.#onEach(evidence, images, (readings, ledger, here) => readings.hints(ledger, here, signal));
  }

  /** For each content without a rule, statements of it under other names. */
  async elsewhere(
    images: readonly { readonly name: ImageName; readonly digests: ContentDigests }[],
    signal: AbortSignal,
  ): Promise<readonly (readonly Attestation[])[]> {
    return this.#of(this.#ports.followed.home).elsewhere(images, signal);
  }

  /** The same evidence by what has been read meanwhile. */
  withView(evidence: Evidence): Evidence {
    return {
      ...evidence,
      ledgers: mapEach(evidence.ledgers, (each) => this.#of(each.followed).withView(each)),
    };
  }

  async #onEach(
    evidence: Evidence,
    images: readonly NamedIdentity[],
    read: (
      readings: LedgerReadings,
      ledger: LedgerEvidence,
      images: readonly NamedIdentity[],
    ) => Promise<LedgerEvidence>,
  ): Promise<Evidence> {
    if (images.length === 0) return evidence;
    const { ledgers, rules } = evidence;
    const deciding = decidingIn(ledgers, rules);
    const after = new Map<LedgerEvidence, LedgerEvidence>();
    await Promise.all(
      ledgers.map(async (each) => {
        const here = images.filter(({ name }) => deciding(name).includes(each));
        if (here.length > 0) after.set(each, await read(this.#of(each.followed), each, here));
      }),
    );
    return { ...evidence, ledgers: mapEach(ledgers, (each) => after.get(each) ?? each) };
  }

  #of(followed: FollowedLedger): LedgerReadings {
    let readings = this.#readings.get(followed);
    if (readings === undefined) {
      const { log, isPatient, onProgress } = this.#ports;
      readings = new LedgerReadings({ followed, log, isPatient, onProgress });
      this.#readings.set(followed, readings);
    }
    return readings;
  }

  #places(): readonly [Place, ...Place[]] {
    const { home, all } = this.#ports.followed;
    const [first, ...more] = [home, ...all.filter((each) => each !== home)].map((followed) => ({
      followed,
      key: keyOf(followed),
    }));
    if (first === undefined) throw new RangeError('no ledger is home');
    return [first, ...more];
  }
}

interface Place {
  readonly followed: FollowedLedger;
  readonly key: LedgerKey | undefined;
}

/** Looks once for each repository: a list can have many names of it. */
function decidingIn<T extends { readonly key: LedgerKey | undefined }>(
  ledgers: readonly [T, ...T[]],
  rules: readonly RuleSource[],
): (name: ImageName) => readonly T[] {
  const known = new Map<string, readonly T[]>();
  return ({ repository }) => {
    const deciding = known.get(repository) ?? decidingOf(ledgers, rules, repository);
    known.set(repository, deciding);
    return deciding;
  };
}

/** What publishers whom the rules accept state under a name, on all ledgers that decide. */
function declaredUnder({ ledgers, rules }: Evidence, { repository, tag }: ImageName): readonly History[] {
  const coverages = coveringRules(rules, repository);
  return ledgers.flatMap(({ key, view }) =>
    key === undefined || view === undefined ? [] : acceptedHistories(coverages, key, view.historiesOf(repository, tag)),
  );
}

function keyOf({ ledger, source }: FollowedLedger): LedgerKey | undefined {
  return ledger ?? (source.current && ledgerKey(source.current.reader.ledger));
}

function mapEach<T>([first, ...more]: readonly [T, ...T[]], change: (each: T) => T): readonly [T, ...T[]] {
  return [change(first), ...more.map(change)];
}
