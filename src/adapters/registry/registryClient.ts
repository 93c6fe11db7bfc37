import { isDaoChainError } from '../../core/errors';
import type { Authorization, RepositoryName } from './authorization';
import type { HostRules } from './hostRules';
import type { HttpAnswer, HttpTransport } from './httpTransport';
import { denied, unavailable } from './registryErrors';

export interface ResourceRequest {
  readonly method: 'GET' | 'HEAD';
  /** Path and query below `/v2/NAME/`. */
  readonly resource: string;
  readonly accept: string;
  /** Bytes. */
  readonly limit: number;
}

export interface RegistryClientOptions {
  readonly transport: HttpTransport;
  readonly rules: HostRules;
  readonly authorization: Authorization;
}

/** Requests of the distribution API: finds the way to a registry and takes up its challenges. */
export class RegistryClient {
  /** Registries of this machine that were found to speak no TLS. */
  readonly #plain = new Set<string>();

  constructor(private readonly options: RegistryClientOptions) {}

  /** An answer with status 200, 404 or 405. Rejects with `registryDenied` and as the transport does. */
  async send(repository: RepositoryName, request: ResourceRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { registry } = repository;
    const [first, plain] = await this.options.rules.locations(registry);
    if (plain !== undefined && this.#plain.has(registry)) {
      try {
        return await this.#ask(plain, repository, request, signal);
      } catch (error) {
        this.#plain.delete(registry);
        throw error;
      }
    }
    try {
      return await this.#ask(first, repository, request, signal);
    } catch (error) {
      const tlsFailed = isDaoChainError(error, 'registryUnavailable') && error.details['reason'] === 'tls';
      if (plain === undefined || !tlsFailed || error.details['host'] !== first.host) throw error;
      const answer = await this.#ask(plain, repository, request, signal);
      this.#plain.add(registry);
      return answer;
    }
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
    let grant = authorization.granted(repository);
    let answer = await ask(grant?.header);
    // Another host to which a redirect led is nobody to log in to.
    if (answer.status === 401 && answer.url.origin === url.origin) {
      grant = await authorization.request(repository, answer, certificates, signal);
      answer = await ask(grant.header);
    }
    if ([200, 404, 405].includes(answer.status)) return answer;
    if ([401, 403].includes(answer.status)) throw grant?.insufficient ?? denied(url.host, 'loginMissing');
    throw unavailable(answer.url.host, `http${answer.status}`);
  }
}
