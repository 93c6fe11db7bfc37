import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { parseForeignJson } from '../../core/json/foreignJson';
import { readBoundedFile } from '../boundedFile';
import { firstJson, goMembers, objectSchema } from '../goJson';
import { denied } from './registryErrors';

/**
 * What Docker's `config.json` says about registries. Each entry is kept as it was written: an odd entry does not affect
 * the others.
 */
export interface DockerConfig {
  /** Logins by key. Secrets. */
  readonly auths: ReadonlyMap<string, unknown>;
  /** Names of helpers by key. */
  readonly credHelpers: ReadonlyMap<string, unknown>;
  /** The name of a helper. */
  readonly credsStore: unknown;
}

const variableSchema = v.strictObject({
  auths: v.nullish(v.record(v.string(), v.strictObject({ auth: v.string() }))),
});
const none: DockerConfig = { auths: new Map(), credHelpers: new Map(), credsStore: undefined };
const largest = 1024 * 1024;

export interface DockerConfigSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
}

/** The folder of the docker command's configuration. */
export function dockerConfigFolder({ environment, homeDirectory }: DockerConfigSources): string {
  const folder = environment['DOCKER_CONFIG'];
  return folder === undefined || folder === '' ? join(homeDirectory, '.docker') : folder;
}

/** Docker's `config.json`, read again whenever the file has changed. */
export class DockerConfigFile {
  #read: { readonly version: string; readonly config: DockerConfig } | undefined;

  constructor(private readonly sources: DockerConfigSources) {}

  get path(): string {
    return join(dockerConfigFolder(this.sources), 'config.json');
  }

  /** A file that is not there says nothing. Rejects with `registryLogin` (`configuration`). */
  async read(): Promise<DockerConfig> {
    const file = this.path;
    try {
      const { mtimeMs, ctimeMs, size, ino } = await stat(file);
      const version = [file, mtimeMs, ctimeMs, size, ino].join(' ');
      if (this.#read?.version !== version) {
        const { bytes } = await readBoundedFile(file, { limit: largest });
        this.#read = { version, config: parse(Buffer.from(bytes).toString('utf8')) };
      }
      return this.#read.config;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return none;
      // Without the cause: a parser's error cites the text, which holds logins.
      throw denied('', 'configuration', { details: { file } });
    }
  }

  /** Hosts that somebody has named there, by a login or a helper, each as in a canonical reference. */
  async hosts(): Promise<ReadonlySet<string>> {
    // A configuration that cannot be read names nothing; whoever needs a login from it gets the error.
    const { auths, credHelpers } = await this.read().catch(() => none);
    const ofVariable = environmentLogins(this.sources.environment).keys();
    return new Set([...auths.keys(), ...credHelpers.keys(), ...ofVariable].map(registryOfKey));
  }
}

interface NameAndPassword {
  readonly username: string;
  readonly password: string;
}

/** Of base64 without errors, `name:password`; undefined for anything else. */
export function decodedLogin(text: string): NameAndPassword | undefined {
  const base64 = text.replace(/[\r\n]/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64)) return undefined;
  const [, username = '', password = ''] = /^([^:]+):(.*)$/s.exec(Buffer.from(base64, 'base64').toString('utf8')) ?? [];
  // Docker pads what it keeps.
  return username === '' ? undefined : { username, password: password.replace(/^\0+|\0+$/g, '') };
}

/**
 * Logins of DOCKER_AUTH_CONFIG by key, which come before all others. Docker takes nothing of a variable that says anything
 * else beside.
 */
export function environmentLogins({
  DOCKER_AUTH_CONFIG: text = '',
}: DockerConfigSources['environment']): ReadonlyMap<string, NameAndPassword> {
  const variable = v.safeParse(variableSchema, text.length > largest ? undefined : parseForeignJson(text));
  const logins = Object.entries((variable.success ? variable.output.auths : undefined) ?? {}).map(
    ([key, { auth }]) => [key, decodedLogin(auth)] as const,
  );
  const known = logins.filter((entry): entry is [string, NameAndPassword] => entry[1] !== undefined);
  return new Map(known.length === logins.length ? known : []);
}

/** The host, the port where there is one, and what follows it, of a key: a host, or the URL of a registry of old. */
export function partsOfKey(key: string): { readonly host: string; readonly path: string } {
  const [, authority = '', path = ''] = /^(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/)?([^/?#]*)\/*(.*)$/s.exec(key) ?? [];
  return { host: authority.replace(/^.*@/s, '').replace(/:$/, ''), path: path.replace(/\/+$/, '') };
}

const hubHosts = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

function registryOfKey(key: string): string {
  const host = partsOfKey(key).host.toLowerCase();
  return hubHosts.includes(host) ? 'docker.io' : host;
}

function parse(text: string): DockerConfig {
  if (text.trim() === '') return none;
  const members = goMembers(
    v.parse(v.nullable(objectSchema, {}), firstJson(text)),
    'auths',
    'credHelpers',
    'credsStore',
  );
  const entries = (value: unknown): ReadonlyMap<string, unknown> =>
    new Map(Object.entries(v.parse(v.optional(objectSchema, {}), value)));
  return {
    auths: entries(members.auths),
    credHelpers: entries(members.credHelpers),
    credsStore: members.credsStore,
  };
}
