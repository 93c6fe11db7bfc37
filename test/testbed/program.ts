import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { searchProgram } from '../../src/adapters/geth/runProgram';

/**
 * What must not outlive this process, whatever ends it short of SIGKILL. The exit of a process is one event for all of
 * its modules, so this is the one list that belongs to the module.
 */
const cleanups = new Set<() => void>();
process.once('exit', () => {
  for (const cleanup of [...cleanups].reverse()) cleanup();
});
for (const [signal, number] of [['SIGHUP', 1] as const, ['SIGTERM', 15] as const]) {
  process.once(signal, () => {
    // Who listens as well wants to end in their own time.
    if (process.listenerCount(signal) === 0) process.exit(128 + number);
  });
}

/** Runs `cleanup` (which cannot wait) when the process ends; the returned function takes it off the list again. */
export function onProcessExit(cleanup: () => void): () => void {
  cleanups.add(cleanup);
  return () => cleanups.delete(cleanup);
}

export interface TemporaryFolder {
  readonly path: string;
  /** Removes the folder and all in it; twice is harmless. */
  remove(): void;
}

/** A fresh private folder with a path short enough for a socket in it (Linux allows 107 bytes). */
export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'dc-'));
  const remove = (): void => {
    rmSync(path, { recursive: true, force: true, maxRetries: 10 });
  };
  const forget = onProcessExit(() => {
    try {
      remove();
    } catch {
      // A file system in use cannot be removed; the system empties its temporary folder itself.
    }
  });
  return {
    path,
    remove: () => {
      remove();
      forget();
    },
  };
}

/** Sends `signal` to process `pid`, or to its group when negative. False when there is none. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

export interface ProgramOptions {
  readonly cwd?: string;
  /** The whole environment; this process's own unless given. */
  readonly env?: NodeJS.ProcessEnv;
  /** Output is appended to this file as well. */
  readonly logFile?: string;
  readonly onOutput?: (text: string) => void;
}

/** A program in a process group of its own. */
export interface Program {
  readonly pid: number;
  /** Resolves when it has ended: its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  running(): boolean;
  /** The last 20,000 characters of both outputs. */
  output(): string;
  /** SIGTERM, after `graceMs` (15,000) SIGKILL, then the same for what is left of its group; resolves when all is gone. */
  stop(graceMs?: number): Promise<void>;
  /** SIGKILL to the program alone, as a crash would be; resolves when it has ended. */
  kill(): Promise<void>;
}

const setpriv = process.platform === 'linux' ? searchProgram('setpriv') : undefined;
/** Has the kernel end a program when this process ends in a way that leaves it no time. */
const DIES_WITH_US = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'TERM'];

/** Starts a program. Rejects when it cannot be started at all. It ends with this process at the latest. */
export async function startProgram(
  command: string,
  args: readonly string[],
  { cwd, env = process.env, logFile, onOutput }: ProgramOptions = {},
): Promise<Program> {
  const [program, ...prefix] = [...DIES_WITH_US, command];
  const child = spawn(program, [...prefix, ...args], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const read = (data: Buffer): void => {
    const text = data.toString();
    output = (output + text).slice(-20_000);
    if (logFile !== undefined) appendFileSync(logFile, text);
    onOutput?.(text);
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      reject(new Error(`Could not start ${command}: ${error.message}`, { cause: error }));
    });
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`Could not start ${command}`);

  let running = true;
  const forget = onProcessExit(() => signalProcess(-pid, 'SIGKILL'));
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('exit', (code, signal) => {
      running = false;
      resolve(code ?? signal ?? 0);
    });
  });
  return {
    pid,
    ended,
    running: () => running,
    output: () => output,
    stop: async (graceMs = 15_000) => {
      if (running) signalProcess(pid, 'SIGTERM');
      const late = setTimeout(() => signalProcess(pid, 'SIGKILL'), graceMs);
      await ended;
      clearTimeout(late);
      // Children that it left behind; bounded, because nobody may be there to reap them.
      const end = Date.now() + 3_000;
      while (signalProcess(-pid, 'SIGTERM') && Date.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      signalProcess(-pid, 'SIGKILL');
      forget();
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
