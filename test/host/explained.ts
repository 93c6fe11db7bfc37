import { commands, window, workspace, TabInputWebview } from 'vscode';
import { waitFor } from '../testbed/waitFor';

/** The Markdown that *Why?* shows in a preview. */
export async function explained(...args: readonly unknown[]): Promise<string> {
  await commands.executeCommand('workbench.action.closeAllEditors');
  const before = new Set(workspace.textDocuments.map(({ uri }) => uri.toString()));
  await commands.executeCommand('daochain.explainVerdict', ...args);
  await waitFor('the preview', () => {
    const input = window.tabGroups.activeTabGroup.activeTab?.input;
    return input instanceof TabInputWebview && input.viewType.includes('markdown.preview');
  });
  return waitFor('the document', () =>
    workspace.textDocuments.find(({ uri }) => uri.scheme === 'daochain-why' && !before.has(uri.toString()))?.getText(),
  );
}
