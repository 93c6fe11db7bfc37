import { DaoChainError, isDaoChainError, throwIfCancelled } from '../core/errors';
import { Emitter } from '../core/emitter';
import { isDigest } from '../core/image/digest';
import type { Platform } from '../core/image/identity';
import type { ImageReference } from '../core/image/reference';
import { parseReference } from '../core/image/reference';
import type { ContentDigests } from '../core/ledger/indexView';
import type { PublisherId } from '../core/ledger/types';
import type {
  Clock,
  ContainerEngine,
  ContainerRegistry,
  Disposable,
  EngineEvent,
  Event,
  ImageStore,
  LocalImage,
  Log,
} from '../core/ports';
import type { RuleSource } from '../core/trust/rules';
import type { Verdict } from '../core/trust/verdict';
import type { EngineImage } from './engineImages';
import { EngineImages } from './engineImages';
import type { Grounds } from './grounds';
import { contentsOf, historiesOf, judgeImage, lookAlikeIn, noName } from './grounds';
import { nameOf, parseOrUndefined, referencesOf } from './imageNames';
import type { JudgedImage, JudgedImages, JudgedReference, JudgingOptions, ReferenceQuery } from './judgedImage';
import { judgeEngineImage } from './judgeEngineImage';
import type { LedgerSource } from './ledger';
import type { ImageName } from './ledgerIndex';
import type { Found, Reasoning } from './reasoning';
import { askedFor, reasoningOf } from './reasoning';
import { namesOf, ReferenceJudge } from './referenceJudge';
import { RegistryReadings } from './registryReadings';
import type { SignedContents } from './signedContents';

interface VerificationPorts {
  readonly engine: ContainerEngine;
  readonly registry: ContainerRegistry;
  /** What this machine runs, for as long as the engine does not say what it runs. */
  readonly hostPlatform: () => Platform;
  readonly ledgers: LedgerSource;
  /** The rules in force in a folder; in all open folders together where none is named. */
  readonly rules: (folder?: string) => Promise<readonly RuleSource[]>;
  /** Publishers that speak for the reader. */
  readonly ownPublishers: () => readonly PublisherId[];
  readonly contents: SignedContents;
  readonly clock: Clock;
  readonly log: Log;
}

/** By which rules. */
type RulesAsked = Pick<JudgingOptions, 'folder' | 'substitute'>;

interface ReadImage extends Pick<JudgedImage, 'image' | 'reference'> {
  readonly name: ImageName;
  readonly read: EngineImage;
}

/**
 * Gives the verdict on images and references. All surfaces ask here, so one image has one verdict everywhere. Images that
 * the ledger does not name are judged without looking into them.
 */
export class VerificationService {
  readonly #changed = new Emitter<void>();
  readonly #images: EngineImages;
  readonly #registries: RegistryReadings;
  readonly #references: ReferenceJudge;
  #sources: readonly Disposable[] = [];
  #listeners = 0;

  constructor(private readonly ports: VerificationPorts) {
    const { engine, registry, clock, contents } = ports;
    this.#images = new EngineImages(engine);
    this.#registries = new RegistryReadings(registry, clock);
    this.#references = new ReferenceJudge({ images: this.#images, registries: this.#registries, contents });
  }

  /**
   * A verdict may have changed. As long as somebody listens, the engine's events and the chain's heads are followed;
   * otherwise nothing is.
   */
  readonly onDidChange: Event<void> = (listener) => {
    const listening = this.#changed.event(listener);
    if (this.#listeners++ === 0) this.follow();
    let disposed = false;
    return {
      dispose: () => {
        if (disposed) return;
        disposed = true;
        listening.dispose();
        if (--this.#listeners === 0) this.unfollow();
      },
    };
  };

  /** Rules, the ledger or the wallet have changed: listeners ask again. */
  reconsider(): void {
    if (this.#listeners > 0) {
      this.unfollow();
      this.follow();
    }
    this.#changed.fire();
  }

  /** Every name of every local image. `engineUnavailable` when there is no list; a silent ledger gives `unknown`. */
  async judgeAll(signal: AbortSignal, options: Pick<JudgingOptions, 'substitute'> = {}): Promise<JudgedImages> {
    this.forgetUnheard();
    const { engine } = this.ports;
    const [endpoint, { store, images }] = await Promise.all([engine.endpoint(), engine.list(signal)]);
    const named = images.map((image) => ({ image, names: referencesOf(image) }));
    await this.readLedger(
      named.flatMap(({ names }) => names.map(nameOf)),
      signal,
      await this.consulted(options),
    );
    const grounds = await this.grounds(options);
    const judged = named.map(async ({ image, names }) => {
      const rows: JudgedImage[] = [];
      // One after the other: what is found out about the image for one name is known for the next.
      for (const reference of names.length === 0 ? [undefined] : names) {
        const verdict = await this.judgeLocal(grounds, image, store, reference, signal);
        const unknownName = verdict.coverage === 'none' ? reference?.text : undefined;
        rows.push({
          ...{ image, reference, verdict },
          // Found only for a row that somebody looks at: a list can have a thousand.
          get lookAlike() {
            return unknownName === undefined ? undefined : lookAlikeIn(grounds, unknownName).lookAlike;
          },
        });
      }
      return rows;
    });
    return { endpoint, store, rows: (await Promise.all(judged)).flat() };
  }

  /**
   * References as build files and people write them, by what the engine and the registry have. What a registry has is
   * asked once a minute while somebody listens, and otherwise at each call.
   */
  async judgeReferences(
    queries: readonly ReferenceQuery[],
    signal: AbortSignal,
    options: JudgingOptions = {},
  ): Promise<readonly JudgedReference[]> {
    this.forgetUnheard();
    const found = await this.find(queries, signal, options);
    const grounds = await this.grounds(options);
    return Promise.all(found.map((each) => this.judgeFound(grounds, each, signal)));
  }

  /** The verdict on one reference, or on one image by its ID, and what it was given on. `imageNotFound`. */
  async reason(query: ReferenceQuery, signal: AbortSignal, options: JudgingOptions = {}): Promise<Reasoning> {
    if (isDigest(query.text)) {
      const { name, read, reference } = await this.read(query.text, signal);
      const grounds = await this.grounds(options);
      const contents = await contentsOf(grounds, name, this.ports.contents);
      const judgeIt = (by: Grounds): Promise<JudgedReference> => {
        const verdict = judgeImage(by, name, read.image, { contents });
        return Promise.resolve({ ...query, reference, verdict, local: { verdict } });
      };
      return reasoningOf(grounds, () => ({ engine: 'found', registry: { unasked: 'noName' }, names: 1 }), judgeIt);
    }
    this.forgetUnheard();
    const [found = { query }] = await this.find([query], signal, options);
    const grounds = await this.grounds(options);
    return reasoningOf(grounds, askedFor(found, options), (by) => this.judgeFound(by, found, signal));
  }

  /** What there is under references, with the ledger read for each of their names. */
  private async find(
    queries: readonly ReferenceQuery[],
    signal: AbortSignal,
    options: JudgingOptions,
  ): Promise<readonly Found[]> {
    const parsed = queries.map((query) => ({ query, reference: parseOrUndefined(query.text) }));
    const references = parsed.flatMap(({ reference }) => reference ?? []);
    await this.readLedger(references.map(nameOf), signal, await this.consulted(options));
    const asking = await this.grounds(options);
    const platform = this.enginePlatform(signal);
    const found = await Promise.all(
      parsed.map(async ({ query, reference }): Promise<Found> => {
        if (reference === undefined) return { query };
        const each = await this.#references.find(asking, query, reference, options, platform, signal);
        return { query, each, names: namesOf(asking, each) };
      }),
    );
    // Under which names a digest without a tag is stated shows when it was found.
    const more = found.flatMap((one) => (one.each === undefined ? [] : one.names.slice(1)));
    if (more.length > 0) await this.readLedger(more, signal);
    return found;
  }

  private async judgeFound(grounds: Grounds, found: Found, signal: AbortSignal): Promise<JudgedReference> {
    const query = { ...found.query, ...lookAlikeIn(grounds, found.query.text) };
    if (found.each !== undefined)
      return { ...query, ...(await this.#references.judge(grounds, found.each, found.names, signal)) };
    return { ...query, reference: undefined, verdict: judgeImage(grounds, noName, { missing: 'image' }) };
  }

  /** Something new is, or may be, under this name: engine and registry are asked again, and listeners ask again. */
  lookAgain(reference: ImageReference): void {
    this.#images.forget();
    this.#registries.forget(reference);
    this.#changed.fire();
  }

  /** One local image, looked at anew, with its own config bytes. `imageNotFound`. */
  async verify(nameOrId: string, signal: AbortSignal): Promise<JudgedImage> {
    const { image, reference, name, read } = await this.read(nameOrId, signal);
    const grounds = await this.grounds();
    const contents = await contentsOf(grounds, name, this.ports.contents);
    const verdict = judgeImage(grounds, name, read.image, { contents });
    this.#changed.fire();
    return { image, reference, verdict, ...(reference && lookAlikeIn(grounds, reference.text)) };
  }

  // --- one image ------------------------------------------------------------------------------------------------

  /** One local image by its own bytes, looked at anew, and the ledger for its name. */
  private async read(nameOrId: string, signal: AbortSignal): Promise<ReadImage> {
    const { engine } = this.ports;
    const { id } = await engine.inspect(nameOrId, signal);
    this.#images.forget(id);
    const image = (await engine.list(signal)).images.find((each) => each.id === id);
    if (image === undefined)
      throw new DaoChainError('imageNotFound', 'No such image', { details: { image: nameOrId } });
    const reference = isDigest(nameOrId) ? referencesOf(image)[0] : parseReference(nameOrId);
    if (reference !== undefined) this.#registries.forget(reference);
    const name = reference === undefined ? noName : nameOf(reference);
    await this.readLedger([name], signal, await this.consulted());
    const read = await this.#images.read(await this.#images.find(id, signal), signal);
    return { image, reference, name, read };
  }

  private async judgeLocal(
    grounds: Grounds,
    image: LocalImage,
    store: ImageStore,
    reference: ImageReference | undefined,
    signal: AbortSignal,
  ): Promise<Verdict> {
    const name = reference === undefined ? noName : nameOf(reference);
    if (historiesOf(grounds, name).length === 0)
      return judgeImage(grounds, name, { unread: true }, { digests: digestsOf(image, store) });
    const parts = { images: this.#images, contents: this.ports.contents };
    const found = await this.#images.find(image.id, signal);
    return (await judgeEngineImage(grounds, name, found, parts, signal)).verdict;
  }

  /** Asked once for all that are judged together, and only if one of them needs it. */
  private enginePlatform(signal: AbortSignal): () => Promise<Platform> {
    let platform: Promise<Platform> | undefined;
    const ask = async (): Promise<Platform> => {
      try {
        return await this.ports.engine.platform(signal);
      } catch (error) {
        throwIfCancelled(signal);
        if (!isDaoChainError(error)) throw error;
        return this.ports.hostPlatform();
      }
    };
    return () => (platform ??= ask());
  }

  /** Publishers that other rules would name than there are. Afterwards the rules in force have been read. */
  private async consulted({ folder, substitute }: RulesAsked = {}): Promise<readonly PublisherId[]> {
    const inForce = await this.ports.rules(folder);
    const rules = substitute?.(inForce).flatMap((source) => source.rules) ?? [];
    return rules.flatMap(({ publishers }) => publishers);
  }

  private async grounds({ folder, substitute = (rules) => rules }: RulesAsked = {}): Promise<Grounds> {
    const { ledgers, ownPublishers, clock } = this.ports;
    const rules = substitute(await this.ports.rules(folder));
    return {
      ledger: ledgers.current,
      view: ledgers.current?.index.view(),
      rules,
      ownPublishers: ownPublishers(),
      now: Math.floor(clock() / 1000),
    };
  }

  // --- ledger ---------------------------------------------------------------------------------------------------

  /** Brings the index up to date for these names. A node that does not answer is no error: the view says what is missing. */
  private async readLedger(
    names: readonly ImageName[],
    signal: AbortSignal,
    publishers: readonly PublisherId[] = [],
  ): Promise<void> {
    try {
      const { index } = await this.ports.ledgers.open();
      index.use(names, publishers);
      await index.sync(signal);
    } catch (error) {
      throwIfCancelled(signal);
      const say = isDaoChainError(error, 'nodeUnavailable') ? 'debug' : 'warn';
      this.ports.log[say](`The ledger did not answer: ${String(error)}`);
    }
  }

  // --- changes --------------------------------------------------------------------------------------------------

  private follow(): void {
    const following = this.ports.engine.onEvent((event) => {
      this.forgetWhatChanged(event);
      this.#changed.fire();
    });
    this.#sources = [following];
    this.ports.ledgers.open().then(
      ({ index }) => {
        if (!this.#sources.includes(following)) return;
        const heads = index.onDidChange((change) => {
          if (change === 'head') void this.readLedger([], new AbortController().signal);
          else this.#changed.fire();
        });
        this.#sources = [following, heads];
      },
      (error: unknown) => {
        this.ports.log.warn(`The ledger cannot be opened: ${String(error)}`);
      },
    );
  }

  private unfollow(): void {
    for (const source of this.#sources) source.dispose();
    this.#sources = [];
    this.forget();
  }

  /** Nobody hears of changes where nobody listens, so nothing is kept from one call to the next. */
  private forgetUnheard(): void {
    if (this.#listeners === 0) this.forget();
  }

  /** Of a pull or a push the engine says the name, and then the registry had or has something under it. */
  private forgetWhatChanged(event: EngineEvent): void {
    const id = event.type === 'image' ? event.id : undefined;
    this.#images.forget(id);
    const reference = id === undefined || isDigest(id) ? undefined : parseOrUndefined(id);
    if (reference !== undefined) this.#registries.forget(reference);
  }

  private forget(): void {
    this.#images.forget();
    this.#registries.forget();
  }
}

/** What an ID says by itself. In the containerd store it is the digest of a manifest or of an index. */
function digestsOf({ id }: LocalImage, store: ImageStore): ContentDigests {
  return store === 'classic' ? { configDigest: id } : { manifestDigest: id, indexDigest: id };
}
