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
