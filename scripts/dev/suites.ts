import { spawn } from 'node:child_process';

/** An npm script that runs tests and says how many passed. */
export interface Suite {
  readonly script: string;
  readonly env?: Readonly<Record<string, string>>;
  /** After this many seconds the suite is ended and has failed. */
  readonly limit: number;
  /** Runs beside the others, because it mostly waits; its output comes when it has ended. */
  readonly beside?: true;
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

/** What a suite's end means. One that ran nothing, or failed without a failed test, has failed once. */
export function outcome(counts: Counts | undefined, exitCode: number): Result {
  const none = { passed: 0, failed: 0, skipped: 0 };
  const { passed, failed, skipped } = counts ?? none;
  if (failed > 0) return { passed, failed, skipped };
  if (exitCode !== 0) return { passed, failed: 1, skipped, remark: `it ended with exit code ${exitCode}` };
  if (passed === 0) return { passed, failed: 1, skipped, remark: 'it ran no test' };
  return { passed, failed, skipped };
}

/** Runs one suite in a process group of its own, so that what hangs can be ended as a whole. */
function runSuite({ script, env = {}, limit, beside }: Suite): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', script], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const signal = (name: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name);
      } catch {
        // It has ended.
      }
    };
    const abandon = (): void => {
      signal('SIGTERM');
    };
    process.once('exit', abandon);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        output += data.toString();
        if (beside !== true) process.stdout.write(data);
      });
    }
    let late: string | undefined;
    const timers = [
      setTimeout(() => {
        late = `it took longer than ${limit} s`;
        signal('SIGTERM');
      }, limit * 1_000),
      setTimeout(
        () => {
          signal('SIGKILL');
        },
        limit * 1_000 + 20_000,
      ),
    ];
    child.once('error', reject);
    child.once('close', (code) => {
      timers.forEach(clearTimeout);
      process.removeListener('exit', abandon);
      if (beside === true) console.log(`\n── ${nameOf({ script, env, limit })}, which ran beside\n${output}`);
      const counted = outcome(parseCounts(output), code ?? 1);
      const failures = counted.failed > 0 ? failuresIn(output) : undefined;
      const result = { ...counted, ...(failures !== undefined && { failures }) };
      resolve(late === undefined ? result : { ...result, failed: Math.max(1, result.failed), remark: late });
    });
  });
}

/** What mocha prints about failed tests, or else the last lines. */
function failuresIn(output: string): string {
  const lines = output.split('\n');
  const start = lines.findLastIndex((line) => / \d+ failing/.test(line));
  return (start === -1 ? lines.slice(-40) : lines.slice(start, start + 200)).join('\n').trimEnd();
}

function nameOf({ script, env }: Suite): string {
  return [script, ...Object.values(env ?? {})].join(' ');
}

/** Runs the suites one after another, and those that mostly wait beside them; prints what each came to, returns the sum. */
async function runAll(suites: readonly Suite[]): Promise<Counts> {
  const table: string[] = [];
  const failed: string[] = [];
  const run = async (suite: Suite): Promise<Counts> => {
    const started = Date.now();
    const { remark, failures, ...counts } = await runSuite(suite);
    const seconds = ((Date.now() - started) / 1_000).toFixed(1);
    const words = [formatCounts(counts), `(${seconds} s)`, ...(remark === undefined ? [] : [`: ${remark}`])].join(' ');
    table.push(`${counts.failed === 0 ? '✔' : '✘'} ${nameOf(suite)}: ${words}`);
    if (failures !== undefined) failed.push(`── what failed in ${nameOf(suite)}\n${failures}\n`);
    return counts;
  };
  const beside = suites.filter((suite) => suite.beside === true).map(run);
  const counted: Counts[] = [];
  for (const suite of suites.filter((each) => each.beside !== true)) {
    console.log(`\n── ${nameOf(suite)}`);
    counted.push(await run(suite));
  }
  counted.push(...(await Promise.all(beside)));
  // Once more at the end, where a reader of a long log looks first.
  console.log(`\n${[...failed, ...table].join('\n')}\n`);
  const sum = (count: (counts: Counts) => number): number => counted.map(count).reduce((a, b) => a + b, 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ skipped }) => skipped),
  };
}

/**
 * Runs `prepare` and then the suites, ends with the line that has the sum, and returns the exit code. A preparation that
 * fails is said, and counts as one failure.
 */
export async function runSuites(prepare: () => Promise<void>, suites: readonly Suite[]): Promise<number> {
  // Ending by way of `exit` takes the suite that runs along.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  let sum: Counts = { passed: 0, failed: 1, skipped: 0 };
  try {
    await prepare();
    sum = await runAll(suites);
  } catch (error) {
    console.log(error instanceof Error && error.name === 'InstallError' ? error.message : error);
  }
  console.log(formatCounts(sum));
  return sum.failed === 0 ? 0 : 1;
}
