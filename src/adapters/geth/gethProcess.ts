import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { DaoChainError } from '../../core/errors';
import { isListening } from './gethLog';
import { splitLines } from './runProgram';
import { within } from './within';

/** How long a node may take to end after it was asked, in milliseconds; it takes some 20, and seconds under load. */
const patience = 15_000;

/** The node that this process started. */
export class GethProcess {
  readonly pid: number;
  /** Resolves with the exit code, null after a signal. */
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcessByStdio<Writable, null, Readable>;
  readonly #lastLines: string[] = [];
  readonly #listens: Promise<true>;

  private constructor(
    child: ChildProcessByStdio<Writable, null, Readable>,
    pid: number,
    onLine: (line: string) => void,
  ) {
    this.#child = child;
    this.pid = pid;
    child.stdin.on('error', () => undefined);
    this.#listens = new Promise((resolve) => {
      child.stderr.on(
        'data',
        splitLines((line) => {
          if (this.#lastLines.push(line) > 50) this.#lastLines.shift();
          if (isListening(line)) resolve(true);
          onLine(line);
        }),
      );
    });
    this.exited = new Promise((resolve) => {
      child.once('close', resolve);
    });
  }

  /** `started` is called with the process id before anything else can happen. */
  static start(
    program: string,
    args: readonly string[],
    { threads, started, onLine }: { threads: number; started: (pid: number) => void; onLine: (line: string) => void },
  ): Promise<GethProcess> {
    const child = spawn(program, args, {
      // Go would use every core, for datasets even where one thread mines.
      env: { ...process.env, GOMAXPROCS: threads.toString() },
      stdio: ['pipe', 'ignore', 'pipe'],
      // A Ctrl-C in a terminal is for us: we end the node in our order.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    if (child.pid !== undefined) started(child.pid);
    return new Promise((resolve, reject) => {
      child.once('error', (cause) => {
        reject(new DaoChainError('nodeFailed', `The node could not be started: ${cause.message}`, { cause }));
      });
      child.once('spawn', () => {
        if (child.pid !== undefined) resolve(new GethProcess(child, child.pid, onLine));
      });
    });
  }

  /** The last 50 lines of its log. */
  get lastLines(): readonly string[] {
    return [...this.#lastLines];
  }

  /** Resolves with true when it listens, with false when it ended before that. */
  listening(): Promise<boolean> {
    return Promise.race([this.#listens, this.exited.then(() => false)]);
  }

  /** Closes its input, which ends it cleanly; a node that hangs is asked by SIGTERM, twice, and at last killed. */
  async stop(): Promise<void> {
    const ended = this.exited.then(() => true);
    this.#child.stdin.end();
    for (const signal of ['SIGTERM', 'SIGTERM', 'SIGKILL'] as const) {
      if (await within(patience, ended)) return;
      this.#child.kill(signal);
    }
    await ended;
  }
}
