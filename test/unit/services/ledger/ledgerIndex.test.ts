import assert from 'node:assert/strict';
import { isDaoChainError } from '../../../../src/core/errors';
import { walletPublisher } from '../../../../src/core/hex';
import { contentRepository } from '../../../../src/core/ledger/contentName';
import { digestMark } from '../../../../src/core/ledger/ledgerRow';
import type { BlockProgress } from '../../../../src/services/ledger/ledgerTable';
import { statementOf, wallet } from '../fakeLedger';
import { acme, alice, bob, IndexWorld, mallory, name, repository, tag } from '../indexWorld';

const organization = `0x${'c0'.repeat(32)}` as const;
const other = { repository: 'docker.io/acme/tool', tag: '1' };
const elsewhere = { repository: 'ghcr.io/else/tool', tag: '1' };
const never = new AbortController().signal;
const isCancelled = (error: unknown): boolean => isDaoChainError(error, 'cancelled');

describe('ledger index', () => {
  it('is empty before it has read anything', () => {
    const { view } = new IndexWorld();
    assert.equal(view.state, 'empty');
    assert.equal(view.head, undefined);
    assert.equal(view.finalBlock, -1);
    assert.equal(view.keyState(acme, repository, tag), 'unchecked');
    assert.deepEqual(view.historiesOf(repository, tag), []);
    assert.equal(view.strangersOf(repository, tag), 'reading');
  });

  it('tells the histories of a name, and of whom it knows that there is none', async () => {
    const world = new IndexWorld();
    world.trusted = [acme, organization, walletPublisher(bob)];
    world.chain.attest({ signer: alice, content: 'one' }, { signer: bob, content: 'two' }).mine();
    world.chain.attest({ signer: alice, content: 'three', validUntil: 2n ** 64n - 1n }).mine(5);
    await world.sync();
    for (const publisher of world.trusted) world.assertTrue(publisher);
    assert.deepEqual(
      world.view.historiesOf(repository, tag).map(({ publisher }) => publisher),
      [walletPublisher(bob), acme].sort(),
    );
    assert.equal(world.historyOf(acme)?.attestations.length, 2);
    assert.deepEqual(world.view.slotOf(acme, alice), { notBefore: 0, notAfter: 0, voidFrom: 0, isScoped: false });
    assert.equal(world.view.slotOf(acme, bob), undefined);
    assert.equal(world.view.head?.number, world.chain.height);
    assert.equal(world.view.finalBlock, world.chain.height - 2);
    assert.equal(world.stateOf(acme, other), 'unchecked');
  });

  it('hears whom rules name under the names that they match, one’s own under all, and others where they are asked for', async () => {
    const world = new IndexWorld();
    world.chain.attest({ signer: alice, ...elsewhere }, { signer: mallory }, { signer: mallory, ...other }).mine(5);
    world.index.use([elsewhere, other]);
    await world.sync();
    assert.equal(world.stateOf(acme, elsewhere), 'unchecked');
    assert.equal(world.stateOf(walletPublisher(mallory)), 'unchecked');
    world.own = [acme];
    world.index.use([name], [walletPublisher(mallory)]);
    await world.sync();
    assert.equal(world.stateOf(acme, elsewhere), 'complete');
    world.assertTrue(walletPublisher(mallory));
    assert.equal(world.stateOf(walletPublisher(mallory), other), 'unchecked');
  });

  it('hears under the reserved name of contents those who are asked for, and nobody else', async () => {
    const world = new IndexWorld();
    const content = { repository: contentRepository, tag: 'ab'.repeat(32) };
    world.own = [walletPublisher(bob)];
    world.index.use([content], [acme]);
    await world.sync();
    assert.equal(world.stateOf(acme, content), 'complete');
    assert.equal(world.stateOf(walletPublisher(bob), content), 'unchecked');
  });

  it('finds who states a content in its table, accepted publishers however many strangers do', async () => {
    const world = new IndexWorld();
    for (let i = 0; i < 70; i++) world.chain.attest({ signer: wallet(1_000 + i), content: 'known' });
    world.chain
      .mine()
      .attest({ signer: alice, content: 'known', ...other })
      .mine(4);
    world.chain.attest({ signer: alice, repository: 'acme/app', content: 'known' }, { signer: alice, tag: 'a b' });
    world.chain.mine(4);
    await world.sync();
    await world.index.readTable(never);
    const [leaf] = statementOf('known').leaves;
    assert.ok(leaf);
    const mark = digestMark(leaf.configDigest);
    const found = (await world.index.find([mark])).get(mark);
    assert.equal(found?.isCut, true);
    assert.equal(found.histories.length, 65);
    assert.ok(found.histories.some((each) => each.publisher === acme && each.repository === other.repository));
    // Whom a rule comes to name is found, although he was left out.
    world.trusted = [acme, walletPublisher(wallet(1_069))];
    const again = (await world.index.find([mark])).get(mark);
    assert.ok(again?.histories.some(({ publisher }) => publisher === walletPublisher(wallet(1_069))));
  });

  it('finds the same whoever looks at the same time, and whatever is read meanwhile', async () => {
    const world = new IndexWorld();
    world.chain.attest({ signer: bob, content: 'known' }).mine(5);
    await world.sync();
    const [leaf] = statementOf('known').leaves;
    assert.ok(leaf);
    const mark = digestMark(leaf.configDigest);
    await world.index.readTable(never);
    world.chain.attest({ signer: bob, content: 'known' }).mine(5);
    await world.sync();
    const answers = await Promise.all([
      world.index.find([mark]),
      world.index.readTable(never),
      world.index.find([mark]),
      world.index.find([mark, 1]),
    ]);
    const last = (await world.index.find([mark])).get(mark);
    assert.deepEqual(
      last?.histories.map(({ entries, publisher }) => [entries, publisher]),
      [[2, walletPublisher(bob)]],
    );
    for (const answer of [answers[0], answers[2], answers[3]]) assert.equal(answer.get(mark)?.histories.length, 1);
  });
});

describe('calls of the ledger index', () => {
  it('are few at first, two after a block that was pushed, and none when there is nothing new', async () => {
    const world = new IndexWorld();
    world.chain.attest({ signer: alice }).mine(9);
    const changes: string[] = [];
    const listening = world.index.onDidChange((change) => changes.push(change));
    assert.deepEqual(await world.sync(), ['head', 'links', 'logs', 'signers', 'block below', 'block head']);
    assert.deepEqual(await world.sync(), []);
    assert.deepEqual(changes, ['view']);

    world.chain.calls = [];
    world.chain.mine();
    assert.deepEqual(world.chain.calls, []);
    assert.deepEqual(await world.sync(), ['links', 'signers']);
    assert.deepEqual(changes, ['view', 'head', 'view']);
    assert.deepEqual(await world.sync(), []);
    world.chain.attest({ signer: alice, content: 'two' }).mine();
    assert.deepEqual(await world.sync(), ['links', 'logs', 'signers']);
    world.assertTrue();
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
    assert.deepEqual(await world.sync(), ['links']);
    world.now += 60_000;
    assert.deepEqual(await world.sync(), ['head']);
    assert.deepEqual(await world.sync(), []);
    listening.dispose();
    world.chain.mine();
    assert.deepEqual(await world.sync(), ['head', 'links']);
  });

  it('read the links of names that come to be used, at the same block', async () => {
    const world = new IndexWorld();
    world.chain.attest({ signer: alice, ...other }).mine(5);
    await world.sync();
    assert.equal(world.stateOf(acme, other), 'unchecked');
    world.index.use([other, name]);
    assert.deepEqual(await world.sync(), ['head', 'links', 'logs', 'signers']);
    assert.equal(world.stateOf(acme, other), 'complete');
    world.assertTrue();
    world.index.use([{ repository, tag: 'never-signed' }]);
    assert.deepEqual(await world.sync(), ['head', 'links']);
    assert.equal(world.stateOf(acme, { repository, tag: 'never-signed' }), 'complete');
  });

  for (const [what, entries] of Object.entries({ 'nothing else': 0, 'ten entries': 10, 'three thousand': 3_000 })) {
    it(`are the same where the ledger holds ${what} of others`, async () => {
      const world = new IndexWorld();
      for (let i = 0; i < entries; i++) {
        world.chain.attest({ signer: wallet(5_000 + (i % 97)), ...elsewhere, tag: `t${i}` });
      }
      world.chain.mine().attest({ signer: alice, content: 'one' }).mine(60);
      world.chain.attest({ signer: alice, content: 'two' }).mine(60);
      const cold = await world.sync();
      world.assertTrue();
      const count = (call: string): number => cold.filter((each) => each === call).length;
      assert.deepEqual([count('head'), count('links'), count('logs'), count('signers')], [1, 1, 2, 1]);
      assert.ok(count('pastLink') <= 60, `${count('pastLink')}`);
      assert.ok(world.chain.bytesRead < 4_000, `${world.chain.bytesRead}`);
      await world.index.flush();
      world.restart();
      assert.deepEqual(await world.sync(), ['head', 'links', 'signers', 'block below', 'block below', 'block head']);
      world.assertTrue();
    });
  }

  it('carry ten thousand keys each', async () => {
    const world = new IndexWorld();
    world.trusted = [acme, walletPublisher(bob), organization];
    world.index.use([...Array(5_000).keys()].map((i) => ({ repository, tag: `t${i}` })));
    const calls = await world.sync();
    assert.deepEqual(calls.slice(0, 3), ['head', 'links', 'links']);
  });

  it('are shared by those who ask at the same time', async () => {
    const world = new IndexWorld();
    world.chain.attest({ signer: alice }).mine(5);
    const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
    const reading = Promise.all([
      world.index.sync(first.signal),
      world.index.sync(second.signal),
      assert.rejects(world.index.sync(third.signal), isCancelled),
    ]);
    third.abort();
    await reading;
    assert.deepEqual(world.chain.calls, ['head', 'links', 'logs', 'signers', 'block below', 'block head']);
    world.assertTrue();
  });

  for (const call of ['head', 'links', 'logs', 'signers', 'block head']) {
    it(`end at ${call} when all who asked have cancelled, and begin anew for who comes then`, async () => {
      const world = new IndexWorld();
      world.chain.attest({ signer: alice }).mine(5);
      const aborter = new AbortController();
      world.chain.beforeAnswer = (each) => {
        if (each === call) aborter.abort();
      };
      await assert.rejects(world.index.sync(aborter.signal), isCancelled);
      await new Promise(setImmediate);
      assert.equal(world.chain.calls.at(-1), call);
      assert.equal(world.view.state, 'empty');
      world.chain.beforeAnswer = () => undefined;
      await world.sync();
      world.assertTrue();
      await assert.rejects(world.index.sync(AbortSignal.abort()), isCancelled);
    });
  }

  it('that were given up for a later reading change nothing when they are answered', async () => {
    const world = new IndexWorld();
    world.chain.attest({ signer: alice, content: 'one' }).mine(5);
    await world.sync();
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    let isHeld = false;
    world.chain.beforeAnswer = (call) => {
      if (call !== 'links' || isHeld) return;
      isHeld = true;
      return held;
    };
    world.chain.mine();
    const aborter = new AbortController();
    const given = assert.rejects(world.index.sync(aborter.signal), isCancelled);
    const isWaiting = (): boolean => isHeld;
    while (!isWaiting()) await new Promise(setImmediate);
    aborter.abort();
    await given;
    world.chain.attest({ signer: alice, content: 'two' }).mine();
    await world.sync();
    const { view } = world;
    answer();
    for (let i = 0; i < 20; i++) await new Promise(setImmediate);
    assert.equal(world.view, view);
    world.assertTrue();
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
  it('are fewer at a time when the endpoint refuses', async () => {
    const world = new IndexWorld();
    for (let i = 0; i < 40; i++) world.chain.attest({ signer: alice, content: `c${i}` }).mine();
    world.chain.keepsStates = false;
    world.chain.mostEvents = 7;
    await world.sync();
    world.assertTrue();
    assert.equal(world.historyOf(acme)?.attestations.length, 40);
  });

  for (const keepsStates of [true, false]) {
    it(`are those of the name alone, ${keepsStates ? 'looked for by its links' : 'where old states are gone too'}`, async () => {
      const world = new IndexWorld();
      world.chain.keepsStates = keepsStates;
      for (let i = 0; i < 50; i++) world.chain.attest({ signer: wallet(1_000 + i) });
      world.chain.attest({ signer: alice, content: 'one' }).mine(300);
      world.chain
        .attest({ signer: alice, content: 'two' }, { signer: alice, content: 'one', kind: 'revoke' })
        .mine(300);
      world.chain.mostEvents = 5;
      await world.sync();
      world.assertTrue();
      assert.equal(world.historyOf(acme)?.attestations.length, 3);
      assert.equal(world.chain.ranges.length, keepsStates ? 2 : 1);
    });
  }

  it('fail when even one block of one name is refused', async () => {
    const world = new IndexWorld();
    for (let i = 0; i < 20; i++) world.chain.attest({ signer: alice, content: `c${i}` });
    world.chain.mine(3);
    world.chain.mostEvents = 10;
    await assert.rejects(world.sync(), (error) => isDaoChainError(error, 'nodeFailed'));
    assert.equal(world.view.state, 'incomplete');
    assert.ok(world.chain.calls.length < 20);
  });

  it('are told as they are read into the table', async () => {
    const world = new IndexWorld();
    world.chain.mine(5_000);
    await world.sync();
    const steps: BlockProgress[] = [];
    await world.index.readTable(never, (step) => steps.push(step));
    const of = world.chain.height - 1;
    assert.deepEqual(steps.at(-1), { done: of, of });
    steps.reduce((before, step) => {
      assert.ok(step.of === of && step.done > before && step.done <= of);
      return step.done;
    }, 0);
  });
});
