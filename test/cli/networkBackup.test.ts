import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as v from 'valibot';
import { FolderFileStore } from '../../src/adapters/files/folderFileStore';
import { largestBlock } from '../../src/core/ledger/rawBlock';
import { LedgerFiles } from '../../src/services/ledger/ledgerFiles';
import type { LedgerId } from '../../src/core/ledger/types';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { dataFiles } from '../testbed/dataFiles';
import { useShallowNetwork } from '../testbed/network';
import { temporaryFolder } from '../testbed/program';
import { expecting, kindsIn, passwordFile, run as runAnywhere, type Ended } from './daochain';

const restoredSchema = v.object({ blocks: v.number(), transactions: v.number(), isFinalNewer: v.boolean() });
const hexText = v.custom<`0x${string}`>((value) => typeof value === 'string' && value.startsWith('0x'));
const ledgerSchema = v.object({ chainId: v.bigint(), genesisHash: hexText, address: hexText });

/** With the digest at its end that belongs to it. */
function sealed(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, createHash('sha256').update(bytes).digest()]);
}

describe('a network that is saved and restored', function () {
  this.timeout(600_000);
  const temporary = temporaryFolder();
  const folder = temporary.path;
  const data = join(folder, 'data');
  const elsewhere = join(folder, 'elsewhere');
  const file = join(folder, 'saved.daochain');
  const rules = join(data, 'trust.local.json');
  const password = ['--password-file', passwordFile(folder, 'correct horse')];
  const sending = ['--yes', ...password];
  const repository = 'registry.example.com/shop/web';
  const [written, waiting, revoked] = [`${repository}:written`, `${repository}:waiting`, `${repository}:revoked`];
  let engine: Engine;
  let ledger: LedgerId;

  const run = (...args: readonly string[]): Promise<Ended> =>
    runAnywhere(args.includes('--data') ? args : [...args, '--data', data], { env: { DOCKER_HOST: engine.host } });
  const { printed, failed } = expecting(run);
  const there = ['--data', elsewhere];
  const entriesOf = async (name: string): Promise<readonly string[]> => {
    return kindsIn(await printed('history', name, '--json', ...there));
  };
  const restore = async (of = file, at = elsewhere): Promise<v.InferOutput<typeof restoredSchema>> =>
    v.parse(restoredSchema, JSON.parse(await printed('network', 'restore', of, '--yes', '--json', '--data', at)));
  const code = async (name: string): Promise<number> => (await run('verify', name, '--rules', rules, ...there)).code;

  before(async () => {
    engine = await startEngine({ kind: 'debian' });
    for (const name of [written, waiting, revoked]) await buildImage(engine.docker, name, { files: { name } });
    useShallowNetwork(join(data, 'node'));
    const address = await printed('wallet', 'create', ...password);
    await printed('node', 'start', '--background');
    await printed('node', 'mine', '--blocks', '2');
    await printed('trust', 'add', '--publisher', address, '--yes', '--for', 'registry.example.com/shop/*');
    for (const name of [written, revoked]) await printed('sign', name, '--mine', ...sending);
    await printed('revoke', revoked, '--reason', 'vulnerable', '--mine', ...sending);
    await printed('verify', written);
    await printed('sign', waiting, '--no-wait', ...sending);
    const shown = v.parse(v.object({ ledger: v.string() }), JSON.parse(await printed('network', 'show', '--json')));
    const [chainId = '', genesisHash, at] = shown.ledger.split(':');
    ledger = v.parse(ledgerSchema, { chainId: BigInt(chainId), genesisHash, address: at });
  });
  after(async () => {
    await run('node', 'stop');
    await engine.dispose();
    temporary.remove();
  });

  it('is written whole, with no key, and over nothing', async () => {
    const said = await printed('network', 'backup', file);
    assert.match(said, /Blocks, with all statements in them: [1-9]/);
    assert.match(
      said,
      /on their way:\n {2}0x[0-9a-f]{64} of 0x[0-9a-f]{40} {2}registry\.example\.com\/shop\/web:waiting/,
    );
    const bytes = readFileSync(file);
    const text = bytes.toString('latin1');
    assert.doesNotMatch(text, /ciphertext|"crypto"/i);
    const [chain = ''] = readdirSync(join(data, 'node')).filter((name) => name.startsWith('chain-'));
    assert.ok(!text.includes(readFileSync(join(data, 'node', chain, 'node/geth/nodekey'), 'latin1')));
    await failed(1, /exists already/, 'network', 'backup', file);
    assert.deepEqual(readFileSync(file), bytes);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.draft')),
      [],
    );
  });

  it('is not restored before a person has agreed, who is told what is in it and what will be done', async () => {
    const { code: ended, stderr } = await run('network', 'restore', file, ...there);
    assert.equal(ended, 2);
    assert.match(stderr, /Ledger: .*Only what is missing here is added\..*Use --yes/s);
    assert.ok(!existsSync(join(elsewhere, 'node')));
  });

  it('is the same ledger on another machine: what was signed, taken back, final and on its way', async () => {
    await printed('wallet', 'create', ...password, ...there);
    const { blocks, transactions, isFinalNewer } = await restore();
    assert.ok(blocks > 4);
    assert.deepEqual([transactions, isFinalNewer], [1, true]);
    await printed('node', 'start', '--background', ...there);
    try {
      assert.equal(await code(written), 0);
      assert.equal(await code(revoked), 11);
      assert.deepEqual(await entriesOf(waiting), []);
      await printed('node', 'mine', ...there);
      assert.deepEqual(await entriesOf(waiting), ['publish']);
      assert.equal(await code(waiting), 0);

      // Again: what is here is newer, and what was on its way is not signed twice.
      const again = await restore();
      assert.deepEqual([again.blocks, again.isFinalNewer], [0, false]);
      await printed('node', 'mine', ...there);
      assert.deepEqual(await entriesOf(waiting), ['publish']);
      assert.deepEqual(readdirSync(join(elsewhere, 'pending')), []);
    } finally {
      await run('node', 'stop', ...there);
    }
  });

  it('is not restored beside another history', async () => {
    const files = new LedgerFiles(new FolderFileStore(elsewhere), ledger);
    const before = (await files.loadFinal()).value;
    assert.ok(before !== undefined);
    await files.saveFinal({ number: 3, hash: `0x${'5'.repeat(64)}` });
    await failed(1, /contradict each other/, 'network', 'restore', file, '--yes', ...there);
    assert.deepEqual((await files.loadFinal()).value, { number: 3, hash: `0x${'5'.repeat(64)}` });
    await files.saveFinal(before);
  });

  it('is not restored over another development network', async () => {
    const other = join(folder, 'other');
    useShallowNetwork(join(other, 'node'));
    const names = readdirSync(join(other, 'node'));
    await failed(1, /another development network/, 'network', 'restore', file, '--yes', '--data', other);
    assert.deepEqual(readdirSync(join(other, 'node')), names);
  });

  const replaced = (bytes: Buffer, from: RegExp, to: string): Uint8Array => {
    const text = bytes.toString('latin1');
    assert.match(text, from);
    return sealed(Buffer.from(text.replace(from, to), 'latin1').subarray(0, -32));
  };
  const damages: Readonly<Record<string, readonly [RegExp, (bytes: Buffer) => Uint8Array]>> = {
    'is empty': [/damaged/, () => new Uint8Array()],
    'ends early': [/damaged|not a backup/, (bytes) => bytes.subarray(0, -1)],
    'ends in the middle': [/damaged|not a backup/, (bytes) => bytes.subarray(0, bytes.length >> 1)],
    'has one bit changed': [
      /damaged|not a backup/,
      (bytes) => Buffer.from(bytes.with(-900, (bytes.at(-900) ?? 0) ^ 1)),
    ],
    'goes on after its end': [/damaged|not a backup/, (bytes) => Buffer.concat([bytes, Buffer.from('x')])],
    'is of a newer version': [/newer version/, (bytes) => replaced(bytes, /^daochain backup 1/, 'daochain backup 2')],
    'is something else': [/not a backup/, () => sealed(Buffer.from('{"version":1}\n'))],
    'has a line without end': [/not a backup/, () => sealed(Buffer.alloc(100_000, 'x'))],
    'has something more in it': [/not a backup/, (bytes) => replaced(bytes, /"head":/, '"key":"0x","head":')],
    'says something twice': [/not a backup/, (bytes) => replaced(bytes, /"head":/, '"time":1,"head":')],
    'names a final block that its chain has not': [
      /not a backup/,
      (bytes) => replaced(bytes, /("final":\{"number":\d+,"hash":"0x)[0-9a-f]{64}/, `$1${'5'.repeat(64)}`),
    ],
    'is of a genesis that was changed': [
      /refused/,
      (bytes) => replaced(bytes, /"extraData":"0x.{4}/, '"extraData":"0x0000'),
    ],
    'has a transaction that is another one': [
      /not a backup/,
      (bytes) => replaced(bytes, /(\\"hash\\":\\"0x)[0-9a-f]{8}/, '$100000000'),
    ],
    'names another wallet than the one that has signed': [
      /not a backup/,
      (bytes) => replaced(bytes, /(\\"signer\\":\\"0x)[0-9a-f]{8}/, '$100000000'),
    ],
    'has a block more': [
      /not a backup/,
      (bytes) => sealed(Buffer.concat([bytes.subarray(0, -32), Buffer.from([0xc0])])),
    ],
    'begins a block that is too large': [
      /not a backup/,
      (bytes) => {
        const end = bytes.indexOf('\n', bytes.indexOf('\n') + 1) + 1;
        const size = Buffer.alloc(5, 0xfb);
        size.writeUInt32BE(largestBlock, 1);
        return sealed(Buffer.concat([bytes.subarray(0, end), size, Buffer.alloc(1_000)]));
      },
    ],
  };
  for (const [what, [said, damage]] of Object.entries(damages)) {
    it(`is refused when its file ${what}, and nothing is changed`, async () => {
      const damaged = join(folder, 'damaged');
      const fresh = join(folder, 'fresh');
      mkdirSync(fresh, { recursive: true });
      writeFileSync(damaged, damage(readFileSync(file)));
      await failed(1, said, 'network', 'restore', damaged, '--yes', '--data', fresh);
      assert.deepEqual(readdirSync(fresh), []);
    });
  }

  it('is refused where its file is a folder, a device or not there', async () => {
    for (const path of [folder, '/dev/zero', join(folder, 'none')])
      await failed(1, /cannot be read/, 'network', 'restore', path, '--yes', ...there);
  });

  it('leaves no file in a data folder that its tests do not know', () => {
    for (const root of [data, elsewhere]) {
      const files = readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)))
        .filter((path) => !Object.values(dataFiles).some((known) => known.path.test(path)));
      assert.deepEqual(files, []);
    }
  });

  it('of a team comes back with its peers, and listens nowhere before a person says so', async () => {
    const [team, back] = [join(folder, 'team'), join(folder, 'back')];
    await printed('network', 'create', 'acme', '--dataset', 'small', '--data', team);
    const saved = join(folder, 'acme.daochain');
    await printed('network', 'backup', saved, '--network', 'acme', '--data', team);
    const restored = await restore(saved, back);
    assert.deepEqual(restored, { blocks: 0, transactions: 0, isFinalNewer: false });
    assert.match(await printed('network', 'list', '--data', back), /acme/);
    // Once more, though it is there: nothing of it changes.
    await restore(saved, back);
    assert.match(await printed('network', 'list', '--data', back), /acme/);
  });
});
