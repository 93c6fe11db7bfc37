import { DaoChainError } from '../../../src/core/errors';
import type { Address, Hex, Hex32 } from '../../../src/core/hex';
import { fromHex, publisherWallet, toHex } from '../../../src/core/hex';
import { linkContent, linkKey, nameHash } from '../../../src/core/ledger/link';
import { entryHash } from '../../../src/core/ledger/typedData';
import { transactionHash } from '../../../src/core/ledger/transactionHash';
import type { Entry } from '../../../src/core/ledger/types';
import type { FakeLedger } from './fakeLedger';
import type {
  FeeEstimate,
  LedgerCall,
  LedgerWriter,
  PreparedTransaction,
  TransactionSigner,
} from '../../../src/core/ports/ledger';

interface Transaction {
  readonly from: Address;
  readonly nonce: number;
  readonly entries: readonly Entry[];
}

type Receipt = Transaction & { readonly raw: Hex; readonly state: 'mined' | 'failed'; readonly block: number };

const encode = (transaction: Transaction): Hex => toHex(new TextEncoder().encode(JSON.stringify(transaction)));
const decode = (raw: Hex): Transaction => JSON.parse(new TextDecoder().decode(fromHex(raw))) as Transaction;

/** What changes an organization is priced, and changes nothing. */
function entriesOf(call: LedgerCall): readonly Entry[] {
  return call.type === 'attest' ? call.entries : [];
}

/** Signs by writing down who and what. */
export function fakeSigner(address: Address): TransactionSigner {
  return {
    address,
    signTransaction: ({ nonce, data }) =>
      Promise.resolve(encode({ from: address, nonce, entries: decode(data).entries })),
    signEntry: (ledger, entry) => Promise.resolve(entryHash(ledger, entry)),
  };
}

/** The write side of a ledger in memory: a pool of transactions, of which `mine` takes all that the contract takes. */
export class FakeWriter implements LedgerWriter {
  readonly ledger;
  readonly #pool = new Map<Hex32, Hex>();
  readonly #receipts = new Map<Hex32, Receipt>();
  /** Raw bytes in the order in which they came, accepted or not. */
  readonly received: Hex[] = [];
  /** `estimate`, `prepare`, `broadcast` and `status`, in the order of the calls. */
  calls: string[] = [];
  gasPrice = 10n;
  funds = 1_000_000_000n;
  isDown = false;
  /** The contract takes no entries any more, whatever they follow. */
  refuses = false;
  /** The node takes nothing and says nothing. */
  hangs = false;
  beforeBroadcast: () => void = () => undefined;
  /** The node takes what it is sent, and dies before it can say so. */
  diesOnBroadcast: 'before' | 'after' | 'never' = 'never';

  constructor(private readonly chain: FakeLedger) {
    this.ledger = chain.ledger;
  }

  encode(call: LedgerCall, from: Address = this.ledger.address): Promise<Hex> {
    return Promise.resolve(encode({ from, nonce: 0, entries: entriesOf(call) }));
  }

  balance(): Promise<bigint> {
    return Promise.resolve(this.funds);
  }

  async estimate(call: LedgerCall): Promise<FeeEstimate> {
    const entries = entriesOf(call);
    this.#answer('estimate');
    const stale = entries.find((entry) => !this.#fits(entry));
    if (stale !== undefined) {
      const key = linkKey(stale.publisher, nameHash(stale.repository, stale.tag));
      throw new DaoChainError('staleLink', 'The ledger refuses: StaleLink', { details: { key } });
    }
    const gas = 100n * BigInt(entries.length || 1);
    return Promise.resolve({ gas, gasPrice: this.gasPrice, cost: gas * this.gasPrice, balance: this.funds });
  }

  async prepare(call: LedgerCall, fee: FeeEstimate, signer: TransactionSigner): Promise<PreparedTransaction> {
    this.#answer(`prepare for ${fee.cost}`);
    const nonce = this.#nextNonce(signer.address, [...this.#pool.values()]);
    // Others are faster than a person's wallet.
    await new Promise(setImmediate);
    const raw = await signer.signTransaction({
      ...{ type: 0, chainId: this.ledger.chainId, to: this.ledger.address, gasLimit: fee.gas, gasPrice: fee.gasPrice },
      nonce,
      data: await this.encode(call, signer.address),
    });
    return { raw, hash: transactionHash(raw) };
  }

  async broadcast({ raw, hash }: PreparedTransaction): Promise<void> {
    this.beforeBroadcast();
    if (this.hangs) return new Promise(() => undefined);
    this.#answer('broadcast');
    if (this.diesOnBroadcast === 'before') this.kill();
    this.#answer();
    this.received.push(raw);
    if (!this.#pool.has(hash) && !this.#receipts.has(hash)) this.#take(raw);
    if (this.diesOnBroadcast === 'after') this.isDown = true;
    this.#answer();
    return Promise.resolve();
  }

  async status(hash: Hex32): ReturnType<LedgerWriter['status']> {
    this.#answer('status');
    const receipt = this.#receipts.get(hash);
    if (receipt !== undefined) return Promise.resolve({ state: receipt.state, block: receipt.block });
    return Promise.resolve({ state: this.#pool.has(hash) ? 'pending' : 'absent' });
  }

  /** The node ends, and loses its pool. */
  kill(): void {
    this.#pool.clear();
    this.isDown = true;
    this.chain.isDown = true;
  }

  start(): void {
    this.diesOnBroadcast = 'never';
    this.isDown = this.chain.isDown = false;
  }

  /** One block with all that waits, and more without anything. */
  mine(blocks = 1): void {
    for (const [hash, raw] of this.#pool) {
      const { from, nonce, entries } = decode(raw);
      const isTaken = !this.refuses && entries.every((entry) => this.#fits(entry));
      const block = this.chain.height + 1;
      this.#receipts.set(hash, { from, nonce, entries, raw, state: isTaken ? 'mined' : 'failed', block });
      if (!isTaken) continue;
      for (const { publisher, ...entry } of entries)
        this.chain.attest({ ...entry, publisher, signer: publisherWallet(publisher) ?? from });
    }
    this.#pool.clear();
    this.chain.mine(blocks);
  }

  /** Another transaction of the wallet has taken the place of what waits. */
  replace(): void {
    for (const raw of this.#pool.values()) this.#use(decode(raw));
    this.#pool.clear();
  }

  /** The newest blocks are taken back; what they held waits again, or is gone. */
  rewind(blocks: number, keep: 'waiting' | 'gone' = 'waiting'): void {
    this.chain.rewind(blocks);
    for (const [hash, { block, raw }] of this.#receipts) {
      if (block <= this.chain.height) continue;
      this.#receipts.delete(hash);
      if (keep === 'waiting') this.#pool.set(hash, raw);
    }
  }

  #use({ from, nonce, entries }: Transaction): void {
    const raw = encode({ from, nonce, entries: [...entries, ...entries] });
    this.#receipts.set(transactionHash(raw), { from, nonce, entries, raw, state: 'failed', block: 0 });
  }

  #take(raw: Hex): void {
    const { from, nonce } = decode(raw);
    if (nonce < this.#nextNonce(from, [])) {
      throw new DaoChainError('transactionRejected', 'nonce too low', { details: { reason: 'nonce too low' } });
    }
    if ([...this.#pool.values()].map(decode).some((each) => each.from === from && each.nonce === nonce)) {
      const reason = 'replacement transaction underpriced';
      throw new DaoChainError('transactionRejected', reason, { details: { reason } });
    }
    this.#pool.set(transactionHash(raw), raw);
  }

  #nextNonce(address: Address, waiting: readonly Hex[]): number {
    return [...this.#receipts.values(), ...waiting.map(decode)].filter(({ from }) => from === address).length;
  }

  #fits({ publisher, repository, tag, previous }: Entry): boolean {
    return linkContent(this.chain.link(publisher, repository, tag)) === previous;
  }

  #answer(call?: string): void {
    if (call !== undefined) this.calls.push(call);
    if (this.isDown) throw new DaoChainError('nodeUnavailable', 'connection refused');
  }
}
