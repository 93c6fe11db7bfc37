import type { JsonObject, JsonValue } from '../json/canonicalJson';
import type { Digest } from './digest';
import type { ImageContent, Platform } from './identity';
import {
  asArray,
  asBoolean,
  asDigest,
  asInteger,
  asObject,
  asString,
  asStrings,
  parseImageJson,
  refuseVariants,
  required,
} from './jsonReader';
import { malformed } from './malformed';

/** What some engine reads of a config (OCI image spec "Image Configuration", its Docker extension, moby's own older form). */
const configKeys = [
  ...['id', 'parent', 'comment', 'created', 'container', 'container_config', 'docker_version', 'author', 'config'],
  ...['architecture', 'variant', 'os', 'os.version', 'os.features', 'rootfs', 'history', 'Size'],
];
const containerKeys = [
  ...['Hostname', 'Domainname', 'User', 'AttachStdin', 'AttachStdout', 'AttachStderr', 'ExposedPorts', 'Tty'],
  ...['OpenStdin', 'StdinOnce', 'Env', 'Cmd', 'Healthcheck', 'ArgsEscaped', 'Image', 'Volumes', 'WorkingDir'],
  ...['Entrypoint', 'NetworkDisabled', 'MacAddress', 'OnBuild', 'Labels', 'StopSignal', 'StopTimeout', 'Shell'],
];
const durationKeys = ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'];
const healthcheckKeys = ['Test', 'Retries', ...durationKeys];
const rootfsKeys = ['type', 'diff_ids', 'base_layer'];
const historyKeys = ['created', 'created_by', 'author', 'comment', 'empty_layer'];

/** What an engine runs, before normalization: from the config's own bytes, or as the engine's `inspect` prints it. */
export interface RuntimeConfig {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
  readonly osVersion?: string | undefined;
  readonly osFeatures?: readonly string[] | undefined;
  /** The object `config` (`Config` in `inspect`). */
  readonly config: JsonObject | undefined;
  readonly diffIds: readonly Digest[];
}

/** Reads an image config strictly. Throws `imageMalformed`. */
export function parseConfig(bytes: Uint8Array): ImageContent {
  const top = required(asObject(parseImageJson(bytes), 'image config'), 'image config');
  refuseVariants(top, configKeys, 'image config');
  for (const name of ['config', 'container_config']) {
    const container = asObject(top[name], name);
    if (container === undefined) continue;
    refuseVariants(container, containerKeys, name);
    const healthcheck = asObject(container['Healthcheck'], `${name}.Healthcheck`);
    if (healthcheck !== undefined) refuseVariants(healthcheck, healthcheckKeys, `${name}.Healthcheck`);
  }
  for (const entry of asArray(top['history'], 'history') ?? []) {
    refuseVariants(asObject(entry, 'history') ?? {}, historyKeys, 'history');
  }
  const rootfs = required(asObject(top['rootfs'], 'rootfs'), 'rootfs');
  refuseVariants(rootfs, rootfsKeys, 'rootfs');
  if (rootfs['type'] !== 'layers') throw malformed('schema', 'rootfs is not made of layers');
  return normalizeContent({
    os: asString(top['os'], 'os') ?? '',
    architecture: asString(top['architecture'], 'architecture') ?? '',
    variant: asString(top['variant'], 'variant'),
    osVersion: asString(top['os.version'], 'os.version'),
    osFeatures: asStrings(top['os.features'], 'os.features'),
    config: asObject(top['config'], 'config'),
    diffIds: (asArray(rootfs['diff_ids'], 'diff_ids') ?? []).map((id) => asDigest(id, 'diff_ids')),
  });
}

/**
 * The content that the two hashes cover (docs/fingerprint.md): what is empty is left out, but only directly under
 * `config`; a port without protocol is a TCP port; the order of lists is kept; what only a Windows engine runs by is left
 * out elsewhere, because conversions drop it. Throws `imageMalformed` for a member of another type than engines read.
 */
export function normalizeContent({
  os,
  architecture,
  variant,
  osVersion,
  osFeatures = [],
  config = {},
  diffIds,
}: RuntimeConfig): ImageContent {
  if (os === '' || architecture === '') throw malformed('schema', 'The image names no platform');
  const platform: Platform = {
    os,
    architecture,
    ...(variant ? { variant } : {}),
    ...(osVersion ? { osVersion } : {}),
  };
  const members = (
    names: readonly string[],
    read: (value: JsonValue | undefined, name: string) => JsonValue | undefined,
  ): Record<string, JsonValue> =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = read(config[name], name);
        return value === undefined || isEmpty(value) ? [] : [[name, value]];
      }),
    );
  const isArgsEscaped = asBoolean(config['ArgsEscaped'], 'ArgsEscaped') === true;
  return {
    platform,
    ...(isWindows(platform) && osFeatures.length > 0 && { osFeatures }),
    config: {
      ...members(['User', 'WorkingDir', 'StopSignal'], asString),
      ...members(['Env', 'Entrypoint', 'Cmd'], asStrings),
      ...members(['ExposedPorts'], (value, name) => readSet(value, name, withProtocol)),
      ...members(['Volumes'], readSet),
      ...members(['Labels'], readLabels),
      // The engine takes Entrypoint and Cmd for one command line, and quotes nothing.
      ...(isWindows(platform) && isArgsEscaped && { ArgsEscaped: true }),
    },
    diffIds,
    dockerFields: {
      ...members(['Healthcheck'], readHealthcheck),
      ...members(['Shell', 'OnBuild'], asStrings),
    },
  };
}

/** Engines compare it without regard to case. */
export function isWindows({ os }: Platform): boolean {
  return os.toLowerCase() === 'windows';
}

function isEmpty(value: JsonValue): boolean {
  return value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

function withProtocol(port: string): string {
  return port.includes('/') ? port : `${port}/tcp`;
}

/** A Go set: an object whose values are empty objects. */
function readSet(
  value: JsonValue | undefined,
  path: string,
  normalizeKey: (key: string) => string = (key) => key,
): JsonObject | undefined {
  const object = asObject(value, path);
  if (object === undefined) return undefined;
  const keys = Object.entries(object).map(([key, member]) => {
    if (Object.keys(asObject(member, path) ?? {}).length > 0) throw malformed('schema', `${path} is not a set`);
    return normalizeKey(key);
  });
  return Object.fromEntries(keys.map((key) => [key, {}]));
}

function readLabels(value: JsonValue | undefined, path: string): JsonObject | undefined {
  const object = asObject(value, path);
  for (const label of Object.values(object ?? {})) required(asString(label, path), path);
  return object;
}

/** Kept as it is, with members that we do not know. */
function readHealthcheck(value: JsonValue | undefined, path: string): JsonObject | undefined {
  const object = asObject(value, path);
  if (object === undefined) return undefined;
  asStrings(object['Test'], `${path}.Test`);
  for (const key of ['Retries', ...durationKeys]) asInteger(object[key], `${path}.${key}`);
  return object;
}
