import * as l10n from '@vscode/l10n';
import { CodeActionKind, type CodeAction, type Diagnostic } from 'vscode-languageserver';
import type { Range, TextDocument } from 'vscode-languageserver-textdocument';
import type { Finding } from '../buildFiles/findings';
import { ignoreComment } from '../buildFiles/ignore';

/** Asks which publisher to accept for the canonical repository that is its only argument. */
export const trustCommand = 'daochain.trustPublisherForRepository';

/** What can be done about the findings that `range` touches; `diagnosticFor` names the squiggle that an action is for. */
export function codeActionsOf(
  document: TextDocument,
  findings: readonly Finding[],
  range: Range,
  diagnosticFor: (finding: Finding) => Diagnostic,
): readonly CodeAction[] {
  return findings
    .filter((finding) => touches(document, finding.range, range))
    .flatMap((finding) => {
      const diagnostics = [diagnosticFor(finding)];
      return [...trustAction(finding), ...ignoreAction(document, finding)].map((action) => ({
        ...action,
        kind: CodeActionKind.QuickFix,
        diagnostics,
      }));
    });
}

function trustAction({ trustable }: Finding): readonly CodeAction[] {
  if (trustable === undefined) return [];
  const title = l10n.t('Trust a publisher for {0}…', trustable);
  return [{ title, command: { title, command: trustCommand, arguments: [trustable] } }];
}

/** Adds a comment to the document as it is now: an edit for a version that is gone is refused by the editor. */
function ignoreAction(document: TextDocument, { code, image, ignorable }: Finding): readonly CodeAction[] {
  if (!ignorable) return [];
  const at = document.positionAt(image.instruction);
  const lineStart = { line: at.line, character: 0 };
  const indent = document.getText({ start: lineStart, end: at });
  const lineEnd = document.getText().includes('\r\n') ? '\r\n' : '\n';
  const edit = { range: { start: lineStart, end: lineStart }, newText: `${indent}${ignoreComment(code)}${lineEnd}` };
  return [
    {
      title: l10n.t('Ignore {0} here', code),
      edit: { documentChanges: [{ textDocument: { uri: document.uri, version: document.version }, edits: [edit] }] },
    },
  ];
}

function touches(document: TextDocument, a: Range, b: Range): boolean {
  return (
    document.offsetAt(a.start) <= document.offsetAt(b.end) && document.offsetAt(b.start) <= document.offsetAt(a.end)
  );
}
