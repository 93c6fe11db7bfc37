import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { searchProgram } from '../../src/adapters/geth/runProgram';
import { progressVariable, readProgress } from './progress.mjs';

/** How a suite was run to its end. */
export interface SuiteRun {
  readonly output: string;
  readonly exitCode: number;
  /** What had begun and not ended when the suite did. */
  readonly running: readonly string[];
  /** Of the tests that ended, as they told it themselves. */
  readonly counts: ReturnType<typeof readProgress>['counts'];
  /** Why it was ended, when it was. */
  readonly cause?: string;
}

export interface SuiteOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly onOutput: (data: Buffer) => void;
  /**
   * Ends the suite when it resolves, with the reason. `lastSign` is when the suite last printed or told something, in
   * milliseconds since 1970.
   */
  readonly until: (lastSign: () => number) => Promise<string>;
}

/** The suite has this long to clean up when it is ended; then it is killed. */
const graceMs = 20_000;

/**
 * What a command is put behind so that nothing which it starts can outlive it: a process namespace of its own, whose end is
 * the end of everything in it, whatever the session, the parent or the environment. `setpriv` makes it end with this
 * process too, and the shell inside takes the place of init, which waits for orphans. Linux, as root; elsewhere a process
 * group has to do.
 */
function containing(): readonly string[] {
  const [setpriv, unshare] = ['setpriv', 'unshare'].map((name) => searchProgram(name));
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return [];
  if (setpriv === undefined || unshare === undefined) return [];
  return [
    ...[setpriv, '--pdeathsig', 'KILL', unshare, '--pid', '--fork', '--kill-child=KILL', '--mount-proc'],
    ...['sh', '-c', '"$@" & wait $!', 'sh'],
  ];
}

/** Runs a suite to its end, or ends it with all that it started. */
export async function runSuiteProcess(
  command: readonly string[],
  { env = {}, onOutput, until }: SuiteOptions,
): Promise<SuiteRun> {
  const folder = mkdtempSync(join(tmpdir(), 'dc-suite-'));
  const progressFile = join(folder, 'progress');
  const [program = '', ...args] = [...containing(), ...command];
  const child = spawn(program, args, {
    env: { ...process.env, ...env, [progressVariable]: progressFile },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: what is signalled is the suite as a whole, and never by the Ctrl-C of a terminal.
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
  let printed = Date.now();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString();
      printed = Date.now();
      onOutput(data);
    });
  }
  let cause: string | undefined;
  let runningAtEnd: readonly string[] | undefined;
  let killer: NodeJS.Timeout | undefined;
  const told = (): ReturnType<typeof readProgress> => {
    try {
      return readProgress(readFileSync(progressFile, 'utf8'));
    } catch {
      return readProgress(''); // nothing has begun
    }
  };
  const lastSign = (): number => Math.max(printed, statSync(progressFile, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  void until(lastSign).then((reason) => {
    cause = reason;
    runningAtEnd = told().running;
    signal('SIGTERM');
    killer = setTimeout(() => {
      signal('SIGKILL');
    }, graceMs);
  });

  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        resolve(code ?? 1);
      });
    });
    const { running, counts } = told();
    return { output, exitCode, running: runningAtEnd ?? running, counts, ...(cause !== undefined && { cause }) };
  } finally {
    clearTimeout(killer);
    process.removeListener('exit', abandon);
    rmSync(folder, { recursive: true, force: true });
  }
}
