import * as v from 'valibot';
import { DaoChainError, throwIfCancelled } from '../../core/errors';
import type { Disposable } from '../../core/ports';
import { answerSchema, defaultLimits, RpcError, type RpcCall, type RpcLimits, type RpcTransport } from './rpcTransport';

export interface HttpTransportOptions extends RpcLimits {
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
export class HttpTransport implements RpcTransport {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #options: Required<HttpTransportOptions>;
  readonly #ended = new AbortController();

  /** `url`: `http:` or `https:`; a user name and password in it are sent as basic authentication. */
  constructor(url: URL, options: HttpTransportOptions = {}) {
    const { username, password } = url;
    const bare = new URL(url);
    bare.username = bare.password = '';
    this.#url = bare.href;
    const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
    this.#headers = {
      'content-type': 'application/json',
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
    return calls.map((_, index) => {
      const answer = answers.output.find(({ id }) => id === index);
      if (answer === undefined) throw unavailable('It did not answer everything');
      if (answer.error !== undefined) throw new RpcError(answer.error.code, answer.error.message, answer.error.data);
      return answer.result;
    });
  }

  subscribe(_topic: 'newHeads', onValue: (value: unknown) => void, onSubscribed: () => void): Disposable {
    const stopped = new AbortController();
    const signal = AbortSignal.any([stopped.signal, this.#ended.signal]);
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
        // Told to whoever asks something; the next look shows when it is back.
        isReached = false;
      }
      if (!signal.aborted) timer = setTimeout(() => void look(), this.#options.pollMs);
    };
    let timer: NodeJS.Timeout | undefined;
    void look();
    return {
      dispose: () => {
        stopped.abort();
        clearTimeout(timer);
      },
    };
  }

  dispose(): void {
    this.#ended.abort();
  }

  /** The body of the answer. JSON-RPC errors come with any status; an answer without one is told by its status. */
  async #post(body: string, signal: AbortSignal): Promise<string> {
    const late = AbortSignal.timeout(this.#options.timeoutMs);
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: this.#headers,
        body,
        // Who is asked was decided by the user, and by nobody else.
        redirect: 'error',
        signal: AbortSignal.any([signal, late, this.#ended.signal]),
      });
      const text = await this.#read(response);
      if (!response.ok && !text.startsWith('{') && !text.startsWith('[')) {
        throw unavailable(`It answers with status ${response.status}`);
      }
      return text;
    } catch (error) {
      throwIfCancelled(signal);
      if (error instanceof DaoChainError) throw error;
      throw unavailable(late.aborted ? `It did not answer within ${this.#options.timeoutMs} ms` : String(error), error);
    }
  }

  async #read({ body }: Response): Promise<string> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of body ?? []) {
      chunks.push(chunk);
      length += chunk.length;
      if (length <= this.#options.maximumBytes) continue;
      throw new DaoChainError('nodeUnavailable', `An answer of more than ${this.#options.maximumBytes} bytes`, {
        details: { reason: 'answerTooLarge' },
      });
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

function unavailable(message: string, cause?: unknown): DaoChainError {
  return new DaoChainError('nodeUnavailable', `The endpoint cannot be used: ${message}`, { cause });
}
