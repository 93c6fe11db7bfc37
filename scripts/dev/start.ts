import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DockerEngine } from '../../src/adapters/docker/engine';
import { startEngine } from '../../test/testbed/engine';
import { signalProcess, startProgram } from '../../test/testbed/program';
import { waitFor } from '../../test/testbed/waitFor';
import { staticBusybox } from './components/busybox';
import { cacheFolder, InstallError } from './components/cache';
import { installCodeServer, type CodeServer } from './components/codeServer';
import { searchProgram } from '../../src/adapters/geth/runProgram';
import { runCommand } from './components/command';
import { installGeth } from './components/geth';
import { installPackages } from './components/packages';
import { digestOf } from './digest';
import { packageExtension } from './extension';
import { tryLock } from './lock.mjs';
import { quietSettings } from './quietSettings';
import { Interrupted, steps, type Say } from './steps';

/** One port for all starts: the browser keeps the wallet's keystore by address. */
const PORT = 8713;
const SAMPLE_IMAGES = { base: 'registry.example.com/shop/base:1.0', web: 'registry.example.com/shop/web:1.0' };
/** For a new window; what the user changes afterwards stays. */
const SETTINGS = {
  ...quietSettings,
  'daochain.node.startWithViews': true,
  // The folder is a copy of our own sample.
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'readme',
};

/** Something started: how to end it, and what tells that it has ended by itself. */
interface Started {
  readonly stop: () => Promise<void>;
  readonly ended: Promise<unknown>;
}

interface Window extends Started {
  /** What the last line names. */
  readonly where: string;
}

interface StartedEngine extends Started {
  readonly engine: DockerEngine;
  /** What a program needs in its environment to find it. */
  readonly env: NodeJS.ProcessEnv;
}

/** The engine that the docker command would use, if it answers; else a private one. */
async function findOrStartEngine(say: Say): Promise<StartedEngine> {
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const existing = new DockerEngine({ setting: () => undefined, log });
  try {
    await existing.list(AbortSignal.timeout(10_000));
    const { host } = await existing.endpoint();
    say(`using the one at ${host}`);
    return { engine: existing, env: process.env, stop: () => Promise.resolve(), ended: new Promise(() => undefined) };
  } catch {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) {
      throw new InstallError('Docker Engine does not answer. Start Docker, or run this as root on Debian or Ubuntu.');
    }
  }
  await installPackages(['docker.io', 'busybox-static'], say);
  say('none answers, starting a private one');
  const started = await startEngine({ dataRoot: join(cacheFolder(), 'engine-data') });
  const engine = new DockerEngine({ setting: () => started.host, log });
  return {
    engine,
    env: { ...process.env, DOCKER_HOST: started.host },
    stop: () => started.dispose(),
    ended: started.ended,
  };
}

/** The working copy of this version's sample workspace; files that are there already are the user's. */
function copySample(): string {
  const sample = join('samples', 'shop');
  const folder = join(cacheFolder(), `samples-${digestOf([sample]).slice(0, 8)}`, 'shop');
  cpSync(sample, folder, { recursive: true, force: false });
  const program = join(folder, 'base', 'rootfs', 'bin', 'busybox');
  const busybox = staticBusybox();
  // Without it the images can be signed and judged just as well, but not run.
  if (busybox !== undefined && !existsSync(program)) {
    mkdirSync(join(program, '..'), { recursive: true });
    writeFileSync(program, busybox, { mode: 0o755 });
  }
  return folder;
}

async function buildImages(engine: DockerEngine, workspace: string): Promise<void> {
  for (const [name, tag] of Object.entries(SAMPLE_IMAGES)) {
    const contextDirectory = join(workspace, name);
    const request = { contextDirectory, dockerfile: join(contextDirectory, 'Dockerfile'), tag };
    await engine.build(request, AbortSignal.timeout(300_000), () => undefined);
  }
}

function writeInitialSettings(userFolder: string): void {
  const file = join(userFolder, 'settings.json');
  if (existsSync(file)) return;
  mkdirSync(userFolder, { recursive: true });
  writeFileSync(file, JSON.stringify(SETTINGS, null, 2));
}

/** The preferred port, or any when that is taken. */
async function freePort(say: Say): Promise<number> {
  for (const wanted of [PORT, 0]) {
    const server = createServer();
    const port = await new Promise<number | undefined>((resolve) => {
      server.once('error', () => {
        resolve(undefined);
      });
      server.listen(wanted, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' ? address?.port : undefined);
      });
    });
    await new Promise((resolve) => server.close(resolve));
    if (port !== undefined) return port;
    say(`port ${PORT} is taken, so this is another address, where a wallet made there is not seen`);
  }
  throw new Error('No port is free on 127.0.0.1');
}

async function openCodeServer(
  codeServer: CodeServer,
  vsix: string,
  workspace: string,
  env: NodeJS.ProcessEnv,
  say: Say,
): Promise<Window> {
  const data = join(cacheFolder(), 'vscode-web');
  writeInitialSettings(join(data, 'User'));
  const folders = ['--user-data-dir', data, '--extensions-dir', join(data, 'extensions')];
  const own = { ...env, CODE_SERVER_CONFIG: join(data, 'config.yaml') };
  const install = [codeServer.entry, ...folders, '--install-extension', vsix, '--force'];
  const { code, output } = await runCommand(codeServer.node, install, { env: own });
  if (code !== 0) throw new Error(`The extension could not be installed into code-server:\n${output}`);

  const port = await freePort(say);
  const server = await startProgram(
    codeServer.node,
    [
      ...[codeServer.entry, ...folders, '--bind-addr', `127.0.0.1:${port}`, '--auth', 'none'],
      ...['--disable-telemetry', '--disable-update-check', '--app-name', 'DaoChain', workspace],
    ],
    { env: own },
  );
  const stop = (): Promise<void> => server.stop();
  try {
    await waitFor(
      'code-server answers',
      async () => !server.running() || (await fetch(`http://127.0.0.1:${port}/healthz`)).ok,
      { timeoutMs: 60_000 },
    );
    if (!server.running()) throw new Error(`code-server ended at once:\n${server.output().slice(-3_000)}`);
  } catch (error) {
    await stop();
    throw error;
  }
  const where = `http://127.0.0.1:${port}/?folder=${encodeURI(workspace)}`;
  return { where, stop, ended: server.ended };
}

/** The command of a desktop VS Code that could open a window here. */
function findDesktopCode(): string | undefined {
  // Inside a VS Code terminal of another machine this command speaks to that machine's window.
  if (process.env['VSCODE_IPC_HOOK_CLI'] !== undefined) return undefined;
  const display = process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'];
  return process.platform === 'linux' && display === undefined ? undefined : searchProgram('code');
}

async function openDesktop(code: string, workspace: string, env: NodeJS.ProcessEnv): Promise<Window> {
  const data = join(cacheFolder(), 'vscode-desktop');
  writeInitialSettings(join(data, 'User'));
  // VS Code writes its process number here; the command itself is only its herald.
  const lock = join(data, 'code.lock');
  rmSync(lock, { force: true });
  const herald = await startProgram(
    code,
    [
      ...['--new-window', '--wait', '--user-data-dir', data, '--extensions-dir', join(data, 'extensions')],
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...[`--extensionDevelopmentPath=${process.cwd()}`, workspace],
    ],
    { env },
  );
  const pid = await waitFor('the VS Code window', () => existsSync(lock) && Number(readFileSync(lock, 'utf8')), {
    timeoutMs: 60_000,
  });
  const stop = async (): Promise<void> => {
    if (signalProcess(pid, 'SIGTERM')) await waitFor('VS Code has ended', () => !signalProcess(pid, 0));
    await herald.stop();
  };
  return { where: `the VS Code window on ${workspace}`, stop, ended: herald.ended };
}

/** Resolves when somebody wants all of this to end: a signal, or the death of the npm that called. */
function asked(): Promise<void> {
  const parent = process.ppid;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (process.env['npm_lifecycle_event'] !== undefined && process.ppid !== parent) done();
    }, 500);
    const done = (): void => {
      clearInterval(timer);
      resolve();
    };
    // A terminal and npm may both deliver the same Ctrl-C; the second must not cut the clean end short.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, done);
  });
}

function openBrowser(url: string): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const canOpen = process.platform === 'darwin' || process.env['DISPLAY'] !== undefined;
  if (!canOpen || searchProgram(opener) === undefined) return;
  spawn(opener, [url], { stdio: 'ignore', detached: true }).unref();
}

/** `npm start`. Returns the exit code when all that it started has ended. */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { headless: { type: 'boolean', default: false } } });
  const lock = tryLock(join(cacheFolder(), 'start.lock'));
  if (typeof lock === 'number') {
    throw new Error(
      `DaoChain is running already (process ${lock}). Use that one, or end it with Ctrl-C and start again.`,
    );
  }
  const end = asked();
  const step = steps(end);
  const started: Started[] = [];
  try {
    const desktop = values.headless ? undefined : findDesktopCode();
    await step('geth', installGeth);
    const codeServer = desktop === undefined ? await step('code-server', installCodeServer) : undefined;
    const vsix = await step('extension', packageExtension);
    const docker = await step('Docker Engine', findOrStartEngine);
    started.push(docker);
    const workspace = copySample();
    await step('sample images', () => buildImages(docker.engine, workspace));
    const window = await step('VS Code', (say) =>
      desktop === undefined && codeServer !== undefined
        ? openCodeServer(codeServer, vsix, workspace, docker.env, say)
        : openDesktop(desktop ?? '', workspace, docker.env),
    );
    started.push(window);
    console.log(`DaoChain is ready: ${window.where}`);
    if (!values.headless && codeServer !== undefined) openBrowser(window.where);
    const cause = await Promise.race([
      end.then(() => 'asked'),
      window.ended.then(() => (desktop === undefined ? 'code-server' : 'asked')),
      docker.ended.then(() => 'Docker Engine'),
    ]);
    if (cause !== 'asked') throw new Error(`${cause} has ended, so DaoChain ends.`);
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return 1;
    throw error;
  } finally {
    for (const { stop } of started.reverse()) await stop();
    lock();
  }
}
