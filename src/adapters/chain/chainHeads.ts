import type { BlockHeader, Disposable, Event } from '../../core/ports';
import type { IpcTransport } from './ipcTransport';
import { askNode, headerSchema, readAnswer } from './rpcAnswer';

/** The newest block of a node over its IPC, asked for or pushed. */
export class IpcChainHeads {
  readonly #transport: IpcTransport;
  readonly #listeners = new Set<(head: BlockHeader) => void>();
  #subscription: Disposable | undefined;

  constructor(transport: IpcTransport) {
    this.#transport = transport;
  }

  async head(signal: AbortSignal): Promise<BlockHeader> {
    const method = 'eth_getBlockByNumber';
    const [answer] = await askNode(this.#transport, [{ method, params: ['latest', false] }], signal);
    return toHeader(answer, method);
  }

  /** Comes with the present head as soon as the subscription has begun, again after a lost connection. */
  readonly onHead: Event<BlockHeader> = (listener) => {
    const entry = (head: BlockHeader): void => {
      listener(head);
    };
    this.#listeners.add(entry);
    this.#subscription ??= this.#subscribe();
    return {
      dispose: () => {
        this.#listeners.delete(entry);
        if (this.#listeners.size > 0) return;
        this.#subscription?.dispose();
        this.#subscription = undefined;
      },
    };
  };

  #subscribe(): Disposable {
    const tell = (head: BlockHeader): void => {
      for (const listener of [...this.#listeners]) listener(head);
    };
    return this.#transport.subscribe(
      'newHeads',
      (value) => {
        tell(toHeader(value, 'eth_subscribe'));
      },
      () => {
        // A head that cannot be asked for is one that a later connection brings.
        this.head(AbortSignal.timeout(30_000)).then(tell, () => undefined);
      },
    );
  }
}

function toHeader(answer: unknown, method: string): BlockHeader {
  const { number, hash, time } = readAnswer(headerSchema, answer, method);
  return { number, hash, time };
}
