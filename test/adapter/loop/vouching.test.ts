import assert from 'node:assert/strict';
import { walletPublisher } from '../../../src/core/hex';
import { parseReference } from '../../../src/core/image/reference';
import { verdictReason } from '../../../src/words/verdictText';
import { ledgerKey } from '../../../src/core/ledger/types';
import type { Verdict } from '../../../src/core/judging/verdict';
import { vouchWarning } from '../../../src/words/planText';
import type { SigningPlan } from '../../../src/core/plans/signingPlan';
import type { VouchOptions } from '../../../src/services/signing/vouchService';
import { english } from '../../unit/words/localizers';
import { buildImage, startEngine, type Engine } from '../../testbed/engine';
import { createProduct, testSigner, type Product } from '../../testbed/product';
import { startRegistry, type Registry } from '../../testbed/registry';
import type { TransactionSigner } from '../../../src/core/ports/ledger';

const never = new AbortController().signal;

describe('vouching on a real chain, engine and registry', () => {
  let engine: Engine;
  let registry: Registry;
  let product: Product;
  let first: TransactionSigner;
  let second: TransactionSigner;
  /** Somebody else's image. */
  let base: string;
  let repository: string;

  before(async () => {
    [engine, registry, first, second] = await Promise.all([
      startEngine({ kind: 'debian' }),
      startRegistry(),
      testSigner(),
      testSigner(),
    ]);
    repository = `${registry.name}/upstream/base`;
    base = `${repository}:12`;
    product = createProduct({ engineHost: engine.host, registries: [registry.name] });
    await product.node.start();
    const { writer } = await product.ledgers.open();
    for (const { address } of [second, first]) {
      product.owner = address;
      await product.node.mineUntil(async () => (await writer.balance(address, never)) > 0n, never);
    }
    product.rules = [
      {
        ...{ ledger: ledgerKey(writer.ledger), repositories: repository, accept: 'vouch', level: 'warn' },
        publishers: [first.address, second.address, `0x${'77'.repeat(20)}` as const].map(walletPublisher),
        threshold: 2,
      },
    ];
    await publish('one');
    await pull();
  });
  after(async () => {
    await product.dispose();
    await engine.dispose();
    await registry.dispose();
  });

  /** As the owners of the base image do: nothing of it is left here. */
  async function publish(content: string): Promise<void> {
    await buildImage(engine.docker, base, { files: { motd: content } });
    await product.pushes.push(parseReference(base), never, () => undefined);
    const { id } = await product.engine.inspect(base, never);
    await engine.docker.getImage(id).remove({ force: true });
  }
  async function pull(): Promise<void> {
    const { digest } = await product.registry.read(parseReference(base), 'all', never);
    const reference = { ...parseReference(repository), digest };
    await product.engine.pull(reference, undefined, never, () => undefined);
    await product.engine.tag(`${repository}@${digest}`, parseReference(base), never);
  }
  const plan = (options: Partial<VouchOptions> = {}, name = base): Promise<SigningPlan> =>
    product.vouches.plan(name, { signer: first.address, ...options }, never);
  async function vouch(signer: TransactionSigner, options: Partial<VouchOptions> = {}): Promise<void> {
    const planned = await plan({ ...options, signer: signer.address });
    await product.node.mineWhile(() => product.signing.execute(planned, signer, never, () => undefined));
  }
  async function verdict(): Promise<Verdict> {
    const [judged] = await product.verification.judgeReferences([{ text: base }], never);
    return judged?.verdict ?? assert.fail('one reference has one verdict');
  }

  it('shows the digest that the engine pulled, and signs that one', async () => {
    const { digest } = await product.registry.read(parseReference(base), 'all', never);
    const [image] = (await plan()).images;
    assert.equal(image?.vouch?.origin, 'pulled');
    assert.deepEqual([image.registry?.digest, image.registry?.isExpected], [digest, true]);
    assert.equal(image.statement.leaves[0]?.manifestDigest, digest);
  });

  it('takes two of three', async () => {
    assert.equal((await verdict()).kind, 'unsigned');
    await vouch(first);
    const alone = await verdict();
    assert.ok(alone.kind === 'untrusted');
    assert.deepEqual([alone.accepted, alone.needed], [1, 2]);
    await vouch(second);
    const both = await verdict();
    assert.ok(both.kind === 'verified');
    assert.equal(both.match, 'exact');
    assert.match(verdictReason(both, english), /^Vouched for by .* and 1 more\.$/);
  });

  it('is green before a pull, by the digest that was vouched for', async () => {
    const { id } = await product.engine.inspect(base, never);
    await engine.docker.getImage(id).remove({ force: true });
    const before = await verdict();
    assert.ok(before.kind === 'verified');
    assert.equal(before.match, 'exact');
  });

  it('is no alarm when upstream moves, and says what has changed', async () => {
    await publish('two');
    const moved = await verdict();
    assert.ok(moved.kind === 'unsigned');
    assert.equal(moved.vouchedDiffers.length, 2);
    const [unseen] = (await plan()).images;
    assert.equal(unseen?.vouch?.origin, 'registry');
    await pull();
    const [image] = (await plan()).images;
    assert.deepEqual(image?.change, { type: 'changed', differences: ['layers'] });
    await vouch(first);
    await vouch(second);
    assert.equal((await verdict()).kind, 'verified');
  });

  it('says first that what would be vouched for was revoked', async () => {
    const options = { signer: first.address, reason: 'compromised', note: '' } as const;
    const revocation = await product.signing.planRevocation(base, options, never);
    assert.equal(revocation.images[0]?.attestation.kind, 'vouch');
    await product.node.mineWhile(() => product.signing.execute(revocation, first, never, () => undefined));
    assert.equal((await verdict()).kind, 'revoked');
    const [image = assert.fail('a plan has an image')] = (await plan()).images;
    assert.equal(image.change.type, 'restored');
    assert.match(vouchWarning(image, english) ?? '', /^Revoked \(development\): Revoked by .*compromised\.$/);
  });
});
