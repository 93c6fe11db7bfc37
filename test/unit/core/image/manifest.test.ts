import assert from 'node:assert/strict';
import type { MalformedReason } from '../../../../src/core/image/malformed';
import { isForNoPlatform, parseIndex, parseManifest } from '../../../../src/core/image/manifest';
import { malformedAs } from './malformedAs';

const digest = `sha256:${'1'.repeat(64)}`;
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const configType = 'application/vnd.oci.image.config.v1+json';
const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip';

function descriptor(mediaType: string, more: object = {}): object {
  return { mediaType, digest, size: 7, ...more };
}

function bytes(document: object): Buffer {
  return Buffer.from(JSON.stringify(document));
}

const manifest = {
  schemaVersion: 2,
  mediaType: manifestType,
  config: descriptor(configType),
  layers: [descriptor(layerType)],
};
const index = {
  schemaVersion: 2,
  manifests: [
    descriptor(manifestType, { platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }),
    descriptor(manifestType, { platform: { os: 'unknown', architecture: 'unknown' }, annotations: { a: 'b' } }),
  ],
};

describe('parseManifest', () => {
  it('reads both families', () => {
    assert.deepEqual(parseManifest(bytes(manifest)), {
      config: { mediaType: configType, digest, size: 7, annotations: {} },
      layers: [{ mediaType: layerType, digest, size: 7, annotations: {} }],
    });
    const docker = {
      schemaVersion: 2,
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      config: descriptor('application/vnd.docker.container.image.v1+json'),
      layers: [descriptor('application/vnd.docker.image.rootfs.diff.tar.gzip')],
    };
    assert.equal(parseManifest(bytes(docker)).config.digest, digest);
  });

  const refused: readonly (readonly [string, object, MalformedReason])[] = [
    ['another schema version', { ...manifest, schemaVersion: 1 }, 'schema'],
    ['an index', { ...index, mediaType: 'application/vnd.oci.image.index.v1+json' }, 'mediaType'],
    ['an artifact', { ...manifest, config: descriptor('application/vnd.oci.empty.v1+json') }, 'mediaType'],
    [
      'a foreign layer',
      { ...manifest, layers: [descriptor('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip')] },
      'mediaType',
    ],
    ['an index at the same time', { ...manifest, manifests: [] }, 'schema'],
    ['the members of schema version 1', { ...manifest, fsLayers: [] }, 'schema'],
    ['no config', { ...manifest, config: null }, 'schema'],
    ['no layers', { ...manifest, layers: undefined }, 'schema'],
    ['config in another case', { ...manifest, Config: descriptor(configType) }, 'ambiguousKey'],
    ['manifests in another case', { ...manifest, Manifests: [] }, 'ambiguousKey'],
    [
      'a digest in another case',
      { ...manifest, config: { ...descriptor(configType), Digest: digest } },
      'ambiguousKey',
    ],
    ['another digest algorithm', { ...manifest, config: { ...descriptor(configType), digest: 'sha512:00' } }, 'schema'],
    ['a negative size', { ...manifest, config: { ...descriptor(configType), size: -1 } }, 'schema'],
    ['a size that is no integer', { ...manifest, config: { ...descriptor(configType), size: 1.5 } }, 'schema'],
    ['a subject in another case', { ...manifest, subject: { ...descriptor(manifestType), Size: 7 } }, 'ambiguousKey'],
  ];
  for (const [what, document, reason] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => parseManifest(bytes(document)), malformedAs(reason));
    });
  }

  it('refuses a config twice', () => {
    const text = JSON.stringify(manifest).replace(
      '"layers"',
      `"config":${JSON.stringify(descriptor(configType))},"layers"`,
    );
    assert.throws(() => parseManifest(Buffer.from(text)), malformedAs('duplicateKey'));
  });
});

describe('parseIndex', () => {
  it('reads children, their platforms and annotations', () => {
    const { manifests } = parseIndex(bytes(index));
    assert.deepEqual(manifests[0]?.platform, { os: 'linux', architecture: 'arm64', variant: 'v8' });
    assert.deepEqual(manifests[1]?.annotations, { a: 'b' });
    assert.deepEqual(manifests.map(isForNoPlatform), [false, true]);
  });

  it('does not take an annotation for a platform', () => {
    const annotated = descriptor(manifestType, {
      platform: { os: 'linux', architecture: 'amd64' },
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    });
    const { manifests } = parseIndex(bytes({ schemaVersion: 2, manifests: [annotated] }));
    assert.deepEqual(manifests.map(isForNoPlatform), [false]);
  });

  const refused: readonly (readonly [string, object, MalformedReason])[] = [
    ['a manifest', manifest, 'mediaType'],
    ['a manifest at the same time', { ...index, config: descriptor(configType) }, 'schema'],
    ['layers', { ...index, layers: [] }, 'schema'],
    [
      'a platform in another case',
      { schemaVersion: 2, manifests: [descriptor(manifestType, { Platform: {} })] },
      'ambiguousKey',
    ],
    [
      'an architecture in another case',
      { schemaVersion: 2, manifests: [descriptor(manifestType, { platform: { os: 'linux', Architecture: 'amd64' } })] },
      'ambiguousKey',
    ],
    [
      'a platform without os',
      { schemaVersion: 2, manifests: [descriptor(manifestType, { platform: { architecture: 'a' } })] },
      'schema',
    ],
    ['no children', { schemaVersion: 2 }, 'schema'],
  ];
  for (const [what, document, reason] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => parseIndex(bytes(document)), malformedAs(reason));
    });
  }
});
