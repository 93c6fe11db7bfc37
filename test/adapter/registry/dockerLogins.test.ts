import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { DockerLogins } from '../../../src/adapters/registry/dockerLogins';
import { failsWith } from '../docker/daoChainError';
import { temporaryFolder } from '../../testbed/program';
import { waitFor } from '../../testbed/waitFor';
import { unlimited } from './newRegistry';

const encoded = (text: string): string => Buffer.from(text).toString('base64');

/** Also when nobody has taken note of it yet. */
function hasEnded(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('Z') === true;
  } catch {
    return true;
  }
}

describe("logins of docker's configuration", () => {
  let folder: string;
  let logins: DockerLogins;

  beforeEach(() => {
    folder = temporaryFolder().path;
    mkdirSync(join(folder, 'bin'));
    logins = open();
  });
  const open = (helperTimeoutMs = 10_000, path = join(folder, 'bin')): DockerLogins =>
    new DockerLogins({
      environment: { DOCKER_CONFIG: folder, PATH: [path, process.env['PATH'] ?? ''].join(delimiter), FOLDER: folder },
      homeDirectory: folder,
      helperTimeoutMs,
    });
  const configure = (config: unknown): void => {
    writeFileSync(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  };
  /** A real program, by its shell script. */
  const install = (name: string, script: string, where = join(folder, 'bin')): void => {
    const file = join(where, `docker-credential-${name}`);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  };
  const find = (registry: string) => logins.find(registry, unlimited);

  it('are none without a configuration', async () => {
    assert.equal(await find('docker.io'), undefined);
    configure({});
    assert.equal(await find('docker.io'), undefined);
    configure({ auths: null, credHelpers: null, credsStore: '' });
    assert.equal(await find('docker.io'), undefined);
  });

  it('come from auths', async () => {
    configure({
      auths: {
        'https://index.docker.io/v1/': { auth: encoded('ann:hush:hush') },
        'localhost:5000': { auth: encoded('bob:é') },
        'https://old.test/v2/': { auth: encoded('old:x'), email: 'x' },
        'token.test': { auth: encoded('00000000-0000-0000-0000-000000000000:'), identitytoken: 'identity' },
        'empty.test': {},
      },
      psFormat: 'x',
    });
    assert.deepEqual(await find('docker.io'), { username: 'ann', password: 'hush:hush' });
    assert.deepEqual(await find('localhost:5000'), { username: 'bob', password: 'é' });
    assert.deepEqual(await find('old.test'), { username: 'old', password: 'x' });
    assert.deepEqual(await find('token.test'), { identityToken: 'identity' });
    for (const none of ['empty.test', 'localhost', 'localhost:5001', '__proto__']) {
      assert.equal(await find(none), undefined);
    }
  });

  it('are read again when the file has changed', async () => {
    configure({ auths: { 'a.test': { auth: encoded('a:1') } } });
    assert.deepEqual(await find('a.test'), { username: 'a', password: '1' });
    configure({ auths: { 'a.test': { auth: encoded('a:two') } } });
    assert.deepEqual(await find('a.test'), { username: 'a', password: 'two' });
  });

  it('are not guessed from a file that cannot be read', async () => {
    for (const text of ['{"auths":{"a.test":{"auth":"c2VjcmV0"}}', '7', '{"auths":{"a.test":{"auth":7}}}']) {
      configure(text);
      await assert.rejects(find('a.test'), (error: Error) => {
        assert.equal(JSON.stringify([error.message, error.stack, error.cause]).includes('c2VjcmV0'), false);
        return failsWith('registryLogin', { reason: 'configuration', file: join(folder, 'config.json') })(error);
      });
    }
  });

  it('are refused where what is written for this very registry cannot be read', async () => {
    for (const entry of [{ auth: '!!!' }, { auth: 'bm8gY29sb24=' }, { auth: ['a'] }, { identitytoken: 7 }, 7, ['a']]) {
      configure({ auths: { 'a.test': entry, 'b.test': { auth: encoded('b:1') } } });
      await assert.rejects(find('a.test'), failsWith('registryLogin', { reason: 'configuration', host: 'a.test' }));
      assert.deepEqual(await find('b.test'), { username: 'b', password: '1' });
    }
    configure({ credHelpers: { 'a.test': 7 }, auths: { 'b.test': { auth: encoded('b:1') } } });
    await assert.rejects(find('a.test'), failsWith('registryLogin', { reason: 'configuration' }));
    assert.deepEqual(await find('b.test'), { username: 'b', password: '1' });
    configure({ credsStore: 7 });
    await assert.rejects(find('b.test'), failsWith('registryLogin', { reason: 'configuration' }));
  });

  it('do not take long to be found in a text that never ends', async () => {
    install('endless', `printf '{"a":"%s' '${'\\\\"'.repeat(8_000)}'`);
    configure({ credsStore: 'endless' });
    await assert.rejects(find('a.test'), failsWith('registryLogin', { reason: 'helper' }));
  });

  it("come from a registry's helper before the store, and from both before auths", async () => {
    const answer = (name: string) =>
      `cat > "$FOLDER/asked"; echo '{"ServerURL":"x","Username":"${name}","Secret":"s"}'`;
    install('own', answer('own'));
    install('all', answer('all'));
    configure({
      auths: { 'a.test': { auth: encoded('file:x') }, 'b.test:5000': {} },
      credHelpers: { 'a.test': 'own' },
      credsStore: 'all',
    });
    assert.deepEqual(await find('a.test'), { username: 'own', password: 's' });
    assert.equal(readFileSync(join(folder, 'asked'), 'utf8'), 'a.test');
    assert.deepEqual(await find('b.test:5000'), { username: 'all', password: 's' });
    assert.equal(readFileSync(join(folder, 'asked'), 'utf8'), 'b.test:5000');
    await find('docker.io');
    assert.equal(readFileSync(join(folder, 'asked'), 'utf8'), 'https://index.docker.io/v1/');
  });

  it('are called as the protocol says', async () => {
    install('args', 'echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"$*\\"}"');
    configure({ credsStore: 'args' });
    assert.deepEqual(await find('a.test'), { identityToken: 'get' });
  });

  it('are none where a helper has none', async () => {
    install('none', 'echo "credentials not found in native keychain"; exit 1');
    configure({ credsStore: 'none', auths: { 'a.test': {} } });
    assert.equal(await find('a.test'), undefined);
  });

  for (const [what, script] of Object.entries({
    fails: 'echo "secret-of-helper"; echo "secret-of-helper" >&2; exit 1',
    'says something else': 'echo "secret-of-helper"',
    'says too much': 'while :; do echo "secret-of-helper secret-of-helper secret-of-helper"; done',
    'is killed': 'kill -9 $$',
    'does not read and fails': 'exec 0<&-; exit 3',
  })) {
    it(`are refused where a helper ${what}`, async () => {
      install('bad', script);
      configure({ credsStore: 'bad' });
      await assert.rejects(find('a.test'), (error: Error) => {
        assert.equal(JSON.stringify([error.message, error.stack, error.cause, error]).includes('secret'), false);
        return failsWith('registryLogin', { reason: 'helper', helper: 'bad', host: 'a.test' })(error);
      });
    });
  }

  it('do not wait for ever, and leave no process', async () => {
    install('slow', 'echo $$ > "$FOLDER/pid"; sleep 1000 & echo $! > "$FOLDER/child"; wait');
    configure({ credsStore: 'slow' });
    logins = open(300);
    await assert.rejects(find('a.test'), failsWith('registryLogin', { reason: 'helper' }));
    const early = new AbortController();
    const never = open().find('a.test', early.signal);
    early.abort();
    await assert.rejects(never, failsWith('cancelled'));

    rmSync(join(folder, 'child'));
    const cancelled = new AbortController();
    const finding = open().find('a.test', cancelled.signal);
    await waitFor('the helper runs', () => existsSync(join(folder, 'child')));
    cancelled.abort();
    await assert.rejects(finding, failsWith('cancelled'));
    for (const name of ['pid', 'child']) {
      const pid = Number(readFileSync(join(folder, name), 'utf8'));
      await waitFor(`the ${name} has ended`, () => hasEnded(pid));
    }
  });

  it('do not wait for what a helper has left behind, in a group of its own and with its output', async () => {
    install('leaving', 'setsid sleep 60 & echo $! > "$FOLDER/new"; mv "$FOLDER/new" "$FOLDER/left"; exit 0');
    configure({ credsStore: 'leaving' });
    const left = join(folder, 'left');
    const cancelled = new AbortController();
    const finding = open().find('a.test', cancelled.signal);
    await waitFor('the helper has ended', () => existsSync(left));
    try {
      cancelled.abort();
      await assert.rejects(finding, failsWith('cancelled'));
    } finally {
      process.kill(Number(readFileSync(left, 'utf8')), 'SIGKILL');
    }
  });

  it('come from no program that a name leads to elsewhere', async () => {
    mkdirSync(join(folder, 'bin', 'docker-credential-x'));
    install('evil', 'touch "$FOLDER/ran"; echo "{}"', folder);
    for (const helper of ['x/../../docker-credential-evil', '../evil', '-x', 'a b', 'x\0y', '/evil', '..\\evil']) {
      configure({ credHelpers: { 'a.test': helper } });
      await assert.rejects(find('a.test'), failsWith('registryLogin', { reason: 'helper' }));
    }
    // Nor from the folder that somebody opened.
    const before = process.cwd();
    process.chdir(folder);
    try {
      configure({ credsStore: 'evil' });
      logins = open(10_000, ['', '.', 'bin'].join(delimiter));
      await assert.rejects(find('a.test'), failsWith('registryLogin', { reason: 'helper' }));
    } finally {
      process.chdir(before);
    }
    assert.equal(existsSync(join(folder, 'ran')), false);
  });
});
