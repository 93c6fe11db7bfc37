import { Emitter } from '../core/emitter';
import { DaoChainError, isDaoChainError, throwIfCancelled } from '../core/errors';
import type { Address, Hex, Hex16, Hex32 } from '../core/hex';
import { toHex, walletPublisher } from '../core/hex';
import type { Digest } from '../core/image/digest';
import { isDigest } from '../core/image/digest';
import { differences } from '../core/image/equivalence';
import type { ImageIdentity } from '../core/image/identity';
import type { ImageReference } from '../core/image/reference';
import { formatReference, parseReference, withDefaultTag } from '../core/image/reference';
import { firstHalf, linkKey, nameHash } from '../core/ledger/link';
import { leafOf, nextRelease } from '../core/ledger/release';
import { encodeStatement, platformText } from '../core/ledger/statement';
import type { Entry, History, Leaf } from '../core/ledger/types';
import { ledgerKey } from '../core/ledger/types';
import type {
  BlockHeader,
  ContainerEngine,
  Disposable,
  Event,
  FeeEstimate,
  FileStore,
  Log,
  TransactionSigner,
} from '../core/ports';
import { confirmationsAt } from '../core/trust/confirmations';
import type { Ledger, LedgerSource } from './ledger';
import type { PendingTransaction } from './pendingTransactions';
import { PendingTransactions } from './pendingTransactions';
import type { SignedContents } from './signedContents';
import type { PlannedImage, SigningOutcome, SigningPlan, SigningProgress } from './signingTypes';

export interface PlanOptions {
  readonly signer: Address;
  /** Unix seconds; 0 for no end. */
  readonly validUntil?: number;
  /** Signs the platform that is here alone and drops the release's other platforms. */
  readonly alone?: boolean;
  /** Signs what is already signed with the same content once more. */
  readonly again?: boolean;
}

interface SigningPorts {
  readonly engine: ContainerEngine;
  readonly ledgers: LedgerSource;
  readonly files: FileStore;
  readonly contents: SignedContents;
  readonly log: Log;
}

/** A transaction on its way. */
interface Followed {
  readonly progress: Emitter<SigningProgress>;
  /** `waiting` when the service ends before it is final. `staleLink`, `transactionDropped`. */
  readonly end: Promise<SigningOutcome['state']>;
}

const unusedLink: Hex16 = `0x${'0'.repeat(32)}`;

/**
 * Signs local images onto the ledger. A plan is made and shown first; nothing is sent before `execute`. A transaction is
 * written to disk before it is sent, and from then on it is on its way: whatever happens to the node, this window or the
 * waiting, it is sent and followed until it is final. Since each entry names the link that it follows, sending it again
 * can never sign twice.
 */
export class SigningService implements Disposable {
  readonly #lost = new Emitter<DaoChainError>();
  readonly #pending: PendingTransactions;
  /** Each transaction is followed once, however many wait for it. */
  readonly #followed = new Map<Hex32, Followed>();
  readonly #ended = new AbortController();

  constructor(private readonly ports: SigningPorts) {
    this.#pending = new PendingTransactions(ports.files, ports.log);
  }

  /** A signature that nobody waits for will never be written: `staleLink`, `transactionDropped`. */
  get onDidLose(): Event<DaoChainError> {
    return this.#lost.event;
  }

  /** What is on its way stays on disk, for `resume` in another window or at the next start. */
  dispose(): void {
    this.#ended.abort();
  }

  /**
   * Reads the images' own config bytes and the publisher's histories, and prices the transaction. `names` are references
   * with a tag. `imageNotFound`, `imageMalformed`, `imageWithoutName`, `signatureOnItsWay`, `ledgerInconsistent`,
   * `staleLink`, `signerNotAllowed`.
   */
  async plan(
    names: readonly string[],
    options: PlanOptions,
    signal: AbortSignal,
    onProgress?: (done: number, of: number) => void,
  ): Promise<SigningPlan> {
    const { signer } = options;
    const ledger = await this.ports.ledgers.open();
    const references = distinct(names.map(signableReference));
    await this.refuseWhatIsOnItsWay(
      ledger,
      references.map((reference) => entryNames(reference, signer)),
      signal,
    );
    ledger.index.use(references.map((reference) => entryNames(reference, signer)));
    await ledger.index.sync(signal);
    const images: PlannedImage[] = [];
    for (const reference of references) {
      onProgress?.(images.length, references.length);
      // By ID, because the tag could move in between.
      const { id } = await this.ports.engine.inspect(reference.text, signal);
      const identity = await this.ports.engine.readIdentity(id, signal);
      images.push(await this.planImage(ledger, reference, id, identity, options));
    }
    onProgress?.(images.length, references.length);
    const entries = images
      .filter(({ change }) => options.again === true || change.type !== 'same')
      .map(({ entry }) => entry);
    const fee = await this.price(ledger, entries, signer, signal);
    return {
      ledger: ledger.writer.ledger,
      ledgerKind: ledger.kind,
      signer,
      images,
      entries,
      fee,
      missing: fee.cost > fee.balance ? fee.cost - fee.balance : 0n,
    };
  }

  /**
   * Sends what `plan` showed and waits until it is final. Cancelling before it is sent sends nothing; afterwards it only
   * ends the waiting. `imageChanged` when a tag has moved since the plan, `staleLink` when another machine was faster.
   */
  async execute(
    plan: SigningPlan,
    signer: TransactionSigner,
    signal: AbortSignal,
    onProgress: (progress: SigningProgress) => void,
  ): Promise<SigningOutcome> {
    const ledger = await this.ports.ledgers.open();
    if (ledgerKey(ledger.writer.ledger) !== ledgerKey(plan.ledger) || signer.address !== plan.signer) {
      throw new DaoChainError('invalidInput', 'The plan was made for another ledger or wallet');
    }
    const images = plan.images.filter(({ entry }) => plan.entries.includes(entry));
    if (images.length === 0) throw new DaoChainError('invalidInput', 'The plan has nothing to sign');
    const entries = images.map(({ reference }) => entryNames(reference, plan.signer));
    await this.refuseWhatIsOnItsWay(ledger, entries, signal);
    for (const { reference, imageId } of images) {
      const { id } = await this.ports.engine.inspect(reference.text, signal);
      if (id !== imageId) {
        throw new DaoChainError('imageChanged', 'The tag has moved', { details: { image: reference.text } });
      }
    }
    const now = await ledger.writer.estimate(plan.entries, plan.signer, signal);
    // Never more than the person agreed to; that has room for a base fee twice as high as it was then.
    const fee = now.cost > plan.fee.cost ? plan.fee : now;
    if (fee.cost > now.balance) {
      throw new DaoChainError('insufficientFunds', 'The balance does not pay for the signature', {
        details: {
          missing: (fee.cost - now.balance).toString(),
          balance: now.balance.toString(),
          cost: fee.cost.toString(),
        },
      });
    }
    const transaction = await ledger.writer.prepare(plan.entries, fee, signer, signal);
    throwIfCancelled(signal);
    const pending: PendingTransaction = { ...transaction, ledger: ledgerKey(plan.ledger), entries };
    await this.#pending.add(pending);
    await this.send(ledger, pending).catch(this.whenNotRefused);
    onProgress({ stage: 'broadcast', transaction: pending.hash });
    return this.wait(ledger, pending, signal, onProgress);
  }

  /**
   * Takes up what an earlier window or a killed node left, and waits until it is final; cancelling only ends the waiting.
   * What was written to disk and perhaps never sent is sent now: its person had confirmed it, and was told that it is on
   * its way.
   */
  async resume(signal: AbortSignal): Promise<void> {
    const ledger = await this.ports.ledgers.open();
    const pending = await this.#pending.of(ledgerKey(ledger.writer.ledger));
    await Promise.allSettled(pending.map((each) => this.wait(ledger, each, signal)));
  }

  // --- planning ---------------------------------------------------------------------------------------------------

  /** Mined but not final is no obstacle: the next entry follows its first half, which no reorg changes. */
  private async refuseWhatIsOnItsWay(
    ledger: Ledger,
    wanted: readonly EntryNames[],
    signal: AbortSignal,
  ): Promise<void> {
    const keys = new Set(wanted.map(({ key }) => key));
    for (const { hash, entries } of await this.#pending.of(ledgerKey(ledger.writer.ledger))) {
      const entry = entries.find(({ key }) => keys.has(key));
      if (entry === undefined) continue;
      const { state } = await ledger.writer.status(hash, signal);
      if (state === 'mined' || state === 'failed') continue;
      throw new DaoChainError('signatureOnItsWay', 'A signature of this tag is on its way', {
        details: { image: formatReference(entry) },
      });
    }
  }

  private async planImage(
    ledger: Ledger,
    reference: ImageReference,
    imageId: Digest,
    identity: ImageIdentity,
    options: PlanOptions,
  ): Promise<PlannedImage> {
    const { key } = entryNames(reference, options.signer);
    const history = historyOf(ledger, reference, options.signer);
    const leaf = leafOf(identity);
    const release = nextRelease(history, leaf, options.alone);
    await this.ports.contents.remember(identity);
    return {
      reference,
      imageId,
      platform: platformText(leaf.platform),
      configDigest: leaf.configDigest,
      statement: release.statement,
      entry: entryOf(reference, history, toHex(encodeStatement(release.statement)), options),
      key,
      change:
        release.change === 'changed'
          ? { type: 'changed', differences: await this.changesSince(release.before, identity) }
          : { type: release.change },
    };
  }

  /** Names what changed where the content signed before is known here; otherwise only that it did. */
  private async changesSince(before: Leaf | undefined, identity: ImageIdentity): Promise<readonly string[]> {
    const content = before && (await this.ports.contents.recall(before));
    return content === undefined ? [] : differences(content, identity.content);
  }

  private async price(
    { writer }: Ledger,
    entries: readonly Entry[],
    signer: Address,
    signal: AbortSignal,
  ): Promise<FeeEstimate> {
    if (entries.length > 0) return writer.estimate(entries, signer, signal);
    return { gas: 0n, gasPrice: 0n, cost: 0n, balance: await writer.balance(signer, signal) };
  }

  // --- on the way -------------------------------------------------------------------------------------------------

  /** `transactionRejected` is the node's clear no: nothing is on its way. After a lost answer it is, as far as one knows. */
  private async send(ledger: Ledger, pending: PendingTransaction): Promise<void> {
    try {
      await ledger.writer.broadcast(pending, this.#ended.signal);
    } catch (error) {
      if (isDaoChainError(error, 'transactionRejected')) await this.#pending.remove(pending.hash);
      throw error;
    }
  }

  private readonly whenNotRefused = (error: unknown): void => {
    if (isDaoChainError(error, 'transactionRejected')) throw error;
    this.ports.log.warn(`Nobody knows whether the transaction was sent; it will be again: ${String(error)}`);
  };

  private async wait(
    ledger: Ledger,
    pending: PendingTransaction,
    signal: AbortSignal,
    onProgress?: (progress: SigningProgress) => void,
  ): Promise<SigningOutcome> {
    const { progress, end } = this.follow(ledger, pending);
    const listening = onProgress && progress.event(onProgress);
    let leave = (): void => undefined;
    const left = new Promise<'waiting'>((resolve) => {
      leave = () => {
        resolve('waiting');
      };
    });
    signal.addEventListener('abort', leave);
    if (signal.aborted) leave();
    try {
      return { transaction: pending.hash, state: await Promise.race([end, left]) };
    } finally {
      signal.removeEventListener('abort', leave);
      listening?.dispose();
    }
  }

  private follow(ledger: Ledger, pending: PendingTransaction): Followed {
    const known = this.#followed.get(pending.hash);
    if (known !== undefined) return known;
    const progress = new Emitter<SigningProgress>();
    const end = this.untilFinal(ledger, pending, progress).finally(() => this.#followed.delete(pending.hash));
    end.catch((error: unknown) => {
      if (progress.hasListeners) return;
      this.ports.log.warn(`Transaction ${pending.hash} is not followed any more: ${String(error)}`);
      if (isDaoChainError(error, 'staleLink', 'transactionDropped')) this.#lost.fire(error);
    });
    this.#followed.set(pending.hash, { progress, end });
    return { progress, end };
  }

  /** Block by block, until the transaction is as deep as it has to be; sends it again where the node does not have it. */
  private async untilFinal(
    ledger: Ledger,
    pending: PendingTransaction,
    progress: Emitter<SigningProgress>,
  ): Promise<SigningOutcome['state']> {
    const { hash: transaction } = pending;
    const needed = ledger.index.confirmations;
    let minedIn: number | undefined;
    for await (const head of headsOf(ledger, this.#ended.signal)) {
      try {
        const status = await ledger.writer.status(transaction, this.#ended.signal);
        if (status.state === 'failed') {
          await this.#pending.remove(transaction);
          throw new DaoChainError('staleLink', 'Another signature of this tag came first');
        }
        if (status.state !== 'mined') {
          minedIn = undefined;
          if (status.state === 'absent') await this.sendAgain(ledger, pending);
          continue;
        }
        const { block } = status;
        if (minedIn !== block) progress.fire({ stage: 'mined', transaction, block });
        minedIn = block;
        const confirmations = Math.min(confirmationsAt(head.number, block), needed);
        progress.fire({ stage: 'confirming', transaction, confirmations, needed });
        if (confirmations < needed) continue;
        await this.#pending.remove(transaction);
        progress.fire({ stage: 'final', transaction, block });
        return 'final';
      } catch (error) {
        // A node that went away is asked again at the next block.
        if (!isDaoChainError(error, 'nodeUnavailable', 'cancelled')) throw error;
      }
    }
    return 'waiting';
  }

  private async sendAgain(ledger: Ledger, pending: PendingTransaction): Promise<void> {
    try {
      await this.send(ledger, pending);
    } catch (cause) {
      if (!isDaoChainError(cause, 'transactionRejected')) throw cause;
      throw new DaoChainError('transactionDropped', 'The transaction is gone and cannot be sent again', { cause });
    }
  }
}

/** The reference that an entry names: a tag is needed, and a digest says nothing that the ledger could look up. */
function signableReference(name: string): ImageReference {
  const reference = isDigest(name) ? undefined : withDefaultTag(parseReference(name));
  if (reference === undefined || reference.digest !== undefined) {
    throw new DaoChainError('imageWithoutName', 'Only an image with a tag can be signed', { details: { image: name } });
  }
  return reference;
}

/** What an entry writes to. */
type EntryNames = PendingTransaction['entries'][number];

function entryNames({ repository, tag = 'latest' }: ImageReference, signer: Address): EntryNames {
  return { key: linkKey(walletPublisher(signer), nameHash(repository, tag)), repository, tag };
}

function distinct(references: readonly ImageReference[]): readonly ImageReference[] {
  return [...new Map(references.map((reference) => [formatReference(reference), reference])).values()];
}

/** `ledgerInconsistent` where what was read of it is not what the contract holds: it would be signed over blindly. */
function historyOf(
  { index }: Ledger,
  { repository, tag = 'latest' }: ImageReference,
  signer: Address,
): History | undefined {
  const publisher = walletPublisher(signer);
  const view = index.view();
  if (view.state !== 'complete' || view.keyState(publisher, repository, tag) === 'incomplete') {
    throw new DaoChainError('ledgerInconsistent', 'The history of this tag does not fit the ledger');
  }
  return view.historiesOf(repository, tag).find((each) => each.publisher === publisher);
}

function entryOf(reference: ImageReference, history: History | undefined, body: Hex, options: PlanOptions): Entry {
  return {
    publisher: walletPublisher(options.signer),
    previous: history === undefined ? unusedLink : firstHalf(history.word),
    kind: 'publish',
    validUntil: options.validUntil ?? 0,
    repository: reference.repository,
    tag: reference.tag ?? 'latest',
    body,
  };
}

/** The newest block now, then each one that the node pushes, until cancelled. */
async function* headsOf(ledger: Ledger, signal: AbortSignal): AsyncGenerator<BlockHeader> {
  let wake: (() => void) | undefined;
  let latest: BlockHeader | undefined;
  const arrived = (head: BlockHeader | undefined): void => {
    latest = head ?? latest;
    wake?.();
  };
  const listening = ledger.reader.onHead(arrived);
  const onAbort = (): void => {
    arrived(undefined);
  };
  signal.addEventListener('abort', onAbort);
  try {
    const newest = await ledger.reader.head(signal).catch(() => undefined);
    latest ??= newest;
    while (!signal.aborted) {
      const head = latest;
      latest = undefined;
      if (head === undefined) await new Promise<void>((resolve) => (wake = resolve));
      else yield head;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    listening.dispose();
  }
}
