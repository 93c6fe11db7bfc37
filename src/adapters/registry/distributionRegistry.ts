import { lookup } from 'node:dns/promises';
import { homedir } from 'node:os';
import pLimit from 'p-limit';
import { DaoChainError, isDaoChainError, throwIfCancelled } from '../../core/errors';
import { isDigest, sha256Digest, type Digest } from '../../core/image/digest';
import { identityFromConfig } from '../../core/image/fingerprint';
import type { ImageIdentity, Platform } from '../../core/image/identity';
import { malformed } from '../../core/image/malformed';
import {
  indexTypes,
  isForNoPlatform,
  isIndexType,
  isManifestType,
  manifestTypes,
  parseIndex,
  parseManifest,
  type Descriptor,
} from '../../core/image/manifest';
import { choosable, normalizePlatform, sameArchitecture } from '../../core/image/platform';
import { formatReference, withDefaultTag, type ImageReference } from '../../core/image/reference';
import { imageJsonLimits } from '../../core/image/jsonReader';
import { shared, type Resolve } from './addresses';
import { Authorization, type RepositoryName } from './authorization';
import { CertificateFolders, usualCertificateFolders } from './certificateFolders';
import { ContentCache, type Content } from './contentCache';
import { Deadline } from './deadline';
import { DockerConfigFile } from './dockerConfig';
import { HostRules } from './hostRules';
import { RegistryTransport, isWebPage, type HttpAnswer, type HttpLimits } from './registryTransport';
import { RegistryClient } from './registryClient';
import { unavailable } from './registryErrors';
import type { Clock } from '../../core/ports/clock';
import type { Log } from '../../core/ports/log';
import type { ContainerRegistry, HeldImage, Referrer, RegistryImage, RegistryLogins } from '../../core/ports/registry';

export interface DistributionRegistryOptions {
  /** False in Restricted Mode and where the reader has switched it off: then nobody is asked. */
  readonly isEnabled: () => boolean;
  /** Hosts that may be in the reader's own network: `host` with all of its ports, or `host:port`. */
  readonly privateHosts: () => readonly string[];
  /** Hosts that are asked over HTTP without TLS, in the same form. */
  readonly plainHttpHosts: () => readonly string[];
  readonly logins: RegistryLogins;
  readonly log: Log;
  readonly clock?: Clock;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory?: string;
  /** Folders like `/etc/docker/certs.d`; Docker's own unless given. */
  readonly certificateFolders?: readonly string[];
  readonly resolve?: Resolve;
  readonly limits?: Partial<RegistryLimits>;
}

export interface RegistryLimits extends HttpLimits {
  /** Milliseconds for one call of the port. */
  readonly wholeMs: number;
}

const usualLimits: RegistryLimits = { headersMs: 15_000, bodyMs: 30_000, wholeMs: 60_000 };
const maxCandidates = 32;
const readsAtOnce = 4;
const maxReferrers = 1_000;
const maxPages = 16;
/** The parsers take no more of a config either. */
const documentLimit = imageJsonLimits.bytes;
const manifestAccept = [...indexTypes, ...manifestTypes].join(', ');
const attestationType = 'vnd.docker.reference.type';

interface Document extends Content {
  readonly digest: Digest;
}

/** Registries that speak the OCI distribution spec. Nothing is loaded and nobody is asked before the first call. */
export class DistributionRegistry implements ContainerRegistry {
  readonly #cache = new ContentCache();
  readonly #client: RegistryClient;
  readonly #limits: RegistryLimits;

  constructor(private readonly options: DistributionRegistryOptions) {
    const { privateHosts, plainHttpHosts, logins, log, clock = Date.now, environment = process.env } = options;
    const sources = { environment, homeDirectory: options.homeDirectory ?? homedir() };
    const certificates = new CertificateFolders(options.certificateFolders ?? usualCertificateFolders(sources));
    this.#limits = { ...usualLimits, ...options.limits };
    const dockerConfig = new DockerConfigFile(sources);
    const rules = new HostRules({ privateHosts, plainHttpHosts, dockerConfig, certificates });
    const resolve = shared(options.resolve ?? ((hostname) => lookup(hostname, { all: true, verbatim: true })));
    const transport = new RegistryTransport({ rules, environment, resolve, limits: this.#limits, clock, log });
    const authorization = new Authorization({ transport, logins, clock, log });
    this.#client = new RegistryClient({ transport, rules, authorization });
  }

  async read(
    reference: ImageReference,
    platform: Platform | 'all',
    signal: AbortSignal,
    held?: HeldImage,
  ): Promise<RegistryImage> {
    return this.#bounded(reference, signal, async (bounded) => {
      const root = await this.#root(withDefaultTag(reference), bounded);
      const { digest, mediaType } = root;
      if (isManifestType(mediaType)) {
        if (held !== undefined && isManifestOf(held, root)) return { digest, isIndex: false, images: [], isHeld: true };
        return { digest, isIndex: false, images: [await this.#image(reference, root, {}, bounded)] };
      }
      const candidates = candidatesFor(parseIndex(root.bytes).manifests, platform);
      const limit = pLimit(readsAtOnce);
      const images = candidates.map((child) =>
        limit(async () => {
          const manifest = await this.#manifest(reference, child.digest, bounded);
          if (manifest.bytes.length !== child.size) throw malformed('digest', 'A manifest of another size');
          if (!isManifestType(manifest.mediaType)) throw malformed('mediaType', 'An index in an index');
          const image = await this.#image(reference, manifest, { indexDigest: digest }, bounded);
          if (contradicts(child.platform, image.platform)) throw malformed('platform', 'An image of another platform');
          return image;
        }),
      );
      return { digest, isIndex: true, images: await Promise.all(images) };
    });
  }

  async referrers(reference: ImageReference, subject: Digest, signal: AbortSignal): Promise<readonly Referrer[]> {
    return this.#bounded(reference, signal, async (bounded) => {
      const accept = indexTypes[0];
      const found: Descriptor[] = [];
      let resource: string | undefined = `referrers/${subject}`;
      for (let pages = 0; resource !== undefined; pages += 1) {
        if (pages === maxPages) throw malformed('tooLarge', 'A list of referrers without an end');
        const answer = await this.#client.send(
          reference,
          { method: 'GET', resource, accept, limit: documentLimit },
          bounded,
        );
        const isList = answer.status === 200 && isIndexType(typeOf(answer));
        // A registry without the API; the spec has a tag for that.
        if (!isList && pages === 0 && [200, 400, 404, 405, 406].includes(answer.status))
          return this.#taggedReferrers(reference, subject, bounded);
        if (!isList) throw unexpected(answer);
        found.push(...parseIndex(answer.body).manifests);
        if (found.length > maxReferrers) throw malformed('tooLarge', 'Too many referrers');
        resource = nextPage(answer, reference);
      }
      return found.map(referrerOf);
    });
  }

  async #taggedReferrers(
    repository: RepositoryName,
    subject: Digest,
    signal: AbortSignal,
  ): Promise<readonly Referrer[]> {
    const answer = await this.#getManifest(repository, subject.replace(':', '-'), signal);
    if (answer === undefined) return [];
    if (!isIndexType(answer.mediaType)) throw malformed('mediaType', 'The tag of the referrers names no index');
    const { manifests } = parseIndex(answer.bytes);
    if (manifests.length > maxReferrers) throw malformed('tooLarge', 'Too many referrers');
    return manifests.map(referrerOf);
  }

  async #bounded<T>(
    reference: ImageReference,
    signal: AbortSignal,
    action: (bounded: AbortSignal) => Promise<T>,
  ): Promise<T> {
    throwIfCancelled(signal);
    if (!this.options.isEnabled()) throw new DaoChainError('registryOff', 'No registry is asked');
    const deadline = new Deadline(signal);
    deadline.give(this.#limits.wholeMs);
    try {
      return await action(deadline.signal);
    } catch (error) {
      // Images of an index that are still being read.
      deadline.abort();
      throwIfCancelled(signal);
      if (deadline.isOver) throw unavailable(reference.registry, 'timeout');
      throw isDaoChainError(error) ? error : unavailable(reference.registry, 'connection', { cause: error });
    } finally {
      deadline.end();
    }
  }

  /** What the reference names, by its digest or by the one that its tag has now. */
  async #root(reference: ImageReference, signal: AbortSignal): Promise<Document> {
    const { tag = '' } = reference;
    const digest = reference.digest ?? (await this.#digestOfTag(reference, tag, signal));
    const document =
      digest === undefined
        ? await this.#getManifest(reference, tag, signal)
        : await this.#findManifest(reference, digest, signal);
    if (document === undefined) throw notFound(reference, formatReference(reference));
    return document;
  }

  /** A `HEAD` only spares a `GET`, so where it says something else than a digest, or breaks off, that one is asked. */
  async #digestOfTag(repository: RepositoryName, tag: string, signal: AbortSignal): Promise<Digest | undefined> {
    const request = { method: 'HEAD', resource: `manifests/${tag}`, accept: manifestAccept, limit: 0 } as const;
    try {
      const answer = await this.#client.send(repository, request, signal);
      return answer.status === 200 ? digestOf(answer) : undefined;
    } catch (error) {
      if (!isDaoChainError(error, 'registryUnavailable')) throw error;
      if (!['connection', 'ECONNRESET'].includes(error.details['reason'] ?? '')) throw error;
      return undefined;
    }
  }

  async #manifest(repository: RepositoryName, digest: Digest, signal: AbortSignal): Promise<Document> {
    const document = await this.#findManifest(repository, digest, signal);
    if (document !== undefined) return document;
    throw notFound(repository, `${repository.registry}/${repository.path}@${digest}`);
  }

  async #findManifest(repository: RepositoryName, digest: Digest, signal: AbortSignal): Promise<Document | undefined> {
    const cached = this.#cache.get(repository, digest);
    return cached === undefined ? this.#getManifest(repository, digest, signal) : { digest, ...cached };
  }

  /** Undefined where the registry has none of that tag or digest. */
  async #getManifest(
    repository: RepositoryName,
    tagOrDigest: string,
    signal: AbortSignal,
  ): Promise<Document | undefined> {
    const answer = await this.#client.send(
      repository,
      { method: 'GET', resource: `manifests/${tagOrDigest}`, accept: manifestAccept, limit: documentLimit },
      signal,
    );
    if (answer.status === 404) return undefined;
    const mediaType = typeOf(answer);
    const isDocument = isManifestType(mediaType) || isIndexType(mediaType);
    if (answer.status !== 200 || (!isDocument && isWebPage(answer))) throw unexpected(answer);
    const digest = sha256Digest(answer.body);
    const expected = [digestOf(answer), ...(isDigest(tagOrDigest) ? [tagOrDigest] : [])];
    if (expected.some((each) => each !== undefined && each !== digest)) {
      throw malformed('digest', `The bytes of ${tagOrDigest} are others`);
    }
    if (!isDocument) {
      throw malformed('mediaType', `A manifest of type ${mediaType}`);
    }
    const content = { bytes: answer.body, mediaType };
    this.#cache.keep(repository, digest, content);
    return { digest, ...content };
  }

  async #image(
    repository: RepositoryName,
    { digest: manifestDigest, bytes }: Document,
    location: { readonly indexDigest?: Digest },
    signal: AbortSignal,
  ): Promise<ImageIdentity> {
    const { config, layers } = parseManifest(bytes);
    const identity = identityFromConfig(
      await this.#config(repository, config, signal),
      { ...location, manifestDigest },
      'registry',
    );
    if (identity.content.diffIds.length !== layers.length) {
      throw malformed('schema', 'The config has another number of layers than the manifest');
    }
    return identity;
  }

  async #config(repository: RepositoryName, { digest, size }: Descriptor, signal: AbortSignal): Promise<Uint8Array> {
    const cached = this.#cache.get(repository, digest)?.bytes;
    if (cached !== undefined) {
      if (cached.length !== size) throw malformed('digest', 'A config of another size');
      return cached;
    }
    if (size > documentLimit) throw malformed('tooLarge', `A config of more than ${documentLimit} bytes`);
    const answer = await this.#client.send(
      repository,
      { method: 'GET', resource: `blobs/${digest}`, accept: '*/*', limit: documentLimit },
      signal,
    );
    const { status, body } = answer;
    const isConfig = body.length === size && sha256Digest(body) === digest;
    if (status !== 200 || (!isConfig && isWebPage(answer))) throw unexpected(answer);
    if (!isConfig) throw malformed('digest', 'The config is another');
    this.#cache.keep(repository, digest, { bytes: body, mediaType: '' });
    return body;
  }
}

function isManifestOf({ configDigest, manifestDigests }: HeldImage, { digest, bytes }: Document): boolean {
  return manifestDigests.includes(digest) && parseManifest(bytes).config.digest === configDigest;
}

/** What is no answer of a registry to what was asked. */
function unexpected(answer: HttpAnswer): DaoChainError {
  const { status, url } = answer;
  if (status !== 200) return unavailable(url.host, `http${status}`);
  return unavailable(url.host, isWebPage(answer) ? 'webPage' : 'answerUnexpected');
}

function notFound({ registry }: RepositoryName, image: string): DaoChainError {
  return new DaoChainError('imageNotFound', `The registry has no ${image}`, { details: { image, registry } });
}

/**
 * The images that an engine could choose for a platform, or all. Engines choose by different rules among the variants of
 * an architecture, and by the config where a child names no platform, so each of these counts. Throws `imageMalformed`.
 */
function candidatesFor(children: readonly Descriptor[], platform: Platform | 'all'): readonly Descriptor[] {
  const isEligible = platform === 'all' ? () => true : choosable(children, platform);
  const candidates: Descriptor[] = [];
  for (const child of children) {
    if (isForNoPlatform(child)) continue;
    if (child.annotations[attestationType] === 'attestation-manifest') {
      throw malformed('platform', 'An attestation that names a platform, so that engines may run it');
    }
    if (!isEligible(child)) continue;
    if (!isManifestType(child.mediaType)) throw malformed('mediaType', `An index with a ${child.mediaType}`);
    candidates.push(child);
  }
  if (candidates.length > maxCandidates) throw malformed('tooLarge', `More than ${maxCandidates} images in an index`);
  return candidates;
}

/** What an index says of a child, against its config; a variant or version that only one of them names is no contradiction. */
function contradicts(claimed: Platform | undefined, actual: Platform): boolean {
  if (claimed === undefined) return false;
  if (!sameArchitecture(claimed, actual)) return true;
  const variants = [claimed, actual].map((platform) => platform.variant && normalizePlatform(platform).variant);
  const versions = [claimed.osVersion, actual.osVersion];
  return [variants, versions].some(([left, right]) => left !== undefined && right !== undefined && left !== right);
}

function digestOf({ headers }: HttpAnswer): Digest | undefined {
  const text = headers.get('docker-content-digest') ?? '';
  return isDigest(text) ? text : undefined;
}

function typeOf({ headers }: HttpAnswer): string {
  return (headers.get('content-type') ?? '').replace(/;.*$/, '').trim().toLowerCase();
}

/** RFC 8288: the next page of this very list, below the same repository. */
function nextPage({ headers, url }: HttpAnswer, { path }: RepositoryName): string | undefined {
  const link = headers.get('link');
  if (link === null) return undefined;
  const target = /^\s*<([^<>]{1,2048})>\s*;\s*rel="?next"?\s*$/i.exec(link)?.[1];
  if (target === undefined || !URL.canParse(target, url)) throw unavailable(url.host, 'answerUnexpected');
  const next = new URL(target, url);
  const base = `/v2/${path}/referrers/`;
  if (next.origin !== url.origin || !next.pathname.startsWith(base)) throw unavailable(url.host, 'answerUnexpected');
  return `referrers/${next.pathname.slice(base.length)}${next.search}`;
}

function referrerOf({ digest, mediaType, size, artifactType, annotations }: Descriptor): Referrer {
  return { digest, mediaType, size, annotations, ...(artifactType === undefined ? {} : { artifactType }) };
}
