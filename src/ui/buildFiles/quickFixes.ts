import {
  CodeAction,
  commands,
  l10n,
  Uri,
  window,
  workspace,
  WorkspaceEdit,
  type Command,
  type TextDocument,
} from 'vscode';
import type { Disposable } from '../../core/emitter';

/** Not of the manifest: only an action that was offered runs it. */
const applyCommand = 'daochain.quickFix.apply';

/**
 * The actions that the server offered, as the editor gets them. An edit is for the text that it was computed from: nobody
 * else looks whether that is still there when it is picked, so a command does, and applies it or says that it does not.
 */
export function guardEdits(
  actions: readonly (CodeAction | Command)[],
  { uri, version }: Pick<TextDocument, 'uri' | 'version'>,
): (CodeAction | Command)[] {
  return actions.map((action) => {
    if (!(action instanceof CodeAction) || action.edit === undefined) return action;
    const { title, kind, diagnostics, isPreferred, edit } = action;
    return Object.assign(new CodeAction(title, kind), {
      ...(diagnostics && { diagnostics }),
      ...(isPreferred !== undefined && { isPreferred }),
      command: { title, command: applyCommand, arguments: [uri, version, edit] },
    });
  });
}

export function registerQuickFixes(): Disposable {
  return commands.registerCommand(applyCommand, async (uri: unknown, version: unknown, edit: unknown) => {
    if (!(uri instanceof Uri) || !(edit instanceof WorkspaceEdit)) return;
    const document = workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
    if (document?.version === version && (await workspace.applyEdit(edit))) return;
    window.setStatusBarMessage(l10n.t('The file has changed in the meantime; nothing was edited. Try again.'), 5000);
  });
}
