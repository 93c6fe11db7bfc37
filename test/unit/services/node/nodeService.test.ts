import assert from 'node:assert/strict';
import { DaoChainError, isDaoChainError, type ErrorCode } from '../../../../src/core/errors';
import type { Address } from '../../../../src/core/hex';
import { Emitter } from '../../../../src/core/emitter';
import { isDiskFull, NodeService, type NodeState } from '../../../../src/services/node/nodeService';
import type { Log } from '../../../../src/core/ports/log';
import type { BlockHeader } from '../../../../src/core/ports/ledger';
import type { DagProgress, MiningWish, NodeExit, NodeHandle, NodeLauncher } from '../../../../src/core/ports/node';

const quiet: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const wallet: Address = `0x${'a'.repeat(40)}`;

function code(expected: ErrorCode): (error: unknown) => boolean {
  return (error) => isDaoChainError(error, expected);
}

/** A node that does as a test says. */
class FakeHandle implements NodeHandle {
  readonly ipcPath = 'ipc';
  readonly calls = new Map<string, never>();
  readonly #dag = new Emitter<DagProgress | undefined>();
  readonly #exit = new Emitter<NodeExit>();
  readonly #miningEnded = new Emitter<void>();
  released = false;
  /** Whether the window of the test has asked this node to mine. */
  leased = false;
  /** Whether others have, too. */
  others = false;

  readonly replaced: string | undefined;
  threads: number | undefined;

  constructor(
    readonly owned = true,
    replaced?: string,
  ) {
    this.replaced = replaced;
  }

  get mining(): boolean {
    return this.leased || this.others;
  }

  mine: (wish: MiningWish) => Promise<void> = () => {
    this.leased = true;
    return Promise.resolve();
  };

  rest(): Promise<void> {
    this.leased = false;
    return Promise.resolve();
  }

  endMining(): Promise<void> {
    this.leased = this.others = false;
    this.#miningEnded.fire();
    return Promise.resolve();
  }

  readonly onMiningEnded = this.#miningEnded.event;

  readonly onDag = this.#dag.event;
  readonly onExit = this.#exit.event;

  dag(progress: DagProgress | undefined): void {
    this.#dag.fire(progress);
  }

  end(reason: NodeExit['reason'], fault?: DaoChainError): void {
    const frame = { reason, code: reason === 'crashed' ? 1 : 0, lastLines: ['Fatal: last words'] };
    this.#exit.fire({ ...frame, ...(fault !== undefined && { fault }) });
  }

  stop: () => Promise<void> = async () => {
    await settle();
    this.end('stopped');
  };

  release(): Promise<void> {
    this.released = true;
    return Promise.resolve();
  }
}

class World {
  readonly heads = new Emitter<BlockHeader>();
  readonly handles: FakeHandle[] = [];
  readonly pauses: number[] = [];
  readonly states: NodeState[] = [];
  now = 1_000_000;
  block = 5;
  asked = 0;
  /** What the node answers when it is asked how it is. */
  answers: () => Promise<void> = () => Promise.resolve();
  /** Lets those who look now and then look. */
  look: () => void = () => undefined;
  ended = 0;
  etherbase: Address | undefined = wallet;
  launch: (signal: AbortSignal) => Promise<FakeHandle> = () => Promise.resolve(new FakeHandle());
  join: () => Promise<FakeHandle | undefined> = () => Promise.resolve(undefined);
  /** Of each time in which this window ran the node. */
  readonly owned: AbortSignal[] = [];
  readonly service: NodeService;

  constructor(listens = true) {
    const launcher: Pick<NodeLauncher, 'launch' | 'join' | 'end'> = {
      join: () => this.join(),
      launch: async (_options, signal) => {
        const handle = await this.launch(signal);
        this.handles.push(handle);
        return handle;
      },
      end: () => {
        this.ended += 1;
        return Promise.resolve(true);
      },
    };
    this.service = new NodeService({
      launcher: {
        ...launcher,
        onDidChangeOwner: () => silent,
        ipcPath: undefined,
        network: never,
        find: never,
        install: never,
      },
      mining: {
        start: never,
        stop: never,
        nextBlock: never,
        status: async () => {
          this.asked += 1;
          await this.answers();
          return { mining: this.mining, hashrate: this.mining ? 7 : 0 };
        },
      },
      chain: { head: () => Promise.resolve(this.head()), onHead: this.heads.event },
      threads: () => 1,
      etherbase: () => this.etherbase,
      whileOwned: (signal) => {
        this.owned.push(signal);
        return Promise.resolve();
      },
      clock: () => this.now,
      wait: (ms, signal) => {
        if (ms !== lookEvery) {
          this.pauses.push(ms);
          return Promise.resolve();
        }
        return new Promise((resolve) => {
          this.look = resolve;
          signal.addEventListener('abort', () => {
            resolve();
          });
        });
      },
      log: quiet,
    });
    if (listens) this.service.onDidChange((state) => this.states.push(state));
  }

  head(): BlockHeader {
    return { number: this.block, hash: `0x${'1'.repeat(64)}`, parentHash: `0x${'0'.repeat(64)}`, time: 0 };
  }

  mine(): void {
    this.block += 1;
    this.heads.fire(this.head());
  }

  get mining(): boolean {
    return this.handles.at(-1)?.mining ?? false;
  }

  get last(): FakeHandle {
    const handle = this.handles.at(-1);
    assert.ok(handle !== undefined);
    return handle;
  }

  status(): string {
    return this.service.state.status;
  }

  get statuses(): readonly string[] {
    return this.states.map(({ status }) => status).filter((status, index, all) => status !== all[index - 1]);
  }
}

function never(): Promise<never> {
  return Promise.reject(new Error('not to be called'));
}

/** Work that ends when a test says so. */
function open(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Lets everything that can happen without a timer happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

const silent = { dispose: () => undefined };

/** The pause of whoever looks whether a node answers. */
const lookEvery = 10_000;

describe('NodeService', () => {
  it('starts once for all who start it, and stops', async () => {
    const world = new World();
    await Promise.all([world.service.start(), world.service.start()]);
    await world.service.start();
    assert.equal(world.handles.length, 1);
    assert.deepEqual(world.service.state, { status: 'running', owned: true, mining: false, hashrate: 0, block: 5 });
    await world.service.stop();
    assert.deepEqual(world.statuses, ['starting', 'running', 'stopping', 'stopped']);
  });

  it('does what goes with running the node as long as this window runs it, and never for that of another', async () => {
    const running = (world: World): readonly boolean[] => world.owned.map(({ aborted }) => !aborted);
    for (const end of ['stop', 'release'] as const) {
      const world = new World();
      await world.service.start();
      assert.deepEqual(running(world), [true]);
      await world.service[end]();
      assert.deepEqual(running(world), [false]);
    }
    const crashing = new World();
    await crashing.service.start();
    crashing.last.end('crashed');
    await settle();
    assert.deepEqual(running(crashing), [false, true]);
    const joining = new World();
    joining.join = () => Promise.resolve(new FakeHandle(false));
    await joining.service.join();
    assert.equal(joining.service.state.status, 'running');
    assert.deepEqual(running(joining), []);
  });

  it('says why it could not start, and can be started again', async () => {
    const world = new World();
    const error = new DaoChainError('nodeFailed', 'no', { details: { lastLines: 'one\ntwo' } });
    world.launch = () => Promise.reject(error);
    await assert.rejects(world.service.start(), code('nodeFailed'));
    assert.deepEqual(world.service.state, { status: 'failed', error, lastLines: ['one', 'two'] });
    world.launch = () => Promise.resolve(new FakeHandle());
    await world.service.start();
    assert.equal(world.status(), 'running');
  });

  it('is stopped while it starts', async () => {
    const world = new World();
    world.launch = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new DaoChainError('cancelled', 'Cancelled'));
        });
      });
    const starting = assert.rejects(world.service.start(), code('cancelled'));
    await world.service.stop();
    await starting;
    assert.deepEqual(world.service.state, { status: 'stopped' });
  });

  it('starts again after it has stopped when both are asked for at once', async () => {
    const world = new World();
    await world.service.start();
    const stopping = world.service.stop();
    await world.service.start();
    await stopping;
    assert.equal(world.status(), 'running');
    assert.equal(world.handles.length, 2);
  });

  it('is ended without its owner when that one does not answer, or when it could not be joined', async () => {
    const world = new World();
    await world.service.start();
    world.last.stop = () => Promise.reject(new DaoChainError('nodeOwnedElsewhere', 'silent'));
    await world.service.stop();
    assert.deepEqual([world.status(), world.ended, world.last.released], ['stopped', 1, true]);
    world.launch = () => Promise.reject(new DaoChainError('nodeOwnedElsewhere', 'silent'));
    await assert.rejects(world.service.start());
    await world.service.stop();
    assert.deepEqual([world.status(), world.ended], ['stopped', 2]);
  });

  it('ends no node that another window has started since this one was stopped', async () => {
    const world = new World();
    await world.service.start();
    await world.service.stop();
    assert.equal(world.ended, 0);
  });

  it('restarts a node that crashes, later each time, and gives up at the fourth crash', async () => {
    const world = new World();
    await world.service.start();
    for (const launches of [2, 3, 4]) {
      world.last.end('crashed');
      await settle();
      assert.equal(world.handles.length, launches);
      assert.equal(world.status(), 'running');
    }
    world.last.end('crashed');
    await settle();
    assert.deepEqual(world.pauses, [1_000, 2_000, 4_000]);
    assert.equal(world.handles.length, 4);
    assert.ok(world.service.state.status === 'failed');
    assert.deepEqual(world.service.state.lastLines, ['Fatal: last words']);
    assert.equal(world.service.state.error.code, 'nodeFailed');
  });

  it('leaves a node alone that would only end again, and starts it when a person does', async () => {
    const world = new World();
    await world.service.start();
    const fault = new DaoChainError('nodeFailed', 'full', { details: { reason: 'diskFull', folder: '/a' } });
    world.last.end('crashed', fault);
    await settle();
    assert.deepEqual(world.service.state, { status: 'failed', error: fault, lastLines: ['Fatal: last words'] });
    assert.ok(isDiskFull(world.service.state));
    assert.deepEqual([world.handles.length, world.pauses], [1, []]);
    await world.service.start();
    assert.equal(world.status(), 'running');
  });

  it('forgives crashes that were long ago, and all of them when a person starts it again', async () => {
    const world = new World();
    await world.service.start();
    for (let crash = 0; crash < 6; crash++) {
      world.now += 300_001;
      world.last.end('crashed');
      await settle();
    }
    assert.equal(world.status(), 'running');
    for (let crash = 0; crash < 4; crash++) {
      world.last.end('crashed');
      await settle();
    }
    assert.equal(world.status(), 'failed');
    await world.service.start();
    world.last.end('crashed');
    await settle();
    assert.equal(world.status(), 'running');
  });

  it('takes over at once from a window that left, however often that happens', async () => {
    const world = new World();
    await world.service.start();
    for (let time = 0; time < 5; time++) {
      world.last.end('ownerGone');
      await settle();
    }
    assert.equal(world.handles.length, 6);
    assert.deepEqual(world.pauses, []);
  });

  it('uses the node of another window where there is one, and starts none', async () => {
    const world = new World();
    await world.service.join();
    assert.deepEqual([world.status(), world.handles.length], ['stopped', 0]);
    world.join = () => Promise.resolve(new FakeHandle(false));
    await Promise.all([world.service.join(), world.service.join()]);
    assert.deepEqual(world.service.state, { status: 'running', owned: false, mining: false, hashrate: 0, block: 5 });
    assert.deepEqual([world.statuses, world.handles.length], [['running'], 0]);
  });

  it('is started by a person while it looks for the node of another window', async () => {
    const world = new World();
    const looking = open();
    world.join = async () => {
      await looking.promise;
      return undefined;
    };
    const [joined, started] = [world.service.join(), world.service.start()];
    looking.resolve();
    await Promise.all([joined, started]);
    assert.deepEqual([world.status(), world.handles.length], ['running', 1]);
  });

  it('stays stopped when another window has stopped it', async () => {
    const world = new World();
    await world.service.setMining(true);
    world.last.end('stopped');
    await settle();
    assert.deepEqual(world.service.state, { status: 'stopped' });
    await world.service.start();
    assert.equal(world.mining, false);
  });

  it('does not start again what a closing window releases', async () => {
    const world = new World();
    await world.service.start();
    await world.service.release();
    world.last.end('ownerGone');
    await settle();
    assert.ok(world.last.released);
    assert.equal(world.handles.length, 1);
  });

  it('mines for nobody when there is no wallet', async () => {
    const world = new World();
    world.etherbase = undefined;
    await assert.rejects(world.service.setMining(true), code('walletMissing'));
    await assert.rejects(
      world.service.mineWhile(() => Promise.resolve()),
      code('walletMissing'),
    );
    assert.equal(world.handles.length, 0);
  });

  it('mines on after a restart', async () => {
    const world = new World();
    await world.service.setMining(true);
    world.last.end('crashed');
    await settle();
    assert.ok(world.mining);
    assert.deepEqual(world.service.state, { status: 'running', owned: true, mining: true, hashrate: 7, block: 5 });
  });

  it('mines as long as any work needs it, and no longer', async () => {
    const world = new World();
    const [first, second] = [open(), open()];
    const works = [world.service.mineWhile(() => first.promise), world.service.mineWhile(() => second.promise)];
    await settle();
    assert.ok(world.mining);
    first.resolve();
    await works[0];
    assert.ok(world.mining);
    second.resolve();
    await works[1];
    assert.equal(world.mining, false);
  });

  it('stops mining after work that failed, and leaves what others wait for as it was', async () => {
    const world = new World();
    await assert.rejects(
      world.service.mineWhile(() => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal(world.mining, false);
    await world.service.setMining(true);
    await world.service.mineWhile(() => Promise.resolve());
    assert.equal(world.mining, true);
    world.last.others = true;
    await world.service.setMining(false);
    assert.deepEqual([world.last.leased, world.mining], [false, true]);
    await world.service.mineWhile(() => Promise.resolve());
    assert.deepEqual([world.last.leased, world.mining], [false, true]);
  });

  it('mines on for what waits for blocks when a person takes only their own wish back', async () => {
    const world = new World();
    const work = open();
    await world.service.setMining(true);
    const mining = world.service.mineWhile(() => work.promise);
    await settle();
    await world.service.setMining(false);
    assert.equal(world.mining, true);
    work.resolve();
    await mining;
    assert.equal(world.mining, false);
  });

  it('tells everybody who waits for blocks when all mining is ended', async () => {
    const world = new World();
    const told: unknown[] = [];
    const work = world.service.mineWhile(async (ended) => {
      await new Promise((resolve) => {
        ended.addEventListener('abort', resolve);
      });
      told.push(ended.reason);
      return 'went on by itself';
    });
    const blocks = assert.rejects(
      world.service.mineUntil(() => false, new AbortController().signal),
      code('miningEnded'),
    );
    await settle();
    await world.service.endMining();
    await blocks;
    assert.equal(await work, 'went on by itself');
    assert.ok(isDaoChainError(told[0], 'miningEnded'));
    assert.equal(world.mining, false);
  });

  it('tells who waits for blocks when the node has not answered twice', async () => {
    const world = new World();
    const outcome = assert.rejects(
      world.service.mineUntil(() => false, new AbortController().signal),
      code('nodeUnavailable'),
    );
    await settle();
    world.answers = () => Promise.reject(new DaoChainError('nodeUnavailable', 'hangs'));
    world.look();
    await settle();
    world.answers = () => Promise.resolve();
    world.look();
    await settle();
    world.answers = () => Promise.reject(new DaoChainError('nodeUnavailable', 'hangs'));
    world.look();
    await settle();
    world.look();
    await outcome;
  });

  it('asks again for mining that could not be begun', async () => {
    const world = new World();
    await world.service.start();
    const { mine } = world.last;
    const work = open();
    const mining = world.service.mineWhile(() => work.promise);
    await settle();
    world.last.end('crashed');
    world.launch = () => {
      const handle = new FakeHandle();
      handle.mine = () => Promise.reject(new DaoChainError('nodeUnavailable', 'not yet'));
      return Promise.resolve(handle);
    };
    await settle();
    assert.equal(world.mining, false);
    world.last.mine = () => {
      world.last.leased = true;
      return mine({ threads: 1, etherbase: wallet });
    };
    world.look();
    await settle();
    assert.equal(world.mining, true);
    work.resolve();
    await mining;
  });

  it('mines until a block is as deep as it has to be', async () => {
    const world = new World();
    const final = world.service.mineUntilFinal(5, 3, new AbortController().signal);
    await settle();
    world.mine();
    await settle();
    assert.ok(world.mining);
    world.mine();
    await final;
    assert.equal(world.mining, false);
  });

  it('ends waiting for blocks when it is cancelled, and when the node is gone for good', async () => {
    const world = new World();
    const cancel = new AbortController();
    const outcome = assert.rejects(
      world.service.mineUntil(() => false, cancel.signal),
      code('cancelled'),
    );
    await settle();
    cancel.abort();
    await outcome;
    await assert.rejects(
      world.service.mineUntil(() => false, cancel.signal),
      code('cancelled'),
    );
    const other = assert.rejects(
      world.service.mineUntil(() => false, new AbortController().signal),
      code('nodeUnavailable'),
    );
    await settle();
    await world.service.stop();
    await other;
  });

  it('says that a DAG is built only while that keeps it from mining', async () => {
    const world = new World();
    await world.service.setMining(true);
    world.last.dag({ epoch: 0, percent: 12 });
    assert.ok(world.service.state.status === 'buildingDag');
    assert.deepEqual(world.service.state.dag, { epoch: 0, percent: 12 });
    world.last.dag(undefined);
    assert.equal(world.status(), 'running');
    world.last.dag({ epoch: 1, percent: 3 });
    assert.equal(world.status(), 'running');
    assert.ok('nextDag' in world.service.state);
    assert.deepEqual(world.service.state.nextDag, { epoch: 1, percent: 3 });
    world.block = 29_999;
    world.heads.fire(world.head());
    await settle();
    assert.equal(world.status(), 'buildingDag');
  });

  it('tells how many threads mine', async () => {
    const world = new World();
    await world.service.start();
    assert.equal('threads' in world.service.state, false);
    world.last.threads = 3;
    world.mine();
    await settle();
    assert.ok(world.service.state.status === 'running');
    assert.equal(world.service.state.threads, 3);
  });

  it('begins nothing where the machine has no room for the DAG, and goes back on the wish', async () => {
    const world = new World();
    await world.service.start();
    let asked = 0;
    world.last.mine = () => {
      asked += 1;
      return Promise.reject(new DaoChainError('miningRefused', 'no room', { details: { reason: 'memory' } }));
    };
    await assert.rejects(world.service.setMining(true), code('miningRefused'));
    await assert.rejects(
      world.service.mineUntil(() => false, new AbortController().signal),
      code('miningRefused'),
    );
    await world.service.refresh();
    assert.equal(asked, 2);
    assert.equal(world.status(), 'running');
  });

  it('says so to who waits for blocks where that comes after a restart', async () => {
    const world = new World();
    const outcome = assert.rejects(
      world.service.mineUntil(() => false, new AbortController().signal),
      code('miningRefused'),
    );
    await settle();
    const launch = world.launch;
    world.launch = async (signal) => {
      const handle = await launch(signal);
      handle.mine = () => Promise.reject(new DaoChainError('miningRefused', 'no room'));
      return handle;
    };
    world.last.end('crashed');
    await settle();
    world.look();
    await outcome;
  });

  it('says it no longer once a block has come, also where the log tells no end', async () => {
    const world = new World();
    await world.service.setMining(true);
    const come = async (): Promise<void> => {
      world.block += 1;
      world.heads.fire(world.head());
      await settle();
    };
    await come();
    world.last.dag({ epoch: 0, percent: 99 });
    assert.equal(world.status(), 'buildingDag');
    await come();
    assert.equal(world.status(), 'running');
    // Somebody else mined it, and here it is still being built.
    world.last.dag({ epoch: 0, percent: 99 });
    assert.equal(world.status(), 'buildingDag');
  });

  it('follows the chain only while somebody listens', async () => {
    const world = new World(false);
    await world.service.start();
    assert.equal(world.heads.hasListeners, false);
    const listener = world.service.onDidChange(() => undefined);
    assert.equal(world.heads.hasListeners, true);
    listener.dispose();
    assert.equal(world.heads.hasListeners, false);
  });

  it('passes over blocks that come faster than answers', async () => {
    const world = new World();
    await world.service.start();
    const { asked } = world;
    for (let block = 0; block < 100; block++) world.mine();
    await settle();
    assert.ok(world.asked - asked <= 2, `${world.asked - asked} times`);
    assert.ok(world.service.state.status === 'running');
    assert.equal(world.service.state.block, 105);
  });

  it('tells that the chain of an older ledger was replaced', async () => {
    const world = new World();
    let told = 0;
    world.service.onDidReplaceChain(() => told++);
    world.launch = () => Promise.resolve(new FakeHandle(true, '/aside'));
    await world.service.start();
    assert.equal(told, 1);
  });
});
