import { styleText } from 'node:util';
import { displayText } from '../core/displayText';
import { DaoChainError } from '../core/errors';
import { isYes, type Language } from '../core/languages';
import type { Log } from '../core/ports/log';

interface TerminalOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly verbose: boolean;
  readonly language: Language;
}

export type Style = 'red' | 'yellow' | 'green' | 'gray' | 'bold';

/** Results go to the output; what is going on, questions and errors to the error output. */
export class Terminal {
  readonly #options: TerminalOptions;
  readonly #colors: boolean;
  #progress = '';

  constructor(options: TerminalOptions) {
    this.#options = options;
    const { env, stdout } = options;
    // no-color.org: present and not empty.
    this.#colors = stdout.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  }

  /** True when somebody sits there who can be asked. */
  get isInteractive(): boolean {
    const { stdin, stderr } = this.#options;
    return stdin.isTTY && stderr.isTTY;
  }

  print(line: string): void {
    this.#clearProgress();
    this.#options.stdout.write(`${line}\n`);
  }

  printJson(value: unknown): void {
    this.print(shownJson(value));
  }

  /** A line on the error output. */
  say(line: string): void {
    this.#clearProgress();
    this.#options.stderr.write(`${line}\n`);
  }

  /** What is going on: one line that the next one replaces; a line each when asked to be verbose; nothing for a script. */
  progress(text: string): void {
    if (this.#options.verbose) this.say(text);
    else if (this.#options.stderr.isTTY && text !== this.#progress) {
      this.#progress = text;
      this.#options.stderr.write(`\r\x1b[K${text.slice(0, Math.max(this.#options.stderr.columns - 1, 20))}`);
    }
  }

  style(style: Style, text: string): string {
    return this.#colors ? styleText(style, text) : text;
  }

  /** Shown when asked to be verbose. What the log says can be a stranger's text. */
  get log(): Log {
    const write = this.#options.verbose
      ? (line: string): void => {
          this.say(line.split('\n').map(escapedLogLine).join('\n  '));
        }
      : (): void => undefined;
    return { debug: write, info: write, warn: write, error: write };
  }

  /** True for y and yes, in English or the language spoken; anything else is no. `cancelled`. */
  async confirm(question: string, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#ask(`${question} [y/N] `, true, signal);
    return isYes(answer, this.#options.language);
  }

  /** What is typed is not shown. `cancelled`. */
  async askPassword(prompt: string, signal: AbortSignal): Promise<string> {
    return this.#ask(`${prompt} `, false, signal);
  }

  async #ask(question: string, isShown: boolean, signal: AbortSignal): Promise<string> {
    const { stdin, stderr } = this.#options;
    this.#clearProgress();
    const [{ createInterface }, { Writable }] = await Promise.all([
      import('node:readline/promises'),
      import('node:stream'),
    ]);
    const nowhere = new Writable({
      write: (_chunk, _encoding, done) => {
        done();
      },
    });
    const lines = createInterface({ input: stdin, output: isShown ? stderr : nowhere, terminal: true, historySize: 0 });
    // In raw mode Ctrl-C is a key like any other, and the end of the input would leave the question open.
    const left = new Promise<never>((_, reject) => {
      const leave = (): void => {
        reject(new DaoChainError('cancelled', 'Nobody answered'));
      };
      lines.once('SIGINT', leave).once('close', leave);
      signal.addEventListener('abort', leave, { once: true });
    });
    // Not before the terminal has stopped to show what is typed.
    if (!isShown) stderr.write(question);
    try {
      return await Promise.race([lines.question(isShown ? question : ''), left]);
    } finally {
      lines.close();
      if (!isShown) stderr.write('\n');
    }
  }

  #clearProgress(): void {
    if (this.#progress === '') return;
    this.#progress = '';
    this.#options.stderr.write('\r\x1b[K');
  }
}

/** A line of a log, escaped. Its columns are set with spaces, which are no text that anybody compares. */
export function escapedLogLine(text: string): string {
  return displayText(text.trim().replaceAll(/ +/g, ' '));
}

/** JSON in which every character that could mislead on a screen is escaped; it means the same. */
export function shownJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2);
  return text.replace(/[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
