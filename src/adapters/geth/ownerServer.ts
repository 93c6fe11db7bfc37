import { chmod } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { MiningLeases } from './miningLeases';
import { isDaoChainError } from '../../core/errors';
import { receiveFromWindow, send, type MessageToOwner, type MessageToWindow } from './ownerMessages';

/** A window that reads so slowly has hung. */
const maximumBacklog = 2 ** 20;

export interface OwnerServerOptions {
  readonly leases: MiningLeases;
  readonly onStopRequest: () => void;
  /** A window has ended mining for everybody. */
  readonly onMiningEnded: () => void;
  /** A window needs no blocks any more, and perhaps none does. */
  readonly onRest: () => void;
}

/** The owner's side: proves that the owner lives, tells the other windows what its node does, and mines for them. */
export class OwnerServer {
  readonly #server: Server;
  readonly #options: OwnerServerOptions;
  readonly #windows = new Set<Socket>();
  readonly #recent: MessageToWindow[] = [];
  /** By address: the newest call to a hub is all that counts. */
  readonly #calls = new Map<string, MessageToWindow>();

  private constructor(options: OwnerServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => {
      this.#windows.add(socket);
      socket.once('close', () => {
        this.#windows.delete(socket);
        options.leases
          .release(socket)
          .then(() => {
            this.tellThreads();
            options.onRest();
          })
          .catch(() => undefined);
      });
      receiveFromWindow(socket, (message) => void this.#receive(socket, message));
      send(socket, { type: 'hello' });
      send(socket, this.#threads());
      for (const message of [...this.#calls.values(), ...this.#recent]) send(socket, message);
    });
  }

  static async listen(path: string, options: OwnerServerOptions): Promise<OwnerServer> {
    const owner = new OwnerServer(options);
    await new Promise<void>((resolve, reject) => {
      owner.#server.once('error', reject);
      owner.#server.listen(path, resolve);
    });
    if (process.platform !== 'win32') await chmod(path, 0o600);
    return owner;
  }

  /** Tells every window, and those that come later as far as it is recent. */
  tell(message: MessageToWindow): void {
    if (message.type === 'call') this.#calls.set(message.address, message);
    else this.#recent.push(message);
    const lines = this.#recent.filter(({ type }) => type === 'log');
    if (lines.length > 50)
      this.#recent.splice(
        this.#recent.findIndex(({ type }) => type === 'log'),
        1,
      );
    this.tellPresent(message);
  }

  /** Tells every window that is there now. */
  tellPresent(message: MessageToWindow): void {
    for (const socket of this.#windows) {
      if (socket.writableLength > maximumBacklog) socket.destroy();
      else send(socket, message);
    }
  }

  /** Tells how many threads mine now. */
  tellThreads(): void {
    this.tellPresent(this.#threads());
  }

  /** Hangs up on all windows, after what they were told. */
  close(): void {
    this.#server.close();
    for (const socket of this.#windows) socket.end();
  }

  async #receive(socket: Socket, message: MessageToOwner): Promise<void> {
    const { leases, onStopRequest, onMiningEnded, onRest } = this.#options;
    if (message.type === 'stop') {
      onStopRequest();
      return;
    }
    try {
      if (message.type === 'mine') await leases.hold(socket, message);
      else if (message.type === 'rest') await leases.release(socket);
      else {
        await leases.endAll();
        onMiningEnded();
      }
      // Its connection ended meanwhile, before there was a lease to end with it.
      if (socket.destroyed) await leases.release(socket);
      send(socket, { type: 'done' });
      this.tellThreads();
      if (message.type !== 'mine') onRest();
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      const refused = isDaoChainError(error, 'miningRefused') ? { refused: error.details } : {};
      send(socket, { type: 'done', fault, ...refused });
    }
  }

  #threads(): MessageToWindow {
    return { type: 'threads', threads: this.#options.leases.threads ?? null };
  }
}
