import assert from 'node:assert/strict';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { DockerEngine } from '../../../src/adapters/docker/engine';
import { isDaoChainError, type ErrorCode } from '../../../src/core/errors';
import { isDigest } from '../../../src/core/image/digest';
import { parseReference } from '../../../src/core/image/reference';
import type { Verdict } from '../../../src/core/judging/verdict';
import { PullService } from '../../../src/services/images/pullService';
import { PushService } from '../../../src/services/images/pushService';
import type { RevocationPlan, SigningPlan } from '../../../src/core/plans/signingPlan';
import { buildImage, loadImage, startEngine, type Engine } from '../../testbed/engine';
import { createProduct, silentLog, testSigner, trust, type Product } from '../../testbed/product';
import { startRegistry, type Registry } from '../../testbed/registry';
import { ociImage, ociIndex, type Blob } from '../archive/archives';
import { archiveOf, Pusher, testImage, type TestImage } from './registryImages';
import type { TransactionSigner } from '../../../src/core/ports/ledger';

const never = new AbortController().signal;
const amd64 = { os: 'linux', architecture: 'amd64' };

describe('attacks by a registry', () => {
  let engine: Engine;
  let registry: Registry;
  let front: Server;
  let product: Product;
  let docker: DockerEngine;
  let owner: TransactionSigner;
  let pusher: Pusher;
  let repository: string;
  let image: string;
  let signed: Blob;
  let evil: Blob;
  let small: Blob;
  /** What the registry does with a request before it serves it; true where it has answered. */
  let meddle: (incoming: IncomingMessage, response: ServerResponse) => boolean = () => false;

  before(async () => {
    [engine, registry, owner] = await Promise.all([startEngine({ kind: 'debian' }), startRegistry(), testSigner()]);
    front = createServer((incoming, response) => {
      serve(incoming, response);
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    const name = `localhost:${(front.address() as AddressInfo).port}`;
    repository = `${name}/shop/web`;
    image = `${repository}:1.0`;
    pusher = new Pusher(registry, 'shop/web');
    product = createProduct({ engineHost: engine.host, registries: [name] });
    docker = new DockerEngine({ setting: () => engine.host, log: silentLog, homeDirectory: tmpdir() });
    product.owner = owner.address;
    await product.node.start();
    const { writer } = await product.ledgers.open();
    await product.node.mineUntil(async () => (await writer.balance(owner.address, never)) > 0n, never);
    await trust(product, owner.address, `${name}/shop/*`);
    const good = await testImage('amd64', 'good');
    [signed, evil, small] = [
      await push(good),
      await push(await testImage('amd64', 'evil')),
      await push(await testImage('386', 'evil')),
    ];
    await pusher.manifest(signed, '1.0');
    await loadImage(engine.docker, await archiveOf(good, image));
    const options = { signer: owner.address };
    await execute(await product.signing.plan([image], options, never));
    await execute(await product.signing.planCompletion(`${image}@${signed.digest}`, options, never));
  });
  beforeEach(async () => {
    meddle = () => false;
    for (const { id } of (await docker.list(never)).images) await engine.docker.getImage(id).remove({ force: true });
    await pusher.manifest(signed, '1.0');
    assert.equal(await kindOf(), 'verified');
  });
  after(async () => {
    docker.dispose();
    await product.dispose();
    await engine.dispose();
    front.closeAllConnections();
    await new Promise((resolve) => front.close(resolve));
    await registry.dispose();
  });

  const serve = (incoming: IncomingMessage, response: ServerResponse): void => {
    if (meddle(incoming, response)) return;
    const { method, headers, url } = incoming;
    const upstream = request({ host: '127.0.0.1', port: registry.port, method, headers, path: url }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    upstream.on('error', () => response.destroy());
    incoming.pipe(upstream);
  };
  const push = async ({ config, layer }: TestImage): Promise<Blob> => {
    const blobs = ociImage(config, [layer]);
    await pusher.image(blobs);
    return blobs[0];
  };
  const execute = (plan: SigningPlan | RevocationPlan): Promise<unknown> =>
    product.node.mineWhile(() => product.signing.execute(plan, owner, never, () => undefined));
  const verdictOf = async (text = image): Promise<Verdict> => {
    const [judged] = await product.verification.judgeReferences([{ text }], never);
    return judged?.verdict ?? assert.fail('one query has one answer');
  };
  const kindOf = async (text?: string): Promise<string> => {
    const verdict = await verdictOf(text);
    return verdict.kind === 'unknown' ? `unknown ${verdict.missing}` : verdict.kind;
  };
  const pull = async (platform?: string): Promise<Verdict['kind']> => {
    const pulls = new PullService({ engine: docker, verification: product.verification });
    const query = { text: image, ...(platform !== undefined && { platform }) };
    const { judgedAfter } = await pulls.pull(
      query,
      () => Promise.resolve(false),
      never,
      () => undefined,
    );
    return judgedAfter.verdict.kind;
  };
  const fails =
    (code: ErrorCode, reason?: string) =>
    (error: unknown): boolean => {
      if (!isDaoChainError(error, code)) throw error;
      if (reason !== undefined) assert.equal(error.details['reason'], reason);
      return true;
    };
  /** What the engine itself would run under the tag. */
  const runs = async (): Promise<string> => {
    const stream = await engine.docker.createImage({ fromImage: image });
    await new Promise((resolve) => {
      engine.docker.modem.followProgress(stream, resolve);
    });
    return (await engine.docker.getImage(image).inspect()).Config.Env.join();
  };

  it('by an index whose other image names no system make nothing green', async () => {
    for (const platform of [
      { os: '', architecture: 'amd64' },
      { os: 'linux', architecture: 'x86-64', 'os.version': '1' },
    ]) {
      await pusher.manifest(
        ociIndex([
          { blob: evil, platform },
          { blob: signed, platform: amd64 },
        ]),
        '1.0',
      );
      assert.equal(await kindOf(), 'mismatch');
      await assert.rejects(pull(), fails('cancelled'));
      assert.equal(await runs(), 'CONTENT=evil');
      await engine.docker.getImage(image).remove();
    }
  });

  it('by an image that newer engines take for want of a better one make nothing green', async () => {
    const i386 = { blob: small, platform: { os: 'linux', architecture: '386' } };
    await pusher.manifest(ociIndex([i386]), '1.0');
    assert.equal(await kindOf(), 'unsigned');
    await pusher.manifest(ociIndex([i386, { blob: signed, platform: { ...amd64, 'os.features': ['x'] } }]), '1.0');
    assert.equal(await kindOf(), 'unsigned');
    await pusher.manifest(ociIndex([i386, { blob: signed, platform: amd64 }]), '1.0');
    assert.equal(await kindOf(), 'verified');
  });

  it('by other bytes for the engine than for the reader bring nothing', async () => {
    meddle = (incoming, response) => {
      const isEngine = incoming.headers['user-agent']?.startsWith('docker/') ?? false;
      if (!isEngine || incoming.url?.includes('/manifests/') !== true) return false;
      response.writeHead(200, { 'content-type': evil.mediaType, 'docker-content-digest': signed.digest });
      response.end(incoming.method === 'HEAD' ? undefined : evil.bytes);
      return true;
    };
    assert.equal(await kindOf(), 'verified');
    await assert.rejects(pull(), fails('pullFailed'));
    assert.deepEqual((await docker.list(never)).images, []);
  });

  it('by a signed image under the name of another repository make nothing green', async () => {
    const other = new Pusher(registry, 'shop/other');
    const good = await testImage('amd64', 'good');
    await other.image(ociImage(good.config, [good.layer]));
    await other.manifest(signed, '1.0');
    const name = repository.replace(/web$/, 'other');
    for (const text of [`${name}:1.0`, `${name}@${signed.digest}`, `${name}:1.0@${signed.digest}`]) {
      const verdict = await verdictOf(text);
      assert.equal(verdict.kind, 'unsigned', text);
      assert.equal(verdict.knownAs[0]?.repository, repository);
    }
  });

  it('by a pinned index of which the engine has another platform’s image make nothing green', async () => {
    const arm = await testImage('arm64', 'good');
    const signedArm = await push(arm);
    const index = ociIndex([
      { blob: evil, platform: amd64 },
      { blob: signedArm, platform: arm.platform },
    ]);
    await pusher.manifest(signedArm, 'arm');
    await execute(await product.signing.planFromRegistry(`${repository}:arm`, { signer: owner.address }, never));
    await pusher.manifest(index, 'arm');
    assert.ok(isDigest(index.digest));
    await docker.pull(parseReference(`${repository}@${index.digest}`), 'linux/arm64', never, () => undefined);
    for (const text of [`${repository}:arm@${index.digest}`, `${repository}@${index.digest}`]) {
      assert.notEqual(await kindOf(text), 'verified', text);
      const [judged] = await product.verification.judgeReferences([{ text, platform: 'linux/arm64' }], never);
      assert.equal(judged?.verdict.kind, 'verified', text);
    }
  });

  it('that hold an engine until it is killed leave no name', async () => {
    const held = new Promise<void>((resolve) => {
      meddle = ({ url = '', headers }) => {
        const isEngine = headers['user-agent']?.startsWith('docker/') ?? false;
        if (!isEngine || !url.includes('/blobs/')) return false;
        resolve();
        return true;
      };
    });
    const pulling = assert.rejects(pull(), fails('engineUnavailable'));
    await held;
    await engine.kill();
    await pulling;
    await engine.start();
    assert.deepEqual((await docker.list(never)).images, []);
    meddle = () => false;
    assert.equal(await pull(), 'verified');
  });

  it('do not hide that the tag has moved between the look at an image and its push', async () => {
    const name = `${repository}:pushed`;
    await buildImage(engine.docker, name, { files: { motd: 'mine' } });
    await buildImage(engine.docker, `${repository}:theirs`, { files: { motd: 'theirs' } });
    const pushes = new PushService({
      engine: {
        inspect: docker.inspect.bind(docker),
        readIdentity: docker.readIdentity.bind(docker),
        push: async (...parameters) => {
          await engine.docker.getImage(`${repository}:theirs`).tag({ repo: repository, tag: 'pushed' });
          return docker.push(...parameters);
        },
      },
      registry: product.registry,
    });
    await assert.rejects(
      pushes.push(parseReference(name), never, () => undefined),
      fails('pushFailed', 'registryDiffers'),
    );
  });

  it('are no use once a rule is gone, and a revocation is heeded in its first block', async () => {
    const listening = product.verification.onDidChange(() => undefined);
    const { rules } = product;
    try {
      assert.equal(await kindOf(), 'verified');
      product.rules = [];
      product.verification.reconsider();
      assert.equal(await kindOf(), 'untrusted');
      product.rules = rules;
      product.verification.reconsider();
      assert.equal(await kindOf(), 'verified');
      const revocation = { signer: owner.address, reason: 'compromised', note: '' } as const;
      const plan = await product.signing.planRevocation(image, revocation, never);
      const heeded = new Promise<number>((resolve, reject) => {
        const changes = product.verification.onDidChange(() => {
          verdictOf().then((verdict) => {
            if (verdict.kind !== 'revoked') return;
            changes.dispose();
            resolve((verdict.asOf?.block ?? 0) - verdict.citation.block);
          }, reject);
        });
      });
      await execute(plan);
      assert.ok((await heeded) <= 1);
      await assert.rejects(pull(), fails('cancelled'));
    } finally {
      listening.dispose();
    }
    await product.node.stop();
    assert.match(await kindOf(), /^(?:revoked|unknown ledger)$/);
  });
});
