import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { searchProgram } from '../../src/adapters/geth/runProgram';
import { signalProcess, startProgram } from '../../test/testbed/program';
import { waitFor } from '../../test/testbed/waitFor';
import { cacheFolder } from './components/cache';
import { installCodeServer } from './components/codeServer';
import { runCommand } from './components/command';
import { editorEnvironment, quietSettings } from './editorDefaults';
import type { Say } from './steps';

/** One port for all starts: the browser keeps the wallet's keystore by address. */
const PORT = 8713;
/** For a new window; what the user changes afterwards stays. */
export const firstSettings = {
  ...quietSettings,
  'daochain.node.startWithViews': true,
  // The folder is a copy of our own sample.
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'readme',
};

/** Something started: how to end it, and what tells that it has ended by itself. */
export interface Started {
  readonly stop: () => Promise<void>;
  readonly ended: Promise<unknown>;
}

export interface Window extends Started {
  /** Where a browser finds it; a window of the desktop has no address. */
  readonly url?: string;
}

function writeInitialSettings(userFolder: string): void {
  const file = join(userFolder, 'settings.json');
  if (existsSync(file)) return;
  mkdirSync(userFolder, { recursive: true });
  writeFileSync(file, JSON.stringify(firstSettings, null, 2));
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

/** Starts code-server, installed if need be, with the package in it and waits until it answers. */
export async function openCodeServer(
  vsix: string,
  workspace: string,
  env: Readonly<Record<string, string>>,
  say: Say,
): Promise<Window> {
  const codeServer = await installCodeServer(say);
  const data = join(cacheFolder(), 'vscode-web');
  // Of a server, the settings of the machine are not the user's.
  for (const owner of ['User', 'Machine']) writeInitialSettings(join(data, owner));
  const folders = ['--user-data-dir', data, '--extensions-dir', join(data, 'extensions')];
  const own = { ...editorEnvironment(), ...env, CODE_SERVER_CONFIG: join(data, 'config.yaml') };
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
  return { url: `http://127.0.0.1:${port}/?folder=${encodeURI(workspace)}`, stop, ended: server.ended };
}

/** The command of a desktop VS Code that could open a window here. */
export function findDesktopCode(): string | undefined {
  // Inside a VS Code terminal of another machine this command speaks to that machine's window.
  if (process.env['VSCODE_IPC_HOOK_CLI'] !== undefined) return undefined;
  const display = process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'];
  return process.platform === 'linux' && display === undefined ? undefined : searchProgram('code');
}

/** Opens a window of the desktop VS Code on the extension as it was built. */
export async function openDesktop(
  code: string,
  workspace: string,
  env: Readonly<Record<string, string>>,
): Promise<Window> {
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
    { env: { ...editorEnvironment(), ...env } },
  );
  const owner = (): number | undefined => {
    const pid = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
    return pid > 0 ? pid : undefined;
  };
  const pid = await waitFor('the VS Code window', owner, { timeoutMs: 60_000 });
  const stop = async (): Promise<void> => {
    if (signalProcess(pid, 'SIGTERM')) await waitFor('VS Code has ended', () => !signalProcess(pid, 0));
    await herald.stop();
  };
  return { stop, ended: herald.ended };
}

/** Shows an address in the browser of whoever sits here. */
export function openBrowser(url: string): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const canOpen = process.platform === 'darwin' || process.env['DISPLAY'] !== undefined;
  if (!canOpen || searchProgram(opener) === undefined) return;
  spawn(opener, [url], { stdio: 'ignore', detached: true }).unref();
}
