import { Agent as HttpAgent, request as sendPlainly } from 'node:http';
import { Agent as HttpsAgent, request as sendSecurely } from 'node:https';
import * as v from 'valibot';
import { DaoChainError, throwIfCancelled } from '../../core/errors';
import {
  answerSchema,
  defaultLimits,
  RpcError,
  tooLarge,
  tooSlow,
  type RpcCall,
  type RpcLimits,
  type RpcTransport,
} from './rpcTransport';
import type { Disposable } from '../../core/emitter';

export interface HttpRpcTransportOptions extends RpcLimits {
  /** Milliseconds between two looks for a new block, while somebody listens; 4,000 unless given. */
  readonly pollMs?: number;
}

const answersSchema = v.union([
  v.array(answerSchema),
  v.pipe(
    answerSchema,
    v.transform((answer) => [answer]),
  ),
]);

const headSchema = v.object({ hash: v.string() });

/** JSON-RPC over HTTP to an endpoint of somebody's. It pushes nothing, so new blocks are looked for. */
export class HttpRpcTransport implements RpcTransport {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #options: Required<HttpRpcTransportOptions>;
  readonly #agent: HttpAgent;
  readonly #ended = new AbortController();

  /** `url`: `http:` or `https:`; a user name and password in it are sent as basic authentication. */
  constructor(url: URL, options: HttpRpcTransportOptions = {}) {
    const { username, password } = url;
    const bare = new URL(url);
    bare.username = bare.password = '';
    this.#url = bare.href;
    const login = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64');
    this.#agent = newAgent(bare);
    this.#headers = {
      'content-type': 'application/json',
      'accept-encoding': 'identity',
      ...(username !== '' && { authorization: `Basic ${login}` }),
    };
    this.#options = { ...defaultLimits, pollMs: 4_000, ...options };
  }

  async request(method: string, params: readonly unknown[], signal: AbortSignal): Promise<unknown> {
    const [result] = await this.batch([{ method, params }], signal);
    return result;
  }

  async batch(calls: readonly RpcCall[], signal: AbortSignal): Promise<readonly unknown[]> {
    if (calls.length === 0) return [];
    throwIfCancelled(signal);
    const messages = calls.map((call, id) => ({ jsonrpc: '2.0', id, ...call }));
    const text = await this.#post(JSON.stringify(messages.length === 1 ? messages[0] : messages), signal);
    const answers = v.safeParse(v.pipe(v.string(), v.parseJson(), answersSchema), text);
    if (!answers.success) throw unavailable('It answers with what is no JSON-RPC');
    const byId = new Map(answers.output.map((answer) => [answer.id, answer]));
    if (byId.size !== answers.output.length) throw unavailable('It answers one call more than once');
    return calls.map((_, index) => {
      const answer = byId.get(index);
      if (answer === undefined) throw unavailable('It did not answer everything');
      if (answer.error !== undefined) throw new RpcError(answer.error.code, answer.error.message, answer.error.data);
      return answer.result;
    });
  }

  subscribe(_topic: 'newHeads', onValue: (value: unknown) => void, onSubscribed: () => void): Disposable {
    const stopped = new AbortController();
    const { signal } = stopped;
    const stop = (): void => {
      stopped.abort();
      clearTimeout(timer);
    };
    let newest: string | undefined;
    let isReached = false;
    const look = async (): Promise<void> => {
      try {
        const head = await this.request('eth_getBlockByNumber', ['latest', false], signal);
        const { hash } = v.parse(headSchema, head);
        if (!isReached) onSubscribed();
        else if (hash !== newest) onValue(head);
        isReached = true;
        newest = hash;
      } catch {
        // A lost endpoint is reported to whoever asks next; the next look shows when it is back.
        isReached = false;
      }
      if (!signal.aborted) timer = setTimeout(() => void look(), this.#options.pollMs);
    };
    let timer: NodeJS.Timeout | undefined;
    this.#ended.signal.addEventListener('abort', stop);
    if (!this.#ended.signal.aborted) void look();
    return {
      dispose: () => {
        this.#ended.signal.removeEventListener('abort', stop);
        stop();
      },
    };
  }

  dispose(): void {
    this.#ended.abort();
    this.#agent.destroy();
  }

  /** The body of the answer. JSON-RPC errors come with any status; an answer without one is told by its status. */
  async #post(body: string, signal: AbortSignal): Promise<string> {
    const { status, text } = await this.#exchange(body, signal, this.#agent).catch((error: unknown) => {
      // An endpoint closes what was idle for long just as we ask again. Each of our calls may be made twice.
      if (error instanceof KeptConnectionClosed) return this.#exchange(body, signal, false);
      throw error;
    });
    if (!(status >= 200 && status < 300) && !text.startsWith('{') && !text.startsWith('[')) {
      throw unavailable(`It answers with status ${status}`);
    }
    return text;
  }

  /**
   * One exchange, which ends with its answer, with the signal, when the transport is disposed, or when its time is over:
   * one time for everything from the first packet to the last byte, however slowly they come. Nothing is followed
   * elsewhere, because who is asked was decided by the user, and nothing is unpacked.
   */
  #exchange(
    body: string,
    signal: AbortSignal,
    agent: HttpAgent | false,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const { timeoutMs, maximumBytes } = this.#options;
    const send = this.#url.startsWith('https:') ? sendSecurely : sendPlainly;
    return new Promise((resolve, reject) => {
      const request = send(this.#url, { method: 'POST', headers: this.#headers, agent });
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', cancel);
        this.#ended.signal.removeEventListener('abort', close);
        settle();
      };
      const fail = (error: Error): void => {
        end(() => {
          reject(error);
        });
        request.destroy();
      };
      const cancel = (): void => {
        fail(new DaoChainError('cancelled', 'Cancelled'));
      };
      const close = (): void => {
        fail(unavailable('The connection was closed here'));
      };
      const timer = setTimeout(() => {
        fail(tooSlow(`It did not answer within ${timeoutMs} ms`));
      }, timeoutMs);
      signal.addEventListener('abort', cancel);
      this.#ended.signal.addEventListener('abort', close);
      request.on('error', (cause: NodeJS.ErrnoException) => {
        const isKept = request.reusedSocket && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE');
        fail(isKept ? new KeptConnectionClosed() : unavailable(cause.message, cause));
      });
      // However the exchange ends otherwise; a caller that already has its answer hears nothing of this.
      request.once('close', () => {
        fail(unavailable('It closed the connection'));
      });
      request.once('response', (response) => {
        const { 'content-encoding': encoding = 'identity' } = response.headers;
        if (encoding !== 'identity') {
          fail(unavailable('Its answer is packed, which nobody asked for'));
          return;
        }
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length > maximumBytes) fail(tooLarge(maximumBytes));
        });
        response.once('error', (cause) => {
          fail(unavailable(cause.message, cause));
        });
        response.once('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          end(() => {
            resolve({ status: response.statusCode ?? 0, text });
          });
        });
      });
      request.end(body);
    });
  }
}

/** Before anything of an answer had come. */
class KeptConnectionClosed extends Error {}

/** The agent of a scheme; connections are kept between calls, and stay within what one machine may ask for at once. */
function newAgent(url: URL): HttpAgent {
  const options = { keepAlive: true, maxSockets: 16 };
  return url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
}

/** A percent sign that begins no code stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function unavailable(message: string, cause?: unknown): DaoChainError {
  return new DaoChainError('nodeUnavailable', `The endpoint cannot be used: ${message}`, { cause });
}
