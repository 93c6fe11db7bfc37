import { l10n, type ExtensionContext } from 'vscode';

/** The `daochain` command finds the editor's data by this variable, in every terminal of the editor. */
export function announceData({ environmentVariableCollection, globalStorageUri }: ExtensionContext): void {
  environmentVariableCollection.description = l10n.t(
    'Lets the daochain command use the node and the trust rules of this editor. Its wallet is its own.',
  );
  environmentVariableCollection.replace('DAOCHAIN_DATA', globalStorageUri.fsPath);
}
