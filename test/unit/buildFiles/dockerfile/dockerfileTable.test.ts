import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { findBaseImages, type NamedImage } from '../../../../src/buildFiles/dockerfile/baseImages';

interface Mark {
  readonly start: number;
  readonly end: number;
  readonly skipped: boolean;
}

interface Row {
  readonly name: string;
  readonly text: string;
  readonly marks: readonly Mark[];
  /** What is said about each mark, in order. */
  readonly meanings: readonly string[];
  readonly user: Readonly<Record<string, string>>;
  readonly workspace: Readonly<Record<string, string>>;
}

const reasons = [
  ...['stage', 'scratch', 'number', 'here-document', 'comment', 'continued line', 'text', 'no image', 'directive'],
  ...['ONBUILD', 'not the last'],
];
const symbols: Readonly<Record<string, string>> = { '⇥': '\t', '␍': '\r', '⍽': '\u00a0', '⌖': '\uFEFF' };

function readTable(): readonly Row[] {
  const table = readFileSync(new URL('../../../vectors/dockerfile/table.txt', import.meta.url), 'utf8');
  return table
    .replace(/‹(.)›/g, (_, letter: string) => letter.repeat(64))
    .split(/^=== /m)
    .slice(1)
    .map(readRow);
}

function readRow(row: string): Row {
  const [, name = '', file = '', expected = ''] = /^(.*)\n([\s\S]*?)^---\n([\s\S]*)$/m.exec(row) ?? [];
  const lines = expected.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const argumentsOf = (layer: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      lines.flatMap((line) => [...line.matchAll(new RegExp(`^${layer} (\\w+)=(.*)$`, 'g'))].map(pair)),
    );
  return {
    name,
    ...readMarks(file.replace(/[⇥␍⍽⌖]/g, (symbol) => symbols[symbol] ?? '')),
    meanings: lines.filter((line) => !/^(?:user|workspace) /.test(line)),
    user: argumentsOf('user'),
    workspace: argumentsOf('workspace'),
  };
}

function pair([, name = '', value = '']: RegExpExecArray): readonly [string, string] {
  return [name, value];
}

function readMarks(file: string): Pick<Row, 'text' | 'marks'> {
  const marks: Mark[] = [];
  let text = '';
  let start = 0;
  for (const part of file.split(/([⟦⟧⟨⟩])/)) {
    if (part === '⟦' || part === '⟨') start = text.length;
    else if (part === '⟧' || part === '⟩') marks.push({ start, end: text.length, skipped: part === '⟩' });
    else text += part;
  }
  return { text, marks };
}

/** What was found, in the words of the table. */
function meaningsOf(image: NamedImage): readonly string[] {
  const { source } = image;
  if (image.type === 'unresolved') return image.variables.map(({ name }) => `${source} ?${name}`);
  const { reference, platform } = image;
  const isUsual = platform === (source === 'syntax' ? '${BUILDPLATFORM}' : undefined);
  return [`${source} ${reference}${isUsual ? '' : ` on ${platform ?? 'what is built for'}`}`];
}

describe('Dockerfiles of the kinds that people write', () => {
  const rows = readTable();

  it('are at least 150, each with its own name', () => {
    assert.ok(rows.length >= 150, String(rows.length));
    assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length);
  });

  for (const { name, text, marks, meanings, user, workspace } of rows) {
    it(name, () => {
      assert.equal(meanings.length, marks.length, 'a line for each mark');
      const document = TextDocument.create('file:///Dockerfile', 'dockerfile', 1, text);
      const images = findBaseImages(document, { user, workspace });
      const found = images.flatMap((image) => {
        const ranges = image.type === 'image' ? [image.range] : image.variables.map(({ range }) => range);
        return ranges.map((range, i) => ({
          start: document.offsetAt(range.start),
          end: document.offsetAt(range.end),
          meaning: meaningsOf(image)[i],
        }));
      });
      const expected = marks.map(({ start, end, skipped }, i) => ({ start, end, skipped, meaning: meanings[i] }));
      assert.deepEqual(
        found,
        expected.filter(({ skipped }) => !skipped).map(({ start, end, meaning }) => ({ start, end, meaning })),
      );
      for (const { skipped, meaning = '' } of expected) {
        assert.equal(skipped, meaning.startsWith('skip '), meaning);
        if (skipped) assert.ok(reasons.includes(meaning.slice('skip '.length)), meaning);
      }
      for (const image of images) {
        assert.equal(image.written, document.getText(image.range));
        assert.equal(image.instruction === undefined, image.source === 'syntax');
      }
    });
  }
});
