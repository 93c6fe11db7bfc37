import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { HttpRpcTransport } from '../../../src/adapters/chain/httpRpcTransport';
import { IpcTransport } from '../../../src/adapters/chain/ipcTransport';
import { RpcError, type RpcTransport } from '../../../src/adapters/chain/rpcTransport';
import { isDaoChainError } from '../../../src/core/errors';
import { temporaryFolder } from '../../testbed/program';

const never = new AbortController().signal;
const maximumBytes = 100_000;
/** Little only where the time is what ends it: everything else has room for a slow machine. */
const limitsFor = (expected: Outcome) => ({ maximumBytes, timeoutMs: expected === 'timeout' ? 300 : 30_000 });

/** What comes of a call: its result, the node's own error, or why there is no answer. */
type Outcome = 'answered' | 'refused' | 'unavailable' | 'timeout' | 'answerTooLarge';

async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  try {
    await call;
    return 'answered';
  } catch (error) {
    if (error instanceof RpcError) return 'refused';
    assert.ok(isDaoChainError(error, 'nodeUnavailable'), String(error));
    return (error.details['reason'] ?? 'unavailable') as Outcome;
  }
}

/** Says the same again and again, for ever, slowly. */
function trickle(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 5);
  socket.once('close', () => {
    clearInterval(timer);
  });
}

/** As much as the other side takes, for ever. */
function flood(socket: Socket, text: string): void {
  while (!socket.destroyed && socket.write(text));
  if (!socket.destroyed)
    socket.once('drain', () => {
      flood(socket, text);
    });
}

const head = (length: number | string, more = ''): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${more}content-length: ${length}\r\n\r\n`;
const page = (body: string, status = '200 OK', more = ''): string =>
  `HTTP/1.1 ${status}\r\n${more}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const good = '{"jsonrpc":"2.0","id":0,"result":"0x1"}';
const says = (text: string | Buffer) => (socket: Socket) => socket.write(text);
const saysAndCloses = (text: string) => (socket: Socket) => socket.end(text);

type Behaviour = (socket: Socket) => unknown;

/** What an endpoint does with each request that it gets, and what its caller learns. */
const overHttp: Readonly<Record<string, readonly [Outcome, Behaviour]>> = {
  'answers as it should': ['answered', says(page(good))],
  'answers in many small pieces, in time': [
    'answered',
    (socket) => {
      for (const character of page(good)) socket.write(character);
    },
  ],
  'says nothing': ['timeout', () => undefined],
  'hangs up': ['unavailable', (socket) => socket.destroy()],
  'hangs up in its headers': ['unavailable', saysAndCloses('HTTP/1.1 200 OK\r\ncontent-')],
  'stops in its headers': ['timeout', says('HTTP/1.1 200 OK\r\ncontent-')],
  'never ends its headers': [
    'timeout',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      trickle(socket, 'x');
    },
  ],
  'has headers without end': [
    'unavailable',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      flood(socket, `x-more: ${'y'.repeat(1_000)}\r\n`);
    },
  ],
  'stops in the middle of its body': ['timeout', says(`${head(good.length)}${good.slice(0, 20)}`)],
  'hangs up in the middle of its body': ['unavailable', saysAndCloses(`${head(good.length)}${good.slice(0, 20)}`)],
  'promises more than it says': ['timeout', says(`${head(good.length + 1)}${good}`)],
  'says its body a byte at a time, without end': [
    'timeout',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      trickle(socket, '1\r\n \r\n');
    },
  ],
  'never ends its chunks': ['timeout', says(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n27\r\n${good}\r\n`)],
  'says that it goes on, for ever': [
    'timeout',
    (socket) => {
      trickle(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n');
    },
  ],
  'has a body without end': [
    'answerTooLarge',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      flood(socket, ' '.repeat(10_000));
    },
  ],
  'has a body that is too large': ['answerTooLarge', says(page(`"${'x'.repeat(maximumBytes)}"`))],
  'has a small body that unpacks to a large one': [
    'unavailable',
    (socket) => {
      const body = gzipSync(' '.repeat(10_000_000));
      socket.write(head(body.length, 'content-encoding: gzip\r\n'));
      socket.write(body);
    },
  ],
  'leads elsewhere': ['unavailable', says(page('', '307 Temporary Redirect', 'location: /elsewhere\r\n'))],
  'leads to itself': ['unavailable', says(page('', '308 Permanent Redirect', 'location: /\r\n'))],
  'changes the protocol': [
    'unavailable',
    says('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'),
  ],
  'is no web server': ['unavailable', says('SSH-2.0-OpenSSH_9.6\r\n')],
  'says its length twice, differently': [
    'unavailable',
    says(`HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: ${good.length}\r\n\r\n${good}`),
  ],
  'asks for a login': ['unavailable', says(page('who are you?', '401 Unauthorized'))],
  'is asked too often': ['unavailable', says(page('', '429 Too Many Requests', 'retry-after: 1000000\r\n'))],
  'has a page for errors': ['unavailable', says(page('<html>', '502 Bad Gateway'))],
  'says nothing, with success': ['unavailable', says('HTTP/1.1 204 No Content\r\n\r\n')],
};

/** What stands in an answer that came in good order; over either transport. */
const answers: Readonly<Record<string, readonly [Outcome, string]>> = {
  'no JSON': ['unavailable', 'hello'],
  'half of the JSON': ['unavailable', good.slice(0, 20)],
  'two values': ['unavailable', `${good} ${good}`],
  'a byte order mark before its JSON': ['unavailable', `\ufeff${good}`],
  'a number': ['unavailable', '42'],
  'nothing in JSON': ['unavailable', 'null'],
  'an empty object': ['unavailable', '{}'],
  'JSON that is nested without end': ['unavailable', '['.repeat(90_000)],
  'an id that is a text': ['unavailable', good.replace('0,', '"0",')],
  'no id': ['unavailable', '{"jsonrpc":"2.0","result":1}'],
  'an error without a code': ['unavailable', '{"id":0,"error":{"message":"no"}}'],
  'an error whose code is a text': ['unavailable', '{"id":0,"error":{"code":"no","message":"no"}}'],
  'a result and an error': ['refused', '{"id":0,"result":"0x1","error":{"code":1,"message":"no"}}'],
  'an error with a message of a whole page': [
    'refused',
    `{"id":0,"error":{"code":1,"message":"${'x'.repeat(90_000)}"}}`,
  ],
};

describe('an endpoint that misbehaves', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  let server: Server | undefined;
  let transport: RpcTransport | undefined;
  const sockets = new Set<Socket>();

  /** Does `behaviour` to each request. */
  async function serve(where: string | number, behaviour: Behaviour): Promise<Server> {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', () => behaviour(socket));
    });
    await new Promise<void>((resolve) => server?.listen(where, resolve));
    return server;
  }
  async function overWeb(behaviour: Behaviour, expected: Outcome = 'answered'): Promise<RpcTransport> {
    const { port } = (await serve(0, behaviour)).address() as AddressInfo;
    return (transport = new HttpRpcTransport(new URL(`http://127.0.0.1:${port}/`), limitsFor(expected)));
  }
  async function overSocket(behaviour: Behaviour, expected: Outcome = 'answered'): Promise<RpcTransport> {
    const path = join(folder.path, `node-${Math.random().toString(36).slice(2)}`);
    await serve(path, behaviour);
    return (transport = new IpcTransport(() => path, limitsFor(expected)));
  }

  afterEach(() => {
    transport?.dispose();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    server?.close();
  });

  for (const [what, [expected, behaviour]] of Object.entries(overHttp)) {
    it(`on the web: ${what}: ${expected}`, async () => {
      const rpc = await overWeb(behaviour, expected);
      assert.equal(await outcomeOf(rpc.request('eth_chainId', [], never)), expected);
    });
  }

  for (const [what, [expected, answer]] of Object.entries(answers)) {
    it(`on the web, answers with ${what}: ${expected}`, async () => {
      const rpc = await overWeb(says(page(answer)), expected);
      assert.equal(await outcomeOf(rpc.request('eth_chainId', [], never)), expected);
    });

    it(`on a socket, answers with ${what}: ${expected}`, async () => {
      // What is not finished is followed by a line of its own, or it would only be waited for.
      const rpc = await overSocket(says(`${answer.replaceAll('"id":0', '"id":1')}\n`), expected);
      assert.equal(await outcomeOf(rpc.request('eth_chainId', [], never)), expected);
    });
  }

  const batches: Readonly<Record<string, readonly unknown[]>> = {
    'fewer calls than it was asked': [{ id: 0, result: 1 }],
    'one call twice': [
      { id: 0, result: 1 },
      { id: 0, result: 2 },
      { id: 1, result: 1 },
    ],
    'calls that nobody made': [
      { id: 7, result: 1 },
      { id: 8, result: 1 },
    ],
    'nothing at all': [],
  };
  for (const [what, list] of Object.entries(batches)) {
    it(`on the web, answers ${what}: unavailable`, async () => {
      const rpc = await overWeb(says(page(JSON.stringify(list))));
      const call = { method: 'eth_chainId', params: [] };
      assert.equal(await outcomeOf(rpc.batch([call, call], never)), 'unavailable');
    });
  }

  const onSocket: Readonly<Record<string, readonly [Outcome, Behaviour]>> = {
    'says nothing': ['timeout', () => undefined],
    'hangs up': ['unavailable', (socket) => socket.destroy()],
    'says half a line and stops': ['timeout', says(good.slice(0, 20))],
    'says half a line and hangs up': ['unavailable', saysAndCloses(good.slice(0, 20))],
    'says a line a byte at a time, without end': [
      'timeout',
      (socket) => {
        trickle(socket, ' ');
      },
    ],
    'says a line without end': [
      'answerTooLarge',
      (socket) => {
        flood(socket, ' '.repeat(10_000));
      },
    ],
    'says empty lines without end': [
      'unavailable',
      (socket) => {
        flood(socket, '\n');
      },
    ],
    'answers other calls, without end': [
      'timeout',
      (socket) => {
        trickle(socket, '{"id":77,"result":1}\n');
      },
    ],
    'tells of what nobody subscribed to, without end': [
      'timeout',
      (socket) => {
        trickle(socket, '{"method":"eth_subscription","params":{"subscription":"0x1","result":{}}}\n');
      },
    ],
    'answers fewer calls than it was asked': ['timeout', says('[]\n')],
  };
  for (const [what, [expected, behaviour]] of Object.entries(onSocket)) {
    it(`on a socket: ${what}: ${expected}`, async () => {
      const rpc = await overSocket(behaviour, expected);
      assert.equal(await outcomeOf(rpc.request('eth_chainId', [], never)), expected);
    });
  }

  it('is left at once by whoever cancels, wherever it stands still', async () => {
    for (const stop of ['', 'HTTP/1.1 200 OK\r\n', head(100), `${head(100)}{"id":0,`]) {
      let begin = (): void => undefined;
      const begun = new Promise<void>((resolve) => (begin = resolve));
      const rpc = await overWeb((socket) => {
        if (stop !== '') socket.write(stop);
        begin();
      });
      const cancel = new AbortController();
      const call = rpc.request('eth_chainId', [], cancel.signal);
      call.catch(() => undefined);
      await begun;
      cancel.abort();
      await assert.rejects(call, { code: 'cancelled' });
      rpc.dispose();
    }
  });

  it('on a socket is left at once by whoever cancels, also while it is connected to', async () => {
    const rpc = new IpcTransport(() => join(folder.path, 'nowhere'));
    const cancel = new AbortController();
    cancel.abort();
    await assert.rejects(rpc.request('eth_chainId', [], cancel.signal), { code: 'cancelled' });
    const other = await overSocket(says('{"id":1,'));
    const later = new AbortController();
    const call = other.request('eth_chainId', [], later.signal);
    later.abort();
    await assert.rejects(call, { code: 'cancelled' });
  });

  it('is asked once more where it had closed a connection that was kept', async () => {
    let requests = 0;
    const rpc = await overWeb((socket) => {
      requests += 1;
      // The second request on a connection finds it closed.
      if (requests === 2) socket.destroy();
      else socket.write(page(good));
    });
    assert.equal(await rpc.request('eth_chainId', [], never), '0x1');
    assert.equal(await rpc.request('eth_chainId', [], never), '0x1');
    assert.equal(requests, 3);
  });

  it('is not asked again where it hangs up on a new connection', async () => {
    let requests = 0;
    const rpc = await overWeb((socket) => {
      requests += 1;
      socket.destroy();
    });
    assert.equal(await outcomeOf(rpc.request('eth_chainId', [], never)), 'unavailable');
    assert.equal(requests, 1);
  });

  it('does not say more than a page of what it refuses', async () => {
    const [, answer] = answers['an error with a message of a whole page'] ?? assert.fail();
    const rpc = await overWeb(says(page(answer)));
    const error: unknown = await rpc.request('eth_chainId', [], never).catch((each: unknown) => each);
    assert.ok(error instanceof RpcError && error.message.length === 2_000);
  });

  it('never answers a subscription is left, so that the next connection can bring it', async () => {
    let connections = 0;
    let subscribed = 0;
    const path = join(folder.path, 'silent');
    server = createServer((socket) => {
      connections += 1;
      const isFirst = connections === 1;
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        for (const line of data
          .toString()
          .split('\n')
          .filter((each) => each !== '')) {
          const { id, method } = JSON.parse(line) as { readonly id: number; readonly method: string };
          if (!isFirst || method !== 'eth_subscribe') socket.write(`{"id":${id},"result":"0x1"}\n`);
        }
      });
    });
    await new Promise<void>((resolve) => server?.listen(path, resolve));
    const rpc = (transport = new IpcTransport(() => path, { timeoutMs: 1_500 }));
    const subscription = rpc.subscribe(
      'newHeads',
      () => undefined,
      () => (subscribed += 1),
    );
    while (subscribed === 0) {
      await rpc.request('eth_chainId', [], never).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal(connections, 2);
    subscription.dispose();
  });
});
