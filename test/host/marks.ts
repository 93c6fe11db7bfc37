import assert from 'node:assert/strict';
import { languages, type Diagnostic, type TextDocument } from 'vscode';
import { waitFor } from '../testbed/waitFor';

export function diagnosticsOf({ uri }: TextDocument): readonly Diagnostic[] {
  return languages
    .getDiagnostics(uri)
    .filter(({ source }) => source === 'DaoChain')
    .sort((a, b) => a.range.start.compareTo(b.range.start));
}

/** Code, line and severity (0 for an error) of what DaoChain marks, in the order of the file. */
function marks(document: TextDocument): readonly string[] {
  return diagnosticsOf(document).map(({ range, code, severity }) => {
    const value = typeof code === 'object' ? code.value : code;
    return `${value ?? ''} ${range.start.line} ${severity}`;
  });
}

/** Waits until a document has these marks and no others. */
export async function isMarked(document: TextDocument, expected: readonly string[]): Promise<void> {
  try {
    await waitFor('the marks of a document', () => marks(document).join() === expected.join());
  } catch (cause) {
    assert.deepEqual(marks(document), expected);
    throw cause;
  }
}
