import assert from 'node:assert/strict';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { registryAuth } from '../../../src/adapters/docker/registryAuth';
import { transferError } from '../../../src/adapters/docker/transferError';
import { followTransfer } from '../../../src/adapters/docker/transferMessages';
import type { ErrorCode } from '../../../src/core/errors';
import type { Digest } from '../../../src/core/image/digest';
import { parseReference } from '../../../src/core/image/reference';
import { failsWith } from './daoChainError';
import type { TransferProgress } from '../../../src/core/ports/engine';

const reference = parseReference('localhost:5000/app:1');
const digest: Digest = `sha256:${'ab'.repeat(32)}`;

describe('messages of a transfer', () => {
  let server: Server;
  let answer: (response: ServerResponse) => void;
  before(async () => {
    server = createServer((_, response) => {
      answer(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const body = (): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      get({ port: (server.address() as AddressInfo).port, agent: false }, resolve).on('error', reject);
    });
  const follow = async (
    direction: 'pull' | 'push',
    messages: readonly object[],
  ): Promise<{ readonly seen: readonly TransferProgress[]; readonly digest: Digest | undefined }> => {
    answer = (response) => response.end(messages.map((each) => JSON.stringify(each)).join('\r\n'));
    const seen: TransferProgress[] = [];
    const options = {
      ...{ direction, stallMs: 5_000, onProgress: (progress: TransferProgress) => seen.push(progress) },
      failure: (words: string | undefined) => transferError(direction, reference, words),
    };
    return { digest: await followTransfer(await body(), options), seen };
  };
  const layer = (id: string, status: string, current?: number, total?: number): object => ({
    ...{ id, status },
    progressDetail: current === undefined ? {} : { current, total },
  });

  it('are summed over layers, and extract when all of them are here', async () => {
    const { seen } = await follow('pull', [
      { status: 'Pulling from app', id: '1' },
      layer('a', 'Pulling fs layer'),
      layer('b', 'Pulling fs layer'),
      layer('c', 'Already exists'),
      layer('a', 'Downloading', 5, 10),
      layer('b', 'Downloading', 100, 200),
      layer('a', 'Verifying Checksum'),
      layer('a', 'Download complete'),
      layer('a', 'Extracting', 4, 10),
      layer('b', 'Download complete'),
      layer('b', 'Extracting', 300, 200),
      layer('a', 'Pull complete'),
      { status: `Digest: ${digest}` },
    ]);
    assert.deepEqual(
      seen.map(({ phase, done, total }) => `${phase} ${done}/${total}`),
      [
        ...['downloading 0/0', 'downloading 0/0', 'downloading 0/0', 'downloading 5/10', 'downloading 105/210'],
        ...['downloading 110/210', 'downloading 110/210', 'extracting 4/210', 'extracting 204/210'],
        'extracting 210/210',
      ],
    );
  });

  it('count layers where an engine counts the seconds of extracting', async () => {
    const seconds = { id: 'a', status: 'Extracting', progressDetail: { current: 7, units: 's' } };
    const { seen } = await follow('pull', [
      layer('a', 'Downloading', 5, 10),
      { id: 'a', status: 'Download complete', progressDetail: { hidecounts: true } },
      seconds,
      layer('a', 'Pull complete'),
    ]);
    assert.deepEqual(
      seen.map(({ phase, done, total }) => `${phase} ${done}/${total}`),
      ['downloading 5/10', 'extracting 0/10', 'extracting 0/10', 'extracting 10/10'],
    );
  });

  it('say what the registry took, in either way', async () => {
    const status = { status: `1: digest: ${digest} size: 528` };
    const aux = { progressDetail: {}, aux: { Tag: '1', Digest: digest, Size: 528 } };
    const otherAux = { aux: { manifestPushedInsteadOfIndex: true, originalIndex: {} } };
    for (const messages of [[status], [aux], [status, aux], [status, otherAux]]) {
      assert.equal((await follow('push', messages)).digest, digest);
    }
    for (const text of ['digest: sha256:12 size: 1', `1: digest: ${digest}`, 'Pushed']) {
      assert.equal((await follow('push', [{ status: text }])).digest, undefined);
    }
    const { seen } = await follow('push', [
      layer('a', 'Pushing', 70, 66),
      layer('b', 'Preparing'),
      layer('a', 'Pushed'),
    ]);
    assert.deepEqual(seen, Array(2).fill({ phase: 'pushing', done: 66, total: 66 }));
  });

  it('end with what the engine says went wrong, and with anything that is no message', async () => {
    for (const message of [{ error: 'no space left' }, { errorDetail: { message: 'no space left' } }]) {
      await assert.rejects(follow('pull', [message]), failsWith('pullFailed', { message: 'no space left' }));
    }
    await assert.rejects(
      follow('push', [{ error: 'x'.repeat(9_000) }]),
      failsWith('pushFailed', { message: 'x'.repeat(500) }),
    );
    for (const [message, words] of [
      [{ errorDetail: { code: 7 }, error: null }, ''],
      [{ errorDetail: null, error: 'no space left', progressDetail: 7 }, 'no space left'],
    ] as const) {
      await assert.rejects(follow('push', [message]), failsWith('pushFailed', { message: words }));
    }
    for (const message of [7, null] as unknown as object[]) {
      await assert.rejects(follow('push', [message]), failsWith('engineFailed', { reason: 'answerUnexpected' }));
    }
  });

  it('go on where a member is null or of another type', async () => {
    const odd = { id: null, status: null, progressDetail: null, errorDetail: null, error: null, aux: null };
    const others = { id: 1, status: 1, progressDetail: [], aux: 'sha256' };
    const half = layer('a', 'Downloading', 5, 10);
    const messages = [
      odd,
      others,
      { ...half, progressDetail: { current: '5', total: null } },
      half,
      { ...odd, aux: { Digest: digest, Size: null } },
    ];
    assert.equal((await follow('push', messages)).digest, digest);
    assert.deepEqual((await follow('pull', messages)).seen.at(-1), { phase: 'downloading', done: 5, total: 10 });
  });

  it('end where nothing comes any more', async () => {
    answer = (response) => response.write(`${JSON.stringify(layer('a', 'Downloading', 5, 10))}\n`);
    const following = followTransfer(await body(), {
      ...{ direction: 'pull', stallMs: 50, onProgress: () => undefined },
      failure: (words) => transferError('pull', reference, words),
    });
    await assert.rejects(following, failsWith('pullFailed', { reason: 'stalled' }));
  });
});

describe('words of engines about transfers', () => {
  const meanings: readonly (readonly [words: string, pull: ErrorCode, push: ErrorCode])[] = [
    [
      'manifest for localhost:5000/app:1 not found: manifest unknown: manifest unknown',
      'imageNotFound',
      'imageNotFound',
    ],
    ['failed to resolve reference "x": localhost:5000/app:1: not found', 'imageNotFound', 'imageNotFound'],
    ['An image does not exist locally with the tag: localhost:5000/app', 'imageNotFound', 'imageNotFound'],
    ['tag does not exist: localhost:5000/app:1', 'imageNotFound', 'imageNotFound'],
    ['no matching manifest for linux/arm64 in the manifest list entries', 'pullFailed', 'pushFailed'],
    ['no match for platform in manifest: not found', 'pullFailed', 'pushFailed'],
    ['Head "http://localhost:5000/v2/app/manifests/1": no basic auth credentials', 'registryDenied', 'registryDenied'],
    [
      "pull access denied for app, repository does not exist or may require 'docker login'",
      'registryDenied',
      'registryDenied',
    ],
    ['denied: requested access to the resource is denied', 'registryDenied', 'registryDenied'],
    ['unauthorized: authentication required', 'registryDenied', 'registryDenied'],
    ['unexpected status from HEAD request to https://x/v2/: 403 Forbidden', 'registryDenied', 'registryDenied'],
    ['toomanyrequests: You have reached your pull rate limit', 'pullFailed', 'pushFailed'],
    ['dial tcp 127.0.0.1:5000: connect: connection refused', 'pullFailed', 'pushFailed'],
    ['', 'pullFailed', 'pushFailed'],
  ];
  for (const [words, pull, push] of meanings) {
    it(`mean ${pull}: ${words}`, () => {
      assert.equal(transferError('pull', reference, words).code, pull);
      assert.equal(transferError('push', reference, words).code, push);
    });
  }
});

describe('X-Registry-Auth', () => {
  const decoded = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());

  it('names the registry as engines do, and is padded base64url', () => {
    const login = { username: 'ünser', password: '>?~>?~' };
    const value = registryAuth('localhost:5000', login);
    assert.match(value, /^[\w-]+=*$/);
    assert.equal(value.length % 4, 0);
    assert.deepEqual(decoded(value), { ...login, serveraddress: 'localhost:5000' });
    assert.deepEqual(decoded(registryAuth('docker.io', { identityToken: 't' })), {
      identitytoken: 't',
      serveraddress: 'https://index.docker.io/v1/',
    });
    assert.deepEqual(decoded(registryAuth('localhost:5000', undefined)), {});
  });
});
