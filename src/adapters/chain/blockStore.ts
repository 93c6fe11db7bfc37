import { join } from 'node:path';
import { DaoChainError } from '../../core/errors';
import { fromHex } from '../../core/hex';
import type { BlockId } from '../../core/ledger/indexView';
import type { BlockStore } from '../../core/ports/backup';
import type { BlockHeader } from '../../core/ports/ledger';
import { withDraft } from '../draft';
import { toHeader } from './chainHeads';
import { askNode, bytesSchema, readAnswer, toQuantity } from './rpcAnswer';
import { RpcError, type RpcCall, type RpcTransport } from './rpcTransport';

/** The blocks of a node over its IPC. `folder`: where what the node is to take is put for it, and taken away again. */
export class RpcBlockStore implements BlockStore {
  readonly #transport: RpcTransport;
  readonly #folder: string;

  constructor(transport: RpcTransport, folder: string) {
    this.#transport = transport;
    this.#folder = folder;
  }

  async head(signal: AbortSignal): Promise<BlockHeader> {
    const method = 'eth_getBlockByNumber';
    const [answer] = await askNode(this.#transport, [{ method, params: ['latest', false] }], signal);
    return toHeader(answer, method);
  }

  async blocksAt(numbers: readonly number[], signal: AbortSignal): Promise<readonly (BlockId | undefined)[]> {
    const method = 'eth_getBlockByNumber';
    const calls = numbers.map((number): RpcCall => ({ method, params: [toQuantity(number), false] }));
    const answers = await askNode(this.#transport, calls, signal);
    return answers.map((answer) => (answer === null ? undefined : toHeader(answer, method)));
  }

  async rawBlocks(first: number, last: number, signal: AbortSignal): Promise<readonly Uint8Array[]> {
    const method = 'debug_getRawBlock';
    const calls = Array.from({ length: last - first + 1 }, (_, index): RpcCall => ({
      method,
      params: [toQuantity(first + index)],
    }));
    const answers = await askNode(this.#transport, calls, signal);
    return answers.map((answer) => fromHex(readAnswer(bytesSchema, answer, method)));
  }

  async addBlocks(blocks: Uint8Array, signal: AbortSignal): Promise<void> {
    // The node reads them from a file alone.
    const file = join(this.#folder, 'restored.blocks');
    await withDraft(file, blocks, async (draft) => {
      try {
        await this.#transport.request('admin_importChain', [draft], signal);
      } catch (cause) {
        if (!(cause instanceof RpcError)) throw cause;
        throw new DaoChainError('backupInvalid', `The node refuses a block: ${cause.message}`, {
          details: { reason: 'blocks' },
          cause,
        });
      }
    });
  }
}
