import assert from 'node:assert/strict';
import { sha256Digest } from '../../../src/core/image/digest';
import { identityFromConfig } from '../../../src/core/image/fingerprint';
import type { Platform } from '../../../src/core/image/identity';
import type { MalformedReason } from '../../../src/core/image/malformed';
import { parseReference } from '../../../src/core/image/reference';
import { digestOf, type Child } from '../archive/archives';
import { failsWith } from '../docker/daoChainError';
import { newRegistry, unlimited } from './newRegistry';
import { blob, childOf, imageOf, ociIndex, servedImage, ServedRepository, type ServedImage } from './servedImages';
import { startServer, type TestServer } from './testServer';

const amd64 = { os: 'linux', architecture: 'amd64' };
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const configType = 'application/vnd.oci.image.config.v1+json';

describe('reading an image from a registry', () => {
  let repository: ServedRepository;
  let server: TestServer;
  /** What the registry says of each digest, where it lies. */
  let lie: string | undefined;
  let headless: boolean | 'broken' = false;
  const reference = (rest: string) => parseReference(`localhost:${server.port}/shop${rest}`);

  before(async () => {
    server = await startServer((asked, response, incoming) => {
      if (headless === 'broken' && asked.line.startsWith('HEAD')) incoming.socket.destroy();
      else if (headless !== false && asked.line.startsWith('HEAD')) response.writeHead(405).end();
      else repository.answer(asked, response, lie === undefined ? {} : { digest: lie });
    });
  });
  beforeEach(() => {
    repository = new ServedRepository();
    lie = undefined;
    headless = false;
    server.lines();
  });
  after(() => server.close());

  it('asks once for the tag and once for each document, then only for the tag', async () => {
    const image = servedImage('a');
    repository.image(image, '1');
    const registry = newRegistry();
    const read = await registry.read(reference(':1'), 'all', unlimited);
    const identity = identityFromConfig(image.config.bytes, { manifestDigest: read.digest }, 'registry');
    assert.deepEqual(read, { digest: image.manifest.digest, isIndex: false, images: [identity] });
    assert.equal(identity.configSize, image.config.size);
    assert.deepEqual(server.lines(), [
      'HEAD /v2/shop/manifests/1',
      `GET /v2/shop/manifests/${image.manifest.digest}`,
      `GET /v2/shop/blobs/${image.config.digest}`,
    ]);
    const { accept = '' } = server.asked[0] ?? {};
    assert.equal(accept.split(', ').length, 4, 'all four types are asked for');

    assert.deepEqual(await registry.read(reference(':1'), amd64, unlimited), read);
    assert.deepEqual(server.lines(), ['HEAD /v2/shop/manifests/1']);
    assert.deepEqual(await registry.read(reference(`@${read.digest}`), amd64, unlimited), read);
    assert.deepEqual(server.lines(), []);
  });

  it('asks for the document where a server breaks off a HEAD', async () => {
    headless = 'broken';
    const image = servedImage('a');
    repository.image(image, '1');
    assert.equal((await newRegistry().read(reference(':1'), 'all', unlimited)).digest, image.manifest.digest);
    assert.ok(server.lines().includes('GET /v2/shop/manifests/1'));
  });

  it('names a web page in the place of a manifest or a config as one, however it is called', async () => {
    const image = servedImage('a');
    const page = '<!DOCTYPE html><title>Log in to the network</title>';
    for (const type of ['text/html; charset=utf-8', 'application/json', '', 'application/octet-stream']) {
      for (const name of ['1', image.manifest.digest, image.config.digest]) {
        repository = new ServedRepository().image(image, '1').replace(name, blob(type, page));
        headless = true;
        await assert.rejects(
          newRegistry().read(reference(name === '1' ? ':1' : `@${image.manifest.digest}`), 'all', unlimited),
          failsWith('registryWebPage', { reason: 'webPage' }),
          `${name} ${type}`,
        );
      }
    }
  });

  describe('that the engine holds', () => {
    const image = servedImage('held');
    const configDigest = sha256Digest(image.config.bytes);
    const digest = sha256Digest(image.manifest.bytes);
    const held = { configDigest, manifestDigests: [digest] };
    const namesOnly = { digest, isIndex: false, images: [], isHeld: true };

    it('asks for no config that it has by that very manifest', async () => {
      repository.image(image, '1');
      const registry = newRegistry();
      assert.deepEqual(await registry.read(reference(':1'), amd64, unlimited, held), namesOnly);
      assert.deepEqual(server.lines(), [
        'HEAD /v2/shop/manifests/1',
        `GET /v2/shop/manifests/${image.manifest.digest}`,
      ]);
    });

    it('looks into another manifest of the same config, and into the same manifest where the config is another', async () => {
      const others = imageOf(image.config.bytes.toString(), [Buffer.from('other layers')]);
      assert.equal(others.config.digest, image.config.digest);
      for (const [served, known] of [
        [others, held],
        [image, { ...held, configDigest: digest }],
        [image, { ...held, manifestDigests: [] }],
      ] as const) {
        repository.image(served, '1');
        const read = await newRegistry().read(reference(':1'), amd64, unlimited, known);
        assert.deepEqual([read.isHeld, read.images.length], [undefined, 1]);
      }
    });

    it('is not what an index names beside others, nor what it is called itself', async () => {
      const evil = servedImage('evil');
      const index = ociIndex([childOf(image, amd64), childOf(evil, undefined)]);
      repository.image(image).image(evil).put(index, '1');
      const known = { ...held, manifestDigests: [digest, sha256Digest(index.bytes)] };
      const read = await newRegistry().read(reference(':1'), amd64, unlimited, known);
      assert.deepEqual([read.isIndex, read.isHeld, read.images.length], [true, undefined, 2]);
    });

    it('is compared with its digest', async () => {
      repository.image(servedImage('evil'), '1');
      lie = image.manifest.digest;
      await assert.rejects(newRegistry().read(reference(':1'), amd64, unlimited, held), failsWith('imageNotFound'));
      repository.image(image, '1').replace(image.manifest.digest, servedImage('evil').manifest);
      await assert.rejects(
        newRegistry().read(reference(':1'), amd64, unlimited, held),
        failsWith('imageMalformed', { reason: 'digest' }),
      );
    });
  });

  it('keeps its connection from one question to the next', async () => {
    repository.image(servedImage('kept'), '1');
    const registry = newRegistry();
    // The first connection finds out that there is no TLS.
    await registry.read(reference(':1'), 'all', unlimited);
    const before = server.connections();
    const times = 10;
    for (let i = 0; i < times; i += 1) await registry.read(reference(':1'), 'all', unlimited);
    // A machine that is busy for seconds loses one that was idle for as long.
    assert.ok(server.connections() - before < times / 2, `${server.connections() - before} new connections`);
  });

  it('takes latest for a name without a tag, and the digest where there are both', async () => {
    const [old, current] = [servedImage('old'), servedImage('current')];
    repository.image(old).image(current, 'latest');
    const registry = newRegistry();
    assert.equal((await registry.read(reference(''), 'all', unlimited)).digest, current.manifest.digest);
    const both = reference(`:latest@${old.manifest.digest}`);
    assert.equal((await registry.read(both, 'all', unlimited)).digest, old.manifest.digest);
  });

  it('computes the digest itself where the registry does not say it', async () => {
    const image = servedImage('silent');
    repository.image(image, '1');
    lie = '';
    const read = await newRegistry().read(reference(':1'), 'all', unlimited);
    assert.equal(read.digest, image.manifest.digest);
    assert.deepEqual(server.lines().slice(0, 2), ['HEAD /v2/shop/manifests/1', 'GET /v2/shop/manifests/1']);
  });

  it('asks with GET where there is no HEAD', async () => {
    const image = servedImage('headless');
    repository.image(image, '1');
    headless = true;
    assert.equal((await newRegistry().read(reference(':1'), 'all', unlimited)).digest, image.manifest.digest);
    assert.deepEqual(server.lines().slice(0, 2), ['HEAD /v2/shop/manifests/1', 'GET /v2/shop/manifests/1']);
  });

  it('sees that a tag has moved', async () => {
    const [first, second] = [servedImage('first'), servedImage('second')];
    repository.image(first, '1');
    const registry = newRegistry();
    await registry.read(reference(':1'), 'all', unlimited);
    repository.image(second, '1');
    assert.equal((await registry.read(reference(':1'), 'all', unlimited)).digest, second.manifest.digest);
  });

  it('keeps what one repository has to itself', async () => {
    const image = servedImage('shared');
    repository.image(image, '1');
    const registry = newRegistry();
    await registry.read(reference(':1'), 'all', unlimited);
    const elsewhere = parseReference(`localhost:${server.port}/other@${image.manifest.digest}`);
    await assert.rejects(registry.read(elsewhere, 'all', unlimited), failsWith('imageNotFound'));
  });

  it('finds in an index all that an engine could choose for a platform', async () => {
    const v8 = servedImage('v8', { architecture: 'arm64', variant: 'v8' });
    const plain = servedImage('arm64', { architecture: 'arm64' });
    const other = servedImage('amd64');
    const anywhere = servedImage('anywhere');
    const unnamed = blob(manifestType, { schemaVersion: 2, config: {}, layers: [] });
    const index = ociIndex([
      childOf(v8, { architecture: 'arm64', variant: 'v8' }),
      childOf(plain, { architecture: 'aarch64' }),
      childOf(other, {}),
      childOf(anywhere, undefined),
      { blob: unnamed, platform: { os: 'unknown', architecture: 'unknown' } },
    ]);
    for (const image of [v8, plain, other, anywhere]) repository.image(image);
    repository.put(index, '1');
    const digests = async (platform: Parameters<ReturnType<typeof newRegistry>['read']>[1]) => {
      const { images, isIndex, digest } = await newRegistry().read(reference(':1'), platform, unlimited);
      assert.equal(isIndex, true);
      assert.equal(digest, index.digest);
      for (const { indexDigest, source } of images) {
        assert.equal(indexDigest, index.digest);
        assert.equal(source, 'registry');
      }
      return images.map(({ manifestDigest }) => manifestDigest);
    };
    const [a, b, c, d] = [v8, plain, other, anywhere].map(({ manifest }) => manifest.digest);
    assert.deepEqual(await digests({ os: 'linux', architecture: 'arm64', variant: 'v9' }), [a, b, d]);
    assert.deepEqual(await digests({ os: 'linux', architecture: 'x86_64' }), [c, d]);
    assert.deepEqual(await digests({ os: 'windows', architecture: 'amd64' }), [d]);
    assert.deepEqual(await digests('all'), [a, b, c, d]);
    assert.equal(
      server.lines().some((line) => line.includes(unnamed.digest)),
      false,
      'an attestation is not read',
    );
  });

  it('finds what engines take for their own although an index calls it otherwise', async () => {
    const [good, evil] = [servedImage('good'), servedImage('evil')];
    const small = servedImage('evil', { architecture: '386' });
    const soft = servedImage('evil', { architecture: 'arm' });
    for (const image of [good, evil, small, soft]) repository.image(image);
    const found = async (wanted: Platform, ...children: readonly Child[]): Promise<readonly unknown[]> => {
      repository.put(ociIndex(children), '1');
      const { images } = await newRegistry().read(reference(':1'), wanted, unlimited);
      return images.map(({ manifestDigest }) => manifestDigest);
    };
    const child = ({ manifest }: ServedImage, platform: object): Child => ({ blob: manifest, platform });
    const [g, e, s, a] = [good, evil, small, soft].map(({ manifest }) => manifest.digest);
    for (const unnamed of [
      { os: '', architecture: 'amd64' },
      { os: '', architecture: '' },
      { os: 'linux', architecture: '' },
    ])
      assert.deepEqual(await found(amd64, child(evil, unnamed), child(good, amd64)), [e, g]);

    const i386 = child(small, { os: 'linux', architecture: 'i386' });
    assert.deepEqual(await found(amd64, i386), [s]);
    assert.deepEqual(await found(amd64, i386, child(good, amd64)), [g]);
    const v4 = { ...amd64, variant: 'v4' };
    assert.deepEqual(await found(v4, i386, child(good, amd64)), [g]);
    assert.deepEqual(await found(v4, i386, child(good, v4)), [g]);
    assert.deepEqual(await found(amd64, i386, child(good, v4)), [s, g]);
    assert.deepEqual(await found(amd64, i386, child(good, { ...amd64, 'os.features': ['none has'] })), [s, g]);
    assert.deepEqual(await found({ os: 'windows', architecture: 'amd64' }, i386), []);
    const armel = child(soft, { os: 'linux', architecture: 'armel' });
    for (const architecture of ['arm', 'arm64'])
      assert.deepEqual(await found({ os: 'linux', architecture }, armel), [a]);
  });

  it('has no image where an index has none for the platform', async () => {
    repository.put(ociIndex([childOf(servedImage('arm'), { architecture: 'arm64' })]), '1');
    assert.deepEqual((await newRegistry().read(reference(':1'), amd64, unlimited)).images, []);
  });

  describe('refuses', () => {
    const refuses = (reason: MalformedReason) => failsWith('imageMalformed', { reason });
    const read = () => newRegistry().read(reference(':1'), amd64, unlimited);

    it('other bytes than the digest says', async () => {
      const image = servedImage('good');
      repository.image(image, '1').replace(image.manifest.digest, servedImage('evil').manifest);
      await assert.rejects(read(), refuses('digest'));
    });

    it('another config than the manifest names', async () => {
      const image = servedImage('good');
      repository.image(image, '1').replace(image.config.digest, servedImage('evil').config);
      await assert.rejects(read(), refuses('digest'));
    });

    it('a header that lies', async () => {
      repository.image(servedImage('good'), '1');
      lie = `sha256:${'0'.repeat(64)}`;
      await assert.rejects(read(), failsWith('imageNotFound'));
      lie = servedImage('another').manifest.digest;
      repository.image(servedImage('another'), 'another');
      const byDigest = reference(`@${servedImage('good').manifest.digest}`);
      await assert.rejects(newRegistry().read(byDigest, 'all', unlimited), refuses('digest'));
    });

    it('a child of another size than the index says', async () => {
      const image = servedImage('good');
      const index = ociIndex([{ blob: { ...image.manifest, size: 1 } }]);
      repository.image(image).put(index, '1');
      await assert.rejects(read(), refuses('digest'));
    });

    it('a manifest of schema version 1', async () => {
      const type = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
      repository.put(blob(type, { schemaVersion: 1, name: 'shop', fsLayers: [], history: [] }), '1');
      await assert.rejects(read(), refuses('mediaType'));
    });

    it('a manifest with a key twice', async () => {
      const { manifest } = servedImage('good');
      const twice = manifest.bytes.toString().replace('"layers":', '"layers":[],"layers":');
      repository.put(blob(manifestType, twice), '1');
      await assert.rejects(read(), refuses('duplicateKey'));
    });

    it('a config with a key in two spellings', async () => {
      const config =
        '{"os":"linux","architecture":"amd64","config":{"Env":[],"env":["A=1"]},"rootfs":{"type":"layers","diff_ids":[]}}';
      repository.image(imageOf(config, []), '1');
      await assert.rejects(read(), refuses('ambiguousKey'));
    });

    it('an index that is called a manifest, and the other way round', async () => {
      const image = servedImage('good');
      const index = ociIndex([childOf(image, {})]);
      repository.image(image).put({ ...index, mediaType: manifestType }, '1');
      await assert.rejects(read(), refuses('mediaType'));
      repository.put({ ...image.manifest, mediaType: index.mediaType }, '1');
      await assert.rejects(read(), refuses('mediaType'));
    });

    it('an index in an index', async () => {
      const image = servedImage('good');
      const inner = ociIndex([childOf(image, {})]);
      repository
        .image(image)
        .put(inner)
        .put(ociIndex([{ blob: inner, platform: amd64 }]), '1');
      await assert.rejects(read(), refuses('mediaType'));
    });

    it('an index in an index that the outer one calls a manifest', async () => {
      const image = servedImage('good');
      const inner = ociIndex([childOf(image, {})]);
      const outer = ociIndex([{ blob: { ...inner, mediaType: manifestType }, platform: amd64 }]);
      repository.image(image).put(inner).put(outer, '1');
      await assert.rejects(read(), refuses('mediaType'));
    });

    it('a manifest without a type of its own that the registry calls an index', async () => {
      const image = servedImage('good');
      const bytes = image.manifest.bytes.toString().replace(`"mediaType":"${manifestType}",`, '');
      const untyped = blob(manifestType, bytes);
      const index = ociIndex([{ blob: untyped, platform: amd64 }]);
      repository.image(image).put(untyped).put(index, '1');
      assert.equal((await read()).images.length, 1);
      repository.put({ ...untyped, mediaType: index.mediaType });
      await assert.rejects(read(), refuses('mediaType'));
    });

    it('an attestation that names a platform', async () => {
      const image = servedImage('good');
      const annotations = { 'vnd.docker.reference.type': 'attestation-manifest' };
      repository.image(image).put(ociIndex([childOf(image, {}, annotations)]), '1');
      await assert.rejects(read(), refuses('platform'));
    });

    it('a platform that only some read as another', async () => {
      const image = servedImage('good');
      repository.image(image).put(ociIndex([{ blob: image.manifest, platform: { ...amd64, os: 'L\u0130nux' } }]), '1');
      await assert.rejects(read(), refuses('platform'));
    });

    it('a child whose config is of another platform', async () => {
      const image = servedImage('good', { architecture: 'arm64' });
      repository.image(image).put(ociIndex([childOf(image, { architecture: 'amd64' })]), '1');
      await assert.rejects(read(), refuses('platform'));
    });

    it('a child whose config is of another variant', async () => {
      const image = servedImage('good', { architecture: 'arm', variant: 'v6' });
      repository.image(image).put(ociIndex([childOf(image, { architecture: 'arm', variant: 'v7' })]), '1');
      await assert.rejects(newRegistry().read(reference(':1'), 'all', unlimited), refuses('platform'));
    });

    it('more candidates than anyone has', async () => {
      const image = servedImage('good');
      const children = (count: number) => Array.from({ length: count }, () => childOf(image, {}));
      repository
        .image(image)
        .put(ociIndex(children(33)), '1')
        .put(ociIndex(children(32)), '2');
      await assert.rejects(read(), refuses('tooLarge'));
      assert.equal((await newRegistry().read(reference(':2'), amd64, unlimited)).images.length, 32);
    });

    it('another number of layers than the config has', async () => {
      const layer = Buffer.from('layer');
      const config = { ...amd64, rootfs: { type: 'layers', diff_ids: [digestOf(layer)] } };
      repository.image(imageOf(config, [layer, layer]), '1');
      await assert.rejects(read(), refuses('schema'));
    });

    it('a config that is too large, without asking for it', async () => {
      const config = { mediaType: configType, digest: digestOf('large'), size: 4 * 1024 * 1024 + 1 };
      repository.put(blob(manifestType, { schemaVersion: 2, config, layers: [] }), '1');
      await assert.rejects(read(), refuses('tooLarge'));
      assert.equal(server.lines().length, 2);
    });
  });

  it('says which image there is none of', async () => {
    const registry = newRegistry();
    const image = `localhost:${server.port}/shop:none`;
    await assert.rejects(
      registry.read(reference(':none'), 'all', unlimited),
      failsWith('imageNotFound', { image, registry: `localhost:${server.port}` }),
    );
    repository.put(ociIndex([childOf(servedImage('gone'), {})]), '1');
    await assert.rejects(registry.read(reference(':1'), amd64, unlimited), failsWith('imageNotFound'));
  });

  it('asks nobody when it is switched off', async () => {
    repository.image(servedImage('a'), '1');
    const registry = newRegistry({ isEnabled: () => false });
    await assert.rejects(registry.read(reference(':1'), 'all', unlimited), failsWith('registryOff'));
    await assert.rejects(
      registry.referrers(reference(':1'), servedImage('a').manifest.digest as `sha256:${string}`, unlimited),
      failsWith('registryOff'),
    );
    assert.deepEqual(server.lines(), []);
  });

  it('stops when it is cancelled', async () => {
    const registry = newRegistry();
    const cancelled = new AbortController();
    const reading = registry.read(reference(':1'), 'all', cancelled.signal);
    cancelled.abort();
    await assert.rejects(reading, failsWith('cancelled'));
    await assert.rejects(registry.read(reference(':1'), 'all', cancelled.signal), failsWith('cancelled'));
  });
});
