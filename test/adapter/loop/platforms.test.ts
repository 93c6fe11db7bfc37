import assert from 'node:assert/strict';
import { createServer, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { DockerEngine } from '../../../src/adapters/docker/engine';
import { queryOf } from '../../../src/buildFiles/dockerfile/baseImages';
import { findComposeImages } from '../../../src/buildFiles/compose/compose';
import { isDaoChainError } from '../../../src/core/errors';
import type { ImageQuery } from '../../../src/core/judging/imageAnswer';
import { PullService } from '../../../src/services/images/pullService';
import { startEngine, type Engine } from '../../testbed/engine';
import { createProduct, silentLog, testSigner, trust, type Product } from '../../testbed/product';
import { temporaryFolder } from '../../testbed/program';
import { startRegistry, type Registry } from '../../testbed/registry';
import { ociImage, ociIndex, type Blob } from '../archive/archives';
import { Pusher, testImage } from './registryImages';
import type { TransactionSigner } from '../../../src/core/ports/ledger';

const never = new AbortController().signal;
const architectures = ['amd64', '386', 'arm64'] as const;
type Architecture = (typeof architectures)[number];

/** Everything was signed. Then a thief replaces the image of one platform in the index, and each way to it is tried. */
describe('an index of which one platform was replaced', () => {
  const folder = temporaryFolder();
  let engine: Engine;
  let registry: Registry;
  let owner: TransactionSigner;
  let product: Product;
  let pusher: Pusher;
  let image: string;
  let repository: string;
  const opened: (Product | Server)[] = [];
  const blobs = new Map<string, Blob>();

  before(async () => {
    [engine, registry, owner] = await Promise.all([startEngine({ kind: 'debian' }), startRegistry(), testSigner()]);
    repository = `${registry.name}/shop/web`;
    image = `${repository}:1.0`;
    pusher = new Pusher(registry, 'shop/web');
    product = await open(engine.host);
    const { writer } = await product.ledgers.open();
    await product.node.mineUntil(async () => (await writer.balance(owner.address, never)) > 0n, never);
    for (const content of ['good', 'evil']) {
      for (const architecture of architectures) {
        const { config, layer } = await testImage(architecture, content);
        const image = ociImage(config, [layer]);
        await pusher.image(image);
        blobs.set(`${content} ${architecture}`, image[0]);
      }
    }
    const { digest } = await serve();
    const plan = await product.signing.planFromRegistry(`${image}@${digest}`, { signer: owner.address }, never);
    await product.node.mineWhile(() => product.signing.execute(plan, owner, never, () => undefined));
  });
  after(async () => {
    for (const each of opened.reverse()) await ('dispose' in each ? each.dispose() : each.close());
    await engine.dispose();
    await registry.dispose();
  });

  const open = async (engineHost: string, environment: Readonly<Record<string, string>> = {}): Promise<Product> => {
    const product = createProduct({
      ...{ engineHost, environment, folder: folder.path, files: temporaryFolder().path },
      registries: [registry.name],
    });
    product.owner = owner.address;
    opened.push(product);
    await product.node.start();
    await trust(product, owner.address, `${registry.name}/shop/*`);
    return product;
  };
  const serve = async (replaced?: Architecture): Promise<Blob> => {
    const index = ociIndex(
      architectures.map((architecture) => ({
        blob: blobs.get(`${architecture === replaced ? 'evil' : 'good'} ${architecture}`) ?? assert.fail(),
        platform: { os: 'linux', architecture },
      })),
    );
    await pusher.manifest(index, '1.0');
    return index;
  };
  const kinds = async (by: Product, ...queries: readonly ImageQuery[]): Promise<readonly string[]> => {
    const judged = await by.verification.judgeReferences(queries, never);
    return judged.map(({ verdict, judgedFor }) => `${judgedFor ?? ''} ${verdict.kind}`);
  };
  /** The content of what the docker command would pull. */
  const pulled = async (platform: string): Promise<string> => {
    const stream = await engine.docker.createImage({ fromImage: image, platform });
    await new Promise((resolve) => {
      engine.docker.modem.followProgress(stream, resolve);
    });
    const { Config, Id } = await engine.docker.getImage(image).inspect();
    await engine.docker.getImage(Id).remove({ force: true });
    return Config.Env.join();
  };
  it('is not green for the platform of the environment', async () => {
    const other = await open(engine.host, { DOCKER_DEFAULT_PLATFORM: 'linux/arm64' });
    await serve('arm64');
    assert.equal(await pulled('linux/arm64'), 'CONTENT=evil');
    assert.deepEqual(await kinds(product, { text: image }), ['linux/amd64 verified']);
    assert.deepEqual(await kinds(other, { text: image }), ['linux/arm64 mismatch']);
    assert.deepEqual(await kinds(other, { text: image, platform: '${BUILDPLATFORM}' }), ['linux/amd64 verified']);

    const docker = new DockerEngine({ setting: () => engine.host, log: silentLog, homeDirectory: tmpdir() });
    try {
      const { verification, defaultPlatform } = other;
      const pulls = new PullService({ engine: docker, verification, defaultPlatform });
      const pull = (): ReturnType<PullService['pull']> =>
        pulls.pull(
          { text: image },
          () => Promise.resolve(false),
          never,
          () => undefined,
        );
      await assert.rejects(pull(), (error) => isDaoChainError(error, 'cancelled'));
      await serve('amd64');
      const { judgedAfter } = await pull();
      assert.deepEqual([judgedAfter.judgedFor, judgedAfter.verdict.kind], ['linux/arm64', 'verified']);
      const { Architecture: architecture, Id } = await engine.docker.getImage(image).inspect();
      assert.equal(architecture, 'arm64');
      await engine.docker.getImage(Id).remove({ force: true });
    } finally {
      docker.dispose();
    }
  });

  it('is not green for an engine of 32 bits on a kernel of 64', async () => {
    // No such engine can be had here; this one says of itself what one would say, and is asked for what one would pull.
    const path = join(folder.path, 'old.sock');
    const socketPath = engine.host.replace('unix://', '');
    const front = createServer(({ method, headers, url = '' }, response) => {
      request({ socketPath, method, headers, path: url }, (answer) => {
        if (!url.endsWith('/version')) {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
          return;
        }
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          response.end(JSON.stringify({ ...JSON.parse(Buffer.concat(chunks).toString()), Arch: '386' }));
        });
      }).end();
    });
    opened.push(front);
    await new Promise<void>((resolve) => front.listen(path, resolve));
    const old = await open(`unix://${path}`);
    await serve('386');
    assert.equal(await pulled('linux/386'), 'CONTENT=evil');
    assert.deepEqual(await kinds(old, { text: image }), ['linux/386 mismatch']);
    await serve('amd64');
    const other = await open(`unix://${path}`);
    assert.deepEqual(await kinds(other, { text: image }), ['linux/386 verified']);
  });

  it('is not green for any of the platforms that Compose builds for', async () => {
    await serve('arm64');
    const file = [
      'services:',
      '  web:',
      '    platform: linux/amd64',
      '    volumes: [{type: image, source: "IMAGE", target: /x}]',
      '    build:',
      '      platforms: [linux/amd64, linux/arm64]',
      '      dockerfile_inline: |',
      '        FROM --platform=$$BUILDPLATFORM IMAGE AS a',
      '        FROM --platform=linux/$$TARGETARCH IMAGE',
    ].join('\n');
    const document = TextDocument.create('compose.yaml', 'dockercompose', 0, file.replaceAll('IMAGE', image));
    const { images } = await findComposeImages({
      documents: [{ document, path: 'compose.yaml' }],
      asked: document,
      files: { read: () => Promise.resolve({ fault: 'absent' }) },
      environment: { variables: () => undefined, folderName: 'folder' },
    });
    const queries = images.map((each) =>
      each.type === 'image' ? queryOf(each) : assert.fail('every variable is known'),
    );
    const fresh = await open(engine.host);
    assert.deepEqual(await kinds(fresh, ...queries), [
      'linux/amd64 verified',
      'linux/amd64 verified',
      'linux/amd64 verified',
      'linux/arm64 mismatch',
    ]);
  });
});
