import { createConnection, type Socket } from 'node:net';
import { Emitter } from '../../core/emitter';
import { DaoChainError, type ErrorDetails } from '../../core/errors';
import { NodeEvents } from './nodeEvents';
import type { Owner } from './ownerLock';
import { receiveFromOwner, send, type MessageToOwner } from './ownerMessages';
import { within } from './within';
import type { Log } from '../../core/ports/log';
import type { NodeHandle } from '../../core/ports/node';

/** How long an owner may take to say that it is there, to do what it is asked, and to end its node, in milliseconds. */
const patience = { hello: 5_000, answer: 60_000, stop: 60_000 };

/**
 * Joins the node of another window as soon as it is ready. Undefined when there is no such owner any more, so that its
 * entry is stale. `nodeOwnedElsewhere` (`pid`) when somebody holds the socket and says nothing.
 */
export function attachToOwner(
  owner: Owner,
  folder: string,
  log: Log,
  signal: AbortSignal,
): Promise<NodeHandle | undefined> {
  return new Promise((resolve, reject) => {
    const events = new NodeEvents(log, folder);
    const miningEnded = new Emitter<void>();
    const socket = createConnection({ path: owner.ownerPath });
    const ask = askInTurn(socket, owner);
    let threads: number | undefined;
    const abort = (): void => {
      reject(new DaoChainError('cancelled', 'Cancelled'));
      socket.destroy();
    };
    const late = setTimeout(() => {
      reject(silent(owner));
      socket.destroy();
    }, patience.hello);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    const settle = (): void => {
      clearTimeout(late);
      signal.removeEventListener('abort', abort);
    };
    const closed = closing(socket).then(() => {
      settle();
      resolve(undefined);
      ask.settle('The window that owns the node has left');
      events.end('ownerGone');
      return true as const;
    });
    receiveFromOwner(socket, (message) => {
      switch (message.type) {
        case 'hello':
          clearTimeout(late);
          break;
        case 'log':
          events.line(message.line);
          break;
        case 'call':
          events.heardOfCall(message.address, message);
          break;
        case 'ended':
          events.end(message.reason, message.code);
          break;
        case 'done':
          ask.settle(message.fault, message.refused);
          break;
        case 'threads':
          threads = message.threads ?? undefined;
          break;
        case 'miningEnded':
          miningEnded.fire();
          break;
        case 'ready':
          settle();
          resolve({
            ipcPath: owner.ipcPath,
            owned: false,
            replaced: undefined,
            calls: events.calls,
            onDag: events.onDag,
            onExit: events.onExit,
            get threads() {
              return threads;
            },
            mine: (wish) => ask.send({ type: 'mine', ...wish }),
            rest: () => ask.send({ type: 'rest' }),
            endMining: () => ask.send({ type: 'endMining' }),
            onMiningEnded: miningEnded.event,
            stop: async () => {
              send(socket, { type: 'stop' });
              if ((await within(patience.stop, closed)) === undefined) throw silent(owner);
            },
            release: async () => {
              events.end('stopped');
              socket.end();
              await within(patience.hello, closed);
              socket.destroy();
            },
          });
      }
    });
  });
}

/** Asks an owner to end its node, also one that does not answer or only begins. `cancelled`. */
export async function askToStop(owner: Owner, signal: AbortSignal): Promise<'ended' | 'gone' | 'silent'> {
  const socket = createConnection({ path: owner.ownerPath });
  const abort = (): void => {
    socket.destroy();
  };
  signal.addEventListener('abort', abort);
  try {
    let heard = (): void => undefined;
    const hello = new Promise<'hello'>((resolve) => {
      heard = () => {
        resolve('hello');
      };
    });
    receiveFromOwner(socket, heard);
    const closed = closing(socket).then(() => 'closed' as const);
    const first = await within(patience.hello, Promise.race([hello, closed]));
    if (first === 'hello') {
      send(socket, { type: 'stop' });
      if ((await within(patience.stop, closed)) === 'closed' && !signal.aborted) return 'ended';
    }
    if (signal.aborted) throw new DaoChainError('cancelled', 'Cancelled');
    return first === 'closed' ? 'gone' : 'silent';
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

/** Sends requests, whose answers come in their order. */
function askInTurn(
  socket: Socket,
  owner: Owner,
): { send: (message: MessageToOwner) => Promise<void>; settle: (fault?: string, refused?: ErrorDetails) => void } {
  const waiting: ((fault?: string, refused?: ErrorDetails) => void)[] = [];
  return {
    send: async (message) => {
      if (socket.destroyed) throw unavailable('The window that owns the node has left');
      const answer = new Promise<{ readonly fault?: string | undefined; readonly refused?: ErrorDetails | undefined }>(
        (resolve) => {
          waiting.push((fault, refused) => {
            resolve({ fault, refused });
          });
        },
      );
      send(socket, message);
      const answered = await within(patience.answer, answer);
      if (answered === undefined) throw silent(owner);
      if (answered.refused !== undefined)
        throw new DaoChainError('miningRefused', answered.fault ?? 'Refused', { details: answered.refused });
      if (answered.fault !== undefined) throw unavailable(answered.fault);
    },
    settle: (fault, refused) => {
      if (socket.destroyed) for (const each of waiting.splice(0)) each(fault);
      else waiting.shift()?.(fault, refused);
    },
  };
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('error', () => undefined);
    socket.once('close', () => {
      resolve();
    });
  });
}

function unavailable(message: string): DaoChainError {
  return new DaoChainError('nodeUnavailable', message);
}

function silent({ pid }: Owner): DaoChainError {
  const message = `Process ${pid} has the node and does not answer`;
  return new DaoChainError('nodeOwnedElsewhere', message, { details: { pid: pid.toString() } });
}
