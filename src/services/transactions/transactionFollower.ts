import { Emitter, type Disposable, type Event } from '../../core/emitter';
import { DaoChainError, isDaoChainError, type ErrorDetails } from '../../core/errors';
import type { Address, Hex32 } from '../../core/hex';
import { formatReference } from '../../core/image/reference';
import { ledgerKey } from '../../core/ledger/types';
import { confirmationsAt } from '../../core/ledger/finality';
import { outsideOf } from '../../core/ledger/signerScope';
import { signerFault, unsetSlot, type SignerFault } from '../../core/ledger/signerStanding';
import type { Ledger } from '../ledger/ledger';
import { PendingTransactions, type PendingTransaction, type WrittenKey } from './pendingTransactions';
import type { TransactionOutcome, TransactionProgress } from '../../core/plans/transactionPlan';
import type { Log } from '../../core/ports/log';
import type { FileStore } from '../../core/ports/files';
import type { BlockHeader } from '../../core/ports/ledger';

/** A transaction on its way. */
interface Followed {
  readonly progress: Emitter<TransactionProgress>;
  /** `waiting` when the follower ends before it is final. `staleLink`, `signerNotAllowed`, `transactionRejected`, `transactionDropped`. */
  readonly end: Promise<TransactionOutcome['state']>;
}

/** Resolves after so many milliseconds, or when the signal is aborted. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

/** How long no block may come until a node is asked for one, in milliseconds, while somebody waits. */
const patience = 30_000;

/**
 * Sends signed transactions and follows them until they are final. A transaction is written to disk before it is sent, and
 * from then on it is on its way: whatever happens to the node, this window or the waiting, it is sent and followed. Since
 * each entry names the link that it follows, sending it again can never sign twice.
 */
export class TransactionFollower implements Disposable {
  readonly #lost = new Emitter<DaoChainError>();
  readonly #withdrawn = new Emitter<PendingTransaction>();
  readonly #pending: PendingTransactions;
  readonly #log: Log;
  /** Each transaction is followed once, however many wait for it. */
  readonly #followed = new Map<Hex32, Followed>();
  readonly #ended = new AbortController();

  readonly #wait: Wait;

  constructor({ files, log, wait }: { readonly files: FileStore; readonly log: Log; readonly wait: Wait }) {
    this.#pending = new PendingTransactions(files);
    this.#log = log;
    this.#wait = wait;
  }

  /** A transaction that nobody waits for will never be written: `staleLink`, `signerNotAllowed`, `transactionRejected`, `transactionDropped`. */
  get onDidLose(): Event<DaoChainError> {
    return this.#lost.event;
  }

  /** It was in the chain, and a fork has taken it out; it is still on its way. Told whether somebody waits for it or not. */
  get onDidWithdraw(): Event<PendingTransaction> {
    return this.#withdrawn.event;
  }

  /** As {@link PendingTransactions.onDamaged}. */
  get onDamaged(): Event<string> {
    return this.#pending.onDamaged;
  }

  /** What is on its way stays on disk, for `resume` in another window or at the next start. */
  dispose(): void {
    this.#ended.abort();
  }

  /** `signatureOnItsWay`. Mined but not final is no obstacle: the next entry names what no reorg changes of it. */
  async refuseIfOnItsWay(ledger: Ledger, wanted: readonly WrittenKey[], signal: AbortSignal): Promise<void> {
    const keys = new Set(wanted.map(({ key }) => key));
    for (const { hash, entries } of await this.onItsWay(ledger)) {
      const entry = entries.find(({ key }) => keys.has(key));
      if (entry === undefined) continue;
      const { state } = await ledger.writer.status(hash, signal);
      if (state === 'mined' || state === 'failed') continue;
      throw new DaoChainError('signatureOnItsWay', 'A signature of this tag is on its way', {
        details: { image: formatReference(entry) },
      });
    }
  }

  /**
   * Has the node take what this wallet has on its way and the node does not have, so that it counts for the next nonce: a
   * command may have ended between writing its transaction down and sending it. `nodeUnavailable`.
   */
  async sendWhatIsMissing(ledger: Ledger, signer: Address, signal: AbortSignal): Promise<void> {
    const all = await this.onItsWay(ledger);
    const own = all.filter((each) => each.signer === signer);
    const states = await Promise.all(own.map(({ hash }) => ledger.writer.status(hash, signal)));
    for (const [index, each] of own.entries()) {
      if (states[index]?.state !== 'absent') continue;
      try {
        await this.#sendAgain(ledger, each);
      } catch (error) {
        if (!isDaoChainError(error, 'transactionDropped')) throw error;
        // Perhaps nobody follows it any more, so that nobody else could report it.
        if (!this.#followed.has(each.hash)) this.#lost.fire(error);
      }
    }
  }

  /**
   * Writes it down and sends it. From then on it is on its way, and cancelling only ends the waiting for the node.
   * `transactionRejected`.
   */
  async send(ledger: Ledger, pending: PendingTransaction, signal: AbortSignal): Promise<void> {
    await this.#pending.add(pending);
    const sent = this.#broadcast(ledger, pending).catch(this.whenNotRefused);
    const left = new AbortController();
    await Promise.race([sent, aborted(signal, left.signal)]).finally(() => {
      left.abort();
    });
  }

  /** Whether nothing is on its way, on whatever ledger. */
  isIdle(): Promise<boolean> {
    return this.#pending.isEmpty();
  }

  onItsWay(ledger: Ledger): Promise<readonly PendingTransaction[]> {
    return this.#pending.of(ledgerKey(ledger.writer.ledger));
  }

  /** Takes up what is on disk, and waits until it is final; cancelling only ends the waiting. */
  async resume(ledger: Ledger, signal: AbortSignal): Promise<void> {
    const pending = await this.onItsWay(ledger);
    await Promise.allSettled(pending.map((each) => this.wait(ledger, each, signal)));
  }

  /** `transactionRejected` is the node's clear no: nothing is on its way. After a lost answer it is, as far as one knows. */
  async #broadcast(ledger: Ledger, pending: PendingTransaction): Promise<void> {
    try {
      await ledger.writer.broadcast(pending, this.#ended.signal);
    } catch (error) {
      if (isDaoChainError(error, 'transactionRejected')) await this.#pending.remove(pending.hash);
      throw error;
    }
  }

  private readonly whenNotRefused = (error: unknown): void => {
    if (isDaoChainError(error, 'transactionRejected')) throw error;
    this.#log.warn(`Nobody knows whether the transaction was sent; it will be again: ${String(error)}`);
  };

  /** Follows it until it is final; cancelling only ends the waiting. `transactionRejected`, `staleLink`, `signerNotAllowed`, `transactionDropped`. */
  async wait(
    ledger: Ledger,
    pending: PendingTransaction,
    signal: AbortSignal,
    onProgress?: (progress: TransactionProgress) => void,
  ): Promise<TransactionOutcome> {
    const { progress, end } = this.#follow(ledger, pending);
    const listening = onProgress && progress.event(onProgress);
    const left = new AbortController();
    try {
      const state = await Promise.race([end, aborted(signal, left.signal).then(() => 'waiting' as const)]);
      return { transaction: pending.hash, state };
    } finally {
      left.abort();
      listening?.dispose();
    }
  }

  #follow(ledger: Ledger, pending: PendingTransaction): Followed {
    const known = this.#followed.get(pending.hash);
    if (known !== undefined) return known;
    const progress = new Emitter<TransactionProgress>();
    const end = this.#untilFinal(ledger, pending, progress).finally(() => this.#followed.delete(pending.hash));
    end.catch((error: unknown) => {
      if (progress.hasListeners) return;
      this.#log.warn(`Transaction ${pending.hash} is not followed any more: ${String(error)}`);
      if (isDaoChainError(error, 'staleLink', 'signerNotAllowed', 'transactionRejected', 'transactionDropped'))
        this.#lost.fire(error);
    });
    this.#followed.set(pending.hash, { progress, end });
    return { progress, end };
  }

  /** Block by block, until the transaction is as deep as it has to be; sends it again where the node does not have it. */
  async #untilFinal(
    ledger: Ledger,
    pending: PendingTransaction,
    progress: Emitter<TransactionProgress>,
  ): Promise<TransactionOutcome['state']> {
    const { hash: transaction } = pending;
    const needed = ledger.index.confirmations;
    let minedIn: number | undefined;
    for await (const { head, isQuiet } of this.#headsOf(ledger, () => progress.hasListeners)) {
      try {
        if (isQuiet) progress.fire({ stage: 'quiet' });
        const status = await ledger.writer.status(transaction, this.#ended.signal);
        if (status.state === 'failed') {
          const depth = Math.min(confirmationsAt(head.number, status.block), needed);
          if (pending.transfer !== undefined && depth < needed) {
            // A reorganization puts it back, and who has paid once more by then would have paid twice.
            progress.fire({ stage: 'confirming', transaction, confirmations: depth, needed });
            continue;
          }
          await this.#pending.remove(transaction);
          throw pending.entries.length > 0
            ? await this.#refusalOf(ledger, pending)
            : new DaoChainError('transactionRejected', 'Mined and reverted', {
                details: { reason: pending.transfer === undefined ? 'reverted' : 'receiver' },
              });
        }
        if (status.state !== 'mined') {
          if (minedIn !== undefined) this.#withdrawn.fire(pending);
          minedIn = undefined;
          if (status.state === 'absent') await this.#sendAgain(ledger, pending);
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

  /**
   * Why entries were mined and not written, which a receipt does not tell: the admin has revoked, retired or restricted their
   * signer meanwhile, or else another signature came first.
   */
  async #refusalOf(ledger: Ledger, { entries, signer }: PendingTransaction): Promise<DaoChainError> {
    const { reader, organizations } = ledger;
    const signal = this.#ended.signal;
    try {
      const { hash, time } = await reader.head(signal);
      for (const publisher of new Set(entries.map((entry) => entry.publisher))) {
        const own = entries.filter((entry) => entry.publisher === publisher);
        const { slots } = await reader.state({ keys: [], signers: [{ publisher, signer }] }, hash, signal);
        const [slot = unsetSlot] = slots;
        const reason = signerFault(publisher, signer, slot, own, time);
        const details = { publisher, signer };
        // Who only sends what another has signed was never a signer.
        if (reason !== undefined && reason !== 'notSigner') return refusedSigner({ ...details, reason });
        const [scope = null] = slot.isScoped ? await organizations.scopesOf([{ publisher, signer }], signal) : [''];
        const outside = outsideOf(scope, own);
        if (scope !== null && outside !== undefined)
          return refusedSigner({ ...details, reason: 'outsideScope', scope, repository: outside.repository });
      }
    } catch (error) {
      if (!isDaoChainError(error)) throw error;
      this.#log.debug(`Why a transaction was refused is not known: ${String(error)}`);
    }
    return new DaoChainError('staleLink', 'Another signature of this tag came first');
  }

  async #sendAgain(ledger: Ledger, pending: PendingTransaction): Promise<void> {
    try {
      await this.#broadcast(ledger, pending);
    } catch (cause) {
      if (!isDaoChainError(cause, 'transactionRejected')) throw cause;
      throw new DaoChainError('transactionDropped', 'The transaction is gone and cannot be sent again', { cause });
    }
  }

  /**
   * The newest block now, then each one that the node pushes. While somebody waits and none comes, the node is asked: it
   * may have been started anew, and then the way to it has to be found again.
   */
  async *#headsOf(
    ledger: Ledger,
    isWaitedFor: () => boolean,
  ): AsyncGenerator<{ readonly head: BlockHeader; readonly isQuiet: boolean }> {
    const { signal } = this.#ended;
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
    const ask = (): Promise<BlockHeader | undefined> => ledger.reader.head(signal).catch(() => undefined);
    try {
      const newest = await ask();
      latest ??= newest;
      while (!signal.aborted) {
        if (latest === undefined) {
          const woken = new Promise<void>((resolve) => (wake = resolve));
          const over = new AbortController();
          await Promise.race([woken, ...(isWaitedFor() ? [this.#wait(patience, over.signal)] : [])]);
          over.abort();
        }
        const isQuiet = latest === undefined && !signal.aborted;
        const head: BlockHeader | undefined = isQuiet ? await ask() : latest;
        latest = undefined;
        if (head !== undefined) yield { head, isQuiet };
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      listening.dispose();
    }
  }
}

function refusedSigner(details: ErrorDetails & { readonly reason: SignerFault }): DaoChainError {
  return new DaoChainError('signerNotAllowed', 'The ledger has refused the signer meanwhile', { details });
}

/** Resolves when `signal` is aborted; `left` ends the listening. */
function aborted(signal: AbortSignal, left: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { signal: left },
    );
  });
}
