import assert from 'node:assert/strict';
import type { Hex } from '../../../../src/core/hex';
import { toHex, walletPublisher } from '../../../../src/core/hex';
import type { ImageIdentity } from '../../../../src/core/image/identity';
import { leafOf } from '../../../../src/core/ledger/release';
import { encodeStatement } from '../../../../src/core/ledger/statement';
import type { Leaf } from '../../../../src/core/ledger/types';
import type { Verdict } from '../../../../src/core/judging/verdict';
import type { FakeEntry } from '../fakeLedger';
import { statementOf, wallet } from '../fakeLedger';
import { imageOf } from '../fakeEngine';
import { acme, alice, image, never, repository, tag, until, Window } from '../serviceWorld';

const good = imageOf('good');
const digest = good.configDigest ?? 'sha256:';
const uncovered = { repository: 'registry.example.com/others/tool', tag: '1' };
const uncoveredText = `${uncovered.repository}:${uncovered.tag}`;

function bodyOf(...leaves: readonly Leaf[]): Hex {
  return toHex(encodeStatement({ leaves }));
}

function stating(identity: ImageIdentity, entry: Partial<FakeEntry>): FakeEntry {
  return { signer: alice.address, repository, tag, body: bodyOf(leafOf(identity)), ...entry };
}

function flood(count: number, entry: Partial<FakeEntry> = {}): readonly FakeEntry[] {
  return [...Array(count).keys()].map((i) => stating(good, { signer: wallet(10_000 + i), ...entry }));
}

const toldOf = (verdict: Verdict): string => (verdict.kind === 'unknown' ? verdict.missing : verdict.kind);

function newWorld(): Window {
  const world = new Window();
  world.own = [];
  const repoDigests = [repository, uncovered.repository].map((each) => `${each}@${digest}`);
  for (const each of [image, uncoveredText]) world.engine.add(each, good, { repoDigests });
  return world;
}

describe('a digest that strangers name', () => {
  for (const count of [1, 64, 1_000]) {
    for (const order of ['before', 'after'] as const) {
      for (const kind of ['verified', 'revoked'] as const) {
        it(`${count} times ${order} its publisher is still ${kind} under the publisher’s name`, async () => {
          const world = newWorld();
          const strangers = flood(count, { tag: 'theirs' });
          if (order === 'before') world.chain.attest(...strangers).mine();
          world.chain.attest(stating(good, { tag: 'own' })).mine();
          if (kind === 'revoked') {
            world.chain.setSlot(acme, alice.address, { voidFrom: 1 });
            world.chain.mine();
          }
          if (order === 'after') world.chain.attest(...strangers).mine();
          world.chain.mine(5);
          assert.equal(toldOf(await world.verdictOnReference(`${repository}@${digest}`)), kind);
        });
      }
    }
  }

  it('is unknown where so many do that not all could be looked at, and no accepted publisher is found', async () => {
    const world = newWorld();
    world.chain.attest(...flood(70, { tag: 'theirs' })).mine(5);
    assert.equal(toldOf(await world.verdictOnReference(`${repository}@${digest}`)), 'strangersLeftOut');
  });

  it('is found under the name of whom a rule comes to name, who was left out before', async () => {
    const world = newWorld();
    const late = wallet(10_069);
    world.chain.attest(...flood(70, { tag: 'theirs' })).mine(5);
    await world.verdictOnReference(`${repository}@${digest}`);
    world.rules = world.rules.map((rule) => ({ ...rule, publishers: [walletPublisher(late)] }));
    assert.equal(toldOf(await world.verdictOnReference(`${repository}@${digest}`)), 'verified');
  });
});

describe('a name that strangers flood', () => {
  it('stays unsigned where a rule covers it', async () => {
    const world = newWorld();
    assert.equal(toldOf(await world.verdict()), 'unsigned');
    const body = bodyOf(leafOf(imageOf('evil')));
    world.chain.attest(...flood(1_001, { body })).mine(5);
    world.chain.attest(...flood(1_001, { body, signer: wallet(7) })).mine(5);
    assert.equal(toldOf(await world.verdict()), 'unsigned');
    assert.equal(toldOf(await world.verdictOnReference(image)), 'unsigned');
  });

  for (const position of [0, 500, 1_000]) {
    it(`is never unsigned where no rule covers it and an honest stranger is number ${position} of 1,001`, async () => {
      const world = newWorld();
      const others = flood(1_000, { ...uncovered, body: bodyOf(leafOf(imageOf('evil'))) });
      const honest = stating(good, { signer: wallet(5), ...uncovered });
      world.chain.attest(...others.slice(0, position), honest, ...others.slice(position)).mine(5);
      for (const verdict of [await world.verdict(uncoveredText), await world.verdictOnReference(uncoveredText)]) {
        assert.ok(['untrusted', 'strangersLeftOut'].includes(toldOf(verdict)), toldOf(verdict));
      }
    });
  }

  it('is unknown where no rule covers it and more state the content than are heard', async () => {
    const world = newWorld();
    world.chain.attest(...flood(1_001, uncovered)).mine(5);
    assert.ok(['untrusted', 'strangersLeftOut'].includes(toldOf(await world.verdict(uncoveredText))));
  });

  it('says so also while others ask about it', async () => {
    const world = newWorld();
    world.chain.attest(...flood(70, { ...uncovered, body: bodyOf(leafOf(imageOf('evil'))) })).mine(5);
    const verdicts = await Promise.all([
      world.verdict(uncoveredText),
      world.verdictOnReference(uncoveredText),
      world.verdict(uncoveredText),
      world.verdictOnReference(uncoveredText),
    ]);
    for (const verdict of verdicts) assert.equal(toldOf(verdict), 'strangersLeftOut');
  });
});

describe('a stranger who writes much', function () {
  this.timeout(120_000);
  /** 13 KB of leaves, which name the good image too. */
  const leaves = [...Array(99).keys()].flatMap((i) => statementOf(`${i}`).leaves);
  const bodies = [...Array(250).keys()].map((i) => {
    const { indexDigest } = statementOf(`${i}`);
    const others = leaves.map((leaf, j) => ({ ...leaf, platform: { ...leaf.platform, osVersion: `${j}` } }));
    return toHex(encodeStatement({ leaves: [leafOf(good), ...others], ...(indexDigest && { indexDigest }) }));
  });

  for (const [what, name] of Object.entries({
    'a covered name': { repository, tag },
    'a name that no rule covers': uncovered,
  })) {
    it(`under ${what} fills neither memory nor disk nor what is read`, async () => {
      const world = newWorld();
      let written = 0;
      for (let stranger = 0; stranger < 4; stranger++) {
        world.chain.attest(...bodies.map((body) => ({ signer: wallet(20_000 + stranger), ...name, body }))).mine();
        written += bodies.reduce((sum, body) => sum + body.length / 2, 0);
      }
      world.chain.mine(5);
      assert.ok(written > 5_000_000, `${written}`);
      await world.verdict();
      await world.verdictOnReference(uncoveredText);
      await world.index.readTable(never);
      // The table reads everything once; it keeps where things are.
      world.chain.bytesRead = 0;
      await world.verdict();
      await world.verdictOnReference(uncoveredText);
      assert.equal(world.chain.bytesRead, 0);
      await world.index.flush();
      const kept = world.files('ledgers').reduce((sum, file) => sum + (world.store.files.get(file)?.length ?? 0), 0);
      assert.ok(kept < 2_500_000, `${kept}`);
      const heard = world.index.view().historiesOf(name.repository, name.tag);
      assert.equal(heard.length, 0);
    });
  }

  it('is read whole by who asks for the history of the name, and not kept on disk', async () => {
    const world = newWorld();
    const stranger = wallet(20_000);
    world.chain.attest(
      stating(good, {}),
      ...bodies.map((body) => ({ signer: stranger, ...{ repository, tag }, body })),
    );
    world.chain.mine(5);
    world.index.use([{ repository, tag }], await world.index.publishersOf({ repository, tag }, never));
    await world.index.sync(never);
    const told = new Map(
      world.index
        .view()
        .historiesOf(repository, tag)
        .map(({ publisher, attestations }) => [publisher, attestations.length]),
    );
    assert.deepEqual([told.get(acme), told.get(walletPublisher(stranger))], [1, bodies.length]);
    await world.index.flush();
    const kept = world
      .files('ledgers')
      .filter((file) => file.includes('/histories/'))
      .map((file) => world.store.files.get(file)?.length ?? 0);
    assert.equal(kept.length, 1);
    assert.ok((kept[0] ?? 0) < 10_000, String(kept));
  });
});

describe('a verdict on a name that a rule covers', () => {
  it('never waits for the table', async () => {
    const world = newWorld();
    world.chain.attest(stating(good, {})).mine(5);
    world.index.readTable = () => new Promise<void>(() => undefined);
    assert.equal(toldOf(await world.verdictOnReference(image)), 'verified');
    world.chain.calls = [];
    world.engine.remove(digest);
    world.engine.add(image, good);
    assert.equal(toldOf(await world.verdict()), 'verified');
    assert.equal(world.index.table.finalBlock, -1);
  });

  it('costs the same whatever else the ledger holds, and the next session reads no logs for it', async () => {
    const costs: number[][] = [];
    for (const others of [0, 10, 2_000]) {
      const world = newWorld();
      world.engine.remove(digest);
      world.engine.add(image, good);
      for (let i = 0; i < others; i++) world.chain.attest({ signer: wallet(30_000 + i), ...uncovered, tag: `${i}` });
      world.chain.mine().attest(stating(good, {})).mine(30);
      world.chain.calls = [];
      world.chain.bytesRead = 0;
      assert.equal(toldOf(await world.verdict()), 'verified');
      costs.push([world.chain.calls.length, world.chain.bytesRead]);
      await world.index.flush();
      const next = new Window(world);
      next.own = [];
      world.chain.calls = [];
      world.chain.ranges = [];
      assert.equal(toldOf(await next.verdict()), 'verified');
      assert.deepEqual(world.chain.ranges, []);
      costs.push([world.chain.calls.length]);
    }
    assert.deepEqual(costs.slice(2, 4), costs.slice(0, 2));
    assert.deepEqual(costs.slice(4, 6), costs.slice(0, 2));
  });
});

describe('a window that does not wait for the table', () => {
  it('says that it is being read, reads it at once, and asks again when it was, however short ago it was read before', async () => {
    const window = new Window(undefined, false);
    window.rules = [];
    window.own = [];
    window.engine.add(image, good, { origin: 'registry' });
    let wasTold = false;
    const listening = window.verification.onDidChange(() => (wasTold ||= window.index.table.finalBlock >= 0));
    const missing = async (): Promise<string> => {
      const verdict = await window.verdict();
      return verdict.kind === 'unknown' ? verdict.missing : verdict.kind;
    };
    // Nothing is final yet, so that there is nothing to read.
    assert.equal(await missing(), 'unsigned');
    window.chain.mine(5);
    assert.equal(await missing(), 'stillReading');
    await until('the table was read, and that was told', () => wasTold);
    assert.equal(await missing(), 'unsigned');
    listening.dispose();
  });
});
