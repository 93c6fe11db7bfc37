import assert from 'node:assert/strict';
import { isDaoChainError } from '../../../src/core/errors';
import { parseReference } from '../../../src/core/image/reference';
import type { Statement } from '../../../src/core/ledger/types';
import type { Verdict } from '../../../src/core/judging/verdict';
import { readNameHistory } from '../../../src/services/ledger/ledgerHistory';
import type { SigningPlan } from '../../../src/core/plans/signingPlan';
import { loadImage, pushImage, startEngine, type Engine } from '../../testbed/engine';
import { createProduct, testSigner, trust, type Product } from '../../testbed/product';
import { temporaryFolder } from '../../testbed/program';
import { startRegistry, type Registry } from '../../testbed/registry';
import { ociImage, ociIndex, type Blob } from '../archive/archives';
import { archiveOf, buildKitIndex, Pusher, testImage, type TestImage } from './registryImages';
import type { TransactionSigner } from '../../../src/core/ports/ledger';

const never = new AbortController().signal;

/** A builder with an engine and an index of its own, and the same wallet and node as the others. */
interface Builder {
  readonly engine: Engine;
  readonly product: Product;
}

describe('releases of several platforms', () => {
  const folder = temporaryFolder();
  const [tag, repositoryPath] = ['1.0', 'shop/web'];
  let registry: Registry;
  let owner: TransactionSigner;
  let builders: readonly [Builder, Builder];
  let amd: TestImage;
  let arm: TestImage;
  let pusher: Pusher;
  let image: string;

  before(async () => {
    [registry, owner, amd, arm] = await Promise.all([
      startRegistry(),
      testSigner(),
      testImage('amd64', 'hello'),
      testImage('arm64', 'hello'),
    ]);
    image = `${registry.name}/${repositoryPath}:${tag}`;
    pusher = new Pusher(registry, repositoryPath);
    const open = async (): Promise<Builder> => {
      const engine = await startEngine({ kind: 'debian' });
      const product = createProduct({
        ...{ engineHost: engine.host, folder: folder.path, files: temporaryFolder().path },
        registries: [registry.name],
      });
      product.owner = owner.address;
      await product.node.start();
      await trust(product, owner.address, `${registry.name}/shop/*`);
      return { engine, product };
    };
    builders = [await open(), await open()];
    const [{ product }] = builders;
    const { writer } = await product.ledgers.open();
    await product.node.mineUntil(async () => (await writer.balance(owner.address, never)) > 0n, never);
  });
  after(async () => {
    for (const { product, engine } of [...builders].reverse()) {
      await product.dispose();
      await engine.dispose();
    }
    await registry.dispose();
  });

  const options = (): { readonly signer: TransactionSigner['address'] } => ({ signer: owner.address });
  const execute = ({ product }: Builder, plan: SigningPlan): Promise<unknown> =>
    product.node.mineWhile(() => product.signing.execute(plan, owner, never, () => undefined));
  const complete = async (builder: Builder, name = image): Promise<SigningPlan> => {
    const plan = await builder.product.signing.planCompletion(name, options(), never);
    await execute(builder, plan);
    return plan;
  };
  const buildAndSign = async (builder: Builder, built: TestImage): Promise<void> => {
    await loadImage(builder.engine.docker, await archiveOf(built, image));
    await execute(builder, await builder.product.signing.plan([image], options(), never));
  };
  /** Pushed by the engine, under the tag. */
  const push = async ({ engine }: Builder): Promise<Blob> => {
    await pushImage(engine.docker, image);
    return pusher.read(tag);
  };
  const head = async ({ product }: Builder, name = image): Promise<Statement> => {
    const { publishers } = await readNameHistory(product.ledgers, parseReference(name), never);
    const body = publishers[0]?.entries.at(-1)?.attestation.body;
    assert.equal(body?.type, 'statement');
    return body.statement;
  };
  const manifests = ({ leaves }: Statement): readonly (readonly [string, string | undefined])[] =>
    leaves.map(({ platform, manifestDigest }) => [platform.architecture, manifestDigest]);
  const verdictOf = async ({ product }: Builder, name = image, platform?: string): Promise<Verdict> => {
    const [judged] = await product.verification.judgeReferences(
      [{ text: name, ...(platform !== undefined && { platform }) }],
      never,
    );
    return judged?.verdict ?? assert.fail('one reference has one verdict');
  };
  const assertGreen = async (builder: Builder, name: string, platforms: readonly string[]): Promise<void> => {
    for (const platform of platforms) {
      const verdict = await verdictOf(builder, name, platform);
      assert.equal(verdict.kind, 'verified', platform);
      assert.equal(verdict.match, 'exact', platform);
    }
  };

  it('of two builders end with one complete head', async () => {
    const [first, second] = builders;
    await buildAndSign(first, amd);
    const amdManifest = await push(first);
    await complete(first);
    assert.deepEqual(manifests(await head(first)), [['amd64', amdManifest.digest]]);

    await buildAndSign(second, arm);
    assert.deepEqual(manifests(await head(second)), [
      ['amd64', amdManifest.digest],
      ['arm64', undefined],
    ]);
    const armManifest = await push(second);
    assert.deepEqual((await complete(second)).images[0]?.registry?.platforms, [arm.platform]);
    const both = [
      ['amd64', amdManifest.digest],
      ['arm64', armManifest.digest],
    ] as const;
    assert.deepEqual(manifests(await head(first)), both);

    const index = ociIndex([
      { blob: amdManifest, platform: amd.platform },
      { blob: armManifest, platform: arm.platform },
    ]);
    await pusher.manifest(index, tag);
    await complete(first);
    for (const each of builders) {
      const statement = await head(each);
      assert.deepEqual([manifests(statement), statement.indexDigest], [both, index.digest]);
      assert.deepEqual((await each.product.signing.planCompletion(image, options(), never)).entries, []);
      await assertGreen(each, image, ['linux/amd64', 'linux/arm64']);
    }
  });

  it('lose no platform when one builder is faster', async () => {
    const [first, second] = builders;
    const [before, rebuilt] = [await head(first), await testImage('arm64', 'hello again')];
    await pusher.image(ociImage(amd.config, [amd.layer]));
    const [manifest] = ociImage(amd.config, [amd.layer]);
    await pusher.manifest(manifest, tag);
    const late = await first.product.signing.planCompletion(image, options(), never);
    await buildAndSign(second, rebuilt);
    await assert.rejects(execute(first, late), (error) => isDaoChainError(error, 'staleLink'));
    await complete(first);
    const { leaves, indexDigest } = await head(first);
    assert.equal(indexDigest, undefined, 'it named what was replaced');
    assert.deepEqual(
      leaves.map(({ fingerprint, manifestDigest }) => [fingerprint, manifestDigest]),
      [
        [before.leaves[0]?.fingerprint, manifest.digest],
        [rebuilt.identity.fingerprint, undefined],
      ],
    );
  });

  describe('that were pushed as one index with build records', () => {
    let index: Blob;
    let name: string;
    beforeEach(() => {
      name = `${registry.name}/${repositoryPath}:2.0`;
    });

    it('are signed as one release, with no image here', async () => {
      const [builder] = builders;
      const images = [ociImage(amd.config, [amd.layer]), ociImage(arm.config, [arm.layer])] as const;
      for (const each of images) await pusher.image(each);
      const built = buildKitIndex([
        { blob: images[0][0], platform: amd.platform },
        { blob: images[1][0], platform: arm.platform },
      ]);
      for (const record of built.records) await pusher.image(record);
      await pusher.manifest(built.index, '2.0');
      ({ index } = built);
      const wrong = `${name}@${images[0][0].digest}`;
      await assert.rejects(builder.product.signing.planFromRegistry(wrong, options(), never), (error) =>
        isDaoChainError(error, 'imageChanged'),
      );
      const plan = await builder.product.signing.planFromRegistry(`${name}@${index.digest}`, options(), never);
      assert.deepEqual(plan.images[0]?.registry, {
        ...{ digest: index.digest, isExpected: true, isIndex: true },
        ...{ platforms: [amd.platform, arm.platform], unstated: [] },
      });
      await execute(builder, plan);
      const statement = await head(builder, name);
      assert.deepEqual(manifests(statement), [
        ['amd64', images[0][0].digest],
        ['arm64', images[1][0].digest],
      ]);
      assert.equal(statement.indexDigest, index.digest);
      assert.deepEqual((await builder.product.signing.planCompletion(name, options(), never)).entries, []);
      await assertGreen(builder, name, ['linux/amd64', 'linux/arm64']);
    });

    it('are verified by who pulls one of them', async () => {
      const [, { engine, product }] = builders;
      const pulling = await engine.docker.pull(name);
      await new Promise((resolve) => {
        engine.docker.modem.followProgress(pulling, resolve);
      });
      const { verdict } = await product.verification.verify(name, never);
      assert.equal(verdict.kind, 'verified');
    });

    it('get no index digest from an index with a platform that nobody signed', async () => {
      const [builder] = builders;
      const riscv = await testImage('riscv64', 'not ours');
      const foreign = ociImage(riscv.config, [riscv.layer]);
      await pusher.image(foreign);
      const children = [amd, arm].map((each) => ({
        blob: ociImage(each.config, [each.layer])[0],
        platform: each.platform,
      }));
      const larger = ociIndex([...children, { blob: foreign[0], platform: riscv.platform }]);
      await pusher.manifest(larger, '2.0');
      const { images, entries } = await builder.product.signing.planCompletion(name, options(), never);
      assert.deepEqual(images[0]?.registry?.unstated, [riscv.platform]);
      assert.deepEqual([entries, images[0].statement.indexDigest], [[], index.digest]);
      assert.notEqual((await verdictOf(builder, name, 'linux/riscv64')).kind, 'verified');
      await assertGreen(builder, name, ['linux/amd64']);
    });

    it('are not signed with an image that claims to be a build record and could run', async () => {
      const [builder] = builders;
      const [manifest] = ociImage(amd.config, [amd.layer]);
      const [hidden, ...blobs] = ociImage((await testImage('amd64', 'hidden')).config, [
        (await testImage('amd64', 'hidden')).layer,
      ]);
      await pusher.image([hidden, ...blobs]);
      const trap = ociIndex([
        { blob: manifest, platform: amd.platform },
        {
          blob: hidden,
          platform: amd.platform,
          annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
        },
      ]);
      await pusher.manifest(trap, '2.0');
      for (const plan of ['planCompletion', 'planFromRegistry'] as const) {
        await assert.rejects(builder.product.signing[plan](name, options(), never), (error) =>
          isDaoChainError(error, 'imageMalformed'),
        );
      }
    });
  });
});
