import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';

/** A tar archive of these files, in this order; a name may come twice. */
export async function tarArchive(
  files: readonly (readonly [name: string, content: Uint8Array | string])[],
): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of files) tar.entry({ name, mtime: new Date(0) }, Buffer.from(content));
  tar.finalize();
  return buffer(Readable.from(tar));
}

export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function hexOf(digest: string): string {
  return digest.slice('sha256:'.length);
}

/** What `docker load` takes from engine 20.10 on: one image of these very config bytes. */
export async function dockerArchive(config: Uint8Array, layers: readonly Uint8Array[], tag: string): Promise<Buffer> {
  const configName = `${hexOf(digestOf(config))}.json`;
  const layerNames = layers.map((_, index) => `${index}/layer.tar`);
  const manifest = [{ Config: configName, RepoTags: [tag], Layers: layerNames }];
  return tarArchive([
    [configName, config],
    ...layers.map((layer, index) => [`${index}/layer.tar`, layer] as const),
    ['manifest.json', JSON.stringify(manifest)],
  ]);
}

export interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly bytes: Buffer;
}

export function blob(mediaType: string, content: Uint8Array | string | object): Blob {
  const isRaw = typeof content === 'string' || content instanceof Uint8Array;
  const bytes = Buffer.from(isRaw ? content : JSON.stringify(content));
  return { mediaType, digest: digestOf(bytes), size: bytes.length, bytes };
}

function descriptorOf({ mediaType, digest, size }: Blob): object {
  return { mediaType, digest, size };
}

/** An image in OCI form: its manifest first, then config and layers. */
export function ociImage(
  config: Uint8Array | string | object,
  layers: readonly Uint8Array[],
): readonly [Blob, ...Blob[]] {
  const configBlob = blob('application/vnd.oci.image.config.v1+json', config);
  const layerBlobs = layers.map((layer) => blob('application/vnd.oci.image.layer.v1.tar', layer));
  const manifest = blob('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptorOf(configBlob),
    layers: layerBlobs.map(descriptorOf),
  });
  return [manifest, configBlob, ...layerBlobs];
}

export interface Child {
  readonly blob: Blob;
  readonly platform?: object;
  readonly annotations?: object;
}

export function ociIndex(children: readonly Child[]): Blob {
  return blob('application/vnd.oci.image.index.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: children.map(({ blob, ...more }) => ({ ...descriptorOf(blob), ...more })),
  });
}

/** An OCI layout with `root` (a manifest or an index) under `tag`; blobs sorted by digest, as engines write them. */
export async function ociArchive(root: Blob, blobs: readonly Blob[], tag: string): Promise<Buffer> {
  const annotations = { 'io.containerd.image.name': tag, 'org.opencontainers.image.ref.name': tag.split(':').at(-1) };
  const files = [...new Map([root, ...blobs].map((each) => [hexOf(each.digest), each.bytes]))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([hex, bytes]) => [`blobs/sha256/${hex}`, bytes] as const);
  return tarArchive([
    ...files,
    ['index.json', JSON.stringify({ schemaVersion: 2, manifests: [{ ...descriptorOf(root), annotations }] })],
    ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'],
  ]);
}
