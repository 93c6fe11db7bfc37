import { commands, window, type Disposable, type Uri } from 'vscode';
import type { CommandId } from './commandIds';

/** What each path of a link to us does; the command reads the link, shows what it says and asks. */
const commandOf: ReadonlyMap<string, CommandId> = new Map([
  ['/trust', 'daochain.openTrustLink'],
  ['/join', 'daochain.acceptInvitation'],
  ['/pay', 'daochain.openPaymentRequest'],
  ['/network', 'daochain.joinNetwork'],
  ['/admit', 'daochain.admitMachine'],
]);

/** Takes links to this extension, which anybody can have written. One of another path does nothing. */
export function registerUriHandler(): Disposable {
  return window.registerUriHandler({
    handleUri: async (uri) => {
      const command = commandOf.get(uri.path);
      if (command !== undefined) await commands.executeCommand(command, linkText(uri));
    },
  });
}

/** As it was written in any editor that is made from VS Code: its escapes are gone, and nothing may hide behind a `#`. */
function linkText({ path, query, fragment }: Uri): string {
  return `vscode://daochain.daochain${path}?${query}${fragment === '' ? '' : `#${fragment}`}`;
}
