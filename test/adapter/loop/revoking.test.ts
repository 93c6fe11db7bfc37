import assert from 'node:assert/strict';
import { isDaoChainError } from '../../../src/core/errors';
import { parseReference } from '../../../src/core/image/reference';
import type { Verdict } from '../../../src/core/judging/verdict';
import { readNameHistory } from '../../../src/services/ledger/ledgerHistory';
import type { RevocationOptions } from '../../../src/services/signing/signingService';
import type { RevocationPlan, SigningPlan } from '../../../src/core/plans/signingPlan';
import { buildImage, startEngine, type Engine } from '../../testbed/engine';
import { createProduct, testSigner, trust, type Product } from '../../testbed/product';
import { waitFor } from '../../testbed/waitFor';
import type { TransactionSigner } from '../../../src/core/ports/ledger';

const never = new AbortController().signal;
const image = 'registry.example.com/shop/web:1.0';

describe('revoking on a real chain', () => {
  let engine: Engine;
  let product: Product;
  let owner: TransactionSigner;

  before(async () => {
    [engine, owner] = await Promise.all([startEngine({ kind: 'debian' }), testSigner()]);
    product = createProduct({ engineHost: engine.host });
    product.owner = owner.address;
    await product.node.start();
    const { writer } = await product.ledgers.open();
    await product.node.mineUntil(async () => (await writer.balance(owner.address, never)) > 0n, never);
    await trust(product, owner.address, 'registry.example.com/shop/*');
  });
  after(async () => {
    await product.dispose();
    await engine.dispose();
  });

  const execute = (plan: SigningPlan | RevocationPlan): Promise<unknown> =>
    product.node.mineWhile(() => product.signing.execute(plan, owner, never, () => undefined));
  const buildAndSign = async (content: string): Promise<void> => {
    await buildImage(engine.docker, image, { files: { motd: content } });
    await execute(await product.signing.plan([image], { signer: owner.address }, never));
  };
  const planRevocation = (options: Partial<RevocationOptions> = {}): Promise<RevocationPlan> =>
    product.signing.planRevocation(
      image,
      { signer: owner.address, reason: 'compromised', note: 'a key was lost', ...options },
      never,
    );
  const verdict = async (): Promise<Verdict> => (await product.verification.verify(image, never)).verdict;
  const states = async (): Promise<readonly (readonly [string, boolean])[]> => {
    const { publishers } = await readNameHistory(product.ledgers, parseReference(image), never);
    return (publishers[0]?.entries ?? []).map(({ attestation, isRevoked }) => [attestation.kind, isRevoked]);
  };

  it('is refused where there is nothing to take back', async () => {
    await assert.rejects(planRevocation(), (error) => isDaoChainError(error, 'statementNotFound'));
  });

  it('takes the newest statement back, and the image is red for the reason that was given', async () => {
    await buildAndSign('one');
    await buildAndSign('two');
    assert.equal((await verdict()).kind, 'verified');
    const plan = await planRevocation();
    assert.equal(plan.images[0]?.attestation.position, 1);
    await execute(plan);
    const revoked = await verdict();
    assert.equal(revoked.kind, 'revoked');
    assert.equal(revoked.by, 'revocation');
    assert.deepEqual([revoked.reason, revoked.note], ['compromised', 'a key was lost']);
    assert.deepEqual(await states(), [
      ['publish', false],
      ['publish', true],
      ['revoke', false],
    ]);
  });

  it('takes the content back under every name, until it is signed again under any', async () => {
    const other = 'registry.example.com/shop/other:1.0';
    await buildImage(engine.docker, other, { files: { motd: 'two' } });
    const sign = (): Promise<SigningPlan> => product.signing.plan([other], { signer: owner.address }, never);
    const plan = await sign();
    const [planned = assert.fail('a plan has an image')] = plan.images;
    assert.equal(planned.change.type, 'restored');
    assert.deepEqual(plan.entries, [planned.entry, ...planned.lifted.map(({ entry }) => entry)]);
    assert.equal(plan.entries.length, 2);
    await execute(plan);
    const again = await sign();
    assert.deepEqual([again.images[0]?.change.type, again.entries], ['same', []]);
  });

  it('takes back the one that is chosen, while the engine is away', async () => {
    await engine.stop();
    await execute(await planRevocation({ statement: 0, reason: 'vulnerable', note: '' }));
    await engine.start();
    await buildImage(engine.docker, image, { files: { motd: 'one' } });
    await assert.rejects(planRevocation(), (error) => isDaoChainError(error, 'statementNotFound'));
    assert.deepEqual(
      (await states()).map(([, isRevoked]) => isRevoked),
      [true, true, false, false],
    );
  });

  it('is all that is left to a wallet that has ended, whose statements stand until then', async () => {
    await buildAndSign('three');
    await endWallet();
    assert.equal((await verdict()).kind, 'verified');
    await buildImage(engine.docker, image, { files: { motd: 'four' } });
    await assert.rejects(product.signing.plan([image], { signer: owner.address }, never), (error) =>
      isDaoChainError(error, 'signerNotAllowed'),
    );
    await execute(await planRevocation({ reason: 'unsupported' }));
    await buildImage(engine.docker, image, { files: { motd: 'three' } });
    const revoked = await verdict();
    assert.deepEqual([revoked.kind, revoked.kind === 'revoked' && revoked.by], ['revoked', 'revocation']);
    assert.deepEqual((await states()).slice(-2), [
      ['publish', true],
      ['revoke', false],
    ]);
  });

  /** The owner ends their own wallet, for ever. */
  async function endWallet(): Promise<void> {
    const { writer } = await product.ledgers.open();
    const call = { type: 'endWallet' } as const;
    const transaction = await writer.prepare(call, await writer.estimate(call, owner.address, never), owner, never);
    await product.node.mineWhile(async () => {
      await writer.broadcast(transaction, never);
      await waitFor('the wallet has ended', async () => {
        const { state } = await writer.status(transaction.hash, never);
        assert.notEqual(state, 'failed');
        return state === 'mined';
      });
    });
  }
});
