import assert from 'node:assert/strict';
import { CodeActionKind, TextDocumentEdit, type CodeAction } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { verdictKinds, type VerdictKind } from '../../../src/core/trust/verdict';
import { findBaseImages } from '../../../src/buildFiles/baseImages';
import { codeActionsOf } from '../../../src/server/codeActions';
import { toDiagnostic } from '../../../src/server/diagnostics';
import { findingsOf, type Finding } from '../../../src/buildFiles/findings';
import { verified } from './sampleVerdicts';

const none = { user: {}, workspace: {} };

function findings(
  document: TextDocument,
  kind: VerdictKind,
  coverage: 'none' | 'warn' | 'enforce',
): readonly Finding[] {
  const answer = { state: 'judged', image: verified('a:1', kind, coverage) } as const;
  return findBaseImages(document).flatMap((image) => findingsOf(image, () => answer, none));
}

function actions(
  file: string,
  line: number,
  kind: VerdictKind,
  coverage: 'none' | 'warn' | 'enforce' = 'warn',
): readonly CodeAction[] {
  const document = TextDocument.create('file:///Dockerfile', 'dockerfile', 7, file);
  const range = { start: { line, character: 0 }, end: { line, character: 20 } };
  return codeActionsOf(document, findings(document, kind, coverage), range, (finding) =>
    toDiagnostic(finding, { rules: '', language: 'en' }),
  );
}

/** The file after the edit of `action`, which must be for the version that it was made from. */
function apply(file: string, action: CodeAction | undefined): string {
  const [change, ...more] = action?.edit?.documentChanges ?? [];
  assert.ok(TextDocumentEdit.is(change) && more.length === 0 && action?.edit?.changes === undefined);
  assert.deepEqual(change.textDocument, { uri: 'file:///Dockerfile', version: 7 });
  const edits = change.edits.filter((edit) => 'newText' in edit);
  return TextDocument.applyEdits(TextDocument.create('file:///Dockerfile', 'dockerfile', 7, file), edits);
}

describe('code actions', () => {
  it('are trust and ignore where both help', () => {
    for (const kind of ['untrusted', 'unsigned'] as const) {
      const [trust, ignore, ...more] = actions('FROM a:1\n', 0, kind);
      assert.deepEqual(trust?.command, {
        title: 'Trust a publisher for example.com/team/app…',
        command: 'daochain.trustPublisherForRepository',
        arguments: ['example.com/team/app'],
      });
      assert.equal(ignore?.title, kind === 'untrusted' ? 'Ignore DC008 here' : 'Ignore DC009 here');
      assert.deepEqual(more, []);
      for (const action of [trust, ignore]) {
        assert.equal(action.kind, CodeActionKind.QuickFix);
        assert.equal(action.diagnostics?.length, 1);
      }
    }
  });

  it('never offer to ignore what cannot be', () => {
    const offers = (kind: VerdictKind, coverage: 'none' | 'warn' | 'enforce'): boolean =>
      actions('FROM a:1\n', 0, kind, coverage).some(({ edit }) => edit !== undefined);
    for (const kind of verdictKinds) assert.equal(offers(kind, 'enforce'), false, kind);
    for (const kind of ['tampered', 'revoked', 'mismatch'] as const) assert.equal(offers(kind, 'none'), false, kind);
  });

  it('are none for another line', () => {
    assert.deepEqual(actions('FROM a:1\nRUN true\n', 1, 'unsigned'), []);
  });

  it('put the comment above the instruction, as deep as it is and with the line ends of the file', () => {
    const ignored: readonly (readonly [before: string, line: number, after: string])[] = [
      ['FROM a:1\n', 0, '# daochain: ignore DC009\nFROM a:1\n'],
      ['ARG X\r\n  FROM a:1\r\n', 1, 'ARG X\r\n  # daochain: ignore DC009\r\n  FROM a:1\r\n'],
      ['# syntax=x\nFROM \\\n a:1', 2, '# syntax=x\n# daochain: ignore DC009\nFROM \\\n a:1'],
      ['# daochain: ignore DC008\nFROM a:1\n', 1, '# daochain: ignore DC008\n# daochain: ignore DC009\nFROM a:1\n'],
    ];
    for (const [before, line, after] of ignored) {
      const action = actions(before, line, 'unsigned').find(({ edit }) => edit !== undefined);
      assert.equal(apply(before, action), after);
      const document = TextDocument.create('file:///Dockerfile', 'dockerfile', 8, after);
      assert.deepEqual(findings(document, 'unsigned', 'warn'), []);
    }
  });
});
