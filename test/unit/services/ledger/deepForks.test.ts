import assert from 'node:assert/strict';
import { acme, alice, IndexWorld } from '../indexWorld';

describe('forks deeper than any that a ledger of six confirmations can have', () => {
  for (const depth of [65, 150])
    it(`of ${depth} blocks take away and bring back what is above the final depth, and contradict nothing`, async () => {
      const world = new IndexWorld(200);
      const { chain } = world;
      chain
        .mine(210)
        .attest({ signer: alice, content: 'one' })
        .mine(depth - 1);
      await world.sync();
      world.assertTrue();
      assert.equal(world.historyOf(acme)?.attestations.length, 1);

      chain.rewind(depth).mine(depth + 1);
      await world.sync();
      world.assertTrue();
      assert.equal(world.historyOf(acme), undefined);
      assert.equal(world.index.memory.contradiction, undefined);

      chain.attest({ signer: alice, content: 'one' }).mine(200);
      await world.sync();
      world.assertTrue();
      assert.equal(world.historyOf(acme)?.attestations.length, 1);
      // The same in the next session, of what is on disk.
      await world.index.flush();
      world.restart();
      await world.sync();
      world.assertTrue();
      assert.equal(world.index.memory.contradiction, undefined);
    });

  it('contradict what was final, however many blocks they replace', async () => {
    const world = new IndexWorld(100);
    world.chain.mine(110).attest({ signer: alice, content: 'one' }).mine(110);
    await world.sync();
    assert.equal(world.historyOf(acme)?.attestations.length, 1);
    world.chain.rewind(115).mine(130);
    await world.sync();
    assert.equal(world.view.missing, 'contradicted');
    assert.notEqual(world.index.memory.contradiction, undefined);
  });
});
