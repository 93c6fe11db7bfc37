import * as v from 'valibot';
import { isDaoChainError } from '../../core/errors';
import type { Address, Hex, Hex32 } from '../../core/hex';
import type { AccountBlock, AccountReader, AccountState, AccountTransaction } from '../../core/ports/accounts';
import type { RpcCall, RpcTransport } from './rpcTransport';
import { addressSchema, askNode, bigintSchema, bytesSchema, hex32Schema, numberSchema, readAnswer } from './rpcAnswer';

const uncleSchema = v.object({ number: numberSchema, miner: addressSchema });
const transactionSchema = v.object({
  hash: hex32Schema,
  from: addressSchema,
  to: v.nullable(addressSchema),
  value: bigintSchema,
});
const blockSchema = v.object({
  number: numberSchema,
  hash: hex32Schema,
  timestamp: numberSchema,
  miner: addressSchema,
  difficulty: bigintSchema,
  /** Absent before London. */
  baseFeePerGas: v.optional(bigintSchema),
  transactions: v.array(transactionSchema),
  uncles: v.array(hex32Schema),
});
type RpcBlock = v.InferOutput<typeof blockSchema>;
const receiptSchema = v.object({
  transactionHash: hex32Schema,
  blockHash: hex32Schema,
  status: numberSchema,
  gasUsed: bigintSchema,
  effectiveGasPrice: bigintSchema,
});
type Receipt = v.InferOutput<typeof receiptSchema>;

/** Wei for a block since Constantinople (EIP-1234). */
const blockReward = 2n * 10n ** 18n;

/** Calls in one message; newer nodes take no more than a thousand. */
const mostCalls = 500;
/** Blocks in one message: full ones have some hundred kilobytes each. */
const mostBlocks = 32;

/** Accounts over a node's RPC, with the states of old blocks where it keeps them. */
export class RpcAccountReader implements AccountReader {
  readonly #transport: RpcTransport;

  constructor(transport: RpcTransport) {
    this.#transport = transport;
  }

  async isContract(address: Address, signal: AbortSignal): Promise<boolean> {
    const method = 'eth_getCode';
    const [answer] = await askNode(this.#transport, [{ method, params: [address, 'latest'] }], signal);
    return readAnswer(bytesSchema, answer, method) !== '0x';
  }

  async statesAt(
    address: Address,
    blocks: readonly number[],
    signal: AbortSignal,
  ): Promise<readonly AccountState[] | undefined> {
    const [balanceMethod, nonceMethod] = ['eth_getBalance', 'eth_getTransactionCount'];
    const calls = blocks.flatMap((block): readonly RpcCall[] => {
      const params = [address, quantity(block)];
      return [
        { method: balanceMethod, params },
        { method: nonceMethod, params },
      ];
    });
    let answers: readonly unknown[];
    try {
      answers = await this.#ask(calls, signal);
    } catch (error) {
      if (!isDaoChainError(error, 'nodeFailed')) throw error;
      return undefined;
    }
    return blocks.map((_, index) => ({
      balance: readAnswer(bigintSchema, answers[2 * index], balanceMethod),
      nonce: readAnswer(numberSchema, answers[2 * index + 1], nonceMethod),
    }));
  }

  async blocks(address: Address, numbers: readonly number[], signal: AbortSignal): Promise<readonly AccountBlock[]> {
    const found: AccountBlock[] = [];
    for (let at = 0; at < numbers.length; at += mostBlocks) {
      const blocks = await this.#whole(numbers.slice(at, at + mostBlocks), signal);
      for (const block of blocks) found.push(await this.#concerning(address, block, signal));
    }
    return found;
  }

  /** In one message if that is not too much to take. */
  async #whole(numbers: readonly number[], signal: AbortSignal): Promise<readonly RpcBlock[]> {
    const method = 'eth_getBlockByNumber';
    const calls = numbers.map((number): RpcCall => ({ method, params: [quantity(number), true] }));
    try {
      const answers = await askNode(this.#transport, calls, signal);
      return answers.map((answer) => readAnswer(blockSchema, answer, method));
    } catch (error) {
      if (!isDaoChainError(error, 'nodeFailed') || numbers.length === 1) throw error;
      const half = Math.ceil(numbers.length / 2);
      return [
        ...(await this.#whole(numbers.slice(0, half), signal)),
        ...(await this.#whole(numbers.slice(half), signal)),
      ];
    }
  }

  async #concerning(address: Address, block: RpcBlock, signal: AbortSignal): Promise<AccountBlock> {
    const { number, timestamp, difficulty, miner, uncles, baseFeePerGas = 0n } = block;
    const isMiner = miner === address;
    const own = block.transactions.filter(({ from, to }) => from === address || to === address);
    const wanted = isMiner ? block.transactions : own;
    const receipts = await this.#receipts(wanted, block.hash, signal);
    const tips = [...receipts.values()].reduce(
      (sum, { gasUsed, effectiveGasPrice }) => sum + gasUsed * (effectiveGasPrice - baseFeePerGas),
      0n,
    );
    // Without work nobody is paid for a block.
    const reward = difficulty === 0n ? 0n : blockReward;
    const forBlock = isMiner ? reward + (reward / 32n) * BigInt(uncles.length) + tips : 0n;
    const ofUncles = await this.#unclesOf(block, signal);
    const forUncles = ofUncles
      .filter((uncle) => uncle.miner === address)
      .reduce((sum, uncle) => sum + (reward * BigInt(8 - (number - uncle.number))) / 8n, 0n);
    return {
      number,
      time: timestamp,
      mined: forBlock + forUncles,
      transactions: own.map(({ hash, from, to, value }): AccountTransaction => {
        const receipt = receipts.get(hash);
        const failed = receipt?.status !== 1;
        const fee = receipt === undefined ? 0n : receipt.gasUsed * receipt.effectiveGasPrice;
        return {
          hash,
          from,
          to: to ?? undefined,
          value: failed ? 0n : value,
          fee: from === address ? fee : 0n,
          failed,
        };
      }),
    };
  }

  /** A receipt of another block is one of another chain, to which the node has gone over meanwhile: `nodeFailed`. */
  async #receipts(
    transactions: readonly { readonly hash: Hex32 }[],
    block: Hex32,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Hex32, Receipt>> {
    const method = 'eth_getTransactionReceipt';
    const calls = transactions.map(({ hash }): RpcCall => ({ method, params: [hash] }));
    const schema = v.pipe(
      receiptSchema,
      v.check(({ blockHash }) => blockHash === block, 'of another block'),
    );
    const receipts = (await this.#ask(calls, signal)).map((answer) => readAnswer(schema, answer, method));
    return new Map(receipts.map((receipt) => [receipt.transactionHash, receipt]));
  }

  async #unclesOf({ hash, uncles, number }: RpcBlock, signal: AbortSignal) {
    const method = 'eth_getUncleByBlockHashAndIndex';
    const calls = uncles.map((_, index): RpcCall => ({ method, params: [hash, quantity(index)] }));
    const schema = v.pipe(
      uncleSchema,
      v.check((uncle) => uncle.number < number && number - uncle.number < 8, 'no uncle of this block'),
    );
    return (await this.#ask(calls, signal)).map((answer) => readAnswer(schema, answer, method));
  }

  async #ask(calls: readonly RpcCall[], signal: AbortSignal): Promise<readonly unknown[]> {
    const answers: unknown[] = [];
    for (let at = 0; at < calls.length; at += mostCalls)
      answers.push(...(await askNode(this.#transport, calls.slice(at, at + mostCalls), signal)));
    return answers;
  }
}

function quantity(value: number): Hex {
  return `0x${value.toString(16)}`;
}
