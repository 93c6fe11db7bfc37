import type { JsonObject, JsonValue } from '../json/canonicalJson';
import type { Digest } from './digest';
import type { Platform } from './identity';
import {
  asArray,
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

export const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
] as const;
export const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
] as const;
const configTypes = ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'];
const layerTypes = [
  'application/vnd.oci.image.layer.v1.tar',
  'application/vnd.oci.image.layer.v1.tar+gzip',
  'application/vnd.oci.image.layer.v1.tar+zstd',
  'application/vnd.docker.image.rootfs.diff.tar',
  'application/vnd.docker.image.rootfs.diff.tar.gzip',
  'application/vnd.docker.image.rootfs.diff.tar.zstd',
];

/** Keys that engines read (OCI image spec "Content Descriptors", "Image Manifest", "Image Index"; Docker schema 2). */
const descriptorKeys = ['mediaType', 'digest', 'size', 'urls', 'annotations', 'data', 'platform', 'artifactType'];
const platformKeys = ['architecture', 'os', 'os.version', 'os.features', 'variant', 'features'];
/** Of both documents at once: containerd decides by these which of the two it reads. */
const documentKeys = [
  'schemaVersion',
  'mediaType',
  'artifactType',
  'config',
  'layers',
  'manifests',
  'subject',
  'annotations',
  'fsLayers',
];

/** OCI image spec, "Content Descriptors". */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Absent where system or architecture are: then only the image's config tells. */
  readonly platform?: Platform;
  /** What a system must have; engines pass over what needs more. */
  readonly osFeatures?: readonly string[];
  readonly artifactType?: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ImageManifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface ImageIndex {
  readonly manifests: readonly Descriptor[];
}

export function isManifestType(mediaType: string): boolean {
  return (manifestTypes as readonly string[]).includes(mediaType);
}

export function isIndexType(mediaType: string): boolean {
  return (indexTypes as readonly string[]).includes(mediaType);
}

/** Reads the manifest of one platform's image. Throws `imageMalformed`, also for a manifest of something else. */
export function parseManifest(bytes: Uint8Array): ImageManifest {
  const top = readDocument(bytes, isManifestType, ['manifests', 'fsLayers']);
  const config = readDescriptor(required(top['config'], 'config'), 'config');
  requireType(config.mediaType, configTypes, 'config');
  const layers = required(asArray(top['layers'], 'layers'), 'layers').map((layer) => readDescriptor(layer, 'layers'));
  for (const layer of layers) requireType(layer.mediaType, layerTypes, 'layers');
  return { config, layers };
}

/** Reads an image index or a Docker manifest list. Throws `imageMalformed`. */
export function parseIndex(bytes: Uint8Array): ImageIndex {
  const top = readDocument(bytes, isIndexType, ['config', 'layers', 'fsLayers']);
  const manifests = required(asArray(top['manifests'], 'manifests'), 'manifests');
  return { manifests: manifests.map((manifest) => readDescriptor(manifest, 'manifests')) };
}

/**
 * Whether a child of an index says that it runs nowhere, as BuildKit's attestations do. Their annotation says the same,
 * but engines run a child that has it and names a real platform, so it does not count here.
 */
export function isForNoPlatform({ platform }: Descriptor): boolean {
  return platform?.os === 'unknown' && platform.architecture === 'unknown';
}

function readDocument(
  bytes: Uint8Array,
  isType: (mediaType: string) => boolean,
  foreign: readonly string[],
): JsonObject {
  const top = required(asObject(parseImageJson(bytes), 'manifest'), 'manifest');
  refuseVariants(top, documentKeys, 'manifest');
  if (top['schemaVersion'] !== 2) throw malformed('schema', 'Not a manifest of schema version 2');
  const mediaType = asString(top['mediaType'], 'mediaType');
  if (mediaType !== undefined && !isType(mediaType)) throw malformed('mediaType', `Unexpected type ${mediaType}`);
  // A document that is both a manifest and an index is read as either, depending on who reads.
  for (const name of foreign) if (Object.hasOwn(top, name)) throw malformed('schema', `Unexpected member ${name}`);
  const subject = asObject(top['subject'], 'subject');
  if (subject !== undefined) readDescriptor(subject, 'subject');
  return top;
}

function readDescriptor(value: JsonValue, path: string): Descriptor {
  const object = required(asObject(value, path), path);
  refuseVariants(object, descriptorKeys, path);
  const size = required(asInteger(object['size'], path), `${path}.size`);
  if (size < 0) throw malformed('schema', `${path}.size is negative`);
  const named = asObject(object['platform'], `${path}.platform`);
  const platform = named && readPlatform(named, `${path}.platform`);
  const osFeatures = asStrings(named?.['os.features'], `${path}.platform`) ?? [];
  const artifactType = asString(object['artifactType'], `${path}.artifactType`);
  const annotations = Object.entries(asObject(object['annotations'], `${path}.annotations`) ?? {});
  return {
    mediaType: required(asString(object['mediaType'], path), `${path}.mediaType`),
    digest: asDigest(object['digest'], `${path}.digest`),
    size,
    ...(platform === undefined ? {} : { platform }),
    ...(osFeatures.length === 0 ? {} : { osFeatures }),
    ...(artifactType ? { artifactType } : {}),
    annotations: Object.fromEntries(
      annotations.map(([key, text]) => [key, required(asString(text, path), `${path}.annotations`)]),
    ),
  };
}

/**
 * Undefined where it is not whole: engines take their own system for one that is empty. They fold case by more letters
 * than ASCII has, where İ is an i.
 */
function readPlatform(object: JsonObject, path: string): Platform | undefined {
  refuseVariants(object, platformKeys, path);
  const os = required(asString(object['os'], path), `${path}.os`);
  const architecture = required(asString(object['architecture'], path), `${path}.architecture`);
  const variant = asString(object['variant'], path);
  const osVersion = asString(object['os.version'], path);
  if (/[^\x20-\x7e]/.test(os + architecture)) throw malformed('platform', `${path} is not of ASCII`);
  if (os === '' || architecture === '') return undefined;
  return {
    os,
    architecture,
    ...(variant ? { variant } : {}),
    ...(osVersion ? { osVersion } : {}),
  };
}

function requireType(mediaType: string, types: readonly string[], path: string): void {
  if (!types.includes(mediaType)) throw malformed('mediaType', `${path} is of type ${mediaType}`);
}
