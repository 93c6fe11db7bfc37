import pLimit from 'p-limit';
import { DaoChainError, isDaoChainError } from '../core/errors';
import type { Digest } from '../core/image/digest';
import type { ImageContent } from '../core/image/identity';
import type { ImageReference } from '../core/image/reference';
import { parseReference, withDefaultTag } from '../core/image/reference';
import type { ContentDigests, IndexView } from '../core/ledger/indexView';
import type { Attestation, History, Leaf, PublisherId } from '../core/ledger/types';
import { ledgerKey } from '../core/ledger/types';
import type { Clock, ContainerEngine, Disposable, Event, ImageStore, LocalImage, Log } from '../core/ports';
import type { ChainView, ImageUnderJudgement } from '../core/trust/judge';
import { judge } from '../core/trust/judge';
import type { RuleSource } from '../core/trust/rules';
import type { Verdict } from '../core/trust/verdict';
import { Emitter } from '../core/emitter';
import type { JudgedImage, JudgedImages, JudgedReference } from './judgedImage';
import type { Ledger, LedgerSource } from './ledger';
import type { SignedContents } from './signedContents';

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

/** What is known beside an image's identity: digests from its ID alone, and contents that were signed here. */
interface Knowledge {
  readonly digests?: ContentDigests;
  readonly contents?: ReadonlyMap<Digest, ImageContent>;
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
  /** What images are, by ID, for as long as the engine says nothing about them. */
  readonly #identified = new Map<string, ImageUnderJudgement>();
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
    const { engine } = this.ports;
    const [endpoint, { store, images }] = await Promise.all([engine.endpoint(), engine.list(signal)]);
    const rows = images.flatMap((image) => rowsOf(image));
    await this.readLedger(
      rows.map(({ reference }) => reference),
      signal,
    );
    const judged = rows.map(async ({ image, reference }) => {
      return { image, reference, verdict: await this.judgeLocal(image, store, reference, signal) };
    });
    return { endpoint, store, rows: await Promise.all(judged) };
  }

  /** References as a Dockerfile has them. What the engine does not have is `unknown`: its content cannot be compared yet. */
  async judgeReferences(texts: readonly string[], signal: AbortSignal): Promise<readonly JudgedReference[]> {
    const parsed = texts.map((text) => ({ text, reference: parseOrUndefined(text) }));
    await this.readLedger(
      parsed.map(({ reference }) => reference),
      signal,
    );
    const judged = parsed.map(async ({ text, reference }) => {
      const identified = reference === undefined ? nothingThere : await this.identify(reference.text, signal);
      return {
        text,
        reference,
        local: identified.id !== undefined,
        ...('identity' in identified.image && { platform: identified.image.identity.platform }),
        verdict: await this.judgeIdentified(identified, reference, signal),
      };
    });
    return Promise.all(judged);
  }

  /** One local image, looked at anew, with its own config bytes. `imageNotFound`. */
  async verify(nameOrId: string, signal: AbortSignal): Promise<JudgedImage> {
    const { engine } = this.ports;
    const { id } = await engine.inspect(nameOrId, signal);
    this.#identified.delete(id);
    const image = (await engine.list(signal)).images.find((each) => each.id === id);
    if (image === undefined)
      throw new DaoChainError('imageNotFound', 'No such image', { details: { image: nameOrId } });
    const reference = image.tags.includes(nameOrId) ? parseOrUndefined(nameOrId) : rowsOf(image)[0]?.reference;
    await this.readLedger([reference], signal);
    const read = await this.readBytes(await this.identify(id, signal), signal);
    const verdict = this.judgeImage(reference, read, { contents: await this.contentsOf(reference) });
    this.#changed.fire();
    return { image, reference, verdict };
  }

  // --- one image ------------------------------------------------------------------------------------------------

  private async judgeLocal(
    image: LocalImage,
    store: ImageStore,
    reference: ImageReference | undefined,
    signal: AbortSignal,
  ): Promise<Verdict> {
    const histories = reference === undefined ? [] : this.historiesOf(nameOf(reference));
    if (histories.length === 0)
      return this.judgeImage(reference, { unread: true }, { digests: digestsOf(image, store) });
    return this.judgeIdentified(await this.identify(image.id, signal), reference, signal);
  }

  /** Judges by what the engine printed, and where that is not enough, by the image's own bytes. */
  private async judgeIdentified(
    identified: Identified,
    reference: ImageReference | undefined,
    signal: AbortSignal,
  ): Promise<Verdict> {
    const verdict = this.judgeImage(reference, identified.image);
    if (verdict.kind !== 'unknown' || verdict.missing !== 'configBytes') return verdict;
    const read = await this.readBytes(identified, signal);
    return this.judgeImage(reference, read, { contents: await this.contentsOf(reference) });
  }

  private async identify(nameOrId: string, signal: AbortSignal): Promise<Identified> {
    const known = this.#identified.get(nameOrId);
    if (known !== undefined) return { id: nameOrId, image: known };
    try {
      const { id, identity, origin } = await this.#inspects(() => this.ports.engine.inspect(nameOrId, signal));
      const image = this.#identified.get(id) ?? { identity, origin };
      this.#identified.set(id, image);
      return { id, image };
    } catch (error) {
      return { id: undefined, image: missingBecauseOf(error) };
    }
  }

  /** By ID, because a name could have moved to another image meanwhile. */
  private async readBytes({ id, image }: Identified, signal: AbortSignal): Promise<ImageUnderJudgement> {
    if (id === undefined || !('identity' in image) || image.identity.source === 'bytes') return image;
    let read: ImageUnderJudgement;
    try {
      const identity = await this.#byteReads(() => this.ports.engine.readIdentity(id, signal));
      read = { identity, origin: image.origin };
    } catch (error) {
      read = missingBecauseOf(error);
      if (read.missing !== 'malformedImage') return read;
    }
    this.#identified.set(id, read);
    return read;
  }

  private judgeImage(
    reference: ImageReference | undefined,
    image: ImageUnderJudgement,
    { digests = 'identity' in image ? image.identity : {}, contents }: Knowledge = {},
  ): Verdict {
    const ledger = this.ports.ledgers.current;
    const view = ledger?.index.view();
    const name = reference === undefined ? noName : nameOf(reference);
    return judge({
      reference: name,
      image,
      histories: view?.historiesOf(name.repository, name.tag) ?? [],
      knownAs: view === undefined ? [] : knownAs(view, digests, name),
      slotOf: (publisher, signer) => view?.slotOf(publisher, signer),
      rules: this.ports.rules(),
      view: chainView(ledger, view, name),
      ownPublishers: this.ports.ownPublishers(),
      now: Math.floor(this.ports.clock() / 1000),
      contentOf: (leaf) => contents?.get(leaf.fingerprint),
    });
  }

  // --- ledger ---------------------------------------------------------------------------------------------------

  private historiesOf({ repository, tag }: Name): readonly History[] {
    return this.ports.ledgers.current?.index.view().historiesOf(repository, tag) ?? [];
  }

  /** Brings the index up to date for these names. A node that does not answer is no error: the view says what is missing. */
  private async readLedger(references: readonly (ImageReference | undefined)[], signal: AbortSignal): Promise<void> {
    try {
      const { index } = await this.ports.ledgers.open();
      index.use(references.filter((reference) => reference !== undefined).map(nameOf));
      await index.sync(signal);
    } catch (error) {
      if (!isDaoChainError(error) || error.code === 'cancelled') throw error;
      this.ports.log.debug(`The ledger did not answer: ${error.message}`);
    }
  }

  /** What was signed here under this name, so that differences have names. */
  private async contentsOf(reference: ImageReference | undefined): Promise<ReadonlyMap<Digest, ImageContent>> {
    const leaves = (reference === undefined ? [] : this.historiesOf(nameOf(reference))).flatMap(leavesOf);
    const contents = await Promise.all(
      [...new Set(leaves.map(({ fingerprint }) => fingerprint))].map(async (fingerprint) => ({
        fingerprint,
        content: await this.ports.contents.recall(fingerprint),
      })),
    );
    return new Map(
      contents.flatMap(({ fingerprint, content }) => (content === undefined ? [] : [[fingerprint, content] as const])),
    );
  }

  // --- changes --------------------------------------------------------------------------------------------------

  private follow(): void {
    const following = this.ports.engine.onEvent((event) => {
      if (event.type === 'image') this.#identified.delete(event.id ?? '');
      else this.#identified.clear();
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
    // Nobody heard what the engine said meanwhile.
    this.#identified.clear();
  }
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

function rowsOf(
  image: LocalImage,
): readonly { readonly image: LocalImage; readonly reference: ImageReference | undefined }[] {
  const references = image.tags.map(parseOrUndefined).filter((reference) => reference !== undefined);
  return references.length === 0
    ? [{ image, reference: undefined }]
    : references.map((reference) => ({ image, reference }));
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
