import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dialOptions, resolveEndpoint, type EndpointSources } from '../../../src/adapters/docker/endpoint';
import { searchProgram } from '../../../src/adapters/geth/runProgram';
import { temporaryFolder, type TemporaryFolder } from '../../testbed/program';
import { failsWith } from './daoChainError';

type Environment = Readonly<Record<string, string>>;

describe('resolveEndpoint', () => {
  let folder: TemporaryFolder;
  let config: string;
  beforeEach(() => {
    folder = temporaryFolder();
    config = join(folder.path, '.docker');
    mkdirSync(config);
  });
  afterEach(() => {
    folder.remove();
  });

  const sources = (environment: Environment = {}, more: Partial<EndpointSources> = {}): EndpointSources => ({
    environment,
    homeDirectory: folder.path,
    platform: 'linux',
    ...more,
  });
  const contextId = (name: string): string => createHash('sha256').update(name).digest('hex');
  const writeContext = (name: string, docker: object, tls: Environment = {}): void => {
    const meta = join(config, 'contexts', 'meta', contextId(name));
    mkdirSync(meta, { recursive: true });
    writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker } }));
    const files = join(config, 'contexts', 'tls', contextId(name), 'docker');
    mkdirSync(files, { recursive: true });
    for (const [file, content] of Object.entries(tls)) writeFileSync(join(files, file), content);
  };
  const select = (currentContext: string): void => {
    writeFileSync(join(config, 'config.json'), JSON.stringify({ auths: {}, currentContext }));
  };

  it('falls back to the default socket of the system', async () => {
    assert.deepEqual(await resolveEndpoint(sources()), { host: 'unix:///var/run/docker.sock', origin: 'default' });
    const windows = await resolveEndpoint(sources({}, { platform: 'win32' }));
    assert.deepEqual(windows, { host: 'npipe:////./pipe/docker_engine', origin: 'default' });
  });

  it('prefers setting, DOCKER_HOST, DOCKER_CONTEXT and the current context, in this order', async () => {
    writeContext('current', { Host: 'unix:///current.sock' });
    writeContext('named', { Host: 'unix:///named.sock' });
    select('current');
    const environment = { DOCKER_CONTEXT: 'named', DOCKER_HOST: 'unix:///host.sock' };
    const setting = await resolveEndpoint(sources(environment, { setting: 'unix:///setting.sock' }));
    assert.deepEqual(setting, { host: 'unix:///setting.sock', origin: 'setting' });
    assert.deepEqual(await resolveEndpoint(sources(environment)), { host: 'unix:///host.sock', origin: 'environment' });
    assert.deepEqual(await resolveEndpoint(sources({ DOCKER_CONTEXT: 'named' })), {
      host: 'unix:///named.sock',
      origin: 'context',
      context: 'named',
    });
    assert.deepEqual(await resolveEndpoint(sources()), {
      host: 'unix:///current.sock',
      origin: 'context',
      context: 'current',
    });
    assert.equal((await resolveEndpoint(sources({ DOCKER_CONTEXT: 'default' }))).origin, 'default');
    const empty = { DOCKER_HOST: '', DOCKER_CONTEXT: '' };
    assert.equal((await resolveEndpoint(sources(empty, { setting: '' }))).context, 'current');
  });

  it('reads another configuration folder', async () => {
    const other = join(folder.path, 'other');
    config = other;
    writeContext('there', { Host: 'tcp://there:2375' });
    mkdirSync(other, { recursive: true });
    select('there');
    assert.equal((await resolveEndpoint(sources({ DOCKER_CONFIG: other }))).host, 'tcp://there:2375');
  });

  it('takes a configuration that it cannot read for none, as the CLI does', async () => {
    for (const text of ['', '{', '[]', '{"currentContext":1}', '{"currentContext":""}']) {
      writeFileSync(join(config, 'config.json'), text);
      assert.equal((await resolveEndpoint(sources())).origin, 'default');
    }
  });

  it('names a context that is not there or cannot be read', async () => {
    select('gone');
    await assert.rejects(
      resolveEndpoint(sources()),
      failsWith('engineUnavailable', { reason: 'contextMissing', context: 'gone' }),
    );
    for (const text of ['{', '{"Endpoints":{}}', '{"Endpoints":{"docker":{"Host":1}}}']) {
      writeContext('gone', {});
      writeFileSync(join(config, 'contexts', 'meta', contextId('gone'), 'meta.json'), text);
      await assert.rejects(resolveEndpoint(sources()), failsWith('engineUnavailable', { reason: 'fileUnreadable' }));
    }
  });

  const hosts: readonly (readonly [given: string, resolved: string])[] = [
    ['unix://', 'unix:///var/run/docker.sock'],
    ['npipe://', 'npipe:////./pipe/docker_engine'],
    ['tcp://a:1', 'tcp://a:1'],
    ['tcp://a', 'tcp://a:2375'],
    ['tcp://[::1]', 'tcp://[::1]:2375'],
    ['a:1', 'tcp://a:1'],
    ['a', 'tcp://a:2375'],
    ['ssh://me@a', 'ssh://me@a'],
  ];
  for (const [given, resolved] of hosts) {
    it(`reads ${given} as ${resolved}`, async () => {
      assert.equal((await resolveEndpoint(sources({ DOCKER_HOST: given }))).host, resolved);
    });
  }

  describe('with TLS', () => {
    const files = { 'ca.pem': 'the ca', 'cert.pem': 'the cert', 'key.pem': 'the key' };

    it('takes the files of the environment', async () => {
      const folderOfFiles = join(folder.path, 'files');
      mkdirSync(folderOfFiles);
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folderOfFiles, name), text);
      const environment = { DOCKER_HOST: 'tcp://a', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folderOfFiles };
      const endpoint = await resolveEndpoint(sources(environment));
      assert.equal(endpoint.host, 'tcp://a:2375');
      assert.deepEqual(await resolveEndpoint(sources({ ...environment, DOCKER_HOST: '' })), {
        ...endpoint,
        host: 'tcp://localhost:2376',
        origin: 'default',
      });
      assert.deepEqual([endpoint.tls?.ca, endpoint.tls?.cert, endpoint.tls?.key].map(String), [
        'the ca',
        'the cert',
        'the key',
      ]);
      assert.equal(endpoint.tls?.verify, true);
      const unverified = await resolveEndpoint(sources({ ...environment, DOCKER_TLS_VERIFY: '', DOCKER_TLS: '1' }));
      assert.equal(unverified.tls?.verify, false);
      assert.equal((await resolveEndpoint(sources({ ...environment, DOCKER_TLS_VERIFY: '' }))).tls, undefined);
    });

    it('stays encrypted without files, and plain on a socket', async () => {
      const environment = { DOCKER_TLS_VERIFY: '1' };
      assert.deepEqual((await resolveEndpoint(sources({ ...environment, DOCKER_HOST: 'tcp://a:9' }))).tls, {
        verify: true,
      });
      assert.equal((await resolveEndpoint(sources({ ...environment, DOCKER_HOST: 'unix:///a' }))).tls, undefined);
    });

    it('takes the files of a context', async () => {
      writeContext('secure', { Host: 'tcp://a:1' }, files);
      const endpoint = await resolveEndpoint(sources({ DOCKER_CONTEXT: 'secure' }));
      assert.deepEqual([String(endpoint.tls?.ca), endpoint.tls?.verify], ['the ca', true]);
      writeContext('blind', { Host: 'tcp://a:1', SkipTLSVerify: true });
      assert.deepEqual((await resolveEndpoint(sources({ DOCKER_CONTEXT: 'blind' }))).tls, { verify: false });
      writeContext('plain', { Host: 'tcp://a:1' });
      assert.equal((await resolveEndpoint(sources({ DOCKER_CONTEXT: 'plain' }))).tls, undefined);
    });
  });

  const cliIn = (environment: Environment, ...args: readonly string[]): string => {
    const docker = searchProgram('docker');
    assert.ok(docker, 'No docker CLI is installed: apt-get install docker.io');
    return execFileSync(docker, args, {
      env: { PATH: process.env['PATH'], HOME: folder.path, DOCKER_CONFIG: config, ...environment },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  };
  const cli = (...args: readonly string[]): string => cliIn({}, ...args);

  for (const host of [
    ...[':2375', ':', ':6666/path', 'localhost', 'localhost:', 'localhost:5555', 'localhost:5555/path', '2375', 'a/b'],
    ...['0.0.0.1:', '0.0.0.1:5555', 'tcp://', 'tcp://:7777', ' tcp://:7777/path ', 'tcp://host:', 'tcp://HOST:1/'],
    ...['[::1]:', '[::1]:5555/path', '[0:0:0:0:0:0:0:1]:', '::1', 'tcp://[::1]:5555', 'tcp://me@host:1', 'host:1#x'],
    ...['tcp://host:1?x', 'unix://', 'unix:///run/docker.sock', 'unix://path', 'npipe://', 'npipe:////./pipe/foo'],
    ...['ssh://me@host', 'fd://3', ' '],
  ]) {
    it(`takes ${JSON.stringify(host)} for what the docker CLI takes it for`, async () => {
      const format = ['--format', '{{.Endpoints.docker.Host}}'];
      const expected = cliIn({ DOCKER_HOST: host }, 'context', 'inspect', 'default', ...format).trim();
      assert.equal((await resolveEndpoint(sources({ DOCKER_HOST: host }))).host, expected);
    });
  }

  for (const host of ['http://a:1', 'udp://a:1', 'tcp://a:x', 'a:b:c', 'tcp:a.b.c.d', 'a b', '://', 'TCP://a:1']) {
    it(`takes ${host} for nothing, as the docker CLI does`, async () => {
      assert.throws(() => cliIn({ DOCKER_HOST: host }, 'context', 'inspect', 'default'));
      const endpoint = await resolveEndpoint(sources({ DOCKER_HOST: host }));
      assert.throws(() => dialOptions(endpoint), failsWith('engineUnavailable', { reason: 'hostInvalid' }));
    });
  }

  it('agrees with the docker CLI on the contexts that the CLI itself wrote', async () => {
    cli('context', 'create', 'mine', '--docker', 'host=unix:///tmp/mine.sock');
    for (const context of ['default', 'mine']) {
      cli('context', 'use', context);
      const expected = cli('context', 'inspect', '--format', '{{.Endpoints.docker.Host}}').trim();
      assert.equal((await resolveEndpoint(sources())).host, expected);
    }
  });
});

describe('dialOptions', () => {
  it('dials sockets, pipes and TCP', () => {
    const dial = (host: string, tls?: { verify: boolean }): unknown =>
      dialOptions({ host, origin: 'setting', ...(tls === undefined ? {} : { tls }) });
    assert.deepEqual(dial('unix:///run/d.sock'), { socketPath: '/run/d.sock' });
    assert.deepEqual(dial('npipe:////./pipe/docker_engine'), { socketPath: '//./pipe/docker_engine' });
    assert.deepEqual(dial('tcp://a:1/'), { protocol: 'http', host: 'a', port: '1' });
    assert.deepEqual(dial('tcp://[::1]:1'), { protocol: 'http', host: '::1', port: '1' });
    assert.deepEqual(dial('tcp://a:1', { verify: true }), { protocol: 'https', host: 'a', port: '1' });
  });

  for (const [host, reason] of [
    ['ssh://me@a', 'ssh'],
    ['http://a:1', 'hostInvalid'],
    ['fd://3', 'hostInvalid'],
    ['tcp://', 'hostInvalid'],
    ['tcp://a:x', 'hostInvalid'],
    ['tcp://a:65536', 'hostInvalid'],
    ['tcp:a', 'hostInvalid'],
    ['unix:/a', 'hostInvalid'],
  ] as const) {
    it(`says why ${host} cannot be dialled`, () => {
      assert.throws(() => dialOptions({ host, origin: 'setting' }), failsWith('engineUnavailable', { reason, host }));
    });
  }
});
