import assert from 'node:assert/strict';
import { sha256Digest } from '../../../../src/core/image/digest';
import { digestMark } from '../../../../src/core/ledger/ledgerRow';
import { statementOf } from '../fakeLedger';
import { acme, alice, bob, IndexWorld, repository, tag } from '../indexWorld';

const never = new AbortController().signal;

async function saved(): Promise<IndexWorld> {
  const world = new IndexWorld();
  world.chain
    .attest({ signer: alice, content: 'one', validUntil: 2n ** 64n - 1n }, { signer: bob, kind: 'vouch' })
    .mine();
  world.chain.attest({ signer: alice, content: 'one', kind: 'revoke' }, { signer: alice, body: '0x00' }).mine(8);
  world.chain.attest({ signer: alice, content: 'not final' }).mine();
  await world.sync();
  await world.index.readTable(never);
  await world.index.flush();
  return world;
}

function fileOf(world: IndexWorld, end: string | RegExp): string {
  const isIt = (name: string): boolean => (typeof end === 'string' ? name.endsWith(end) : end.test(name));
  const name = [...world.store.files.keys()].find((each) => isIt(each) && !each.includes('/aside/'));
  assert.ok(name, `no ${String(end)} was written`);
  return name;
}

/** A file whose digest is right and whose content is not. */
function forged(change: (text: string) => string, bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  const before = text.slice(text.indexOf('\n') + 1);
  const payload = change(before);
  assert.notEqual(payload, before);
  return new TextEncoder().encode(`${sha256Digest(new TextEncoder().encode(payload))}\n${payload}`);
}

const damages: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  'is empty': () => new Uint8Array(),
  'ends early': (bytes) => bytes.subarray(0, bytes.length >> 1),
  'has one bit changed': (bytes) => bytes.with(bytes.length - 9, (bytes[bytes.length - 9] ?? 0) ^ 1),
  'goes on after its end': (bytes) => new Uint8Array([...bytes, 32]),
  'is of another version': (bytes) => forged((text) => text.replace('"version":2', '"version":1'), bytes),
  'has a field more': (bytes) => forged((text) => text.replace('"version":2', '"version":2,"more":1'), bytes),
  'has a number that is none': (bytes) => forged((text) => text.replace(/:\d+/, ':"1e3"'), bytes),
  'has hashes in capitals': (bytes) =>
    forged((text) => text.replace(/0x[0-9a-f]{64}/, (hash) => hash.toUpperCase()), bytes),
  'is no JSON': (bytes) => forged(() => '{', bytes),
  'is no text': (bytes) => bytes.map((byte) => byte ^ 0xff),
  'is a megabyte of nothing': () => new Uint8Array(2 ** 20),
};

describe('what is kept of a ledger', () => {
  it('spares the next session what is final', async () => {
    const world = await saved();
    const before = world.view.historiesOf(repository, tag);
    world.restart();
    assert.deepEqual(await world.sync(), [
      'head',
      'links',
      'logs',
      'signers',
      'block below',
      'block below',
      'block head',
    ]);
    assert.deepEqual(
      world.chain.ranges.map(({ fromBlock }) => fromBlock),
      [3],
    );
    assert.deepEqual(world.view.historiesOf(repository, tag), before);
    world.assertTrue();
    world.chain.mine(5);
    await world.sync();
    await world.index.flush();
    world.restart();
    await world.sync();
    assert.deepEqual(world.chain.ranges, []);
    world.assertTrue();
    assert.deepEqual(
      world.logged.filter((line) => /^(warn|error)/.test(line)),
      [],
    );
  });

  it('holds nothing that is not final, and is written only when something new is', async () => {
    const world = await saved();
    const file = fileOf(world, /histories/);
    const text = (): string => new TextDecoder().decode(world.store.files.get(file));
    assert.equal(world.historyOf(acme)?.attestations.length, 4);
    assert.equal(text().match(/"0x[0-9a-f]{64}","0x[0-9a-f]{40}"/g)?.length, 3);
    world.store.writes = [];
    world.chain.mine();
    await world.sync();
    assert.equal(world.store.writes.length, 0);
    world.chain.mine();
    await world.sync();
    await world.index.flush();
    assert.ok(world.store.writes.includes(file));
    assert.equal(text().match(/"0x[0-9a-f]{64}","0x[0-9a-f]{40}"/g)?.length, 4);
    world.store.writes = [];
    world.chain.mine(1_000);
    await world.sync();
    await world.index.flush();
    assert.deepEqual(
      world.store.writes.map((name) => name.split('/').at(-1)),
      ['final.json'],
    );
  });

  it('belongs to one ledger', async () => {
    const world = await saved();
    const { chainId, genesisHash, address } = world.chain.ledger;
    assert.equal(fileOf(world, '/final.json'), `ledgers/${chainId}-${genesisHash}-${address}/final.json`);
  });

  for (const [what, damage] of Object.entries(damages)) {
    it(`with histories whose file ${what} is read anew, and that is told`, async () => {
      const world = await saved();
      const file = fileOf(world, /histories/);
      const intact = world.store.files.get(file) ?? new Uint8Array();
      const damaged = damage(intact);
      world.store.files.set(file, damaged);
      world.restart();
      await world.sync();
      world.assertTrue();
      await world.index.flush();
      assert.deepEqual(world.index.memory.problems, ['histories']);
      assert.deepEqual(world.store.files.get(file), intact);
      const aside = [...world.store.files].find(([name]) => name.includes('/aside/'));
      assert.deepEqual(aside?.[1], damaged);
    });

    it(`with a final block whose file ${what} is told, and remembers anew`, async () => {
      const world = await saved();
      const file = fileOf(world, '/final.json');
      world.store.files.set(file, damage(world.store.files.get(file) ?? new Uint8Array()));
      world.restart();
      await world.sync();
      world.assertTrue();
      assert.deepEqual(world.index.memory.problems, ['final']);
      await world.index.flush();
      world.restart();
      await world.sync();
      assert.deepEqual(world.index.memory.problems, []);
    });

    it(`with a contradiction whose file ${what} is told, and stays contradicted until it is settled`, async () => {
      const world = await saved();
      world.chain.rewind(9).mine(12);
      await world.sync();
      assert.equal(world.view.missing, 'contradicted');
      const file = fileOf(world, '/contradiction.json');
      world.store.files.set(file, damage(world.store.files.get(file) ?? new Uint8Array()));
      world.restart();
      await world.sync();
      assert.equal(world.view.missing, 'contradicted');
      assert.deepEqual(world.index.memory.problems, ['contradiction']);
      assert.equal(await world.index.settle(world.view.contradiction?.found ?? '', never), true);
      await world.sync();
      world.assertTrue();
    });

    it(`with a table whose state ${what} is built anew`, async () => {
      const world = await saved();
      const file = fileOf(world, '/table/state.json');
      world.store.files.set(file, damage(world.store.files.get(file) ?? new Uint8Array()));
      await assertTableIsWhole(world);
      assert.ok(world.store.files.has(file));
      world.restart();
      await world.index.table.load();
      assert.equal(world.logged.filter((line) => line.includes('table of the ledger is damaged')).length, 1);
    });
  }

  async function assertTableIsWhole(world: IndexWorld): Promise<void> {
    world.restart();
    await world.sync();
    await world.index.readTable(never);
    const [leaf] = statementOf('one').leaves;
    assert.ok(leaf);
    const mark = digestMark(leaf.configDigest);
    assert.equal((await world.index.find([mark])).get(mark)?.histories.length, 1);
    await world.index.flush();
  }

  for (const what of ['is empty', 'ends early', 'has one bit changed', 'goes on after its end'] as const) {
    it(`with a part of the table that ${what} is built anew`, async () => {
      const world = await saved();
      const file = fileOf(world, /table\/.*\.bin$/);
      world.store.files.set(file, damages[what]?.(world.store.files.get(file) ?? new Uint8Array()) ?? new Uint8Array());
      await assertTableIsWhole(world);
    });
  }

  it('with a part of the table that is gone is built anew', async () => {
    const world = await saved();
    world.store.files.delete(fileOf(world, /table\/.*\.bin$/));
    await assertTableIsWhole(world);
  });

  for (const [end, problem] of [
    ['/final.json', 'final'],
    [/histories/, 'histories'],
    [/table\/.*\.bin$/, undefined],
    ['/table/state.json', undefined],
  ] as const) {
    it(`with ${String(end)} that cannot be read stops nothing, and is told`, async () => {
      const world = await saved();
      world.store.unreadable.add(fileOf(world, end));
      world.restart();
      await world.sync();
      world.assertTrue();
      assert.deepEqual(world.index.memory.problems, problem === undefined ? [] : [problem]);
      await world.index.readTable(never);
      await world.index.find([1]);
    });
  }

  it('with a contradiction that cannot be read is contradicted', async () => {
    const world = await saved();
    world.chain.rewind(9).mine(12);
    await world.sync();
    world.store.unreadable.add(fileOf(world, '/contradiction.json'));
    world.restart();
    await world.sync();
    assert.equal(world.view.missing, 'contradicted');
    assert.deepEqual(world.index.memory.problems, ['contradiction']);
  });

  it('that cannot be written stops nothing, and a contradiction stays one', async () => {
    const world = await saved();
    world.store.write = () => Promise.reject(new Error('EROFS'));
    world.chain.attest({ signer: alice, content: 'more' }).mine(5);
    await world.sync();
    world.assertTrue();
    await world.index.flush();
    assert.ok(world.logged.some((line) => line.includes('EROFS')));
    world.chain.rewind(14).mine(20);
    await world.sync();
    assert.equal(world.view.missing, 'contradicted');
    await world.sync();
    assert.equal(world.view.missing, 'contradicted');
  });

  it('forgets nothing of final blocks when one file after another is lost, but what was in it', async () => {
    const world = await saved();
    for (const file of world.store.files.keys()) if (file.includes('/histories/')) world.store.files.delete(file);
    world.restart();
    world.chain.rewind(9).mine(12);
    await world.sync();
    assert.equal(world.view.missing, 'contradicted');
  });
});
