import assert from 'node:assert/strict';
import { RpcWorkReader } from '../../../src/adapters/chain/workReader';
import type { RpcCall, RpcTransport } from '../../../src/adapters/chain/rpcTransport';
import { IpcTransport } from '../../../src/adapters/chain/ipcTransport';
import { startNode, type TestNode } from '../../testbed/geth';

const never = new AbortController().signal;

describe('the reader of what miners do', () => {
  let node: TestNode;
  let transport: IpcTransport;
  let asked: number;
  let counted: RpcTransport;

  before(async () => {
    node = await startNode();
    transport = new IpcTransport(() => node.ipcPath);
    counted = {
      request: (method, params, signal) => transport.request(method, params, signal),
      batch: (calls: readonly RpcCall[], signal) => {
        asked += calls.length;
        return transport.batch(calls, signal);
      },
      subscribe: (...args) => transport.subscribe(...args),
      dispose: () => undefined,
    };
  });
  beforeEach(() => {
    asked = 0;
  });
  after(async () => {
    transport.dispose();
    await node.dispose();
  });

  it('reads the newest blocks of a real chain once, and then what is new', async () => {
    const reader = new RpcWorkReader(counted);
    assert.deepEqual(
      (await reader.newest(4, never)).map(({ number, difficulty }) => [number, difficulty]),
      [[0, 131_072n]],
    );
    const head = await node.mine(6);
    const blocks = await reader.newest(4, never);
    assert.deepEqual(
      blocks.map(({ number }) => number),
      [head - 3, head - 2, head - 1, head],
    );
    for (const { miner, difficulty, time } of blocks) {
      assert.equal(miner, `0x${'ee'.padStart(40, '0')}`);
      assert.ok(difficulty >= 131_072n && time > 1_600_000_000);
    }
    asked = 0;
    assert.deepEqual(await reader.newest(4, never), blocks);
    assert.equal(asked, 1);
    const next = await node.mine(1);
    const later = await reader.newest(4, never);
    assert.equal(later.at(-1)?.number, next);
    assert.equal(later.length, 4);
  });
});
