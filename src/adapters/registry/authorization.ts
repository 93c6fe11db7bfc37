import * as v from 'valibot';
import { isDaoChainError, type DaoChainError } from '../../core/errors';
import { parseForeignJson } from '../../core/json/foreignJson';
import { parseChallenges, type Challenge } from './challenge';
import type { HostCertificates } from './certificateFolders';
import { isWebPage, type HttpAnswer, type RegistryTransport } from './registryTransport';
import { denied, refused, unavailable } from './registryErrors';
import type { Clock } from '../../core/ports/clock';
import type { Log } from '../../core/ports/log';
import type { RegistryLogin, RegistryLogins } from '../../core/ports/registry';

/** Whom an authorization is for: reading one repository. */
export interface RepositoryName {
  /** As in a canonical reference. */
  readonly registry: string;
  readonly path: string;
}

export interface AuthorizationOptions {
  readonly transport: RegistryTransport;
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

/** `failure`: why there is none, where that is not because nobody has logged in. */
interface FoundLogin {
  readonly login?: RegistryLogin | undefined;
  readonly failure?: DaoChainError;
}

const maxGrants = 200;
const largestAnswer = 64 * 1024;
/** Seconds. The shortest is what the protocol says where a server says nothing. */
const lifetime = { shortest: 60, longest: 3_600, login: 300 };
/** Milliseconds before its end from which on a grant is not used any more. */
const margin = 5_000;

const wordSchema = v.fallback(v.string(), '');
/** Servers say nothing, null and things of other types beside what they mean. */
const tokenSchema = v.object({
  token: v.optional(wordSchema, ''),
  access_token: v.optional(wordSchema, ''),
  expires_in: v.optional(v.fallback(v.pipe(v.unknown(), v.transform(Number), v.number()), 0), 0),
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
    const grant = await this.#take(repository, answer, certificates, signal);
    const [oldest] = this.#grants.keys();
    if (this.#grants.size >= maxGrants && oldest !== undefined) this.#grants.delete(oldest);
    this.#grants.set(key, grant);
    return grant;
  }

  /** A token where one is offered; a password where nothing else is, or where that comes to nothing. */
  async #take(
    repository: RepositoryName,
    answer: HttpAnswer,
    certificates: HostCertificates | undefined,
    signal: AbortSignal,
  ): Promise<Grant> {
    const { host } = answer.url;
    const challenges = challengesOf(answer);
    const bearers = challenges.filter(({ scheme }) => scheme === 'bearer');
    const takesPassword = challenges.some(({ scheme }) => scheme === 'basic');
    if (bearers.length === 0 && !takesPassword) throw denied(host, 'loginMissing');
    const found = await this.#login(repository, signal);
    // Who has such a token shows nothing else.
    const isShown = takesPassword && found.login?.registryToken === undefined;
    const header = isShown ? basicHeader(found.login) : undefined;
    const password =
      header === undefined ? undefined : this.#grant(header, lifetime.login, denied(host, 'loginRejected'));
    if (bearers.length > 0) {
      try {
        return await this.#token(repository, bearers, found, answer.url, certificates, signal);
      } catch (error) {
        if (password === undefined || !isDaoChainError(error) || error.code === 'cancelled') throw error;
      }
    }
    if (password !== undefined) return password;
    throw found.failure ?? denied(host, found.login === undefined ? 'loginMissing' : 'loginRejected');
  }

  async #token(
    { path }: RepositoryName,
    bearers: readonly Challenge[],
    { login, failure }: FoundLogin,
    registryUrl: URL,
    certificates: HostCertificates | undefined,
    signal: AbortSignal,
  ): Promise<Grant> {
    const { identityToken, registryToken } = login ?? {};
    const insufficient = failure ?? denied(registryUrl.host, login === undefined ? 'loginMissing' : 'loginRejected');
    if (registryToken !== undefined) return this.#grant(`Bearer ${registryToken}`, lifetime.login, insufficient);
    const { parameters } = bearers.find(hasRealm) ?? {};
    if (parameters === undefined) throw unavailable(registryUrl.host, 'answerUnexpected');
    const url = new URL(parameters.get('realm') ?? '');
    if (login !== undefined && url.protocol !== 'https:' && url.hostname !== registryUrl.hostname) {
      throw refused(url.host, 'plainHttp');
    }
    const service = parameters.get('service') ?? '';
    const query = { ...(service === '' ? {} : { service }), scope: `repository:${path}:pull` };
    const request = { accept: 'application/json', limit: largestAnswer, certificates };
    let answer: HttpAnswer | undefined;
    if (identityToken !== undefined) {
      const form = new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: 'daochain',
        ...query,
        refresh_token: identityToken,
      });
      answer = await this.options.transport.send({ ...request, method: 'POST', url, form }, signal);
    }
    // Not every token server takes a POST; each has to take this.
    if (answer === undefined || [404, 405].includes(answer.status)) {
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      const authorization = basicHeader(login);
      if (login?.username !== undefined) url.searchParams.set('account', login.username);
      answer = await this.options.transport.send({ ...request, method: 'GET', url, authorization }, signal);
    }
    if ([400, 401, 403].includes(answer.status)) throw insufficient;
    if (answer.status < 200 || answer.status > 299) throw unavailable(url.host, `http${answer.status}`);
    const { token, seconds } = readToken(answer);
    return this.#grant(`Bearer ${token}`, seconds, insufficient);
  }

  /** Docker asks without a login where its helper fails, so that it does not stand in the way of what is public. */
  async #login({ registry, path }: RepositoryName, signal: AbortSignal): Promise<FoundLogin> {
    try {
      return { login: await this.options.logins.find(registry, signal, path) };
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

export function challengesOf({ headers }: HttpAnswer): readonly Challenge[] {
  return parseChallenges(headers.get('www-authenticate') ?? '');
}

function hasRealm({ parameters }: Challenge): boolean {
  return URL.canParse(parameters.get('realm') ?? '');
}

/** Without a cause in its error: a parser's error cites the text. */
function readToken(answer: HttpAnswer): { readonly token: string; readonly seconds: number } {
  const read = v.safeParse(tokenSchema, parseForeignJson(answer.body));
  const { token, access_token, expires_in } = read.success ? read.output : v.parse(tokenSchema, {});
  const found = [access_token, token].find((each) => /^[\x21-\x7e]+$/.test(each));
  if (found === undefined) throw unavailable(answer.url.host, isWebPage(answer) ? 'webPage' : 'answerUnexpected');
  return { token: found, seconds: Math.min(Math.max(expires_in, lifetime.shortest), lifetime.longest) };
}

function keyOf({ registry, path }: RepositoryName): string {
  return `${registry}/${path}`;
}

function basicHeader({ username, password }: RegistryLogin = {}): string | undefined {
  if (username === undefined || password === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
