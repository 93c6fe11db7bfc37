import assert from 'node:assert/strict';
import { isDaoChainError } from '../../../src/core/errors';
import { parseReference } from '../../../src/core/image/reference';
import type { Statement } from '../../../src/core/ledger/types';
import { readNameHistory } from '../../../src/services/ledger/ledgerHistory';
import type { SigningPlan } from '../../../src/core/plans/signingPlan';
import { buildImage, pushImage, startEngine, type Engine } from '../../testbed/engine';
import { createProduct, testSigner, trust, type Product } from '../../testbed/product';
import { startRegistry, type Registry } from '../../testbed/registry';
import { Pusher } from './registryImages';
import type { TransactionSigner } from '../../../src/core/ports/ledger';

const never = new AbortController().signal;

describe('completing a release after a push', () => {
  let engine: Engine;
  let registry: Registry;
  let product: Product;
  let owner: TransactionSigner;
  let image: string;
  let pusher: Pusher;

  before(async () => {
    [engine, registry, owner] = await Promise.all([startEngine({ kind: 'debian' }), startRegistry(), testSigner()]);
    image = `${registry.name}/shop/web:1.0`;
    pusher = new Pusher(registry, 'shop/web');
    product = createProduct({ engineHost: engine.host, registries: [registry.name] });
    product.owner = owner.address;
    await product.node.start();
    const { writer } = await product.ledgers.open();
    await product.node.mineUntil(async () => (await writer.balance(owner.address, never)) > 0n, never);
    await trust(product, owner.address, `${registry.name}/shop/*`);
    await buildImage(engine.docker, image, { files: { motd: 'hello' }, instructions: ['HEALTHCHECK CMD ["/motd"]'] });
  });
  after(async () => {
    await product.dispose();
    await engine.dispose();
    await registry.dispose();
  });

  const options = (): { readonly signer: TransactionSigner['address'] } => ({ signer: owner.address });
  const execute = (plan: SigningPlan): Promise<unknown> =>
    product.node.mineWhile(() => product.signing.execute(plan, owner, never, () => undefined));
  const head = async (): Promise<Statement> => {
    const { publishers } = await readNameHistory(product.ledgers, parseReference(image), never);
    const body = publishers[0]?.entries.at(-1)?.attestation.body;
    assert.equal(body?.type, 'statement');
    return body.statement;
  };

  it('says that there is nothing to complete before it was signed or pushed', async () => {
    await assert.rejects(product.signing.planCompletion(image, options(), never), (error) =>
      isDaoChainError(error, 'statementNotFound'),
    );
    await execute(await product.signing.plan([image], options(), never));
    await assert.rejects(product.signing.planCompletion(image, options(), never), (error) =>
      isDaoChainError(error, 'imageNotFound'),
    );
  });

  it('adds the digest that the engine says it has pushed, without the image', async () => {
    await pushImage(engine.docker, image);
    const { RepoDigests } = await engine.docker.getImage(image).inspect();
    const [, pushed = ''] = RepoDigests[0]?.split('@') ?? [];
    const plan = await product.signing.planCompletion(`${image}@${pushed}`, options(), never);
    assert.equal(plan.images[0]?.change.type, 'completed');
    assert.equal(plan.images[0].registry?.digest, pushed);
    await engine.docker.getImage(image).remove();
    await execute(plan);
    const { leaves, indexDigest } = await head();
    assert.deepEqual(
      leaves.map(({ manifestDigest, dockerFieldNames }) => [manifestDigest, dockerFieldNames]),
      [[pushed, ['Healthcheck']]],
    );
    assert.equal(indexDigest, undefined);
  });

  it('has nothing to do the second time', async () => {
    const { entries, images } = await product.signing.planCompletion(image, options(), never);
    assert.deepEqual([entries, images[0]?.change], [[], { type: 'same' }]);
  });

  it('is exact in the registry, before anything is pulled', async () => {
    const [judged] = await product.verification.judgeReferences([{ text: image }], never);
    assert.equal(judged?.local, undefined);
    assert.equal(judged?.verdict.kind, 'verified');
    assert.equal(judged.verdict.match, 'exact');
  });

  it('is verified still when it was pulled', async () => {
    const pulling = await engine.docker.pull(image);
    await new Promise((resolve) => {
      engine.docker.modem.followProgress(pulling, resolve);
    });
    const { verdict } = await product.verification.verify(image, never);
    assert.equal(verdict.kind, 'verified');
  });

  it('signs nothing of what somebody has put into the registry since', async () => {
    const own = await pusher.read('1.0');
    await buildImage(engine.docker, `${registry.name}/shop/web:evil`, { files: { motd: 'evil' } });
    await pushImage(engine.docker, `${registry.name}/shop/web:evil`);
    await pusher.manifest(await pusher.read('evil'), '1.0');
    await assert.rejects(
      product.signing.planCompletion(image, options(), never),
      (error) => isDaoChainError(error, 'registryDiffers') && error.details['platform'] === 'linux/amd64',
    );
    for (const plan of ['planCompletion', 'planFromRegistry'] as const) {
      await assert.rejects(product.signing[plan](`${image}@${own.digest}`, options(), never), (error) =>
        isDaoChainError(error, 'imageChanged'),
      );
    }
    await pusher.manifest(own, '1.0');
    assert.deepEqual((await product.signing.planCompletion(image, options(), never)).entries, []);
  });
});
