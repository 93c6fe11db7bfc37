import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '../testbed/program';
import { waitFor } from '../testbed/waitFor';
import { start, type Ended, type Running } from './daochain';

/** Far less than any bound of ours, and room for a slow machine. */
const atOnce = 15_000;

/** What a command stands still at is left at once when it is told to. */
describe('a command that waits', function () {
  this.timeout(60_000);
  let folder: string;
  let server: Server | undefined;
  const sockets = new Set<Socket>();
  const running: Running[] = [];

  beforeEach(() => {
    folder = temporaryFolder().path;
  });
  afterEach(() => {
    for (const { process: child } of running.splice(0)) child.kill('SIGKILL');
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    server?.close();
    server = undefined;
  });

  /** A node that says `text` to whatever it is asked, and nothing more. Where it is, and how often it was asked. */
  async function serve(where: number | string, text: string): Promise<{ readonly asked: () => number }> {
    let asked = 0;
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', () => {
        asked += 1;
        if (text !== '') socket.write(text);
      });
    });
    await new Promise<void>((resolve) => server?.listen(where, resolve));
    return { asked: () => asked };
  }
  const run = (...args: readonly string[]): Running => {
    const command = start([...args, '--data', join(folder, 'data')]);
    command.ended.catch(() => undefined);
    running.push(command);
    return command;
  };
  async function interrupted({ process: child, ended }: Running): Promise<Ended> {
    child.kill('SIGINT');
    let result: Ended | undefined;
    void ended.then((each) => (result = each));
    return waitFor('it has ended', () => result, { timeoutMs: atOnce });
  }

  const answers: Readonly<Record<string, string>> = {
    'says nothing': '',
    'stops in its headers': 'HTTP/1.1 200 OK\r\ncontent-',
    'stops in the middle of its body': 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"id":0,',
    'says for ever that it goes on': 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(10),
  };
  for (const [what, text] of Object.entries(answers)) {
    it(`for an endpoint that ${what} ends at once with Ctrl-C`, async () => {
      const { asked } = await serve(0, text);
      const address = server?.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const command = run('network', 'show', '--endpoint', `http://127.0.0.1:${port}`);
      await waitFor('the endpoint is asked', () => asked() > 0, { timeoutMs: 30_000 });
      assert.equal((await interrupted(command)).code, 130);
    });
  }

  it('for a socket that says half a line ends at once with Ctrl-C', async () => {
    const path = join(folder, 'ipc');
    const { asked } = await serve(path, '{"id":1,');
    const command = run('network', 'show', '--endpoint', path);
    await waitFor('the node is asked', () => asked() > 0, { timeoutMs: 30_000 });
    assert.equal((await interrupted(command)).code, 130);
  });

  for (const [what, ...args] of [
    ['a password', 'wallet', 'create', '--password-file'],
    ['trust rules', 'verify', 'example.com/a:1', '--rules'],
    ['a policy', 'verify', 'example.com/a:1', '--policy'],
    ['a request', 'request', 'show'],
    ['a keystore', 'wallet', 'import'],
    ['a build file', 'check'],
  ] as const) {
    it(`for ${what} through a pipe that nobody writes to ends at once with Ctrl-C`, async function () {
      if (process.platform !== 'linux') this.skip();
      const pipe = join(folder, 'pipe');
      execFileSync('mkfifo', ['-m', '600', pipe]);
      const command = run(...args, pipe, '--verbose');
      // Nothing shows from outside that it waits, but that it does not end.
      let hasEnded = false;
      void command.ended.then(() => (hasEnded = true));
      await new Promise((resolve) => command.process.once('spawn', resolve));
      await waitFor('it has the pipe open', () => isOpen(command.process.pid ?? 0, pipe), { timeoutMs: 30_000 });
      assert.equal(hasEnded, false);
      assert.equal((await interrupted(command)).code, 130);
    });
  }
});

function isOpen(pid: number, path: string): boolean {
  try {
    return execFileSync('ls', ['-l', `/proc/${pid}/fd`], { encoding: 'utf8' }).includes(path);
  } catch {
    return false;
  }
}
