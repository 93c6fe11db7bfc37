import { canonicalJson } from '../json/canonicalJson';
import { isWindows, normalizeContent, parseConfig, type RuntimeConfig } from './config';
import { sha256Digest, type Digest } from './digest';
import type { ImageContent, ImageIdentity } from './identity';

/** The fields that a conversion to OCI format drops. */
export const dockerFieldNames = ['Healthcheck', 'Shell', 'OnBuild'] as const;
export type DockerFieldName = (typeof dockerFieldNames)[number];

function contentHash(value: unknown): Digest {
  return sha256Digest(new TextEncoder().encode(canonicalJson(value)));
}

/** The value whose canonical JSON `fingerprint` is the hash of. */
export function fingerprintInput({
  platform,
  osFeatures,
  config,
  diffIds,
}: ImageContent): Readonly<Record<string, unknown>> {
  return {
    v: 2,
    os: platform.os,
    architecture: platform.architecture,
    ...(platform.variant === undefined ? {} : { variant: platform.variant }),
    ...(platform.osVersion === undefined ? {} : { 'os.version': platform.osVersion }),
    ...(osFeatures === undefined ? {} : { 'os.features': osFeatures }),
    config,
    diff_ids: diffIds,
  };
}

/** Content identity of one platform's image, the same on every engine and registry (docs/fingerprint.md). */
export function fingerprint(content: ImageContent): Digest {
  return contentHash(fingerprintInput(content));
}

export function dockerFieldsDigest(content: ImageContent): Digest {
  return contentHash(content.dockerFields);
}

/** Where an image's content was found; `manifestDigest` and `indexDigest` are for the caller to have checked. */
export interface Location {
  readonly manifestDigest?: Digest;
  readonly indexDigest?: Digest;
}

/** Identity by the config's own bytes; `source` tells who served them. Throws `imageMalformed`. */
export function identityFromConfig(
  bytes: Uint8Array,
  location: Location = {},
  source: 'bytes' | 'registry' = 'bytes',
): ImageIdentity {
  return {
    source,
    ...identityOf(parseConfig(bytes)),
    configDigest: sha256Digest(bytes),
    configSize: bytes.length,
    ...location,
  };
}

/**
 * Identity by what an engine printed; enough for a match, never for a red verdict. Of a Windows image it is not even enough
 * for a match, because no engine prints `os.features`: its fingerprint is that of no image. Throws `imageMalformed`.
 */
export function identityFromInspect(
  runtime: RuntimeConfig,
  location: Location & { readonly configDigest?: Digest } = {},
): ImageIdentity {
  const identity = identityOf(normalizeContent(runtime));
  const { content } = identity;
  const printed = isWindows(content.platform)
    ? { ...identity, fingerprint: contentHash({ ...fingerprintInput(content), isPrinted: true }) }
    : identity;
  return { source: 'inspect', ...printed, ...location };
}

function identityOf(
  content: ImageContent,
): Pick<ImageIdentity, 'platform' | 'fingerprint' | 'dockerFields' | 'content'> {
  return {
    platform: content.platform,
    fingerprint: fingerprint(content),
    dockerFields: dockerFieldsDigest(content),
    content,
  };
}
