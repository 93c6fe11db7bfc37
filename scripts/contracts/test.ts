/** All that tests the contract: `npm run test:contract`. The last line counts, the exit code tells. */
import pLimit from 'p-limit';
import { runCommand } from '../dev/components/command';
import type { CommandResult } from '../dev/components/command';
import { begins, ends, type TestResult } from '../dev/progress.mjs';
import { repositoryRoot } from './compile';
import { measureBranchCoverage, runForge } from './forge';
import { runSlither } from './slither';

interface Count {
  readonly passed: number;
  readonly failed: number;
}

const minimumBranchCoverage = 0.95;

/** Two at a time, and those that take longest first. forge's two runs share its cache, and so do not run at once. */
async function testContract(): Promise<void> {
  const twoAtOnce = pLimit(2);
  const counts = await Promise.all([
    twoAtOnce(async () => [
      await many('forge', () => runForge(['test']), /(\d+) tests passed/, /(\d+) failed, \d+ skipped \(/),
      await one(`the tests take ${(minimumBranchCoverage * 100).toString()} % of the ledger's branches`, async () => {
        const { branches, covered } = await measureBranchCoverage();
        console.log(`${covered.toString()} of ${branches.toString()} branches`);
        if (covered / branches < minimumBranchCoverage) throw new Error('too few');
      }),
    ]),
    twoAtOnce(async () => [
      await many(
        'anvil',
        () => node('node_modules/mocha/bin/mocha.js', 'test/contract'),
        /(\d+) passing/,
        /(\d+) failing/,
      ),
    ]),
    twoAtOnce(async () => [
      await one('slither finds nothing that is not answered', async () => {
        requireSuccess(await runSlither(console.log));
      }),
    ]),
    twoAtOnce(async () => [
      await one('what is generated and released is what the sources give', async () => {
        requireSuccess(await node('scripts/contracts/build.ts', '--check'));
      }),
    ]),
  ]);
  const total = (kind: keyof Count): number => counts.flat().reduce((sum, count) => sum + count[kind], 0);
  console.log(`${total('passed').toString()} passed, ${total('failed').toString()} failed`);
  process.exitCode = total('failed') === 0 ? 0 : 1;
}

async function one(name: string, test: () => Promise<void>): Promise<Count> {
  begins(name);
  const result = await test().then(
    (): TestResult => 'passed',
    (error: unknown): TestResult => {
      console.log(error instanceof Error ? error.message : error);
      return 'failed';
    },
  );
  ends(name, result);
  console.log(`${result === 'passed' ? 'ok' : 'FAILED'}: ${name}`);
  return { passed: 0, failed: 0, [result]: 1 };
}

/** Counts what a test program printed. One that fails without saying how often counts as one failure. */
async function many(name: string, run: () => Promise<CommandResult>, passing: RegExp, failing: RegExp): Promise<Count> {
  begins(name);
  const { code, output } = await run();
  ends(name);
  console.log(output.trimEnd());
  const passed = Number(passing.exec(output)?.[1] ?? 0);
  const failed = Number(failing.exec(output)?.[1] ?? 0);
  const ok = code === 0 && passed > 0 && failed === 0;
  console.log(`${ok ? 'ok' : 'FAILED'}: ${name}`);
  return { passed, failed: ok ? 0 : Math.max(failed, 1) };
}

function requireSuccess({ code, output }: CommandResult): void {
  if (code !== 0) throw new Error(output.trimEnd());
}

function node(...args: readonly string[]): Promise<CommandResult> {
  return runCommand(process.execPath, ['--import', 'tsx', ...args], { cwd: repositoryRoot });
}

void testContract();
