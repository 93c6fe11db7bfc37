import { createConnection, type Socket } from 'node:net';
import * as v from 'valibot';
import { untilCancelled } from '../../core/cancellation';
import { DaoChainError, throwIfCancelled } from '../../core/errors';
import {
  answerSchema,
  defaultLimits,
  RpcError,
  tooSlow,
  type RpcCall,
  type RpcLimits,
  type RpcTransport,
} from './rpcTransport';
import type { Disposable } from '../../core/emitter';

const notificationSchema = v.object({
  method: v.literal('eth_subscription'),
  params: v.object({ subscription: v.string(), result: v.unknown() }),
});

const lineSchema = v.union([v.array(answerSchema), answerSchema, notificationSchema]);

interface Subscription {
  readonly topic: string;
  readonly onValue: (value: unknown) => void;
  readonly onSubscribed: () => void;
}

/**
 * JSON-RPC over a Unix socket or a Windows named pipe, one JSON value a line, as geth speaks it. It connects when there
 * is something to ask and again after a connection was lost. Whatever ends a connection rejects everything that waits
 * on it with `nodeUnavailable`, so no call hangs; whether a lost call reached the node is then unknown.
 */
export class IpcTransport implements RpcTransport {
  readonly #path: () => string | undefined;
  readonly #options: Required<RpcLimits>;
  readonly #subscriptions = new Set<Subscription>();
  #connection: Promise<Connection> | undefined;
  #disposed = false;

  /** `path` is asked at each connect: where the node listens now, or undefined when none runs. */
  constructor(path: () => string | undefined, limits: RpcLimits = {}) {
    this.#path = path;
    this.#options = { ...defaultLimits, ...limits };
  }

  async request(method: string, params: readonly unknown[], signal: AbortSignal): Promise<unknown> {
    const [result] = await this.batch([{ method, params }], signal);
    return result;
  }

  async batch(calls: readonly RpcCall[], signal: AbortSignal): Promise<readonly unknown[]> {
    if (calls.length === 0) return [];
    throwIfCancelled(signal);
    // A connection is everybody's, and goes on when one of those who wait for it leaves.
    const connection = await untilCancelled(this.#connect(), signal);
    return connection.send(calls, signal);
  }

  /**
   * `eth_subscribe` until disposed, on this connection and each later one; it opens one if it can and else waits until
   * somebody asks something. `onSubscribed` comes each time the subscription has begun: what happened before was missed.
   */
  subscribe(topic: 'newHeads', onValue: (value: unknown) => void, onSubscribed: () => void): Disposable {
    const subscription = { topic, onValue, onSubscribed };
    this.#subscriptions.add(subscription);
    const begin = this.#connect().then((connection) => {
      connection.subscribe(subscription);
    });
    begin.catch(() => undefined);
    return {
      dispose: () => {
        this.#subscriptions.delete(subscription);
        this.#connection?.then(
          (connection) => {
            connection.unsubscribe(subscription);
          },
          () => undefined,
        );
      },
    };
  }

  dispose(): void {
    this.#disposed = true;
    this.#subscriptions.clear();
    this.#connection?.then(
      (connection) => {
        connection.close('The connection to the node was closed here');
      },
      () => undefined,
    );
  }

  #connect(): Promise<Connection> {
    if (this.#connection === undefined) {
      const connection = this.#open();
      this.#connection = connection;
      connection.catch(() => {
        this.#connection = undefined;
      });
    }
    return this.#connection;
  }

  async #open(): Promise<Connection> {
    const path = this.#path();
    if (this.#disposed || path === undefined)
      throw new DaoChainError('nodeUnavailable', 'No node is running', { details: { reason: 'notRunning' } });
    const connection = await openConnection(path, this.#options);
    connection.onClose(() => {
      this.#connection = undefined;
    });
    for (const subscription of this.#subscriptions) connection.subscribe(subscription);
    return connection;
  }
}

function openConnection(path: string, options: Required<RpcLimits>): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    const timer = setTimeout(() => socket.destroy(new Error('connecting took too long')), options.timeoutMs);
    const fail = (cause: Error): void => {
      clearTimeout(timer);
      reject(new DaoChainError('nodeUnavailable', `The node does not listen: ${cause.message}`, { cause }));
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(new Connection(socket, options));
    });
  });
}

/** What waits for the answer to one id. */
interface Waiter {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One connected socket and everything that waits on it. */
class Connection {
  readonly #socket: Socket;
  readonly #options: Required<RpcLimits>;
  readonly #waiting = new Map<number, Waiter>();
  /** By the node's id for it; the value of one that is being made has no id yet. */
  readonly #subscriptions = new Map<Subscription, string | undefined>();
  #nextId = 1;
  #chunks: Buffer[] = [];
  #length = 0;
  #fault: Error | undefined;

  constructor(socket: Socket, options: Required<RpcLimits>) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
    socket.once('error', (error) => {
      this.#fault ??= error;
    });
    socket.once('close', () => {
      const cause = this.#fault ?? new Error('the node closed the connection');
      const tooLarge = cause instanceof AnswerTooLarge;
      const error = new DaoChainError('nodeUnavailable', `The connection to the node was lost: ${cause.message}`, {
        ...(tooLarge && { details: { reason: 'answerTooLarge' } }),
        cause,
      });
      for (const waiter of [...this.#waiting.values()]) waiter.reject(error);
    });
  }

  onClose(listener: () => void): void {
    this.#socket.once('close', listener);
  }

  close(why: string): void {
    this.#fault ??= new Error(why);
    this.#socket.destroy();
  }

  send(calls: readonly RpcCall[], signal?: AbortSignal): Promise<readonly unknown[]> {
    const messages = calls.map((call) => ({ jsonrpc: '2.0', id: this.#nextId++, ...call }));
    return new Promise((resolve, reject) => {
      const results: unknown[] = messages.map(() => undefined);
      let missing = messages.length;
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        for (const { id } of messages) this.#waiting.delete(id);
      };
      const fail = (error: Error): void => {
        settle();
        reject(error);
      };
      const abort = (): void => {
        fail(new DaoChainError('cancelled', 'Cancelled'));
      };
      const timer = setTimeout(() => {
        fail(tooSlow(`The node did not answer within ${this.#options.timeoutMs} ms`));
      }, this.#options.timeoutMs);
      signal?.addEventListener('abort', abort);
      messages.forEach(({ id }, index) => {
        this.#waiting.set(id, {
          resolve: (result) => {
            results[index] = result;
            missing -= 1;
            if (missing > 0) return;
            settle();
            resolve(results);
          },
          reject: fail,
        });
      });
      if (this.#socket.destroyed) fail(new DaoChainError('nodeUnavailable', 'The connection to the node was lost'));
      else this.#write(messages.length === 1 ? messages[0] : messages);
    });
  }

  subscribe(subscription: Subscription): void {
    if (this.#subscriptions.has(subscription)) return;
    this.#subscriptions.set(subscription, undefined);
    const id = this.#nextId++;
    // Listeners would wait forever for what this connection no longer brings; the next connection may bring it.
    const timer = setTimeout(() => {
      this.close('the node did not answer a subscription');
    }, this.#options.timeoutMs);
    this.#waiting.set(id, {
      // At once and not by a promise: the next line may hold the first value.
      resolve: (result) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        if (typeof result !== 'string') throw new TypeError('a subscription has an id');
        if (this.#subscriptions.has(subscription)) {
          this.#subscriptions.set(subscription, result);
          subscription.onSubscribed();
        } else this.#cancel(result);
      },
      reject: () => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        this.#subscriptions.delete(subscription);
      },
    });
    this.#write({ jsonrpc: '2.0', id, method: 'eth_subscribe', params: [subscription.topic] });
  }

  unsubscribe(subscription: Subscription): void {
    const id = this.#subscriptions.get(subscription);
    this.#subscriptions.delete(subscription);
    if (id !== undefined) this.#cancel(id);
  }

  #cancel(id: string): void {
    // A node that cannot end a subscription has ended it by going away.
    this.send([{ method: 'eth_unsubscribe', params: [id] }]).catch(() => undefined);
  }

  #write(message: unknown): void {
    this.#socket.write(JSON.stringify(message) + '\n');
  }

  #receive(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      this.#chunks.push(rest.subarray(0, end));
      const line = Buffer.concat(this.#chunks).toString('utf8');
      this.#chunks = [];
      this.#length = 0;
      rest = rest.subarray(end + 1);
      try {
        this.#handle(line);
      } catch (cause) {
        this.#fault ??= new Error('it sent what is no JSON-RPC', { cause });
        this.#socket.destroy();
        return;
      }
    }
    this.#chunks.push(rest);
    this.#length += rest.length;
    if (this.#length <= this.#options.maximumBytes) return;
    this.#fault ??= new AnswerTooLarge(`an answer of more than ${this.#options.maximumBytes} bytes`);
    this.#socket.destroy();
  }

  #handle(line: string): void {
    const message = v.parse(lineSchema, JSON.parse(line));
    if ('method' in message) {
      const { subscription: id, result } = message.params;
      for (const [subscription, known] of this.#subscriptions) if (known === id) subscription.onValue(result);
      return;
    }
    for (const { id, result, error } of Array.isArray(message) ? message : [message]) {
      // An ID that nobody waits for belongs to the late answer to a call that was given up.
      const waiter = this.#waiting.get(id);
      if (error !== undefined) waiter?.reject(new RpcError(error.code, error.message, error.data));
      else waiter?.resolve(result);
    }
  }
}

class AnswerTooLarge extends Error {}
