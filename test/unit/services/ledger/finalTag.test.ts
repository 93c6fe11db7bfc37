import assert from 'node:assert/strict';
import type { DaoChainError } from '../../../../src/core/errors';
import { isDaoChainError } from '../../../../src/core/errors';
import { IndexWorld, alice } from '../indexWorld';

describe('a ledger on a chain that tells which block is final', () => {
  function newWorld(final?: number): IndexWorld {
    const world = new IndexWorld('tag');
    world.chain.attest({ signer: alice }).mine(20);
    world.chain.finalBlock = final;
    return world;
  }
  const failing = (code: DaoChainError['code']) => (error: unknown) => isDaoChainError(error, code);

  it('counts as final what the chain calls so, however deep it is', async () => {
    const world = newWorld(0);
    await world.sync();
    assert.equal(world.view.state, 'complete');
    assert.equal(world.view.finalBlock, 0);
    assert.equal(world.view.confirmations, 21);
    world.chain.finalBlock = 20;
    await world.sync();
    assert.equal(world.view.finalBlock, 20);
    assert.equal(world.view.confirmations, 1);
    world.assertTrue();
  });

  it('tells of a block that became final while no new one came', async () => {
    const world = newWorld(5);
    let views = 0;
    world.index.onDidChange((change) => (views += change === 'view' ? 1 : 0));
    await world.sync();
    const before = views;
    world.chain.finalBlock = 12;
    assert.deepEqual(await world.sync(), ['finalized', 'block below', 'block below', 'block head']);
    assert.equal(world.view.finalBlock, 12);
    assert.equal(views, before + 1);
  });

  it('is unknown where the chain tells of none, and never final by depth', async () => {
    const world = newWorld();
    await assert.rejects(world.sync(), failing('nodeFailed'));
    assert.equal(world.view.missing, 'unavailable');
    assert.equal(world.view.finalBlock, -1);
    world.chain.finalBlock = 10;
    await world.sync();
    world.chain.finalBlock = undefined;
    world.chain.mine(500);
    await assert.rejects(world.sync(), failing('nodeFailed'));
    assert.equal(world.view.state, 'incomplete');
    assert.equal(world.view.finalBlock, 10);
  });

  it('that goes backwards is behind, in this session and the next', async () => {
    const world = newWorld(15);
    await world.sync();
    world.chain.finalBlock = 9;
    await world.sync();
    assert.equal(world.view.missing, 'behind');
    await world.index.flush();
    world.restart();
    await world.sync();
    assert.equal(world.view.missing, 'behind');
    assert.equal(world.view.finalBlock, -1);
    world.chain.finalBlock = 15;
    await world.sync();
    world.assertTrue();
  });

  it('above the newest block is no answer', async () => {
    const world = newWorld(10);
    world.chain.lieOfFinal = (header) => ({ ...header, number: 1_000 });
    await world.sync();
    assert.equal(world.view.missing, 'unavailable');
    assert.equal(world.view.finalBlock, -1);
  });

  it('above a head that was pushed before has the head asked for', async () => {
    const world = newWorld(10);
    world.index.onDidChange(() => undefined);
    world.chain.mine();
    await world.sync();
    world.chain.isSilent = true;
    world.chain.mine(3);
    world.chain.finalBlock = 24;
    await world.sync();
    assert.equal(world.view.head?.number, 24);
    assert.equal(world.view.finalBlock, 24);
  });

  it('with a final block that is not on the newest one’s chain is no answer', async () => {
    const world = newWorld(10);
    world.chain.lieOfFinal = (header) => ({ ...header, hash: `0x${'ab'.repeat(32)}` });
    await world.sync();
    assert.equal(world.view.missing, 'unavailable');
    assert.equal(world.view.finalBlock, -1);
  });

  it('that is rewritten below its final block is contradicted', async () => {
    const world = newWorld(15);
    await world.sync();
    world.chain.rewind(10).mine(20);
    world.chain.finalBlock = 20;
    await world.sync();
    assert.equal(world.view.missing, 'contradicted');
  });
});
