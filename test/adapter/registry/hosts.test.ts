import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { CertificateFolders, usualCertificateFolders } from '../../../src/adapters/registry/certificateFolders';
import { parseReference } from '../../../src/core/image/reference';
import { failsWith } from '../docker/daoChainError';
import { temporaryFolder } from '../../testbed/program';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateFolder, loopbackAddress, newRegistry, unlimited } from './newRegistry';
import { servedImage, ServedRepository } from './servedImages';
import { makeCertificate, startServer, type Certificate, type Handler, type TestServer } from './testServer';

const image = servedImage('a');
const repository = new ServedRepository().image(image, '1');
const serve: Handler = (asked, response) => {
  repository.answer(asked, response);
};

describe('the hosts that are asked', () => {
  let certificate: Certificate;
  let plain: TestServer;
  let secure: TestServer;
  /** Folders in which the authority of both names is. */
  let folders: readonly string[];

  before(async () => {
    certificate = makeCertificate('localhost', 'registry.test', 'store.test');
    plain = await startServer(serve);
    secure = await startServer(serve, { tls: certificate });
    folders = [
      certificateFolder({
        [`registry.test:${secure.port}`]: { authority: certificate },
        [`store.test:${secure.port}`]: { authority: certificate },
      }),
    ];
  });
  after(async () => {
    await plain.close();
    await secure.close();
  });
  afterEach(() => {
    plain.lines();
    secure.lines();
  });
  const read = (options: Parameters<typeof newRegistry>[0], host: string) =>
    newRegistry(options).read(parseReference(`${host}/shop:1`), 'all', unlimited);
  const untouched = async (action: () => Promise<void>): Promise<void> => {
    const before = plain.connections() + secure.connections();
    await action();
    assert.equal(plain.connections() + secure.connections(), before, 'nobody was connected to');
  };
  const refusesPrivate = failsWith('registryRefused', { reason: 'privateAddress' });

  for (const host of [
    'localhost',
    '127.0.0.1',
    '127.0.0.9',
    '0.0.0.0',
    '10.0.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '[::1]',
    '[::ffff:7f00:1]',
    '[fd00::1]',
    '[fe80::1]',
    '[64:ff9b::7f00:1]',
    '127.1',
    '0x7f.1',
    '0177.0.0.1',
  ]) {
    it(`refuses ${host} unless it is named`, async () => {
      await untouched(async () => {
        await assert.rejects(read({ privateHosts: () => [] }, `${host}:${plain.port}`), refusesPrivate);
      });
    });
  }

  for (const address of [
    '127.0.0.1',
    '192.168.1.1',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
    'fd12::1',
    'fe80::1%lo',
  ]) {
    it(`refuses a name that leads to ${address}`, async () => {
      await untouched(async () => {
        const resolve = () => Promise.resolve([{ address, family: address.includes(':') ? 6 : 4 }]);
        const host = `registry.test:${secure.port}`;
        await assert.rejects(read({ resolve }, host), failsWith('registryRefused', { reason: 'privateAddress', host }));
      });
    });
  }

  it('refuses a name of which one address is private', async () => {
    await untouched(async () => {
      const resolve = () => Promise.resolve([{ address: '8.8.8.8', family: 4 }, ...loopbackAddress]);
      await assert.rejects(read({ resolve }, `registry.test:${secure.port}`), refusesPrivate);
    });
  });

  it('asks the name server once for a connection, so that a second answer leads nowhere', async () => {
    const answers = [loopbackAddress, [{ address: '10.1.2.3', family: 4 }]];
    let lookups = 0;
    const resolve = () => Promise.resolve(answers[lookups++] ?? []);
    const host = `registry.test:${secure.port}`;
    const registry = newRegistry({ resolve, certificateFolders: folders });
    await assert.rejects(
      registry.read(parseReference(`${host}/shop:none`), 'all', unlimited),
      failsWith('imageNotFound'),
    );
    const asked = ['HEAD /v2/shop/manifests/none', 'GET /v2/shop/manifests/none', 'GET /v2/'];
    assert.deepEqual(secure.lines(), asked);
    assert.equal(lookups, 1);
  });

  it('names a host by setting, with or without its port', async () => {
    for (const privateHosts of [['localhost'], [`LOCALHOST:${plain.port} `]]) {
      await read({ privateHosts: () => privateHosts }, `localhost:${plain.port}`);
      assert.equal(plain.lines().length, 3);
    }
    await assert.rejects(read({ privateHosts: () => ['localhost:1'] }, `localhost:${plain.port}`), refusesPrivate);
    await assert.rejects(read({ privateHosts: () => ['localhost.evil'] }, `localhost:${plain.port}`), refusesPrivate);
  });

  it("names a host by docker's configuration, only with its port", async () => {
    for (const config of [
      { auths: { [`localhost:${plain.port}`]: {} } },
      { auths: { [`http://localhost:${plain.port}/v1/`]: null } },
      { credHelpers: { [`localhost:${plain.port}`]: 'test' } },
    ]) {
      const { path } = temporaryFolder();
      mkdirSync(join(path, '.docker'));
      writeFileSync(join(path, '.docker', 'config.json'), JSON.stringify(config));
      await read({ homeDirectory: path, privateHosts: () => [] }, `localhost:${plain.port}`);
      assert.equal(plain.lines().length, 3);
    }
    const { path } = temporaryFolder();
    for (const text of ['{"auths":{"localhost":{}}}', '{"auths":', '[]']) {
      writeFileSync(join(path, 'config.json'), text);
      const options = { environment: { DOCKER_CONFIG: path }, privateHosts: () => [] };
      await assert.rejects(read(options, `localhost:${plain.port}`), refusesPrivate);
    }
  });

  it('names a host by its folder of certificates, and accepts the authority in it', async () => {
    const host = `registry.test:${secure.port}`;
    await read({ certificateFolders: folders, privateHosts: () => [] }, host);
    assert.equal(secure.lines().length, 3);
    assert.equal(secure.asked.at(-1)?.host, host);
    await assert.rejects(
      read({ privateHosts: () => [host] }, host),
      failsWith('registryCertificate', { reason: 'certificate', host }),
    );
    assert.deepEqual(secure.lines(), []);
  });

  it('does not take the authority of one host for another', async () => {
    const other = certificateFolder({
      [`registry.test:${secure.port}`]: { authority: makeCertificate('registry.test') },
    });
    await assert.rejects(
      read({ certificateFolders: [other] }, `registry.test:${secure.port}`),
      failsWith('registryCertificate', { reason: 'certificate' }),
    );
    const unnamed = `store.test:${secure.port}`;
    await assert.rejects(
      read({ certificateFolders: [other], privateHosts: () => ['store.test'] }, unnamed),
      failsWith('registryCertificate', { reason: 'certificate' }),
    );
    assert.deepEqual(secure.lines(), []);
  });

  it('leaves the folder of certificates by no name', async () => {
    const folder = certificateFolder({ host: { authority: certificate } });
    const inside = new CertificateFolders([join(folder, 'host')]);
    for (const name of ['.', '..', '../host', '']) assert.equal(await inside.find([name]), undefined);
    assert.notEqual(await new CertificateFolders([folder]).find(['none', 'host']), undefined);
  });

  it('has its folder of certificates on Windows without the colon, as Docker has it', async () => {
    const folder = certificateFolder({ 'registry.test5000': { authority: certificate } });
    const names = ['registry.test:5000'];
    assert.notEqual(await new CertificateFolders([folder], 'win32').find(names), undefined);
    assert.equal(await new CertificateFolders([folder], 'linux').find(names), undefined);
  });

  it('has its certificates where Docker looks on the system, and on Windows in no folder that anybody can make', () => {
    const sources = { environment: { ProgramData: '/data' }, homeDirectory: '/home/user' };
    const ofUser = '/home/user/.docker/certs.d';
    assert.deepEqual(usualCertificateFolders(sources, 'win32'), ['/data/docker/certs.d', ofUser]);
    assert.deepEqual(usualCertificateFolders({ ...sources, environment: {} }, 'win32'), [ofUser]);
    for (const platform of ['linux', 'darwin'] as const)
      assert.deepEqual(usualCertificateFolders(sources, platform), [
        ...['/etc/docker/certs.d', '/home/user/.config/docker/certs.d', ofUser],
      ]);
  });

  it('shows a certificate where the server wants one', async () => {
    const client = makeCertificate('client');
    const closed = await startServer(serve, { tls: certificate, client });
    const host = `registry.test:${closed.port}`;
    const without = certificateFolder({ [host]: { authority: certificate } });
    await assert.rejects(read({ certificateFolders: [without] }, host), failsWith('registryUnavailable', { host }));
    assert.deepEqual(closed.lines(), []);
    const withClient = certificateFolder({ [host]: { authority: certificate, client } });
    await read({ certificateFolders: [withClient] }, host);
    assert.equal(closed.lines().length, 3);
    await closed.close();
  });

  it('names a certificate that cannot be read', async () => {
    const folder = certificateFolder({ [`registry.test:${secure.port}`]: {} });
    const file = join(folder, `registry.test:${secure.port}`, 'client.cert');
    writeFileSync(file, certificate.cert);
    const key = file.replace(/cert$/, 'key');
    await assert.rejects(
      read({ certificateFolders: [folder] }, `registry.test:${secure.port}`),
      failsWith('registryCertificate', { reason: 'certificateUnreadable', file: key }),
    );
    writeFileSync(key, 'no key');
    await assert.rejects(
      read({ certificateFolders: [folder] }, `registry.test:${secure.port}`),
      failsWith('registryUnavailable', { host: `registry.test:${secure.port}` }),
    );
    assert.deepEqual(secure.lines(), []);
  });

  describe('HTTP without TLS', () => {
    it('is spoken to this machine where there is no TLS', async () => {
      await read({}, `localhost:${plain.port}`);
      assert.equal(plain.lines().length, 3);
    });

    it('is not spoken to where the name leads elsewhere than to this machine', async () => {
      const answers = [loopbackAddress, [{ address: '10.0.0.1', family: 4 }]];
      const resolve = () => Promise.resolve(answers.shift() ?? []);
      await assert.rejects(read({ resolve }, `localhost:${plain.port}`), refusesPrivate);
      assert.equal(answers.length, 0);
      assert.deepEqual(plain.lines(), []);
    });

    it('is not spoken where there is an authority to check by', async () => {
      const host = `localhost:${plain.port}`;
      const options = { certificateFolders: [certificateFolder({ [host]: { authority: certificate } })] };
      await assert.rejects(read(options, host), failsWith('registryUnavailable', { reason: 'tls' }));
      assert.deepEqual(plain.lines(), []);
    });

    it('is not spoken because of a bad certificate', async () => {
      await assert.rejects(
        read({}, `localhost:${secure.port}`),
        failsWith('registryCertificate', { reason: 'certificate' }),
      );
      assert.deepEqual(secure.lines(), []);
    });

    it('is not spoken to another host, unless it is listed', async () => {
      const host = `registry.test:${plain.port}`;
      const privateHosts = () => [host];
      await assert.rejects(read({ privateHosts }, host), failsWith('registryUnavailable', { reason: 'tls' }));
      assert.deepEqual(plain.lines(), []);
      await read({ privateHosts, plainHttpHosts: privateHosts }, host);
      assert.equal(plain.lines().length, 3);
      await assert.rejects(read({ plainHttpHosts: privateHosts }, host), refusesPrivate);
      assert.deepEqual(plain.lines(), []);
    });

    it('is remembered, so that TLS is not tried each time', async () => {
      const registry = newRegistry();
      const host = `localhost:${plain.port}`;
      await registry.read(parseReference(`${host}/shop:1`), 'all', unlimited);
      await registry.read(parseReference(`${host}/shop:1`), 'all', unlimited);
      const connections = plain.connections();
      await registry.read(parseReference(`${host}/shop:1`), 'all', unlimited);
      assert.ok(plain.connections() - connections <= 1);
    });
  });

  describe('redirects', () => {
    let registry: TestServer;
    let target: string;
    before(async () => {
      registry = await startServer(
        (asked, response) => {
          if (asked.line.includes('/blobs/')) response.writeHead(307, { location: target }).end();
          else serve(asked, response, response.req);
        },
        { tls: certificate },
      );
      folders = [...folders, certificateFolder({ [`registry.test:${registry.port}`]: { authority: certificate } })];
    });
    after(() => registry.close());
    const readRedirected = (options: Parameters<typeof newRegistry>[0] = {}) =>
      read({ certificateFolders: folders, ...options }, `registry.test:${registry.port}`);

    it('are followed to another host', async () => {
      target = `https://store.test:${secure.port}/v2/shop/blobs/${image.config.digest}`;
      await readRedirected();
      assert.deepEqual(secure.lines(), [`GET /v2/shop/blobs/${image.config.digest}`]);
    });

    it('are not followed into the own network', async () => {
      for (const host of ['127.0.0.1', '[::1]', '169.254.169.254', '0x7f000001', 'localhost', 'internal.test']) {
        target = `https://${host}:${secure.port}/v2/shop/blobs/${image.config.digest}`;
        const before = secure.connections();
        await assert.rejects(readRedirected({ privateHosts: () => [] }), refusesPrivate);
        assert.equal(secure.connections(), before);
      }
    });

    it('are not followed from TLS to plain HTTP, wherever that would be allowed', async () => {
      target = `http://localhost:${plain.port}/v2/shop/blobs/${image.config.digest}`;
      const options = { plainHttpHosts: () => ['localhost'], privateHosts: () => ['localhost'] };
      await assert.rejects(readRedirected(options), failsWith('registryPlainHttp', { reason: 'plainHttp' }));
      assert.deepEqual(plain.lines(), []);
    });

    it('are not followed to other protocols, logins and nonsense', async () => {
      target = `https://user:secret@store.test:${secure.port}/`;
      await assert.rejects(readRedirected(), failsWith('registryRefused', { reason: 'url' }));
      target = 'https://[';
      await assert.rejects(readRedirected(), failsWith('registryUnavailable', { reason: 'answerUnexpected' }));
      target = 'file:///etc/passwd';
      await assert.rejects(readRedirected(), failsWith('registryPlainHttp', { reason: 'plainHttp' }));
      assert.deepEqual(secure.lines(), []);
    });

    it('are followed five times', async () => {
      target = `/v2/shop/blobs/${image.config.digest}`;
      registry.lines();
      await assert.rejects(readRedirected(), failsWith('registryUnavailable', { reason: 'tooManyRedirects' }));
      assert.equal(registry.lines().filter((line) => line.includes('/blobs/')).length, 6);
    });
  });

  it('goes through a proxy that the environment names, but not to this machine', async () => {
    const tunnels: string[] = [];
    const proxy: Server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (data) => {
        tunnels.push(data.toString().split('\r\n')[0] ?? '');
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy has no port');
    const environment = {
      HTTPS_PROXY: `http://127.0.0.1:${address.port}`,
      HTTP_PROXY: `http://127.0.0.1:${address.port}`,
    };
    await assert.rejects(read({ environment }, 'registry.test'), failsWith('registryUnavailable'));
    // What breaks off is tried again in another way, and never around the proxy.
    assert.deepEqual([...new Set(tunnels)], ['CONNECT registry.test:443 HTTP/1.1']);
    const asked = tunnels.length;
    await assert.rejects(read({ environment, privateHosts: () => [] }, '10.0.0.1'), refusesPrivate);
    await read({ environment }, `localhost:${plain.port}`);
    assert.equal(tunnels.length, asked);
    await new Promise((resolve) => proxy.close(resolve));
  });
});
