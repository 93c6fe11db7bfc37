import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runCommand } from './components/command';
import { withLock } from './lock.mjs';
import type { Say } from './steps';

/** Everything that the package is made of. */
const INPUTS = [
  ...['src', 'l10n', 'media', 'docs/rules', 'webpack.config.js', '.vscodeignore', 'package-lock.json'],
  ...['package.json', 'package.nls.json', 'package.nls.zh-cn.json', 'README.md', 'CHANGELOG.md', 'LICENSE'],
];
const PACKAGE = 'daochain.vsix';
/** Names the inputs of what is in `dist`; every other build removes it. */
const KEY = join('dist', 'inputs.sha256');

function digest(paths: readonly string[]): string {
  const hash = createHash('sha256');
  const add = (path: string): void => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) add(join(path, name));
    } else {
      const bytes = readFileSync(path);
      hash.update(`${path}\0${bytes.length}\0`).update(bytes);
    }
  };
  for (const path of paths) add(path);
  return hash.digest('hex');
}

/**
 * Builds the extension and its package, unless they are there and nothing has changed since. Returns the package's path.
 */
export async function packageExtension(say: Say): Promise<string> {
  return withLock(
    join('out', 'build.lock'),
    (pid) => {
      say(`another process (${pid}) is building it, waiting for that`);
    },
    async () => {
      const key = digest(INPUTS);
      const current = existsSync(KEY) && readFileSync(KEY, 'utf8') === key && existsSync(PACKAGE);
      if (!current) {
        const { code, output } = await runCommand('npm', ['run', '--silent', 'package']);
        if (code !== 0) throw new Error(`The extension could not be built (npm run package):\n${output}`);
        writeFileSync(KEY, key);
      }
      return resolve(PACKAGE);
    },
  );
}
