import { parseArgs } from 'node:util';
import { allSuites, needsNothing, suitesConcerned, suitesNamed } from './chosenSuites';
import { runCommand } from './components/command';
import { packageExtension } from './extension';
import { installForTests } from './setup';
import { runSuites } from './suites';

/**
 * `npm test`: installs and builds what is missing, then runs every suite; with names those alone, with `--changed` what the
 * changes since `main` concern, those that are not committed included.
 */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { changed: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  if (values.changed && positionals.length > 0) throw new Error('Say names of suites or --changed, not both');
  const named = positionals.length === 0 ? allSuites : suitesNamed(positionals);
  const suites = values.changed ? suitesConcerned(await changedFiles(), process.cwd()) : named;
  if (suites.length === 0) {
    console.log('Nothing has changed');
    return 0;
  }
  return runSuites(async (step) => {
    if (suites.every(needsNothing)) return;
    await installForTests(step);
    await step('extension', packageExtension);
  }, suites);
}

/** Since the commit that this branch and `main` have in common; on `main` itself since the last commit. */
async function changedFiles(): Promise<readonly string[]> {
  const git = async (...args: readonly string[]): Promise<string> => {
    const { code, output } = await runCommand('git', args);
    if (code !== 0) throw new Error(`git ${args.join(' ')} failed:\n${output}`);
    return output;
  };
  const { code, output } = await runCommand('git', ['merge-base', 'HEAD', 'main']);
  const base = code === 0 ? output.trim() : 'HEAD';
  const listed = await Promise.all([
    git('diff', '--name-only', '--no-renames', '-z', base),
    git('ls-files', '--others', '--exclude-standard', '-z'),
  ]);
  return [...new Set(listed.flatMap((list) => list.split('\0')).filter((file) => file !== ''))];
}
