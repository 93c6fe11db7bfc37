import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { createRuntimePaths, isPrivate, removeRuntimePaths } from '../../../src/adapters/geth/runtimeFolder';
import { temporaryFolder, type TemporaryFolder } from '../../testbed/program';

describe('the run-time folder of a node', () => {
  let temporary: TemporaryFolder;
  const environment = { ...process.env };
  const servers: Server[] = [];

  beforeEach(() => {
    temporary = temporaryFolder();
  });
  afterEach(async () => {
    for (const name of ['XDG_RUNTIME_DIR', 'TMPDIR']) {
      if (environment[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = environment[name];
    }
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
    temporary.remove();
  });

  const listen = (path: string): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer().listen(path, () => {
        resolve(server);
      });
      servers.push(server);
    });
  /** A socket that a process left which was killed. */
  async function deadSocket(path: string): Promise<void> {
    const aside = `${path}-`;
    const server = await listen(aside);
    // Closing removes the name by which it was made, and no other.
    renameSync(aside, path);
    await new Promise((resolve) => server.close(resolve));
    servers.pop();
  }
  const newFolder = (): string => mkdtempSync(join(temporary.path, 'daochain-'));

  const unusable: Readonly<Record<string, () => string>> = {
    'is not there': () => join(temporary.path, 'none'),
    'is a file': () => {
      writeFileSync(join(temporary.path, 'file'), '');
      return join(temporary.path, 'file');
    },
    'may not be written': () => '/proc/self',
    'is too long for a socket': () => {
      const long = join(temporary.path, 'x'.repeat(90));
      mkdirSync(long);
      return long;
    },
    'is a link to nowhere': () => {
      symlinkSync('/nowhere', join(temporary.path, 'link'));
      return join(temporary.path, 'link');
    },
  };
  for (const [how, make] of Object.entries(unusable)) {
    it(`is elsewhere, and as private, where the system’s ${how}`, async () => {
      process.env['XDG_RUNTIME_DIR'] = make();
      const paths = await createRuntimePaths(temporary.path);
      const folder = dirname(paths.ownerPath);
      assert.equal(statSync(folder).mode & 0o777, 0o700);
      assert.ok(!folder.startsWith(process.env['XDG_RUNTIME_DIR']));
      assert.ok(Buffer.byteLength(paths.ownerPath) <= 103);
      await removeRuntimePaths(paths);
      assert.ok(!existsSync(folder));
    });
  }

  it('is removed with the sockets that nobody listens at', async () => {
    const folder = newFolder();
    const paths = { ipcPath: join(folder, 'ipc'), ownerPath: join(folder, 'owner') };
    await deadSocket(paths.ipcPath);
    await deadSocket(paths.ownerPath);
    await removeRuntimePaths(paths);
    assert.ok(!existsSync(folder));
  });

  it('keeps the sockets of a node that runs, whoever names them', async () => {
    const folder = newFolder();
    const paths = { ipcPath: join(folder, 'ipc'), ownerPath: join(folder, 'owner') };
    await listen(paths.ipcPath);
    await listen(paths.ownerPath);
    await removeRuntimePaths(paths);
    assert.deepEqual(readdirSync(folder), ['ipc', 'owner']);
  });

  const planted: Readonly<Record<string, (folder: string) => string>> = {
    'has other files': (folder) => {
      writeFileSync(join(folder, 'precious'), '');
      return join(folder, 'owner');
    },
    'has files with the names of the sockets': (folder) => {
      writeFileSync(join(folder, 'ipc'), 'precious');
      return join(folder, 'owner');
    },
    'has folders with the names of the sockets': (folder) => {
      mkdirSync(join(folder, 'ipc', 'precious'), { recursive: true });
      return join(folder, 'owner');
    },
    'is open to others': (folder) => {
      chmodSync(folder, 0o755);
      return join(folder, 'owner');
    },
    'is named by another socket than an owner’s': (folder) => join(folder, 'precious'),
    'is a link to another folder': (folder) => {
      const link = join(temporary.path, 'daochain-abcdef');
      symlinkSync(folder, link);
      return join(link, 'owner');
    },
    'has another name': () => {
      mkdirSync(join(temporary.path, 'documents'));
      return join(temporary.path, 'documents', 'owner');
    },
  };
  for (const [how, plant] of Object.entries(planted)) {
    it(`is not removed when a planted entry names a folder that ${how}`, async () => {
      const folder = newFolder();
      const ownerPath = plant(folder);
      const before = readdirSync(temporary.path, { recursive: true });
      await removeRuntimePaths({ ownerPath, ipcPath: join(dirname(ownerPath), 'ipc') });
      assert.deepEqual(readdirSync(temporary.path, { recursive: true }), before);
    });
  }

  it('is believed only where nobody else can put a socket', async () => {
    const folder = newFolder();
    const paths = { ipcPath: join(folder, 'ipc'), ownerPath: join(folder, 'owner') };
    assert.equal(await isPrivate(paths), true);
    for (const mode of [0o755, 0o770, 0o777, 0o701]) {
      chmodSync(folder, mode);
      assert.equal(await isPrivate(paths), false, mode.toString(8));
    }
    assert.equal(await isPrivate({ ipcPath: '/nowhere/ipc', ownerPath: '/nowhere/owner' }), false);
  });

  it('is not believed with the socket of a node that is elsewhere', async () => {
    const [folder, other] = [newFolder(), newFolder()];
    for (const ipcPath of [
      join(other, 'ipc'),
      join(folder, 'ipc2'),
      join(temporary.path, 'ipc'),
      join(folder, 'owner'),
    ])
      assert.equal(await isPrivate({ ipcPath, ownerPath: join(folder, 'owner') }), false, ipcPath);
    assert.equal(await isPrivate({ ipcPath: join(folder, 'ipc'), ownerPath: join(folder, 'owner2') }), false);
  });

  it('is on Windows a pair of pipes of this machine that have our names', async () => {
    const pipe = (machine: string, name = `daochain-${'0a'.repeat(16)}`): string => `\\\\${machine}\\pipe\\${name}`;
    const both = (path: string): ReturnType<typeof isPrivate> =>
      isPrivate({ ipcPath: path, ownerPath: pipe('.') }, 'win32');
    assert.equal(await both(pipe('.')), true);
    for (const other of [pipe('server'), pipe('127.0.0.1'), pipe('.', 'geth.ipc'), 'C:\\ipc', `${pipe('.')}\\..\\x`]) {
      assert.equal(await both(other), false, other);
      assert.equal(await isPrivate({ ipcPath: pipe('.'), ownerPath: other }, 'win32'), false, other);
    }
  });
});
