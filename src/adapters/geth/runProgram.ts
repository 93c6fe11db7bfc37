import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { throwIfCancelled } from '../../core/errors';

export interface ProgramResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  /** The last lines of both outputs. */
  readonly lines: readonly string[];
}

/** Path of a program on the search path or in one of the `also` folders, or undefined. Never one of the current folder. */
export function searchProgram(name: string, also: readonly string[] = []): string | undefined {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  return [...(process.env['PATH'] ?? '').split(delimiter), ...also]
    .filter(isAbsolute)
    .map((folder) => join(folder, file))
    .find(isProgram);
}

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    // To enter a folder is the same right.
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** How long a program that is cancelled may take to end before it is killed, in milliseconds. */
const patience = 2_000;

/**
 * Runs a program to its end. Any exit code is an answer; rejects when the program cannot be started, and with
 * `cancelled`. Cancelling ends its children too.
 */
export async function runProgram(
  path: string,
  args: readonly string[],
  signal: AbortSignal,
  options: { readonly env?: NodeJS.ProcessEnv; readonly onLine?: (line: string) => void } = {},
): Promise<ProgramResult> {
  throwIfCancelled(signal);
  // On Unix it gets its own process group, so that compilers end with the build that started them.
  const grouped = process.platform !== 'win32';
  const child = spawn(path, args, {
    ...{ env: options.env, detached: grouped, windowsHide: true },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const read = splitLines((line) => {
    if (lines.push(line) > 100) lines.shift();
    options.onLine?.(line);
  });
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  let late: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    end('SIGTERM');
    late = setTimeout(end, patience, 'SIGKILL');
  };
  const end = (name: NodeJS.Signals): void => {
    try {
      if (!grouped || child.pid === undefined) child.kill(name);
      else process.kill(-child.pid, name);
    } catch {
      // It has just ended.
    }
  };
  signal.addEventListener('abort', cancel);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    throwIfCancelled(signal);
    return { code, lines };
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', cancel);
  }
}

/** Cuts chunks of output into lines and shortens those above `longest` characters. An unfinished last line is not told. */
export function splitLines(onLine: (line: string) => void, longest = 4_096): (chunk: Buffer) => void {
  const decoder = new TextDecoder();
  let rest = '';
  return (chunk) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = (lines.pop() ?? '').slice(0, longest);
    for (const line of lines) onLine(line.slice(0, longest));
  };
}
