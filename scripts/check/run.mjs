// Runs the static checks, two at a time, and ends with `N passed, N failed`. `npm run check -- lint types` runs some of them.
import { spawn } from 'node:child_process';

const checks = {
  types: ['tsc', '--noEmit'],
  'types of core': ['tsc', '--noEmit', '-p', 'src/core'],
  lint: [
    'eslint',
    '--max-warnings',
    '0',
    '--cache',
    '--cache-location',
    'node_modules/.cache/eslint/',
    'src',
    'test',
    'scripts',
  ],
  format: ['prettier', '--check', '--log-level', 'warn', '.'],
  boundaries: ['depcruise', 'src'],
  'dead code': ['knip'],
  manifest: ['tsx', 'scripts/check/manifest.ts'],
  'contract interface': ['tsx', 'scripts/contracts/build.ts', '--check'],
};

function run(name, [command, ...args]) {
  const started = Date.now();
  return new Promise((resolve) => {
    const child = spawn('npx', ['--no-install', command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.once('close', (code) => {
      const passed = code === 0;
      console.log(`${passed ? '✔' : '✘'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
      if (!passed) console.log(Buffer.concat(output).toString());
      resolve(passed);
    });
  });
}

const wanted = process.argv.slice(2);
const queue = Object.entries(checks).filter(([name]) => wanted.length === 0 || wanted.includes(name));
const results = [];
async function worker() {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) results.push(await run(...next));
}
await Promise.all([worker(), worker()]);

const failed = results.filter((passed) => !passed).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 && results.length > 0 ? 0 : 1;
