import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ledgerReleases } from '../../../src/adapters/chain/ledgerAbi';
import { Datasets, removeDrafts, type DatasetOptions } from '../../../src/adapters/geth/datasets';
import { isDaoChainError } from '../../../src/core/errors';
import { datasetFileName } from '../../../src/core/ledger/ethash';
import { createTeamNetwork, type TeamProfile } from '../../../src/core/ledger/network';
import { temporaryFolder, type TemporaryFolder } from '../../testbed/program';
import { LogLines } from './newLauncher';

const never = new AbortController().signal;

function network(dataset: 'small' | 'full'): TeamProfile {
  const terms = { kind: 'team', dataset, confirmations: 6, witnesses: [], threshold: 0, hubs: [] } as const;
  return createTeamNetwork(
    { name: 'a team', ...terms },
    new Uint8Array(32),
    ledgerReleases.at(-1)?.runtimeCode ?? '0x',
  );
}

/** Whole datasets in small: the first two are known by their content, the third by its size. */
const contents = [randomBytes(1_000), randomBytes(1_001), randomBytes(1_002)];
const expected = (epoch: number): { readonly bytes: number; readonly sha256: string | undefined } => {
  const content = contents[epoch] ?? Buffer.alloc(0);
  return {
    bytes: content.length,
    sha256: epoch < 2 ? createHash('sha256').update(content).digest('hex') : undefined,
  };
};

describe('the datasets of a node', () => {
  let temporary: TemporaryFolder;
  let ours: string;
  let theirs: string;
  const full = network('full');
  const name = (epoch: number): string => datasetFileName(epoch);

  beforeEach(() => {
    temporary = temporaryFolder();
    ours = join(temporary.path, `chain-${full.chainId}`, 'datasets');
    theirs = join(temporary.path, 'ethash');
    for (const folder of [ours, theirs]) mkdirSync(folder, { recursive: true });
  });
  afterEach(() => {
    temporary.remove();
  });

  const open = (overrides: Partial<DatasetOptions> = {}): Datasets =>
    new Datasets({
      folder: temporary.path,
      network: full,
      userFolder: theirs,
      log: new LogLines(),
      expected,
      freeMemory: () => Number.MAX_SAFE_INTEGER,
      freeDisk: () => Promise.resolve(Number.MAX_SAFE_INTEGER),
      ...overrides,
    });
  const put = (folder: string, epoch: number, content = contents[epoch]): string => {
    const file = join(folder, name(epoch));
    writeFileSync(file, content ?? '');
    return file;
  };

  it('are taken from the user’s folder by links, and nothing is changed there', async () => {
    for (const epoch of [0, 1]) put(theirs, epoch);
    writeFileSync(join(theirs, `${name(0)}.123`), 'half of another node’s');
    const before = readdirSync(theirs).map((file) => [file, lstatSync(join(theirs, file)).mtimeMs]);
    await open().prepare(1, undefined, never);
    assert.deepEqual(readdirSync(ours).sort(), [name(0), name(1)]);
    assert.deepEqual(readFileSync(join(ours, name(0))), contents[0]);
    await removeDrafts(temporary.path, full);
    // What the node does to datasets of old epochs.
    for (const epoch of [0, 1]) rmSync(join(ours, name(epoch)));
    assert.deepEqual(
      readdirSync(theirs).map((file) => [file, lstatSync(join(theirs, file)).mtimeMs]),
      before,
    );
    assert.deepEqual(readFileSync(join(theirs, name(1))), contents[1]);
  });

  it('are not taken where they are not proved: of another size, of other content, a folder, of an epoch that is not known', async () => {
    put(theirs, 0, randomBytes(1_000));
    put(theirs, 1, randomBytes(999));
    put(theirs, 2);
    await open().prepare(1, undefined, never);
    await open().prepare(30_000, undefined, never);
    assert.deepEqual(readdirSync(ours), []);
    rmSync(join(theirs, name(0)));
    mkdirSync(join(theirs, name(0)));
    await open().prepare(1, undefined, never);
    await open({ userFolder: join(temporary.path, 'nowhere') }).prepare(1, undefined, never);
    assert.deepEqual(readdirSync(ours), []);
  });

  it('of our own that are damaged are made again', async () => {
    const datasets = open({ userFolder: undefined });
    for (const epoch of [0, 1]) put(ours, epoch);
    await datasets.prepare(1, undefined, never);
    assert.equal(readdirSync(ours).length, 2);
    truncateSync(join(ours, name(1)), 500);
    // Whole by its size, as a machine that lost its power can leave it.
    put(ours, 0, Buffer.alloc(1_000));
    utimesSync(join(ours, name(0)), 1, 1);
    await datasets.prepare(1, undefined, never);
    assert.deepEqual(readdirSync(ours), []);
  });

  it('whose user’s file is damaged later are made again, and that one stays', async () => {
    const file = put(theirs, 0);
    const datasets = open();
    await datasets.prepare(1, undefined, never);
    writeFileSync(file, randomBytes(1_000));
    utimesSync(file, 1, 1);
    await datasets.prepare(1, undefined, never);
    assert.deepEqual(readdirSync(ours), []);
    assert.ok(existsSync(file));
    symlinkSync(join(temporary.path, 'nowhere'), join(ours, name(0)));
    await datasets.prepare(1, undefined, never);
    assert.deepEqual(readdirSync(ours), []);
  });

  it('need room for this epoch and the next one, as far as they are not there or made already', async () => {
    const needed = async (generates?: number): Promise<number> => {
      let least = 0;
      await assert.rejects(open({ freeDisk: () => Promise.resolve(0) }).prepare(1, generates, never), (error) => {
        assert.ok(isDaoChainError(error, 'miningRefused'));
        assert.deepEqual(
          [error.details['reason'], error.details['folder'], error.details['free']],
          ['disk', ours, '0'],
        );
        least = Number(error.details['needed']);
        return true;
      });
      return least;
    };
    const rest = 64 * 2 ** 20;
    assert.equal(await needed(), 2_001 + rest);
    assert.equal(await needed(1), 1_000 + rest);
    put(ours, 0);
    assert.equal(await needed(), 1_001 + rest);
    put(theirs, 1);
    await open({ freeDisk: () => Promise.resolve(0) }).prepare(1, undefined, never);
  });

  it('need memory for one, which is looked at before anything else', async () => {
    put(theirs, 0);
    await assert.rejects(open({ freeMemory: () => 192 * 2 ** 20 }).prepare(1, undefined, never), (error) => {
      assert.ok(isDaoChainError(error, 'miningRefused'));
      const needed = (192 * 2 ** 20 + 1_000).toString();
      assert.deepEqual(error.details, { reason: 'memory', needed, free: (192 * 2 ** 20).toString() });
      return true;
    });
    assert.deepEqual(readdirSync(ours), []);
    await open({ freeMemory: () => undefined }).prepare(1, undefined, never);
  });

  it('are no matter of a small network, whose files have the same names', async () => {
    const small = network('small');
    const folder = join(temporary.path, `chain-${small.chainId}`, 'datasets');
    mkdirSync(folder, { recursive: true });
    put(theirs, 0);
    put(folder, 0, Buffer.alloc(32_776));
    await open({ network: small, freeMemory: () => 0, freeDisk: () => Promise.resolve(0) }).prepare(
      1,
      undefined,
      never,
    );
    assert.deepEqual(readdirSync(folder), [name(0)]);
  });

  it('loses nothing but what an interrupted generation leaves', async () => {
    const names = [name(0), `${name(0)}.`, `${name(0)}.be`, `${name(0)}.12x`, 'cache-R23-0000000000000000.12', 'notes'];
    for (const file of [...names, `${name(0)}.5577006791947779410`]) writeFileSync(join(ours, file), '');
    await removeDrafts(temporary.path, full);
    assert.deepEqual(readdirSync(ours).sort(), [...names].sort());
  });
});
