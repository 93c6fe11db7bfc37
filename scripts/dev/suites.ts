import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { asked } from './asked';
import { preparedVariable } from './extension';
import { silent } from './silence';
import { Interrupted, steps } from './steps';
import { runSuiteProcess, type SuiteRun } from './suiteProcess';

/** A program that runs tests and says how many passed. */
export interface Suite {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The numbers at the end of a suite's output: mocha's own, or a line `N passed, N failed, N skipped`. */
export function parseCounts(output: string): Counts | undefined {
  const lines = output
    .replace(/\u001b\[[\d;]*m/g, '')
    .split('\n')
    .slice(-2_000);
  const last = (pattern: RegExp): RegExpExecArray | undefined =>
    lines.map((line) => pattern.exec(line)).findLast((match) => match !== null) ?? undefined;
  const line = last(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/);
  if (line !== undefined) return { passed: Number(line[1]), failed: Number(line[2]), skipped: Number(line[3] ?? 0) };
  // A suite can run mocha more than once.
  const sum = (pattern: RegExp): number | undefined => {
    const counts = lines.flatMap((each) => pattern.exec(each)?.[1] ?? []).map(Number);
    return counts.length === 0 ? undefined : counts.reduce((a, b) => a + b);
  };
  const passed = sum(/^ {2}(\d+) passing \(/);
  if (passed === undefined) return undefined;
  return { passed, failed: sum(/^ {2}(\d+) failing$/) ?? 0, skipped: sum(/^ {2}(\d+) pending$/) ?? 0 };
}

/** Of one suite; `remark` says why it failed where no test did, `failures` is what it printed about those that did. */
type Result = Counts & { readonly remark?: string; readonly failures?: string };

/** `N passed, N failed`, with what was skipped where something was. */
export function formatCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

/**
 * What a suite's end means. One that was ended or ended early counts what passed until then, and one failure more. One
 * that ran nothing, or failed without a failed test, has failed once.
 */
export function outcome(run: SuiteRun): Result {
  const { exitCode, cause, running, output } = run;
  const complete = cause === undefined ? parseCounts(output) : undefined;
  const { passed, failed, skipped } = complete ?? run.counts;
  const within = running.length === 0 ? '' : ` in “${running.join('” and “')}”`;
  if (cause !== undefined) return { passed, failed: failed + 1, skipped, remark: `${cause}${within}` };
  if (complete === undefined) {
    const early =
      passed + failed + running.length > 0 ? `it ended early, with exit code ${exitCode}` : 'it ran no test';
    return { passed, failed: failed + 1, skipped, remark: `${early}${within}` };
  }
  if (failed > 0) return { passed, failed, skipped };
  if (exitCode !== 0) return { passed, failed: 1, skipped, remark: `it ended with exit code ${exitCode}` };
  if (passed === 0) return { passed, failed: 1, skipped, remark: 'it ran no test' };
  return { passed, failed, skipped };
}

/** What mocha prints about failed tests, or else the last lines. */
function failuresIn(output: string): string {
  const lines = output.split('\n');
  const start = lines.findLastIndex((line) => / \d+ failing/.test(line));
  return (start === -1 ? lines.slice(-40) : lines.slice(start, start + 200)).join('\n').trimEnd();
}

/** Where the output of a suite goes while it runs; who waits for it can look. */
const outputFolder = join('out', 'suites');

/** One more than there are processors, since most suites wait for programs most of the time. */
const atOnce = availableParallelism() + 1;

/**
 * Runs the suites, some at once and the first ones first; prints what each came to, and returns the sum. One that runs
 * alone prints as it goes, others when they have ended.
 */
async function runAll(suites: readonly Suite[], end: Promise<void>): Promise<Counts> {
  const table: string[] = [];
  const failed: string[] = [];
  const isAlone = suites.length === 1;
  const interruption = new AbortController();
  const interrupted = end.then(() => {
    interruption.abort();
    return 'it was interrupted';
  });
  mkdirSync(outputFolder, { recursive: true });
  const run = async ({ name, command, env }: Suite): Promise<Counts> => {
    const started = Date.now();
    const outputFile = join(outputFolder, `${name.replaceAll(/[: ]/g, '-')}.log`);
    writeFileSync(outputFile, '');
    if (!isAlone) console.log(`── ${name} begins: ${outputFile}`);
    const ended = await runSuiteProcess(command, {
      env: { ...env, [preparedVariable]: '1' },
      onOutput: (data) => {
        appendFileSync(outputFile, data);
        if (isAlone) process.stdout.write(data);
      },
      until: (lastSign) => Promise.race([silent(lastSign), interrupted]),
    });
    const { remark, ...counts } = outcome(ended);
    const seconds = ((Date.now() - started) / 1_000).toFixed(1);
    const words = [formatCounts(counts), `(${seconds} s)`, ...(remark === undefined ? [] : [`: ${remark}`])].join(' ');
    const line = `${counts.failed === 0 ? '✔' : '✘'} ${name}: ${words}`;
    if (!isAlone) console.log(`\n${ended.output}\n${line}`);
    table.push(line);
    if (counts.failed > 0) failed.push(`── what failed in ${name}\n${failuresIn(ended.output)}\n`);
    return counts;
  };
  const slots = pLimit(atOnce);
  const none: Counts = { passed: 0, failed: 0, skipped: 0 };
  const counted = await Promise.all(
    suites.map((suite) => slots(() => (interruption.signal.aborted ? Promise.resolve(none) : run(suite)))),
  );
  // Once more at the end, where a reader of a long log looks first.
  console.log(`\n${[...failed, ...table].join('\n')}\n`);
  const sum = (count: (counts: Counts) => number): number => counted.map(count).reduce((a, b) => a + b, 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum((counts) => counts.failed),
    skipped: sum(({ skipped }) => skipped),
  };
}

/**
 * Runs `prepare` and then the suites, ends with the line that has the sum, and returns the exit code. A preparation that
 * fails is said, and counts as one failure. Whoever interrupts it waits until all that runs has ended.
 */
export async function runSuites(
  prepare: (step: ReturnType<typeof steps>) => Promise<void>,
  suites: readonly Suite[],
): Promise<number> {
  const end = asked();
  let sum: Counts = { passed: 0, failed: 1, skipped: 0 };
  try {
    await prepare(steps(end));
    sum = await runAll(suites, end);
  } catch (error) {
    const plain = error instanceof Interrupted || (error instanceof Error && error.name === 'InstallError');
    console.log(plain ? error.message : error);
  }
  console.log(formatCounts(sum));
  return sum.failed === 0 ? 0 : 1;
}
