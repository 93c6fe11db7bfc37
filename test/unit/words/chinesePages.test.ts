import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Words in bold that end in a sign, which a letter follows at once: Markdown then shows the asterisks. */
const unclosed = /\*\*(?!\s)[^*\n]*[\p{P}\p{S}]\*\*(?=[\p{L}\p{N}])/gu;

describe('Chinese pages', () => {
  it('show bold words in bold, though Chinese has no spaces around them', () => {
    const pages = ['media', 'docs'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.zh-cn.md'))
        .map((name) => join(folder, name)),
    );
    assert.ok(pages.length > 10, pages.join('\n'));
    const found = [...pages, 'README.zh-cn.md'].flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(unclosed)].map(([text]) => `${page}: ${text}`),
    );
    assert.deepEqual(found, []);
  });
});
