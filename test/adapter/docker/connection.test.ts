import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import * as v from 'valibot';
import { EngineConnection } from '../../../src/adapters/docker/connection';
import { DockerEngine } from '../../../src/adapters/docker/engine';
import type { ResolvedEndpoint } from '../../../src/adapters/docker/endpoint';
import { temporaryFolder, type TemporaryFolder } from '../../testbed/program';
import { waitFor } from '../../testbed/waitFor';
import { failsWith } from './daoChainError';
import { recordedBytes } from './fixtures';
import { never, silent } from './silent';

const schema = v.object({ ok: v.boolean() });

describe('EngineConnection', () => {
  let folder: TemporaryFolder;
  let socketPath: string;
  let answer: RequestListener;
  let server: Server;
  let sockets: Set<Socket>;
  let connection: EngineConnection;

  beforeEach(async () => {
    folder = temporaryFolder();
    socketPath = join(folder.path, 'e.sock');
    sockets = new Set();
    answer = (_request, response) => {
      response.end('{"ok":true}');
    };
    server = createServer((request, response) => {
      answer(request, response);
    });
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    connection = await EngineConnection.open({ host: `unix://${socketPath}`, origin: 'setting' });
  });
  afterEach(async () => {
    connection.dispose();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    folder.remove();
  });

  const json = (limit = 1_000, timeoutMs = 60_000, signal = never): Promise<unknown> =>
    connection.json({ path: '/x', query: { a: 'b c', f: '{"t":["i"]}' }, timeoutMs }, schema, limit, signal);

  it('asks on the unversioned path and gives the version that answered', async () => {
    const asked: (string | undefined)[] = [];
    answer = (request, response) => {
      asked.push(request.method, request.url);
      response.setHeader('Api-Version', '1.41').end('{"ok":true,"more":1}');
    };
    assert.deepEqual(await json(), { body: { ok: true }, apiVersion: '1.41' });
    assert.deepEqual(asked, ['GET', '/x?a=b%20c&f=%7B%22t%22%3A%5B%22i%22%5D%7D']);
  });

  it('bounds answers in size', async () => {
    answer = (_request, response) => {
      response.end(`{"ok":true,"x":"${'x'.repeat(1_000)}"}`);
    };
    await assert.rejects(json(), failsWith('engineFailed', { reason: 'answerTooLarge' }));
    answer = (_request, response) => {
      response.statusCode = 500;
      response.end('x'.repeat(100_000));
    };
    await assert.rejects(json(), failsWith('engineFailed', { reason: 'answerTooLarge' }));
  });

  it('bounds answers in time, before and after they begin', async () => {
    for (const begin of [false, true]) {
      answer = (_request, response) => {
        if (begin) response.write('{');
      };
      await assert.rejects(json(1_000, 50), failsWith('engineUnavailable', { reason: 'timeout' }));
    }
  });

  it('takes only what the schema takes', async () => {
    for (const text of ['{"ok":1}', '[]', '', 'text', '{']) {
      answer = (_request, response) => {
        response.end(text);
      };
      await assert.rejects(json(), failsWith('engineFailed', { reason: 'answerUnexpected' }));
    }
  });

  it('is cancelled at once', async () => {
    answer = () => undefined;
    const abort = new AbortController();
    const call = json(1_000, 60_000, abort.signal);
    await waitFor('the request', () => sockets.size === 1);
    abort.abort();
    await assert.rejects(call, failsWith('cancelled'));
    await waitFor('the end of the connection', () => sockets.size === 0);
  });

  it('gives the engine`s own message with a status', async () => {
    answer = (_request, response) => {
      response.statusCode = 503;
      response.end('{"message":"not now"}');
    };
    await assert.rejects(json(), failsWith('engineFailed', { reason: '503', message: 'not now' }));
    answer = (_request, response) => {
      response.statusCode = 404;
      response.end('page not found');
    };
    await assert.rejects(json(), failsWith('engineFailed', { reason: '404', message: '' }));
  });

  it('keeps at most eight sockets, and asks again on a new one when the engine closed them', async () => {
    await Promise.all(Array.from({ length: 30 }, () => json()));
    assert.ok(sockets.size > 0 && sockets.size <= 8, `${sockets.size} sockets`);
    let first = true;
    answer = (request, response) => {
      if (first) request.socket.destroy();
      else response.end('{"ok":true}');
      first = false;
    };
    assert.ok(await json());
    answer = (request) => {
      request.socket.destroy();
    };
    await assert.rejects(json(), failsWith('engineUnavailable', { reason: 'ECONNRESET' }));
  });

  it('gives a stream its own socket and closes it when the reader has enough', async () => {
    answer = (_request, response) => {
      response.write('endless');
    };
    const text = await connection.stream({ path: '/s', timeoutMs: 60_000 }, never, async (body) => {
      for await (const chunk of body) return String(chunk);
      return '';
    });
    assert.equal(text, 'endless');
    await waitFor('the end of the connection', () => sockets.size === 0);
  });

  it('names the reason when nothing is there', async () => {
    const nowhere = await EngineConnection.open({ host: `unix://${folder.path}/none`, origin: 'setting' });
    const call = nowhere.json({ path: '/x', timeoutMs: 60_000 }, schema, 10, never);
    await assert.rejects(
      call,
      failsWith('engineUnavailable', { reason: 'ENOENT', host: `unix://${folder.path}/none` }),
    );
    const noSocket = await EngineConnection.open({ host: 'tcp://127.0.0.1:1', origin: 'setting' });
    const refused = noSocket.json({ path: '/x', timeoutMs: 60_000 }, schema, 10, never);
    await assert.rejects(refused, failsWith('engineUnavailable', { reason: 'ECONNREFUSED' }));
  });

  for (const host of ['tcp://127.0.0.1:1', 'not a host:x', 'ssh://nobody@127.0.0.1']) {
    it(`takes nothing from DOCKER_HOST=${host} that the endpoint does not say`, async () => {
      const before = { host: process.env['DOCKER_HOST'], files: process.env['DOCKER_CERT_PATH'] };
      Object.assign(process.env, { DOCKER_HOST: host, DOCKER_CERT_PATH: join(folder.path, 'none') });
      try {
        connection.dispose();
        connection = await EngineConnection.open({ host: `unix://${socketPath}`, origin: 'setting' });
        assert.ok(await json());
        assert.equal(process.env['DOCKER_HOST'], host);
      } finally {
        restore('DOCKER_HOST', before.host);
        restore('DOCKER_CERT_PATH', before.files);
      }
    });
  }

  describe('over TCP', () => {
    const listen = async (tcp: Server, host: string): Promise<number> => {
      await new Promise<void>((resolve) => tcp.listen(0, host, resolve));
      return (tcp.address() as AddressInfo).port;
    };
    const ask = async (endpoint: ResolvedEndpoint): Promise<unknown> => {
      const own = await EngineConnection.open(endpoint);
      try {
        return (await own.json({ path: '/x', timeoutMs: 60_000 }, schema, 100, never)).body;
      } finally {
        own.dispose();
      }
    };
    const ok: RequestListener = (_request, response) => {
      response.end('{"ok":true}');
    };

    for (const host of ['127.0.0.1', '::1']) {
      it(`reaches ${host}`, async () => {
        const tcp = createServer(ok);
        const port = await listen(tcp, host);
        try {
          const name = host.includes(':') ? `[${host}]` : host;
          assert.deepEqual(await ask({ host: `tcp://${name}:${port}`, origin: 'setting' }), { ok: true });
        } finally {
          tcp.close();
        }
      });
    }

    it('checks the certificate of the engine and shows its own', async () => {
      const [key, cert] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')];
      execFileSync(
        'openssl',
        [
          ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', key],
          ...['-out', cert, '-addext', 'subjectAltName=DNS:localhost'],
        ],
        { stdio: 'ignore' },
      );
      const pem = { key: readFileSync(key), cert: readFileSync(cert) };
      const tls = createTlsServer({ ...pem, ca: pem.cert, requestCert: true, rejectUnauthorized: true }, ok);
      const port = await listen(tls, '127.0.0.1');
      const endpoint = { host: `tcp://localhost:${port}`, origin: 'setting' } as const;
      try {
        assert.deepEqual(await ask({ ...endpoint, tls: { verify: true, ca: pem.cert, ...pem } }), { ok: true });
        assert.deepEqual(await ask({ ...endpoint, tls: { verify: false, ...pem } }), { ok: true });
        const unchecked = ask({ ...endpoint, tls: { verify: true, ...pem } });
        await assert.rejects(unchecked, failsWith('engineUnavailable', { reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' }));
        await assert.rejects(ask({ ...endpoint, tls: { verify: true, ca: pem.cert } }), failsWith('engineUnavailable'));
        await assert.rejects(ask(endpoint), failsWith('engineUnavailable'));
      } finally {
        tls.close();
      }
    });
  });

  describe('with DockerEngine', () => {
    it('asks for the list and once for the store, and finds the endpoint again after a failure', async () => {
      const asked: string[] = [];
      answer = (request, response) => {
        asked.push(request.url ?? '');
        response.end(recordedBytes('containerd', request.url === '/info' ? 'info.json' : 'list.json'));
      };
      let setting = `unix://${socketPath}`;
      const engine = new DockerEngine({ setting: () => setting, log: silent });
      try {
        assert.equal((await engine.list(never)).store, 'containerd');
        assert.equal((await engine.list(never)).images.length > 10, true);
        assert.deepEqual(asked.toSorted(), ['/images/json', '/images/json', '/info']);

        // A new setting counts from the next connection on.
        setting = `unix://${folder.path}/none`;
        assert.equal((await engine.list(never)).store, 'containerd');
        engine.reconnect();
        await assert.rejects(engine.list(never), failsWith('engineUnavailable', { reason: 'ENOENT' }));
        assert.equal((await engine.endpoint()).host, setting);
        setting = `unix://${socketPath}`;
        assert.equal((await engine.list(never)).store, 'containerd');
        assert.deepEqual(await engine.endpoint(), { host: setting, origin: 'setting' });
      } finally {
        engine.dispose();
      }
    });

    it('reaches an engine below a path of another server, as the docker command does', async () => {
      const asked: string[] = [];
      const behind = createServer((request, response) => {
        asked.push(request.url ?? '');
        response.end(recordedBytes('debian', request.url?.endsWith('/info') === true ? 'info.json' : 'list.json'));
      });
      await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve));
      const setting = `127.0.0.1:${(behind.address() as AddressInfo).port}/engine/`;
      const engine = new DockerEngine({ setting: () => setting, log: silent });
      try {
        assert.equal((await engine.list(never)).images.length > 10, true);
        assert.deepEqual(asked.toSorted(), ['/engine/images/json', '/engine/info']);
      } finally {
        engine.dispose();
        behind.closeAllConnections();
        behind.close();
      }
    });

    it('lists the images around one that it cannot read, and says so in the log', async () => {
      const warned: string[] = [];
      answer = (request, response) => {
        const rows = [{ Id: 7 }, { Id: 'b'.repeat(64), RepoTags: ['b:1'] }];
        response.end(request.url === '/info' ? recordedBytes('debian', 'info.json') : JSON.stringify(rows));
      };
      const log = { ...silent, warn: (message: string) => warned.push(message) };
      const engine = new DockerEngine({ setting: () => `unix://${socketPath}`, log });
      try {
        assert.deepEqual(
          (await engine.list(never)).images.map(({ tags }) => tags),
          [['b:1']],
        );
        assert.match(warned.join('\n'), /1 of the images/);
      } finally {
        engine.dispose();
      }
    });

    it('says that an endpoint by ssh is not supported, and still names it', async () => {
      const engine = new DockerEngine({ setting: () => 'ssh://me@there', log: silent });
      assert.deepEqual(await engine.endpoint(), { host: 'ssh://me@there', origin: 'setting' });
      await assert.rejects(
        engine.list(never),
        failsWith('engineUnavailable', { reason: 'ssh', host: 'ssh://me@there' }),
      );
    });
  });
});

function restore(variable: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, variable);
  else process.env[variable] = value;
}
