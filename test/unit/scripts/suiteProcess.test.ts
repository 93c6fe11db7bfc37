import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { runSuiteProcess } from '../../../scripts/dev/suiteProcess';
import { onProcessExit } from '../../testbed/program';
import { waitFor } from '../../testbed/waitFor';

const mocha = [process.execPath, 'node_modules/mocha/bin/mocha.js', 'test/fixtures/suites/hanging.cjs'];

/** Process IDs of the programs whose command line has `text` in it. */
function programsNamed(text: string): readonly number[] {
  const matches = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false; // it has ended meanwhile
    }
  };
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && matches(entry))
    .map(Number);
}

describe('a suite in a process of its own', () => {
  before(function () {
    // Without the rights of root a process group has to do, which a program can leave.
    if (process.platform !== 'linux' || process.getuid?.() !== 0) this.skip();
  });

  let name = '';
  const isRunning = (): boolean => programsNamed(name).length > 0;
  const hasHung = (): Promise<unknown> => waitFor('the test hangs', () => programsNamed(name).length === 1);
  const isGone = (): Promise<unknown> => waitFor('what it started has ended', () => !isRunning());

  beforeEach(() => {
    name = `left-by-a-suite-${process.pid}-${Math.random().toString(36).slice(2)}`;
  });

  it('that hangs is named with what passed before, and leaves nothing behind when it is ended', async () => {
    const run = await runSuiteProcess(mocha, {
      env: { DAOCHAIN_TEST_NAME: name },
      onOutput: () => undefined,
      until: async () => {
        await hasHung();
        return 'it was silent';
      },
    });
    assert.equal(isRunning(), false);
    assert.deepEqual(run.running, ['a group › hangs']);
    assert.deepEqual(run.counts, { passed: 1, failed: 0, skipped: 1 });
    assert.equal(run.cause, 'it was silent');
    assert.match(run.output, /passes/);
  });

  it('that is killed leaves nothing behind, and its last test is named', async () => {
    const suite = runSuiteProcess(mocha, {
      env: { DAOCHAIN_TEST_NAME: name },
      onOutput: () => undefined,
      until: () => new Promise(() => undefined),
    });
    await hasHung();
    const [leader = 0] = programsNamed('fixtures/suites/hanging.cjs').slice(-1);
    process.kill(leader, 'SIGKILL');
    const { exitCode, running } = await suite;
    assert.equal(isRunning(), false);
    assert.notEqual(exitCode, 0);
    assert.deepEqual(running, ['a group › hangs']);
  });

  it('does not outlive the one who runs it, whatever ends that', async () => {
    const program = resolve('test/fixtures/suites/run.ts');
    const runner = spawn(process.execPath, ['--import', 'tsx', program, ...mocha], {
      env: { ...process.env, DAOCHAIN_TEST_NAME: name },
      stdio: 'ignore',
    });
    const forget = onProcessExit(() => runner.kill('SIGKILL'));
    await hasHung();
    runner.kill('SIGKILL');
    await isGone();
    forget();
  });

  it('gives the end of a suite that ended itself', async () => {
    const run = await runSuiteProcess([process.execPath, '-e', 'console.log("2 passed, 0 failed"); process.exit(3)'], {
      onOutput: () => undefined,
      until: () => new Promise(() => undefined),
    });
    assert.deepEqual(run, {
      ...{ output: '2 passed, 0 failed\n', exitCode: 3, running: [] },
      counts: { passed: 0, failed: 0, skipped: 0 },
    });
  });
});
