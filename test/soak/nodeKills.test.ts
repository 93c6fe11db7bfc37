/**
 * Kills at every step of a node's life. Whatever was killed: the next window has the node within a bound, on the same
 * chain, alone, and nothing that was final is gone.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { IpcTransport } from '../../src/adapters/chain/ipcTransport';
import { findNodes, type NodeProcess } from '../../src/adapters/geth/nodeProcesses';
import { newLauncher } from '../adapter/geth/newLauncher';
import { startWindow, type Window } from '../adapter/geth/startWindow';
import { signalProcess, temporaryFolder, type TemporaryFolder } from '../testbed/program';
import { waitFor } from '../testbed/waitFor';
import type { NodeHandle } from '../../src/core/ports/node';

const never = new AbortController().signal;
const patience = { timeoutMs: 120_000 };

describe('a node after a kill', function () {
  this.timeout(300_000);
  let temporary: TemporaryFolder;
  let folder: string;
  let chain: string;
  let block: unknown;
  let windows: Window[];

  const ask = async ({ ipcPath }: NodeHandle, method: string, ...params: readonly unknown[]): Promise<unknown> => {
    const transport = new IpcTransport(() => ipcPath);
    try {
      return await transport.request(method, params, never);
    } finally {
      transport.dispose();
    }
  };
  const launch = async (): Promise<NodeHandle> => (await newLauncher(folder)).launch({ threads: 1 }, never);
  const window = async (...what: readonly string[]): Promise<Window> => {
    const started = await startWindow(folder, ...what);
    windows.push(started);
    return started;
  };
  const owner = async (...what: readonly string[]): Promise<Window> => {
    const started = await window(...what);
    await started.says('owns');
    return started;
  };
  const node = (): Promise<NodeProcess> =>
    waitFor('there is a node', async () => (await findNodes(folder)).find(({ ipcPath }) => ipcPath !== undefined), {
      ...patience,
      everyMs: 1,
    });
  /** A window whose node's genesis is just being written, which takes so short that it can be missed. */
  const writingGenesis = async (): Promise<{ readonly started: Window; readonly init: NodeProcess }> => {
    for (;;) {
      for (const name of ['initialized', 'geth']) rmSync(join(chain, 'node', name), { recursive: true, force: true });
      const started = await window();
      const init = await waitFor(
        'the genesis is written',
        async () => {
          const found = (await findNodes(folder)).find(({ ipcPath }) => ipcPath === undefined);
          return found ?? (started.output().includes('owns') && 'missed');
        },
        { ...patience, everyMs: 1 },
      );
      if (init !== 'missed') return { started, init };
      await started.stop();
    }
  };
  const kill = ({ pid }: { readonly pid: number }, signal: NodeJS.Signals = 'SIGKILL'): boolean =>
    signalProcess(pid, signal);
  const ownerFile = (): string => join(folder, 'owner.json');

  before(async () => {
    temporary = temporaryFolder();
    folder = join(temporary.path, 'network');
    const { chainId } = await (await newLauncher(folder)).network();
    chain = join(folder, `chain-${chainId}`);
    const first = await launch();
    await first.mine({ threads: 1, etherbase: `0x${'e'.repeat(40)}` });
    await waitFor('blocks', async () => Number(await ask(first, 'eth_blockNumber')) >= 8, patience);
    await first.rest();
    block = await ask(first, 'eth_getBlockByNumber', '0x2', false);
    await first.stop();
  });
  beforeEach(() => {
    windows = [];
  });
  after(() => {
    temporary.remove();
  });

  /** `empty`: the kill comes before there is a chain, so that none can be kept. */
  interface Kill {
    readonly how: string;
    readonly isEmpty?: true;
    readonly run: () => Promise<void>;
  }
  const starting = async (): Promise<Window> => {
    const started = await window();
    await node();
    return started;
  };
  const kills: readonly Kill[] = [
    { how: 'of the node as soon as it is there', run: async () => void (await starting(), kill(await node())) },
    { how: 'of the window as soon as its node is there', run: async () => (await starting()).kill() },
    {
      how: 'of the window after it has taken the folder, before its node is there',
      run: async () => {
        const started = await window();
        await waitFor('it has the folder', () => existsSync(ownerFile()), { ...patience, everyMs: 1 });
        await started.kill();
      },
    },
    ...[50, 200, 400, 600, 800, 1_200].map((ms) => ({
      how: `of a window ${ms} ms after its node was there`,
      run: async () => {
        const started = await starting();
        await delay(ms);
        await started.kill();
      },
    })),
    ...[50, 200, 400, 800].map((ms) => ({
      how: `of a node ${ms} ms after it was there`,
      run: async () => {
        const started = await starting();
        await delay(ms);
        kill(await node());
        await started.stop();
      },
    })),
    {
      how: 'of the writing of the genesis',
      isEmpty: true,
      run: async () => {
        const { started, init } = await writingGenesis();
        kill(init);
        await started.stop();
      },
    },
    {
      how: 'of the window while the genesis is written',
      isEmpty: true,
      run: async () => {
        await (await writingGenesis()).started.kill();
      },
    },
    {
      how: 'of the window while the writing of the genesis hangs',
      isEmpty: true,
      run: async () => {
        const { started, init } = await writingGenesis();
        kill(init, 'SIGSTOP');
        await started.kill();
      },
    },
    {
      how: 'of the node while it mines',
      run: async () => {
        const mining = await owner('mine');
        await delay(2_000);
        kill(await node());
        await mining.says('exit crashed');
      },
    },
    { how: 'of the window while its node mines', run: async () => (await owner('mine')).kill() },
    {
      how: 'of both at once while it mines',
      run: async () => {
        const mining = await owner('mine');
        await delay(1_000);
        kill(await node());
        await mining.kill();
      },
    },
    {
      how: 'of a guest that wants blocks',
      run: async () => {
        await owner();
        const guest = await window('mine');
        await guest.says('joined');
        await guest.kill();
      },
    },
    {
      how: 'of the window whose node hangs',
      run: async () => {
        const hanging = await owner();
        kill(await node(), 'SIGSTOP');
        await hanging.kill();
      },
    },
    {
      how: 'of a node by the signal that asks it to end',
      run: async () => {
        const asked = await owner();
        kill(await node(), 'SIGTERM');
        await asked.says('exit crashed');
      },
    },
    {
      how: 'of a node by Ctrl-C of another terminal',
      run: async () => {
        const asked = await owner();
        const pressed = await node();
        // Its console takes Ctrl-C from when it has begun, a moment after the node answers: until then it is pressed again.
        await waitFor('the node ends', () => !kill(pressed, 'SIGINT'), { ...patience, everyMs: 500 });
        await asked.says('exit crashed');
      },
    },
    {
      how: 'of a window that was asked to end',
      run: async () => {
        const leaving = await owner();
        kill(leaving, 'SIGTERM');
        await leaving.kill();
      },
    },
    {
      how: 'of the node while it is stopped',
      run: async () => {
        const leaving = await owner();
        const { pid } = await node();
        kill(leaving, 'SIGTERM');
        signalProcess(pid, 'SIGKILL');
        await leaving.ended;
      },
    },
    {
      how: 'of a window that stops a node which hangs',
      run: async () => {
        await owner();
        kill(await node(), 'SIGSTOP');
        const stopping = (await newLauncher(folder)).end(AbortSignal.timeout(500));
        await stopping.catch(() => undefined);
      },
    },
    {
      how: 'of all of four windows that start at once',
      run: async () => {
        const all = await Promise.all([window(), window(), window(), window()]);
        await node();
        await Promise.all(all.map((each) => each.kill()));
      },
    },
    {
      how: 'of the owner while three others use its node',
      run: async () => {
        const first = await owner();
        const guests = await Promise.all([window(), window(), window()]);
        for (const guest of guests) await guest.says('joined');
        await first.kill();
      },
    },
    {
      how: 'between the draft of an entry and its name',
      run: () => {
        writeFileSync(`${ownerFile()}.0123456789abcdef`, '{"pid":');
        return Promise.resolve();
      },
    },
    {
      how: 'between the two steps by which an entry is removed',
      run: async () => {
        const taken = await owner();
        renameSync(ownerFile(), `${ownerFile()}.fedcba9876543210`);
        await waitFor('its owner has put it back', () => existsSync(ownerFile()), patience);
        await taken.kill();
      },
    },
    {
      how: 'between the draft of a network file and its name',
      run: () => {
        const [name = ''] = readdirSync(folder).filter((each) => /^network-.*\.json$/.test(each));
        const file = join(folder, name);
        writeFileSync(`${file}.0123456789abcdef`, readFileSync(file, 'utf8').slice(0, 100));
        rmSync(file);
        return Promise.resolve();
      },
    },
    {
      how: 'between the genesis and the mark that it is written',
      run: () => {
        rmSync(join(chain, 'node', 'initialized'));
        return Promise.resolve();
      },
    },
    {
      how: 'between the configuration and its name',
      run: () => {
        rmSync(join(chain, 'geth.toml'));
        writeFileSync(join(chain, 'geth.toml.0123456789abcdef'), '[Eth');
        return Promise.resolve();
      },
    },
    {
      how: 'between the mark of a stop and its end',
      run: async () => {
        const marked = await owner();
        writeFileSync(join(folder, 'stopped'), (await node()).ipcPath ?? '');
        await marked.kill();
      },
    },
  ];

  for (const { how, isEmpty, run } of kills) {
    it(how, async () => {
      const kept = join(temporary.path, 'kept');
      if (isEmpty === true) {
        rmSync(kept, { recursive: true, force: true });
        mkdirSync(kept);
        renameSync(join(chain, 'node', 'geth'), join(kept, 'geth'));
      }
      try {
        await run();
        const next = await launch();
        try {
          assert.equal((await findNodes(folder)).length, 1);
          if (isEmpty !== true) assert.deepEqual(await ask(next, 'eth_getBlockByNumber', '0x2', false), block);
          else assert.equal(await ask(next, 'eth_blockNumber'), '0x0');
          assert.ok(existsSync(dirname(next.ipcPath)));
        } finally {
          await next.stop();
        }
        await Promise.all(windows.map((each) => each.stop()));
        assert.deepEqual(await findNodes(folder), []);
        assert.ok(!existsSync(ownerFile()));
      } finally {
        await Promise.all(windows.map((each) => each.stop()));
        if (isEmpty === true) {
          rmSync(join(chain, 'node', 'geth'), { recursive: true, force: true });
          renameSync(join(kept, 'geth'), join(chain, 'node', 'geth'));
          writeFileSync(join(chain, 'node', 'initialized'), '');
        }
      }
    });
  }
});
