import { DaoChainError, isDaoChainError, throwIfCancelled } from '../core/errors';
import type { Address, Hex, Hex16, Hex32 } from '../core/hex';
import { toHex, walletPublisher } from '../core/hex';
import type { Digest } from '../core/image/digest';
import { differences } from '../core/image/equivalence';
import type { ImageIdentity } from '../core/image/identity';
import type { ImageReference } from '../core/image/reference';
import { parseReference, withDefaultTag } from '../core/image/reference';
import { firstHalf, linkKey, nameHash } from '../core/ledger/link';
import { leafOf, nextRelease } from '../core/ledger/release';
import { encodeStatement, platformText } from '../core/ledger/statement';
import type { Entry, History, Leaf } from '../core/ledger/types';
import { ledgerKey } from '../core/ledger/types';
import type { BlockHeader, ContainerEngine, Event, FileStore, Log, TransactionSigner } from '../core/ports';
import { Emitter } from '../core/emitter';
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

const unusedLink: Hex16 = `0x${'0'.repeat(32)}`;

/**
 * Signs local images onto the ledger. A plan is made and shown first; nothing is sent before `execute`. A transaction is
 * written to disk before it is sent and followed until it is final; since each entry names the link it follows, sending
 * it again can never sign twice.
 */
export class SigningService {
  readonly #changed = new Emitter<void>();
  readonly #pending: PendingTransactions;

  constructor(private readonly ports: SigningPorts) {
    this.#pending = new PendingTransactions(ports.files, ports.log);
  }

  /** Something that was signed here got a step further. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /**
   * Reads the images' own config bytes and the publisher's histories, and prices the transaction. `names` are references
   * with a tag. `imageNotFound`, `imageMalformed`, `imageWithoutName`, `signatureOnItsWay`, `staleLink`, `signerNotAllowed`.
   */
  async plan(
    names: readonly string[],
    options: PlanOptions,
    signal: AbortSignal,
    onProgress?: (done: number, of: number) => void,
  ): Promise<SigningPlan> {
    const ledger = await this.ports.ledgers.open();
    const references = distinct(names.map(signableReference));
    await ledger.index.sync(signal);
    await this.refuseWhatIsOnItsWay(ledger, references, options.signer);
    const images: PlannedImage[] = [];
    for (const reference of references) {
      onProgress?.(images.length, references.length);
      const { id } = await this.ports.engine.inspect(reference.text, signal);
      const identity = await this.ports.engine.readIdentity(id, signal);
      images.push(await this.planImage(ledger, reference, id, identity, options));
    }
    onProgress?.(images.length, references.length);
    const entries = images
      .filter(({ change }) => options.again === true || change.type !== 'same')
      .map(({ entry }) => entry);
    const fee = await ledger.writer.estimate(entries, options.signer, signal);
    return {
      ledger: ledger.writer.ledger,
      ledgerKind: ledger.kind,
      signer: options.signer,
      images,
      entries,
      fee,
      missing: fee.cost > fee.balance ? fee.cost - fee.balance : 0n,
    };
  }

  /**
   * Sends what `plan` showed and waits until it is final. Cancelling before `broadcast` sends nothing; afterwards it only
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
    for (const { reference, imageId } of plan.images) {
      const { id } = await this.ports.engine.inspect(reference.text, signal);
      if (id !== imageId) {
        throw new DaoChainError('imageChanged', 'The tag has moved', { details: { image: reference.text } });
      }
    }
    const fee = await ledger.writer.estimate(plan.entries, plan.signer, signal);
    // The person agreed to the price that the plan showed; a higher one needs a new look.
    const agreed = fee.cost > plan.fee.cost ? plan.fee : fee;
    if (agreed.cost > fee.balance) {
      throw new DaoChainError('insufficientFunds', 'The balance does not pay for the signature', {
        details: {
          missing: (agreed.cost - fee.balance).toString(),
          balance: fee.balance.toString(),
          cost: agreed.cost.toString(),
        },
      });
    }
    const transaction = await ledger.writer.prepare(plan.entries, agreed, signer, signal);
    throwIfCancelled(signal);
    const pending: PendingTransaction = {
      ...transaction,
      ledger: ledgerKey(plan.ledger),
      entries: plan.images.map(({ key, reference }) => ({
        key,
        repository: reference.repository,
        tag: tagOf(reference),
      })),
    };
    await this.#pending.add(pending);
    try {
      await ledger.writer.broadcast(transaction, signal);
    } catch (error) {
      // Only a clear no of the node means that nothing is on its way; after a lost answer the record stays.
      if (isDaoChainError(error, 'transactionRejected', 'insufficientFunds', 'staleLink'))
        await this.#pending.remove(pending.hash);
      throw error;
    }
    onProgress({ stage: 'broadcast', transaction: pending.hash });
    this.#changed.fire();
    return this.follow(ledger, pending, signal, onProgress);
  }

  /** Takes up what an earlier window or a killed node left: sends it again where it is missing, waits until it is final. */
  async resume(signal: AbortSignal): Promise<void> {
    const ledger = await this.ports.ledgers.open();
    const pending = await this.#pending.of(ledgerKey(ledger.writer.ledger));
    await Promise.all(
      pending.map(async (each) => {
        try {
          await this.follow(ledger, each, signal, () => undefined);
        } catch (error) {
          if (!isDaoChainError(error, 'cancelled', 'nodeUnavailable')) {
            this.ports.log.warn(
              `Transaction ${each.hash} ended: ${error instanceof Error ? error.message : 'unknown'}`,
            );
          }
        }
      }),
    );
  }

  /** Mined but not final is no obstacle: the next entry follows its first half, which no reorg changes. */
  private async refuseWhatIsOnItsWay(
    ledger: Ledger,
    references: readonly ImageReference[],
    signer: Address,
  ): Promise<void> {
    const view = ledger.index.view();
    const pending = await this.#pending.of(ledgerKey(ledger.writer.ledger));
    for (const reference of references) {
      const key = keyOf(reference, signer);
      const mined = view
        .historiesOf(reference.repository, tagOf(reference))
        .flatMap(({ attestations }) => attestations);
      const onItsWay = pending.some(
        ({ hash, entries }) =>
          entries.some((entry) => entry.key === key) && !mined.some(({ transaction }) => transaction === hash),
      );
      if (onItsWay) {
        throw new DaoChainError('signatureOnItsWay', 'A signature of this tag is on its way', {
          details: { image: reference.text },
        });
      }
    }
  }

  private async planImage(
    ledger: Ledger,
    reference: ImageReference,
    imageId: Digest,
    identity: ImageIdentity,
    options: PlanOptions,
  ): Promise<PlannedImage> {
    const tag = tagOf(reference);
    const key = keyOf(reference, options.signer);
    const history = ledger.index
      .view()
      .historiesOf(reference.repository, tag)
      .find((each) => each.key === key);
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
      history,
      change:
        release.change === 'changed'
          ? { type: 'changed', differences: await this.changesSince(release.before, identity) }
          : { type: release.change },
    };
  }

  /** Names what changed where the content signed before is known here; otherwise only that it did. */
  private async changesSince(before: Leaf | undefined, identity: ImageIdentity): Promise<readonly string[]> {
    const content = before && (await this.ports.contents.recall(before.fingerprint));
    return content === undefined ? [] : differences(content, identity.content);
  }

  /** Waits until the transaction is `confirmations` blocks deep, block by block; sends it again where a node lost it. */
  private async follow(
    ledger: Ledger,
    pending: PendingTransaction,
    signal: AbortSignal,
    onProgress: (progress: SigningProgress) => void,
  ): Promise<SigningOutcome> {
    const needed = ledger.index.confirmations;
    let minedIn: number | undefined;
    for await (const head of headsOf(ledger, signal)) {
      const status = await ledger.writer.status(pending.hash, signal).catch(whenStillUp);
      if (status === undefined) continue;
      if (status.state === 'failed') {
        await this.end(pending);
        throw new DaoChainError('staleLink', 'Another signature of this tag came first');
      }
      if (status.state === 'absent') {
        minedIn = undefined;
        await this.sendAgain(ledger, pending, signal);
      }
      if (status.state !== 'mined') continue;
      if (minedIn !== status.block) {
        minedIn = status.block;
        onProgress({ stage: 'mined', transaction: pending.hash, block: status.block });
        await ledger.index.sync(signal);
        this.#changed.fire();
      }
      const confirmations = Math.min(Math.max(head.number - status.block + 1, 0), needed);
      onProgress({ stage: 'confirming', transaction: pending.hash, confirmations, needed });
      if (confirmations >= needed) {
        await this.end(pending);
        onProgress({ stage: 'final', transaction: pending.hash, block: status.block });
        return { transaction: pending.hash, state: 'final' };
      }
    }
    return { transaction: pending.hash, state: 'waiting' };
  }

  private async sendAgain(ledger: Ledger, pending: PendingTransaction, signal: AbortSignal): Promise<void> {
    try {
      await ledger.writer.broadcast(pending, signal);
    } catch (error) {
      if (!isDaoChainError(error, 'transactionRejected', 'insufficientFunds', 'staleLink')) throw error;
      await this.end(pending);
      throw new DaoChainError('transactionDropped', 'The transaction is gone and cannot be sent again', {
        cause: error,
      });
    }
  }

  private async end(pending: PendingTransaction): Promise<void> {
    await this.#pending.remove(pending.hash);
    this.#changed.fire();
  }
}

/** The reference that an entry names: a tag is needed, and a digest says nothing that the ledger could look up. */
function signableReference(name: string): ImageReference {
  const reference = withDefaultTag(parseReference(name));
  if (reference.digest !== undefined) {
    throw new DaoChainError('imageWithoutName', 'Only an image with a tag can be signed', { details: { image: name } });
  }
  return reference;
}

function tagOf(reference: ImageReference): string {
  return reference.tag ?? 'latest';
}

function keyOf(reference: ImageReference, signer: Address): Hex32 {
  return linkKey(walletPublisher(signer), nameHash(reference.repository, tagOf(reference)));
}

function distinct(references: readonly ImageReference[]): readonly ImageReference[] {
  return [
    ...new Map(references.map((reference) => [`${reference.repository}:${tagOf(reference)}`, reference])).values(),
  ];
}

function entryOf(reference: ImageReference, history: History | undefined, body: Hex, options: PlanOptions): Entry {
  return {
    publisher: walletPublisher(options.signer),
    previous: history === undefined ? unusedLink : firstHalf(history.word),
    kind: 'publish',
    validUntil: options.validUntil ?? 0,
    repository: reference.repository,
    tag: tagOf(reference),
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
    latest ??= await ledger.reader.head(signal).catch(() => undefined);
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

/** A node that went away in between is asked again at the next block. */
function whenStillUp(error: unknown): undefined {
  if (!isDaoChainError(error, 'nodeUnavailable', 'cancelled')) throw error;
}
