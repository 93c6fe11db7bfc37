import { Agent as HttpAgent, IncomingMessage, type AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import { inspect } from 'node:util';
import type Docker from 'dockerode';
import type { DockerOptions } from 'dockerode';
import * as v from 'valibot';
import { DaoChainError, isDaoChainError, throwIfCancelled } from '../../core/errors';
import { parseForeignJson } from '../../core/json/foreignJson';
import { basePathOf, dialOptions, type ResolvedEndpoint } from './endpoint';

/** One call of the Docker Engine API, on its unversioned path: the engine answers in its own newest version. */
export interface EngineRequest {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readable;
  /** Of `X-Registry-Auth`, a secret. */
  readonly registryAuth?: string;
  /** Milliseconds for the whole answer, of a stream for its beginning; afterwards the reason is `timeout`. */
  readonly timeoutMs: number;
  /** What is not there when the engine answers 404; without it that is a failure like any other. */
  readonly image?: string;
}

/** `details.reason` of an `engineFailed` error, beside HTTP statuses as text. */
export type EngineFault =
  /** The engine cannot read its own copy of the image. */
  | 'damaged'
  /** An image that this engine cannot save though nothing is wrong with it. */
  | 'unsaveable'
  /** An answer beyond our bound. */
  | 'answerTooLarge'
  /** An answer of another shape than the API's. */
  | 'answerUnexpected';

const pooledSockets = 8;
/** dockerode turns other statuses into errors after reading their bodies without a bound; we read them ourselves. */
const everyStatus = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [index + 100, true]));

interface Line {
  readonly basePath: string;
  readonly agent: HttpAgent;
  readonly modem: Docker['modem'];
}

/**
 * A connection to one endpoint. Short calls share up to eight sockets that stay open; each stream has its own, so that
 * streams cannot starve them. Answers are bounded in size and time. All errors are `DaoChainError`s: `cancelled`,
 * `engineUnavailable` when nothing or nothing whole comes back, `engineFailed` and `imageNotFound` by HTTP status.
 */
export class EngineConnection {
  private constructor(
    readonly endpoint: ResolvedEndpoint,
    private readonly shared: Line,
    private readonly single: Line,
  ) {}

  /** Loads dockerode on first use. `engineUnavailable` for an endpoint that cannot be dialled. */
  static async open(endpoint: ResolvedEndpoint): Promise<EngineConnection> {
    const dial = dialOptions(endpoint);
    const { default: Dockerode } = await import(/* webpackMode: "lazy", webpackChunkName: "dockerode" */ 'dockerode');
    const { tls } = endpoint;
    const secure = { ca: tls?.ca, cert: tls?.cert, key: tls?.key, rejectUnauthorized: tls?.verify ?? true };
    const line = (agentOptions: AgentOptions): Line => {
      const agent = tls === undefined ? new HttpAgent(agentOptions) : new HttpsAgent({ ...agentOptions, ...secure });
      formatBriefly(agent);
      const options: DockerOptions & { readonly agent: HttpAgent } = { ...dial, agent };
      return { agent, basePath: basePathOf(endpoint), modem: withoutDockerHost(() => new Dockerode(options).modem) };
    };
    return new EngineConnection(endpoint, line({ keepAlive: true, maxSockets: pooledSockets }), line({}));
  }

  dispose(): void {
    this.shared.agent.destroy();
    this.single.agent.destroy();
  }

  /** The parsed body of an answer of at most `limit` bytes, and the version of the API that gave it. */
  async json<TSchema extends v.GenericSchema>(
    request: EngineRequest,
    schema: TSchema,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ readonly body: v.InferOutput<TSchema>; readonly apiVersion: string }> {
    return this.#translated(request, signal, async (bounded) => {
      const answer = await this.#dialTwice(request, bounded);
      const body = v.safeParse(schema, parseForeignJson(await readBounded(answer, limit)));
      if (!body.success) throw failed('answerUnexpected', `${request.path}: ${v.summarize(body.issues)}`);
      const version = answer.headers['api-version'];
      return { body: body.output, apiVersion: typeof version === 'string' ? version : '' };
    });
  }

  /** Runs `use` over the body of an answer and closes it when `use` has ended. */
  async stream<T>(request: EngineRequest, signal: AbortSignal, use: (body: IncomingMessage) => Promise<T>): Promise<T> {
    return this.#translated(request, signal, async (bounded, begun) => {
      const answer = await dial(this.single, request, bounded);
      begun();
      try {
        return await use(answer);
      } finally {
        answer.destroy();
      }
    });
  }

  /** An engine that restarted has closed the sockets that we kept; what it never heard is said once more. */
  async #dialTwice(request: EngineRequest, signal: AbortSignal): Promise<IncomingMessage> {
    try {
      return await dial(this.shared, request, signal);
    } catch (error) {
      if (!['ECONNRESET', 'EPIPE'].includes(systemCode(error) ?? '')) throw error;
      return dial(this.shared, request, signal);
    }
  }

  async #translated<T>(
    { timeoutMs }: EngineRequest,
    signal: AbortSignal,
    action: (bounded: AbortSignal, begun: () => void) => Promise<T>,
  ): Promise<T> {
    throwIfCancelled(signal);
    // One listener for each call; composed signals cost more than a short call itself.
    const bounded = new AbortController();
    const abort = (): void => {
      bounded.abort();
    };
    signal.addEventListener('abort', abort);
    const timer = setTimeout(() => {
      bounded.abort('timeout');
    }, timeoutMs);
    const begun = (): void => {
      clearTimeout(timer);
    };
    try {
      formatBriefly(bounded.signal);
      const result = await action(bounded.signal, begun);
      throwIfCancelled(signal);
      return result;
    } catch (error) {
      throwIfCancelled(signal);
      if (isDaoChainError(error)) throw error;
      throw new DaoChainError('engineUnavailable', 'The engine does not answer', {
        details: {
          host: this.endpoint.host,
          reason: bounded.signal.reason === 'timeout' ? 'timeout' : (systemCode(error) ?? 'connection'),
        },
        cause: error,
      });
    } finally {
      begun();
      signal.removeEventListener('abort', abort);
    }
  }
}

/**
 * The modem formats every request for its debug log, read or not, down to each socket, listener, waiting request and
 * secret header.
 */
function formatBriefly(part: object): void {
  Object.defineProperty(part, inspect.custom, { value: () => part.constructor.name });
}

/**
 * dockerode starts from DOCKER_HOST, mixes it with what it is given and throws when a file of DOCKER_CERT_PATH is missing,
 * which the CLI allows. The endpoint has taken the environment into account already.
 */
function withoutDockerHost<T>(create: () => T): T {
  const host = process.env['DOCKER_HOST'];
  delete process.env['DOCKER_HOST'];
  try {
    return create();
  } finally {
    if (host !== undefined) process.env['DOCKER_HOST'] = host;
  }
}

async function dial({ modem, basePath }: Line, request: EngineRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { method = 'GET', path, query, body, registryAuth } = request;
  const headers = registryAuth === undefined ? {} : { 'X-Registry-Auth': registryAuth };
  formatBriefly(headers);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    modem.dial(
      {
        method,
        // The modem appends the query only behind a question mark, and posts it as a body too unless that is empty.
        path: basePath + (query === undefined ? path : `${path}?`),
        options: { _query: { ...query }, _body: {} },
        headers,
        ...(body === undefined ? {} : { file: body }),
        isStream: true,
        statusCodes: everyStatus,
        abortSignal: signal,
      },
      (error, response) => {
        if (response instanceof IncomingMessage) resolve(response);
        else reject(error ?? new Error('No answer'));
      },
    );
  });
  if (answer.statusCode !== 200 && answer.statusCode !== 201) throw await refusal(answer, request);
  return answer;
}

/** An `engineFailed` error; `answer` is what the engine itself said. */
export function failed(
  reason: EngineFault,
  message: string,
  { answer, cause }: { readonly answer?: string | undefined; readonly cause?: unknown } = {},
): DaoChainError {
  const details = { reason, ...(answer === undefined ? {} : { message: answer }) };
  return new DaoChainError('engineFailed', message, { details, cause });
}

/** The error of an answer with another status than 200; `message` is the engine's own. */
async function refusal(answer: IncomingMessage, { path, image }: EngineRequest): Promise<DaoChainError> {
  const body = v.safeParse(v.object({ message: v.string() }), parseForeignJson(await readBounded(answer, 64 * 1024)));
  const reason = String(answer.statusCode ?? 0);
  const message = body.success ? body.output.message.slice(0, 500) : '';
  const text = `${path}: HTTP ${reason} ${message}`;
  return reason === '404' && image !== undefined
    ? new DaoChainError('imageNotFound', text, { details: { image } })
    : new DaoChainError('engineFailed', text, { details: { reason, message } });
}

async function readBounded(answer: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Events, because an iterator costs as much as the rest of a short call.
  return new Promise((resolve, reject) => {
    const fail = (): void => {
      reject(answer.errored ?? new Error('The answer ends early'));
    };
    if (answer.destroyed) fail();
    answer.on('data', (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > limit) answer.destroy(failed('answerTooLarge', `An answer of more than ${limit} bytes`));
    });
    answer.once('end', () => {
      resolve(Buffer.concat(chunks));
    });
    answer.once('error', fail);
    answer.once('close', () => {
      if (!answer.readableEnded) fail();
    });
  });
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
