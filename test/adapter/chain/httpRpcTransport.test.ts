import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { HttpRpcTransport, type HttpRpcTransportOptions } from '../../../src/adapters/chain/httpRpcTransport';
import { RpcError } from '../../../src/adapters/chain/rpcTransport';
import { isDaoChainError, type ErrorCode } from '../../../src/core/errors';
import { waitFor } from '../../testbed/waitFor';

const never = new AbortController().signal;
const callSchema = v.object({ id: v.number(), method: v.string(), params: v.array(v.unknown()) });
type Call = v.InferOutput<typeof callSchema>;

function coded(code: ErrorCode, reason?: string): (error: unknown) => boolean {
  return (error) => isDaoChainError(error, code) && error.details['reason'] === reason;
}

describe('HttpTransport', () => {
  let server: Server;
  let handle: (request: IncomingMessage, response: ServerResponse) => void;
  let transport: HttpRpcTransport | undefined;
  let asked = 0;

  beforeEach(async () => {
    asked = 0;
    server = createServer((request, response) => {
      asked += 1;
      handle(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    transport?.dispose();
    server.closeAllConnections();
    server.close();
  });

  const connect = (options?: HttpRpcTransportOptions, login = ''): HttpRpcTransport => {
    const { port } = server.address() as AddressInfo;
    return (transport = new HttpRpcTransport(new URL(`http://${login}127.0.0.1:${port}/rpc`), options));
  };
  /** Answers each message as `reply` says of its calls. */
  const answering = (reply: (calls: readonly Call[]) => unknown): void => {
    handle = (request, response) => {
      void text(request).then((body) => {
        const calls = v.parse(v.union([callSchema, v.array(callSchema)]), JSON.parse(body));
        response.end(JSON.stringify(reply([calls].flat())));
      });
    };
  };
  const saying = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): void => {
    handle = (request, response) => {
      request.resume();
      response.writeHead(status, headers).end(body);
    };
  };

  it('answers one call and a batch, in the order of the calls whatever the order of the answers', async () => {
    answering((calls) => {
      const answers = calls.map(({ id, method }) => ({ jsonrpc: '2.0', id, result: method.toUpperCase() }));
      return answers.length === 1 ? answers[0] : answers.reverse();
    });
    const rpc = connect();
    assert.equal(await rpc.request('a', [], never), 'A');
    const calls = ['a', 'b', 'c'].map((method) => ({ method, params: [] }));
    assert.deepEqual(await rpc.batch(calls, never), ['A', 'B', 'C']);
    assert.deepEqual(await rpc.batch([], never), []);
    assert.equal(asked, 2);
  });

  it('tells the error of the node, with any status', async () => {
    saying(400, JSON.stringify({ jsonrpc: '2.0', id: 0, error: { code: -32000, message: 'no', data: '0x12' } }));
    await assert.rejects(
      connect().request('a', [], never),
      (error) => error instanceof RpcError && error.code === -32000 && error.data === '0x12',
    );
  });

  it('sends a login as basic authentication, and not in the address', async () => {
    let seen: IncomingMessage | undefined;
    handle = (request, response) => {
      seen = request;
      response.end('{"id":0,"result":1}');
    };
    await connect({}, 'me:p%40ss@').request('a', [], never);
    assert.equal(seen?.headers.authorization, `Basic ${Buffer.from('me:p@ss').toString('base64')}`);
    assert.equal(seen.url, '/rpc');
  });

  const useless: readonly (readonly [string, number, string, Readonly<Record<string, string>>?])[] = [
    ['no JSON', 200, 'hello'],
    ['an answer to nothing', 200, '{"id":7,"result":1}'],
    ['an empty answer', 200, ''],
    ['a page of an error', 502, '<html>'],
    ['another address', 307, '', { location: 'http://127.0.0.1:1/' }],
  ];
  for (const [what, status, body, headers] of useless) {
    it(`takes ${what} for no answer`, async () => {
      saying(status, body, headers);
      await assert.rejects(connect().request('a', [], never), coded('nodeUnavailable'));
    });
  }

  it('gives up an answer that is larger than it may be, and says so', async () => {
    saying(200, JSON.stringify({ id: 0, result: 'x'.repeat(10_000) }));
    await assert.rejects(
      connect({ maximumBytes: 9_999 }).request('a', [], never),
      coded('nodeUnavailable', 'answerTooLarge'),
    );
  });

  it('does not wait longer than it may, for the answer or its end', async () => {
    handle = () => undefined;
    await assert.rejects(connect({ timeoutMs: 50 }).request('a', [], never), coded('nodeUnavailable', 'timeout'));
    handle = (_, response) => response.write('{"id":0');
    await assert.rejects(connect({ timeoutMs: 50 }).request('a', [], never), coded('nodeUnavailable', 'timeout'));
  });

  it('ends with the signal and when it is disposed', async () => {
    handle = () => undefined;
    const cancel = new AbortController();
    const rpc = connect();
    const cancelled = rpc.request('a', [], cancel.signal);
    const disposed = rpc.request('a', [], never);
    await waitFor('both are asked', () => asked === 2);
    cancel.abort();
    await assert.rejects(cancelled, coded('cancelled'));
    rpc.dispose();
    await assert.rejects(disposed, coded('nodeUnavailable'));
  });

  it('says that nothing listens', async () => {
    const rpc = new HttpRpcTransport(new URL('http://127.0.0.1:1'));
    await assert.rejects(rpc.request('a', [], never), coded('nodeUnavailable'));
  });

  it('looks for new blocks while somebody listens, over outages too, and then no more', async () => {
    let head = 'first';
    const block = (): void => {
      answering((calls) => ({ id: calls[0]?.id, result: { hash: head } }));
    };
    block();
    const seen: unknown[] = [];
    let subscribed = 0;
    const rpc = connect({ pollMs: 1 });
    const subscription = rpc.subscribe(
      'newHeads',
      (value) => seen.push(value),
      () => (subscribed += 1),
    );
    await waitFor('the first look', () => subscribed === 1);
    head = 'second';
    await waitFor('a new block', () => seen.length === 1);
    assert.deepEqual(seen, [{ hash: 'second' }]);
    saying(503, 'later');
    const known = asked;
    await waitFor('it has looked in vain', () => asked > known + 1);
    block();
    await waitFor('it is back', () => subscribed === 2);
    assert.equal(seen.length, 1);
    subscription.dispose();
    const last = asked;
    // Long enough for many looks, were there still any.
    for (let i = 0; i < 100; i += 1) await rpc.request('eth_chainId', [], never);
    assert.ok(asked <= last + 101, 'one look may have been under way');
  });
});
