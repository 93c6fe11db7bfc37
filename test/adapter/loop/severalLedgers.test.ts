import assert from 'node:assert/strict';
import type { Verdict } from '../../../src/core/judging/verdict';
import { ledgerKey } from '../../../src/core/ledger/types';
import type { TransactionSigner } from '../../../src/core/ports/ledger';
import type { RevocationPlan, SigningPlan } from '../../../src/core/plans/signingPlan';
import { buildImage, startEngine, type Engine } from '../../testbed/engine';
import { createProduct, testSigner, trust, type Product } from '../../testbed/product';
import { followedLedger } from '../../testbed/onlyLedger';
import { waitFor } from '../../testbed/waitFor';

const never = new AbortController().signal;
const image = 'registry.example.com/shop/web:1.0';
const pattern = 'registry.example.com/shop/*';

describe('verdicts by the chains of two networks', () => {
  let engine: Engine;
  /** Signs at home, and follows the ledger of the other, too. */
  let reader: Product;
  let team: Product;
  let owner: TransactionSigner;

  before(async () => {
    [engine, owner] = await Promise.all([startEngine({ kind: 'debian' }), testSigner()]);
    team = createProduct({ engineHost: engine.host });
    await start(team);
    const follows = [followedLedger('Team', team.ledgers)];
    reader = createProduct({ engineHost: engine.host, follows });
    await start(reader);
    await buildImage(engine.docker, image, { files: { motd: 'one' } });
  });
  after(async () => {
    await reader.dispose();
    await team.dispose();
    await engine.dispose();
  });

  async function start(product: Product): Promise<void> {
    product.owner = owner.address;
    await product.node.start();
    const { writer } = await product.ledgers.open();
    await product.node.mineUntil(async () => (await writer.balance(owner.address, never)) > 0n, never);
  }

  const execute = (on: Product, plan: SigningPlan | RevocationPlan): Promise<unknown> =>
    on.node.mineWhile(() => on.signing.execute(plan, owner, never, () => undefined));
  const sign = async (on: Product): Promise<unknown> =>
    execute(on, await on.signing.plan([image], { signer: owner.address }, never));
  const revoke = async (on: Product): Promise<unknown> =>
    execute(
      on,
      await on.signing.planRevocation(image, { signer: owner.address, reason: 'compromised', note: '' }, never),
    );
  const verdict = async (): Promise<Verdict> => (await reader.verification.verify(image, never)).verdict;
  /** In force for both: rules belong to the reader and not to a network. */
  const share = (): void => {
    const rules = [...reader.rules, ...team.rules];
    reader.rules = team.rules = [...new Set(rules)];
  };

  it('are of the second ledger where the rule names that', async () => {
    await trust(team, owner.address, pattern);
    share();
    assert.equal((await verdict()).kind, 'unsigned');
    await sign(team);
    const { kind, network, ledger } = await verdict();
    const { reader: chain } = await team.ledgers.open();
    assert.deepEqual([kind, network, ledger], ['verified', 'Team', ledgerKey(chain.ledger)]);
  });

  it('are unknown while the node of the second does not answer, and name it', async () => {
    await trust(reader, owner.address, pattern);
    share();
    await sign(reader);
    assert.equal((await verdict()).kind, 'verified');
    await team.node.stop();
    const silent = await verdict();
    assert.deepEqual([silent.kind, silent.network], ['unknown', 'Team']);
    await team.node.start();
    await waitFor('the second ledger', async () => (await verdict()).kind === 'verified');
  });

  it('are red where either of them revokes', async () => {
    await revoke(team);
    const byTeam = await verdict();
    assert.deepEqual([byTeam.kind, byTeam.network], ['revoked', 'Team']);

    await buildImage(engine.docker, image, { files: { motd: 'two' } });
    await sign(team);
    await sign(reader);
    assert.equal((await verdict()).kind, 'verified');
    await revoke(reader);
    assert.equal((await verdict()).kind, 'revoked');
  });
});
