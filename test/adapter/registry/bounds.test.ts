import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { parseReference } from '../../../src/core/image/reference';
import { failsWith } from '../docker/daoChainError';
import { waitFor } from '../../testbed/waitFor';
import { newRegistry, unlimited } from './newRegistry';
import { servedImage, ServedRepository } from './servedImages';
import { startServer, type Asked, type TestServer } from './testServer';

const image = servedImage('a');
const type = image.manifest.mediaType;

describe('the bounds of a registry', () => {
  let repository: ServedRepository;
  let server: TestServer;
  /** Answers in place of the repository; true where it did. */
  let instead: (asked: Asked, response: ServerResponse) => boolean;
  let now: number;

  before(async () => {
    server = await startServer((asked, response) => {
      if (!instead(asked, response)) repository.answer(asked, response);
    });
  });
  after(() => server.close());
  beforeEach(() => {
    server.lines();
    repository = new ServedRepository().image(image, '1');
    now = 1_800_000_000_000;
  });
  const open = (limits: { readonly headersMs?: number; readonly bodyMs?: number; readonly wholeMs?: number } = {}) =>
    newRegistry({ clock: () => now, limits, plainHttpHosts: () => ['localhost'] });
  const read = (client = open()) => client.read(parseReference(`localhost:${server.port}/shop:1`), 'all', unlimited);
  const isGet = ({ line }: Asked): boolean => line.startsWith('GET');

  describe('of time', () => {
    const timeout = failsWith('registryUnavailable', { reason: 'timeout' });

    it('ends an answer that does not begin', async () => {
      instead = () => true;
      await assert.rejects(read(open({ headersMs: 50 })), timeout);
    });

    it('ends an answer that drips', async () => {
      let dripping: NodeJS.Timeout | undefined;
      instead = (asked, response) => {
        if (!isGet(asked)) return false;
        response.writeHead(200, { 'content-type': type });
        dripping = setInterval(() => response.write(' '), 5);
        response.on('close', () => {
          clearInterval(dripping);
        });
        return true;
      };
      await assert.rejects(read(open({ bodyMs: 100 })), timeout);
    });

    it('ends the whole', async () => {
      instead = (asked) => isGet(asked);
      await assert.rejects(read(open({ wholeMs: 100 })), timeout);
    });

    it('gives a body its own time', async () => {
      instead = (asked, response) => {
        if (!asked.line.includes('/manifests/sha256')) return false;
        response.writeHead(200, { 'content-type': type }).write(image.manifest.bytes.subarray(0, 10));
        setTimeout(() => response.end(image.manifest.bytes.subarray(10)), 1_200);
        return true;
      };
      assert.equal((await read(open({ headersMs: 1_000 }))).digest, image.manifest.digest);
    });
  });

  describe('of size', () => {
    const tooLarge = failsWith('registryUnavailable', { reason: 'tooLarge' });
    const endless = (asked: Asked, response: ServerResponse): boolean => {
      if (!isGet(asked)) return false;
      response.writeHead(200, { 'content-type': type });
      const chunk = Buffer.alloc(64 * 1024, ' ');
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
      return true;
    };

    it('ends a manifest without an end', async () => {
      let sent: ServerResponse | undefined;
      instead = (asked, response) => endless(asked, (sent = response));
      await assert.rejects(read(), tooLarge);
      assert.ok(sent !== undefined);
    });

    it('ends an endless answer that refuses', async () => {
      instead = (asked, response) => {
        if (!isGet(asked)) return false;
        response.writeHead(500).write(Buffer.alloc(1024 * 1024));
        return true;
      };
      await assert.rejects(read(), failsWith('registryUnavailable', { reason: 'http500' }));
    });

    it('ends endless headers', async () => {
      instead = (_asked, response) => {
        response.writeHead(200, { 'x-long': 'x'.repeat(64 * 1024) }).end();
        return true;
      };
      await assert.rejects(read(), failsWith('registryUnavailable'));
    });
  });

  it('takes no answer that ends early', async () => {
    instead = (asked, response) => {
      if (!isGet(asked)) return false;
      response.writeHead(200, { 'content-type': type, 'content-length': image.manifest.size });
      response.write(image.manifest.bytes.subarray(0, 10), () => response.destroy());
      return true;
    };
    await assert.rejects(read(), failsWith('registryUnavailable'));
  });

  it('says what has failed', async () => {
    for (const status of [500, 502, 400, 503]) {
      instead = (_asked, response) => {
        response.writeHead(status).end();
        return true;
      };
      await assert.rejects(read(), failsWith('registryUnavailable', { reason: `http${status}` }));
    }
    const gone = await startServer(() => undefined);
    await gone.close();
    const reference = parseReference(`localhost:${gone.port}/shop:1`);
    const host = `localhost:${gone.port}`;
    await assert.rejects(
      open().read(reference, 'all', unlimited),
      failsWith('registryUnavailable', { reason: 'ECONNREFUSED', host }),
    );
    const resolve = () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
    await assert.rejects(
      newRegistry({ resolve }).read(parseReference('nowhere.test/shop:1'), 'all', unlimited),
      failsWith('registryUnavailable', { reason: 'ENOTFOUND', host: 'nowhere.test' }),
    );
  });

  describe('of patience', () => {
    const answering = (status: number, retryAfter: string | undefined, times = Infinity) => {
      let left = times;
      instead = (_asked, response) => {
        if (left-- <= 0) return false;
        response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end();
        return true;
      };
    };
    const busy = (seconds: number) =>
      failsWith('registryBusy', { host: `localhost:${server.port}`, seconds: String(seconds) });

    it('asks a busy registry no more until it is time', async () => {
      answering(429, '30', 1);
      const client = open();
      await assert.rejects(read(client), busy(30));
      now += 10_000;
      await assert.rejects(read(client), busy(20));
      assert.deepEqual(server.lines(), ['HEAD /v2/shop/manifests/1']);
      now += 20_000;
      assert.equal((await read(client)).digest, image.manifest.digest);
    });

    it('reads a date, and takes no more than an hour', async () => {
      answering(503, new Date(now + 90_000).toUTCString());
      await assert.rejects(read(), busy(90));
      answering(429, '999999');
      await assert.rejects(read(), busy(3_600));
      answering(429, new Date(now - 90_000).toUTCString(), 3);
      await assert.rejects(read(), busy(1));
      answering(429, undefined);
      await assert.rejects(read(), busy(60));
      answering(429, 'soon');
      await assert.rejects(read(), busy(60));
    });

    it('waits a moment by itself, once', async () => {
      answering(429, '1', 1);
      assert.equal((await read()).digest, image.manifest.digest);
      assert.deepEqual(server.lines().slice(0, 2), ['HEAD /v2/shop/manifests/1', 'HEAD /v2/shop/manifests/1']);
      answering(429, '1');
      await assert.rejects(read(), busy(1));
      assert.equal(server.lines().length, 2);
    });

    it('can be cancelled while it waits', async () => {
      answering(429, '2');
      const cancelled = new AbortController();
      const reading = open().read(parseReference(`localhost:${server.port}/shop:1`), 'all', cancelled.signal);
      const rejected = assert.rejects(reading, failsWith('cancelled'));
      await waitFor('the first answer', () => server.asked.some(({ line }) => line.startsWith('HEAD')));
      cancelled.abort();
      await rejected;
    });
  });
});
