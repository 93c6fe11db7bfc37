import assert from 'node:assert/strict';
import type { BlockId } from '../../../../src/core/ledger/indexView';
import { alice, IndexWorld } from '../indexWorld';

const never = new AbortController().signal;
const otherHash = `0x${'dd'.repeat(32)}` as const;

/** A chain with an entry, of which block 3 was final where the network was shared; the reader has read nothing of it. */
function joined(change: (checkpoint: BlockId) => BlockId = (checkpoint) => checkpoint): IndexWorld {
  const world = new IndexWorld();
  world.chain.attest({ signer: alice }).mine(3);
  world.checkpoint = change(blockAt(world, 3));
  world.restart();
  return world;
}

function blockAt({ chain }: IndexWorld, number: number): BlockId {
  const { header } = chain.blocks().find(({ header }) => header.number === number) ?? assert.fail(`no block ${number}`);
  return { number, hash: header.hash };
}

function stateOf({ view }: IndexWorld): string {
  return view.missing ?? view.state;
}

describe('the block by which a network’s chain was told', () => {
  it('is waited for until it is final, and then holds', async () => {
    const world = joined();
    for (const expected of ['behind', 'behind', 'complete']) {
      await world.sync();
      assert.equal(stateOf(world), expected);
      world.chain.mine();
    }
    await world.sync();
    world.assertTrue();
  });

  it('lets nothing be judged on a chain that has passed it with another block in its place', async () => {
    const world = joined(({ number }) => ({ number, hash: otherHash }));
    await world.sync();
    assert.equal(stateOf(world), 'behind');
    for (const blocks of [2, 1, 50]) {
      world.chain.mine(blocks);
      await world.sync();
      assert.equal(stateOf(world), 'otherChain');
      assert.deepEqual(world.view.historiesOf('docker.io/acme/app', 'latest'), []);
    }
    // No alarm, which a person could settle; and nothing of this chain is remembered as final.
    assert.equal(world.view.contradiction, undefined);
    await world.index.flush();
    assert.deepEqual(
      [...world.store.files.keys()].filter((name) => name.endsWith('.json')),
      [],
    );
    assert.equal(await world.index.knownFinal(never), undefined);
    world.restart();
    await world.sync();
    assert.equal(stateOf(world), 'otherChain');
  });

  it('is found again where the node comes to the right chain', async () => {
    const world = joined();
    world.chain.mine(6);
    const right = world.chain.blocks();
    world.chain.rewind(right.length - 2).mine(20);
    await world.sync();
    assert.equal(stateOf(world), 'otherChain');
    world.chain.putBack(right).mine(20);
    await world.sync();
    world.assertTrue();
    assert.equal((await world.index.knownFinal(never))?.number, world.view.finalBlock);
  });

  it('is missed also where the chain is another one later', async () => {
    const world = joined();
    world.chain.mine(3);
    await world.sync();
    assert.equal(stateOf(world), 'complete');
    world.chain.rewind(6).mine(30);
    await world.sync();
    assert.equal(stateOf(world), 'contradicted');
    const { contradiction } = world.view;
    assert.ok(contradiction);
    // Who takes the chain as it is has still been invited to another one.
    assert.equal(await world.index.settle(contradiction.found, never), true);
    await world.sync();
    assert.equal(stateOf(world), 'otherChain');
  });
});
