import { DaoChainError, isDaoChainError } from '../errors';
import { isDigest, type Digest } from './digest';

/**
 * An image reference by the grammar of the distribution project (`reference/regexp.go`) with Docker's defaults. One
 * repository has one canonical text:
 *
 * - the registry is always named; `docker.io` and `index.docker.io` are `docker.io`, and one path segment there is
 *   below `library/`;
 * - the registry's host is lower case, since DNS has no case. One that only its upper case makes a registry, as in `Team/app`,
 *   is refused: in lower case the same text names a repository of `docker.io`;
 * - a port is kept as written: `host` and `host:443` are two registries, as they are to engines. One with leading zeros
 *   or above 65535 is refused;
 * - registry and path together have at most 255 characters, a tag 128 (the ledger's bounds).
 */
export interface ImageReference {
  /** As it was given; this is what an engine is asked for. */
  readonly text: string;
  /** `host` or `host:port`. */
  readonly registry: string;
  readonly path: string;
  /** `registry/path`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const hostLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const registryPattern = new RegExp(`^(?:${hostLabel}(?:\\.${hostLabel})*|\\[[a-fA-F0-9:]+\\])(?::([0-9]+))?$`);
const segment = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const pathPattern = new RegExp(`^${segment}(?:/${segment})*$`);
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const hub = 'docker.io';

/** `details.reason` of a `referenceInvalid` error. Closed and stable. */
export type ReferenceFault = 'empty' | 'registry' | 'path' | 'upperCase' | 'imageId' | 'tag' | 'digest' | 'tooLong';

/** Throws `referenceInvalid`. */
export function parseReference(text: string): ImageReference {
  const fail = (reason: ReferenceFault): never => {
    throw new DaoChainError('referenceInvalid', `Not an image reference (${reason})`, { details: { reason, text } });
  };
  if (text === '') fail('empty');
  if (text.length > 512) fail('tooLong');
  // Engines take it for an image ID, so it cannot be a name.
  if (/^[a-f0-9]{64}$/.test(text)) fail('imageId');

  const at = text.indexOf('@');
  const named = at === -1 ? text : text.slice(0, at);
  const digest = at === -1 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) return fail('digest');

  const [host, rest] = splitRegistry(named);
  const colon = rest.indexOf(':');
  const name = colon === -1 ? rest : rest.slice(0, colon);
  const tag = colon === -1 ? undefined : rest.slice(colon + 1);
  if (tag !== undefined && !isCanonicalTag(tag)) fail('tag');
  if (/[A-Z]/.test(name)) fail('upperCase');

  const lowerHost = host.toLowerCase();
  if (!isRegistry(lowerHost)) fail('upperCase');
  const registry = lowerHost === 'index.docker.io' ? hub : lowerHost;
  const port = registryPattern.exec(registry);
  if (port === null || (port[1] !== undefined && !isPort(port[1]))) fail('registry');
  const path = registry === hub && !name.includes('/') ? `library/${name}` : name;
  if (!pathPattern.test(path)) fail('path');
  const repository = `${registry}/${path}`;
  if (repository.length > 255) fail('tooLong');
  return {
    text,
    registry,
    path,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function splitRegistry(named: string): readonly [host: string, rest: string] {
  const slash = named.indexOf('/');
  const host = named.slice(0, Math.max(slash, 0));
  return isRegistry(host) || /[A-Z]/.test(host) ? [host, named.slice(slash + 1)] : [hub, named];
}

/** What stands before the first slash is a registry when it looks like a host. */
function isRegistry(text: string): boolean {
  return text === 'localhost' || /[.:]/.test(text);
}

/** Whether a text names the registry that it is about, and does not leave it to Docker's default. */
export function namesRegistry({ text }: Pick<ImageReference, 'text'>): boolean {
  return isRegistry(text.slice(0, Math.max(text.indexOf('/'), 0)).toLowerCase());
}

function isPort(text: string): boolean {
  return /^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= 65535;
}

/** The canonical text: `registry/path[:tag][@digest]`. */
export function formatReference(reference: Pick<ImageReference, 'repository' | 'tag' | 'digest'>): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${reference.repository}${tag}${digest}`;
}

/** As people write it: without `docker.io/` and `library/` wherever that still names the same repository. */
export function familiarName(reference: Pick<ImageReference, 'repository' | 'tag' | 'digest'>): string {
  const { repository } = reference;
  const short = [`${hub}/library/`, `${hub}/`]
    .filter((prefix) => repository.startsWith(prefix))
    .map((prefix) => repository.slice(prefix.length))
    .find((name) => tryParseReference(name)?.repository === repository);
  return formatReference({ ...reference, repository: short ?? repository });
}

/** Whether this is the one canonical text of a repository. Others in the ledger are ignored. */
export function isCanonicalRepository(text: string): boolean {
  return tryParseReference(text)?.repository === text;
}

/** Undefined for what is no reference. */
export function tryParseReference(text: string): ImageReference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (isDaoChainError(error, 'referenceInvalid')) return undefined;
    throw error;
  }
}

export function isCanonicalTag(text: string): boolean {
  return tagPattern.test(text);
}

/** Adds `latest` where neither a tag nor a digest says which. */
export function withDefaultTag(reference: ImageReference): ImageReference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference;
}
