import { Emitter, type Disposable, type Event } from '../../core/emitter';
import type { RpcTransport } from './rpcTransport';
import { askNode, headerSchema, readAnswer } from './rpcAnswer';
import type { BlockHeader } from '../../core/ports/ledger';

/** The newest block of a node over its IPC, asked for or pushed. */
export class RpcChainHeads {
  readonly #transport: RpcTransport;
  readonly #heads = new Emitter<BlockHeader>();
  #subscription: Disposable | undefined;

  constructor(transport: RpcTransport) {
    this.#transport = transport;
  }

  async head(signal: AbortSignal): Promise<BlockHeader> {
    return this.#block('latest', signal);
  }

  /** The block that the chain calls final. `nodeFailed` where it tells of none. */
  async finalized(signal: AbortSignal): Promise<BlockHeader> {
    return this.#block('finalized', signal);
  }

  async #block(which: 'latest' | 'finalized', signal: AbortSignal): Promise<BlockHeader> {
    const method = 'eth_getBlockByNumber';
    const [answer] = await askNode(this.#transport, [{ method, params: [which, false] }], signal);
    return toHeader(answer, method);
  }

  /** Comes with the present head as soon as the subscription has begun, again after a lost connection. */
  readonly onHead: Event<BlockHeader> = (listener) => {
    const listening = this.#heads.event(listener);
    this.#subscription ??= this.#subscribe();
    return {
      dispose: () => {
        listening.dispose();
        if (this.#heads.hasListeners) return;
        this.#subscription?.dispose();
        this.#subscription = undefined;
      },
    };
  };

  #subscribe(): Disposable {
    const tell = (head: BlockHeader): void => {
      this.#heads.fire(head);
    };
    return this.#transport.subscribe(
      'newHeads',
      (value) => {
        tell(toHeader(value, 'eth_subscribe'));
      },
      () => {
        // A head that cannot be asked for is one that a later connection brings; the transport bounds the wait.
        this.head(new AbortController().signal).then(tell, () => undefined);
      },
    );
  }
}

export function toHeader(answer: unknown, method: string): BlockHeader {
  const { number, hash, parentHash, time } = readAnswer(headerSchema, answer, method);
  return { number, hash, parentHash, time };
}
