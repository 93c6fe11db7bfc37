import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const table = readFileSync(join(root, 'docs/failures.md'), 'utf8');
const rows = table.split('\n').filter((line) => /^\| (?!Failure|-)/.test(line));

/** A title as its test file writes it: `…` is what it fills in, and a text in `'` or a template. */
function titleIn(title: string): RegExp {
  const text = title
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join(String.raw`\$\{[^\`]*?\}`);
  return new RegExp(`\\bit\\(\\s*['\`]${text}['\`]`);
}

describe('the table of failures', () => {
  it('has rows', () => {
    assert.ok(rows.length > 20);
  });
  for (const row of rows) {
    const [, failure = ''] = row.split('|');
    it(`names a test that there is: ${failure.trim()}`, () => {
      const [, file = '', title = ''] = /`(test\/[\w./-]+)`: "(.+)"/.exec(row) ?? assert.fail(row);
      assert.match(readFileSync(join(root, file), 'utf8'), titleIn(title));
    });
  }
});
