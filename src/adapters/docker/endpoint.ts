import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as v from 'valibot';
import { DaoChainError } from '../../core/errors';
import { readBoundedFile, readIfThere } from '../boundedFile';
import type { EngineEndpoint } from '../../core/ports/engine';

/** Bytes of a file of Docker's configuration. */
const largestFile = 1024 * 1024;

/** PEM files for a TLS connection, as the docker CLI reads them. */
export interface EndpointTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** False when the user asked for a connection that does not check the engine's certificate. */
  readonly verify: boolean;
}

export interface ResolvedEndpoint extends EngineEndpoint {
  readonly tls?: EndpointTls;
}

/** What the resolution reads from the world. */
export interface EndpointSources {
  /** The user's own setting; empty or absent when there is none. */
  readonly setting?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  readonly platform: NodeJS.Platform;
}

/**
 * Why no engine can be reached, `details.reason` of an `engineUnavailable` error; else it holds the system's error code
 * (`ECONNREFUSED`, `ENOENT`, `EACCES` …) or `timeout`.
 */
export type EndpointFault =
  /** `details.context` names a context that does not exist. */
  | 'contextMissing'
  /** A context's or the environment's file cannot be read; `details.file` names it. */
  | 'fileUnreadable'
  /** Not a form of `unix://`, `npipe://` or `tcp://`. */
  | 'hostInvalid'
  /** `ssh://`: reach the engine by a forwarded socket (`ssh -L`) or open the folder on that machine instead. */
  | 'ssh';

const configSchema = v.object({ currentContext: v.optional(v.string()) });
const contextSchema = v.object({
  Endpoints: v.object({
    docker: v.object({ Host: v.nullish(v.string()), SkipTLSVerify: v.nullish(v.boolean()) }),
  }),
});

/**
 * Finds the engine as the docker CLI does: our setting, DOCKER_HOST, DOCKER_CONTEXT, `currentContext` of the CLI's
 * configuration, the default socket. Reads files only; whether something answers there is another question. Throws
 * `engineUnavailable` with an `EndpointFault`.
 */
export async function resolveEndpoint(sources: EndpointSources): Promise<ResolvedEndpoint> {
  const { environment, platform } = sources;
  const folder = variable(environment, 'DOCKER_CONFIG') ?? join(sources.homeDirectory, '.docker');
  if (sources.setting) return withEnvironmentTls(sources.setting, 'setting', folder, sources);
  const host = variable(environment, 'DOCKER_HOST');
  if (host !== undefined) return withEnvironmentTls(host, 'environment', folder, sources);
  const context = variable(environment, 'DOCKER_CONTEXT') ?? (await currentContext(folder));
  if (context !== undefined && context !== 'default') return readContext(folder, context, platform);
  return withEnvironmentTls('', 'default', folder, sources);
}

/** An empty variable is none. */
function variable(environment: EndpointSources['environment'], name: string): string | undefined {
  return environment[name] === '' ? undefined : environment[name];
}

function defaultHost(platform: NodeJS.Platform): string {
  return platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';
}

/** A configuration that is not there or cannot be read names no context, as for the CLI. */
async function currentContext(folder: string): Promise<string | undefined> {
  try {
    const { bytes } = await readBoundedFile(join(folder, 'config.json'), { limit: largestFile });
    const config = v.parse(configSchema, JSON.parse(Buffer.from(bytes).toString('utf8')));
    return config.currentContext === '' ? undefined : config.currentContext;
  } catch {
    return undefined;
  }
}

async function readContext(folder: string, context: string, platform: NodeJS.Platform): Promise<ResolvedEndpoint> {
  const id = createHash('sha256').update(context).digest('hex');
  const file = join(folder, 'contexts', 'meta', id, 'meta.json');
  const text = await readOptional(file);
  if (text === undefined) throw unavailable('contextMissing', { context });
  let docker: v.InferOutput<typeof contextSchema>['Endpoints']['docker'];
  try {
    docker = v.parse(contextSchema, JSON.parse(text.toString('utf8'))).Endpoints.docker;
  } catch (cause) {
    throw unavailable('fileUnreadable', { file, context }, cause);
  }
  const tls = await readTls(join(folder, 'contexts', 'tls', id, 'docker'), docker.SkipTLSVerify !== true);
  return {
    host: normalizeHost(docker.Host ?? '', false, platform),
    origin: 'context',
    context,
    ...(tls === undefined ? {} : { tls }),
  };
}

/** The CLI's `--tls` and `--tlsverify` by their variables, for a host that names no context. */
async function withEnvironmentTls(
  host: string,
  origin: 'setting' | 'environment' | 'default',
  folder: string,
  { environment, platform }: EndpointSources,
): Promise<ResolvedEndpoint> {
  const verify = variable(environment, 'DOCKER_TLS_VERIFY') !== undefined;
  const encrypted = verify || variable(environment, 'DOCKER_TLS') !== undefined;
  const normalized = normalizeHost(host, encrypted, platform);
  if (!encrypted || !normalized.startsWith('tcp://')) return { host: normalized, origin };
  const tls = await readTls(variable(environment, 'DOCKER_CERT_PATH') ?? folder, verify);
  return { host: normalized, origin, tls: tls ?? { verify } };
}

/** The files that are there; undefined when none is and the certificate is to be checked, which means no TLS. */
async function readTls(folder: string, verify: boolean): Promise<EndpointTls | undefined> {
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readOptional(join(folder, name))),
  );
  if (ca === undefined && cert === undefined && key === undefined && verify) return undefined;
  return {
    verify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

async function readOptional(file: string): Promise<Buffer | undefined> {
  try {
    const bytes = await readIfThere(file, largestFile);
    return bytes && Buffer.from(bytes);
  } catch (cause) {
    throw unavailable('fileUnreadable', { file }, cause);
  }
}

/**
 * Fills in what the CLI does (`opts.ParseHost`): TCP, this machine, port 2375, the default socket; for nothing at all with
 * TLS this machine's port 2376. What is of no form that the CLI takes comes back as it was.
 */
function normalizeHost(host: string, encrypted: boolean, platform: NodeJS.Platform): string {
  const text = host.trim();
  const [, protocol = 'tcp', address = ''] = /^(?:([^:/]*):\/\/)?(.*)$/s.exec(text) ?? [];
  if (text === '' && encrypted) return `tcp://${thisMachine(platform)}:2376`;
  if (text === '') return defaultHost(platform);
  if (text === 'unix://') return defaultHost('linux');
  if (text === 'npipe://') return defaultHost('win32');
  if (protocol !== 'tcp') return text;
  const [, authority = '', path = ''] = /^([^/?#]*)([^?#]*)/.exec(address) ?? [];
  const named = authority.replace(/^.*@/, '');
  if (isIP(named) === 6) return `tcp://[${named}]:2375${path}`;
  const [whole, name = '', port = ''] = /^(\[[^\]]+\]|[^:[\]]*)(?::(\d*))?$/.exec(named) ?? [];
  if (whole === undefined) return text;
  return `tcp://${name === '' ? thisMachine(platform) : name}:${port === '' ? '2375' : port}${path}`;
}

function thisMachine(platform: NodeJS.Platform): string {
  return platform === 'win32' ? '127.0.0.1' : 'localhost';
}

/** How to dial a resolved endpoint. Throws `engineUnavailable` (`ssh`, `hostInvalid`) for what cannot be dialled. */
export function dialOptions(
  endpoint: ResolvedEndpoint,
):
  | { readonly socketPath: string }
  | { readonly protocol: 'http' | 'https'; readonly host: string; readonly port: string } {
  const { host, tls } = endpoint;
  const socketPath = /^(?:unix|npipe):\/\/(.+)$/.exec(host)?.[1];
  if (socketPath !== undefined) return { socketPath };
  if (host.startsWith('ssh://')) throw unavailable('ssh', { host });
  const url = URL.canParse(host) ? new URL(host) : undefined;
  if (url === undefined || !host.startsWith('tcp://') || url.hostname === '')
    throw unavailable('hostInvalid', { host });
  return {
    protocol: tls === undefined ? 'http' : 'https',
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port,
  };
}

/** What comes before the paths of the API, for an engine that is reached through another server. */
export function basePathOf({ host }: ResolvedEndpoint): string {
  return host.startsWith('tcp://') ? new URL(host).pathname.replace(/\/+$/, '') : '';
}

function unavailable(reason: EndpointFault, details: Readonly<Record<string, string>>, cause?: unknown): DaoChainError {
  return new DaoChainError('engineUnavailable', `No engine can be reached: ${reason}`, {
    details: { reason, ...details },
    cause,
  });
}
