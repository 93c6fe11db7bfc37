import assert from 'node:assert/strict';
import { isDaoChainError } from '../../../src/core/errors';
import type { Verdict } from '../../../src/core/judging/verdict';
import type { TransactionProgress } from '../../../src/core/plans/transactionPlan';
import { childNamed } from '../../testbed/childProcess';
import { buildImage, startEngine, type Engine } from '../../testbed/engine';
import { createProduct, testSigner, trust, type Product } from '../../testbed/product';
import { temporaryFolder } from '../../testbed/program';
import { waitFor } from '../../testbed/waitFor';
import type { TransactionSigner } from '../../../src/core/ports/ledger';

const never = new AbortController().signal;
const image = 'registry.example.com/shop/web:1.0';
const pattern = 'registry.example.com/shop/*';

describe('signing and verifying on a real chain and engine', () => {
  const folder = temporaryFolder();
  let engine: Engine;
  let product: Product;
  let owner: TransactionSigner;

  before(async () => {
    engine = await startEngine({ kind: 'debian' });
    product = createProduct({ engineHost: engine.host, folder: folder.path, usualDepth: true });
    owner = await testSigner();
    product.owner = owner.address;
    await buildImage(engine.docker, image, { files: { motd: 'hello' }, labels: { release: '1' } });
  });
  after(async () => {
    await product.dispose();
    await engine.dispose();
  });

  const verdictOf = async (name = image, at = product): Promise<Verdict> => {
    const { rows } = await at.verification.judgeAll(never);
    const row = rows.find(({ image: { tags } }) => tags.includes(name));
    assert.ok(row, `no row for ${name}`);
    return row.verdict;
  };

  const sign = async (
    name: string,
    signer = owner,
    onProgress: (progress: TransactionProgress) => void = () => undefined,
  ) => {
    const plan = await product.signing.plan([name], { signer: signer.address }, never);
    return product.node.mineWhile(() => product.signing.execute(plan, signer, never, onProgress));
  };

  const fund = async (signer: TransactionSigner): Promise<void> => {
    const before = product.owner;
    product.owner = signer.address;
    const { writer } = await product.ledgers.open();
    await product.node.mineUntil(async () => (await writer.balance(signer.address, never)) > 0n, never);
    product.owner = before;
  };

  it('knows nothing as long as there is no node, which is not "unsigned"', async () => {
    const verdict = await verdictOf();
    assert.equal(verdict.kind, 'unknown');
    assert.equal(verdict.missing, 'ledger');
  });

  it('is unsigned once the ledger was asked', async () => {
    await product.node.start();
    assert.equal((await verdictOf()).kind, 'unsigned');
  });

  it('says what is missing when the balance does not pay', async () => {
    const plan = await product.signing.plan([image], { signer: owner.address }, never);
    assert.ok(plan.missing > 0n);
    await assert.rejects(
      product.signing.execute(plan, owner, never, () => undefined),
      (error) => isDaoChainError(error, 'insufficientFunds'),
    );
  });

  it('goes from unsigned over pending to verified', async () => {
    await fund(owner);
    await trust(product, owner.address, pattern);
    const stages: string[] = [];
    const seen: string[] = [];
    await sign(image, owner, (progress) => {
      stages.push(progress.stage);
      if (progress.stage === 'confirming' && progress.confirmations < progress.needed) {
        void verdictOf().then(({ kind }) => seen.push(kind));
      }
    });
    const verdict = await verdictOf();
    assert.equal(verdict.kind, 'verified');
    assert.equal(verdict.match, 'exact');
    assert.equal(stages[0], 'broadcast');
    assert.equal(stages.at(-1), 'final');
    assert.ok(seen.includes('pending'), `saw ${seen.join(', ')}`);
  });

  it('judges the reference of a Dockerfile alike', async () => {
    const [judged] = await product.verification.judgeReferences([{ text: image }], never);
    assert.equal(judged?.verdict.kind, 'verified');
    assert.equal(judged.local?.verdict.kind, 'verified');
  });

  it('has nothing to do for what is signed already', async () => {
    const plan = await product.signing.plan([image], { signer: owner.address }, never);
    assert.equal(plan.entries.length, 0);
    assert.equal(plan.images[0]?.change.type, 'same');
  });

  it('sees the own rebuild without an alarm, and says what changed when it is signed again', async () => {
    await buildImage(engine.docker, image, { files: { motd: 'hello' }, labels: { release: '2' } });
    const verdict = await verdictOf();
    assert.equal(verdict.kind, 'mismatch');
    assert.equal(verdict.cause, 'rebuilt');
    const plan = await product.signing.plan([image], { signer: owner.address }, never);
    const { change } = plan.images[0] ?? assert.fail('no image in the plan');
    assert.equal(change.type, 'changed');
    assert.deepEqual(change.differences, ['Labels']);
  });

  it('refuses a plan whose tag has moved', async () => {
    const plan = await product.signing.plan([image], { signer: owner.address }, never);
    await buildImage(engine.docker, image, { files: { motd: 'hello' }, labels: { release: '3' } });
    await assert.rejects(
      product.signing.execute(plan, owner, never, () => undefined),
      (error) => isDaoChainError(error, 'imageChanged'),
    );
  });

  it('turns nothing green when somebody else signs the tag', async () => {
    const stranger = await testSigner();
    await fund(stranger);
    await sign(image, stranger);
    assert.equal((await verdictOf()).kind, 'mismatch');
    const other = 'registry.example.com/other/tool:1';
    await buildImage(engine.docker, other, { files: { other: 'yes' }, labels: { other: 'yes' } });
    await sign(other, stranger);
    assert.equal((await verdictOf(other)).kind, 'untrusted');
  });

  it('lets the second of two machines read again instead of overwriting', async () => {
    const [first, second] = await Promise.all([
      product.signing.plan([image], { signer: owner.address }, never),
      product.signing.plan([image], { signer: owner.address }, never),
    ]);
    await product.node.mineWhile(() => product.signing.execute(first, owner, never, () => undefined));
    await assert.rejects(
      product.signing.execute(second, owner, never, () => undefined),
      (error) => isDaoChainError(error, 'staleLink'),
    );
    assert.equal((await verdictOf()).kind, 'verified');
  });

  it('keeps a signature over a killed node, and sends it once', async () => {
    await buildImage(engine.docker, image, { files: { motd: 'hello' }, labels: { release: '4' } });
    const plan = await product.signing.plan([image], { signer: owner.address }, never);
    const outcome = product.signing.execute(plan, owner, never, () => undefined);
    await waitFor('the transaction in the pool', async () => {
      const status = await product.transport.request('txpool_status', [], never);
      return JSON.stringify(status).includes('"pending":"0x1"');
    });
    process.kill(childNamed('geth'), 'SIGKILL');
    await waitFor('the node to be back', () => product.node.state.status === 'starting');
    await waitFor('the node to be back', () => product.node.state.status === 'running');
    await product.node.mineWhile(() => outcome);
    const { transaction, state } = await outcome;
    assert.equal(state, 'final');
    assert.equal((await verdictOf()).kind, 'verified');
    const { reader } = await product.ledgers.open();
    const { number } = await reader.head(never);
    const { attested } = await reader.logs({ fromBlock: 0, toBlock: number }, never);
    assert.equal(attested.filter((event) => event.transaction === transaction).length, 1);
  });

  it('heals when the engine was away', async () => {
    await engine.stop();
    await assert.rejects(product.verification.judgeAll(never), (error) => isDaoChainError(error, 'engineUnavailable'));
    await engine.start();
    assert.equal((await verdictOf()).kind, 'verified');
  });

  it('shares one node between two windows and hands it over', async () => {
    const second = createProduct({ engineHost: engine.host, folder: folder.path, usualDepth: true });
    second.owner = owner.address;
    second.rules = product.rules;
    try {
      await second.node.start();
      assert.equal(second.node.state.status === 'running' && second.node.state.owned, false);
      assert.equal((await verdictOf(image, second)).kind, 'verified');
      await product.dispose();
      await waitFor(
        'the second window to own a node',
        () => second.node.state.status === 'running' && second.node.state.owned,
      );
      assert.equal((await verdictOf(image, second)).kind, 'verified');
    } finally {
      await second.dispose();
    }
  });
});
