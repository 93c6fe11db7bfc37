import pLimit from 'p-limit';
import { DaoChainError, isDaoChainError, throwIfCancelled } from '../core/errors';
import { isDigest } from '../core/image/digest';
import type { ImageContent } from '../core/image/identity';
import { parsePlatformText, samePlatform } from '../core/image/platform';
import type { ImageReference } from '../core/image/reference';
import { parseReference, withDefaultTag } from '../core/image/reference';
import type { ContentDigests, IndexView } from '../core/ledger/indexView';
import type { Attestation, History, Leaf, PublisherId } from '../core/ledger/types';
import { ledgerKey } from '../core/ledger/types';
import type { Clock, ContainerEngine, Disposable, Event, ImageStore, LocalImage, Log } from '../core/ports';
import type { ChainView, ImageUnderJudgement, JudgeInput } from '../core/trust/judge';
import { judge } from '../core/trust/judge';
import type { RuleSource } from '../core/trust/rules';
import type { Verdict } from '../core/trust/verdict';
import { Emitter } from '../core/emitter';
import type { JudgedImage, JudgedImages, JudgedReference, ReferenceQuery } from './judgedImage';
import type { Ledger, LedgerSource } from './ledger';
import type { ContentHashes, SignedContents } from './signedContents';

interface VerificationPorts {
  readonly engine: ContainerEngine;
  readonly ledgers: LedgerSource;
  readonly rules: () => readonly RuleSource[];
  /** Publishers that speak for the reader. */
  readonly ownPublishers: () => readonly PublisherId[];
  readonly contents: SignedContents;
  readonly clock: Clock;
  readonly log: Log;
}

/** A name on the ledger. */
interface Name {
  readonly repository: string;
  readonly tag: string;
}

/** All that a verdict rests on beside the image, at one moment: images that are judged together are judged alike. */
interface Grounds extends Pick<JudgeInput, 'rules' | 'ownPublishers' | 'now'> {
  readonly ledger: Ledger | undefined;
  readonly view: IndexView | undefined;
}

/** By `contentId`. */
type Contents = ReadonlyMap<string, ImageContent>;

/** What is known beside an image's identity: digests from its ID alone, and contents that were signed here. */
interface Knowledge {
  readonly digests?: ContentDigests;
  readonly contents?: Contents;
}

/** An image that was looked for; `id` is absent when the engine has none of that name or did not answer. */
interface Identified {
  readonly id: string | undefined;
  readonly image: ImageUnderJudgement;
}

const nothingThere: Identified = { id: undefined, image: { missing: 'image' } };

/** As many as the engine answers side by side without slowing down. */
const inspectsAtOnce = 8;
/** Each reads a `save` stream, which keeps the engine's disk busy. */
const byteReadsAtOnce = 2;

/**
 * Gives the verdict on images and references. All surfaces ask here, so one image has one verdict everywhere. Images that
 * the ledger does not name are judged without looking into them.
 */
export class VerificationService {
  readonly #changed = new Emitter<void>();
  /**
   * What images are, by ID, for as long as the engine is listened to and says nothing about them: an ID can name an index
   * whose image for this machine changes. It is replaced and never emptied, so that an answer from before is not kept.
   */
  #identified = new Map<string, ImageUnderJudgement>();
  readonly #inspects = pLimit(inspectsAtOnce);
  readonly #byteReads = pLimit(byteReadsAtOnce);
  #sources: readonly Disposable[] = [];
  #listeners = 0;

  constructor(private readonly ports: VerificationPorts) {}

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
  async judgeAll(signal: AbortSignal): Promise<JudgedImages> {
    this.forgetUnheard();
    const { engine } = this.ports;
    const [endpoint, { store, images }] = await Promise.all([engine.endpoint(), engine.list(signal)]);
    const named = images.map((image) => ({ image, names: namesOf(image) }));
    await this.readLedger(
      named.flatMap(({ names }) => names),
      signal,
    );
    const grounds = this.grounds();
    const judged = named.map(async ({ image, names }) => {
      const rows: JudgedImage[] = [];
      // One after the other: what is found out about the image for one name is known for the next.
      for (const reference of names.length === 0 ? [undefined] : names) {
        const verdict = await this.judgeLocal(grounds, image, store, reference, signal);
        rows.push({ image, reference, verdict });
      }
      return rows;
    });
    return { endpoint, store, rows: (await Promise.all(judged)).flat() };
  }

  /** References as a build file has them. What the engine does not have is `unknown`: its content cannot be compared yet. */
  async judgeReferences(queries: readonly ReferenceQuery[], signal: AbortSignal): Promise<readonly JudgedReference[]> {
    this.forgetUnheard();
    const parsed = queries.map((query) => ({ query, reference: parseOrUndefined(query.text) }));
    await this.readLedger(
      parsed.map(({ reference }) => reference),
      signal,
    );
    const grounds = this.grounds();
    const judged = parsed.map(async ({ query, reference }) => {
      const found = reference === undefined ? nothingThere : await this.identify(reference.text, signal);
      const identified = isOfPlatform(found.image, query.platform) ? found : nothingThere;
      const verdict = await this.judgeIdentified(grounds, identified, reference, signal);
      return { ...query, reference, verdict, ...(identified.id !== undefined && { local: { verdict } }) };
    });
    return Promise.all(judged);
  }

  /** One local image, looked at anew, with its own config bytes. `imageNotFound`. */
  async verify(nameOrId: string, signal: AbortSignal): Promise<JudgedImage> {
    const { engine } = this.ports;
    const { id } = await engine.inspect(nameOrId, signal);
    this.forget(id);
    const image = (await engine.list(signal)).images.find((each) => each.id === id);
    if (image === undefined)
      throw new DaoChainError('imageNotFound', 'No such image', { details: { image: nameOrId } });
    const reference = isDigest(nameOrId) ? namesOf(image)[0] : parseReference(nameOrId);
    await this.readLedger([reference], signal);
    const read = await this.readBytes(await this.identify(id, signal), signal);
    const grounds = this.grounds();
    const contents = await this.contentsOf(grounds, reference);
    const verdict = judgeImage(grounds, reference, read, { contents });
    this.#changed.fire();
    return { image, reference, verdict };
  }

  // --- one image ------------------------------------------------------------------------------------------------

  private async judgeLocal(
    grounds: Grounds,
    image: LocalImage,
    store: ImageStore,
    reference: ImageReference | undefined,
    signal: AbortSignal,
  ): Promise<Verdict> {
    if (historiesOf(grounds, reference).length === 0)
      return judgeImage(grounds, reference, { unread: true }, { digests: digestsOf(image, store) });
    return this.judgeIdentified(grounds, await this.identify(image.id, signal), reference, signal);
  }

  /** Judges by what the engine printed, and where that is not enough, by the image's own bytes. */
  private async judgeIdentified(
    grounds: Grounds,
    identified: Identified,
    reference: ImageReference | undefined,
    signal: AbortSignal,
  ): Promise<Verdict> {
    const verdict = judgeImage(grounds, reference, identified.image);
    if (verdict.kind !== 'unknown' || verdict.missing !== 'configBytes') return verdict;
    const read = await this.readBytes(identified, signal);
    return judgeImage(grounds, reference, read, { contents: await this.contentsOf(grounds, reference) });
  }

  private async identify(nameOrId: string, signal: AbortSignal): Promise<Identified> {
    const known = this.#identified;
    const found = known.get(nameOrId);
    if (found !== undefined) return { id: nameOrId, image: found };
    try {
      const { id, identity, origin } = await this.#inspects(() => this.ports.engine.inspect(nameOrId, signal));
      const image = this.#identified.get(id) ?? { identity, origin };
      if (known === this.#identified) known.set(id, image);
      return { id, image };
    } catch (error) {
      return { id: undefined, image: missingBecauseOf(error) };
    }
  }

  /** By ID, because a name could have moved to another image meanwhile. */
  private async readBytes({ id, image }: Identified, signal: AbortSignal): Promise<ImageUnderJudgement> {
    if (id === undefined || !('identity' in image) || image.identity.source === 'bytes') return image;
    const known = this.#identified;
    let read: ImageUnderJudgement;
    try {
      const identity = await this.#byteReads(() => this.ports.engine.readIdentity(id, signal));
      read = { identity, origin: image.origin };
    } catch (error) {
      read = missingBecauseOf(error);
      if (read.missing !== 'malformedImage') return read;
    }
    if (known === this.#identified) known.set(id, read);
    return read;
  }

  private grounds(): Grounds {
    const { ledgers, rules, ownPublishers, clock } = this.ports;
    return {
      ledger: ledgers.current,
      view: ledgers.current?.index.view(),
      rules: rules(),
      ownPublishers: ownPublishers(),
      now: Math.floor(clock() / 1000),
    };
  }

  // --- ledger ---------------------------------------------------------------------------------------------------

  /** Brings the index up to date for these names. A node that does not answer is no error: the view says what is missing. */
  private async readLedger(references: readonly (ImageReference | undefined)[], signal: AbortSignal): Promise<void> {
    try {
      const { index } = await this.ports.ledgers.open();
      index.use(references.filter((reference) => reference !== undefined).map(nameOf));
      await index.sync(signal);
    } catch (error) {
      throwIfCancelled(signal);
      const say = isDaoChainError(error, 'nodeUnavailable') ? 'debug' : 'warn';
      this.ports.log[say](`The ledger did not answer: ${String(error)}`);
    }
  }

  /** What was signed here under this name, so that differences have names. */
  private async contentsOf(grounds: Grounds, reference: ImageReference | undefined): Promise<Contents> {
    const leaves = historiesOf(grounds, reference).flatMap(leavesOf);
    const recalled = [...new Map(leaves.map((leaf) => [contentId(leaf), leaf]))].map(async ([id, leaf]) => {
      const content = await this.ports.contents.recall(leaf);
      return content === undefined ? [] : [[id, content] as const];
    });
    return new Map((await Promise.all(recalled)).flat());
  }

  // --- changes --------------------------------------------------------------------------------------------------

  private follow(): void {
    const following = this.ports.engine.onEvent((event) => {
      this.forget(event.type === 'image' ? event.id : undefined);
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

  /** Of a pull the engine says the name and no ID; then it could be any image. */
  private forget(id?: string): void {
    const others = id !== undefined && isDigest(id) ? [...this.#identified].filter(([each]) => each !== id) : [];
    this.#identified = new Map(others);
  }
}

function judgeImage(
  { ledger, view, rules, ownPublishers, now }: Grounds,
  reference: ImageReference | undefined,
  image: ImageUnderJudgement,
  { digests = 'identity' in image ? image.identity : {}, contents }: Knowledge = {},
): Verdict {
  const name = reference === undefined ? noName : nameOf(reference);
  return judge({
    reference: name,
    image,
    histories: view?.historiesOf(name.repository, name.tag) ?? [],
    // Looked for only when a verdict comes to need it.
    get knownAs() {
      return view === undefined ? [] : knownAs(view, digests, name);
    },
    slotOf: (publisher, signer) => view?.slotOf(publisher, signer),
    rules,
    view: chainView(ledger, view, name),
    ownPublishers,
    now,
    contentOf: (leaf) => contents?.get(contentId(leaf)),
  });
}

/** The engine's image of a name may be another platform's, and then its verdict is not about the one that is asked for. */
function isOfPlatform(image: ImageUnderJudgement, wanted: string | undefined): boolean {
  if (wanted === undefined || !('identity' in image)) return true;
  const platform = parsePlatformText(wanted);
  return platform !== undefined && samePlatform(image.identity.platform, platform);
}

function historiesOf({ view }: Grounds, reference: ImageReference | undefined): readonly History[] {
  if (reference === undefined || view === undefined) return [];
  const { repository, tag } = nameOf(reference);
  return view.historiesOf(repository, tag);
}

const noName: Name = { repository: '', tag: '' };

function nameOf(reference: ImageReference): Name {
  return { repository: reference.repository, tag: withDefaultTag(reference).tag ?? '' };
}

function parseOrUndefined(text: string): ImageReference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (isDaoChainError(error, 'referenceInvalid')) return undefined;
    throw error;
  }
}

function namesOf({ tags }: LocalImage): readonly ImageReference[] {
  return tags.map(parseOrUndefined).filter((reference) => reference !== undefined);
}

function contentId({ fingerprint, dockerFields }: ContentHashes): string {
  return `${fingerprint} ${dockerFields}`;
}

function leavesOf({ attestations }: History): readonly Leaf[] {
  return attestations.flatMap(({ body }) => (body.type === 'statement' ? body.statement.leaves : []));
}

/** What an ID says by itself. In the containerd store it is the digest of a manifest or of an index. */
function digestsOf({ id }: LocalImage, store: ImageStore): ContentDigests {
  return store === 'classic' ? { configDigest: id } : { manifestDigest: id, indexDigest: id };
}

function knownAs(view: IndexView, digests: ContentDigests, name: Name): readonly Attestation[] {
  return view.byContent(digests).filter(({ repository, tag }) => repository !== name.repository || tag !== name.tag);
}

/** An image that cannot be read is not one that was not signed. */
function missingBecauseOf(error: unknown): Extract<ImageUnderJudgement, { readonly missing: unknown }> {
  if (!isDaoChainError(error) || error.code === 'cancelled') throw error;
  if (error.code === 'imageMalformed') return { missing: 'malformedImage', detail: error.details['reason'] ?? '' };
  return error.code === 'imageNotFound' ? { missing: 'image' } : { missing: 'engine', detail: error.message };
}

function chainView(ledger: Ledger | undefined, view: IndexView | undefined, { repository, tag }: Name): ChainView {
  if (ledger === undefined || view === undefined) return noLedger;
  const facts = {
    ledger: ledgerKey(view.ledger),
    ledgerKind: ledger.kind,
    assurance: ledger.assurance,
    needed: view.confirmations,
    isChecked: (publisher: PublisherId) => view.keyState(publisher, repository, tag) === 'complete',
  };
  if (view.head === undefined) return { ...facts, state: 'incomplete', missing: 'ledger' };
  if (view.state === 'complete') return { ...facts, state: 'complete', head: view.head };
  const missing = view.missing === 'behind' ? 'ledgerIncomplete' : 'ledger';
  return { ...facts, state: 'incomplete', missing, head: view.head };
}

/** As long as no network was set up, nothing can be known about any image. */
const noLedger: ChainView = {
  state: 'incomplete',
  missing: 'ledger',
  ledger: '',
  ledgerKind: 'development',
  assurance: 'ownNode',
  needed: 0,
  isChecked: () => false,
};
