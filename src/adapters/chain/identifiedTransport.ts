import { throwIfCancelled } from '../../core/errors';
import type { Disposable } from '../../core/emitter';
import type { LedgerId } from '../../core/ledger/types';
import { chainCalls, requireChain } from './identifyLedger';
import type { RpcCall, RpcTransport } from './rpcTransport';

/**
 * The way to an endpoint that can be another chain's tomorrow. Each message asks which chain it is as well, and nothing is
 * taken from another one: a ledger has the same address everywhere. `ledgerUnknown`.
 */
export class IdentifiedTransport implements RpcTransport {
  readonly #transport: RpcTransport;
  readonly #ledger: LedgerId;

  constructor(transport: RpcTransport, ledger: LedgerId) {
    this.#transport = transport;
    this.#ledger = ledger;
  }

  async request(method: string, params: readonly unknown[], signal: AbortSignal): Promise<unknown> {
    const [result] = await this.batch([{ method, params }], signal);
    return result;
  }

  async batch(calls: readonly RpcCall[], signal: AbortSignal): Promise<readonly unknown[]> {
    throwIfCancelled(signal);
    if (calls.length === 0) return [];
    const answers = await this.#transport.batch([...chainCalls, ...calls], signal);
    requireChain(answers, this.#ledger);
    return answers.slice(chainCalls.length);
  }

  /** A block that is pushed is read of by messages, which tell whose it is. */
  subscribe(topic: 'newHeads', onValue: (value: unknown) => void, onSubscribed: () => void): Disposable {
    return this.#transport.subscribe(topic, onValue, onSubscribed);
  }

  dispose(): void {
    this.#transport.dispose();
  }
}
