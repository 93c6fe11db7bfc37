import { ConfigurationTarget, workspace } from 'vscode';
import { isDiagnosticCode } from '../../core/diagnostics';
import { DaoChainError } from '../../core/errors';

const setting = 'dockerfile.diagnostics.severity';

/** Switches a diagnostic off in the settings of the workspace, which hide nothing that the reader must see. `invalidInput`. */
export async function ignoreInWorkspace(code: unknown): Promise<void> {
  if (!isDiagnosticCode(code)) throw new DaoChainError('invalidInput', 'Not the code of a diagnostic');
  if (workspace.workspaceFolders === undefined) throw new DaoChainError('invalidInput', 'No folder is open');
  const configuration = workspace.getConfiguration('daochain');
  const levels = configuration.inspect<object>(setting)?.workspaceValue;
  await configuration.update(setting, { ...levels, [code]: 'off' }, ConfigurationTarget.Workspace);
}
