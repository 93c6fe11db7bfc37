/** All that tests the contract: `npm run test:contract`. The last line counts, the exit code tells. */
import { runCommand } from '../dev/components/command';
import type { CommandResult } from '../dev/components/command';
import { repositoryRoot } from './compile';
import { measureBranchCoverage, runForge } from './forge';
import { runSlither } from './slither';

interface Count {
  readonly passed: number;
  readonly failed: number;
}

const minimumBranchCoverage = 0.95;

async function testContract(): Promise<void> {
  const counts = [
    await one('what is generated and released is what the sources give', async () => {
      requireSuccess(await node('scripts/contracts/build.ts', '--check'));
    }),
    await many('forge', runForge(['test']), /(\d+) tests passed/, /(\d+) failed, \d+ skipped \(/),
    await one(`the tests take ${(minimumBranchCoverage * 100).toString()} % of the ledger's branches`, async () => {
      const { branches, covered } = await measureBranchCoverage();
      console.log(`${covered.toString()} of ${branches.toString()} branches`);
      if (covered / branches < minimumBranchCoverage) throw new Error('too few');
    }),
    await one('slither finds nothing that is not answered', async () => {
      requireSuccess(await runSlither(console.log));
    }),
    await many(
      'anvil',
      node('node_modules/mocha/bin/mocha.js', 'test/contract/**/*.test.ts'),
      /(\d+) passing/,
      /(\d+) failing/,
    ),
  ];
  const total = (kind: keyof Count): number => counts.reduce((sum, count) => sum + count[kind], 0);
  console.log(`${total('passed').toString()} passed, ${total('failed').toString()} failed`);
  process.exitCode = total('failed') === 0 ? 0 : 1;
}

async function one(name: string, test: () => Promise<void>): Promise<Count> {
  try {
    await test();
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
    console.log(`FAILED: ${name}`);
    return { passed: 0, failed: 1 };
  }
  console.log(`ok: ${name}`);
  return { passed: 1, failed: 0 };
}

/** Counts what a test program printed. One that fails without saying how often counts as one failure. */
async function many(name: string, run: Promise<CommandResult>, passing: RegExp, failing: RegExp): Promise<Count> {
  const { code, output } = await run;
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
