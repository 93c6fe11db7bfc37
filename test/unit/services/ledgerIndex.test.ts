import assert from 'node:assert/strict';
import { isDaoChainError } from '../../../src/core/errors';
import { walletPublisher } from '../../../src/core/hex';
import { foundAtMost } from '../../../src/core/ledger/eventTable';
import type { BlockProgress } from '../../../src/services/ledgerFollower';
import { entriesPerStranger } from '../../../src/services/ledgerFollower';
import { statementOf, wallet } from '../ledger/fakeLedger';
import { acme, alice, bob, IndexWorld, mallory, name, repository, tag } from './indexWorld';

const organization = `0x${'c0'.repeat(32)}` as const;
const other = { repository: 'ghcr.io/acme/tool', tag: '1' };
const never = new AbortController().signal;

describe('ledger index', () => {
  it('is empty before it has read anything', () => {
    const { view } = new IndexWorld();
    assert.equal(view.state, 'empty');
    assert.equal(view.head, undefined);
    assert.equal(view.finalBlock, -1);
    assert.equal(view.keyState(acme, repository, tag), 'unchecked');
    assert.deepEqual(view.historiesOf(repository, tag), []);
  });

  it('tells the histories of a name, and of whom it knows that there is none', async () => {
    const world = new IndexWorld();
    world.trusted = [acme, organization];
    world.chain.attest({ signer: alice, content: 'one' }, { signer: bob, content: 'two' }).mine();
    world.chain.attest({ signer: alice, content: 'three', validUntil: 2n ** 64n - 1n }).mine(5);
    await world.sync();
    world.assertTrue();
    world.assertTrue(walletPublisher(bob));
    world.assertTrue(organization);
    assert.deepEqual(
      world.view.historiesOf(repository, tag).map(({ publisher }) => publisher),
      [walletPublisher(bob), acme].sort(),
    );
    assert.equal(world.historyOf(acme)?.attestations.length, 2);
    assert.deepEqual(world.view.slotOf(acme, alice), { notBefore: 0, notAfter: 0, voidFrom: 0 });
    assert.equal(world.view.slotOf(acme, bob), undefined);
    assert.deepEqual(world.view.head?.number, world.chain.height);
    assert.equal(world.view.finalBlock, world.chain.height - 2);
    assert.equal(world.stateOf(acme, other), 'unchecked');
  });

  it('ignores names that are not canonical', async () => {
    const world = new IndexWorld();
    world.chain.attest({ signer: alice, repository: 'acme/app' }, { signer: alice, tag: 'a b' }).mine(5);
    await world.sync();
    assert.deepEqual(world.view.byContent({ ...leafOf('content') }), []);
    assert.deepEqual(world.view.historiesOf('acme/app', tag), []);
    world.assertTrue();
  });

  it('knows content under other names, trusted publishers first, and not without end', async () => {
    const world = new IndexWorld();
    for (let i = 0; i < 50; i++) world.chain.attest({ signer: wallet(1_000 + i), content: 'known', tag: `t${i}` });
    world.chain
      .mine()
      .attest({ signer: alice, content: 'known', ...other })
      .mine(4);
    world.chain.attest({ signer: alice, content: 'known', tag: 'newest' }).mine();
    await world.sync();
    const { configDigest, fingerprint, manifestDigest, indexDigest } = leafOf('known');
    for (const digests of [{ configDigest }, { fingerprint }, { manifestDigest }, { indexDigest }]) {
      const known = world.view.byContent(digests);
      assert.deepEqual(
        known.slice(0, 2).map((each) => [each.publisher, each.tag]),
        [
          [acme, other.tag],
          [acme, 'newest'],
        ],
      );
      assert.ok(known.length > 2 && known.length <= 20);
    }
    // A digest of one kind is not looked for as another.
    assert.deepEqual(world.view.byContent({ fingerprint: configDigest, configDigest: fingerprint }), []);
    assert.deepEqual(world.view.byContent({}), []);
  });
});

describe('calls of the ledger index', () => {
  it('are four at first, two after a block that was pushed, and none when there is nothing new', async () => {
    const world = new IndexWorld();
    world.chain.attest({ signer: alice }).mine(9);
    const changes: string[] = [];
    const listening = world.index.onDidChange((change) => changes.push(change));
    assert.deepEqual(await world.sync(), ['head', 'logs', 'links', 'signers']);
    assert.deepEqual(world.chain.ranges, [{ fromBlock: 0, toBlock: 9 }]);
    assert.deepEqual(await world.sync(), []);
    assert.deepEqual(changes, ['view']);

    world.chain.calls = [];
    world.chain.mine();
    assert.deepEqual(world.chain.calls, []);
    assert.deepEqual(await world.sync(), ['logs', 'links']);
    assert.deepEqual(world.chain.ranges, [{ fromBlock: 8, toBlock: 10 }]);
    assert.deepEqual(changes, ['view', 'head', 'view']);
    assert.deepEqual(await world.sync(), []);
    listening.dispose();
    assert.equal(world.chain.hasSubscribers, false);
  });

  it('ask for the head when nobody listens, and now and then when no block was pushed', async () => {
    const world = new IndexWorld();
    assert.equal(world.chain.hasSubscribers, false);
    await world.sync();
    assert.deepEqual(await world.sync(), ['head']);
    const listening = world.index.onDidChange(() => undefined);
    world.chain.mine();
    assert.deepEqual(await world.sync(), ['logs', 'links']);
    world.now += 60_000;
    assert.deepEqual(await world.sync(), ['head']);
    assert.deepEqual(await world.sync(), []);
    listening.dispose();
    world.chain.mine();
    assert.deepEqual(await world.sync(), ['head', 'logs', 'links']);
  });

  it('compare names that come to be used, at the same block', async () => {
    const world = new IndexWorld();
    world.chain.attest({ signer: alice, ...other }).mine(5);
    await world.sync();
    assert.equal(world.stateOf(acme, other), 'unchecked');
    world.index.use([other, name]);
    assert.deepEqual(await world.sync(), ['head', 'links', 'signers']);
    assert.equal(world.stateOf(acme, other), 'complete');
    world.assertTrue();
    world.index.use([{ repository, tag: 'never-signed' }]);
    assert.deepEqual(await world.sync(), ['head', 'links']);
    assert.equal(world.stateOf(acme, { repository, tag: 'never-signed' }), 'complete');
  });

  it('read slots again when an event says that they changed, when it is taken back, and after twenty blocks', async () => {
    const world = new IndexWorld();
    world.trusted = [organization];
    world.chain.setSlot(organization, alice, { notBefore: 1 });
    world.chain.attest({ publisher: organization, signer: alice }).mine(5);
    await world.sync();
    assert.equal(world.view.slotOf(organization, alice)?.voidFrom, 0);
    world.chain.setSlot(organization, alice, { notBefore: 1, voidFrom: 1 }).mine();
    assert.deepEqual(await world.sync(), ['head', 'logs', 'links', 'signers']);
    assert.equal(world.view.slotOf(organization, alice)?.voidFrom, 1);
    world.chain.mine();
    assert.deepEqual(await world.sync(), ['head', 'logs', 'links']);
    world.chain.rewind(2).mine(3);
    assert.deepEqual(await world.sync(), ['head', 'logs', 'links', 'signers']);
    assert.equal(world.view.slotOf(organization, alice)?.voidFrom, 0);

    // Somebody else's organizations are no reason to read.
    world.chain.setSlot(walletPublisher(mallory), mallory, { notBefore: 1 }).mine();
    assert.deepEqual(await world.sync(), ['head', 'logs', 'links']);
    world.chain.attest({ publisher: organization, signer: bob }).mine();
    assert.deepEqual(await world.sync(), ['head', 'logs', 'links', 'signers']);
    world.chain.mine(21);
    assert.deepEqual(await world.sync(), ['head', 'logs', 'links', 'signers']);
  });

  it('carry ten thousand keys each', async () => {
    const world = new IndexWorld();
    world.trusted = [acme, walletPublisher(bob), organization];
    world.index.use([...Array(5_000).keys()].map((i) => ({ repository, tag: `t${i}` })));
    assert.deepEqual(await world.sync(), ['head', 'logs', 'links', 'links']);
  });

  it('are shared by those who ask at the same time', async () => {
    const world = new IndexWorld();
    world.chain.attest({ signer: alice }).mine(5);
    const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
    const isCancelled = (error: unknown): boolean => isDaoChainError(error, 'cancelled');
    const steps: BlockProgress[] = [];
    const reading = Promise.all([
      world.index.sync(first.signal, (step) => steps.push(step)),
      world.index.sync(second.signal),
      assert.rejects(world.index.sync(third.signal), isCancelled),
    ]);
    third.abort();
    await reading;
    assert.deepEqual(world.chain.calls, ['head', 'logs', 'links', 'signers']);
    assert.equal(steps.length, 1);
    world.assertTrue();
  });

  it('end when all who asked have cancelled, and begin anew for who comes then', async () => {
    const world = new IndexWorld();
    world.chain.attest({ signer: alice }).mine(5);
    const aborter = new AbortController();
    world.chain.beforeAnswer = (call) => {
      if (call === 'logs') aborter.abort();
    };
    await assert.rejects(world.index.sync(aborter.signal), (error) => isDaoChainError(error, 'cancelled'));
    await new Promise(setImmediate);
    assert.deepEqual(world.chain.calls, ['head', 'logs']);
    assert.equal(world.view.state, 'empty');
    world.chain.beforeAnswer = () => undefined;
    await world.sync();
    world.assertTrue();
    await assert.rejects(world.index.sync(AbortSignal.abort()), (error) => isDaoChainError(error, 'cancelled'));
  });

  it('answer for names that were wanted while others were read', async () => {
    const world = new IndexWorld();
    world.chain.attest({ signer: alice }, { signer: alice, ...other }).mine(5);
    let late: Promise<void> | undefined;
    world.chain.beforeAnswer = (call) => {
      if (call !== 'links' || late !== undefined) return;
      world.index.use([other]);
      late = world.index.sync(never);
    };
    await world.sync();
    assert.equal(world.stateOf(acme, other), 'unchecked');
    await late;
    assert.equal(world.stateOf(acme, other), 'complete');
  });
});

describe('blocks that are read', () => {
  it('are fewer at a time when the endpoint refuses, and progress is what has been read', async () => {
    const world = new IndexWorld();
    for (let i = 0; i < 40; i++) world.chain.attest({ signer: alice, content: `c${i}` }).mine();
    world.chain.mostEvents = 7;
    const steps: BlockProgress[] = [];
    await world.sync((step) => steps.push(step));
    world.assertTrue();
    assert.equal(world.historyOf(acme)?.attestations.length, 40);
    const of = world.chain.height + 1;
    assert.ok(steps.length > 5);
    assert.deepEqual(steps.at(-1), { done: of, of });
    steps.reduce((before, step) => {
      assert.ok(step.of === of && step.done > before && step.done <= of);
      return step.done;
    }, 0);
  });

  it('are read for trusted publishers when one of them is too crowded', async () => {
    const world = new IndexWorld();
    world.chain.attest({ signer: alice, content: 'one' }).mine(2);
    for (let i = 0; i < 50; i++) world.chain.attest({ signer: wallet(1_000 + i) });
    world.chain.attest({ signer: alice, content: 'two' }).mine(5);
    world.chain.mostEvents = 10;
    await world.sync();
    world.assertTrue();
    assert.equal(world.historyOf(acme)?.attestations.length, 2);
    // The same while the block is not final.
    world.chain.attest({ signer: alice, content: 'three' });
    for (let i = 0; i < 50; i++) world.chain.attest({ signer: wallet(2_000 + i) });
    world.chain.mine();
    await world.sync();
    world.assertTrue();
    assert.equal(world.historyOf(acme)?.attestations.length, 3);
  });

  it('fail when even one block of trusted publishers is refused', async () => {
    const world = new IndexWorld();
    for (let i = 0; i < 20; i++) world.chain.attest({ signer: alice, content: `c${i}` });
    world.chain.mine(3);
    world.chain.mostEvents = 10;
    await assert.rejects(world.sync(), (error) => isDaoChainError(error, 'nodeFailed'));
    assert.equal(world.view.state, 'incomplete');
    assert.ok(world.chain.calls.length < 20);
  });

  it('hold back a stranger who floods the ledger, and nobody else', async () => {
    const world = new IndexWorld();
    const flood = [...Array(entriesPerStranger + 500).keys()].map((i) => ({ signer: mallory, tag: `t${i}` }));
    world.chain.attest({ signer: alice, content: 'one' }, { signer: bob, content: 'two' }, ...flood).mine(5);
    world.chain.attest({ signer: bob, content: 'three' }, { signer: mallory }).mine(5);
    await world.sync();
    world.assertTrue();
    world.assertTrue(walletPublisher(bob));
    const kept = [`t0`, `t${entriesPerStranger - 1}`, `t${entriesPerStranger}`].map(
      (each) => world.view.historiesOf(repository, each).length,
    );
    assert.deepEqual(kept, [1, 1, 0]);
    // Of what was left out nothing is claimed, and nothing is read anew because of it.
    world.index.use([{ repository, tag: `t${entriesPerStranger}` }]);
    assert.deepEqual(await world.sync(), ['head', 'links']);
    assert.equal(world.stateOf(walletPublisher(mallory), name), 'unchecked');
  });

  it('make a verdict on a flooded name no slower', async () => {
    const world = new IndexWorld();
    for (let i = 0; i < 500; i++) world.chain.attest({ signer: wallet(1_000 + i) });
    world.chain.attest({ signer: alice }).mine(5);
    await world.sync();
    world.assertTrue();
    assert.equal(world.view.historiesOf(repository, tag).length, foundAtMost + 1);
  });

  it('begin at the first one for publishers that a rule comes to name', async () => {
    const world = new IndexWorld();
    const flood = [...Array(entriesPerStranger + 200).keys()].map((i) => ({ signer: mallory, content: `c${i}` }));
    world.chain.attest(...flood, { signer: alice }).mine(5);
    await world.sync();
    assert.equal(world.stateOf(walletPublisher(mallory)), 'incomplete');
    const { word } = world.historyOf(walletPublisher(mallory)) ?? {};
    assert.notEqual(word, world.chain.link(walletPublisher(mallory), repository, tag));

    world.trusted = [acme, walletPublisher(mallory)];
    assert.deepEqual(await world.sync(), ['head', 'logs', 'logs', 'links']);
    assert.deepEqual(world.chain.ranges[0], {
      fromBlock: 0,
      toBlock: world.chain.height,
      publishers: [walletPublisher(mallory)],
    });
    world.assertTrue(walletPublisher(mallory));
    world.assertTrue();
    assert.equal(world.historyOf(walletPublisher(mallory))?.attestations.length, flood.length);
  });
});

function leafOf(content: string): {
  configDigest: `sha256:${string}`;
  fingerprint: `sha256:${string}`;
  manifestDigest: `sha256:${string}`;
  indexDigest: `sha256:${string}`;
} {
  const { leaves, indexDigest } = statementOf(content);
  const [leaf] = leaves;
  assert.ok(leaf?.manifestDigest && indexDigest);
  const { configDigest, fingerprint, manifestDigest } = leaf;
  return { configDigest, fingerprint, manifestDigest, indexDigest };
}
