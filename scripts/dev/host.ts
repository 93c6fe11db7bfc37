import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { startEngine } from '../../test/testbed/engine';
import { temporaryFolder } from '../../test/testbed/program';
import { hostEntry, hostTestEnvironment, runInHost } from '../../test/testbed/runInHost';
import { packageExtension } from './extension';
import { quietSettings } from './editorDefaults';

/** Runs the same tests in the desktop VS Code, which is downloaded if need be. Throws when one fails. */
async function runOnDesktop(files: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const folder = temporaryFolder();
  const user = join(folder.path, 'data', 'User');
  const workspace = join(folder.path, 'workspace');
  mkdirSync(user, { recursive: true });
  mkdirSync(workspace);
  writeFileSync(join(user, 'settings.json'), JSON.stringify(quietSettings));
  await runTests({
    extensionDevelopmentPath: process.cwd(),
    extensionTestsPath: hostEntry,
    extensionTestsEnv: { ...env, ...hostTestEnvironment(files) },
    launchArgs: [workspace, '--user-data-dir', join(folder.path, 'data'), '--disable-workspace-trust'],
  });
}

/**
 * `npm run test:host`, and with `--desktop` `npm run test:desktop`: the tests of `test/host` inside an extension host that
 * finds a private engine by DOCKER_HOST.
 */
async function main(): Promise<void> {
  await packageExtension((line) => {
    console.log(line);
  });
  const files = readdirSync('test/host', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .map((name) => resolve('test/host', name));
  const engine = await startEngine();
  try {
    const env = { DOCKER_HOST: engine.host };
    if (process.argv.includes('--desktop')) {
      await runOnDesktop(files, env);
    } else {
      const logFile = resolve('out', 'host.log');
      const { failures, passes } = await runInHost({ extension: process.cwd(), files, env, logFile });
      if (failures > 0 || passes === 0) {
        console.log(`The log of VS Code: ${logFile}`);
        process.exitCode = 1;
      }
    }
  } finally {
    await engine.dispose();
  }
}

main().catch((error: unknown) => {
  console.log(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
