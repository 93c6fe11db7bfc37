import { missingFunds, requireFunds, spending } from '../../core/plans/funds';
import { DaoChainError, isDaoChainError, throwIfCancelled } from '../../core/errors';
import type { Address } from '../../core/hex';
import { formatReference } from '../../core/image/reference';
import { linkKey, nameHash } from '../../core/ledger/link';
import type { Entry } from '../../core/ledger/types';
import { ledgerKey } from '../../core/ledger/types';
import type { Ledger, LedgerSource } from '../ledger/ledger';
import type { PendingTransaction, WrittenKey } from './pendingTransactions';
import { TransactionFollower, type Wait } from './transactionFollower';
import type { TransactionOutcome, TransactionPlan, TransactionProgress } from '../../core/plans/transactionPlan';
import type { Disposable, Event } from '../../core/emitter';
import type { Log } from '../../core/ports/log';
import type { FileStore, Turns } from '../../core/ports/files';
import type { FeeEstimate, TransactionCall, TransactionSigner } from '../../core/ports/ledger';

interface TransactionPorts {
  readonly ledgers: LedgerSource;
  readonly files: FileStore;
  readonly turns: Turns;
  readonly wait: Wait;
  readonly log: Log;
}

/** Prices, sends and follows what changes the ledger. */
export class Transactions implements Disposable {
  readonly #follower: TransactionFollower;
  readonly #ledgers: LedgerSource;
  readonly #turns: Turns;

  constructor({ ledgers, turns, ...ports }: TransactionPorts) {
    this.#ledgers = ledgers;
    this.#turns = turns;
    this.#follower = new TransactionFollower(ports);
  }

  /** A transaction that nobody waits for will never be written: `staleLink`, `signerNotAllowed`, `transactionRejected`, `transactionDropped`. */
  get onDidLose(): Event<DaoChainError> {
    return this.#follower.onDidLose;
  }

  /** As {@link TransactionFollower.onDidWithdraw}. */
  get onDidWithdraw(): Event<PendingTransaction> {
    return this.#follower.onDidWithdraw;
  }

  /** The name of a file of what is on its way that cannot be read; each is told once. */
  get onDamaged(): Event<string> {
    return this.#follower.onDamaged;
  }

  /** What is on its way stays on disk, for `resume` in another window or at the next start. */
  dispose(): void {
    this.#follower.dispose();
  }

  /** `signatureOnItsWay`. Mined but not final is no obstacle: the next entry names what no reorg changes of it. */
  refuseIfOnItsWay(ledger: Ledger, keys: readonly WrittenKey[], signal: AbortSignal): Promise<void> {
    return this.#follower.refuseIfOnItsWay(ledger, keys, signal);
  }

  /** Simulates and prices a call; it is refused here if the ledger would refuse it. As `LedgerWriter.estimate`. */
  async plan<C extends TransactionCall | undefined>(
    ledger: Ledger,
    call: C,
    signer: Address,
    signal: AbortSignal,
  ): Promise<TransactionPlan & { readonly call: C }> {
    const { writer, kind } = ledger;
    const fee: FeeEstimate =
      call === undefined
        ? { gas: 0n, gasPrice: 0n, cost: 0n, balance: await writer.balance(signer, signal) }
        : await estimate(ledger, call, signer, signal);
    const cost = call === undefined ? 0n : spending(call, fee);
    const missing = missingFunds({ cost, balance: fee.balance });
    return { ledger: writer.ledger, ledgerKind: kind, signer, call, fee, missing };
  }

  /** Wei that transactions of this machine, which are on their way and in no block yet, spend at most. */
  async spendingOnItsWay(ledger: Ledger, signer: Address, signal: AbortSignal): Promise<bigint> {
    const own = (await this.#follower.onItsWay(ledger)).filter((each) => each.signer === signer);
    const states = await Promise.all(own.map(({ hash }) => ledger.writer.status(hash, signal)));
    const isOpen = (index: number): boolean => ['absent', 'pending'].includes(states[index]?.state ?? 'absent');
    return own.reduce((sum, { most }, index) => (isOpen(index) ? sum + most : sum), 0n);
  }

  /**
   * Sends what a plan showed and waits until it is final. Cancelling before it is sent sends nothing; afterwards it only
   * ends the waiting. `insufficientFunds`; `staleLink` when another entry came first, `signatureOnItsWay` when one of this
   * machine will; `walletBusy`; as `LedgerWriter.estimate`.
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
    const { call } = plan;
    const pending = await this.#inTurn(plan, signal, onProgress, async () => {
      const prepared = await this.#prepare(ledger, { ...plan, call }, signer, signal);
      await this.#follower.send(ledger, prepared, signal);
      return prepared;
    });
    onProgress({ stage: 'broadcast', transaction: pending.hash });
    try {
      return await this.#follower.wait(ledger, pending, signal, onProgress);
    } catch (error) {
      if (!isDaoChainError(error, 'staleLink', 'signerNotAllowed')) throw error;
      // It was mined and reverted, which does not say why; the ledger would refuse it for the same reason now.
      const refusal: unknown = await estimate(ledger, call, plan.signer, signal).catch((each: unknown) => each);
      throw isDaoChainError(refusal, 'staleLink', 'signerNotAllowed') ? refusal : error;
    }
  }

  /**
   * Transactions of one wallet are sent one after the other, from looking at what is on its way until the node has the
   * next: two that do so at once have one nonce.
   */
  async #inTurn<T>(
    { ledger: { chainId, genesisHash }, signer }: TransactionPlan,
    signal: AbortSignal,
    onProgress: (progress: TransactionProgress) => void,
    action: () => Promise<T>,
  ): Promise<T> {
    const turn = await this.#turns.take(`${chainId}-${genesisHash.slice(2, 18)}-${signer}`, signal, () => {
      onProgress({ stage: 'queued' });
    });
    try {
      return await action();
    } finally {
      await turn.end();
    }
  }

  /** Signs it, if the ledger would still take it and it costs no more than the person agreed to. */
  async #prepare(
    ledger: Ledger,
    plan: TransactionPlan & { readonly call: TransactionCall },
    signer: TransactionSigner,
    signal: AbortSignal,
  ): Promise<PendingTransaction> {
    const entries = entriesOf(plan.call).map((entry) => {
      const { publisher, kind } = entry;
      return { ...writtenKey(entry), publisher, kind };
    });
    await this.#follower.sendWhatIsMissing(ledger, plan.signer, signal);
    await this.#follower.refuseIfOnItsWay(ledger, entries, signal);
    const now = await estimate(ledger, plan.call, plan.signer, signal);
    // That has room for a base fee twice as high as it was when it was planned.
    const fee = now.cost > plan.fee.cost ? plan.fee : now;
    const most = spending(plan.call, fee);
    // Else a second transfer is planned with the ether that the first one takes along.
    const taken = plan.call.type === 'transfer' ? await this.spendingOnItsWay(ledger, plan.signer, signal) : 0n;
    requireFunds({ cost: most, balance: now.balance - taken });
    const transaction = await ledger.writer.prepare(plan.call, fee, signer, signal);
    throwIfCancelled(signal);
    return {
      ...transaction,
      ...{ ledger: ledgerKey(ledger.writer.ledger), signer: plan.signer, entries, most },
      ...(plan.call.type === 'transfer' && { transfer: { to: plan.call.to, value: plan.call.value } }),
    };
  }

  /** What is signed, and not final as far as anybody here has seen. Opens no ledger where there is nothing. */
  async onItsWay(): Promise<readonly PendingTransaction[]> {
    if (await this.#follower.isIdle()) return [];
    return this.#follower.onItsWay(await this.#ledgers.open());
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

/**
 * As `LedgerWriter.estimate`, and says of which image a `staleLink` speaks, and with `by` whether it was this wallet itself
 * that came first.
 */
async function estimate(
  ledger: Ledger,
  call: TransactionCall,
  signer: Address,
  signal: AbortSignal,
): Promise<FeeEstimate> {
  try {
    return await ledger.writer.estimate(call, signer, signal);
  } catch (error) {
    if (!isDaoChainError(error, 'staleLink')) throw error;
    const { code, message, details } = error;
    const stale = entriesOf(call).find((entry) => writtenKey(entry).key === details['key']);
    if (stale === undefined) throw error;
    const newest = await newestSigner(ledger, stale, signal);
    const by = newest === signer && { by: 'self' };
    throw new DaoChainError(code, message, {
      details: { ...details, image: formatReference(stale), ...by },
      cause: error,
    });
  }
}

/** Blocks: what came in between a plan and its transaction is not older. */
const recently = 1_000;

/** Who signed the newest entry of a history; undefined where that is not found out. */
async function newestSigner({ reader }: Ledger, entry: Entry, signal: AbortSignal): Promise<Address | undefined> {
  const { publisher, repository, tag } = entry;
  try {
    const { number } = await reader.head(signal);
    const range = { fromBlock: Math.max(0, number - recently), toBlock: number };
    const names = [nameHash(repository, tag)];
    const { attested } = await reader.logs({ ...range, publishers: [publisher], names }, signal);
    return attested.filter((each) => each.repository === repository && each.tag === tag).at(-1)?.signer;
  } catch (error) {
    throwIfCancelled(signal);
    if (!isDaoChainError(error)) throw error;
    return undefined;
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

function entriesOf(call: TransactionCall): readonly Entry[] {
  if (call.type === 'attest') return call.entries;
  return call.type === 'attestBySignature' ? [call.signed.entry] : [];
}
