import assert from 'node:assert/strict';
import { sha256Digest } from '../../../src/core/image/digest';
import { acme, alice, bob, IndexWorld, repository, tag } from './indexWorld';

async function saved(): Promise<IndexWorld> {
  const world = new IndexWorld();
  world.chain
    .attest({ signer: alice, content: 'one', validUntil: 2n ** 64n - 1n }, { signer: bob, kind: 'vouch' })
    .mine();
  world.chain.attest({ signer: alice, content: 'one', kind: 'revoke' }, { signer: alice, body: '0x00' }).mine(8);
  world.chain.attest({ signer: alice, content: 'not final' }).mine();
  await world.sync();
  return world;
}

function fileOf(world: IndexWorld, end: string): string {
  const name = [...world.store.files.keys()].find((each) => each.endsWith(end));
  assert.ok(name, `no ${end} was written`);
  return name;
}

/** A file whose digest is right and whose content is not. */
function forged(change: (text: string) => string, bytes: Uint8Array | undefined): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  const payload = change(text.slice(text.indexOf('\n') + 1));
  return new TextEncoder().encode(`${sha256Digest(new TextEncoder().encode(payload))}\n${payload}`);
}

describe('the index on disk', () => {
  it('spares the next session what is final', async () => {
    const world = await saved();
    const before = world.view.historiesOf(repository, tag);
    world.restart();
    assert.deepEqual(await world.sync(), ['head', 'logs', 'links', 'signers']);
    assert.deepEqual(world.chain.ranges, [{ fromBlock: world.chain.height - 1, toBlock: world.chain.height }]);
    assert.deepEqual(world.view.historiesOf(repository, tag), before);
    world.assertTrue();
    assert.deepEqual(
      world.logged.filter((line) => /^(warn|error)/.test(line)),
      [],
    );
  });

  it('holds nothing that is not final, and is written only when something new is', async () => {
    const world = await saved();
    const file = fileOf(world, 'index.json');
    const text = (): string => new TextDecoder().decode(world.store.files.get(file));
    const body = world.historyOf(acme)?.attestations.length;
    assert.equal(body, 4);
    assert.equal(text().match(/"0x[0-9a-f]{64}","0x[0-9a-f]{40}"/g)?.length, 4);
    world.store.writes = [];
    world.chain.mine();
    await world.sync();
    assert.equal(world.store.writes.length, 0);
    world.chain.mine();
    await world.sync();
    assert.deepEqual(world.store.writes.map((name) => name.split('/').at(-1)).sort(), ['index.json', 'memory.json']);
    assert.equal(text().match(/"0x[0-9a-f]{64}","0x[0-9a-f]{40}"/g)?.length, 5);
    world.store.writes = [];
    world.chain.mine(1_000);
    await world.sync();
    assert.deepEqual(world.store.writes, [file]);
  });

  it('belongs to one ledger', async () => {
    const world = await saved();
    const { chainId, genesisHash, address } = world.chain.ledger;
    assert.equal(fileOf(world, 'index.json'), `ledgers/${chainId}-${genesisHash}-${address}/index.json`);
  });

  for (const [what, damage] of Object.entries<(bytes: Uint8Array | undefined) => Uint8Array>({
    'is empty': () => new Uint8Array(),
    'ends early': (bytes = new Uint8Array()) => bytes.subarray(0, bytes.length - 20),
    // In a transaction's hash, which no link covers.
    'has one bit changed': (bytes = new Uint8Array()) => {
      const at = new TextDecoder().decode(bytes).search(/[2-9][0-9a-f]{8}"\]/);
      return bytes.with(at, (bytes[at] ?? 0) ^ 1);
    },
    'is of another version': (bytes) => forged((text) => text.replace('"version":1', '"version":2'), bytes),
    'has a field more': (bytes) => forged((text) => text.replace('"version":1', '"version":1,"more":1'), bytes),
    'has a row with less': (bytes) => forged((text) => text.replace(/,"0x[0-9a-f]{64}"\]/, ']'), bytes),
    'has a number that is none': (bytes) => forged((text) => text.replace('"18446744073709551615"', '"1e3"'), bytes),
    'is no JSON': (bytes) => forged(() => '{', bytes),
  })) {
    it(`that ${what} is built anew, and that is logged`, async () => {
      const world = await saved();
      const file = fileOf(world, 'index.json');
      const intact = world.store.files.get(file);
      world.store.files.set(file, damage(intact));
      world.restart();
      assert.deepEqual(await world.sync(), ['head', 'logs', 'links', 'signers']);
      world.assertTrue();
      assert.equal(world.logged.filter((line) => line.includes('damaged')).length, 1);
      assert.deepEqual(world.store.files.get(file), intact);
    });
  }

  it('whose memory or alarm is damaged says so', async () => {
    const world = await saved();
    world.chain.rewind(10).mine(12);
    await world.sync();
    assert.equal(world.view.alarms.length, 1);
    for (const end of ['memory.json', `${world.view.alarms[0]?.key ?? ''}.json`]) {
      world.logged.length = 0;
      world.store.files.set(fileOf(world, end), new Uint8Array([1, 2, 3]));
      world.restart();
      await world.sync();
      assert.ok(
        world.logged.some((line) => line.startsWith('error') && line.includes('damaged')),
        end,
      );
    }
  });

  it('that cannot be read or written stops nothing', async () => {
    const world = await saved();
    world.store.read = () => Promise.reject(new Error('EACCES'));
    world.store.write = () => Promise.reject(new Error('EROFS'));
    world.restart();
    await world.sync();
    world.assertTrue();
    assert.deepEqual(
      ['EACCES', 'EROFS'].map((code) => world.logged.some((line) => line.includes(code))),
      [true, true],
    );
  });
});
