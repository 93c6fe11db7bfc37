import * as v from 'valibot';
import type { WorkBlock } from '../../core/ledger/networkWork';
import type { RpcCall, RpcTransport } from './rpcTransport';
import { addressSchema, askNode, bigintSchema, hex32Schema, numberSchema, readAnswer } from './rpcAnswer';
import type { WorkReader } from '../../core/ports/node';

const blockSchema = v.nullable(
  v.pipe(
    v.object({
      number: numberSchema,
      hash: hex32Schema,
      parentHash: hex32Schema,
      timestamp: numberSchema,
      difficulty: bigintSchema,
      miner: addressSchema,
    }),
    v.transform(({ timestamp, ...block }) => ({ ...block, time: timestamp })),
  ),
);

type Block = NonNullable<v.InferOutput<typeof blockSchema>>;

const method = 'eth_getBlockByNumber';

/** Reads the newest blocks once, and then each further one. */
export class RpcWorkReader implements WorkReader {
  readonly #transport: RpcTransport;
  #blocks: readonly Block[] = [];

  constructor(transport: RpcTransport) {
    this.#transport = transport;
  }

  async newest(count: number, signal: AbortSignal): Promise<readonly WorkBlock[]> {
    const [head] = await this.#ask([{ method, params: ['latest', false] }], signal);
    const last = this.#blocks.at(-1);
    if (head === undefined || head.hash === last?.hash) return this.#blocks.slice(-count);
    const known = head.parentHash === last?.hash ? this.#blocks : await this.#before(head.number, count, signal);
    this.#blocks = [...known, head].slice(-count);
    return this.#blocks;
  }

  /** Those of `count` blocks that come before the newest one. */
  async #before(head: number, count: number, signal: AbortSignal): Promise<readonly Block[]> {
    const first = Math.max(head - count + 1, 0);
    if (first === head) return [];
    const numbers = Array.from({ length: head - first }, (_, index) => first + index);
    return this.#ask(
      numbers.map((number) => ({ method, params: [`0x${number.toString(16)}`, false] })),
      signal,
    );
  }

  /** A block that the node has given up meanwhile is missing. */
  async #ask(calls: readonly RpcCall[], signal: AbortSignal): Promise<readonly Block[]> {
    const answers = await askNode(this.#transport, calls, signal);
    return answers.map((answer) => readAnswer(blockSchema, answer, method)).filter((block) => block !== null);
  }
}
