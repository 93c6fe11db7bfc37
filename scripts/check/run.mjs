// Runs the static checks, two at a time, and ends with `N passed, N failed`. `npm run check -- lint types` runs some of them.
import { spawn } from 'node:child_process';
import { begins, ends } from '../dev/progress.mjs';

/** TypeScript 7, which checks many times faster. What needs the compiler's programming interface uses TypeScript 6. */
const compiler = [process.execPath, 'node_modules/typescript-native/bin/tsc', '--noEmit'];
const npx = (...command) => ['npx', '--no-install', ...command];
const eslint = (cache, ...folders) =>
  npx(
    'eslint',
    '--max-warnings',
    '0',
    '--cache',
    '--cache-location',
    `node_modules/.cache/eslint/${cache}/`,
    ...folders,
  );

/** Those that take longest come first, so that both ends of the queue come at about the same time. */
const checks = {
  'lint of the tests': eslint('tests', 'test', 'scripts'),
  lint: eslint('src', 'src'),
  format: npx('prettier', '--check', '--log-level', 'warn', '--cache', '.'),
  boundaries: npx('depcruise', 'src'),
  'dead code': npx('knip'),
  types: compiler,
  'types of core': [...compiler, '-p', 'src/core'],
  manifest: npx('tsx', 'scripts/check/manifest.ts'),
  'contract interface': npx('tsx', 'scripts/contracts/build.ts', '--check'),
};

function run(name, [command, ...args]) {
  const started = Date.now();
  return new Promise((resolve) => {
    begins(name);
    // Windows starts scripts such as npx by a shell only.
    const shell = process.platform === 'win32' && command === 'npx';
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], shell });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.once('error', (error) => output.push(Buffer.from(`${error.message}\n`)));
    child.once('close', (code) => {
      const passed = code === 0;
      ends(name, passed ? 'passed' : 'failed');
      console.log(`${passed ? '✔' : '✘'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
      if (!passed) console.log(Buffer.concat(output).toString());
      resolve(passed);
    });
  });
}

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !Object.hasOwn(checks, name));
if (unknown !== undefined) {
  console.error(`There is no check ${JSON.stringify(unknown)}; there are: ${Object.keys(checks).join(', ')}`);
  process.exit(1);
}
const queue = Object.entries(checks).filter(([name]) => wanted.length === 0 || wanted.includes(name));
const results = [];
async function worker() {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) results.push(await run(...next));
}
await Promise.all([worker(), worker()]);

const failed = results.filter((passed) => !passed).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
