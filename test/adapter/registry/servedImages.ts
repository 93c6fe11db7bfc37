import type { ServerResponse } from 'node:http';
import { blob, digestOf, ociImage, ociIndex, type Blob, type Child } from '../archive/archives';
import type { Asked } from './testServer';

export { blob, ociIndex };

export interface ServedPlatform {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
}

export interface ServedImage {
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layers: readonly Blob[];
}

/** An image of one layer; `content` makes it distinct. */
export function servedImage(content: string, platform: ServedPlatform = {}): ServedImage {
  const layer = Buffer.from(`layer of ${content}`);
  const config = {
    ...{ os: 'linux', architecture: 'amd64', ...platform },
    config: { Env: [`CONTENT=${content}`] },
    rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
  };
  return imageOf(config, [layer]);
}

/** Of a config and layers that need not fit. */
export function imageOf(config: object | string, layers: readonly Uint8Array[]): ServedImage {
  const [manifest, configBlob, ...layerBlobs] = ociImage(config, layers);
  if (configBlob === undefined) throw new Error('An image without a config');
  return { manifest, config: configBlob, layers: layerBlobs };
}

/** A child of an index. */
export function childOf({ manifest }: ServedImage, platform: ServedPlatform | undefined, annotations?: object): Child {
  const { os = 'linux', architecture = 'amd64', variant } = platform ?? {};
  return {
    blob: manifest,
    ...(platform && { platform: { os, architecture, ...(variant !== undefined && { variant }) } }),
    ...(annotations && { annotations }),
  };
}

/** The read side of a registry, with the repository `shop`. */
export class ServedRepository {
  readonly #manifests = new Map<string, Blob>();
  readonly #blobs = new Map<string, Blob>();

  /** Serves a manifest or an index, by its digest and its tags. */
  put(manifest: Blob, ...tags: readonly string[]): this {
    for (const name of [manifest.digest, ...tags]) this.#manifests.set(name, manifest);
    return this;
  }

  image({ manifest, config }: ServedImage, ...tags: readonly string[]): this {
    this.#blobs.set(config.digest, config);
    return this.put(manifest, ...tags);
  }

  /** What is served under `name` has other bytes. */
  replace(name: string, { bytes, mediaType }: Blob): this {
    const served = this.#manifests.get(name) ?? this.#blobs.get(name);
    if (served === undefined) throw new Error(`Nothing is served under ${name}`);
    (this.#manifests.has(name) ? this.#manifests : this.#blobs).set(name, { ...served, bytes, mediaType });
    return this;
  }

  /** `digest`: what `Docker-Content-Digest` says, nothing when empty. */
  answer({ line }: Asked, response: ServerResponse, options: { readonly digest?: string } = {}): void {
    const [, method = '', kind = '', name = ''] = /^(\w+) \/v2\/shop\/(manifests|blobs)\/([^?]+)$/.exec(line) ?? [];
    const found = (kind === 'blobs' ? this.#blobs : this.#manifests).get(name);
    if (found === undefined) {
      response.writeHead(404).end();
      return;
    }
    const digest = options.digest ?? found.digest;
    response.writeHead(200, {
      'content-type': kind === 'blobs' ? 'application/octet-stream' : found.mediaType,
      'content-length': found.bytes.length,
      ...(digest === '' ? {} : { 'docker-content-digest': digest }),
    });
    response.end(method === 'HEAD' ? undefined : found.bytes);
  }
}
