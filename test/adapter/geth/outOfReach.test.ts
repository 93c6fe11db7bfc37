import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import type { GethLauncher, GethLauncherOptions } from '../../../src/adapters/geth/launcher';
import { findNodes, type NodeProcess } from '../../../src/adapters/geth/nodeProcesses';
import { OwnerLock, type Owner } from '../../../src/adapters/geth/ownerLock';
import { DaoChainError, isDaoChainError } from '../../../src/core/errors';
import { signalProcess, startProgram, temporaryFolder, type TemporaryFolder } from '../../testbed/program';
import { waitFor } from '../../testbed/waitFor';
import { newLauncher } from './newLauncher';
import { startWindow, type Window } from './startWindow';
import type { NodeExit, NodeHandle } from '../../../src/core/ports/node';

const never = new AbortController().signal;
const isGone = (pid: number): boolean =>
  !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/cmdline`, 'utf8') === '';

describe('a node that is out of reach', function () {
  this.timeout(180_000);
  let temporary: TemporaryFolder;
  let folder: string;
  let cleanups: (() => Promise<unknown>)[];

  const newWorld = (): void => {
    temporary = temporaryFolder();
    folder = join(temporary.path, 'network');
    cleanups = [];
  };
  const endWorld = async (): Promise<void> => {
    for (const cleanup of cleanups.reverse()) await cleanup();
    temporary.remove();
  };
  const ownerFile = (): string => join(folder, 'owner.json');
  const entry = (): Promise<Owner | 'damaged' | undefined> => new OwnerLock(ownerFile()).read();
  const launcher = (overrides: Partial<GethLauncherOptions> = {}): Promise<GethLauncher> =>
    newLauncher(folder, overrides);
  const launch = async (overrides: Partial<GethLauncherOptions> = {}): Promise<NodeHandle> => {
    const node = await (await launcher(overrides)).launch({ threads: 1 }, never);
    cleanups.push(() => node.release());
    return node;
  };
  const window = async (): Promise<Window> => {
    const started = await startWindow(folder);
    cleanups.push(() => started.stop());
    await started.says('owns');
    return started;
  };
  const onlyNode = async (): Promise<NodeProcess> => {
    const [node, ...others] = await findNodes(folder);
    assert.ok(node !== undefined);
    assert.equal(others.length, 0);
    return node;
  };

  describe('by its entry', () => {
    let owner: NodeHandle;
    before(async () => {
      newWorld();
      owner = await launch();
    });
    after(endWorld);

    /** Of another process and another folder, or of nobody. */
    const damages: Readonly<Record<string, () => void>> = {
      'is removed': () => {
        rmSync(ownerFile());
      },
      'is emptied': () => {
        writeFileSync(ownerFile(), '');
      },
      'is half written': () => {
        writeFileSync(ownerFile(), readFileSync(ownerFile(), 'utf8').slice(0, 20));
      },
      'is made a folder': () => {
        rmSync(ownerFile());
        mkdirSync(join(ownerFile(), 'in', 'it'), { recursive: true });
      },
      'is made a link': () => {
        rmSync(ownerFile());
        symlinkSync('/etc/passwd', ownerFile());
      },
      'is made huge': () => {
        writeFileSync(ownerFile(), ' '.repeat(1_000_000));
      },
      'names another owner': () => {
        const paths = { ownerPath: '/tmp/daochain-nobody/owner', ipcPath: '/tmp/daochain-nobody/ipc' };
        writeFileSync(ownerFile(), JSON.stringify({ pid: 1, nodePid: process.pid, ...paths }));
      },
    };
    for (const [how, damage] of Object.entries(damages)) {
      it(`is in reach again at once when that ${how}`, async () => {
        damage();
        await waitFor('the owner has put its entry back', async () => {
          const found = await entry();
          return found !== undefined && found !== 'damaged' && found.ipcPath === owner.ipcPath;
        });
        const guest = await (await launcher()).join(never);
        assert.equal(guest?.ipcPath, owner.ipcPath);
        await guest.release();
        assert.equal((await findNodes(folder)).length, 1);
      });
    }
  });

  describe('', () => {
    beforeEach(newWorld);
    afterEach(endWorld);

    it('is told as crashed when its sockets are removed, so that its window starts it with new ones', async () => {
      const owner = await launch();
      const exit = new Promise<NodeExit>((resolve) => owner.onExit(resolve));
      rmSync(dirname(owner.ipcPath), { recursive: true });
      assert.equal((await exit).reason, 'crashed');
      assert.equal((await launch()).owned, true);
      assert.equal((await findNodes(folder)).length, 1);
    });

    it('is stopped while it starts', async () => {
      const starting = launch({
        verify: (_path, _ledger, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              reject(new DaoChainError('cancelled', 'Cancelled'));
            });
          }),
      });
      const outcome = assert.rejects(starting, (error) => isDaoChainError(error, 'cancelled'));
      await waitFor('there is a node', async () => (await findNodes(folder)).length > 0, { timeoutMs: 60_000 });
      assert.equal(await (await launcher()).end(never), true);
      await outcome;
      assert.deepEqual(await findNodes(folder), []);
      assert.equal(await entry(), undefined);
    });

    it('is stopped where there is none, and then nothing is left of an entry', async () => {
      assert.equal(await (await launcher()).end(never), false);
      mkdirSync(folder, { recursive: true });
      writeFileSync(ownerFile(), '{');
      assert.equal(await (await launcher()).end(never), false);
      assert.equal(await entry(), undefined);
    });

    it('is stopped though it and its window hang, and its window takes that for no crash', async () => {
      const hanging = await window();
      const { pid } = await onlyNode();
      signalProcess(pid, 'SIGSTOP');
      signalProcess(hanging.pid, 'SIGSTOP');
      const starting = (await launcher()).launch({ threads: 1 }, never);
      await assert.rejects(starting, (error) => isDaoChainError(error, 'nodeOwnedElsewhere'));
      assert.equal(await (await launcher()).end(never), true);
      assert.ok(isGone(pid));
      assert.equal(await entry(), undefined);
      const next = await launch();
      assert.equal(next.owned, true);
      signalProcess(hanging.pid, 'SIGCONT');
      await hanging.says('exit stopped');
      // It wakes up beside another owner, and leaves that one alone.
      await waitFor('the entry is the new owner’s', async () => {
        const found = await entry();
        return found !== undefined && found !== 'damaged' && found.ipcPath === next.ipcPath;
      });
      assert.ok(existsSync(next.ipcPath));
    });

    it('is stopped though its window was killed, it hangs, and its entry and its sockets are gone', async () => {
      const killed = await window();
      const { pid, ipcPath = '' } = await onlyNode();
      signalProcess(pid, 'SIGSTOP');
      await killed.kill();
      rmSync(ownerFile());
      rmSync(dirname(ipcPath), { recursive: true });
      assert.equal(await (await launcher()).end(never), true);
      assert.ok(isGone(pid));
      assert.equal((await launch()).owned, true);
    });

    it('is ended by its successor though nothing but itself tells of it', async () => {
      const killed = await window();
      const { pid } = await onlyNode();
      signalProcess(pid, 'SIGSTOP');
      await killed.kill();
      rmSync(ownerFile());
      assert.equal((await launch()).owned, true);
      assert.ok(isGone(pid));
    });

    it('is one of this folder only: nodes of other folders go on', async () => {
      const elsewhere = join(temporary.path, 'other');
      const other = await (await newLauncher(elsewhere)).launch({ threads: 1 }, never);
      cleanups.push(() => other.release());
      const [node] = await findNodes(elsewhere);
      const paths = { ipcPath: other.ipcPath, ownerPath: join(dirname(other.ipcPath), 'none') };
      mkdirSync(folder, { recursive: true });
      for (const planted of [paths, { ...paths, ownerPath: '/nowhere/owner' }]) {
        writeFileSync(ownerFile(), JSON.stringify({ pid: 1, nodePid: node?.pid, ...planted }));
        assert.equal(await (await launcher()).end(never), false);
        assert.equal(await entry(), undefined);
      }
      writeFileSync(ownerFile(), JSON.stringify({ pid: 1, nodePid: node?.pid, ...paths }));
      await (await launch()).stop();
      assert.equal((await findNodes(elsewhere)).length, 1);
      assert.ok(existsSync(other.ipcPath));
    });

    it('is never a process that a planted entry names, and no folder that it names is removed', async () => {
      const stranger = await startProgram('sleep', ['600']);
      cleanups.push(() => stranger.stop());
      const precious = mkdtempSync(join(temporary.path, 'daochain-'));
      writeFileSync(join(precious, 'ipc'), 'precious');
      mkdirSync(join(precious, 'owner'));
      mkdirSync(folder, { recursive: true });
      const planted = { ipcPath: join(precious, 'ipc'), ownerPath: join(precious, 'owner') };
      const plant = (): void => {
        writeFileSync(ownerFile(), JSON.stringify({ pid: stranger.pid, nodePid: stranger.pid, ...planted }));
      };
      plant();
      assert.equal(await (await launcher()).end(never), false);
      plant();
      assert.equal(await (await launcher()).join(never), undefined);
      plant();
      await (await launch()).stop();
      assert.ok(stranger.running());
      assert.deepEqual(readdirSync(precious), ['ipc', 'owner']);
    });

    it('is not looked for at a socket where others could have put it', async () => {
      const open = join(temporary.path, 'open');
      mkdirSync(open, { mode: 0o777 });
      let asked = 0;
      const liar = createServer((socket) => {
        asked += 1;
        socket.on('error', () => undefined);
        socket.write('{"type":"hello"}\n{"type":"ready"}\n');
      }).listen(join(open, 'owner'));
      cleanups.push(() => new Promise((resolve) => liar.close(resolve)));
      mkdirSync(folder, { recursive: true });
      const paths = { ownerPath: join(open, 'owner'), ipcPath: join(open, 'ipc') };
      writeFileSync(ownerFile(), JSON.stringify({ pid: 1, ...paths }));
      assert.equal(await (await launcher()).join(never), undefined);
      assert.equal(asked, 0);
    });
  });
});
