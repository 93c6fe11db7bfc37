import assert from 'node:assert/strict';
import type { PlannedImage, SigningPlan } from '../../../src/core/plans/signingPlan';
import { loadImage, pushImage, startEngine, type Engine } from '../../testbed/engine';
import { createProduct, testSigner, trust, type Product } from '../../testbed/product';
import { startRegistry, type Registry } from '../../testbed/registry';
import { ociArchive, ociImage } from '../archive/archives';
import { buildKitIndex, testImage } from './registryImages';
import type { TransactionSigner } from '../../../src/core/ports/ledger';

const never = new AbortController().signal;

/** `docker buildx build --platform … --load` leaves a whole index in the containerd store. */
describe('an index in the containerd store', () => {
  let engine: Engine;
  let registry: Registry;
  let product: Product;
  let owner: TransactionSigner;
  let image: string;
  let digest: string;
  let manifests: readonly string[];

  before(async () => {
    [engine, registry, owner] = await Promise.all([startEngine({ kind: 'containerd' }), startRegistry(), testSigner()]);
    image = `${registry.name}/shop/web:1.0`;
    product = createProduct({ engineHost: engine.host, registries: [registry.name] });
    product.owner = owner.address;
    await product.node.start();
    const { writer } = await product.ledgers.open();
    await product.node.mineUntil(async () => (await writer.balance(owner.address, never)) > 0n, never);
    await trust(product, owner.address, `${registry.name}/shop/*`);
    const built = await Promise.all(['amd64', 'arm64'].map((architecture) => testImage(architecture, 'hello')));
    const images = built.map(({ config, layer, platform }) => ({ platform, blobs: ociImage(config, [layer]) }));
    const { index, records } = buildKitIndex(images.map(({ platform, blobs: [blob] }) => ({ platform, blob })));
    digest = index.digest;
    manifests = images.map(({ blobs: [manifest] }) => manifest.digest);
    const blobs = [...images.flatMap((each) => each.blobs), ...records.flat()];
    await loadImage(engine.docker, await ociArchive(index, blobs, image));
  });
  after(async () => {
    await product.dispose();
    await engine.dispose();
    await registry.dispose();
  });

  const execute = (plan: SigningPlan): Promise<unknown> =>
    product.node.mineWhile(() => product.signing.execute(plan, owner, never, () => undefined));
  const sole = ({ images: [planned] }: SigningPlan): PlannedImage => planned ?? assert.fail('a plan has an image');
  const options = (): { readonly signer: TransactionSigner['address'] } => ({ signer: owner.address });

  it('is signed for the platform of this machine, with its manifest', async () => {
    const plan = await product.signing.plan([image], options(), never);
    const { statement, platform } = sole(plan);
    assert.equal(platform, 'linux/amd64');
    assert.deepEqual(
      [statement.leaves.map(({ manifestDigest }) => manifestDigest), statement.indexDigest],
      [manifests.slice(0, 1), undefined],
    );
    await execute(plan);
    assert.equal((await product.verification.verify(image, never)).verdict.kind, 'verified');
  });

  it('is not completed by platforms that nobody has signed', async () => {
    await pushImage(engine.docker, image);
    const plan = await product.signing.planCompletion(image, options(), never);
    const { registry: shown, change } = sole(plan);
    assert.equal(shown?.digest, digest, 'the whole index was pushed');
    assert.deepEqual(
      [shown.unstated.map(({ architecture }) => architecture), change.type, plan.entries],
      [['arm64'], 'same', []],
    );
  });

  it('is signed as one release from the registry', async () => {
    const plan = await product.signing.planFromRegistry(`${image}@${digest}`, options(), never);
    const { change, statement } = sole(plan);
    assert.deepEqual([change.type, statement.indexDigest], ['added', digest]);
    assert.deepEqual(
      statement.leaves.map(({ manifestDigest }) => manifestDigest),
      manifests,
    );
    await execute(plan);
    assert.deepEqual((await product.signing.plan([image], options(), never)).entries, []);
    assert.equal((await product.verification.verify(image, never)).verdict.kind, 'verified');
  });
});
