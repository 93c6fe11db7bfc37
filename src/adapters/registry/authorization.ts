import * as v from 'valibot';
import { isDaoChainError, type DaoChainError } from '../../core/errors';
import type { Clock, Log, RegistryLogin, RegistryLogins } from '../../core/ports';
import { parseChallenges, type Challenge } from './challenge';
import type { HostCertificates } from './certificateFolders';
import type { HttpAnswer, HttpTransport } from './httpTransport';
import { denied, refused, unavailable } from './registryErrors';

/** Whom an authorization is for: reading one repository. */
export interface RepositoryName {
  /** As in a canonical reference. */
  readonly registry: string;
  readonly path: string;
}

export interface AuthorizationOptions {
  readonly transport: HttpTransport;
  readonly logins: RegistryLogins;
  readonly clock: Clock;
  readonly log: Log;
}

/** A secret. */
export interface Grant {
  readonly header: string;
  /** The error to tell where it does not suffice. */
  readonly insufficient: DaoChainError;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

const maxGrants = 200;
const largestAnswer = 64 * 1024;
/** Seconds. The shortest is what the protocol says where a server says nothing. */
const lifetime = { shortest: 60, longest: 3_600, login: 300 };
/** Milliseconds before its end from which on a grant is not used any more. */
const margin = 5_000;

const tokenSchema = v.object({
  token: v.optional(v.string()),
  access_token: v.optional(v.string()),
  expires_in: v.optional(v.number()),
});

/**
 * Authorization headers by the challenges of registries (distribution spec: token authentication; Basic). A token is
 * asked for reading the one repository, whatever scope a challenge names. A login is looked up only when a registry asks
 * for one, goes to that registry or to the token server that it names, and never unencrypted to another host.
 */
export class Authorization {
  readonly #grants = new Map<string, Grant>();

  constructor(private readonly options: AuthorizationOptions) {}

  /** What was granted before and still holds. */
  granted(repository: RepositoryName): Grant | undefined {
    const grant = this.#grants.get(keyOf(repository));
    return grant !== undefined && grant.expires - margin > this.options.clock() ? grant : undefined;
  }

  /**
   * Takes up the challenge of a 401 answer. Rejects with `registryDenied` where there is no way in, and as the transport
   * does.
   */
  async request(
    repository: RepositoryName,
    answer: HttpAnswer,
    certificates: HostCertificates | undefined,
    signal: AbortSignal,
  ): Promise<Grant> {
    const key = keyOf(repository);
    this.#grants.delete(key);
    const challenges = parseChallenges(answer.headers.get('www-authenticate') ?? '');
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    const grant =
      bearer === undefined
        ? await this.#basic(repository, challenges, answer.url, signal)
        : await this.#token(repository, bearer, answer.url, certificates, signal);
    const [oldest] = this.#grants.keys();
    if (this.#grants.size >= maxGrants && oldest !== undefined) this.#grants.delete(oldest);
    this.#grants.set(key, grant);
    return grant;
  }

  async #basic(
    { registry }: RepositoryName,
    challenges: readonly Challenge[],
    { host }: URL,
    signal: AbortSignal,
  ): Promise<Grant> {
    const offered = challenges.some(({ scheme }) => scheme === 'basic');
    const login = offered ? await this.options.logins.find(registry, signal) : undefined;
    if (login === undefined) throw denied(host, 'loginMissing');
    if (!('username' in login)) throw denied(host, 'loginRejected');
    return this.#grant(basicHeader(login), lifetime.login, denied(host, 'loginRejected'));
  }

  async #token(
    { registry, path }: RepositoryName,
    { parameters }: Challenge,
    registryUrl: URL,
    certificates: HostCertificates | undefined,
    signal: AbortSignal,
  ): Promise<Grant> {
    const realm = parameters.get('realm') ?? '';
    if (!URL.canParse(realm)) throw unavailable(registryUrl.host, 'answerUnexpected');
    const url = new URL(realm);
    const { login, failure } = await this.#login(registry, signal);
    if (login !== undefined && url.protocol !== 'https:' && url.hostname !== registryUrl.hostname) {
      throw refused(url.host, 'plainHttp');
    }
    const service = parameters.get('service');
    const query = { ...(service === undefined ? {} : { service }), scope: `repository:${path}:pull` };
    const request = { accept: 'application/json', limit: largestAnswer, certificates };
    let answer: HttpAnswer;
    if (login !== undefined && 'identityToken' in login) {
      const form = new URLSearchParams({
        ...{ grant_type: 'refresh_token', client_id: 'daochain', ...query, refresh_token: login.identityToken },
      });
      answer = await this.options.transport.send({ ...request, method: 'POST', url, form }, signal);
    } else {
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      if (login !== undefined) url.searchParams.set('account', login.username);
      const authorization = login && basicHeader(login);
      answer = await this.options.transport.send({ ...request, method: 'GET', url, authorization }, signal);
    }
    const insufficient = failure ?? denied(registryUrl.host, login === undefined ? 'loginMissing' : 'loginRejected');
    if ([400, 401, 403].includes(answer.status)) throw insufficient;
    if (answer.status !== 200) throw unavailable(url.host, `http${answer.status}`);
    const { token, seconds } = readToken(answer.body, url.host);
    return this.#grant(`Bearer ${token}`, seconds, insufficient);
  }

  /** Docker asks without a login where its helper fails, so that it does not stand in the way of what is public. */
  async #login(
    registry: string,
    signal: AbortSignal,
  ): Promise<{ readonly login?: RegistryLogin | undefined; readonly failure?: DaoChainError }> {
    try {
      return { login: await this.options.logins.find(registry, signal) };
    } catch (error) {
      if (!isDaoChainError(error, 'registryLogin')) throw error;
      this.options.log.warn(`No login for ${registry}: ${error.message}`);
      return { failure: error };
    }
  }

  #grant(header: string, seconds: number, insufficient: DaoChainError): Grant {
    return { header, expires: this.options.clock() + seconds * 1_000, insufficient };
  }
}

/** Without a cause in its error: a parser's error cites the text. */
function readToken(body: Uint8Array, host: string): { readonly token: string; readonly seconds: number } {
  const answer = v.safeParse(tokenSchema, parseJson(body));
  const token = answer.success ? (answer.output.token ?? answer.output.access_token ?? '') : '';
  if (!answer.success || !/^[\x21-\x7e]+$/.test(token)) throw unavailable(host, 'answerUnexpected');
  const seconds = answer.output.expires_in ?? 0;
  return { token, seconds: Math.min(Math.max(seconds, lifetime.shortest), lifetime.longest) };
}

function keyOf({ registry, path }: RepositoryName): string {
  return `${registry}/${path}`;
}

function basicHeader({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** The value, or undefined (which no schema takes) for what is not JSON. */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
