import { DaoChainError, isDaoChainError, throwIfCancelled } from '../core/errors';
import type { Address, Hex, Hex16, Hex32 } from '../core/hex';
import { toHex, walletPublisher } from '../core/hex';
import type { Digest } from '../core/image/digest';
import { isDigest } from '../core/image/digest';
import { differences } from '../core/image/equivalence';
import type { ImageIdentity, Platform } from '../core/image/identity';
import { samePlatform } from '../core/image/platform';
import type { ImageReference } from '../core/image/reference';
import { formatReference, parseReference, withDefaultTag } from '../core/image/reference';
import { firstHalf } from '../core/ledger/link';
import type { NextRelease } from '../core/ledger/release';
import {
  completedRelease,
  leafOf,
  newestRelease,
  nextRelease,
  pushedRelease,
  revocableStatement,
} from '../core/ledger/release';
import { encodeRevocation } from '../core/ledger/revocation';
import { encodeStatement, platformText } from '../core/ledger/statement';
import type { Entry, EntryKind, History, Leaf, PublisherId, RevocationReason, Statement } from '../core/ledger/types';
import type { ContainerEngine, ContainerRegistry, RegistryImage, TransactionSigner } from '../core/ports';
import type { Ledger, LedgerSource } from './ledger';
import type { WrittenKey } from './pendingTransactions';
import type { SignedContents } from './signedContents';
import type { PlannedEntry, PlannedFromRegistry, PlannedImage, RevocationPlan, SigningPlan } from './signingTypes';
import type { Transactions } from './transactions';
import { writtenKey } from './transactions';
import type { TransactionOutcome, TransactionProgress } from './transactionTypes';

/** In whose name a wallet signs. */
export interface Speaker {
  readonly signer: Address;
  /** An organization that the wallet is a signer of; the wallet itself unless given. */
  readonly publisher?: PublisherId;
}

export interface PlanOptions extends Speaker {
  /** Unix seconds; 0 for no end. Where a release is completed it keeps its own unless given. */
  readonly validUntil?: number;
  /** Signs what is there alone and drops the release's other platforms. */
  readonly alone?: boolean;
  /** Signs what is already signed with the same content once more. */
  readonly again?: boolean;
}

export interface RevocationOptions extends Speaker {
  readonly reason: RevocationReason;
  /** At most 512 bytes in UTF-8. Everybody can read it, for ever. */
  readonly note: string;
  /** Hash or position of the statement; the newest one that stands unless given. */
  readonly statement?: Hex32 | number;
}

interface SigningPorts {
  readonly engine: ContainerEngine;
  readonly registry: ContainerRegistry;
  readonly ledgers: LedgerSource;
  readonly transactions: Transactions;
  readonly contents: SignedContents;
}

const unusedLink: Hex16 = `0x${'0'.repeat(32)}`;

/**
 * Writes to the ledger what its owner says about images. A plan is made and shown first; nothing is sent before `execute`.
 * Where a plan was overtaken (`staleLink`), the same plan is made again and takes in what was signed meanwhile.
 */
export class SigningService {
  constructor(private readonly ports: SigningPorts) {}

  /**
   * Signs images of the engine. Reads their own config bytes and the publisher's histories, and prices the transaction.
   * `names` are references with a tag. `imageNotFound`, `imageMalformed`, `imageWithoutName`, `signatureOnItsWay`,
   * `ledgerInconsistent`, `staleLink`, `signerNotAllowed`.
   */
  async plan(
    names: readonly string[],
    options: PlanOptions,
    signal: AbortSignal,
    onProgress?: (done: number, of: number) => void,
  ): Promise<SigningPlan> {
    const references = distinct(names.map(signableReference));
    const ledger = await this.openFor(references, publisherOf(options), signal);
    const images: PlannedImage[] = [];
    for (const reference of references) {
      onProgress?.(images.length, references.length);
      // By ID, because the tag could move in between.
      const { id } = await this.ports.engine.inspect(reference.text, signal);
      const identity = await this.ports.engine.readIdentity(id, signal);
      const history = historyOf(ledger, reference, publisherOf(options));
      const release = nextRelease(history, [leafOf(identity)], options.alone);
      images.push({ imageId: id, ...(await this.planImage(reference, history, [identity], release, options)) });
    }
    onProgress?.(images.length, references.length);
    return this.priceImages(ledger, images, options, signal);
  }

  /**
   * Signs what a registry has under a name: an index with all its images as one release, or one image. Nothing of it need
   * be here. Nobody has seen the layers, so a person has to know the digest: by `name`, which can have the one that was
   * pushed, or by looking at the plan. Rejects as {@link plan} and the registry do, and with `imageChanged` where the
   * registry shows another digest than the name.
   */
  async planFromRegistry(name: string, options: PlanOptions, signal: AbortSignal): Promise<SigningPlan> {
    const { reference, expected } = pushedReference(name);
    const ledger = await this.openFor([reference], publisherOf(options), signal);
    const pushed = await this.readRegistry(reference, expected, signal);
    const history = historyOf(ledger, reference, publisherOf(options));
    const release = pushedRelease(history, pushed, options.alone);
    const image = await this.planImage(reference, history, pushed.images, release, options);
    const registry = shownBy(pushed, await this.isExpected(reference, pushed, expected, signal));
    return this.priceImages(ledger, [{ ...image, registry }], options, signal);
  }

  /**
   * Adds to the current release the digests that a registry has it under. Nothing else changes: no content, no platform,
   * no validity. `name` can have the digest that was pushed. Rejects as {@link planFromRegistry} does, with
   * `statementNotFound` where there is no release, and with `registryDiffers` where the registry shows something else.
   */
  async planCompletion(name: string, options: PlanOptions, signal: AbortSignal): Promise<SigningPlan> {
    const { reference, expected } = pushedReference(name);
    const ledger = await this.openFor([reference], publisherOf(options), signal);
    const history = historyOf(ledger, reference, publisherOf(options));
    if (history === undefined) throw nothingStated(reference);
    const pushed = await this.readRegistry(reference, expected, signal);
    const completed = completedRelease(history, pushed);
    if (completed === undefined) throw nothingStated(reference);
    const validUntil = options.validUntil ?? newestRelease(history)?.validUntil ?? 0;
    const release = { ...completed, before: [] };
    const image = await this.planImage(reference, history, pushed.images, release, { ...options, validUntil });
    const isExpected = await this.isExpected(reference, pushed, expected, signal);
    const registry = shownBy(pushed, isExpected, completed.unstated);
    return this.priceImages(ledger, [{ ...image, registry }], options, signal);
  }

  /**
   * Takes a statement of the signer back, and with it the content that it states, whatever else states it.
   * `imageWithoutName`, `statementNotFound`, `statementInvalid` for a note that is too long, `signatureOnItsWay`,
   * `ledgerInconsistent`, `staleLink`.
   */
  async planRevocation(name: string, options: RevocationOptions, signal: AbortSignal): Promise<RevocationPlan> {
    const { signer, reason, note, statement } = options;
    const publisher = publisherOf(options);
    const reference = signableReference(name);
    const ledger = await this.openFor([reference], publisher, signal);
    const history = historyOf(ledger, reference, publisher);
    const attestation = history && revocableStatement(history, statement);
    if (attestation === undefined) throw nothingStated(reference);
    const revocation = { statementHash: attestation.statementHash, reason, note };
    const { key } = keyOf(reference, publisher);
    const entry = entryOf(reference, history, 'revoke', toHex(encodeRevocation(revocation)), { signer, publisher });
    const images = [{ reference, key, entry, attestation, revocation }];
    return { publisher, images, ...(await this.price(ledger, [entry], signer, signal)) };
  }

  /**
   * Sends what a plan showed, as {@link Transactions.execute} does; `imageChanged` when a tag of the engine has moved since
   * the plan.
   */
  async execute(
    plan: SigningPlan | RevocationPlan,
    signer: TransactionSigner,
    signal: AbortSignal,
    onProgress: (progress: TransactionProgress) => void,
  ): Promise<TransactionOutcome> {
    const images: readonly PlannedEntry[] = plan.images.filter(({ entry }) => plan.entries.includes(entry));
    for (const { reference, imageId } of images) {
      if (imageId === undefined) continue;
      const { id } = await this.ports.engine.inspect(reference.text, signal);
      if (id !== imageId) throw imageChanged(reference, 'The tag has moved');
    }
    return this.ports.transactions.execute(plan, signer, signal, onProgress);
  }

  // --- planning ---------------------------------------------------------------------------------------------------

  /** The ledger with all that it says about these names now. */
  private async openFor(
    references: readonly ImageReference[],
    publisher: PublisherId,
    signal: AbortSignal,
  ): Promise<Ledger> {
    const ledger = await this.ports.ledgers.open();
    const keys = references.map((reference) => keyOf(reference, publisher));
    await this.ports.transactions.refuseIfOnItsWay(ledger, keys, signal);
    ledger.index.use(keys);
    await ledger.index.sync(signal);
    return ledger;
  }

  private async readRegistry(
    reference: ImageReference,
    expected: Digest | undefined,
    signal: AbortSignal,
  ): Promise<RegistryImage> {
    const pushed = await this.ports.registry.read(reference, 'all', signal);
    if (expected !== undefined && expected !== pushed.digest) {
      throw imageChanged(reference, `The registry shows ${pushed.digest}`);
    }
    return pushed;
  }

  private async isExpected(
    { repository }: ImageReference,
    { digest }: RegistryImage,
    expected: Digest | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (expected !== undefined) return true;
    try {
      await this.ports.engine.inspect(formatReference({ repository, digest }), signal);
      return true;
    } catch (error) {
      throwIfCancelled(signal);
      if (!isDaoChainError(error)) throw error;
      return false;
    }
  }

  private async planImage(
    reference: ImageReference,
    history: History | undefined,
    identities: readonly ImageIdentity[],
    { statement, change, before }: NextRelease,
    options: PlanOptions,
  ): Promise<PlannedImage> {
    const stated = identities.filter((identity) => isStated(identity, statement));
    const [first] = stated.map(leafOf);
    if (first === undefined) throw new RangeError('a plan has an image');
    for (const identity of stated) await this.ports.contents.remember(identity);
    return {
      reference,
      platform: stated.map(({ platform }) => platformText(platform)).join(', '),
      configDigest: first.configDigest,
      statement,
      entry: entryOf(reference, history, 'publish', toHex(encodeStatement(statement)), options),
      key: keyOf(reference, publisherOf(options)).key,
      change:
        change === 'changed'
          ? { type: 'changed', differences: await this.changesSince(before, stated) }
          : { type: change },
    };
  }

  /** Names what changed where the content signed before is known here; otherwise only that it did. */
  private async changesSince(
    before: readonly Leaf[],
    identities: readonly ImageIdentity[],
  ): Promise<readonly string[]> {
    const changes = identities.map(async ({ platform, content }) => {
      const leaf = before.find((each) => samePlatform(each.platform, platform));
      const signed = leaf && (await this.ports.contents.recall(leaf));
      return signed === undefined ? [] : differences(signed, content);
    });
    return [...new Set((await Promise.all(changes)).flat())];
  }

  private async priceImages(
    ledger: Ledger,
    images: readonly PlannedImage[],
    options: PlanOptions,
    signal: AbortSignal,
  ): Promise<SigningPlan> {
    const { signer, again = false } = options;
    const entries = images.filter(({ change }) => again || change.type !== 'same').map(({ entry }) => entry);
    return { publisher: publisherOf(options), images, ...(await this.price(ledger, entries, signer, signal)) };
  }

  private async price(
    ledger: Ledger,
    entries: readonly Entry[],
    signer: Address,
    signal: AbortSignal,
  ): Promise<Omit<SigningPlan, 'images' | 'publisher'>> {
    const call = entries.length === 0 ? undefined : ({ type: 'attest', entries } as const);
    return { entries, ...(await this.ports.transactions.plan(ledger, call, signer, signal)) };
  }
}

/** The reference that an entry names: a tag is needed, and a digest says nothing that the ledger could look up. */
function signableReference(name: string): ImageReference {
  const reference = isDigest(name) ? undefined : withDefaultTag(parseReference(name));
  if (reference === undefined || reference.digest !== undefined) throw withoutTag(name);
  return reference;
}

/** The same for a name that may have the digest that was pushed under its tag. */
function pushedReference(name: string): { readonly reference: ImageReference; readonly expected?: Digest } {
  const [tagged = '', ...pinned] = name.split('@');
  if (pinned.length === 0) return { reference: signableReference(name) };
  const { tag, digest } = parseReference(name);
  if (tag === undefined || digest === undefined) throw withoutTag(name);
  return { reference: parseReference(tagged), expected: digest };
}

function withoutTag(name: string): DaoChainError {
  return new DaoChainError('imageWithoutName', 'Only an image with a tag can be signed', { details: { image: name } });
}

function publisherOf({ signer, publisher = walletPublisher(signer) }: Speaker): PublisherId {
  return publisher;
}

function keyOf({ repository, tag = 'latest' }: ImageReference, publisher: PublisherId): WrittenKey {
  return writtenKey({ publisher, repository, tag });
}

function distinct(references: readonly ImageReference[]): readonly ImageReference[] {
  return [...new Map(references.map((reference) => [formatReference(reference), reference])).values()];
}

/** `ledgerInconsistent` where what was read of it is not what the contract holds: it would be signed over blindly. */
function historyOf(
  { index }: Ledger,
  { repository, tag = 'latest' }: ImageReference,
  publisher: PublisherId,
): History | undefined {
  const view = index.view();
  if (view.state !== 'complete' || view.keyState(publisher, repository, tag) === 'incomplete') {
    throw new DaoChainError('ledgerInconsistent', 'The history of this tag does not fit the ledger');
  }
  return view.historiesOf(repository, tag).find((each) => each.publisher === publisher);
}

function entryOf(
  { repository, tag = 'latest' }: ImageReference,
  history: History | undefined,
  kind: EntryKind,
  body: Hex,
  { validUntil = 0, ...speaker }: PlanOptions,
): Entry {
  return {
    publisher: publisherOf(speaker),
    previous: history === undefined ? unusedLink : firstHalf(history.word),
    ...{ kind, validUntil, repository, tag, body },
  };
}

function isStated({ platform, configDigest }: ImageIdentity, { leaves }: Statement): boolean {
  return leaves.some((leaf) => leaf.configDigest === configDigest && samePlatform(leaf.platform, platform));
}

function shownBy(
  { digest, isIndex, images }: RegistryImage,
  isExpected: boolean,
  unstated: readonly Platform[] = [],
): PlannedFromRegistry {
  return { digest, isExpected, isIndex, platforms: images.map(({ platform }) => platform), unstated };
}

function imageChanged(reference: ImageReference, message: string): DaoChainError {
  return new DaoChainError('imageChanged', message, { details: { image: reference.text } });
}

function nothingStated(reference: ImageReference): DaoChainError {
  return new DaoChainError('statementNotFound', 'No statement of the signer stands under this name', {
    details: { image: formatReference(reference) },
  });
}
