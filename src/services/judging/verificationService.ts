import { DaoChainError } from '../../core/errors';
import { Emitter, type Disposable, type Event } from '../../core/emitter';
import { isDigest } from '../../core/image/digest';
import type { ImageIdentity } from '../../core/image/identity';
import type { ImageReference } from '../../core/image/reference';
import { parseReference, tryParseReference } from '../../core/image/reference';
import { ledgerKey, type LedgerKey, type PublisherId } from '../../core/ledger/types';
import type { RuleSource } from '../../core/trust/rules';
import type { Verdict } from '../../core/judging/verdict';
import type { PlatformPorts } from './askedPlatform';
import { AskedPlatforms } from './askedPlatform';
import type { EngineImage } from './engineImages';
import { EngineImages } from './engineImages';
import type { Evidence } from './evidence';
import { contentsOf, coverageOf, historiesOf, lookAlikeIn, noName } from './evidence';
import { nameOf, referencesOf, type ImageName } from '../../core/image/imageNames';
import type {
  JudgedImage,
  JudgedImages,
  ImageAnswer,
  JudgedSides,
  JudgingOptions,
  ImageQuery,
} from '../../core/judging/imageAnswer';
import type { EngineImageParts } from './engineImageJudge';
import { judgeEngineImage } from './engineImageJudge';
import type { FollowedLedger, FollowedLedgers } from '../ledger/ledger';
import type { BlockProgress } from '../ledger/ledgerTable';
import type { ContentDigests, NamedIdentity } from './ledgerReadings';
import { FollowedReadings } from './followedReadings';
import { formatName } from './ledgerReadings';
import type { FoundSides, JudgingRecord } from './judgingRecord';
import { askedFor, recordJudging } from './judgingRecord';
import { identitiesOf, ReferenceJudge } from './referenceJudge';
import { RegistryReadings } from './registryReadings';
import type { SignedContents } from './signedContents';
import { judgeImage } from './judgeImage';
import type { Clock } from '../../core/ports/clock';
import type { Log } from '../../core/ports/log';
import type { ContainerEngine, EngineEvent, ImageStore, LocalImage } from '../../core/ports/engine';
import type { ContainerRegistry } from '../../core/ports/registry';

interface VerificationPorts extends PlatformPorts {
  readonly engine: ContainerEngine;
  readonly registry: ContainerRegistry;
  readonly followed: FollowedLedgers;
  /** The rules in force in a folder; in all open folders together where none is named. */
  readonly rules: (folder?: string) => Promise<readonly RuleSource[]>;
  /** Publishers that speak for the reader. */
  readonly ownPublishers: () => readonly PublisherId[];
  readonly contents: SignedContents;
  readonly clock: Clock;
  /** Whether a node that does not answer has no room for its chain. */
  readonly isDiskFull: (followed: FollowedLedger) => boolean;
  readonly log: Log;
  /** Whether a verdict that needs the table of the ledger waits until it was read; else it says that it is being read. */
  readonly isPatient: boolean;
  readonly onProgress?: ((progress: BlockProgress) => void) | undefined;
}

/** By which rules. */
type RulesAsked = Pick<JudgingOptions, 'folder' | 'substitute'>;

/** One name of one local image. */
interface Row extends Pick<JudgedImage, 'image' | 'reference'> {
  readonly name: ImageName;
  readonly isCovered: boolean;
}

interface ReadImage extends Pick<JudgedImage, 'image' | 'reference'> {
  readonly name: ImageName;
  readonly read: EngineImage;
}

/**
 * Gives the verdict on images and references. All surfaces ask here, so one image has one verdict everywhere. Images that
 * no rule covers and nobody has written about are judged without looking into them.
 */
export class VerificationService {
  readonly #changed = new Emitter<void>();
  readonly #images: EngineImages;
  readonly #registries: RegistryReadings;
  readonly #readings: FollowedReadings;
  readonly #parts: EngineImageParts;
  readonly #references: ReferenceJudge;
  #sources: readonly Disposable[] = [];
  #listeners = 0;

  constructor(private readonly ports: VerificationPorts) {
    const { engine, registry, clock, contents } = ports;
    this.#images = new EngineImages(engine);
    this.#registries = new RegistryReadings(registry, clock);
    this.#readings = new FollowedReadings(ports);
    this.#parts = { images: this.#images, contents, readings: this.#readings };
    this.#references = new ReferenceJudge({ ...this.#parts, registries: this.#registries });
  }

  /**
   * A verdict may have changed. As long as somebody listens, the engine's events and the chain's heads are followed;
   * otherwise nothing is.
   */
  readonly onDidChange: Event<void> = (listener) => {
    const listening = this.#changed.event(listener);
    if (this.#listeners++ === 0) this.#follow();
    let disposed = false;
    return {
      dispose: () => {
        if (disposed) return;
        disposed = true;
        listening.dispose();
        if (--this.#listeners === 0) this.#unfollow();
      },
    };
  };

  /** Rules, the ledger or the wallet have changed: listeners ask again. */
  reconsider(): void {
    if (this.#listeners > 0) {
      this.#unfollow();
      this.#follow();
    }
    this.#changed.fire();
  }

  /** Every name of every local image. `engineUnavailable` when there is no list; a silent ledger gives `unknown`. */
  async judgeAll(signal: AbortSignal, options: Pick<JudgingOptions, 'substitute'> = {}): Promise<JudgedImages> {
    this.#forgetUnheard();
    const { engine } = this.ports;
    const opening = this.#readings.open();
    const [endpoint, { store, images }] = await Promise.all([engine.endpoint(), engine.list(signal)]);
    await opening;
    const rules = await this.#evidence(options);
    const rows = images.flatMap((image): Row[] => {
      const names = referencesOf(image);
      return (names.length === 0 ? [undefined] : names).map((reference) => {
        const name = reference === undefined ? noName : nameOf(reference);
        return { image, reference, name, isCovered: coverageOf(rules, name.repository).length > 0 };
      });
    });
    const found = await this.#findRows(rows, options, signal);
    const evidence = await this.#readForRows(rows, found, options, signal);
    const verdicts = await this.#judgeRows(evidence, rows, found, signal);
    const hinted = await this.#hinted(evidence, verdicts, found, store, signal);
    const judged = rows.flatMap((row): readonly JudgedImage[] => {
      const { image, reference, name } = row;
      const verdict = hinted.get(row);
      if (verdict === undefined) return [];
      const unknownName = verdict.coverage === 'none' && name !== noName ? reference?.text : undefined;
      const judgedImage = {
        image,
        reference,
        verdict,
        // Found only for a row that somebody looks at: a list can have a thousand.
        get lookAlike() {
          return unknownName === undefined ? undefined : lookAlikeIn(evidence, unknownName).lookAlike;
        },
      };
      return [judgedImage];
    });
    return { endpoint, store, rows: judged };
  }

  /**
   * References as build files and people write them, by what the engine and the registry have. What a registry has is
   * asked once a minute while somebody listens, and otherwise at each call.
   */
  async judgeReferences(
    queries: readonly ImageQuery[],
    signal: AbortSignal,
    options: JudgingOptions = {},
  ): Promise<readonly ImageAnswer[]> {
    this.#forgetUnheard();
    const found = await this.#find(queries, signal, options);
    const evidence = await this.#groundsFor(found, options, signal);
    return Promise.all(found.map((each) => this.#judgeFound(evidence, each, signal)));
  }

  /** The verdict on one reference, or on one image by its ID, and what it was given on. `imageNotFound`. */
  async reason(query: ImageQuery, signal: AbortSignal, options: JudgingOptions = {}): Promise<JudgingRecord> {
    if (isDigest(query.text)) {
      const { name, read, reference } = await this.#read(query.text, signal);
      const { image } = read;
      const images = 'identity' in image ? [{ name, identity: image.identity }] : [];
      const heard = await this.#readForImage(name, read, options, signal);
      const evidence = await this.#readings.contents(heard, images, signal, { ofEverybody: true });
      const contents = await contentsOf(evidence, name, this.ports.contents);
      const judgeIt = (by: Evidence): Promise<ImageAnswer> => {
        const verdict = judgeImage(by, name, read.image, { contents });
        return Promise.resolve({ ...query, ...(reference && { reference }), verdict, local: { verdict } });
      };
      return recordJudging(evidence, () => ({ engine: 'found', registry: { unasked: 'noName' }, names: 1 }), judgeIt);
    }
    this.#forgetUnheard();
    const [found = { query }] = await this.#find([query], signal, options);
    const heard = await this.#groundsFor([found], options, signal);
    const evidence = await this.#readings.contents(heard, imagesOf(found), signal, { ofEverybody: true });
    return recordJudging(evidence, askedFor(found, options), (by) => this.#judgeFound(by, found, signal));
  }

  /** What there is under references, with the ledger read for each of their names. */
  async #find(
    queries: readonly ImageQuery[],
    signal: AbortSignal,
    options: JudgingOptions,
  ): Promise<readonly FoundSides[]> {
    const parsed = queries.map((query) => ({ query, reference: tryParseReference(query.text) }));
    const references = parsed.flatMap(({ reference }) => reference ?? []);
    const { rules } = await this.#evidence(options);
    await this.#readings.names(rules, references.map(nameOf), signal, await this.#consulted(options));
    const asking = await this.#references.spoken(await this.#evidence(options), references, signal);
    const platforms = new AskedPlatforms(this.ports, signal);
    return Promise.all(
      parsed.map(async ({ query, reference }): Promise<FoundSides> => {
        if (reference === undefined) return { query };
        const each = await this.#references.find(asking, query, reference, options, platforms, signal);
        const named = await this.#references.namesOf(asking, each, signal);
        return { query, each, ...named, spoken: asking.spoken };
      }),
    );
  }

  /** The evidence for all that was found, with what the ledger says of these very images. */
  async #groundsFor(found: readonly FoundSides[], options: RulesAsked, signal: AbortSignal): Promise<Evidence> {
    const images = found.flatMap(imagesOf);
    const evidence = await this.#evidence(options);
    const isCovered = ({ name }: (typeof images)[number]): boolean => coverageOf(evidence, name.repository).length > 0;
    const read = await this.#readings.strangers(
      evidence,
      images.filter((each) => !isCovered(each)),
      signal,
    );
    return this.#readings.contents(read, images.filter(isCovered), signal);
  }

  async #judgeFound(evidence: Evidence, found: FoundSides, signal: AbortSignal): Promise<ImageAnswer> {
    const query = { ...found.query, ...lookAlikeIn(evidence, found.query.text) };
    if (found.each !== undefined) {
      const { each, names, unread, spoken } = found;
      const judged = await this.#references.judge({ ...evidence, unread, spoken }, each, names, signal);
      const isVouchOld = isVouchedOtherwise(judged, evidence.ownPublishers);
      const answer = { ...query, ...(isVouchOld && { isVouchOld }) };
      if (judged.verdict.kind !== 'unsigned') return { ...answer, ...judged };
      const hinted = await this.#readings.hints(evidence, imagesOf(found), signal);
      return { ...answer, ...(await this.#references.judge({ ...hinted, unread, spoken }, each, names, signal)) };
    }
    return { ...query, verdict: judgeImage(evidence, noName, { missing: 'image' }) };
  }

  /** Something new is, or may be, under this name: engine and registry are asked again, and listeners ask again. */
  lookAgain(reference: ImageReference): void {
    this.#images.forget();
    this.#registries.forget(reference);
    this.#changed.fire();
  }

  /** One local image, looked at anew, with its own config bytes. `imageNotFound`. */
  async verify(nameOrId: string, signal: AbortSignal): Promise<JudgedImage> {
    const { image, reference, name, read } = await this.#read(nameOrId, signal);
    const evidence = await this.#readForImage(name, read, {}, signal);
    const contents = await contentsOf(evidence, name, this.ports.contents);
    const verdict = judgeImage(evidence, name, read.image, { contents });
    this.#changed.fire();
    return { image, reference, verdict, ...(reference && lookAlikeIn(evidence, reference.text)) };
  }

  // --- one image ------------------------------------------------------------------------------------------------

  /** One local image by its own bytes, looked at anew, and the ledger for its name. */
  async #read(nameOrId: string, signal: AbortSignal): Promise<ReadImage> {
    const { engine } = this.ports;
    const { id } = await engine.inspect(nameOrId, signal);
    this.#images.forget(id);
    const image = (await engine.list(signal)).images.find((each) => each.id === id);
    if (image === undefined)
      throw new DaoChainError('imageNotFound', 'No such image', { details: { image: nameOrId } });
    const reference = isDigest(nameOrId) ? referencesOf(image)[0] : parseReference(nameOrId);
    if (reference !== undefined) this.#registries.forget(reference);
    const name = reference === undefined ? noName : nameOf(reference);
    const names = name === noName ? [] : [name];
    const { rules } = await this.#evidence();
    await this.#readings.names(rules, names, signal, await this.#consulted());
    const isCovered = coverageOf({ rules }, name.repository).length > 0;
    if (!isCovered) await this.#readings.spoken(names, signal);
    const read = await this.#images.read(await this.#images.find(id, signal), signal);
    return { image, reference, name, read };
  }

  async #readForImage(
    name: ImageName,
    { image }: EngineImage,
    options: RulesAsked,
    signal: AbortSignal,
  ): Promise<Evidence> {
    const evidence = await this.#evidence(options);
    if (!('identity' in image)) return evidence;
    const images = [{ name, identity: image.identity }];
    return coverageOf(evidence, name.repository).length > 0
      ? this.#readings.contents(evidence, images, signal)
      : this.#readings.strangers(evidence, images, signal);
  }

  /**
   * What the images are that anything can be said about: those that a rule covers, those that the reader has signed, and those
   * under whose names others have written. The ledger is read for all names meanwhile.
   */
  async #findRows(
    rows: readonly Row[],
    options: RulesAsked,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, EngineImage>> {
    const covered = rows.filter(({ isCovered }) => isCovered);
    const found = await this.#findImages(new Set(covered.map(({ image }) => image.id)), signal);
    const evidence = await this.#evidence(options);
    // Together with the names, what the images are taken back under is asked in the same call.
    await this.#readings.namesAndContents(
      evidence.rules,
      rows.map(({ name }) => name),
      covered.flatMap(({ image, name }) => identityIn(found.get(image.id), name)),
      await this.#consulted(options),
      signal,
    );
    const uncovered = rows.filter(({ isCovered, name }) => !isCovered && name !== noName);
    const spoken = await this.#readings.spoken(
      uncovered.map(({ name }) => name),
      signal,
    );
    const read = await this.#evidence(options);
    const more = uncovered.filter(({ name }) => spoken.has(formatName(name)) || historiesOf(read, name).length > 0);
    const others = await this.#findImages(new Set(more.map(({ image }) => image.id)), signal);
    return new Map([...found, ...others]);
  }

  async #findImages(ids: ReadonlySet<string>, signal: AbortSignal): Promise<ReadonlyMap<string, EngineImage>> {
    return new Map(await Promise.all([...ids].map(async (id) => [id, await this.#images.find(id, signal)] as const)));
  }

  async #readForRows(
    rows: readonly Row[],
    found: ReadonlyMap<string, EngineImage>,
    options: RulesAsked,
    signal: AbortSignal,
  ): Promise<Evidence> {
    const identified = rows.flatMap(({ image, name, isCovered }) =>
      identityIn(found.get(image.id), name).map((each) => ({ ...each, isCovered })),
    );
    const evidence = await this.#readings.strangers(
      await this.#evidence(options),
      identified.filter(({ isCovered }) => !isCovered),
      signal,
    );
    return this.#readings.contents(
      evidence,
      identified.filter(({ isCovered }) => isCovered),
      signal,
    );
  }

  /** Names of one image one after the other: what is found out about it for one name is known for the next. */
  async #judgeRows(
    evidence: Evidence,
    rows: readonly Row[],
    found: ReadonlyMap<string, EngineImage>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Row, Verdict>> {
    const verdicts = new Map<Row, Verdict>();
    const byImage = new Map<string, Row[]>();
    for (const row of rows) byImage.set(row.image.id, [...(byImage.get(row.image.id) ?? []), row]);
    await Promise.all(
      [...byImage].map(async ([id, names]) => {
        let image = found.get(id);
        for (const row of names) {
          if (image === undefined) {
            verdicts.set(row, judgeImage(evidence, row.name, { unread: true }));
            continue;
          }
          const judged = await judgeEngineImage(evidence, row.name, image, this.#parts, signal);
          image = judged.found;
          verdicts.set(row, judged.verdict);
        }
      }),
    );
    return verdicts;
  }

  /** The verdicts, and where nothing is signed, who else states the content and under which other names. */
  async #hinted(
    evidence: Evidence,
    verdicts: ReadonlyMap<Row, Verdict>,
    found: ReadonlyMap<string, EngineImage>,
    store: ImageStore,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Row, Verdict>> {
    const unsigned = [...verdicts].filter(([, { kind }]) => kind === 'unsigned').map(([row]) => row);
    const isKnown = ({ image }: Row): boolean => 'identity' in (found.get(image.id)?.image ?? {});
    const known = unsigned.filter(isKnown);
    const images = known.flatMap(({ image, name }) => identityIn(found.get(image.id), name));
    const later = await this.#readings.hints(evidence, images, signal);
    const unread = unsigned.filter((row) => !isKnown(row));
    const elsewhere = await this.#readings.elsewhere(
      unread.map(({ image, name }) => ({ name, digests: digestsOf(image, store) })),
      signal,
    );
    const again = await this.#judgeRows(later, known, found, signal);
    const view = this.#readings.withView(later);
    const hinted = unread.map((row, i): readonly [Row, Verdict] => [
      row,
      judgeImage(view, row.name, { unread: true }, { knownAs: elsewhere[i] ?? [] }),
    ]);
    return new Map([...verdicts, ...again, ...hinted]);
  }

  /** Publishers that other rules would name than there are. Afterwards the rules in force have been read. */
  async #consulted({ folder, substitute }: RulesAsked = {}): Promise<readonly PublisherId[]> {
    const inForce = await this.ports.rules(folder);
    const rules = substitute?.(inForce).flatMap((source) => source.rules) ?? [];
    return rules.flatMap(({ publishers }) => publishers);
  }

  async #evidence({ folder, substitute = (rules) => rules }: RulesAsked = {}): Promise<Evidence> {
    const { ownPublishers, clock } = this.ports;
    const rules = substitute(await this.ports.rules(folder));
    return this.#readings.evidence({ rules, ownPublishers: ownPublishers(), now: Math.floor(clock() / 1000) });
  }

  // --- changes --------------------------------------------------------------------------------------------------

  #follow(): void {
    const { engine, followed } = this.ports;
    const following: Disposable[] = [
      engine.onEvent((event) => {
        this.#forgetWhatChanged(event);
        this.#changed.fire();
      }),
      followed.onDidChange(() => {
        this.reconsider();
      }),
    ];
    this.#sources = following;
    void this.#followLedgers(following);
  }

  /** Home, and the ledgers that rules name: no others can change a verdict. */
  async #followLedgers(following: Disposable[]): Promise<void> {
    const { followed, log } = this.ports;
    const named = new Set((await this.ports.rules()).flatMap(({ rules }) => rules.map(({ ledger }) => ledger)));
    await Promise.all(
      followed.all.map(async (each) => {
        try {
          const key = each === followed.home ? undefined : await keyOf(each);
          if (each !== followed.home && (key === undefined || !named.has(key))) return;
          const { index } = await each.source.open();
          if (this.#sources !== following) return;
          following.push(
            index.onDidChange((change) => {
              if (change === 'head') void this.#readings.catchUp(each);
              else this.#changed.fire();
            }),
          );
        } catch (error) {
          log.warn(`The ledger cannot be opened: ${String(error)}`);
        }
      }),
    );
  }

  #unfollow(): void {
    for (const source of this.#sources) source.dispose();
    this.#sources = [];
    this.#forget();
  }

  /** Nobody hears of changes where nobody listens, so nothing is kept from one call to the next. */
  #forgetUnheard(): void {
    if (this.#listeners === 0) this.#forget();
  }

  /** Of a pull or a push the engine says the name, and then the registry had or has something under it. */
  #forgetWhatChanged(event: EngineEvent): void {
    const id = event.type === 'image' ? event.id : undefined;
    this.#images.forget(id);
    const reference = id === undefined || isDigest(id) ? undefined : tryParseReference(id);
    if (reference !== undefined) this.#registries.forget(reference);
  }

  #forget(): void {
    this.#images.forget();
    this.#registries.forget();
  }
}

async function keyOf(followed: FollowedLedger): Promise<LedgerKey | undefined> {
  if (followed.ledger !== undefined) return followed.ledger;
  const identified = await followed.identify();
  return identified && ledgerKey(identified.ledger);
}

/** Every image that was found, under each of its names. */
function imagesOf({ each, names }: FoundSides): readonly NamedIdentity[] {
  if (each === undefined) return [];
  return identitiesOf(each).flatMap((identity) => names.map((name) => ({ name, identity })));
}

function identityIn(
  found: EngineImage | undefined,
  name: ImageName,
): readonly { readonly name: ImageName; readonly identity: ImageIdentity }[] {
  return found !== undefined && 'identity' in found.image ? [{ name, identity: found.image.identity }] : [];
}

/** What an ID says by itself. In the containerd store it is the digest of a manifest or of an index. */
function digestsOf({ id }: LocalImage, store: ImageStore): ContentDigests {
  return store === 'classic' ? { configDigest: id } : { manifestDigest: id, indexDigest: id };
}

/** Whether one of these publishers has vouched for other content under this very tag. */
function isVouchedOtherwise({ verdict, local, registry }: JudgedSides, publishers: readonly PublisherId[]): boolean {
  return [verdict, local?.verdict, registry?.verdict].some(
    (each) => each?.kind === 'unsigned' && each.vouchedDiffers.some(({ publisher }) => publishers.includes(publisher)),
  );
}
