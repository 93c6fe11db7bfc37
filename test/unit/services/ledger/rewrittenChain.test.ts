import assert from 'node:assert/strict';
import { goneText, memoryProblemText } from '../../../../src/words/contradictionText';
import type { Gone } from '../../../../src/core/ledger/indexView';
import { encodeStatement } from '../../../../src/core/ledger/statement';
import { leafOf } from '../../../../src/core/ledger/release';
import { toHex } from '../../../../src/core/hex';
import { english } from '../../words/localizers';
import { imageOf } from '../fakeEngine';
import { acme, alice, image, mallory, never, repository, ruleOf, stranger, tag, until, Window } from '../serviceWorld';

const organization = `0x${'c0'.repeat(32)}` as const;
const good = imageOf('good');
const digest = good.configDigest ?? 'sha256:';
const names = [image, 'registry.example.com/others/tool:1', `${repository}@${digest}`];

/** Whatever is asked about. */
async function kindsIn(world: Window): Promise<ReadonlySet<string>> {
  const { rows } = await world.verification.judgeAll(never);
  const references = await world.verification.judgeReferences(
    names.map((text) => ({ text })),
    never,
  );
  const byId = await world.verification.reason({ text: digest }, never);
  const verdicts = [...rows, ...references, byId.judged].map(({ verdict }) => verdict);
  return new Set(verdicts.map((each) => (each.kind === 'unknown' ? each.missing : each.kind)));
}

function newWorld(): Window {
  const world = new Window();
  world.engine.add(image, good);
  world.engine.add('registry.example.com/others/tool:1', imageOf('other'));
  world.rules = [ruleOf(world.chain, [organization, acme], { level: 'enforce' })];
  world.chain.setSlot(organization, alice.address, { notBefore: 1 });
  world.chain.mine();
  return world;
}

const entry = {
  ...{ publisher: organization, signer: alice.address, repository, tag },
  body: toHex(encodeStatement({ leaves: [leafOf(good)] })),
};
const again = (world: Window): Window => new Window(world);

/** Stories in which something final is gone from a longer chain; how many blocks are rewritten. */
const stories: Readonly<Record<string, { readonly tell: (world: Window) => void; readonly gone: string }>> = {
  'a revocation of a signer': {
    tell: ({ chain }) => {
      chain.attest(entry).mine(2);
      chain.setSlot(organization, alice.address, { notBefore: 1, voidFrom: 1, isScoped: false }).mine(5);
    },
    gone: `the revocation of the signer ${alice.address} of ${organization}`,
  },
  'a revocation of content': {
    tell: ({ chain }) => {
      chain.attest(entry).mine(2);
      chain.attest({ ...entry, kind: 'revoke', content: 'x', body: '0x' }).mine(5);
    },
    gone: `a revocation of ${image} by ${organization}, in block 4`,
  },
  'a statement': {
    tell: ({ chain }) => {
      chain.mine(2).attest(entry).mine(5);
    },
    gone: `a statement about ${image} by ${organization}, in block 4`,
  },
  'the end of a wallet': {
    tell: ({ chain }) => {
      chain.attest({ ...entry, publisher: acme }).mine(2);
      chain.setSlot(acme, alice.address, { notBefore: 0, notAfter: 3 }).mine(5);
    },
    gone: `the end of the wallet ${alice.address}`,
  },
};

/** What is in the next block. */
const takings: Readonly<Record<string, { readonly take: (world: Window) => void }>> = {
  'the revocation of a signer': {
    take: ({ chain }) => chain.setSlot(organization, alice.address, { notBefore: 1, voidFrom: 1, isScoped: false }),
  },
  'a revocation of content': {
    take: ({ chain }) => chain.attest({ ...entry, kind: 'revoke', content: 'x', body: '0x' }),
  },
};

describe('a chain that was rewritten below what was final', () => {
  for (const [what, { tell, gone }] of Object.entries(stories)) {
    it(`without ${what} lets nothing be judged until a person has read it`, async () => {
      const world = newWorld();
      tell(world);
      await world.verdict();
      await world.index.flush();
      const word = world.store.files.get(world.files('ledgers').find((name) => name.endsWith('/final.json')) ?? '');
      world.chain.rewind(5).mine(9);

      const isContradicted = new Set(['historyContradicted']);
      assert.deepEqual(await kindsIn(world), isContradicted);
      const next = again(world);
      next.rules = world.rules;
      assert.deepEqual(await kindsIn(next), isContradicted);
      world.chain.mine(50);
      assert.deepEqual(await kindsIn(next), isContradicted);
      await next.index.flush();
      // What was remembered is there as it was.
      const now = world.store.files.get(world.files('ledgers').find((name) => name.endsWith('/final.json')) ?? '');
      assert.deepEqual(now, word);

      const { contradiction } = next.index.view();
      assert.ok(contradiction);
      const told = await next.index.memory.gone(world.chain, never);
      assert.ok(goneText(contradiction, told, english).includes(`- ${gone}\n`), goneText(contradiction, told, english));
      assert.equal(await next.index.settle(`0x${'ab'.repeat(32)}`, never), false);
      assert.equal(await next.index.settle(contradiction.found, never), true);
      assert.ok(!(await kindsIn(next)).has('historyContradicted'));
      assert.deepEqual(
        world.files('ledgers').filter((name) => name.endsWith('/aside/1800000000000-final.json')).length,
        1,
      );
      // The other window learns of it, and settles nothing twice.
      assert.ok(!(await kindsIn(world)).has('historyContradicted'));
      const last = again(world);
      last.rules = world.rules;
      assert.ok(!(await kindsIn(last)).has('historyContradicted'));
    });
  }

  it('is one for windows that remember less than another, and the higher word is not overwritten', async () => {
    const world = newWorld();
    world.chain.attest(entry).mine(5);
    await world.verdict();
    await world.index.flush();
    // Another one reads on, and ends.
    const command = again(world);
    world.chain.mine(10);
    await command.verdict();
    await command.index.flush();
    // Below what this window has read nothing has changed.
    world.chain.rewind(6).mine(20);
    assert.equal((await world.verdict()).kind, 'unknown');
    assert.equal(world.index.view().missing, 'contradicted');
  });

  for (const [what, { take }] of Object.entries(takings)) {
    it(`is one for a window under which ${what} became final soon after it had opened`, async () => {
      const world = newWorld();
      world.chain.attest(entry).mine(5);
      take(world);
      world.chain.mine(2);
      const opened = again(world);
      opened.rules = world.rules;
      assert.notEqual((await opened.verdict()).kind, 'verified');
      // The blocks that it has seen follow each other do not reach down to the final one yet.
      world.chain.mine();
      assert.notEqual((await opened.verdict()).kind, 'verified');
      world.chain.rewind(3).mine(9);
      assert.equal((await opened.verdict()).kind, 'unknown');
      assert.equal(opened.index.view().missing, 'contradicted');
    });
  }

  for (const [what, { take }] of Object.entries(takings)) {
    it(`is one for whoever opens after a window that was killed when ${what} had just become final`, async () => {
      const world = newWorld();
      world.chain.attest(entry).mine(5);
      await world.verdict();
      await world.index.flush();
      take(world);
      world.chain.mine();
      const block = world.chain.height;
      for (let more = 0; more < 3; more++) {
        assert.notEqual((await world.verdict()).kind, 'verified');
        world.chain.mine();
      }
      // Nobody closes it in order: only what is on disk by itself is left.
      const file = world.files('ledgers').find((name) => name.endsWith('/final.json')) ?? '';
      const onDisk = (): string => new TextDecoder().decode(world.store.files.get(file));
      await until('the final block is on disk', () => Number(/"number": ?(\d+)/.exec(onDisk())?.[1]) >= block);
      world.chain.rewind(4).mine(9);
      const next = again(world);
      next.rules = world.rules;
      assert.equal((await next.verdict()).kind, 'unknown');
      assert.equal(next.index.view().missing, 'contradicted');
    });
  }

  it('is searched for strangers anew by a window, when another has settled it', async () => {
    const world = newWorld();
    world.rules = [];
    world.chain.mine(6);
    assert.equal((await world.verdict()).kind, 'unsigned');
    await world.index.flush();
    world.chain
      .rewind(5)
      .attest({ ...entry, publisher: stranger, signer: mallory.address })
      .mine(5);
    assert.equal((await world.verdict()).kind, 'unknown');
    const other = again(world);
    await other.index.sync(never);
    assert.equal(await other.index.settle(other.index.view().contradiction?.found ?? '', never), true);
    assert.equal((await world.verdict()).kind, 'untrusted');
  });

  it('is one at once for a window, when another has noticed it', async () => {
    const world = newWorld();
    world.chain.attest(entry).mine(9);
    await world.verdict();
    await world.index.flush();
    const first = again(world);
    first.rules = world.rules;
    assert.equal((await first.verdict()).kind, 'verified');
    world.chain.rewind(8).mine(12);
    await world.verdict();
    assert.equal(world.index.view().missing, 'contradicted');
    await first.index.sync(never);
    assert.equal(first.index.view().missing, 'contradicted');
  });

  it('and put back as it was is told as that, and nothing of the memory is lost by settling', async () => {
    const world = newWorld();
    world.chain.attest(entry).mine(9);
    await world.verdict();
    await world.index.flush();
    const right = world.chain.blocks();
    world.chain.rewind(8).mine(12);
    await world.verdict();
    assert.equal(world.index.view().missing, 'contradicted');
    world.chain.putBack(right);
    await world.verdict();
    const { contradiction } = world.index.view();
    assert.ok(contradiction);
    assert.equal(contradiction.found, contradiction.remembered.hash);
    assert.match(goneText(contradiction, await world.index.memory.gone(world.chain, never), english), /this one again/);
    assert.equal(await world.index.settle(contradiction.found, never), true);
    assert.equal((await world.verdict()).kind, 'verified');
    assert.ok(world.files('ledgers').some((name) => name.endsWith('/final.json')));
    world.chain.rewind(8).mine(12);
    await world.verdict();
    assert.equal(world.index.view().missing, 'contradicted');
  });

  it('while a person reads is not settled for the chain that they have not read', async () => {
    const world = newWorld();
    world.chain.attest(entry).mine(9);
    await world.verdict();
    await world.index.flush();
    world.chain.rewind(8).mine(12);
    await world.verdict();
    const read = world.index.view().contradiction?.found ?? '';
    world.chain.rewind(12).mine(14);
    assert.equal(await world.index.settle(read, never), false);
    assert.equal((await world.verdict()).kind, 'unknown');
    const now = world.index.view().contradiction?.found ?? '';
    assert.notEqual(now, read);
    assert.equal(await world.index.settle(now, never), true);
  });

  it('is told in whole by what was kept of many names', async () => {
    const world = newWorld();
    const all = [...Array(40).keys()].map((i) => ({ ...entry, tag: `t${i}` }));
    world.chain.attest(...all).mine(5);
    world.index.use(all.map((each) => ({ repository, tag: each.tag })));
    await world.verdict();
    await world.index.flush();
    world.chain.rewind(5).mine(9);
    const next = again(world);
    await next.verdict();
    world.chain.calls = [];
    const gone = await next.index.memory.gone(world.chain, never);
    const tags = gone.flatMap((each: Gone) => (each.what === 'entry' ? [each.entry.tag] : []));
    assert.equal(new Set(tags).size, 40);
  });
});

describe('copies that are put back', () => {
  it('of the data folder, with the node’s newer chain, contradict nothing', async () => {
    const world = newWorld();
    world.chain.attest(entry).mine(5);
    await world.verdict();
    await world.index.flush();
    const copy = new Map(world.store.files);
    world.chain.setSlot(organization, alice.address, { notBefore: 1, voidFrom: 1, isScoped: false }).mine(30);
    await world.verdict();
    await world.index.flush();
    world.store.files.clear();
    for (const [name, bytes] of copy) world.store.files.set(name, bytes);
    const next = again(world);
    next.rules = world.rules;
    assert.equal((await next.verdict()).kind, 'revoked');
    assert.deepEqual(next.index.memory.problems, []);
    // Also below a window that runs on.
    assert.equal(world.index.view().state, 'complete');
    await world.verdict();
    assert.equal(world.index.view().state, 'complete');
  });

  it('of the node’s chain, with a newer data folder, are behind while they are shorter, and contradict when they are longer', async () => {
    const world = newWorld();
    world.chain.attest(entry).mine(20);
    await world.verdict();
    await world.index.flush();
    const next = again(world);
    next.rules = world.rules;
    world.chain.rewind(10);
    const early = await next.verdict();
    assert.equal(early.kind === 'unknown' && early.missing, 'ledgerIncomplete');
    world.chain.mine(10);
    const late = await next.verdict();
    assert.equal(late.kind === 'unknown' && late.missing, 'historyContradicted');
  });
});

describe('what is told of a damaged memory', () => {
  it('is a sentence for each file', () => {
    const told = (['final', 'contradiction', 'histories'] as const).map((each) => memoryProblemText(each, english));
    assert.equal(new Set(told).size, 3);
  });
});
