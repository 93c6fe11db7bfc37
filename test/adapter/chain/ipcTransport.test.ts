import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import * as v from 'valibot';
import { IpcTransport } from '../../../src/adapters/chain/ipcTransport';
import { RpcError, type RpcLimits } from '../../../src/adapters/chain/rpcTransport';
import type { ErrorCode } from '../../../src/core/errors';
import { startNode, type TestNode } from '../../testbed/geth';
import { temporaryFolder, type TemporaryFolder } from '../../testbed/program';
import { waitFor } from '../../testbed/waitFor';

const requestSchema = v.object({ id: v.number(), method: v.string(), params: v.array(v.unknown()) });
type Request = v.InferOutput<typeof requestSchema>;

const never = new AbortController().signal;

/** A node that answers as a test says: `answer` gets each message's calls and the socket. */
class FakeNode {
  connections = 0;
  readonly sockets = new Set<Socket>();
  readonly seen: Request[] = [];
  readonly #server: Server;

  constructor(path: string, answer: (calls: readonly Request[], socket: Socket) => void) {
    this.#server = createServer((socket) => {
      this.connections += 1;
      this.sockets.add(socket);
      let text = '';
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        text += data.toString();
        const lines = text.split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) {
          const calls = v.parse(
            v.union([
              v.array(requestSchema),
              v.pipe(
                requestSchema,
                v.transform((one) => [one]),
              ),
            ]),
            JSON.parse(line),
          );
          this.seen.push(...calls);
          answer(calls, socket);
        }
      });
    });
    this.#server.listen(path);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function result(id: number, value: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id, result: value }) + '\n';
}

function code(expected: ErrorCode): (error: unknown) => boolean {
  return (error) => {
    assert.equal((error as { code?: unknown }).code, expected, String(error));
    return true;
  };
}

describe('IpcTransport', () => {
  let folder: TemporaryFolder;
  let path: string;
  let node: FakeNode | undefined;
  let transport: IpcTransport | undefined;

  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder.path, 'node');
  });
  afterEach(async () => {
    transport?.dispose();
    await node?.close();
    node = transport = undefined;
    folder.remove();
  });

  const connect = (options?: RpcLimits): IpcTransport => (transport = new IpcTransport(() => path, options));
  const serve = (answer: (calls: readonly Request[], socket: Socket) => void): FakeNode =>
    (node = new FakeNode(path, answer));

  it('answers one call and a batch, in the order of the calls whatever the order of the answers', async () => {
    serve((calls, socket) => {
      const answers = calls.map(({ id, params }) => ({ jsonrpc: '2.0', id, result: params[0] }));
      socket.write(JSON.stringify(calls.length === 1 ? answers[0] : answers.reverse()) + '\n');
    });
    const rpc = connect();
    assert.equal(await rpc.request('echo', [1], never), 1);
    const calls = [7, 8, 9].map((value) => ({ method: 'echo', params: [value] }));
    assert.deepEqual(await rpc.batch(calls, never), [7, 8, 9]);
    assert.deepEqual(await rpc.batch([], never), []);
    assert.equal(node?.connections, 1);
  });

  it('says that no node runs when there is no path, and when nothing listens at it', async () => {
    const where: string[] = [];
    const rpc = new IpcTransport(() => where[0]);
    await assert.rejects(rpc.request('eth_chainId', [], never), code('nodeUnavailable'));
    serve(([call], socket) => socket.write(result(call?.id ?? 0, '0x1')));
    where.push(path);
    assert.equal(await rpc.request('eth_chainId', [], never), '0x1');
    rpc.dispose();
    await node?.close();
    await assert.rejects(connect().request('eth_chainId', [], never), code('nodeUnavailable'));
  });

  it('connects as soon as a node has come', async () => {
    const rpc = connect();
    await assert.rejects(rpc.request('eth_chainId', [], never), code('nodeUnavailable'));
    serve(([call], socket) => socket.write(result(call?.id ?? 0, '0x1')));
    assert.equal(await rpc.request('eth_chainId', [], never), '0x1');
  });

  it('rejects everything that waits when the connection ends in the middle of a line, and connects again', async () => {
    let first = true;
    serve(([call], socket) => {
      const whole = result(call?.id ?? 0, 'whole');
      if (!first) socket.write(whole);
      else if (call?.method === 'last') socket.end(whole.slice(0, 20));
      if (call?.method === 'last') first = false;
    });
    const rpc = connect();
    const waiting = ['one', 'two', 'last'].map((method) => rpc.request(method, [], never));
    for (const outcome of await Promise.allSettled(waiting)) {
      assert.equal(outcome.status, 'rejected');
      code('nodeUnavailable')(outcome.reason);
    }
    assert.equal(await rpc.request('again', [], never), 'whole');
    assert.equal(node?.connections, 2);
  });

  it('puts together an answer of 20 MB that comes in pieces', async () => {
    const large = 'ab'.repeat(10 * 2 ** 20);
    serve(([call], socket) => socket.write(result(call?.id ?? 0, large)));
    assert.equal(await connect().request('large', [], never), large);
  });

  it('gives up an answer that is larger than it may be, and says so', async () => {
    serve(([call], socket) => socket.write(result(call?.id ?? 0, 'x'.repeat(200_000))));
    await assert.rejects(connect({ maximumBytes: 100_000 }).request('large', [], never), (error) => {
      code('nodeUnavailable')(error);
      assert.equal((error as { details: Record<string, string> }).details['reason'], 'answerTooLarge');
      return true;
    });
  });

  for (const [what, garbage] of [
    ['no JSON', 'hello\n'],
    ['no answer', '{"foo":1}\n'],
    ['an answer without id', '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error"}}\n'],
    ['a web server', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ] as const) {
    it(`hangs up on ${what}`, async () => {
      serve((_, socket) => socket.write(garbage));
      await assert.rejects(connect().request('eth_chainId', [], never), code('nodeUnavailable'));
    });
  }

  it('passes over an answer that nobody waits for', async () => {
    serve(([call], socket) => socket.write(result(4_711, 'stray') + result(call?.id ?? 0, 'right')));
    assert.equal(await connect().request('eth_chainId', [], never), 'right');
  });

  it('passes over the late answer to a call that was cancelled', async () => {
    const late: (() => void)[] = [];
    serve(([call], socket) => {
      const answer = (): void => void socket.write(result(call?.id ?? 0, call?.method));
      if (call?.method === 'slow') late.push(answer);
      else answer();
    });
    const rpc = connect();
    const cancel = new AbortController();
    const slow = rpc.request('slow', [], cancel.signal);
    await waitFor('the call has arrived', () => late.length > 0);
    cancel.abort();
    await assert.rejects(slow, code('cancelled'));
    late[0]?.();
    assert.equal(await rpc.request('quick', [], never), 'quick');
    await assert.rejects(rpc.request('never', [], cancel.signal), code('cancelled'));
  });

  it('does not wait longer than it may', async () => {
    serve(() => undefined);
    await assert.rejects(connect({ timeoutMs: 50 }).request('eth_chainId', [], never), code('nodeUnavailable'));
  });

  it('tells the error of the node, and of a batch the first', async () => {
    serve((calls, socket) => {
      const answers = calls.map(({ id }) => ({ id, error: { code: 3, message: 'execution reverted', data: '0x01' } }));
      socket.write(JSON.stringify(answers.length === 1 ? answers[0] : answers) + '\n');
    });
    const rpc = connect();
    for (const failing of [
      rpc.request('one', [], never),
      rpc.batch(
        [
          { method: 'a', params: [] },
          { method: 'b', params: [] },
        ],
        never,
      ),
    ]) {
      await assert.rejects(failing, (error) => error instanceof RpcError && error.code === 3 && error.data === '0x01');
    }
  });

  it('rejects what waits and what comes when it is disposed', async () => {
    const fake = serve(() => undefined);
    const rpc = connect();
    const waiting = rpc.request('eth_chainId', [], never);
    await waitFor('the call has arrived', () => fake.seen.length > 0);
    rpc.dispose();
    await assert.rejects(waiting, code('nodeUnavailable'));
    await assert.rejects(rpc.request('eth_chainId', [], never), code('nodeUnavailable'));
  });

  it('subscribes again on each connection and ends the subscription when it is disposed', async () => {
    let subscriptions = 0;
    const fake = serve(([call], socket) => {
      if (call?.method === 'eth_subscribe') {
        const id = `0x${++subscriptions}`;
        socket.write(result(call.id, id));
        const params = { subscription: id, result: subscriptions };
        socket.write(JSON.stringify({ jsonrpc: '2.0', method: 'eth_subscription', params }) + '\n');
        // As soon as the notification of the first is there the node goes away.
        if (subscriptions === 1) setImmediate(() => socket.end());
      } else if (call !== undefined) socket.write(result(call.id, true));
    });
    const begun: number[] = [];
    const rpc = connect();
    const subscription = rpc.subscribe(
      'newHeads',
      () => undefined,
      () => begun.push(subscriptions),
    );
    await waitFor(
      'the first subscription has begun and was lost',
      () => begun.length === 1 && [...fake.sockets].every((socket) => socket.destroyed),
    );
    await rpc.request('anything', [], never);
    await waitFor('the second subscription has begun', () => begun.length === 2);
    subscription.dispose();
    await waitFor('it was ended', () =>
      fake.seen.some(({ method, params }) => method === 'eth_unsubscribe' && params[0] === '0x2'),
    );
  });

  it('begins a subscription that was made before there was a node', async () => {
    const rpc = connect();
    const values: unknown[] = [];
    rpc.subscribe(
      'newHeads',
      (value) => values.push(value),
      () => undefined,
    );
    await assert.rejects(rpc.request('eth_chainId', [], never), code('nodeUnavailable'));
    serve(([call], socket) => {
      socket.write(result(call?.id ?? 0, '0xab'));
      if (call?.method !== 'eth_subscribe') return;
      setImmediate(() => {
        const params = { subscription: '0xab', result: 5 };
        socket.write(JSON.stringify({ jsonrpc: '2.0', method: 'eth_subscription', params }) + '\n');
      });
    });
    await rpc.request('eth_chainId', [], never);
    await waitFor('a value has come', () => values.includes(5));
  });

  describe('with a real node', () => {
    let geth: TestNode;
    before(async () => {
      geth = await startNode();
    });
    after(() => geth.dispose());

    it('rejects a call during which the node is killed, and serves the next one after a restart', async () => {
      const rpc = (transport = new IpcTransport(() => geth.ipcPath));
      assert.equal(await rpc.request('eth_chainId', [], never), '0x4ec1');
      // Something that keeps the node busy for longer than the test.
      const loop = '0x5b600056';
      const call = rpc.request('eth_call', [{ data: loop, gas: '0x1000000000000' }, 'latest'], never);
      const outcome = assert.rejects(call, code('nodeUnavailable'));
      await rpc.request('eth_chainId', [], never);
      await geth.kill();
      await outcome;
      await assert.rejects(rpc.request('eth_chainId', [], never), code('nodeUnavailable'));
      await geth.start();
      assert.equal(await rpc.request('eth_chainId', [], never), '0x4ec1');
    });
  });
});
