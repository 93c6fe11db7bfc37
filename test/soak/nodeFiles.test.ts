/**
 * Every file of a network's folder, damaged in every way, while no node runs. The right answer is one of three: the node
 * starts on the same chain; it starts anew where the damage took the chain itself; or it says which file is in the way.
 * What was there before is there afterwards, at its place or aside.
 */
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { IpcTransport } from '../../src/adapters/chain/ipcTransport';
import { findNodes } from '../../src/adapters/geth/nodeProcesses';
import { isDaoChainError } from '../../src/core/errors';
import { newLauncher } from '../adapter/geth/newLauncher';
import { temporaryFolder, type TemporaryFolder } from '../testbed/program';
import { waitFor } from '../testbed/waitFor';
import type { NodeHandle } from '../../src/core/ports/node';

const never = new AbortController().signal;

type Damage = (path: string) => void;

const damages: Readonly<Record<string, Damage>> = {
  'is missing': (path) => {
    rmSync(path, { recursive: true, force: true });
  },
  'is empty': (path) => {
    rmSync(path, { recursive: true, force: true });
    writeFileSync(path, '');
  },
  'is half written': (path) => {
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length / 2));
  },
  'is binary': (path) => {
    writeFileSync(path, Buffer.from([0, 255, 254, 0, 1, 10, 13]));
  },
  'is huge': (path) => {
    writeFileSync(path, Buffer.alloc(8 * 2 ** 20, ' '));
  },
  'is a folder': (path) => {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(join(path, 'with', 'something'), { recursive: true });
  },
  'is a link to nowhere': (path) => {
    rmSync(path, { recursive: true, force: true });
    symlinkSync('/nowhere/at/all', path);
  },
  'is a link to itself': (path) => {
    rmSync(path, { recursive: true, force: true });
    symlinkSync(path, path);
  },
  'is moved and linked to': (path) => {
    renameSync(path, `${path}.moved`);
    symlinkSync(`${path}.moved`, path);
  },
};

describe('a network’s folder in which something is damaged', function () {
  this.timeout(180_000);
  let temporary: TemporaryFolder;
  let pristine: string;
  let folder: string;
  let chainId: number;
  let block: unknown;

  const ask = async ({ ipcPath }: NodeHandle, method: string, ...params: readonly unknown[]): Promise<unknown> => {
    const transport = new IpcTransport(() => ipcPath);
    try {
      return await transport.request(method, params, never);
    } finally {
      transport.dispose();
    }
  };
  const chainData = (): ReadonlyMap<string, string> => {
    const found = new Map<string, string>();
    const look = (path: string): void => {
      if (!existsSync(path)) return;
      for (const name of readdirSync(path)) {
        const each = join(path, name);
        const entry = lstatSync(each);
        if (entry.isDirectory()) look(each);
        else if (entry.isFile() && /\.(?:ldb|cdat|rdat)$/.test(name)) found.set(each, readFileSync(each, 'latin1'));
      }
    };
    look(join(folder, `chain-${chainId}`));
    return found;
  };

  before(async () => {
    temporary = temporaryFolder();
    folder = join(temporary.path, 'network');
    pristine = join(temporary.path, 'pristine');
    const launcher = await newLauncher(folder);
    ({ chainId } = await launcher.network());
    const node = await launcher.launch({ threads: 1 }, never);
    await node.mine({ threads: 1, etherbase: `0x${'e'.repeat(40)}` });
    await waitFor('blocks', async () => Number(await ask(node, 'eth_blockNumber')) >= 6, { timeoutMs: 120_000 });
    await node.rest();
    block = await ask(node, 'eth_getBlockByNumber', '0x2', false);
    await node.stop();
    writeFileSync(join(folder, 'stopped'), 'of an older launch');
    writeFileSync(join(folder, 'owner.json'), JSON.stringify({ pid: 1, ownerPath: '/x/owner', ipcPath: '/x/ipc' }));
    cpSync(folder, pristine, { recursive: true });
  });
  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true });
    cpSync(pristine, folder, { recursive: true });
  });
  after(() => {
    temporary.remove();
  });

  const networkFile = (): string => readdirSync(folder).find((name) => /^network-.*\.json$/.test(name)) ?? '';
  const files: Readonly<Record<string, () => string>> = {
    'the network file': networkFile,
    'the entry of the owner': () => 'owner.json',
    'the mark of a stop': () => 'stopped',
    'the configuration': () => `chain-${chainId}/geth.toml`,
    'the genesis': () => `chain-${chainId}/node/genesis.json`,
    'the mark of the genesis': () => `chain-${chainId}/node/initialized`,
    'the key of the node': () => `chain-${chainId}/node/geth/nodekey`,
    'the list of transactions': () => `chain-${chainId}/node/geth/transactions.rlp`,
    'the lock of the node': () => `chain-${chainId}/node/geth/LOCK`,
    'the folder of datasets': () => `chain-${chainId}/datasets`,
  };
  for (const [what, name] of Object.entries(files)) {
    for (const [how, damage] of Object.entries(damages)) {
      // A folder is not damaged as the bytes of a file are.
      if (what.startsWith('the folder') && /half|binary|huge/.test(how)) continue;
      it(`starts on its chain, or says why not, when ${what} ${how}`, async () => {
        const path = join(folder, name());
        if (!existsSync(path)) writeFileSync(path, 'not there before');
        damage(path);
        const before = chainData();
        let node: NodeHandle | undefined;
        try {
          node = await (await newLauncher(folder)).launch({ threads: 1 }, never);
          assert.deepEqual(await ask(node, 'eth_getBlockByNumber', '0x2', false), block, 'it is the same chain');
        } catch (error) {
          assert.ok(isDaoChainError(error, 'networkInvalid', 'nodeFailed'), String(error));
          const { file, lastLines } = error.details;
          assert.ok(file !== undefined || lastLines !== undefined, error.message);
          for (const [each, bytes] of before) assert.equal(readFileSync(each, 'latin1'), bytes, 'nothing was touched');
        } finally {
          await node?.stop();
        }
        assert.deepEqual(await findNodes(folder), []);
      });
    }
  }
});
