import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { inspectedImage } from '../../../src/adapters/docker/inspectAnswer';
import { ArchiveDamaged, readSavedImage, type SavedTarget } from '../../../src/adapters/archive/savedImage';
import type { Digest } from '../../../src/core/image/digest';
import { identityFromConfig } from '../../../src/core/image/fingerprint';
import type { ImageIdentity } from '../../../src/core/image/identity';
import { malformedAs } from '../../unit/core/image/malformedAs';
import { fingerprintVectors, malformedVectors, vectorLayer } from '../../unit/core/image/vectors';
import { blob, digestOf, ociImage, ociIndex, tarArchive, type Blob } from './archives';
import { engineKinds, recordedBytes, recordedInspect } from '../docker/fixtures';

function configOf(environment: string, architecture = 'amd64'): object {
  const rootfs = { type: 'layers', diff_ids: [digestOf(vectorLayer)] };
  return { os: 'linux', architecture, config: { Env: [environment] }, rootfs };
}

function identityOf(config: object): ImageIdentity {
  return identityFromConfig(Buffer.from(JSON.stringify(config)));
}

function hexName({ digest }: Blob): string {
  return `blobs/sha256/${digest.slice('sha256:'.length)}`;
}

function entries(blobs: readonly Blob[]): readonly (readonly [string, Uint8Array])[] {
  return blobs.map((each) => [hexName(each), each.bytes]);
}

function target(root: SavedTarget['root'], of: Blob, inspected = identityOf(configOf('A=1'))): SavedTarget {
  return { id: of.digest as Digest, root, inspected };
}

async function read(files: Parameters<typeof tarArchive>[0], wanted: SavedTarget): Promise<ImageIdentity> {
  return readSavedImage(Readable.from([await tarArchive(files)]), wanted);
}

const linux = { os: 'linux', architecture: 'amd64' };
const unknown = { os: 'unknown', architecture: 'unknown' };

describe('readSavedImage', () => {
  for (const kind of engineKinds) {
    it(`reads what ${kind} saved`, async () => {
      const answer = recordedInspect(kind, 'everything');
      const vector = fingerprintVectors.find(({ name }) => name === 'everything');
      const root = kind === 'containerd' ? 'manifest' : 'config';
      const { identity: inspected } = inspectedImage(answer, '1.41');
      const archive = Readable.from([recordedBytes(kind, 'saved.tar')]);
      const identity = await readSavedImage(archive, { id: answer.Id, root, inspected });
      assert.deepEqual(
        [identity.fingerprint, identity.dockerFields, identity.configDigest, identity.manifestDigest],
        [
          vector?.fingerprint,
          vector?.dockerFields,
          vector?.configDigest,
          kind === 'containerd' ? answer.Id : undefined,
        ],
      );
    });
  }

  it('reads the image of an index that the engine describes', async () => {
    const answer = recordedInspect('containerd', 'two-platforms');
    const { identity: inspected } = inspectedImage(answer, '1.56');
    const archive = Readable.from([recordedBytes('containerd', 'saved-two-platforms.tar')]);
    const identity = await readSavedImage(archive, { id: answer.Id, root: 'index', inspected });
    assert.equal(identity.fingerprint, inspected.fingerprint);
    assert.equal(identity.indexDigest, answer.Id);
    const mine = answer.Manifests.find(({ ImageData }) => ImageData?.Platform.architecture === 'amd64');
    assert.equal(identity.manifestDigest, mine?.Descriptor.digest);
  });

  describe('in the classic layout', () => {
    const config = Buffer.from(JSON.stringify(configOf('A=1')));
    const hex = digestOf(config).slice('sha256:'.length);
    const wanted: SavedTarget = {
      id: digestOf(config) as Digest,
      root: 'config',
      inspected: identityOf(configOf('A=1')),
    };

    it('stops reading once the config is there', async () => {
      let sent = 0;
      const head = await tarArchive([
        ['layer/layer.tar', vectorLayer],
        [`${hex}.json`, config],
        ['more', Buffer.alloc(512)],
      ]);
      const source = Readable.from(
        (async function* () {
          yield head.subarray(0, head.length - 2048);
          for (; sent < 1000; sent += 1) yield await Promise.resolve(Buffer.alloc(64 * 1024));
        })(),
        { objectMode: false, highWaterMark: 1024 },
      );
      const progress: number[] = [];
      const identity = await readSavedImage(source, wanted, (bytes) => progress.push(bytes));
      assert.equal(identity.configDigest, wanted.id);
      assert.ok(sent < 10, `${sent} further chunks were read`);
      assert.ok(source.destroyed);
      assert.ok((progress.at(-1) ?? 0) >= head.length - 2048);
      assert.deepEqual(
        progress,
        progress.toSorted((a, b) => a - b),
      );
    });

    it('does not believe the name of an entry', async () => {
      const other = Buffer.from(JSON.stringify(configOf('EVIL=1')));
      await assert.rejects(read([[`${hex}.json`, other]], wanted), malformedAs('digest'));
    });

    it('refuses a name twice', async () => {
      const files = [
        ['a', 'x'],
        ['b', 'x'],
        ['a', 'y'],
        [`${hex}.json`, config],
      ] as const;
      await assert.rejects(read(files, wanted), malformedAs('archive'));
    });

    for (const files of [
      [],
      [['manifest.json', '[]']],
      [[`x/${hex}.json`, config]],
      [[`${hex}.JSON`, config]],
    ] as const) {
      it(`refuses an archive with ${files.length === 0 ? 'nothing' : files[0][0].slice(0, 10)} only`, async () => {
        await assert.rejects(read(files, wanted), malformedAs('archive'));
      });
    }

    for (const { name, reason, bytes } of malformedVectors.filter((vector) => vector.bytes[0] === '{'.charCodeAt(0))) {
      it(`refuses ${name}`, async () => {
        const digest = digestOf(bytes) as Digest;
        const files = [[`${digest.slice('sha256:'.length)}.json`, bytes]] as const;
        await assert.rejects(read(files, { ...wanted, id: digest }), malformedAs(reason));
      });
    }

    it('tells a broken archive from a broken connection', async () => {
      const archive = await tarArchive([
        ['x', Buffer.alloc(4096)],
        [`${hex}.json`, config],
      ]);
      await assert.rejects(readSavedImage(Readable.from([Buffer.alloc(2048, 'x')]), wanted), ArchiveDamaged);
      await assert.rejects(readSavedImage(Readable.from([archive.subarray(0, 1500)]), wanted), ArchiveDamaged);
      const interrupted = Readable.from(
        (async function* () {
          yield await Promise.resolve(archive.subarray(0, 1500));
          throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
        })(),
      );
      await assert.rejects(readSavedImage(interrupted, wanted), { code: 'ECONNRESET' });
      const closed = new Readable({ read: () => undefined });
      const reading = readSavedImage(closed, wanted);
      closed.push(archive.subarray(0, 1500));
      closed.destroy();
      await assert.rejects(reading, /not read to its end/);
    });
  });

  describe('in the OCI layout', () => {
    const [manifest, config, layer] = ociImage(configOf('A=1'), [vectorLayer]);
    const [evilManifest, evilConfig] = ociImage(configOf('EVIL=1'), [vectorLayer]);
    assert.ok(config !== undefined && layer !== undefined && evilConfig !== undefined);

    it('follows the digests from the image ID, in whatever order the blobs come', async () => {
      for (const blobs of [
        [manifest, config, layer],
        [config, layer, manifest],
        [layer, config, manifest],
      ]) {
        const identity = await read(entries(blobs), target('manifest', manifest));
        assert.deepEqual(
          [identity.manifestDigest, identity.configDigest, identity.configSize, identity.indexDigest],
          [manifest.digest, config.digest, config.size, undefined],
        );
      }
    });

    it('does not believe the name of a blob', async () => {
      const files = [...entries([manifest]), [hexName(config), evilConfig.bytes] as const];
      await assert.rejects(read(files, target('manifest', manifest)), malformedAs('digest'));
      const others = [[hexName(manifest), evilManifest.bytes] as const, ...entries([evilConfig])];
      await assert.rejects(read(others, target('manifest', manifest)), malformedAs('digest'));
    });

    it('does not take another size', async () => {
      const text = manifest.bytes.toString().replace(`"size":${config.size}`, `"size":${config.size + 1}`);
      const lying = blob(manifest.mediaType, text);
      await assert.rejects(read(entries([lying, config]), target('manifest', lying)), malformedAs('digest'));
    });

    it('refuses a manifest or index that two readers would read as two', async () => {
      const both = blob(manifest.mediaType, `${manifest.bytes.toString().slice(0, -1)},"manifests":[]}`);
      await assert.rejects(read(entries([both, config]), target('manifest', both)), malformedAs('schema'));
      const twice = blob(
        manifest.mediaType,
        manifest.bytes.toString().replace('{', `{"Config":${JSON.stringify({ digest: evilConfig.digest })},`),
      );
      await assert.rejects(
        read(entries([twice, config, evilConfig]), target('manifest', twice)),
        malformedAs('ambiguousKey'),
      );
    });

    it('takes the only image of an index, without a look at what the engine printed', async () => {
      const attestation = ociImage({ ...configOf('x'), os: 'unknown' }, [])[0];
      const index = ociIndex([
        { blob: manifest, platform: linux },
        { blob: attestation, platform: unknown },
      ]);
      const wanted = target('index', index, identityOf(configOf('PRINTED=otherwise')));
      const identity = await read(entries([index, manifest, config]), wanted);
      assert.deepEqual([identity.indexDigest, identity.manifestDigest], [index.digest, manifest.digest]);
    });

    it('chooses between images by all that the engine prints, whatever their platforms claim', async () => {
      for (const platform of [linux, { os: 'linux', architecture: 'arm64' }, { ...linux, variant: 'v3' }, undefined]) {
        const child = { blob: evilManifest, ...(platform === undefined ? {} : { platform }) };
        for (const children of [
          [child, { blob: manifest, platform: linux }],
          [{ blob: manifest, platform: linux }, child],
        ]) {
          const index = ociIndex(children);
          const blobs = entries([index, manifest, evilManifest, config, evilConfig]);
          assert.equal((await read(blobs, target('index', index))).configDigest, config.digest);
          const evil = target('index', index, identityOf(configOf('EVIL=1')));
          assert.equal((await read(blobs, evil)).configDigest, evilConfig.digest);
          await assert.rejects(
            read(blobs, target('index', index, identityOf(configOf('B=1')))),
            malformedAs('archive'),
          );
        }
      }
    });

    it('does not guess when the image that the engine would run is not there', async () => {
      const index = ociIndex([
        { blob: manifest, platform: linux },
        { blob: evilManifest, platform: linux },
      ]);
      const wanted = target('index', index, identityOf(configOf('EVIL=1')));
      await assert.rejects(read(entries([index, manifest, config]), wanted), malformedAs('archive'));
    });

    it('reads an index inside of an index', async () => {
      const inner = ociIndex([{ blob: manifest, platform: linux }]);
      const index = ociIndex([
        { blob: inner },
        { blob: evilManifest, platform: { os: 'linux', architecture: 'arm64' } },
      ]);
      const blobs = entries([config, inner, evilConfig, evilManifest, manifest, index]);
      assert.equal((await read(blobs, target('index', index))).manifestDigest, manifest.digest);
    });

    it('does not follow indexes without end', async () => {
      let index = ociIndex([{ blob: manifest, platform: linux }]);
      const chain = [index];
      for (let depth = 0; depth < 6; depth += 1) chain.push((index = ociIndex([{ blob: index }])));
      await assert.rejects(
        read(entries([...chain, manifest, config]), target('index', index)),
        malformedAs('tooLarge'),
      );
    });

    it('keeps no more than it should', async () => {
      const many = Array.from({ length: 1_001 }, (_, index) => blob('x', { index }));
      await assert.rejects(
        read(entries([...many, manifest, config]), target('manifest', manifest)),
        malformedAs('tooLarge'),
      );
      const large = Array.from({ length: 5 }, (_, index) => blob('x', { index, text: 'x'.repeat(3_900_000) }));
      await assert.rejects(
        read(entries([...large, manifest, config]), target('manifest', manifest)),
        malformedAs('tooLarge'),
      );
      const huge = blob('x', { text: 'x'.repeat(5_000_000) });
      const identity = await read(entries([huge, manifest, config]), target('manifest', manifest));
      assert.equal(identity.configDigest, config.digest);
    });

    it('refuses an artifact that is no image', async () => {
      const artifact = blob(manifest.mediaType, {
        schemaVersion: 2,
        mediaType: manifest.mediaType,
        config: { mediaType: 'application/vnd.example.config+json', digest: config.digest, size: config.size },
        layers: [],
      });
      await assert.rejects(read(entries([artifact, config]), target('manifest', artifact)), malformedAs('mediaType'));
    });
  });
});
