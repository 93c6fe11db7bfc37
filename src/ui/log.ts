import { window, type LogOutputChannel } from 'vscode';

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

/** An error as it is logged: the whole chain of causes, one line each. */
export function describeForLog(error: unknown): string {
  const lines: string[] = [];
  for (let cause = error; cause !== undefined && lines.length < 10; ) {
    const code = cause instanceof Error && 'code' in cause ? ` [${String(cause.code)}]` : '';
    lines.push(cause instanceof Error ? `${cause.name}${code}: ${cause.message}` : String(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines.join('\n  caused by ');
}
