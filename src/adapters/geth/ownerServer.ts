import { chmod } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { receiveFromWindow, send, type MessageToWindow } from './ownerMessages';

/** A window that reads so slowly has hung. */
const maximumBacklog = 2 ** 20;

/** The owner's side: proves that the owner lives, and tells the other windows what its node does. */
export class OwnerServer {
  readonly #server: Server;
  readonly #windows = new Set<Socket>();
  readonly #recent: MessageToWindow[] = [];

  private constructor(onStopRequest: () => void) {
    this.#server = createServer((socket) => {
      this.#windows.add(socket);
      socket.once('close', () => this.#windows.delete(socket));
      receiveFromWindow(socket, onStopRequest);
      send(socket, { type: 'hello' });
      for (const message of this.#recent) send(socket, message);
    });
  }

  static async listen(path: string, onStopRequest: () => void): Promise<OwnerServer> {
    const owner = new OwnerServer(onStopRequest);
    await new Promise<void>((resolve, reject) => {
      owner.#server.once('error', reject);
      owner.#server.listen(path, resolve);
    });
    if (process.platform !== 'win32') await chmod(path, 0o600);
    return owner;
  }

  /** Tells every window, and those that come later as far as it is recent. */
  tell(message: MessageToWindow): void {
    this.#recent.push(message);
    const lines = this.#recent.filter(({ type }) => type === 'log');
    if (lines.length > 50)
      this.#recent.splice(
        this.#recent.findIndex(({ type }) => type === 'log'),
        1,
      );
    for (const socket of this.#windows) {
      if (socket.writableLength > maximumBacklog) socket.destroy();
      else send(socket, message);
    }
  }

  /** Hangs up on all windows, after what they were told. */
  close(): void {
    this.#server.close();
    for (const socket of this.#windows) socket.end();
  }
}
