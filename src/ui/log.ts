import { window, type LogOutputChannel } from 'vscode';
import { isDaoChainError } from '../core/errors';

/** `main`: what DaoChain does. `node`: what the node prints. Neither is ever brought to the front but by a command. */
export interface Logs {
  readonly main: LogOutputChannel;
  readonly node: LogOutputChannel;
}

export function createLogs(): Logs {
  return {
    main: window.createOutputChannel('DaoChain', { log: true }),
    node: window.createOutputChannel('DaoChain Node', { log: true }),
  };
}

/** An error as it is logged: the whole chain of causes, one line each. Details never hold a secret. */
export function describeForLog(error: unknown): string {
  const lines: string[] = [];
  for (let cause = error; cause !== undefined && lines.length < 10;) {
    if (!(cause instanceof Error)) break;
    const code = 'code' in cause ? ` [${String(cause.code)}]` : '';
    const details = isDaoChainError(cause) ? ` ${JSON.stringify(cause.details)}` : '';
    lines.push(`${cause.name}${code}: ${cause.message}${details}`);
    cause = cause.cause;
  }
  return lines.length === 0 ? 'Something was thrown that is no error' : lines.join('\n  caused by ');
}
