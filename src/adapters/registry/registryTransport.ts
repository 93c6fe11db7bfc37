import { setTimeout as delay } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import type * as Undici from 'undici';
import type { DaoChainError } from '../../core/errors';
import { checkedLookup, type Resolve } from './addresses';
import type { HostCertificates } from './certificateFolders';
import { Deadline } from './deadline';
import { acceptedAddresses, type HostAccess, type HostRules } from './hostRules';
import { proxyFor } from './proxy';
import { busy, connectionFailed, refused, unavailable } from './registryErrors';
import type { Clock } from '../../core/ports/clock';
import type { Log } from '../../core/ports/log';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly accept: string;
  /** Goes to the origin of `url` only. */
  readonly authorization?: string | undefined;
  /** A form. Its answer is not followed elsewhere. */
  readonly form?: URLSearchParams;
  /** Bytes of the body of an answer with a status of 2xx, at most. */
  readonly limit: number;
  /** Authorities that are accepted beside those of the host itself: a registry's, for its token server and its store. */
  readonly certificates?: HostCertificates | undefined;
}

export interface HttpAnswer {
  /** Neither a redirect nor 429. */
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** Whole of an answer with a status of 2xx. */
  readonly body: Uint8Array;
  /** Where it came from at last. */
  readonly url: URL;
}

export interface HttpLimits {
  /** Milliseconds until an answer begins. */
  readonly headersMs: number;
  /** Milliseconds that its body may take. */
  readonly bodyMs: number;
}

export interface RegistryTransportOptions {
  readonly rules: HostRules;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly resolve: Resolve;
  readonly limits: HttpLimits;
  readonly clock: Clock;
  readonly log: Log;
}

type Dispatcher = Undici.Dispatcher;

const redirects = new Set([301, 302, 303, 307, 308]);
const maxRedirects = 5;
const maxDispatchers = 16;
/** To one origin: a file or a call names many images of one registry. */
const connectionsAtOnce = 16;
/** Bytes of an answer that says nothing to us, read so that its connection can be used again. */
const keptOfOthers = 64 * 1024;
/** A wait that a person does not notice is waited, once. */
const shortWait = 2;
const longestWait = 3_600;
const usualWait = 60;
/** Nobody answered at that address, or the name leads nowhere. */
const unreachable = /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/;
const awayMs = 1_000;

/**
 * HTTP that goes only where the rules allow: each hop of a redirect is checked anew, a login never leaves its origin, names
 * lead to addresses that were checked, and every answer is bounded in size and time. Rejects with `registryUnavailable`,
 * `registryRefused` and `registryBusy`.
 */
export class RegistryTransport {
  readonly #dispatchers = new Map<string, Dispatcher>();
  /** Until when a host wants not to be asked. */
  readonly #busy = new Map<string, number>();
  /** Origins that could not be reached a moment ago: whoever asks about many images is not to wait for each. */
  readonly #away = new Map<string, { readonly error: DaoChainError; readonly until: number }>();

  constructor(private readonly options: RegistryTransportOptions) {}

  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    let { url, authorization } = request;
    for (let hops = 0; hops <= maxRedirects; hops += 1) {
      const answer = await this.#patiently({ ...request, url, authorization }, signal);
      const location = answer.headers.get('location');
      if (!redirects.has(answer.status) || location === null) return answer;
      if (request.form !== undefined) throw unavailable(url.host, `http${answer.status}`);
      if (!URL.canParse(location, url)) throw unavailable(url.host, 'answerUnexpected');
      const next = new URL(location, url);
      if (url.protocol === 'https:' && next.protocol !== 'https:') throw refused(next.host, 'plainHttp');
      if (next.origin !== url.origin) authorization = undefined;
      url = next;
    }
    throw unavailable(request.url.host, 'tooManyRedirects');
  }

  /** Heeds `Retry-After`, of this answer and of those before. */
  async #patiently(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { host } = request.url;
    for (let again = true; ; again = false) {
      const rest = ((this.#busy.get(host) ?? 0) - this.options.clock()) / 1_000;
      if (rest > 0) throw busy(host, Math.ceil(rest));
      const answer = await this.#once(request, signal);
      const seconds = this.#secondsToWait(answer);
      if (seconds === undefined) return answer;
      if (seconds > shortWait || !again) {
        for (const [each, until] of this.#busy) if (until <= this.options.clock()) this.#busy.delete(each);
        this.#busy.set(host, this.options.clock() + seconds * 1_000);
        throw busy(host, seconds);
      }
      await delay(seconds * 1_000, undefined, { signal });
    }
  }

  /** RFC 9110, "Retry-After": seconds or a date. */
  #secondsToWait({ status, headers }: HttpAnswer): number | undefined {
    const text = headers.get('retry-after')?.trim() ?? '';
    const date = Date.parse(text);
    const seconds = /^\d{1,9}$/.test(text) ? Number(text) : (date - this.options.clock()) / 1_000;
    if (status !== 429 && !(status === 503 && !Number.isNaN(seconds))) return undefined;
    return Number.isNaN(seconds) ? usualWait : Math.min(Math.max(Math.ceil(seconds), 1), longestWait);
  }

  async #once(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { method, url, accept, authorization, form, limit } = request;
    const access = await this.options.rules.access(url);
    const away = this.#away.get(url.origin);
    if (away !== undefined && this.options.clock() < away.until) throw away.error;
    const undici = await loadUndici();
    const dispatcher = this.#dispatcher(undici, url, access, request.certificates);
    const headers = {
      ...{ accept, 'accept-encoding': 'identity', 'user-agent': 'daochain' },
      ...(authorization === undefined ? {} : { authorization }),
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    };
    const { headersMs, bodyMs } = this.options.limits;
    const deadline = new Deadline(signal);
    try {
      deadline.give(headersMs);
      const { statusCode: status, ...response } = await undici.request(url, {
        ...{ method, headers, dispatcher, signal: deadline.signal },
        ...(form === undefined ? {} : { body: form.toString() }),
      });
      deadline.give(bodyMs);
      this.options.log.debug(`${method} ${url.origin}${url.pathname}: ${status}`);
      const body = await readBody(response.body, isSuccess(status) ? limit : keptOfOthers);
      if (body === undefined && isSuccess(status)) throw unavailable(url.host, 'tooLarge');
      const get = (name: string): string | null => [response.headers[name] ?? []].flat().join(', ') || null;
      return { status, headers: { get }, body: body ?? new Uint8Array(), url };
    } catch (error) {
      deadline.abort();
      if (deadline.isOver) throw unavailable(url.host, 'timeout');
      const failure = connectionFailed(url.host, error);
      if (unreachable.test(failure.details['reason'] ?? '')) this.#remember(url, failure);
      throw failure;
    } finally {
      deadline.end();
    }
  }

  #remember({ origin }: URL, error: DaoChainError): void {
    const now = this.options.clock();
    for (const [each, { until }] of this.#away) if (until <= now) this.#away.delete(each);
    this.#away.set(origin, { error, until: now + awayMs });
  }

  /** Connections are kept for what was allowed when they were made. */
  #dispatcher(
    { Agent, ProxyAgent }: typeof Undici,
    url: URL,
    { reach, certificates }: HostAccess,
    others: HostCertificates | undefined,
  ): Dispatcher {
    const proxy = proxyFor(url, this.options.environment);
    const key = JSON.stringify([url.origin, reach, certificates?.version, others?.version, proxy?.href]);
    let dispatcher = this.#dispatchers.get(key);
    this.#dispatchers.delete(key);
    if (dispatcher === undefined) {
      const authorities = [...(certificates?.authorities ?? []), ...(others?.authorities ?? [])];
      const tls = {
        ...(authorities.length === 0 ? {} : { ca: [...rootCertificates, ...authorities] }),
        ...(certificates === undefined || certificates.clients.length === 0
          ? {}
          : { cert: certificates.clients.map(({ cert }) => cert), key: certificates.clients.map(({ key }) => key) }),
      };
      const lookup = checkedLookup(url.host, this.options.resolve, acceptedAddresses(reach));
      const agent =
        proxy === undefined
          ? new Agent({ connections: connectionsAtOnce, connect: { ...tls, lookup } })
          : new ProxyAgent({ uri: proxy.href, connections: connectionsAtOnce, requestTls: tls });
      dispatcher = agent.compose(keepAfterHead);
    }
    this.#dispatchers.set(key, dispatcher);
    const [oldest] = this.#dispatchers;
    if (this.#dispatchers.size > maxDispatchers && oldest !== undefined) {
      this.#dispatchers.delete(oldest[0]);
      void oldest[1].close();
    }
    return dispatcher;
  }
}

/** Whether an answer is a page for people. Nothing that is JSON begins like that. */
export function isWebPage({ headers, body }: HttpAnswer): boolean {
  const type = (headers.get('content-type') ?? '').trim().toLowerCase();
  if (/^(?:text\/html|application\/xhtml\+xml)\b/.test(type)) return true;
  return /^\s*</.test(new TextDecoder().decode(body.subarray(0, 256)));
}

/**
 * undici ends a connection after a `HEAD`, for servers that answer it with a body. A registry that did would only spoil its
 * own next answer, whose digest would not fit; and a connection is a handshake.
 */
const keepAfterHead: Undici.Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
  dispatch(options.method === 'HEAD' ? { ...options, reset: false } : options, handler);

/**
 * Loaded on first use. undici makes an agent of its own the process's where there is none yet, so Node.js makes its own
 * first: what others fetch in this process stays as it is.
 */
async function loadUndici(): Promise<typeof Undici> {
  new Headers();
  return import(/* webpackMode: "lazy", webpackChunkName: "undici" */ 'undici');
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

/** Undefined for more than `limit` bytes, which are not read any further. */
async function readBody(body: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
