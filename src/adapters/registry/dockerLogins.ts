import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import * as v from 'valibot';
import { throwIfCancelled } from '../../core/errors';
import { firstJson, goMembers, objectSchema } from '../goJson';
import {
  decodedLogin,
  DockerConfigFile,
  environmentLogins,
  partsOfKey,
  type DockerConfig,
  type DockerConfigSources,
} from './dockerConfig';
import { denied } from './registryErrors';
import type { RegistryLogin, RegistryLogins } from '../../core/ports/registry';

export interface DockerLoginsOptions extends DockerConfigSources {
  /** Milliseconds that a credential helper may take: one that asks a person for a PIN needs some. */
  readonly helperTimeoutMs?: number;
}

const hubServer = 'https://index.docker.io/v1/';
const largestAnswer = 64 * 1024;
const textSchema = v.optional(v.string(), '');

/**
 * Logins as the docker command finds them: DOCKER_AUTH_CONFIG, else `credHelpers`, else `credsStore`, else `auths` of its
 * `config.json`; a helper with an empty name is none. Helpers are the programs `docker-credential-NAME` on PATH
 * (docker/docker-credential-helpers, `get`).
 */
export class DockerLogins implements RegistryLogins {
  readonly #file: DockerConfigFile;

  constructor(private readonly options: DockerLoginsOptions) {
    this.#file = new DockerConfigFile(options);
  }

  async find(registry: string, signal: AbortSignal, path = ''): Promise<RegistryLogin | undefined> {
    throwIfCancelled(signal);
    const key = registry === 'docker.io' ? hubServer : registry;
    const ofVariable = environmentLogins(this.options.environment).get(key);
    if (ofVariable !== undefined) return usable(ofVariable);
    const config = await this.#file.read();
    throwIfCancelled(signal);
    const { credHelpers } = config;
    const named = credHelpers.has(key) ? (credHelpers.get(key) ?? '') : this.#store(config);
    const helper = this.#parsed(textSchema, registry, named);
    const entry = storedEntry(config.auths, key, path);
    if (helper === '') return this.#stored(entry, registry);
    // Helpers keep no such tokens, so docker leaves them in the file.
    return usable({ ...(await this.#ask(helper, key, registry, signal)), registryToken: registryTokenOf(entry) });
  }

  /** Where nothing says anything of logins, docker asks the helper that is usual for the system, where there is one. */
  #store({ auths, credHelpers, credsStore }: DockerConfig): unknown {
    if (auths.size > 0 || credHelpers.size > 0 || (credsStore ?? '') !== '') return credsStore ?? '';
    const path = this.options.environment['PATH'] ?? '';
    const usual = usualHelper(path);
    return usual !== undefined && findHelper(usual, path) !== undefined ? usual : undefined;
  }

  #stored(entry: unknown, registry: string): RegistryLogin | undefined {
    const names = ['auth', 'username', 'password', 'identitytoken', 'registrytoken'] as const;
    const members = goMembers(this.#parsed(v.nullish(objectSchema, {}), registry, entry), ...names);
    const text = (name: (typeof names)[number]): string => this.#parsed(textSchema, registry, members[name]);
    const auth = text('auth');
    const [username, password] = [text('username'), text('password')];
    const account = auth === '' ? { username, password } : decodedLogin(auth);
    if (account === undefined) throw this.#misread(registry);
    return usable({ ...account, identityToken: text('identitytoken'), registryToken: text('registrytoken') });
  }

  #parsed<TSchema extends v.GenericSchema>(schema: TSchema, registry: string, value: unknown): v.InferOutput<TSchema> {
    const parsed = v.safeParse(schema, value);
    if (!parsed.success) throw this.#misread(registry);
    return parsed.output;
  }

  #misread(registry: string): Error {
    return denied(registry, 'configuration', { details: { file: this.#file.path } });
  }

  async #ask(helper: string, key: string, registry: string, signal: AbortSignal): Promise<RegistryLogin | undefined> {
    // A helper's answers hold secrets, on failure too for all we know: none of them is passed on.
    const failed = (): Error => denied(registry, 'helper', { details: { helper } });
    const program = findHelper(helper, this.options.environment['PATH'] ?? '');
    if (program === undefined) throw failed();
    const result = await this.#run(program, key, signal).catch(() => undefined);
    throwIfCancelled(signal);
    if (result === undefined) throw failed();
    if (result.code !== 0) {
      if (result.output.trim() === 'credentials not found in native keychain') return undefined;
      throw failed();
    }
    const answer = v.safeParse(objectSchema, firstJson(result.output));
    const { Username: name, Secret: word } = goMembers(answer.success ? answer.output : {}, 'Username', 'Secret');
    const [username, secret] = [v.safeParse(textSchema, name), v.safeParse(textSchema, word)];
    if (!answer.success || !username.success || !secret.success) throw failed();
    return usable(
      username.output === '<token>'
        ? { identityToken: secret.output }
        : { username: username.output, password: secret.output },
    );
  }

  async #run(
    program: string,
    server: string,
    signal: AbortSignal,
  ): Promise<{ readonly code: number | null; readonly output: string }> {
    // A process group of its own on Unix, so that whatever a helper has started ends with it.
    const grouped = process.platform !== 'win32';
    const { environment, homeDirectory, helperTimeoutMs = 30_000 } = this.options;
    const child = spawn(program, ['get'], {
      ...{ cwd: homeDirectory, env: { ...environment }, detached: grouped, windowsHide: true },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const end = (): void => {
      // A process that has left the group may hold the output open forever.
      child.stdout.destroy();
      try {
        if (!grouped || child.pid === undefined) child.kill('SIGKILL');
        else process.kill(-child.pid, 'SIGKILL');
      } catch {
        // All of the group has ended by itself.
      }
    };
    signal.addEventListener('abort', end);
    const timer = setTimeout(end, helperTimeoutMs);
    try {
      return await new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        let length = 0;
        child.stdout.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > largestAnswer) end();
          else chunks.push(chunk);
        });
        child.once('error', reject);
        child.once('close', (code) => {
          resolve({ code, output: Buffer.concat(chunks).toString('utf8') });
        });
        // A helper may end without having read.
        child.stdin.on('error', () => undefined);
        child.stdin.end(server);
      });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
    }
  }
}

/** The helper's program; undefined for a name that could lead to a file elsewhere. */
function findHelper(name: string, path: string): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name) ? findProgram(`docker-credential-${name}`, path) : undefined;
}

/** Never one of the current folder. */
function findProgram(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, `${name}${process.platform === 'win32' ? '.exe' : ''}`))
    .find((candidate) => {
      try {
        accessSync(candidate, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** By the names that the docker command knows; it looks for `pass` itself first. */
function usualHelper(path: string): string | undefined {
  const { platform } = process;
  if (platform === 'darwin') return 'osxkeychain';
  if (platform === 'win32') return 'wincred';
  if (platform !== 'linux') return undefined;
  return findProgram('pass', path) === undefined ? 'secretservice' : 'pass';
}

/**
 * The entry of a key, or of one that docker kept for it before it had such keys: a URL of the host. A key with a path is for
 * what is below that path; what else may be written behind a host, as the tokens of a login in a browser are, is for no
 * repository. Docker takes any of several; the longest path is the nearest.
 */
function storedEntry(auths: DockerConfig['auths'], key: string, path: string): unknown {
  if (auths.has(key)) return auths.get(key);
  const below = (of: string): boolean => ['', 'v1', 'v2'].includes(of) || `${path}/`.startsWith(`${of}/`);
  const [nearest] = [...auths.keys()]
    .map((each) => ({ each, ...partsOfKey(each) }))
    .filter((parts) => parts.host === key && below(parts.path))
    .sort((left, right) => right.path.length - left.path.length);
  return nearest && auths.get(nearest.each);
}

function registryTokenOf(entry: unknown): string {
  const members = v.safeParse(objectSchema, entry);
  const { registrytoken: token } = goMembers(members.success ? members.output : {}, 'registrytoken');
  return typeof token === 'string' ? token : '';
}

/** Without what is empty, and a name only with its password; undefined where nothing is left. */
function usable({
  username = '',
  password = '',
  identityToken = '',
  registryToken = '',
}: RegistryLogin): RegistryLogin | undefined {
  const login = {
    ...(username === '' || password === '' ? {} : { username, password }),
    ...(identityToken === '' ? {} : { identityToken }),
    ...(registryToken === '' ? {} : { registryToken }),
  };
  return Object.keys(login).length === 0 ? undefined : login;
}
