import * as v from 'valibot';
import type { Address } from '../../core/hex';
import { IpcTransport } from './ipcTransport';
import type { RpcTransport } from './rpcTransport';
import { askNode, numberSchema, readAnswer } from './rpcAnswer';
import type { Disposable } from '../../core/emitter';
import type { MiningControl } from '../../core/ports/node';

/** Mining through the `miner` and `ethash` namespaces, which geth offers over IPC only. */
export class RpcMiningControl implements MiningControl {
  readonly #transport: RpcTransport;

  constructor(transport: RpcTransport) {
    this.#transport = transport;
  }

  /** 2 calls. */
  async start(threads: number, etherbase: Address, signal: AbortSignal): Promise<void> {
    await askNode(
      this.#transport,
      [
        { method: 'miner_setEtherbase', params: [etherbase] },
        { method: 'miner_start', params: [threads] },
      ],
      signal,
    );
  }

  /** 1 call. A DAG that is being generated goes on; only the end of the node ends that. */
  async stop(signal: AbortSignal): Promise<void> {
    await askNode(this.#transport, [{ method: 'miner_stop', params: [] }], signal);
  }

  /** 1 call. */
  async nextBlock(signal: AbortSignal): Promise<number> {
    const method = 'eth_blockNumber';
    const [answer] = await askNode(this.#transport, [{ method, params: [] }], signal);
    return readAnswer(numberSchema, answer, method) + 1;
  }

  /** 2 calls. `eth_hashrate` would be 0 always: the engine is hidden from it. */
  async status(signal: AbortSignal): Promise<{ readonly mining: boolean; readonly hashrate: number }> {
    const [mining, hashrate] = await askNode(
      this.#transport,
      [
        { method: 'eth_mining', params: [] },
        { method: 'ethash_getHashrate', params: [] },
      ],
      signal,
    );
    return {
      mining: readAnswer(v.boolean(), mining, 'eth_mining'),
      hashrate: readAnswer(v.pipe(v.number(), v.finite(), v.minValue(0)), hashrate, 'ethash_getHashrate'),
    };
  }
}

/** The same for the node at a socket, over a connection of its own. */
export function miningAt(ipcPath: string): MiningControl & Disposable {
  const transport = new IpcTransport(() => ipcPath);
  const control = new RpcMiningControl(transport);
  return {
    start: (threads, etherbase, signal) => control.start(threads, etherbase, signal),
    stop: (signal) => control.stop(signal),
    nextBlock: (signal) => control.nextBlock(signal),
    status: (signal) => control.status(signal),
    dispose: () => {
      transport.dispose();
    },
  };
}
