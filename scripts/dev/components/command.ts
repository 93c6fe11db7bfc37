import { spawn } from 'node:child_process';

export interface CommandResult {
  readonly code: number;
  /** Both outputs as they came. */
  readonly output: string;
}

/**
 * Runs a program to its end and keeps what it printed. An exit code other than 0 is an answer, not an error.
 * It ends with this process at the latest.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    // Windows starts scripts such as npm by a shell only, which wants words with spaces in quotes.
    const shell = process.platform === 'win32' && command === 'npm';
    const words = shell ? args.map((arg) => `"${arg}"`) : args;
    const child = spawn(command, words, { ...options, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    const abandon = (): void => {
      child.kill();
    };
    process.once('exit', abandon);
    let output = '';
    const read = (data: Buffer): void => {
      output += data.toString();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.removeListener('exit', abandon);
      resolve({ code: code ?? 1, output: signal === null ? output : `${output}\nended by ${signal}` });
    });
  });
}
