import assert from 'node:assert/strict';
import * as v from 'valibot';
import {
  infoSchema,
  inspectedImage,
  inspectSchema,
  listSchema,
  localImages,
  storeOf,
} from '../../../src/adapters/docker/inspectAnswer';
import { messageLines } from '../../../src/adapters/docker/messageLines';
import { fingerprintVectors } from '../../unit/core/image/vectors';
import { failsWith } from './daoChainError';
import { engineKinds, recordedBytes, recordedInspect, recordedJson } from './fixtures';

for (const kind of engineKinds) {
  describe(`recorded answers of ${kind}`, () => {
    const apiVersion = kind === 'debian' ? '1.41' : '1.56';

    it('tell the store', () => {
      const expected = kind === 'containerd' ? 'containerd' : 'classic';
      assert.equal(storeOf(v.parse(infoSchema, recordedJson(kind, 'info.json'))), expected);
    });

    it('list the images that were recorded', () => {
      const images = localImages(v.parse(listSchema, recordedJson(kind, 'list.json')));
      const tags = images.flatMap((image) => image.tags);
      for (const { name } of fingerprintVectors) assert.ok(tags.includes(`vector:${name}`), name);
      assert.ok(tags.includes('built:1'));
    });

    for (const vector of fingerprintVectors) {
      it(`print the vector ${vector.name}`, () => {
        const { identity, origin, id } = inspectedImage(recordedInspect(kind, vector.name), apiVersion);
        assert.equal(identity.fingerprint, vector.fingerprint);
        const isLossy = kind === 'debian' && vector.name === 'start-interval';
        assert.equal(identity.dockerFields === vector.dockerFields, !isLossy);
        assert.equal(origin, 'local');
        assert.equal(kind === 'containerd' ? identity.manifestDigest : identity.configDigest, id);
        if (kind !== 'containerd') assert.equal(id, vector.configDigest);
      });
    }

    it('hold events of images', async () => {
      const bytes = recordedBytes(kind, 'events.jsonl');
      // Split anywhere, also inside a character.
      const chunks = Array.from({ length: bytes.length }, (_, index) => bytes.subarray(index, index + 1));
      const messages = await messagesOf(chunks);
      assert.equal(messages.length, bytes.toString().trim().split('\n').length);
      assert.ok(messages.every((message) => (message as { Type: string }).Type === 'image'));
    });
  });
}

describe('inspectedImage', () => {
  it('finds the image of a platform in an index', () => {
    const { identity, id } = inspectedImage(recordedInspect('containerd', 'two-platforms'), '1.56');
    assert.equal(identity.platform.architecture, 'amd64');
    assert.deepEqual(
      [identity.indexDigest, identity.manifestDigest, identity.configDigest],
      [id, undefined, undefined],
    );
  });

  it('refuses an index in which another image hides behind the mark of an attestation', () => {
    assert.throws(
      () => inspectedImage(recordedInspect('containerd', 'hidden-image'), '1.56'),
      failsWith('imageMalformed', { reason: 'platform' }),
    );
  });

  const index = recordedInspect('containerd', 'two-platforms');
  const attestation = {
    Kind: 'attestation',
    Descriptor: { ...manifestOf(index), platform: { os: 'unknown', architecture: 'unknown' } },
    Size: { Content: 10 },
  };
  const table: readonly (readonly [string, readonly unknown[], boolean])[] = [
    ['an attestation after the image', [...index.Manifests, attestation], true],
    ['an attestation before the image', [attestation, ...index.Manifests], false],
    [
      'an attestation before the image that is not here',
      [{ ...attestation, Size: { Content: 0 } }, ...index.Manifests],
      true,
    ],
    [
      'a child of unknown kind for no platform after the image',
      [...index.Manifests, { ...attestation, Kind: 'unknown' }],
      true,
    ],
    [
      'a child of unknown kind without a platform',
      [...index.Manifests, { ...attestation, Kind: 'unknown', Descriptor: manifestOf(index) }],
      false,
    ],
    ['an attestation and no image of the platform described', [attestation], false],
    ['nothing to be seen', [], true],
  ];
  for (const [what, manifests, accepted] of table) {
    it(`${accepted ? 'takes' : 'refuses'} an index with ${what}`, () => {
      const answer = v.parse(inspectSchema, { ...index, Manifests: manifests });
      if (accepted) assert.ok(inspectedImage(answer, '1.56'));
      else assert.throws(() => inspectedImage(answer, '1.56'), failsWith('imageMalformed', { reason: 'platform' }));
    });
  }

  it('knows the origin only where the engine tells it', () => {
    const local = recordedInspect('containerd', 'built');
    const pulled = { ...local, Identity: { Pull: [{ Repository: 'localhost/a' }] } };
    const origins = ['', '1.52', '1.53', '1.100', '2.0', 'x'].map((version) => inspectedImage(local, version).origin);
    assert.deepEqual(origins, ['unknown', 'unknown', 'local', 'local', 'local', 'unknown']);
    for (const version of ['1.41', '1.56']) assert.equal(inspectedImage(pulled, version).origin, 'registry');
    const classic = { ...recordedInspect('debian', 'built'), RepoDigests: ['localhost/a@sha256:…'] };
    assert.equal(inspectedImage(classic, '1.41').origin, 'registry');
  });

  it('does not take what an engine never prints', () => {
    const answer = recordedInspect('debian', 'built');
    assert.throws(
      () => inspectedImage({ ...answer, RootFS: { Layers: ['sha512:00'] } }, '1.41'),
      failsWith('imageMalformed', { reason: 'schema' }),
    );
    assert.throws(
      () => inspectedImage({ ...answer, Os: '' }, '1.41'),
      failsWith('imageMalformed', { reason: 'schema' }),
    );
    assert.throws(
      () => inspectedImage({ ...answer, Config: { Env: 'A=1' } }, '1.41'),
      failsWith('imageMalformed', { reason: 'schema' }),
    );
    for (const broken of [
      { ...answer, Id: 'x' },
      { ...answer, RepoDigests: [1] },
      { ...answer, Config: [] },
      [],
      null,
    ]) {
      assert.equal(v.safeParse(inspectSchema, broken).success, false);
    }
  });
});

describe('localImages', () => {
  it('leaves out the names that mean none', () => {
    const [image] = v.parse(listSchema, recordedJson('debian', 'list.json'));
    assert.ok(image);
    const [dangling] = localImages([
      { ...image, RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>', 'a@sha256:1'] },
    ]);
    assert.deepEqual([dangling?.tags, dangling?.repoDigests], [[], ['a@sha256:1']]);
  });

  it('takes null lists', () => {
    assert.deepEqual(localImages(v.parse(listSchema, null)), []);
    const [image] = v.parse(listSchema, recordedJson('debian', 'list.json'));
    const [bare] = localImages(v.parse(listSchema, [{ ...image, RepoTags: null, RepoDigests: null }]));
    assert.deepEqual([bare?.tags, bare?.repoDigests], [[], []]);
  });
});

describe('answers of others who speak the API', () => {
  const bare = 'a'.repeat(64);

  it('name images without sha256:', () => {
    const [image] = localImages(v.parse(listSchema, [{ Id: bare, RepoTags: ['a:1'], Created: 1, Size: 2 }]));
    assert.deepEqual(image, { id: `sha256:${bare}`, tags: ['a:1'], repoDigests: [], created: 1, size: 2 });
    const { Id: id, ...answer } = recordedInspect('debian', 'built');
    const inspected = inspectedImage(v.parse(inspectSchema, { ...answer, Id: id.replace('sha256:', '') }), '1.41');
    assert.deepEqual([inspected.id, inspected.identity.configDigest], [id, id]);
  });

  it('have rows that are odd, which cost no other row', () => {
    const good = { Id: `sha256:${bare}`, RepoTags: ['a:1'], RepoDigests: [], Created: 1, Size: 2 };
    for (const odd of [
      ...[null, 7, 'x', [], {}, { ...good, Id: null }, { ...good, Id: 7 }, { ...good, Id: 'sha512:aa' }],
      ...[
        { ...good, Id: '' },
        { ...good, Id: bare.slice(1) },
      ],
    ]) {
      const images = localImages(v.parse(listSchema, [odd, good, odd]));
      assert.deepEqual(
        images.map(({ id }) => id),
        [`sha256:${bare}`],
        JSON.stringify(odd),
      );
    }
  });

  it('have members that are odd, which cost no other member', () => {
    const row = { Id: bare, RepoTags: ['a:1', null, 7], RepoDigests: 'x', Created: '2020-01-01', Size: null };
    const [image] = localImages(v.parse(listSchema, [row]));
    assert.deepEqual(image, { id: `sha256:${bare}`, tags: ['a:1'], repoDigests: [], created: 0, size: 0 });
    const nulls = { Variant: null, OsVersion: null, Descriptor: null, Manifests: null, Identity: null, Config: null };
    const answer = v.parse(inspectSchema, { ...recordedInspect('debian', 'bare'), ...nulls });
    assert.equal(inspectedImage(answer, '1.56').origin, 'local');
    const info = { OSType: 'linux', Architecture: 'x86_64' };
    for (const DriverStatus of [null, 7, [null, 7, ['x', null], ['driver-type', 'io.containerd.snapshotter.v1']]]) {
      const store = storeOf(v.parse(infoSchema, { ...info, DriverStatus }));
      assert.equal(store, Array.isArray(DriverStatus) ? 'containerd' : 'classic');
    }
  });
});

describe('messageLines', () => {
  it('takes a last line without end and skips empty ones', async () => {
    assert.deepEqual(await messagesOf([Buffer.from('{"a":1}\r\n\n{"b"'), Buffer.from(':2}')]), [{ a: 1 }, { b: 2 }]);
  });

  it('refuses what is not JSON, and a line without end', async () => {
    await assert.rejects(messagesOf([Buffer.from('x\n')]), failsWith('engineFailed', { reason: 'answerUnexpected' }));
    const endless = Buffer.alloc(1024 * 1024 + 1, 'a');
    await assert.rejects(messagesOf([endless]), failsWith('engineFailed', { reason: 'answerTooLarge' }));
  });
});

async function messagesOf(chunks: readonly Buffer[]): Promise<readonly unknown[]> {
  const messages: unknown[] = [];
  for await (const message of messageLines(chunked(chunks))) messages.push(message);
  return messages;
}

function manifestOf({ Descriptor }: ReturnType<typeof recordedInspect>): object {
  return { ...Descriptor, mediaType: 'application/vnd.oci.image.manifest.v1+json' };
}

async function* chunked(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}
