// Entry of the commands: `node scripts/dev/main.mjs start | test | engines | setup`. It works in a fresh clone, so it uses
// nothing but Node.js until it has seen to the modules; the commands themselves are TypeScript.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const commands = ['start', 'test', 'engines', 'setup'];

/** True when the modules that are installed are those that the lock file names. */
function modulesMatch() {
  const packages = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  try {
    const installed = packages('node_modules/.package-lock.json');
    return Object.entries(packages('package-lock.json')).every(
      ([name, wanted]) =>
        name === '' ||
        (installed[name] === undefined ? wanted.optional === true : installed[name].version === wanted.version),
    );
  } catch {
    return false;
  }
}

async function installModules() {
  if (modulesMatch()) return;
  await withLock(
    join(root, 'out', 'modules.lock'),
    (pid) => console.log(`Another process (${pid}) is installing the modules, waiting for it`),
    async () => {
      if (modulesMatch()) return;
      console.log('Installing the modules: npm ci');
      const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd: root,
        stdio: 'inherit',
        shell: process.platform === 'win32',
      });
      if (status !== 0) throw new Error('The modules could not be installed. Run: npm ci --ignore-scripts');
    },
  );
}

async function main([command, ...args]) {
  if (!commands.includes(command)) throw new Error(`Say one of: ${commands.join(', ')}`);
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Node.js 20.19 or newer is needed, this is ${process.version}`);
  }
  process.chdir(root);
  await installModules();
  await import('tsx/cjs');
  const { run } = createRequire(import.meta.url)(`./${command}.ts`);
  return run(args);
}

// Exits rather than waits: a step that was given up must not hold the process.
main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    // What was thrown for people to read needs no stack.
    const plain = error.name === 'InstallError' || error.constructor === Error || /^ERR_PARSE_ARGS/.test(error.code);
    console.error(plain ? error.message : error.stack);
    process.exit(1);
  },
);
