import { DaoChainError, isDaoChainError, throwIfCancelled } from '../../core/errors';
import type { Address, Hex, Hex20, Hex32 } from '../../core/hex';
import { publisherWallet, toHex, walletPublisher } from '../../core/hex';
import type { Digest } from '../../core/image/digest';
import { differences } from '../../core/image/equivalence';
import type { ImageIdentity, Platform } from '../../core/image/identity';
import { samePlatform } from '../../core/image/platform';
import type { ImageReference } from '../../core/image/reference';
import { formatReference } from '../../core/image/reference';
import { contentLeaf } from '../../core/ledger/carried';
import type { ContentHashes } from '../../core/ledger/contentName';
import { contentName, distinctContents, oncePerContent } from '../../core/ledger/contentName';
import { linkContent } from '../../core/ledger/link';
import type { NextRelease, PublisherRecord, StatementKind } from '../../core/ledger/release';
import {
  completedRelease,
  leafOf,
  newestRelease,
  nextRelease,
  pushedRelease,
  Standing,
  statedBy,
  statesAny,
} from '../../core/ledger/release';
import { encodeRevocation, isForEveryName } from '../../core/ledger/revocation';
import { outsideOf, type SignerScope } from '../../core/ledger/signerScope';
import { signerFault, type SignerFault } from '../../core/ledger/signerStanding';
import { encodeStatement, platformText } from '../../core/ledger/statement';
import type {
  Attestation,
  Entry,
  EntryKind,
  History,
  Leaf,
  PublisherId,
  RevocationReason,
  Statement,
} from '../../core/ledger/types';
import type { Ledger, LedgerSource } from '../ledger/ledger';
import type { WrittenKey } from '../transactions/pendingTransactions';
import { PublisherWords, readWords } from '../ledger/publisherWords';
import { digestedReference, signableReference } from './signableReference';
import type { SignedContents } from '../judging/signedContents';
import type {
  ContentEntry,
  PlannedEntry,
  PlannedFromRegistry,
  PlannedImage,
  PlannedVouch,
  RevocationPlan,
  SigningPlan,
  SkippedImage,
} from '../../core/plans/signingPlan';
import type { Transactions } from '../transactions/transactions';
import { writtenKey } from '../transactions/transactions';
import type { TransactionOutcome, TransactionProgress } from '../../core/plans/transactionPlan';
import type { ImageName } from '../../core/image/imageNames';
import type { Clock } from '../../core/ports/clock';
import type { ContainerEngine } from '../../core/ports/engine';
import type { ContainerRegistry, RegistryImage } from '../../core/ports/registry';
import type { TransactionSigner } from '../../core/ports/ledger';

/** In whose name a wallet signs. */
export interface SpeakerOptions {
  readonly signer: Address;
  /** An organization that the wallet is a signer of; the wallet itself unless given. */
  readonly publisher?: PublisherId | undefined;
  /** For a signing request: whoever will sign it is asked then, and nothing is priced. */
  readonly asRequest?: boolean;
}

export interface PlanOptions extends SpeakerOptions {
  /** Unix seconds; 0 for no end. Where a release is completed it keeps its own unless given. */
  readonly validUntil?: number;
  /** Signs what is there alone and drops the release's other platforms. */
  readonly alone?: boolean;
  /** Signs what is already signed with the same content once more. */
  readonly again?: boolean;
}

export interface RevocationOptions extends SpeakerOptions {
  readonly reason: RevocationReason;
  /** At most 512 bytes in UTF-8. Everybody can read it, for ever. */
  readonly note: string;
  /** Hash or position of the statement; the newest one that stands unless given. */
  readonly statement?: Hex32 | number | undefined;
}

/** An image that somebody vouches for, as it was read and judged. */
export interface VouchSubject {
  /** With a tag and without a digest. */
  readonly reference: ImageReference;
  /** One, or those that an engine could choose for the platform. */
  readonly identities: readonly ImageIdentity[];
  readonly imageId?: Digest | undefined;
  readonly registry?: PlannedFromRegistry | undefined;
  readonly vouch: PlannedVouch;
}

interface SigningPorts {
  readonly engine: ContainerEngine;
  readonly registry: ContainerRegistry;
  readonly ledgers: LedgerSource;
  readonly transactions: Transactions;
  readonly contents: SignedContents;
  readonly clock: Clock;
}

/** The ledger as a plan finds it, and in whose name the plan speaks. */
interface Ground {
  readonly ledger: Ledger;
  readonly asRequest: boolean;
  readonly speaker: { readonly signer: Address; readonly publisher: PublisherId; readonly publisherName?: string };
  /** What the signer signs for; of a request nobody knows yet. */
  readonly scope: SignerScope;
  readonly words: PublisherWords;
  /** From then on `words` answer for these contents, too. */
  readonly read: (contents: readonly ContentHashes[]) => Promise<void>;
  /** What was said under a name, and whether of that, and of `mine`, something was taken back under every name. */
  readonly record: (
    reference: ImageReference,
    kind: StatementKind,
    mine?: readonly ContentHashes[],
  ) => Promise<PublisherRecord>;
}

const unusedLink: Hex20 = `0x${'0'.repeat(40)}`;

/**
 * Writes to the ledger what a publisher says about images. A plan is made and shown first; nothing is sent before `execute`.
 * Where a plan was overtaken (`staleLink`), the same plan is made again and takes in what was signed meanwhile.
 */
export class SigningService {
  constructor(private readonly ports: SigningPorts) {}

  /**
   * Signs images of the engine. Reads their own config bytes and the publisher's histories, and prices the transaction.
   * `names` are references with a tag. Of several, those that cannot be signed are skipped, as long as one is left.
   * `imageNotFound`, `imageMalformed`, `imageWithoutName`, `signatureOnItsWay`, `ledgerInconsistent`, `staleLink`,
   * `signerNotAllowed`, `organizationNotFound`.
   */
  async plan(
    names: readonly string[],
    options: PlanOptions,
    signal: AbortSignal,
    onProgress?: (done: number, of: number) => void,
  ): Promise<SigningPlan> {
    const skipped: SkippedImage[] = [];
    const references = distinct(await sift(names, skipped, signal, (name) => [signableReference(name)]));
    const ground = await this.open(references, options, 'publish', signal);
    let done = 0;
    const images = await sift(references, skipped, signal, async (reference): Promise<readonly PlannedImage[]> => {
      onProgress?.(done++, references.length);
      refuseOutside(ground, [reference]);
      // By ID, because the tag could move in between.
      const { id } = await this.ports.engine.inspect(reference.text, signal);
      const identity = await this.ports.engine.readIdentity(id, signal);
      const record = await ground.record(reference, 'publish', [identity]);
      const release = nextRelease(record, [leafOf(identity)], options.alone);
      return [{ imageId: id, ...(await this.planImage(ground, reference, record, [identity], release, options)) }];
    });
    onProgress?.(references.length, references.length);
    return { ...(await this.priceImages(ground, images, options, signal)), skipped };
  }

  /**
   * Signs what a registry has under a name: an index with all its images as one release, or one image. Nothing of it need
   * be here. Nobody has seen the layers, so a person has to know the digest: by `name`, which can have the one that was
   * pushed, or by looking at the plan. Rejects as {@link plan} and the registry do, and with `imageChanged` where the
   * registry shows another digest than the name.
   */
  async planFromRegistry(name: string, options: PlanOptions, signal: AbortSignal): Promise<SigningPlan> {
    const { reference, expected } = digestedReference(name);
    const ground = await this.open([reference], options, 'publish', signal);
    refuseOutside(ground, [reference]);
    const pushed = await this.readRegistry(reference, expected, signal);
    const record = await ground.record(reference, 'publish', pushed.images);
    const release = pushedRelease(record, pushed, options.alone);
    const image = await this.planImage(ground, reference, record, pushed.images, release, options);
    const registry = shownBy(pushed, await this.isExpected(reference, pushed, expected, signal));
    return this.priceImages(ground, [{ ...image, registry }], options, signal);
  }

  /**
   * Adds to the current release the digests that a registry has it under. Nothing else changes: no content, no platform,
   * no validity. `name` can have the digest that was pushed. Rejects as {@link planFromRegistry} does, with
   * `statementNotFound` where there is no release, and with `registryDiffers` where the registry shows something else.
   */
  async planCompletion(name: string, options: PlanOptions, signal: AbortSignal): Promise<SigningPlan> {
    const { reference, expected } = digestedReference(name);
    const ground = await this.open([reference], options, 'publish', signal);
    refuseOutside(ground, [reference]);
    const record = await ground.record(reference, 'publish');
    const newest = newestRelease(record);
    if (newest === undefined) throw nothingStated(reference);
    const pushed = await this.readRegistry(reference, expected, signal);
    const completed = completedRelease(record, pushed);
    if (completed === undefined) throw nothingStated(reference);
    const release = { ...completed, before: [] };
    const validity = { validUntil: newest.validUntil, ...options };
    const image = await this.planImage(ground, reference, record, pushed.images, release, validity);
    const isExpected = await this.isExpected(reference, pushed, expected, signal);
    const registry = shownBy(pushed, isExpected, completed.unstated);
    return this.priceImages(ground, [{ ...image, registry }], options, signal);
  }

  /**
   * Says of somebody else's image that the publisher has checked this content, and no other of the tag. Other platforms that
   * were vouched for stay. `signatureOnItsWay`, `ledgerInconsistent`, `staleLink`, `signerNotAllowed`, `organizationNotFound`.
   */
  async planVouch(
    { reference, identities, imageId, registry, vouch }: VouchSubject,
    options: PlanOptions,
    signal: AbortSignal,
  ): Promise<SigningPlan> {
    const ground = await this.open([reference], options, 'vouch', signal);
    refuseOutside(ground, [reference]);
    const images = { isIndex: false, images: identities } as const;
    const record = await ground.record(reference, 'vouch', identities);
    const release = pushedRelease(record, images, options.alone);
    const image = await this.planImage(ground, reference, record, identities, release, options);
    const planned = { ...image, ...(imageId && { imageId }), ...(registry && { registry }), vouch };
    return this.priceImages(ground, [planned], options, signal);
  }

  /**
   * Takes a statement of the publisher back, whoever signed it, and with it the content that it states, whatever else
   * states it; for a reason that is about the content, under every name that the publisher gives it. `imageWithoutName`, `statementNotFound`, `statementInvalid` for a note that is too long,
   * `signatureOnItsWay`, `ledgerInconsistent`, `staleLink`, `signerNotAllowed`, `organizationNotFound`.
   */
  async planRevocation(name: string, options: RevocationOptions, signal: AbortSignal): Promise<RevocationPlan> {
    const { reason, note, statement } = options;
    const reference = signableReference(name);
    const ground = await this.open([reference], options, 'revoke', signal);
    refuseOutside(ground, [reference]);
    const record = await ground.record(reference, 'publish');
    const { history, isVoid } = record;
    const standing = history && new Standing(history, isVoid);
    const attestation = standing?.revocable(statement);
    if (history === undefined || standing === undefined || attestation === undefined) throw nothingStated(reference);
    const voided = standing.leavesOf(attestation);
    const affected = history.attestations.filter((each) => each === attestation || statesAny(each, voided));
    const revocation = { statementHash: attestation.statementHash, reason, note };
    const body = toHex(encodeRevocation(revocation));
    const entry = entryOf(ground, nameOf(reference), history, 'revoke', body);
    const everywhere = isForEveryName(reason) ? await this.takeBack(ground, attestation, body, signal) : [];
    const { key } = keyOf(reference, ground.speaker.publisher);
    const images = [{ reference, key, entry, attestation, revocation, voided, affected, everywhere }];
    const entries = [entry, ...everywhere.map((each) => each.entry)];
    return { images, ...(await this.price(ground, entries, signal)) };
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

  /** The ledger with all that it says about these names now; refuses whoever it would not take such an entry from. */
  private async open(
    references: readonly ImageReference[],
    { signer, publisher = walletPublisher(signer), asRequest = false }: SpeakerOptions,
    kind: EntryKind,
    signal: AbortSignal,
  ): Promise<Ground> {
    const ledger = await this.ports.ledgers.open();
    const { index } = ledger;
    const keys = references.map((reference) => keyOf(reference, publisher));
    await this.ports.transactions.refuseIfOnItsWay(ledger, keys, signal);
    await readWords(
      index,
      publisher,
      keys.map((key) => ({ ...key, kind })),
      [],
      signal,
    );
    const { publisherName, scope } = await this.requireSigner(ledger, { signer, publisher, asRequest }, kind, signal);
    const words = new PublisherWords(publisher, () => index.view());
    return {
      ledger,
      asRequest,
      words,
      scope,
      read: (contents) => readWords(index, publisher, [], contents, signal),
      speaker: { signer, publisher, ...(publisherName !== undefined && { publisherName }) },
      record: async (reference, kind, mine = []) => {
        const name = nameOf(reference);
        await readWords(index, publisher, [{ ...name, kind }], mine, signal);
        return words.record(name, kind);
      },
    };
  }

  /** Entries that take the content of a statement back under every name, as far as it is not yet. */
  private async takeBack(
    ground: Ground,
    attestation: Attestation,
    body: Hex,
    signal: AbortSignal,
  ): Promise<readonly ContentEntry[]> {
    await ground.read(statedBy(attestation));
    const entries = distinctContents(statedBy(attestation))
      .filter((leaf) => !ground.words.isTakenBack(leaf))
      .map((leaf) => contentEntry(ground, leaf, 'revoke', body));
    refuseOutside(
      ground,
      entries.map(({ entry }) => entry),
    );
    await this.ports.transactions.refuseIfOnItsWay(
      ground.ledger,
      entries.map(({ entry }) => writtenKey(entry)),
      signal,
    );
    return entries;
  }

  /** The organization's name, and for what the signer signs. Asks before anything is read or shown, so that a person is told why. */
  private async requireSigner(
    { index, reader, organizations }: Ledger,
    { signer, publisher, asRequest }: Required<SpeakerOptions> & { readonly publisher: PublisherId },
    kind: EntryKind,
    signal: AbortSignal,
  ): Promise<{ readonly publisherName: string | undefined; readonly scope: SignerScope }> {
    const { head } = index.view();
    if (head === undefined) return { publisherName: undefined, scope: null };
    const isWallet = publisherWallet(publisher) !== undefined;
    const [{ slots }, [organization]] = await Promise.all([
      reader.state({ keys: [], signers: [{ publisher, signer }] }, head.hash, signal),
      isWallet ? [] : organizations.read([publisher], signal),
    ]);
    if (!isWallet && organization === undefined) {
      throw new DaoChainError('organizationNotFound', 'No such organization', { details: { id: publisher } });
    }
    const publisherName = organization?.name;
    if (asRequest) return { publisherName, scope: null };
    const [slot] = slots;
    if (slot === undefined) throw new DaoChainError('ledgerInconsistent', 'The slot of the signer was not read');
    // The next block is no older than the head, and hardly younger than now.
    const isRetired = slot.notAfter !== 0 && slot.notAfter * 1000 < this.ports.clock();
    const time = isRetired ? Math.max(head.time, slot.notAfter + 1) : head.time;
    const reason = signerFault(publisher, signer, slot, [{ kind }], time);
    if (reason === undefined) {
      const [scope = null] = slot.isScoped ? await organizations.scopesOf([{ publisher, signer }], signal) : [''];
      return { publisherName, scope };
    }
    const { notBefore, notAfter } = slot;
    throw new DaoChainError('signerNotAllowed', `The signer is refused: ${reason}`, {
      details: {
        reason,
        publisher,
        signer,
        notBefore: String(notBefore),
        notAfter: String(notAfter),
        ...(organization && { name: organization.name }),
      },
    });
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
    ground: Ground,
    reference: ImageReference,
    { history, kind, isTakenBackEverywhere: isTakenBack }: PublisherRecord,
    identities: readonly ImageIdentity[],
    { statement, change, before }: NextRelease,
    { validUntil = 0 }: Pick<PlanOptions, 'validUntil'>,
  ): Promise<PlannedImage> {
    const stated = identities.filter((identity) => isStated(identity, statement));
    const [first] = stated.map(leafOf);
    if (first === undefined) throw new RangeError('a plan has an image');
    for (const identity of stated) await this.ports.contents.remember(identity);
    // It says of what the content is that it is valid, and nothing of how long under which name.
    const lifted = distinctContents(stated.map(leafOf))
      .filter(isTakenBack)
      .map((leaf) => contentEntry(ground, leaf, kind, toHex(encodeStatement({ leaves: [contentLeaf(leaf)] }))));
    refuseOutside(
      ground,
      lifted.map(({ entry }) => entry),
    );
    return {
      reference,
      platform: stated.map(({ platform }) => platformText(platform)).join(', '),
      configDigest: first.configDigest,
      statement,
      entry: entryOf(ground, nameOf(reference), history, kind, toHex(encodeStatement(statement)), validUntil),
      key: keyOf(reference, ground.speaker.publisher).key,
      change:
        change === 'changed'
          ? { type: 'changed', differences: await this.changesSince(before, stated) }
          : { type: change },
      lifted,
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
    ground: Ground,
    images: readonly PlannedImage[],
    { again = false }: PlanOptions,
    signal: AbortSignal,
  ): Promise<SigningPlan> {
    const signed = images.filter(({ change }) => again || change.type !== 'same');
    const lifted = signed.flatMap((image) => image.lifted);
    const entries = oncePerContent([...signed, ...lifted].map(({ entry }) => entry));
    return { images, skipped: [], ...(await this.price(ground, entries, signal)) };
  }

  private async price(
    { ledger, asRequest, speaker: { signer, ...speaker } }: Ground,
    entries: readonly Entry[],
    signal: AbortSignal,
  ): Promise<Omit<SigningPlan, 'images' | 'skipped'>> {
    const call = entries.length === 0 || asRequest ? undefined : ({ type: 'attest', entries } as const);
    return { ...speaker, entries, ...(await this.ports.transactions.plan(ledger, call, signer, signal)) };
  }
}

const outsideScope = 'outsideScope' satisfies SignerFault;

/** `signerNotAllowed` for the first name that the signer's scope leaves out; the ledger would refuse all of a transaction with it. */
function refuseOutside({ scope, speaker }: Ground, names: readonly { readonly repository: string }[]): void {
  const outside = outsideOf(scope, names);
  if (scope === null || outside === undefined) return;
  const { publisher, signer } = speaker;
  throw new DaoChainError('signerNotAllowed', 'The signer does not sign for this repository', {
    details: { ...{ reason: outsideScope, publisher, signer, scope }, repository: outside.repository },
  });
}

/** What keeps one image from being signed, and not the others. */
const ownProblems = [
  'referenceInvalid',
  'imageWithoutName',
  'imageNotFound',
  'imageMalformed',
  'engineFailed',
  'statementInvalid',
] as const;

function isOutside(error: unknown): error is DaoChainError {
  return isDaoChainError(error, 'signerNotAllowed') && error.details['reason'] === outsideScope;
}

/** What comes of each; those that have a problem of their own are set aside, unless nothing else is left. */
async function sift<T extends string | ImageReference, R>(
  items: readonly T[],
  skipped: SkippedImage[],
  signal: AbortSignal,
  step: (item: T) => readonly R[] | Promise<readonly R[]>,
): Promise<readonly R[]> {
  const results: R[] = [];
  for (const item of items) {
    try {
      results.push(...(await step(item)));
    } catch (error) {
      throwIfCancelled(signal);
      if (!isDaoChainError(error, ...ownProblems) && !isOutside(error)) throw error;
      skipped.push({ name: typeof item === 'string' ? item : item.text, error });
    }
  }
  const [first] = skipped;
  if (results.length === 0 && first !== undefined) throw first.error;
  return results;
}

function keyOf(reference: ImageReference, publisher: PublisherId): WrittenKey {
  return writtenKey({ publisher, ...nameOf(reference) });
}

function distinct(references: readonly ImageReference[]): readonly ImageReference[] {
  return [...new Map(references.map((reference) => [formatReference(reference), reference])).values()];
}

function nameOf({ repository, tag = 'latest' }: ImageReference): ImageName {
  return { repository, tag };
}

function entryOf(
  { speaker: { publisher } }: Ground,
  { repository, tag }: ImageName,
  history: History | undefined,
  kind: EntryKind,
  body: Hex,
  validUntil = 0,
): Entry {
  const previous = history === undefined ? unusedLink : linkContent(history.word);
  return { publisher, previous, kind, validUntil, repository, tag, body };
}

function contentEntry(ground: Ground, leaf: Leaf, kind: EntryKind, body: Hex): ContentEntry {
  const name = contentName(leaf);
  return { leaf, entry: entryOf(ground, name, ground.words.historyOf(name), kind, body) };
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
  return new DaoChainError('statementNotFound', 'No statement of the publisher stands under this name', {
    details: { image: formatReference(reference) },
  });
}
