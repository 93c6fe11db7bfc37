import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { readBoundedFile } from '../boundedFile';
import { denied } from './registryErrors';

/** An entry of `auths`. Secrets. */
export interface StoredLogin {
  /** Base64 of `name:password`. */
  readonly auth?: string | null | undefined;
  readonly identitytoken?: string | null | undefined;
}

/** What Docker's `config.json` says about registries; each as in a canonical reference. */
export interface DockerConfig {
  readonly auths: ReadonlyMap<string, StoredLogin>;
  readonly credHelpers: ReadonlyMap<string, string>;
  readonly credsStore: string | undefined;
}

const schema = v.object({
  auths: v.nullish(
    v.record(
      v.string(),
      v.nullish(v.object({ auth: v.nullish(v.string()), identitytoken: v.nullish(v.string()) }), {}),
    ),
  ),
  credHelpers: v.nullish(v.record(v.string(), v.string())),
  credsStore: v.nullish(v.string()),
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

  /** A file that is not there says nothing. Rejects with `registryDenied` (`configuration`). */
  async read(): Promise<DockerConfig> {
    const file = join(dockerConfigFolder(this.sources), 'config.json');
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
}

function parse(text: string): DockerConfig {
  const { auths, credHelpers, credsStore } = v.parse(schema, JSON.parse(text));
  const byRegistry = <T>(entries: Readonly<Record<string, T>> | null | undefined): ReadonlyMap<string, T> =>
    new Map(Object.entries(entries ?? {}).map(([key, value]) => [registryOfKey(key), value]));
  return {
    auths: byRegistry(auths),
    credHelpers: byRegistry(credHelpers),
    credsStore: credsStore === '' ? undefined : (credsStore ?? undefined),
  };
}

const hubHosts = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

/** A key is a host, or the URL of a registry of old, as Docker Hub's `https://index.docker.io/v1/` still is. */
function registryOfKey(key: string): string {
  const host = key
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
    .toLowerCase();
  return hubHosts.includes(host) ? 'docker.io' : host;
}
