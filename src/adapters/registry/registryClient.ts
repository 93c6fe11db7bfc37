import { untilCancelled } from '../../core/cancellation';
import { isDaoChainError } from '../../core/errors';
import type { HostCertificates } from './certificateFolders';
import { challengesOf, type Authorization, type RepositoryName } from './authorization';
import type { HostRules } from './hostRules';
import type { HttpAnswer, RegistryTransport } from './registryTransport';
import { denied } from './registryErrors';

export interface ResourceRequest {
  readonly method: 'GET' | 'HEAD';
  /** Path and query below `/v2/NAME/`. */
  readonly resource: string;
  readonly accept: string;
  /** Bytes. */
  readonly limit: number;
}

export interface RegistryClientOptions {
  readonly transport: RegistryTransport;
  readonly rules: HostRules;
  readonly authorization: Authorization;
}

/** Bytes of what a registry says of itself. */
const largestAnswer = 64 * 1024;

/** Requests of the distribution API: finds the way to a registry and takes up its challenges. */
export class RegistryClient {
  /** Where registries of this machine were found, with TLS or without. */
  readonly #found = new Map<string, URL>();
  /** Requests that are finding that out, one for each registry: the others wait for it. */
  readonly #finding = new Map<string, Promise<unknown>>();

  constructor(private readonly options: RegistryClientOptions) {}

  /**
   * An answer of any status, to a `GET` but 401 and 403. Rejects with `registryDenied` and as the transport does.
   */
  async send(repository: RepositoryName, request: ResourceRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { registry } = repository;
    const [first, plain] = await this.options.rules.locations(registry);
    if (plain === undefined) return this.#ask(first, repository, request, signal);
    const ahead = this.#finding.get(registry);
    // Where nobody is ahead, there is no `await`, or many callers would go first at once.
    if (ahead !== undefined) await untilCancelled(ahead, signal);
    const found = this.#found.get(registry);
    if (found !== undefined) {
      try {
        return await this.#ask(found, repository, request, signal);
      } catch (error) {
        this.#found.delete(registry);
        throw error;
      }
    }
    const answer = this.#find(first, plain, repository, request, signal);
    const ended = (): void => {
      this.#finding.delete(registry);
    };
    this.#finding.set(registry, answer.then(ended, ended));
    return answer;
  }

  /** With TLS, and without only where the registry itself turns out to speak none. */
  async #find(
    first: URL,
    plain: URL,
    repository: RepositoryName,
    request: ResourceRequest,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    let found = first;
    let answer: HttpAnswer;
    try {
      answer = await this.#ask(first, repository, request, signal);
    } catch (error) {
      const tlsFailed = isDaoChainError(error, 'registryUnavailable') && error.details['reason'] === 'tls';
      if (!tlsFailed || error.details['host'] !== first.host) throw error;
      found = plain;
      answer = await this.#ask(plain, repository, request, signal);
    }
    this.#found.set(repository.registry, found);
    return answer;
  }

  async #ask(
    location: URL,
    repository: RepositoryName,
    { resource, ...request }: ResourceRequest,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const { transport, rules, authorization } = this.options;
    const url = new URL(`/v2/${repository.path}/${resource}`, location);
    const { certificates } = await rules.access(url);
    const ask = (header?: string): Promise<HttpAnswer> =>
      transport.send({ ...request, url, certificates, authorization: header }, signal);
    const isManifest = request.method === 'GET' && resource.startsWith('manifests/');
    let grant = authorization.granted(repository);
    let answer = await ask(grant?.header);
    // If a redirect has led to another host, nobody logs in there.
    if (answer.url.origin === url.origin) {
      const isHidden = isManifest && grant === undefined && [403, 404].includes(answer.status);
      const isSilent = answer.status === 401 && challengesOf(answer).length === 0;
      const asking = isHidden || isSilent ? await this.#askingForLogin(location, certificates, signal) : answer;
      if (asking?.status === 401) {
        grant = await authorization.request(repository, asking, certificates, signal);
        answer = await ask(grant.header);
      }
    }
    // Servers refuse a `HEAD` that serve a `GET`.
    const refusals = request.method === 'GET' ? [401, 403] : grant === undefined ? [] : [401];
    if (refusals.includes(answer.status)) throw grant?.insufficient ?? denied(answer.url.host, 'loginMissing');
    return answer;
  }

  /** Some registries ask for a login here alone, where docker begins, and hide from strangers what they have. */
  async #askingForLogin(
    location: URL,
    certificates: HostCertificates | undefined,
    signal: AbortSignal,
  ): Promise<HttpAnswer | undefined> {
    const url = new URL('/v2/', location);
    const request = { method: 'GET', accept: '*/*', limit: largestAnswer } as const;
    const answer = await this.options.transport.send({ ...request, url, certificates }, signal);
    const isAsking = answer.status === 401 && answer.url.origin === url.origin && challengesOf(answer).length > 0;
    return isAsking ? answer : undefined;
  }
}
