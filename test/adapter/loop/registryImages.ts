import assert from 'node:assert/strict';
import { identityFromConfig } from '../../../src/core/image/fingerprint';
import type { ImageIdentity, Platform } from '../../../src/core/image/identity';
import type { Registry } from '../../testbed/registry';
import { blob, digestOf, dockerArchive, ociIndex, tarArchive, type Blob } from '../archive/archives';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** An image of one layer: to be loaded into an engine, or to be pushed without one. */
export interface TestImage {
  readonly platform: Platform;
  readonly config: Buffer;
  readonly layer: Buffer;
  readonly identity: ImageIdentity;
}

export async function testImage(architecture: string, content: string): Promise<TestImage> {
  const layer = await tarArchive([['motd', content]]);
  const platform = { os: 'linux', architecture };
  const config = Buffer.from(
    JSON.stringify({
      ...platform,
      config: { Cmd: ['/motd'], Env: [`CONTENT=${content}`] },
      rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
    }),
  );
  return { platform, config, layer, identity: identityFromConfig(config) };
}

/** For `docker load`. */
export function archiveOf({ config, layer }: TestImage, tag: string): Promise<Buffer> {
  return dockerArchive(config, [layer], tag);
}

/** An index as BuildKit pushes it: each image, then for each a build record that runs nowhere. */
export function buildKitIndex(manifests: readonly { readonly blob: Blob; readonly platform: Platform }[]): {
  readonly index: Blob;
  readonly records: readonly (readonly [manifest: Blob, ...blobs: Blob[]])[];
} {
  const records = manifests.map(({ blob: { digest } }) => {
    const statement = blob('application/vnd.in-toto+json', { subject: digest, predicateType: 'provenance' });
    const config = blob('application/vnd.oci.image.config.v1+json', {
      ...{ architecture: 'unknown', os: 'unknown', config: {} },
      rootfs: { type: 'layers', diff_ids: [statement.digest] },
    });
    const manifest = blob(manifestType, {
      ...{ schemaVersion: 2, mediaType: manifestType },
      config: descriptorOf(config),
      layers: [{ ...descriptorOf(statement), annotations: { 'in-toto.io/predicate-type': 'provenance' } }],
    });
    return [manifest, config, statement] as const;
  });
  const index = ociIndex([
    ...manifests,
    ...records.map(([record], i) => ({
      blob: record,
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: {
        'vnd.docker.reference.type': 'attestation-manifest',
        'vnd.docker.reference.digest': manifests[i]?.blob.digest,
      },
    })),
  ]);
  return { index, records };
}

function descriptorOf({ mediaType, digest, size }: Blob): object {
  return { mediaType, digest, size };
}

/** Pushes as any client does (OCI distribution spec, "Pushing"): blobs first, then what names them. */
export class Pusher {
  constructor(
    private readonly registry: Registry,
    private readonly path: string,
  ) {}

  /** An image in OCI form, its manifest first, under its digest. */
  async image([manifest, ...blobs]: readonly [Blob, ...Blob[]]): Promise<void> {
    for (const each of blobs) await this.blob(each);
    await this.manifest(manifest, manifest.digest);
  }

  async manifest({ bytes, mediaType }: Blob, reference: string): Promise<void> {
    const answer = await fetch(this.url(`manifests/${reference}`), {
      method: 'PUT',
      headers: { 'Content-Type': mediaType },
      body: new Uint8Array(bytes),
    });
    assert.equal(answer.status, 201, await answer.text());
  }

  /** What the registry holds under a tag or digest, with its type. */
  async read(reference: string): Promise<Blob> {
    const answer = await fetch(this.url(`manifests/${reference}`), {
      headers: { Accept: [manifestType, 'application/vnd.docker.distribution.manifest.v2+json'].join() },
    });
    assert.equal(answer.status, 200);
    return blob(answer.headers.get('Content-Type') ?? '', Buffer.from(await answer.arrayBuffer()));
  }

  private async blob({ bytes, digest }: Blob): Promise<void> {
    const upload = await fetch(this.url('blobs/uploads/'), { method: 'POST' });
    assert.equal(upload.status, 202);
    const location = new URL(upload.headers.get('Location') ?? '', this.registry.url);
    location.searchParams.set('digest', digest);
    const answer = await fetch(location, { method: 'PUT', body: new Uint8Array(bytes) });
    assert.equal(answer.status, 201, await answer.text());
  }

  private url(resource: string): string {
    return `${this.registry.url}/v2/${this.path}/${resource}`;
  }
}
