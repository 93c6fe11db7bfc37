import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileInLanguage, languageIds } from '../../src/core/languages';
import { runCommand } from './components/command';
import { digestOf } from './digest';
import { withLock } from './lock.mjs';
import type { Say } from './steps';

/** Everything that the package is made of. */
const INPUTS = [
  ...['src', 'l10n', 'media', 'docs/rules', 'schemas', 'webpack.config.js', '.vscodeignore', 'package-lock.json'],
  ...['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE'],
  ...languageIds.map((language) => fileInLanguage('package.nls.json', language)),
];
const PACKAGE = 'daochain.vsix';
/** Names the inputs of what is in `dist`; every other build removes it. */
const KEY = join('dist', 'inputs.sha256');

/** Set in suites whose runner has built the extension. They see other processes than it does, and so not who has the lock. */
export const preparedVariable = 'DAOCHAIN_TEST_PREPARED';

/**
 * Builds the extension and its package, unless they are there and nothing has changed since. Returns the package's path.
 */
export async function packageExtension(say: Say): Promise<string> {
  if (process.env[preparedVariable] !== undefined) return resolve(PACKAGE);
  return withLock(
    join('out', 'build.lock'),
    (pid) => {
      say(`another process (${pid}) is building it, waiting for that`);
    },
    async () => {
      const key = digestOf(INPUTS);
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
