import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import * as v from 'valibot';
import { throwIfCancelled } from '../../core/errors';
import type { RegistryLogin, RegistryLogins } from '../../core/ports';
import { DockerConfigFile, type DockerConfigSources, type StoredLogin } from './dockerConfig';
import { denied } from './registryErrors';

export interface DockerLoginsOptions extends DockerConfigSources {
  /** Milliseconds that a credential helper may take: one that asks a person for a PIN needs some. */
  readonly helperTimeoutMs?: number;
}

const hubServer = 'https://index.docker.io/v1/';
const largestAnswer = 64 * 1024;
const answerSchema = v.object({ Username: v.string(), Secret: v.string() });

/**
 * Logins of the docker command: `credHelpers`, else `credsStore`, else `auths` of its `config.json`. Helpers are the
 * programs `docker-credential-NAME` on PATH (docker/docker-credential-helpers, `get`).
 */
export class DockerLogins implements RegistryLogins {
  readonly #file: DockerConfigFile;

  constructor(private readonly options: DockerLoginsOptions) {
    this.#file = new DockerConfigFile(options);
  }

  async find(registry: string, signal: AbortSignal): Promise<RegistryLogin | undefined> {
    throwIfCancelled(signal);
    const { auths, credHelpers, credsStore } = await this.#file.read();
    throwIfCancelled(signal);
    const helper = credHelpers.get(registry) ?? credsStore;
    return helper === undefined ? storedLogin(auths.get(registry)) : this.#ask(helper, registry, signal);
  }

  async #ask(helper: string, registry: string, signal: AbortSignal): Promise<RegistryLogin | undefined> {
    // A helper's answers hold secrets, on failure too for all we know: none of them is passed on.
    const failed = (): Error => denied(registry, 'helper', { details: { helper } });
    const program = findHelper(helper, this.options.environment['PATH'] ?? '');
    if (program === undefined) throw failed();
    const server = registry === 'docker.io' ? hubServer : registry;
    const result = await this.#run(program, server, signal).catch(() => undefined);
    throwIfCancelled(signal);
    if (result === undefined) throw failed();
    if (result.code !== 0) {
      if (/credentials not found/i.test(result.output)) return undefined;
      throw failed();
    }
    const login = v.safeParse(answerSchema, parseJson(result.output));
    if (!login.success) throw failed();
    const { Username: username, Secret: secret } = login.output;
    if (username === '<token>') return { identityToken: secret };
    return username === '' ? undefined : { username, password: secret };
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
      // What has left the group may hold its output open for ever.
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

/** The helper's program; undefined for a name that could lead to a file elsewhere. Never one of the current folder. */
function findHelper(name: string, path: string): string | undefined {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return undefined;
  const file = `docker-credential-${name}${process.platform === 'win32' ? '.exe' : ''}`;
  return path
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, file))
    .find((candidate) => {
      try {
        accessSync(candidate, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function storedLogin(entry: StoredLogin | undefined): RegistryLogin | undefined {
  if (entry?.identitytoken) return { identityToken: entry.identitytoken };
  const text = Buffer.from(entry?.auth ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** The value, or undefined (which no schema takes) for what is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
