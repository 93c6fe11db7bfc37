import { imitatedAddress } from '../../core/ether/addressLookAlike';
import { etherFault } from '../../core/ether/etherFault';
import type { EtherHistory } from '../../core/ether/etherHistory';
import type { PaymentRequest } from '../../core/ether/paymentRequest';
import { DaoChainError, isDaoChainError, throwIfCancelled } from '../../core/errors';
import { isNobody, type Address } from '../../core/hex';
import { missingFunds, spending } from '../../core/plans/funds';
import type { TransferPlan, TransferWarning } from '../../core/plans/transferPlan';
import type { EtherTransfer } from '../../core/ports/ledger';
import type { Ledger, LedgerSource } from '../ledger/ledger';
import type { Wait } from '../transactions/transactionFollower';
import type { Transactions } from '../transactions/transactions';
import type { TransferHistory } from './transferHistory';

/** What a person wants to send. */
export interface WantedTransfer {
  readonly to: Address;
  /** Wei, or all that the fee leaves. */
  readonly amount: bigint | 'all';
}

interface EtherPorts {
  readonly ledgers: LedgerSource;
  readonly transactions: Transactions;
  readonly history: Pick<TransferHistory, 'read'>;
  readonly wait: Wait;
  /** For how long a plan waits for the history, in milliseconds; 10,000 unless given. */
  readonly patience?: number;
}

/** Plans transfers of ether; they are sent as everything is (`Transactions.execute`). */
export class EtherService {
  readonly #ports: EtherPorts;

  constructor(ports: EtherPorts) {
    this.#ports = ports;
  }

  /**
   * Too little balance is no error here. `invalidInput` for a receiver that nobody is, and where nothing would be left to send;
   * `transactionRejected` with the reason `receiver` for a contract that takes none.
   */
  async plan({ to, amount }: WantedTransfer, from: Address, signal: AbortSignal): Promise<TransferPlan> {
    const { ledgers, transactions } = this.#ports;
    const ledger = await ledgers.open();
    if (isNobody(to)) throw etherFault('receiverNobody', { text: to });
    if (to === ledger.writer.ledger.address) throw etherFault('receiverLedger', { text: to });
    const onItsWay = await transactions.spendingOnItsWay(ledger, from, signal);
    const value = amount === 'all' ? await this.#all(ledger, to, from, onItsWay, signal) : amount;
    const call: EtherTransfer = { type: 'transfer', to, value };
    const plan = await transactions.plan(ledger, call, from, signal);
    const missing = missingFunds({ cost: spending(call, plan.fee), balance: plan.fee.balance - onItsWay });
    return { ...plan, missing, onItsWay, warnings: await this.#warnings(ledger, to, from, signal) };
  }

  /** Refuses a request for another chain: `linkInvalid` with the reason `otherChain`, `chain` and `here`. */
  async requireHome({ chainId }: PaymentRequest): Promise<void> {
    const { writer } = await this.#ports.ledgers.open();
    const here = writer.ledger.chainId;
    if (chainId === here) return;
    throw new DaoChainError('linkInvalid', 'The request is for another chain', {
      details: { reason: 'otherChain', chain: `${chainId}`, here: `${here}` },
    });
  }

  /** What the fee leaves of the balance. */
  async #all(ledger: Ledger, to: Address, from: Address, onItsWay: bigint, signal: AbortSignal): Promise<bigint> {
    // What a contract does can depend on the amount, so all of it is priced.
    const balance = (await ledger.writer.balance(from, signal)) - onItsWay;
    const whole: EtherTransfer = { type: 'transfer', to, value: balance > 0n ? balance : 0n };
    const { cost } = await ledger.writer.estimate(whole, from, signal);
    if (balance > cost) return balance - cost;
    throw etherFault('nothingLeft', { balance: `${balance}`, cost: `${cost}` });
  }

  async #warnings(
    ledger: Ledger,
    to: Address,
    from: Address,
    signal: AbortSignal,
  ): Promise<readonly TransferWarning[]> {
    const isContract = await ledger.accounts.isContract(to, signal);
    const history = await this.#history(from, signal);
    const sentTo = new Set(history?.receivers);
    for (const { transfer, signer } of await this.#ports.transactions.onItsWay())
      if (transfer !== undefined && signer === from) sentTo.add(transfer.to);
    const peers = history?.movements.flatMap(({ peer }) => peer ?? []) ?? [];
    const known = [...sentTo, from, ledger.writer.ledger.address, ...peers.filter((peer) => peer !== to)];
    const isFirst = !sentTo.has(to) && to !== from;
    const imitated = isFirst ? imitatedAddress(to, known) : undefined;
    return [
      ...(imitated === undefined ? [] : [{ kind: 'imitates', address: imitated } as const]),
      ...(to === from ? [{ kind: 'self' } as const] : []),
      ...(isContract ? [{ kind: 'contract' } as const] : []),
      ...(isFirst && history !== undefined ? [{ kind: 'first' } as const] : []),
      ...(history === undefined ? [{ kind: 'unread' } as const] : []),
    ];
  }

  /** Undefined where it takes too long; the next time it goes on from where it was. */
  async #history(owner: Address, signal: AbortSignal): Promise<EtherHistory | undefined> {
    const { history, wait, patience = 10_000 } = this.#ports;
    const [late, done] = [new AbortController(), new AbortController()];
    void wait(patience, done.signal).then(() => {
      late.abort();
    });
    try {
      return await history.read(owner, AbortSignal.any([signal, late.signal]));
    } catch (error) {
      throwIfCancelled(signal);
      if (!isDaoChainError(error, 'cancelled', 'nodeFailed', 'nodeUnavailable')) throw error;
      return undefined;
    } finally {
      done.abort();
    }
  }
}
