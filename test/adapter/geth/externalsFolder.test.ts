import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FolderTurns } from '../../../src/adapters/files/folderTurns';
import { ExternalsFolder } from '../../../src/adapters/geth/externalsFolder';
import { isDaoChainError } from '../../../src/core/errors';
import type { ExternalLedger } from '../../../src/core/ledger/externalLedger';
import { ledgerKey } from '../../../src/core/ledger/types';
import { temporaryFolder } from '../../testbed/program';

const external: ExternalLedger = {
  name: 'Sepolia',
  ledger: { chainId: 11_155_111n, genesisHash: `0x${'25'.repeat(32)}`, address: `0x${'1d'.repeat(20)}` },
  endpoint: 'https://node.example.com/v3/secret',
  finality: 'tag',
  confirmations: 6,
};

describe('the folder of ledgers on other chains', () => {
  const file = (folder: string): string => join(folder, 'networks', '11155111', 'ledger.json');
  const reasons = (folder: string): readonly (string | undefined)[] =>
    storeIn(folder)
      .read()
      .damaged.map(({ error }) => error.details['reason']);

  it('gives back what was put, which nobody else of the machine reads', async () => {
    const folder = temporaryFolder().path;
    assert.deepEqual(storeIn(folder).read(), { externals: [], damaged: [] });
    await storeIn(folder).put(external);
    const { externals, damaged } = storeIn(folder).read();
    assert.deepEqual(
      externals.map((each) => each.external),
      [external],
    );
    assert.deepEqual(damaged, []);
    if (process.platform !== 'win32') assert.equal(statSync(file(folder)).mode & 0o777, 0o600);
  });

  it('replaces the endpoint of a ledger, and never the ledger', async () => {
    const folder = temporaryFolder().path;
    const store = storeIn(folder);
    await store.put(external);
    await store.put({ ...external, endpoint: '/run/geth.ipc' });
    assert.equal(store.read().externals[0]?.external.endpoint, '/run/geth.ipc');
    const other = { ...external, ledger: { ...external.ledger, genesisHash: `0x${'26'.repeat(32)}` as const } };
    await assert.rejects(
      store.put(other),
      (error) => isDaoChainError(error, 'networkInvalid') && error.details['reason'] === 'chainIdTaken',
    );
  });

  it('takes no place of a network of ours, and is beside none', async () => {
    const folder = temporaryFolder().path;
    mkdirSync(join(folder, 'networks', '11155111'), { recursive: true });
    writeFileSync(join(folder, 'networks', '11155111', 'network.json'), '{}');
    const store = storeIn(folder);
    await assert.rejects(store.put(external), (error) => isDaoChainError(error, 'networkInvalid'));
    assert.deepEqual(store.read(), { externals: [], damaged: [] });
    writeFileSync(file(folder), stored());
    assert.deepEqual(reasons(folder), ['chainIdTaken']);
  });

  const hostile: Readonly<Record<string, string | Buffer>> = {
    'an empty file': '',
    'half a file': stored().slice(0, 100),
    'a member twice': stored().replace('"name"', '"name": "x", "name"'),
    'a member of a newer version': stored({ extra: 1 }),
    'a newer version': stored({ version: 2 }),
    'another chain’s ledger': stored({ ledger: ledgerKey({ ...external.ledger, chainId: 1n }) }),
    'no ledger': stored({ ledger: 'none' }),
    'a name that turns the text around': stored({ name: 'a\u202eb' }),
    'a name of digits': stored({ name: '1' }),
    'no endpoint': stored({ endpoint: '' }),
    'an unknown finality': stored({ finality: 'witnesses' }),
    'no confirmations': stored({ confirmations: 0 }),
    'too many confirmations': stored({ confirmations: 1_001 }),
    'more than such a file holds': stored({ endpoint: 'x'.repeat(70_000) }),
    'broken UTF-8': Buffer.from(stored().replace('Sepolia', '\u00ff'), 'latin1'),
  };
  for (const [what, content] of Object.entries(hostile)) {
    it(`says which file it is that has ${what}, and reads the others`, () => {
      const folder = temporaryFolder().path;
      for (const chain of ['11155111', '5']) mkdirSync(join(folder, 'networks', chain), { recursive: true });
      writeFileSync(file(folder), content);
      const good = stored({ ledger: ledgerKey({ ...external.ledger, chainId: 5n }) });
      writeFileSync(join(folder, 'networks', '5', 'ledger.json'), good);
      const { externals, damaged } = storeIn(folder).read();
      assert.equal(externals.length, 1);
      assert.deepEqual(
        damaged.map(({ error }) => [error.details['reason'], error.details['file']]),
        [['shape', file(folder)]],
      );
    });
  }

  it('is left with everything in it', async () => {
    const folder = temporaryFolder().path;
    const store = storeIn(folder);
    await store.put(external);
    const left = await store.leave(11_155_111);
    assert.deepEqual(store.read(), { externals: [], damaged: [] });
    assert.match(readFileSync(join(left, 'ledger.json'), 'utf8'), /Sepolia/);
    assert.equal(readdirSync(join(folder, 'networks')).length, 1);
  });
});

function storeIn(folder: string): ExternalsFolder {
  return new ExternalsFolder(folder, new FolderTurns({ folder: join(folder, 'turns') }));
}

/** As it is on disk. */
function stored(change: object = {}): string {
  return JSON.stringify({ version: 1, ...external, ledger: ledgerKey(external.ledger), ...change });
}
