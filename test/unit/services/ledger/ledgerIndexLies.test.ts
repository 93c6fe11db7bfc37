import assert from 'node:assert/strict';
import fc from 'fast-check';
import { walletPublisher } from '../../../../src/core/hex';
import { zeroWord } from '../../../../src/core/ledger/link';
import type { AttestedEvent } from '../../../../src/core/ledger/types';
import type { FakeLedger } from '../fakeLedger';
import { acme, alice, bob, IndexWorld, mallory, name, repository, tag } from '../indexWorld';
import type { LedgerLogs } from '../../../../src/core/ports/ledger';

type Lie = (events: readonly AttestedEvent[]) => readonly AttestedEvent[];

const ab = `0x${'ab'.repeat(32)}` as const;

/** An endpoint that tells `lie` of the entries. */
function telling(lie: Lie): (logs: LedgerLogs) => LedgerLogs {
  return ({ attested, signers }) => ({ attested: lie(attested), signers });
}

/** `blocks` to the head: near enough, and all of them are read at once; else the changes of the links are looked for. */
function story(blocks = 5): IndexWorld {
  const world = new IndexWorld();
  world.trusted = [acme, walletPublisher(bob)];
  world.chain.attest({ signer: alice, content: 'one' }, { signer: mallory, content: 'bad' }).mine(2);
  world.chain.attest({ signer: alice, content: 'two' }).mine();
  world.chain.attest({ signer: alice, content: 'one', kind: 'revoke' }).mine(blocks);
  return world;
}

const isOf = (publisher: string) => (event: AttestedEvent) => event.publisher === publisher;
const nameOfMallory = walletPublisher(mallory);

const lies: Readonly<Record<string, Lie>> = {
  'drops a revocation': (events) => events.filter(({ kind }) => kind !== 3),
  'drops the first entry': (events) => events.filter(({ block }) => block > 2),
  'drops an entry in the middle': (events) => events.filter(({ block }) => block !== 3),
  'drops a whole history': (events) => events.filter((event) => !isOf(acme)(event)),
  'tells nothing': () => [],
  'changes the order': (events) =>
    events.map((event) => (isOf(acme)(event) ? { ...event, block: 9 - event.block } : event)),
  "gives a publisher's entry to a stranger": (events) =>
    events.map((event) => (isOf(acme)(event) ? { ...event, publisher: nameOfMallory } : event)),
  'names another signer': (events) => events.map((event) => (event.kind === 3 ? { ...event, signer: mallory } : event)),
  'makes a vouch of a statement': (events) => events.map((event) => (event.kind === 1 ? { ...event, kind: 2 } : event)),
  'makes a statement of a revocation': (events) =>
    events.map((event) => (event.kind === 3 ? { ...event, kind: 1 } : event)),
  'names a kind that there is not': (events) => events.map((event) => ({ ...event, kind: 9 })),
  'prolongs a statement': (events) => events.map((event) => ({ ...event, validUntil: 2n ** 63n })),
  'dates an entry back': (events) => events.map((event) => ({ ...event, time: event.time - 1 })),
  'moves an entry to another name': (events) =>
    events.map((event) => (event.block === 3 ? { ...event, tag: 'old' } : event)),
  'moves an entry to another block': (events) =>
    events.map((event) => (event.block === 3 ? { ...event, block: 2 } : event)),
  'changes a statement': (events) => events.map((event) => (event.block === 3 ? { ...event, body: '0x0100' } : event)),
  'empties a body': (events) => events.map((event) => ({ ...event, body: '0x' })),
  'names another link before': (events) => events.map((event) => ({ ...event, previous: ab })),
  'hashes the name otherwise': (events) => events.map((event) => (event.kind === 3 ? { ...event, name: ab } : event)),
  'tells of blocks that nobody asked for': (events) =>
    events.map((event) => ({ ...event, block: event.block + 1_000 })),
  'adds an entry': (events) =>
    events.flatMap((event) => (event.kind === 3 ? [event, { ...event, logIndex: 7 }] : [event])),
  'tells two things of one place': (events) =>
    events.flatMap((event) => (event.kind === 3 ? [event, { ...event, body: '0x01' as const }] : [event])),
};

describe('an endpoint that', () => {
  for (const [what, lie] of Object.entries(lies)) {
    for (const far of [false, true]) {
      it(`${what} ${far ? 'long ago' : 'lately'} leaves the history incomplete`, async () => {
        const world = story(far ? 40 : 5);
        world.chain.lie = telling(lie);
        await world.sync();
        assert.equal(world.stateOf(acme), 'incomplete');
        assert.equal(world.view.contradiction, undefined);

        // As soon as it tells the truth, so does the view.
        world.chain.lie = (logs) => logs;
        world.now += 20 * 60_000;
        world.chain.mine();
        await world.sync();
        for (const publisher of world.trusted) world.assertTrue(publisher);
      });
    }
  }

  it("gives a stranger's entry to a publisher who said nothing is not believed", async () => {
    const world = story();
    world.chain.lie = telling((events) =>
      events.map((event) => (isOf(nameOfMallory)(event) ? { ...event, publisher: walletPublisher(bob) } : event)),
    );
    await world.sync();
    for (const publisher of world.trusted) world.assertTrue(publisher);
    assert.equal(world.historyOf(walletPublisher(bob)), undefined);
  });

  for (const [what, lie] of Object.entries<FakeLedger['lieOfPast']>({
    'says that links never were': () => zeroWord,
    'says that links were always as they are': () => ab,
    'changes its mind about links at each block': (_, { block }) => `0x${block.toString(16).padStart(64, '0')}`,
    'forgets old links': (word, { block }) => (block < 20 ? zeroWord : word),
    'gives later links too early': (word, { block }) => (block < 3 ? ab : word),
  })) {
    it(`${what} makes nothing of it`, async () => {
      const world = story(400);
      world.chain.lieOfPast = lie;
      await world.sync();
      if (world.stateOf(acme) === 'complete') world.assertTrue();
      world.chain.lieOfPast = (word) => word;
      world.now += 20 * 60_000;
      world.chain.mine();
      await world.sync();
      world.assertTrue();
    });
  }

  for (const [what, lie] of Object.entries<(chain: FakeLedger) => void>({
    'does not answer for a slot': (chain) => (chain.losesSlots = true),
    'does not answer for a link': (chain) => (chain.losesLinks = true),
    'has no blocks by their numbers': (chain) => (chain.lieOfBlock = () => undefined),
    'has other blocks by their numbers': (chain) => (chain.lieOfBlock = (block) => block && { ...block, hash: ab }),
    'gives blocks of other numbers': (chain) => (chain.lieOfBlock = (block) => block && { ...block, number: 0 }),
    'names a head that there is not': (chain) => (chain.lieOfHead = (block) => ({ ...block, hash: ab })),
    'is a million blocks ahead': (chain) =>
      (chain.lieOfHead = (block) => ({ ...block, hash: ab, number: block.number + 1_000_000 })),
    'gives its head another number': (chain) =>
      (chain.lieOfHead = (block) => ({ ...block, number: block.number + 1_000_000 })),
  })) {
    it(`${what} leaves the view incomplete, and nothing remembered`, async () => {
      const world = story();
      const { lieOfBlock, lieOfHead } = world.chain;
      lie(world.chain);
      await world.sync().catch(() => undefined);
      if (what !== 'gives blocks of other numbers' && what !== 'gives its head another number') {
        assert.notEqual(world.view.state, 'complete');
      }
      await world.index.flush();
      Object.assign(world.chain, { lieOfBlock, lieOfHead, losesSlots: false, losesLinks: false });
      world.restart();
      world.chain.mine();
      await world.sync();
      world.assertTrue();
      assert.equal(world.view.contradiction, undefined);
    });
  }

  it('tells the old again with the new changes nothing', async () => {
    const world = story();
    await world.sync();
    world.chain.lie = telling(() => world.chain.events());
    world.chain.attest({ signer: alice, content: 'three' }).mine(5);
    await world.sync();
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

  it('lost what was final is asked for everything, once in a while', async () => {
    const world = story(40);
    let hasLost = true;
    world.chain.lie = (logs) => (hasLost ? telling((events) => events.filter(({ block }) => block !== 3))(logs) : logs);
    await world.sync();
    assert.equal(world.stateOf(acme), 'incomplete');
    world.chain.mine();
    const calls = await world.sync();
    assert.equal(calls.filter((call) => call === 'links').length, 1, calls.join());
    assert.equal(world.stateOf(acme), 'incomplete');
    hasLost = false;
    world.now += 20 * 60_000;
    world.chain.mine();
    await world.sync();
    world.assertTrue();
  });

  it('never makes a history complete that is not the one of the contract', async () => {
    const events = story().chain.events();
    const edit = fc.record({
      at: fc.nat({ max: events.length - 1 }),
      how: fc.constantFrom<'drop' | 'copy' | 'swap' | 'publisher' | 'signer' | 'kind' | 'block' | 'body' | 'tag'>(
        ...(['drop', 'copy', 'swap', 'publisher', 'signer', 'kind', 'block', 'body', 'tag'] as const),
      ),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(edit, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(5, 40),
        async (edits, blocks) => {
          const untrue = story(blocks);
          untrue.chain.lie = telling((told) => edits.reduce((before, { at, how }) => change(before, at, how), told));
          await untrue.sync();
          for (const publisher of untrue.trusted) {
            if (untrue.stateOf(publisher) === 'complete') untrue.assertTrue(publisher);
          }
        },
      ),
      { numRuns: 100 },
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
    assert.equal(world.view.contradiction, undefined);
  });

  for (const call of ['links', 'logs', 'signers', 'block below', 'block head']) {
    it(`at ${call} is read again`, async () => {
      const world = story();
      await world.sync();
      world.chain.attest({ signer: alice, content: 'three' }).mine();
      let isRewritten = false;
      world.chain.beforeAnswer = (each) => {
        if (each !== call || isRewritten) return;
        isRewritten = true;
        world.chain.rewind(1).attest({ signer: alice, content: 'four' }).mine();
      };
      await world.sync();
      await world.sync();
      world.assertTrue();
      assert.equal(world.view.head?.hash, (await world.chain.head(new AbortController().signal)).hash);
      assert.equal(world.historyOf(acme)?.attestations.length, 4);
      assert.equal(world.view.contradiction, undefined);
    });
  }

  it('again and again while it is read leaves the view incomplete', async () => {
    const world = story();
    await world.sync();
    world.chain.mine(2);
    world.chain.beforeAnswer = (call) => {
      if (call === 'block below') world.chain.rewind(1).mine();
    };
    await world.sync();
    assert.equal(world.view.state, 'incomplete');
    world.chain.beforeAnswer = () => undefined;
    await world.sync();
    world.assertTrue();
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
    assert.equal(world.view.contradiction, undefined);
    await world.index.flush();
    world.restart();
    assert.deepEqual(await world.sync(), ['head']);
    assert.equal(world.view.missing, 'behind');
    // Not the chain that it was: as soon as it is long enough, that shows.
    world.chain.mine(lost);
    await world.sync();
    assert.equal(world.view.missing, 'contradicted');
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

  it('leaves nothing to be relied on', async () => {
    const world = story();
    await world.sync();
    await world.index.flush();
    world.restart();
    world.chain.isDown = true;
    await assert.rejects(world.sync());
    assert.equal(world.view.state, 'incomplete');
    assert.equal(world.view.head, undefined);
    assert.equal(world.stateOf(acme, name), 'unchecked');
  });
});
