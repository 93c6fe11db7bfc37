import assert from 'node:assert/strict';
import { DockerEngine } from '../../../src/adapters/docker/engine';
import { loadImage, startEngine, type Engine } from '../../testbed/engine';
import { vectorLayer } from '../../unit/core/image/vectors';
import { blob, digestOf, ociArchive, ociImage, ociIndex, type Blob, type Child } from '../archive/archives';
import { failsWith } from './daoChainError';
import { never, silent } from './silent';

const host = { os: 'linux', architecture: 'amd64' };
const foreign = { os: 'linux', architecture: 'arm64', variant: 'v8' };
const nowhere = { os: 'unknown', architecture: 'unknown' };
const mark = { 'vnd.docker.reference.type': 'attestation-manifest' };

function image(platform: object, environment: string): readonly [Blob, ...Blob[]] {
  const rootfs = { type: 'layers', diff_ids: [digestOf(vectorLayer)] };
  return ociImage({ ...platform, config: { Env: [environment], Cmd: ['/x'] }, rootfs }, [vectorLayer]);
}

const good = image(host, 'GOOD=1');
const evil = image(host, 'EVIL=1');
const goodForeign = image(foreign, 'GOOD=1');
const evilForeign = image({ os: 'linux', architecture: 'arm64' }, 'EVIL=1');
const statement = blob('application/vnd.in-toto+json', {});
const attestationConfig = blob('application/vnd.oci.image.config.v1+json', {
  ...nowhere,
  config: {},
  rootfs: { type: 'layers', diff_ids: [statement.digest] },
});
const attestation = blob('application/vnd.oci.image.manifest.v1+json', {
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: attestationConfig.mediaType, digest: attestationConfig.digest, size: attestationConfig.size },
  layers: [{ mediaType: statement.mediaType, digest: statement.digest, size: statement.size }],
});
const everything = [...good, ...evil, ...goodForeign, ...evilForeign, attestation, attestationConfig, statement];

/** An index holds an image for each platform; which one runs is the engine's choice, and the adapter must follow it. */
describe('an index in the containerd store', () => {
  let engine: Engine;
  let docker: DockerEngine;
  before(async () => {
    assert.equal(process.arch, 'x64', 'these images are for amd64');
    engine = await startEngine({ kind: 'containerd' });
    docker = new DockerEngine({ setting: () => engine.host, log: silent });
  });
  after(async () => {
    docker.dispose();
    await engine.dispose();
  });

  const load = async (name: string, children: readonly Child[], blobs = everything): Promise<string> => {
    await loadImage(engine.docker, await ociArchive(ociIndex(children), blobs, `docker.io/library/index:${name}`));
    return `index:${name}`;
  };
  /** The variable that a container really has. */
  const run = async (reference: string): Promise<string | undefined> => {
    const container = await engine.docker.createContainer({ Image: reference });
    return (await container.inspect()).Config.Env[0];
  };

  const followed: readonly (readonly [
    what: string,
    children: readonly Child[],
    expected: string,
    blobs?: readonly Blob[],
  ])[] = [
    [
      'two platforms',
      [
        { blob: goodForeign[0], platform: foreign },
        { blob: good[0], platform: host },
      ],
      'GOOD=1',
    ],
    [
      'one of two platforms here',
      [
        { blob: goodForeign[0], platform: foreign },
        { blob: good[0], platform: host },
      ],
      'GOOD=1',
      good,
    ],
    [
      'an attestation',
      [
        { blob: good[0], platform: host },
        { blob: attestation, platform: nowhere, annotations: mark },
      ],
      'GOOD=1',
    ],
    [
      'a platform twice',
      [
        { blob: evil[0], platform: host },
        { blob: good[0], platform: host },
      ],
      'EVIL=1',
    ],
    [
      'a better variant',
      [
        { blob: good[0], platform: host },
        { blob: evil[0], platform: { ...host, variant: 'v2' } },
      ],
      'EVIL=1',
    ],
    [
      'a platform that lies',
      [
        { blob: evilForeign[0], platform: host },
        { blob: goodForeign[0], platform: foreign },
      ],
      'EVIL=1',
    ],
    ['no platform', [{ blob: good[0] }], 'GOOD=1'],
  ];
  for (const [what, children, expected, blobs] of followed) {
    it(`is read as it runs, with ${what}`, async () => {
      const reference = await load(what.replaceAll(' ', '-'), children, blobs === undefined ? everything : [...blobs]);
      assert.equal(await run(reference), expected);
      const { identity, id } = await docker.inspect(reference, never);
      const read = await docker.readIdentity(reference, never);
      assert.deepEqual(identity.content.config['Env'], [expected]);
      assert.deepEqual(read.content, identity.content);
      assert.equal(read.indexDigest, id);
      assert.ok(children.some(({ blob }) => blob.digest === read.manifestDigest));
    });
  }

  const hidden: readonly (readonly [what: string, children: readonly Child[]])[] = [
    [
      'marked as an attestation',
      [
        { blob: evil[0], platform: host, annotations: mark },
        { blob: good[0], platform: host },
      ],
    ],
    [
      'first and for no platform',
      [
        { blob: evil[0], platform: nowhere, annotations: mark },
        { blob: goodForeign[0], platform: foreign },
      ],
    ],
  ];
  for (const [what, children] of hidden) {
    it(`is refused with a hidden image that is ${what}, which runs although inspect shows the other`, async () => {
      const reference = await load(what.replaceAll(' ', '-'), children);
      assert.deepEqual((await engine.docker.getImage(reference).inspect()).Config.Env, ['GOOD=1']);
      assert.equal(await run(reference), 'EVIL=1');
      await assert.rejects(docker.inspect(reference, never), failsWith('imageMalformed', { reason: 'platform' }));
      await assert.rejects(docker.readIdentity(reference, never), failsWith('imageMalformed', { reason: 'platform' }));
    });
  }
});
