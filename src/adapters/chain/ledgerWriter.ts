import * as v from 'valibot';
import { requireFunds, spending } from '../../core/plans/funds';
import { DaoChainError, throwIfCancelled } from '../../core/errors';
import type { Address, Hex, Hex32 } from '../../core/hex';
import { transactionHash } from '../../core/ledger/transactionHash';
import type { LedgerId } from '../../core/ledger/types';
import { RpcError, type RpcCall, type RpcTransport } from './rpcTransport';
import { LedgerCalls } from './ledgerCalls';
import { askNode, bigintSchema, hex32Schema, headerSchema, numberSchema, readAnswer, receiptSchema } from './rpcAnswer';
import type {
  FeeEstimate,
  LedgerCall,
  LedgerWriter,
  PreparedTransaction,
  TransactionCall,
  TransactionSigner,
} from '../../core/ports/ledger';

const transactionSchema = v.nullable(v.object({ hash: hex32Schema }));

/** Bytes: geth takes 128 KiB (`txMaxSize`), its frame and signature included. */
const maximumDataLength = 127 * 1024;

/** What every transaction costs, and one that runs no code costs no more (Yellow Paper, appendix G). */
const plainGas = 21_000n;
/** The node's words for code that takes back what it did, or never comes to an end; only with data has that a code. */
const failing = /^(?:execution reverted|gas required exceeds allowance|invalid opcode)/;

/** What the network asks for a unit of gas now. */
interface GasPrices {
  /** Undefined before London (EIP-1559). */
  readonly baseFee: bigint | undefined;
  readonly tip: bigint;
}

/** The write side of a ledger over a node's RPC. The node holds no key: it gets raw, signed transactions. */
export class RpcLedgerWriter implements LedgerWriter {
  readonly ledger: LedgerId;
  readonly #transport: RpcTransport;
  readonly #calls = new LedgerCalls();

  constructor(transport: RpcTransport, ledger: LedgerId) {
    this.#transport = transport;
    this.ledger = ledger;
  }

  /** 1 call. */
  async balance(address: Address, signal: AbortSignal): Promise<bigint> {
    const [answer] = await askNode(this.#transport, [balanceCall(address)], signal);
    return readBalance(answer);
  }

  encode(call: LedgerCall): Promise<Hex> {
    return this.#calls.encode(call);
  }

  /**
   * 4 calls, 1 more for a transfer; beyond the balance that is priced as one of all of it. `gasPrice` is the most that a unit
   * can cost: room for a base fee twice as high, and the tip.
   */
  async estimate(call: TransactionCall, from: Address, signal: AbortSignal): Promise<FeeEstimate> {
    const { to, value, data } = await this.#message(call);
    if (data.length / 2 > maximumDataLength) {
      throw new DaoChainError('transactionRejected', 'No node takes so large a transaction', {
        details: { reason: 'tooLarge' },
      });
    }
    // Beyond the balance a node would only say that, and no price.
    const balanceNow = value === 0n ? 0n : await this.balance(from, signal);
    const taken = value < balanceNow ? value : balanceNow;
    const message = { from, to, data, ...(taken > 0n && { value: `0x${taken.toString(16)}` }) };
    try {
      const [estimated, balance, ...prices] = await this.#transport.batch(
        [{ method: 'eth_estimateGas', params: [message, 'latest'] }, balanceCall(from), ...priceCalls],
        signal,
      );
      const exact = readAnswer(bigintSchema, estimated, 'eth_estimateGas');
      // What an entry costs hardly depends on the block that it lands in; what nothing is run for costs always the same.
      const gas = exact === plainGas ? exact : exact + exact / 20n;
      const { baseFee, tip } = readPrices(prices);
      const gasPrice = 2n * (baseFee ?? 0n) + tip;
      return { gas, gasPrice, cost: gas * gasPrice, balance: readBalance(balance) };
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      if (call.type !== 'transfer') throw await this.#calls.translate(error);
      const reason = failing.test(error.message) ? 'receiver' : error.message;
      throw new DaoChainError('transactionRejected', error.message, { details: { reason }, cause: error });
    }
  }

  /** 4 calls. `insufficientFunds` (`missing`, `balance`, `cost` in wei) before anything is signed. */
  async prepare(
    call: TransactionCall,
    { gas, gasPrice, cost }: FeeEstimate,
    signer: TransactionSigner,
    signal: AbortSignal,
  ): Promise<PreparedTransaction> {
    const { to, value, data } = await this.#message(call);
    const nonceCall = { method: 'eth_getTransactionCount', params: [signer.address, 'pending'] };
    const [nonce, balanceAnswer, ...prices] = await askNode(
      this.#transport,
      [nonceCall, balanceCall(signer.address), ...priceCalls],
      signal,
    );
    const balance = readBalance(balanceAnswer);
    requireFunds({ cost: spending(call, { cost }), balance });
    const { baseFee, tip } = readPrices(prices);
    throwIfCancelled(signal);
    const raw = await signer.signTransaction({
      chainId: this.ledger.chainId,
      nonce: readAnswer(numberSchema, nonce, nonceCall.method),
      ...{ to, value, data },
      gasLimit: gas,
      ...(baseFee === undefined
        ? { type: 0, gasPrice }
        : { type: 2, maxFeePerGas: gasPrice, maxPriorityFeePerGas: tip < gasPrice ? tip : gasPrice }),
    });
    return { raw, hash: transactionHash(raw) };
  }

  /** What the call is for the chain. */
  async #message(call: TransactionCall): Promise<{ readonly to: Address; readonly value: bigint; readonly data: Hex }> {
    if (call.type === 'transfer') return { to: call.to, value: call.value, data: '0x' };
    return { to: this.ledger.address, value: 0n, data: await this.#calls.encode(call) };
  }

  /** 1 call, 2 more where the node refuses what it may know already. */
  async broadcast({ raw, hash }: PreparedTransaction, signal: AbortSignal): Promise<void> {
    try {
      await this.#transport.request('eth_sendRawTransaction', [raw], signal);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      // It is in the pool, or was mined meanwhile, which uses up its nonce.
      if ((await this.status(hash, signal)).state !== 'absent') return;
      throw new DaoChainError('transactionRejected', error.message, {
        details: { reason: error.message },
        cause: error,
      });
    }
  }

  /** 2 calls. */
  async status(
    hash: Hex32,
    signal: AbortSignal,
  ): Promise<
    { readonly state: 'absent' | 'pending' } | { readonly state: 'mined' | 'failed'; readonly block: number }
  > {
    const [receiptMethod, transactionMethod] = ['eth_getTransactionReceipt', 'eth_getTransactionByHash'];
    const [receiptAnswer, transactionAnswer] = await askNode(
      this.#transport,
      [
        { method: receiptMethod, params: [hash] },
        { method: transactionMethod, params: [hash] },
      ],
      signal,
    );
    const receipt = readAnswer(receiptSchema, receiptAnswer, receiptMethod);
    if (receipt !== null) return { state: receipt.status === 1 ? 'mined' : 'failed', block: receipt.blockNumber };
    return {
      state: readAnswer(transactionSchema, transactionAnswer, transactionMethod) === null ? 'absent' : 'pending',
    };
  }
}

const priceCalls: readonly RpcCall[] = [
  { method: 'eth_getBlockByNumber', params: ['latest', false] },
  { method: 'eth_maxPriorityFeePerGas', params: [] },
];

function readPrices([head, tip]: readonly unknown[]): GasPrices {
  const { baseFeePerGas } = readAnswer(headerSchema, head, 'eth_getBlockByNumber');
  return { baseFee: baseFeePerGas, tip: readAnswer(bigintSchema, tip, 'eth_maxPriorityFeePerGas') };
}

function balanceCall(address: Address): RpcCall {
  return { method: 'eth_getBalance', params: [address, 'latest'] };
}

function readBalance(answer: unknown): bigint {
  return readAnswer(bigintSchema, answer, 'eth_getBalance');
}
