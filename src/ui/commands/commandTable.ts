import { commands, workspace, Disposable } from 'vscode';
import { DaoChainError } from '../../core/errors';
import type { CommandId } from '../commandIds';
import { notify } from '../notify';
import type { OwnWallet } from '../account/ownWallet';
import type { Log } from '../../core/ports/log';

/** What a command can ask for before it runs, and what it is handed when that is there. */
interface Granted {
  readonly nothing: undefined;
  /** A workspace that the user trusts. The manifest hides such commands too, but anybody may call them. */
  readonly trust: undefined;
  /** A trusted workspace and a wallet, which may be locked. */
  readonly wallet: OwnWallet;
}

type Needs = keyof Granted;

interface CommandOf<N extends Needs> {
  readonly needs: N;
  readonly run: (granted: Granted[N], ...args: readonly unknown[]) => unknown;
}

export type EditorCommand = { [N in Needs]: CommandOf<N> }[Needs];

/** One row a command; a command that is missing here does not compile. */
export type CommandTable = Readonly<Record<CommandId, EditorCommand>>;

/** Throws `workspaceUntrusted`. */
function requireTrust(): void {
  if (!workspace.isTrusted) throw new DaoChainError('workspaceUntrusted', 'The workspace is not trusted');
}

/** Registers every command of the table. An error that one throws is finally shown to the user. */
export function registerCommands(table: CommandTable, obtainWallet: () => Promise<OwnWallet>, log: Log): Disposable {
  const invoke = async (command: EditorCommand, args: readonly unknown[]): Promise<void> => {
    if (command.needs === 'nothing') {
      await command.run(undefined, ...args);
      return;
    }
    requireTrust();
    if (command.needs === 'trust') await command.run(undefined, ...args);
    else await command.run(await obtainWallet(), ...args);
  };
  const registrations = Object.entries(table).map(([id, command]) =>
    commands.registerCommand(id, async (...args: readonly unknown[]) => {
      try {
        await invoke(command, args);
      } catch (error) {
        notify(error, log);
      }
    }),
  );
  return Disposable.from(...registrations);
}
