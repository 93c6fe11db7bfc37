import { isDeepStrictEqual } from 'node:util';
import { describeForLog } from '../../core/errors';
import { Emitter, type Disposable, type Event } from '../../core/emitter';
import { networkWork, observedBlocks, type NetworkWork } from '../../core/ledger/networkWork';
import { protectionOf } from '../../core/ledger/protection';
import type { LedgerKind } from '../../core/ledger/types';
import type { LedgerSource } from '../../services/ledger/ledger';
import type { Transactions } from '../../services/transactions/transactions';
import type { NodeService } from '../../services/node/nodeService';
import type { WalletService } from '../../services/wallet/walletService';
import type { AccountState } from './accountState';
import type { Log } from '../../core/ports/log';
import type { WorkReader } from '../../core/ports/node';

interface AccountParts {
  readonly wallet: WalletService;
  readonly node: NodeService;
  readonly ledgers: LedgerSource;
  /** Name of the home network; undefined for the development network of this machine. */
  readonly homeNetwork?: string | undefined;
  readonly transactions: Pick<Transactions, 'onItsWay'>;
  readonly work: WorkReader;
  readonly log: Log;
}

/** Wallet, node and balance in one place. The balance and the newest block are asked for when there is a new block or another wallet. */
export class Account implements Disposable {
  readonly #changed = new Emitter<void>();
  readonly #subscriptions: readonly Disposable[];
  readonly #ended = new AbortController();
  #balance: bigint | undefined;
  #work: NetworkWork | undefined;
  #onItsWay = 0;
  /** Wei that the signature costs which the balance did not pay for. */
  #wanted = 0n;
  #asking = false;
  #askAgain = false;

  constructor(private readonly parts: AccountParts) {
    this.#subscriptions = [
      parts.wallet.onDidChange(() => {
        this.#update();
      }),
      parts.node.onDidChange(() => {
        this.#update();
      }),
    ];
  }

  readonly onDidChange: Event<void> = this.#changed.event;

  get state(): AccountState {
    const ledger = this.parts.ledgers.current;
    const isRunning = this.parts.node.state.status === 'running';
    const balance = isRunning ? this.#balance : undefined;
    const work = isRunning ? this.#work : undefined;
    const network = ledger && (ledger.terms ?? kindOnly(ledger.kind));
    return {
      wallet: this.parts.wallet.state,
      balance,
      node: this.parts.node.state,
      network: this.parts.homeNetwork,
      ledger: ledger && { kind: ledger.kind, chainId: ledger.writer.ledger.chainId },
      work,
      protection: network && protectionOf(network, work),
      onItsWay: this.#onItsWay,
      missing: balance !== undefined && this.#wanted > balance ? this.#wanted - balance : 0n,
    };
  }

  /** The user tried to sign at this cost, in wei, and the balance did not pay for it. */
  lack(cost: bigint): void {
    this.#wanted = cost;
    this.#changed.fire();
  }

  dispose(): void {
    this.#ended.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #update(): void {
    this.#changed.fire();
    void this.#askBalance();
  }

  /** Never rejects: a balance that cannot be read is one that is not shown. Many changes at once make one question more. */
  async #askBalance(): Promise<void> {
    this.#askAgain = this.#asking;
    if (this.#asking) return;
    this.#asking = true;
    try {
      const before = this.#onItsWay;
      this.#onItsWay = (await this.parts.transactions.onItsWay()).length;
      if (this.#onItsWay !== before) this.#changed.fire();
      const balance = await this.#readBalance();
      if (balance !== undefined && balance >= this.#wanted) this.#wanted = 0n;
      const changed = balance !== this.#balance;
      this.#balance = balance;
      if (changed) this.#changed.fire();
      await this.#readWork();
    } catch (error) {
      this.parts.log.debug(`The balance or the newest block is not known: ${describeForLog(error)}`);
    } finally {
      this.#asking = false;
    }
    if (this.#askAgain) await this.#askBalance();
  }

  async #readWork(): Promise<void> {
    const { wallet, node, work } = this.parts;
    if (node.state.status !== 'running') return;
    const own = wallet.state.status === 'none' ? undefined : wallet.state.address;
    const before = this.#work;
    this.#work = networkWork(await work.newest(observedBlocks, this.#ended.signal), own);
    if (!isDeepStrictEqual(this.#work, before)) this.#changed.fire();
  }

  async #readBalance(): Promise<bigint | undefined> {
    const { wallet, node, ledgers } = this.parts;
    if (wallet.state.status === 'none' || node.state.status !== 'running') return undefined;
    const { writer } = await ledgers.open();
    return writer.balance(wallet.state.address, this.#ended.signal);
  }
}

/** Of a team network the terms say more. */
function kindOnly(kind: LedgerKind): { readonly kind: 'development' | 'external' } | undefined {
  return kind === 'team' ? undefined : { kind };
}
