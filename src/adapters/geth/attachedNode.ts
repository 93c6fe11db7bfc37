import { createConnection } from 'node:net';
import { DaoChainError } from '../../core/errors';
import type { Log, NodeHandle } from '../../core/ports';
import { NodeEvents } from './nodeEvents';
import type { Owner } from './ownerLock';
import { receiveFromOwner, send } from './ownerMessages';
import { within } from './within';

/** How long an owner may take to say that it is there, and to end its node, in milliseconds. */
const patience = { hello: 5_000, stop: 60_000 };

/**
 * Joins the node of another window as soon as it is ready. Undefined when there is no such owner any more, so that its
 * entry is stale. `nodeOwnedElsewhere` (`pid`) when somebody holds the socket and says nothing.
 */
export function attachToOwner(owner: Owner, log: Log, signal: AbortSignal): Promise<NodeHandle | undefined> {
  return new Promise((resolve, reject) => {
    const events = new NodeEvents(log);
    const socket = createConnection({ path: owner.ownerPath });
    const abort = (): void => {
      reject(new DaoChainError('cancelled', 'Cancelled'));
      socket.destroy();
    };
    const late = setTimeout(() => {
      reject(silent(owner));
      socket.destroy();
    }, patience.hello);
    signal.addEventListener('abort', abort);
    const settle = (): void => {
      clearTimeout(late);
      signal.removeEventListener('abort', abort);
    };
    const closed = new Promise<true>((left) => {
      socket.once('close', () => {
        settle();
        resolve(undefined);
        events.end('ownerGone');
        left(true);
      });
    });
    receiveFromOwner(socket, (message) => {
      switch (message.type) {
        case 'hello':
          clearTimeout(late);
          break;
        case 'log':
          events.line(message.line);
          break;
        case 'ended':
          events.end(message.reason, message.code);
          break;
        case 'ready':
          settle();
          resolve({
            ipcPath: owner.ipcPath,
            owned: false,
            replaced: false,
            onDag: events.onDag,
            onExit: events.onExit,
            stop: async () => {
              send(socket, { type: 'stop' });
              if ((await within(patience.stop, closed)) === undefined) throw silent(owner);
            },
            release: async () => {
              events.end('stopped');
              socket.end();
              await closed;
            },
          });
      }
    });
  });
}

function silent({ pid }: Owner): DaoChainError {
  const message = `Process ${pid} has the node and does not answer`;
  return new DaoChainError('nodeOwnedElsewhere', message, { details: { pid: pid.toString() } });
}
