import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve, sep } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { startEngine } from '../../test/testbed/engine';
import { temporaryFolder } from '../../test/testbed/program';
import { hostEntry, hostTestEnvironment, runInHost } from '../../test/testbed/runInHost';
import { packageExtension } from './extension';
import { quietSettings } from './editorDefaults';

/** Whether an engine can be started here, which most of the tests ask. */
const hasEngine = process.platform === 'linux' && process.getuid?.() === 0;

/** The tests that ask none and start no node, and so run on every system. */
const withoutEngine = ['manifest.test.ts', 'settings.test.ts'];

/** Tests of a window, and what it has open: an empty folder unless given. */
interface Suite {
  readonly name: string;
  readonly files: readonly string[];
  readonly workspace?: string;
}

/** Runs the same tests in the desktop VS Code, which is downloaded if need be. Throws when one fails. */
async function runOnDesktop({ files, workspace }: Suite, env: Readonly<Record<string, string>>): Promise<void> {
  const folder = temporaryFolder();
  const user = join(folder.path, 'data', 'User');
  const empty = join(folder.path, 'workspace');
  mkdirSync(user, { recursive: true });
  mkdirSync(empty);
  writeFileSync(join(user, 'settings.json'), JSON.stringify(quietSettings));
  await runTests({
    extensionDevelopmentPath: process.cwd(),
    extensionTestsPath: hostEntry,
    extensionTestsEnv: { ...env, ...hostTestEnvironment(files) },
    launchArgs: [
      ...[workspace ?? empty, '--user-data-dir', join(folder.path, 'data'), '--disable-workspace-trust'],
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
}

/**
 * The suite of `test/host/empty`, which begins before there is any image; that of `test/host`, and that of
 * `test/host/folders`, whose window has two folders.
 */
function suites(): readonly Suite[] {
  const names = readdirSync('test/host', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .sort();
  const filesIn = (folder: string): readonly string[] =>
    names
      .filter((name) => (name.includes(sep) ? name.slice(0, name.indexOf(sep)) : '') === folder)
      .map((name) => resolve('test/host', name));
  const root = temporaryFolder().path;
  for (const name of ['own', 'cloned']) mkdirSync(join(root, name));
  const workspace = join(root, 'two.code-workspace');
  writeFileSync(workspace, JSON.stringify({ folders: [{ path: 'own' }, { path: 'cloned' }] }));
  if (!hasEngine)
    return [{ name: 'host', files: filesIn('').filter((file) => withoutEngine.includes(basename(file))) }];
  return [
    { name: 'host-empty', files: filesIn('empty') },
    { name: 'host', files: filesIn('') },
    { name: 'host-folders', files: filesIn('folders'), workspace },
  ];
}

/**
 * `npm run test:host`, and with `--desktop` `npm run test:desktop`: the tests of `test/host` inside an extension host that
 * finds a private engine by DOCKER_HOST. On a desktop where none can be started, those that need none.
 */
async function main(): Promise<void> {
  await packageExtension((line) => {
    console.log(line);
  });
  const isDesktop = process.argv.includes('--desktop');
  const engine = hasEngine || !isDesktop ? await startEngine() : undefined;
  try {
    const env: Readonly<Record<string, string>> = engine === undefined ? {} : { DOCKER_HOST: engine.host };
    for (const suite of suites()) {
      if (isDesktop) {
        await runOnDesktop(suite, env);
        continue;
      }
      const { name, ...run } = suite;
      const logFile = resolve('out', `${name}.log`);
      const { failures, passes } = await runInHost({ extension: process.cwd(), ...run, env, logFile });
      // DAOCHAIN_HOST_GREP may choose none of them.
      if (failures > 0 || (passes === 0 && process.env['DAOCHAIN_HOST_GREP'] === undefined)) {
        console.log(`The log of VS Code: ${logFile}`);
        process.exitCode = 1;
      }
    }
  } finally {
    await engine?.dispose();
  }
}

main().catch((error: unknown) => {
  console.log(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
