import assert from 'node:assert/strict';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import * as v from 'valibot';
import { onProcessExit, temporaryFolder } from '../testbed/program';

/** The command as it is built; DAOCHAIN_CLI names another build. */
const program = process.env['DAOCHAIN_CLI'] ?? join(import.meta.dirname, '../../dist/cli.js');
if (!existsSync(program)) throw new Error(`${program} is not built: npm run build`);

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Added to an environment that has nothing of this machine's user. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
  /** User to run as, where this process may choose. */
  readonly uid?: number;
}

/** A command that runs. */
export interface Running {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<Ended>;
  /** What it has printed on its output so far. */
  output(): string;
}

/** Nothing of the user's own Docker or data is looked at. */
const home = temporaryFolder().path;

export function environment(env: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = '', DAOCHAIN_CACHE, XDG_CACHE_HOME, HOME = '' } = process.env;
  return {
    PATH,
    HOME: home,
    LANG: 'C.UTF-8',
    DAOCHAIN_CACHE: DAOCHAIN_CACHE ?? join(XDG_CACHE_HOME ?? join(HOME, '.cache'), 'daochain'),
    ...env,
  };
}

export function start(args: readonly string[], { env, input = '', cwd, uid }: RunOptions = {}): Running {
  const child = spawn(process.execPath, [program, ...args], {
    env: environment(env),
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid }),
  });
  const forget = onProcessExit(() => child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined).end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      forget();
      if (code === null) reject(new Error(`daochain ${args.join(' ')} was ended by ${String(signal)}:\n${stderr}`));
      else resolve({ code, stdout, stderr });
    });
  });
  return { process: child, ended, output: () => stdout };
}

export function run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(args, options).ended;
}

/** What calls of the command are expected to end as. `runIt` runs them where the test wants them. */
export function expecting(runIt: (...args: readonly string[]) => Promise<Ended>): {
  /** Its output, of a call that does what it is asked. */
  readonly printed: (...args: readonly string[]) => Promise<string>;
  /** Of a call that ends with `code` and says why. */
  readonly failed: (code: number, message: RegExp, ...args: readonly string[]) => Promise<void>;
} {
  return {
    printed: async (...args) => {
      const { code, stdout, stderr } = await runIt(...args);
      assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`);
      return stdout.trim();
    },
    failed: async (code, message, ...args) => {
      const ended = await runIt(...args);
      assert.equal(ended.code, code, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
      assert.match(ended.stderr, message);
    },
  };
}

const printedHistory = v.object({
  ledgers: v.array(
    v.object({ histories: v.array(v.object({ attestations: v.array(v.object({ kind: v.string() })) })) }),
  ),
});

/** Of all entries that `history --json` printed, on whatever ledger, what they do. */
export function kindsIn(printed: string): readonly string[] {
  const { ledgers } = v.parse(printedHistory, JSON.parse(printed));
  return ledgers.flatMap(({ histories }) =>
    histories.flatMap(({ attestations }) => attestations.map(({ kind }) => kind)),
  );
}

/** `text` as a shell takes it for one word. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Runs it as a person does, on a terminal, who types each answer when its question has come. */
export async function runOnTerminal(
  args: readonly string[],
  answers: readonly (readonly [question: RegExp, answer: string])[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly screen: string }> {
  const line = [process.execPath, program, ...args].map(quoted).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    env: environment({ TERM: 'xterm', ...env }),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const forget = onProcessExit(() => child.kill('SIGKILL'));
  let screen = '';
  let read = 0;
  const waiting = [...answers];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    const [next] = waiting;
    if (!next?.[0].test(screen.slice(read))) return;
    read = screen.length;
    waiting.shift();
    child.stdin.write(next[1]);
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (ended) => {
      resolve(ended ?? 1);
    });
  });
  forget();
  return { code, screen };
}

/** A file with a password in its first line. */
export function passwordFile(folder: string, password: string): string {
  const file = join(folder, `password-${Math.random().toString(36).slice(2)}`);
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return file;
}
