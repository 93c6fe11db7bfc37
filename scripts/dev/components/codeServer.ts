import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { componentFolder, InstallError, installOnce } from './cache';
import { runCommand } from './command';
import { installPackages } from './packages';

const CODE_SERVER = '4.139.1';
/** code-server runs on exactly one major of Node.js. */
const NODE = '24.21.0';
const PLATFORM = `linux-${process.arch}`;
const NAME = `code-server-${CODE_SERVER}-node-${NODE}-${PLATFORM}`;

/** The VS Code server and the Node.js that runs it. */
export interface CodeServer {
  readonly node: string;
  /** code-server's own program: the server, and its command line with `--install-extension`. */
  readonly entry: string;
  /** The bare VS Code server inside it. */
  readonly serverMain: string;
}

function layout(folder: string): CodeServer {
  const app = join(folder, 'app', 'node_modules', 'code-server');
  return {
    node: join(folder, 'runtime', 'node_modules', `node-${PLATFORM}`, 'bin', 'node'),
    entry: join(app, 'out', 'node', 'entry.js'),
    serverMain: join(app, 'lib', 'vscode', 'out', 'server-main.js'),
  };
}

/** The installed code-server, or undefined. */
export function findCodeServer(): CodeServer | undefined {
  const folder = componentFolder(NAME);
  return existsSync(folder) ? layout(folder) : undefined;
}

async function npmInstall(folder: string, packageName: string, env: NodeJS.ProcessEnv): Promise<void> {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const { code, output } = await runCommand(
    'npm',
    ['install', '--no-audit', '--no-fund', '--loglevel=error', '--foreground-scripts', packageName],
    { cwd: folder, env },
  );
  if (code !== 0) {
    throw new InstallError(`npm install ${packageName} failed:\n${output.split('\n').slice(-30).join('\n')}`);
  }
}

/** Finds code-server, or installs it from npm: it compiles native modules, which takes some minutes, once. */
export async function installCodeServer(say: (line: string) => void): Promise<CodeServer> {
  const found = findCodeServer();
  if (found !== undefined) return found;
  if (!['linux-x64', 'linux-arm64'].includes(`${process.platform}-${process.arch}`)) {
    throw new InstallError(
      'code-server is installed on Linux (x64, arm64) only. Install desktop VS Code and its command `code`: ' +
        'in VS Code, run "Shell Command: Install \'code\' command in PATH".',
    );
  }
  await installPackages(
    ['build-essential', 'python3', 'pkg-config', 'libkrb5-dev', 'libx11-dev', 'libxkbfile-dev', 'libsecret-1-dev'],
    say,
  );
  const folder = await installOnce(NAME, say, async (temporary) => {
    say(`installing code-server ${CODE_SERVER} from npm (a few minutes, once)`);
    const runtime = join(temporary, 'runtime');
    await npmInstall(runtime, `node-${PLATFORM}@${NODE}`, { ...process.env, npm_config_ignore_scripts: 'true' });
    const nodeHome = join(runtime, 'node_modules', `node-${PLATFORM}`);
    await npmInstall(join(temporary, 'app'), `code-server@${CODE_SERVER}`, {
      ...process.env,
      PATH: join(nodeHome, 'bin') + delimiter + (process.env['PATH'] ?? ''),
      // Otherwise this would name the Node.js of an npm that has started us, and code-server refuses that.
      npm_config_user_agent: '',
      npm_config_ignore_scripts: 'false',
      // The headers of this very Node.js, so that the native modules are compiled without a download.
      npm_config_nodedir: nodeHome,
      PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1',
      ELECTRON_SKIP_BINARY_DOWNLOAD: '1',
    });
    const { node, entry } = layout(temporary);
    const { code, output } = await runCommand(node, [entry, '--version'], {
      env: { ...process.env, CODE_SERVER_CONFIG: join(temporary, 'config.yaml') },
    });
    if (code !== 0 || !output.includes(CODE_SERVER)) throw new InstallError(`code-server does not run:\n${output}`);
  });
  return layout(folder);
}
