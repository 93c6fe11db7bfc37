import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { DaoChainError } from '../../core/errors';
import { isChatter, isListening } from './gethLog';
import { splitLines } from './runProgram';
import { within } from './within';

/**
 * How long a node may take to end after it was asked, in milliseconds; it takes some 20, and seconds under load. Less where
 * somebody waits who has changed their mind, since a node that only starts has nothing to write.
 */
const patience = {
  usual: { SIGTERM: 5_000, SIGKILL: 10_000 },
  hurried: { SIGTERM: 2_000, SIGKILL: 2_000 },
};

/** How long a node that starts may say nothing, in milliseconds. */
const longestSilence = 120_000;

/** The node that this process started. */
export class GethProcess {
  readonly pid: number;
  /** Resolves with the exit code, null after a signal. */
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcessByStdio<Writable, null, Readable>;
  readonly #lastLines: string[] = [];
  readonly #listens: Promise<true>;
  #lastHeard = performance.now();

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
          this.#lastHeard = performance.now();
          if (!isChatter(line) && this.#lastLines.push(line) > 50) this.#lastLines.shift();
          if (isListening(line)) resolve(true);
          onLine(line);
        }),
      );
    });
    this.exited = new Promise((resolve) => {
      child.once('close', resolve);
    });
  }

  static start(
    program: string,
    args: readonly string[],
    { threads, onLine }: { threads: number; onLine: (line: string) => void },
  ): Promise<GethProcess> {
    const child = spawn(program, args, {
      // Go would use every core, for datasets even where one thread mines.
      env: { ...process.env, GOMAXPROCS: threads.toString() },
      stdio: ['pipe', 'ignore', 'pipe'],
      // A Ctrl-C in a terminal is for us: we end the node in our order.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
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

  /** Resolves with true when it listens, with false when it ended before that. `nodeFailed` when it hangs. */
  async listening(): Promise<boolean> {
    const listens = Promise.race([this.#listens, this.exited.then(() => false)]);
    for (;;) {
      const rest = longestSilence - (performance.now() - this.#lastHeard);
      if (rest <= 0) {
        throw new DaoChainError('nodeFailed', 'The node says nothing while it starts', {
          details: { lastLines: this.lastLines.join('\n') },
        });
      }
      const answer = await within(rest, listens);
      if (answer !== undefined) return answer;
    }
  }

  /** Closes its input, which ends it cleanly; a node that hangs is asked by SIGTERM, and at last killed. */
  async stop(pace: keyof typeof patience = 'usual'): Promise<void> {
    const ended = this.exited.then(() => true);
    this.#child.stdin.end();
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (await within(patience[pace][signal], ended)) return;
      this.#child.kill(signal);
    }
    await ended;
  }
}
