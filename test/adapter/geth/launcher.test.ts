import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { IpcTransport } from '../../../src/adapters/chain/ipcTransport';
import type { GethLauncher } from '../../../src/adapters/geth/launcher';
import { ledgerReleases } from '../../../src/adapters/chain/ledgerAbi';
import { DaoChainError, isDaoChainError, type ErrorCode } from '../../../src/core/errors';
import { createDevelopmentNetwork } from '../../../src/core/ledger/network';
import { findGeth } from '../../../scripts/dev/components/geth';
import { runCommand } from '../../../scripts/dev/components/command';
import {
  signalProcess,
  startProgram,
  temporaryFolder,
  type Program,
  type TemporaryFolder,
} from '../../testbed/program';
import { waitFor } from '../../testbed/waitFor';
import { LogLines, newLauncher } from './newLauncher';
import type { NodeExit, NodeHandle } from '../../../src/core/ports/node';

const never = new AbortController().signal;
const lockSchema = v.object({
  pid: v.number(),
  nodePid: v.optional(v.number()),
  ipcPath: v.string(),
  ownerPath: v.string(),
});

function code(expected: ErrorCode): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isDaoChainError(error), String(error));
    assert.equal(error.code, expected, error.message);
    return true;
  };
}

describe('GethLauncher', () => {
  let temporary: TemporaryFolder;
  let folder: string;
  let cleanups: (() => Promise<unknown>)[];

  beforeEach(() => {
    temporary = temporaryFolder();
    folder = join(temporary.path, 'network');
    cleanups = [];
  });
  afterEach(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
    temporary.remove();
  });

  const launch = async (launcher?: GethLauncher): Promise<NodeHandle> => {
    const node = await (launcher ?? (await newLauncher(folder))).launch({ threads: 1 }, never);
    cleanups.push(() => node.release());
    return node;
  };

  it('tells when somebody else starts a node in its folder, and when that one leaves', async () => {
    const other = await newLauncher(folder);
    let changes = 0;
    const listening = other.onDidChangeOwner(() => {
      changes += 1;
    });
    const node = await launch();
    await waitFor('the news of an owner', () => changes > 0);
    const joined = await other.join(never);
    assert.equal(joined?.ipcPath, node.ipcPath);
    await joined.release();
    const before = changes;
    await node.stop();
    await waitFor('the news that it has left', () => changes > before);
    listening.dispose();
    const disposed = changes;
    await (await launch()).stop();
    assert.equal(changes, disposed);
  });
  const startWindow = async (): Promise<Program> => {
    const window = await startProgram(process.execPath, [
      '--import',
      'tsx',
      join(__dirname, 'ownerProcess.ts'),
      folder,
    ]);
    cleanups.push(() => window.stop());
    return window;
  };
  const printed = (window: Program, line: string): Promise<unknown> =>
    waitFor(`a window says "${line}"`, () => window.output().split('\n').includes(line));
  const lock = (): v.InferOutput<typeof lockSchema> =>
    v.parse(lockSchema, JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8')));
  const nodePid = (): number => lock().nodePid ?? 0;
  const isGone = (pid: number): boolean =>
    !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/cmdline`, 'utf8') === '';
  const gone = (pid: number): Promise<unknown> => waitFor(`process ${pid} has ended`, () => isGone(pid));
  /** Processes of geth with this test's folder, however they were started. */
  const nodes = (): readonly string[] =>
    readdirSync('/proc').filter((name) => {
      if (!/^\d+$/.test(name)) return false;
      try {
        const line = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        return line.includes(folder) && line.includes('--gcmode');
      } catch {
        return false;
      }
    });
  const request = async (node: NodeHandle, method: string, params: readonly unknown[] = []): Promise<unknown> => {
    const transport = new IpcTransport(() => node.ipcPath);
    try {
      return await transport.request(method, params, never);
    } finally {
      transport.dispose();
    }
  };
  const mine = async (node: NodeHandle, blocks: number): Promise<void> => {
    await request(node, 'miner_setEtherbase', [`0x${'e'.repeat(40)}`]);
    await request(node, 'miner_start', [1]);
    await waitFor('blocks', async () => Number(await request(node, 'eth_blockNumber')) >= blocks);
    await request(node, 'miner_stop');
  };
  const exitOf = (node: NodeHandle): Promise<NodeExit> => new Promise((resolve) => node.onExit(resolve));

  it('starts a node on a network of its own and ends it without a trace of it', async () => {
    const launcher = await newLauncher(folder);
    const network = await launcher.network();
    assert.equal(launcher.ipcPath, undefined);
    const node = await launch(launcher);
    assert.deepEqual([node.owned, node.replaced], [true, undefined]);
    assert.equal(launcher.ipcPath, node.ipcPath);
    assert.equal(Number(await request(node, 'eth_chainId')), network.chainId);
    assert.equal(await request(node, 'net_version'), network.chainId.toString());
    assert.equal(Number(await request(node, 'net_peerCount')), 0);
    const pid = nodePid();
    const exit = exitOf(node);
    await node.stop();
    assert.equal((await exit).reason, 'stopped');
    assert.equal(launcher.ipcPath, undefined);
    assert.ok(isGone(pid));
    assert.ok(!existsSync(join(folder, 'owner.json')));
    assert.ok(!existsSync(dirname(node.ipcPath)));
  });

  it('keeps the chain from one start to the next', async () => {
    const first = await launch();
    await mine(first, 2);
    const block = await request(first, 'eth_getBlockByNumber', ['0x2', false]);
    await first.stop();
    const second = await launch();
    assert.deepEqual(await request(second, 'eth_getBlockByNumber', ['0x2', false]), block);
  });

  it('opens no port to anybody but this machine', async () => {
    await launch();
    const sockets =
      readFileSync(`/proc/${nodePid()}/net/tcp`, 'utf8') + readFileSync(`/proc/${nodePid()}/net/tcp6`, 'utf8');
    const target = (fd: string): string => {
      try {
        return readlinkSync(`/proc/${nodePid()}/fd/${fd}`);
      } catch {
        return ''; // closed since it was listed
      }
    };
    const inodes = readdirSync(`/proc/${nodePid()}/fd`).flatMap(
      (fd) => /^socket:\[(\d+)\]$/.exec(target(fd))?.[1] ?? [],
    );
    const listening = sockets
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && inodes.includes(inode ?? ''))
      .map(([, local]) => local?.split(':')[0]);
    assert.ok(listening.length > 0);
    assert.deepEqual(
      listening.filter((address) => address !== '0100007F'),
      [],
    );
  });

  it('runs in a folder whose path is longer than a socket may be', async () => {
    folder = join(temporary.path, 'x'.repeat(100), 'y'.repeat(100));
    const node = await launch();
    assert.ok(node.ipcPath.length <= 103, node.ipcPath);
    assert.equal(await request(node, 'eth_blockNumber'), '0x0');
  });

  it('lets a second window join, and ends the node for both when one of them stops it', async () => {
    const owner = await launch();
    const log = new LogLines();
    const guest = await launch(await newLauncher(folder, { log }));
    assert.deepEqual([owner.owned, guest.owned], [true, false]);
    assert.equal(guest.ipcPath, owner.ipcPath);
    assert.equal(nodes().length, 1);
    assert.ok(log.lines.some((line) => line.includes('IPC endpoint opened')));
    const exits = Promise.all([exitOf(owner), exitOf(guest)]);
    await guest.stop();
    assert.deepEqual(
      (await exits).map(({ reason }) => reason),
      ['stopped', 'stopped'],
    );
    assert.equal(nodes().length, 0);
  });

  it('joins a node that is there, and starts none where there is none', async () => {
    const launcher = await newLauncher(folder);
    assert.equal(await launcher.join(never), undefined);
    const owner = await launch();
    const guest = await launcher.join(never);
    assert.deepEqual([guest?.owned, launcher.ipcPath], [false, owner.ipcPath]);
    await guest?.release();
    await owner.stop();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'owner.json'), JSON.stringify({ pid: 1, ownerPath: '/nowhere', ipcPath: '/nowhere' }));
    assert.equal(await launcher.join(never), undefined);
    assert.equal(nodes().length, 0);
  });

  it('goes on for the others when a guest leaves', async () => {
    const owner = await launch();
    const guest = await launch();
    await guest.release();
    assert.equal(await request(owner, 'eth_blockNumber'), '0x0');
  });

  it('tells a guest that the owner has left, who then owns the same chain', async () => {
    const owner = await launch();
    await mine(owner, 1);
    const launcher = await newLauncher(folder);
    const guest = await launch(launcher);
    const exit = exitOf(guest);
    await owner.release();
    assert.equal((await exit).reason, 'ownerGone');
    const next = await launch(launcher);
    assert.equal(next.owned, true);
    assert.ok(Number(await request(next, 'eth_blockNumber')) >= 1);
  });

  it('tells all windows of a crash with the last lines, and keeps the chain', async () => {
    const owner = await launch();
    const guest = await launch();
    await mine(owner, 2);
    const exits = Promise.all([exitOf(owner), exitOf(guest)]);
    signalProcess(nodePid(), 'SIGKILL');
    for (const exit of await exits) {
      assert.equal(exit.reason, 'crashed');
      assert.ok(
        exit.lastLines.some((line) => line.includes('mined potential block')),
        exit.lastLines.join('\n'),
      );
    }
    assert.ok(!existsSync(join(folder, 'owner.json')));
    const next = await launch();
    assert.ok(Number(await request(next, 'eth_blockNumber')) >= 2);
  });

  it('starts one node when many windows start at once', async () => {
    const windows = await Promise.all([startWindow(), startWindow(), startWindow(), startWindow()]);
    await waitFor('all windows have the node', () =>
      windows.every((window) => /^(owns|joined)$/m.test(window.output())),
    );
    assert.equal(windows.filter((window) => /^owns$/m.test(window.output())).length, 1);
    assert.equal(nodes().length, 1);
  });

  it('leaves no node behind when its window is killed, and the next window starts over with the same chain', async () => {
    const window = await startWindow();
    await printed(window, 'owns');
    const pid = nodePid();
    const left = lock();
    await window.kill();
    await gone(pid);
    const node = await launch();
    assert.equal(node.owned, true);
    assert.notEqual(node.ipcPath, left.ipcPath);
    assert.ok(!existsSync(dirname(left.ownerPath)), 'what the killed window left is cleared away');
  });

  it('is taken over by exactly one of the windows that had joined when the owner is killed', async () => {
    const window = await startWindow();
    await printed(window, 'owns');
    const launchers = await Promise.all([newLauncher(folder), newLauncher(folder), newLauncher(folder)]);
    const guests = await Promise.all(launchers.map(launch));
    const exits = Promise.all(guests.map(exitOf));
    await window.kill();
    assert.deepEqual(
      (await exits).map(({ reason }) => reason),
      ['ownerGone', 'ownerGone', 'ownerGone'],
    );
    const next = await Promise.all(launchers.map(launch));
    assert.deepEqual(next.map(({ owned }) => owned).sort(), [false, false, true]);
    assert.equal(new Set(next.map(({ ipcPath }) => ipcPath)).size, 1);
    assert.equal(nodes().length, 1);
  });

  it('ends a node that hangs after its window was killed', async () => {
    const window = await startWindow();
    await printed(window, 'owns');
    const pid = nodePid();
    signalProcess(pid, 'SIGSTOP');
    await window.kill();
    const log = new LogLines();
    const node = await launch(await newLauncher(folder, { log }));
    assert.equal(node.owned, true);
    assert.ok(isGone(pid));
    assert.deepEqual(
      log.lines.filter((line) => line.startsWith('Ending node')).map((line) => /SIG\w+/.exec(line)?.[0]),
      ['SIGTERM', 'SIGKILL'],
    );
    assert.equal(nodes().length, 1);
  });

  it('does not touch a process that got the number of a node that is gone', async () => {
    const stranger = await startProgram('sleep', ['600']);
    cleanups.push(() => stranger.stop());
    mkdirSync(folder, { recursive: true });
    const ipcPath = join(temporary.path, 'ipc');
    const owner = { pid: process.pid, nodePid: stranger.pid, ipcPath, ownerPath: join(temporary.path, 'owner') };
    writeFileSync(join(folder, 'owner.json'), JSON.stringify(owner));
    const node = await launch();
    assert.equal(node.owned, true);
    assert.ok(stranger.running());
  });

  it('says who has the node when that window does not answer', async () => {
    mkdirSync(folder, { recursive: true });
    const ownerPath = join(temporary.path, 'owner');
    const silent = createServer(() => undefined).listen(ownerPath);
    cleanups.push(() => new Promise((resolve) => silent.close(resolve)));
    writeFileSync(
      join(folder, 'owner.json'),
      JSON.stringify({ pid: 4711, ipcPath: join(temporary.path, 'ipc'), ownerPath }),
    );
    await assert.rejects(launch(), (error) => {
      code('nodeOwnedElsewhere')(error);
      assert.deepEqual((error as { details: unknown }).details, { pid: '4711' });
      return true;
    });
  });

  it('starts in spite of a lock file that is damaged', async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'owner.json'), '{"pid":');
    assert.equal((await launch()).owned, true);
  });

  it('can be cancelled while the node starts', async () => {
    const launcher = await newLauncher(folder, {
      verify: (_ipcPath, _ledger, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new DaoChainError('cancelled', 'Cancelled'));
          });
        }),
    });
    const cancel = new AbortController();
    const starting = launcher.launch({ threads: 1 }, cancel.signal);
    const outcome = assert.rejects(starting, code('cancelled'));
    await waitFor('there is a process', () => existsSync(join(folder, 'owner.json')) && nodePid() > 0);
    const pid = nodePid();
    cancel.abort();
    await outcome;
    await gone(pid);
    assert.ok(!existsSync(join(folder, 'owner.json')));
  });

  it('says what the node said when it does not start', async () => {
    const launcher = await newLauncher(folder);
    const { chainId } = await launcher.network();
    // A file where geth wants a folder.
    const data = join(folder, `chain-${chainId}`, 'node');
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'geth'), '');
    await assert.rejects(launcher.launch({ threads: 1 }, never), (error) => {
      code('nodeFailed')(error);
      assert.match((error as { details: Record<string, string> }).details['lastLines'] ?? '', /Fatal/);
      return true;
    });
    assert.ok(!existsSync(join(folder, 'owner.json')));
  });

  it('refuses a node that has another chain than the network', async () => {
    const launcher = await newLauncher(folder);
    const { chainId } = await launcher.network();
    const other = createDevelopmentNetwork(new Uint8Array(32), ledgerReleases.at(-1)?.runtimeCode ?? '0x');
    const data = join(folder, `chain-${chainId}`, 'node');
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'other.json'), JSON.stringify(other.genesis));
    await runCommand((await findGeth()) ?? '', ['--datadir', data, 'init', join(data, 'other.json')]);
    writeFileSync(join(data, 'initialized'), '');
    await assert.rejects(launcher.launch({ threads: 1 }, never), code('ledgerUnknown'));
    assert.equal(nodes().length, 0);
  });

  it('moves the development chain of an older ledger aside, once, and says where to', async () => {
    const older = await newLauncher(folder, { ledgerCode: '0x6001', verify: () => Promise.resolve() });
    const { chainId } = await older.network();
    const before = await launch(older);
    assert.equal(before.replaced, undefined);
    // A window of the newer version must not touch it while it runs.
    await assert.rejects(launch(), code('nodeOwnedElsewhere'));
    assert.equal(Number(await request(before, 'eth_chainId')), chainId);
    await before.stop();
    const after = await launch();
    assert.match(after.replaced ?? '', /older-\d{4}-\d\d-\d\dT/);
    assert.ok(!existsSync(join(folder, `chain-${chainId}`)));
    const kept = readdirSync(after.replaced ?? '').sort();
    assert.deepEqual([kept.length, kept[0]], [2, `chain-${chainId}`]);
    assert.match(kept[1] ?? '', /^network-[0-9a-f]{8}\.json$/);
    await after.stop();
    assert.equal((await launch()).replaced, undefined);
  });

  it('gives windows that ask at once the same new network', async () => {
    const launchers = await Promise.all(Array.from({ length: 8 }, () => newLauncher(folder)));
    const ids = await Promise.all(launchers.map(async (launcher) => (await launcher.network()).chainId));
    assert.equal(new Set(ids).size, 1);
  });

  it('throws away what an interrupted DAG left and nothing else', async () => {
    const launcher = await newLauncher(folder);
    const datasets = join(folder, `chain-${(await launcher.network()).chainId}`, 'datasets');
    mkdirSync(datasets, { recursive: true });
    writeFileSync(join(datasets, 'full-R23-0000000000000000.123456'), '');
    writeFileSync(join(datasets, 'full-R23-290decd9548b62a8'), '');
    await launch(launcher);
    assert.ok(!existsSync(join(datasets, 'full-R23-0000000000000000.123456')));
    assert.ok(existsSync(join(datasets, 'full-R23-290decd9548b62a8')));
  });
});
