import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pagesOf } from '../../../../src/ui/prompts/pageText';

describe('the pages of a long question', () => {
  it('hold every line in order, and none is longer than a screen', () => {
    const block = fc.array(
      fc.string({ minLength: 1 }).map((text) => text.replaceAll(/\s/g, '_')),
      { minLength: 1, maxLength: 70 },
    );
    fc.assert(
      fc.property(fc.array(block, { maxLength: 12 }), (blocks) => {
        const pages = pagesOf(blocks);
        assert.ok(pages.length > 0);
        for (const page of pages) assert.ok(page.split('\n').length <= 30);
        assert.deepEqual(
          pages.flatMap((page) => page.split('\n')).filter((line) => line !== ''),
          blocks.flat(),
        );
      }),
    );
  });

  it('keep what belongs together on one page', () => {
    const rule = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    for (const page of pagesOf(Array.from({ length: 9 }, () => rule))) assert.match(page, /^a[^]*g$/);
  });
});
