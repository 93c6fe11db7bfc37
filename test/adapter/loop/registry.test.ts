import assert from 'node:assert/strict';
import { isDigest, type Digest } from '../../../src/core/image/digest';
import type { Verdict } from '../../../src/core/judging/verdict';
import type { ImageAnswer } from '../../../src/core/judging/imageAnswer';
import type { SigningPlan } from '../../../src/core/plans/signingPlan';
import { buildImage, pushImage, startEngine, type Engine } from '../../testbed/engine';
import { createProduct, testSigner, trust, type Product } from '../../testbed/product';
import { startRegistry, type Registry } from '../../testbed/registry';
import { blob, ociImage, ociIndex, tarArchive, type Blob } from '../archive/archives';
import { Pusher, testImage } from './registryImages';
import type { TransactionSigner } from '../../../src/core/ports/ledger';

const never = new AbortController().signal;

describe('base images in a registry', () => {
  let engine: Engine;
  let registry: Registry;
  let product: Product;
  let owner: TransactionSigner;
  let pusher: Pusher;
  let repository: string;
  let image: string;
  /** The manifest that the engine pushed of what the owner has signed. */
  let pushed: Blob;

  before(async () => {
    [engine, registry, owner] = await Promise.all([startEngine({ kind: 'debian' }), startRegistry(), testSigner()]);
    repository = `${registry.name}/shop/web`;
    image = `${repository}:1.0`;
    pusher = new Pusher(registry, 'shop/web');
    product = createProduct({ engineHost: engine.host, registries: [registry.name] });
    product.owner = owner.address;
    await product.node.start();
    const { writer } = await product.ledgers.open();
    await product.node.mineUntil(async () => (await writer.balance(owner.address, never)) > 0n, never);
    await trust(product, owner.address, `${registry.name}/shop/*`);
    await buildImage(engine.docker, image, { files: { motd: 'hello' } });
    await execute(await product.signing.plan([image], { signer: owner.address }, never));
    await pushImage(engine.docker, image);
    pushed = await pusher.read('1.0');
  });
  after(async () => {
    await product.dispose();
    await engine.dispose();
    await registry.dispose();
  });

  const execute = (plan: SigningPlan): Promise<unknown> =>
    product.node.mineWhile(() => product.signing.execute(plan, owner, never, () => undefined));
  const judge = async (text = image, platform?: string): Promise<ImageAnswer> => {
    const query = { text, ...(platform !== undefined && { platform }) };
    const [judged] = await product.verification.judgeReferences([query], never);
    return judged ?? assert.fail('one query has one answer');
  };
  const kindOf = (verdict: Verdict | undefined): string =>
    verdict?.kind === 'unknown' ? `unknown ${verdict.missing}` : (verdict?.kind ?? 'none');
  /** The verdict, and those on what the engine and the registry have. */
  const sidesOf = async (text?: string, platform?: string): Promise<readonly string[]> => {
    const { verdict, local, registry: remote } = await judge(text, platform);
    return [verdict, local?.verdict, remote?.verdict].map(kindOf);
  };
  const digestOf = ({ digest }: Blob): Digest => (isDigest(digest) ? digest : assert.fail('a blob has a digest'));

  it('are what the engine has pushed, while it has them', async () => {
    assert.deepEqual(await sidesOf(), ['verified', 'verified', 'verified']);
    assert.equal((await judge()).registry?.digest, digestOf(pushed));
  });

  it('are claims before a pull, for the statement was made before the push', async () => {
    await engine.docker.getImage(image).remove();
    assert.deepEqual(await sidesOf(), ['unknown layers', 'none', 'unknown layers']);
    assert.deepEqual(await sidesOf(`${repository}@${pushed.digest}`), ['unknown layers', 'none', 'unknown layers']);
  });

  it('are verified before a pull once the statement is complete, by tag and by digest', async () => {
    await execute(await product.signing.planCompletion(image, { signer: owner.address }, never));
    for (const text of [image, `${image}@${pushed.digest}`, `${repository}@${pushed.digest}`])
      assert.deepEqual(await sidesOf(text), ['verified', 'none', 'verified']);
    const { verdict, registry: remote } = await judge();
    assert.equal(verdict.kind === 'verified' && verdict.match, 'exact');
    assert.equal(remote?.digest, digestOf(pushed));
  });

  it('are a claim again where the registry puts other layers under the signed config', async () => {
    const layer = blob('application/vnd.docker.image.rootfs.diff.tar.gzip', await tarArchive([['motd', 'evil']]));
    const manifest = JSON.parse(pushed.bytes.toString()) as { readonly layers: readonly object[] };
    const layers = manifest.layers.map(() => ({ mediaType: layer.mediaType, size: layer.size, digest: layer.digest }));
    const forged = blob(pushed.mediaType, { ...manifest, layers });
    await pusher.image([forged, layer]);
    await pusher.manifest(forged, '1.0');
    assert.deepEqual(await sidesOf(), ['unknown layers', 'none', 'unknown layers']);
    assert.equal((await judge()).registry?.digest, digestOf(forged));
  });

  it('are a mismatch where the tag names other content, and what is here is verified all the same', async () => {
    const other = await testImage('amd64', 'evil');
    const blobs = ociImage(other.config, [other.layer]);
    await pusher.image(blobs);
    await pusher.manifest(blobs[0], '1.0');
    assert.deepEqual(await sidesOf(), ['mismatch', 'none', 'mismatch']);
    assert.deepEqual(await sidesOf(`${image}@${blobs[0].digest}`), ['mismatch', 'none', 'mismatch']);
    assert.deepEqual(await sidesOf(`${repository}@${blobs[0].digest}`), ['unsigned', 'none', 'unsigned']);
    assert.deepEqual(await sidesOf(`${repository}@${pushed.digest}`), ['verified', 'none', 'verified']);

    await engine.docker.createImage({ fromImage: `${repository}@${pushed.digest}` }).then(
      (progress) =>
        new Promise((resolve) => {
          engine.docker.modem.followProgress(progress, resolve);
        }),
    );
    await engine.docker.getImage(`${repository}@${pushed.digest}`).tag({ repo: repository, tag: '1.0' });
    assert.deepEqual(await sidesOf(), ['mismatch', 'verified', 'mismatch']);
    assert.deepEqual(await sidesOf(`${image}@${pushed.digest}`), ['verified', 'verified', 'none']);
    await pusher.manifest(pushed, '1.0');
    assert.deepEqual(await sidesOf(), ['verified', 'verified', 'verified']);
  });

  it('are as good as the worst image of an index that the platform could choose', async () => {
    const [arm, amd] = await Promise.all(['arm64', 'amd64'].map((architecture) => testImage(architecture, 'other')));
    assert.ok(arm && amd);
    const [armBlobs, amdBlobs] = [arm, amd].map(({ config, layer }) => ociImage(config, [layer]));
    assert.ok(armBlobs && amdBlobs);
    for (const blobs of [armBlobs, amdBlobs]) await pusher.image(blobs);
    const signed = { blob: pushed, platform: { os: 'linux', architecture: 'amd64' } };
    const index = ociIndex([signed, { blob: armBlobs[0], platform: arm.platform }]);
    await pusher.manifest(index, '1.0');
    assert.deepEqual(await sidesOf(), ['verified', 'verified', 'verified']);
    assert.deepEqual(await sidesOf(image, 'linux/arm64'), ['unsigned', 'none', 'unsigned']);
    assert.deepEqual(await sidesOf(image, 'linux/s390x'), ['unknown image', 'none', 'unknown image']);
    assert.equal((await judge(image, 'linux/arm64')).registry?.digest, digestOf(index));

    const variant = { ...amd.platform, variant: 'v3' };
    await pusher.manifest(ociIndex([signed, { blob: amdBlobs[0], platform: variant }]), '1.0');
    assert.deepEqual(await sidesOf(), ['mismatch', 'verified', 'mismatch']);
    // An index that passes off one platform's image as another's is one that nobody can read in one way.
    await pusher.manifest(ociIndex([{ blob: armBlobs[0], platform: amd.platform }]), '1.0');
    assert.deepEqual(await sidesOf(), ['unknown malformedImage', 'verified', 'none']);
    await pusher.manifest(pushed, '1.0');
  });

  it('are what the registry has where the engine does not answer', async () => {
    await engine.stop();
    assert.deepEqual(await sidesOf(image, 'linux/amd64'), ['verified', 'none', 'verified']);
    await engine.start();
  });

  it('are what the engine has where the registry is not asked or does not answer', async () => {
    await registry.dispose();
    const here = await judge();
    assert.deepEqual(
      [kindOf(here.verdict), here.local?.verdict.kind, here.registryFailure],
      ['verified', 'verified', 'registryUnavailable'],
    );
    const away = await judge(`${repository}:2.0`);
    assert.deepEqual(
      [kindOf(away.verdict), away.local, away.registryFailure],
      ['unknown registry', undefined, 'registryUnavailable'],
    );
    const nobody = await judge('registry.example.com/them/theirs:1');
    assert.deepEqual([kindOf(nobody.verdict), nobody.registryFailure], ['unsigned', undefined]);
  });
});
