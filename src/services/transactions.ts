import { DaoChainError, isDaoChainError, throwIfCancelled } from '../core/errors';
import type { Address } from '../core/hex';
import { formatReference } from '../core/image/reference';
import { linkKey, nameHash } from '../core/ledger/link';
import type { Entry } from '../core/ledger/types';
import { ledgerKey } from '../core/ledger/types';
import type {
  Disposable,
  Event,
  FeeEstimate,
  FileStore,
  LedgerCall,
  LedgerWriter,
  Log,
  TransactionSigner,
} from '../core/ports';
import type { Ledger, LedgerSource } from './ledger';
import type { WrittenKey } from './pendingTransactions';
import { TransactionFollower } from './transactionFollower';
import type { TransactionOutcome, TransactionPlan, TransactionProgress } from './transactionTypes';

/** Prices, sends and follows what changes the ledger. */
export class Transactions implements Disposable {
  readonly #follower: TransactionFollower;
  readonly #ledgers: LedgerSource;

  constructor({
    ledgers,
    files,
    log,
  }: {
    readonly ledgers: LedgerSource;
    readonly files: FileStore;
    readonly log: Log;
  }) {
    this.#ledgers = ledgers;
    this.#follower = new TransactionFollower(files, log);
  }

  /** A transaction that nobody waits for will never be written: `staleLink`, `transactionRejected`, `transactionDropped`. */
  get onDidLose(): Event<DaoChainError> {
    return this.#follower.onDidLose;
  }

  /** What is on its way stays on disk, for `resume` in another window or at the next start. */
  dispose(): void {
    this.#follower.dispose();
  }

  /** `signatureOnItsWay`. Mined but not final is no obstacle: the next entry follows its first half, which no reorg changes. */
  refuseIfOnItsWay(ledger: Ledger, keys: readonly WrittenKey[], signal: AbortSignal): Promise<void> {
    return this.#follower.refuseIfOnItsWay(ledger, keys, signal);
  }

  /** Simulates and prices a call; it is refused here if the ledger would refuse it. As `LedgerWriter.estimate`. */
  async plan(
    { writer, kind }: Ledger,
    call: LedgerCall | undefined,
    signer: Address,
    signal: AbortSignal,
  ): Promise<TransactionPlan> {
    const fee: FeeEstimate =
      call === undefined
        ? { gas: 0n, gasPrice: 0n, cost: 0n, balance: await writer.balance(signer, signal) }
        : await estimate(writer, call, signer, signal);
    const missing = fee.cost > fee.balance ? fee.cost - fee.balance : 0n;
    return { ledger: writer.ledger, ledgerKind: kind, signer, call, fee, missing };
  }

  /**
   * Sends what a plan showed and waits until it is final. Cancelling before it is sent sends nothing; afterwards it only
   * ends the waiting. `insufficientFunds`; `staleLink` when another machine was faster; as `LedgerWriter.estimate`.
   */
  async execute(
    plan: TransactionPlan,
    signer: TransactionSigner,
    signal: AbortSignal,
    onProgress: (progress: TransactionProgress) => void,
  ): Promise<TransactionOutcome> {
    const ledger = await this.#ledgers.open();
    if (ledgerKey(ledger.writer.ledger) !== ledgerKey(plan.ledger) || signer.address !== plan.signer) {
      throw new DaoChainError('invalidInput', 'The plan was made for another ledger or wallet');
    }
    if (plan.call === undefined) throw new DaoChainError('invalidInput', 'The plan has nothing to send');
    const keys = entriesOf(plan.call).map(writtenKey);
    await this.#follower.refuseIfOnItsWay(ledger, keys, signal);
    const now = await estimate(ledger.writer, plan.call, plan.signer, signal);
    // Never more than the person agreed to; that has room for a base fee twice as high as it was then.
    const fee = now.cost > plan.fee.cost ? plan.fee : now;
    if (fee.cost > now.balance) {
      throw new DaoChainError('insufficientFunds', 'The balance does not pay for the transaction', {
        details: {
          missing: (fee.cost - now.balance).toString(),
          balance: now.balance.toString(),
          cost: fee.cost.toString(),
        },
      });
    }
    const transaction = await ledger.writer.prepare(plan.call, fee, signer, signal);
    throwIfCancelled(signal);
    try {
      return await this.#follower.send(ledger, transaction, keys, signal, onProgress);
    } catch (error) {
      if (!isDaoChainError(error, 'staleLink')) throw error;
      // It was mined and reverted, which does not say why; the ledger would refuse it for the same reason now.
      const refusal: unknown = await estimate(ledger.writer, plan.call, plan.signer, signal).catch(
        (each: unknown) => each,
      );
      throw isDaoChainError(refusal, 'staleLink', 'signerNotAllowed') ? refusal : error;
    }
  }

  /**
   * Takes up what an earlier window or a killed node left, and waits until it is final; cancelling only ends the waiting.
   * What was written to disk and perhaps never sent is sent now: its person had confirmed it, and was told that it is on
   * its way.
   */
  async resume(signal: AbortSignal): Promise<void> {
    await this.#follower.resume(await this.#ledgers.open(), signal);
  }
}

/** As `LedgerWriter.estimate`, and says of which image a `staleLink` speaks. */
async function estimate(
  writer: LedgerWriter,
  call: LedgerCall,
  signer: Address,
  signal: AbortSignal,
): Promise<FeeEstimate> {
  try {
    return await writer.estimate(call, signer, signal);
  } catch (error) {
    if (!isDaoChainError(error, 'staleLink')) throw error;
    const { code, message, details } = error;
    const stale = entriesOf(call).find((entry) => writtenKey(entry).key === details['key']);
    const image = stale && { image: formatReference(stale) };
    throw new DaoChainError(code, message, { details: { ...details, ...image }, cause: error });
  }
}

/** The history that an entry writes to. */
export function writtenKey({
  publisher,
  repository,
  tag,
}: Pick<Entry, 'publisher' | 'repository' | 'tag'>): WrittenKey {
  return { key: linkKey(publisher, nameHash(repository, tag)), repository, tag };
}

function entriesOf(call: LedgerCall): readonly Entry[] {
  if (call.type === 'attest') return call.entries;
  return call.type === 'attestBySignature' ? [call.signed.entry] : [];
}
