import { ConfigurationTarget, workspace } from 'vscode';
import { isDiagnosticCode } from '../../core/diagnostics';
import { DaoChainError } from '../../core/errors';
import { layersOf, updateSetting } from '../settings';

const setting = 'dockerfile.diagnostics.severity';

/** Switches a diagnostic off in the settings of the workspace, which hide nothing that the reader must see. `invalidInput`. */
export async function ignoreInWorkspace(code: unknown): Promise<void> {
  if (!isDiagnosticCode(code)) throw new DaoChainError('invalidInput', 'Not the code of a diagnostic');
  if (workspace.workspaceFolders === undefined) throw new DaoChainError('invalidInput', 'No folder is open');
  const levels: unknown = layersOf(setting).workspaceValue;
  const written = typeof levels === 'object' ? levels : {};
  await updateSetting(setting, { ...written, [code]: 'off' }, ConfigurationTarget.Workspace);
}
