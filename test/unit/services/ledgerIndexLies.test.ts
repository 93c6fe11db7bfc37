import assert from 'node:assert/strict';
import fc from 'fast-check';
import { walletPublisher } from '../../../src/core/hex';
import type { AttestedEvent } from '../../../src/core/ledger/types';
import type { LedgerLogs } from '../../../src/core/ports';
import { acme, alice, bob, IndexWorld, mallory, name, repository, tag } from './indexWorld';

type Lie = (events: readonly AttestedEvent[]) => readonly AttestedEvent[];

/** An endpoint that tells `lie` of the entries. */
function telling(lie: Lie): (logs: LedgerLogs) => LedgerLogs {
  return ({ attested, signers }) => ({ attested: lie(attested), signers });
}

function story(): IndexWorld {
  const world = new IndexWorld();
  world.trusted = [acme, walletPublisher(bob)];
  world.chain.attest({ signer: alice, content: 'one' }, { signer: mallory, content: 'bad' }).mine(2);
  world.chain.attest({ signer: alice, content: 'two' }).mine();
  world.chain.attest({ signer: alice, content: 'one', kind: 'revoke' }).mine(5);
  return world;
}

const isOf = (publisher: string) => (event: AttestedEvent) => event.publisher === publisher;
const nameOfMallory = walletPublisher(mallory);

const lies: Readonly<Record<string, Lie>> = {
  'drops a revocation': (events) => events.filter(({ kind }) => kind !== 3),
  'drops the first entry': (events) => events.filter(({ block }) => block > 2),
  'drops a whole history': (events) => events.filter((event) => !isOf(acme)(event)),
  'changes the order': (events) =>
    events.map((event) => (isOf(acme)(event) ? { ...event, block: 9 - event.block } : event)),
  "gives a stranger's entry to a publisher": (events) =>
    events.map((event) => (isOf(nameOfMallory)(event) ? { ...event, publisher: walletPublisher(bob) } : event)),
  "gives a publisher's entry to a stranger": (events) =>
    events.map((event) => (isOf(acme)(event) ? { ...event, publisher: nameOfMallory } : event)),
  'names another signer': (events) => events.map((event) => (event.kind === 3 ? { ...event, signer: mallory } : event)),
  'moves an entry to another name': (events) =>
    events.map((event) => (event.block === 3 ? { ...event, tag: 'old' } : event)),
  'moves an entry to another block': (events) =>
    events.map((event) => (event.block === 3 ? { ...event, block: 4 } : event)),
  'changes a statement': (events) => events.map((event) => (event.block === 3 ? { ...event, body: '0x0100' } : event)),
  'tells of blocks that nobody asked for': (events) =>
    events.map((event) => ({ ...event, block: event.block + 1_000 })),
  'adds an entry': (events) =>
    events.flatMap((event) => (event.kind === 3 ? [event, { ...event, logIndex: 7 }] : [event])),
};

describe('an endpoint that', () => {
  for (const [what, lie] of Object.entries(lies)) {
    it(`${what} leaves the history incomplete`, async () => {
      const world = story();
      world.chain.lie = telling(lie);
      await world.sync();
      const states = world.trusted.map((publisher) => world.stateOf(publisher));
      assert.ok(states.includes('incomplete'), states.join());
      assert.deepEqual(world.view.alarms, []);

      // As soon as it tells the truth, so does the view.
      world.chain.lie = (logs) => logs;
      world.now += 20 * 60_000;
      world.chain.mine();
      await world.sync();
      for (const publisher of world.trusted) world.assertTrue(publisher);
    });
  }

  it('does not answer for a slot leaves the history incomplete', async () => {
    const world = story();
    world.chain.losesSlots = true;
    await world.sync();
    assert.equal(world.stateOf(acme), 'incomplete');
    assert.equal(world.view.slotOf(acme, alice), undefined);
    world.chain.losesSlots = false;
    world.chain.mine();
    await world.sync();
    world.assertTrue();
  });

  it('tells the old again with the new changes nothing', async () => {
    const world = story();
    await world.sync();
    world.chain.lie = telling(() => world.chain.events());
    world.chain.attest({ signer: alice, content: 'three' }).mine(5);
    assert.deepEqual(await world.sync(), ['head', 'logs', 'links']);
    world.assertTrue();
  });

  it('lies once is asked again before anything is said', async () => {
    const world = story();
    let lied = 0;
    world.chain.lie = (logs) => (lied++ < 1 ? telling((events) => events.slice(1))(logs) : logs);
    await world.sync();
    world.assertTrue();
    assert.equal(world.logged.filter((line) => line.includes('reading again')).length, 1);
  });

  it('lost what was final here before is asked for everything, once in a while', async () => {
    const world = story();
    world.chain.mine(5);
    let hasLost = true;
    const { lie } = world.chain;
    world.chain.lie = (logs) =>
      hasLost ? telling((events) => events.filter(({ block }) => block !== 3))(logs) : lie(logs);
    await world.sync();
    assert.equal(world.stateOf(acme), 'incomplete');
    world.chain.mine();
    assert.deepEqual(await world.sync(), ['head', 'logs', 'links']);
    assert.equal(world.stateOf(acme), 'incomplete');
    hasLost = false;
    world.now += 20 * 60_000;
    world.chain.mine();
    await world.sync();
    assert.equal(world.chain.ranges.at(-1)?.fromBlock, 0);
    world.assertTrue();
  });

  it('never makes a history complete that is not the one of the contract', async () => {
    const world = story();
    const events = world.chain.events();
    const edit = fc.record({
      at: fc.nat({ max: events.length - 1 }),
      how: fc.constantFrom<'drop' | 'copy' | 'swap' | 'publisher' | 'signer' | 'kind' | 'block' | 'body' | 'tag'>(
        ...(['drop', 'copy', 'swap', 'publisher', 'signer', 'kind', 'block', 'body', 'tag'] as const),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        const untrue = story();
        untrue.chain.lie = telling((told) => edits.reduce((before, { at, how }) => change(before, at, how), told));
        await untrue.sync();
        for (const publisher of untrue.trusted) {
          if (untrue.stateOf(publisher) === 'complete') untrue.assertTrue(publisher);
        }
      }),
      { numRuns: 200 },
    );
    function change(told: readonly AttestedEvent[], at: number, how: string): readonly AttestedEvent[] {
      const event = told[at];
      if (event === undefined) return told;
      switch (how) {
        case 'drop':
          return told.toSpliced(at, 1);
        case 'copy':
          return [...told, { ...event, logIndex: event.logIndex + 1 }];
        case 'swap':
          return told.toReversed();
        case 'publisher':
          return told.with(at, { ...event, publisher: event.publisher === acme ? nameOfMallory : acme });
        case 'signer':
          return told.with(at, { ...event, signer: bob });
        case 'kind':
          return told.with(at, { ...event, kind: (event.kind % 3) + 1 });
        case 'block':
          return told.with(at, { ...event, block: event.block + 1 });
        case 'body':
          return told.with(at, { ...event, body: '0x01' });
        default:
          return told.with(at, { ...event, repository, tag: `${tag}2` });
      }
    }
  });
});

describe('a chain that is rewritten', () => {
  it('takes entries back that were not final, and nothing is wrong', async () => {
    const world = story();
    world.chain.attest({ signer: alice, content: 'three' }).mine();
    await world.sync();
    assert.equal(world.historyOf(acme)?.attestations.length, 4);
    world.chain.rewind(1).mine(2);
    await world.sync();
    world.assertTrue();
    assert.equal(world.historyOf(acme)?.attestations.length, 3);
    world.chain.attest({ signer: alice, content: 'three' }).mine();
    await world.sync();
    world.assertTrue();
    assert.equal(world.historyOf(acme)?.attestations.at(-1)?.block, world.chain.height);
    assert.deepEqual(world.view.alarms, []);
  });

  it('while it is read is read again', async () => {
    const world = story();
    await world.sync();
    world.chain.attest({ signer: alice, content: 'three' }).mine();
    let isRewritten = false;
    world.chain.beforeAnswer = (call) => {
      if (call !== 'logs' || isRewritten) return;
      isRewritten = true;
      world.chain.rewind(1).attest({ signer: alice, content: 'four' }).mine();
    };
    assert.deepEqual(await world.sync(), ['head', 'logs', 'links', 'head', 'logs', 'links', 'signers']);
    world.assertTrue();
    assert.equal(world.historyOf(acme)?.attestations.length, 4);
  });

  for (const [change, rewrite] of Object.entries({
    vanished: (world: IndexWorld) => world.chain.mine(10),
    differs: (world: IndexWorld) =>
      world.chain
        .attest(
          { signer: alice, content: 'one' },
          { signer: alice, content: 'evil' },
          { signer: alice, content: 'evil' },
        )
        .mine(10),
  })) {
    it(`raises an alarm when a final entry ${change}, until a person has read it`, async () => {
      const world = story();
      await world.sync();
      world.assertTrue();
      const final = world.historyOf(acme)?.attestations.at(-1)?.block;
      world.chain.rewind(8);
      rewrite(world);
      await world.sync();
      world.assertTrue();
      const [alarm] = world.view.alarms;
      assert.ok(alarm);
      assert.deepEqual(alarm, {
        ...{ key: alarm.key, publisher: acme, repository, tag },
        ...{ change, block: final, noticed: world.now },
      });
      assert.ok(world.logged.some((line) => line.startsWith('error') && line.includes(acme)));

      world.chain.mine();
      await world.sync();
      assert.equal(world.view.alarms.length, 1);
      world.restart();
      await world.sync();
      assert.deepEqual(world.view.alarms, [alarm]);
      let changes = 0;
      world.index.onDidChange(() => changes++);
      await world.index.forgetAlarm(alarm.key);
      assert.deepEqual(world.view.alarms, []);
      assert.ok(changes > 0);
      world.chain.mine();
      await world.sync();
      world.restart();
      await world.sync();
      assert.deepEqual(world.view.alarms, []);
      world.assertTrue();
    });
  }

  it('raises no alarm for what was never compared with the contract', async () => {
    const world = story();
    world.chain.lie = telling((events) => events.slice(1));
    await world.sync();
    world.chain.lie = (logs) => logs;
    world.now += 20 * 60_000;
    world.chain.mine();
    await world.sync();
    world.assertTrue();
    assert.deepEqual(world.view.alarms, []);
  });

  it('remembers final entries even when the index on disk is lost', async () => {
    const world = story();
    await world.sync();
    for (const file of world.store.files.keys()) if (file.endsWith('index.json')) world.store.files.delete(file);
    world.restart();
    world.chain.rewind(8).mine(10);
    await world.sync();
    assert.deepEqual(
      world.view.alarms.map(({ change }) => change),
      ['vanished'],
    );
  });
});

describe('a node that is behind', () => {
  it('makes the view incomplete until it has caught up', async () => {
    const world = story();
    await world.sync();
    const lost = world.chain.height;
    world.chain.rewind(6);
    assert.deepEqual(await world.sync(), ['head']);
    assert.equal(world.view.state, 'incomplete');
    assert.equal(world.view.missing, 'behind');
    assert.equal(world.view.head?.number, world.chain.height);
    assert.ok(world.historyOf(acme));
    assert.deepEqual(world.view.alarms, []);
    world.restart();
    assert.deepEqual(await world.sync(), ['head']);
    assert.equal(world.view.missing, 'behind');
    world.chain.attest({ signer: alice, content: 'one', kind: 'revoke' }).mine(lost);
    await world.sync();
    assert.equal(world.view.state, 'complete');
    assert.equal(world.view.missing, undefined);
  });
});

describe('a node that does not answer', () => {
  it('makes the view incomplete, keeps what was read, and heals', async () => {
    const world = story();
    await world.sync();
    world.chain.isDown = true;
    let changes = 0;
    world.index.onDidChange((change) => {
      if (change === 'view') changes++;
    });
    for (let i = 0; i < 3; i++) await assert.rejects(world.sync(), { code: 'nodeUnavailable' });
    assert.equal(changes, 1);
    assert.equal(world.view.state, 'incomplete');
    assert.equal(world.view.missing, 'unavailable');
    assert.equal(world.historyOf(acme)?.attestations.length, 3);
    assert.ok(world.view.head);
    world.chain.isDown = false;
    await world.sync();
    world.assertTrue();
    assert.equal(world.view.missing, undefined);
  });

  it('leaves what is on disk to be seen, and nothing to be relied on', async () => {
    const world = story();
    await world.sync();
    world.restart();
    world.chain.isDown = true;
    await assert.rejects(world.sync());
    assert.equal(world.view.state, 'incomplete');
    assert.equal(world.view.head, undefined);
    assert.equal(world.stateOf(acme, name), 'unchecked');
    assert.equal(world.historyOf(acme)?.attestations.length, 3);
  });
});
