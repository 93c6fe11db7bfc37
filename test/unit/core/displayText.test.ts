import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { displayText } from '../../../src/core/displayText';
import { shortText } from '../../../src/words/shortText';

describe('displayText', () => {
  const table: readonly (readonly [what: string, text: string, shown: string])[] = [
    ['plain text', 'docker.io/acme/app:1.0', 'docker.io/acme/app:1.0'],
    ['other scripts', '镜像 café Ünïcødé 😀', '镜像 café Ünïcødé 😀'],
    ['an override of the direction', 'app\u202egnp.exe', 'app\\u{202e}gnp.exe'],
    ['an isolate', '\u2066a\u2069', '\\u{2066}a\\u{2069}'],
    ['zero-width characters', 'a\u200bb\u200dc\ufeff', 'a\\u{200b}b\\u{200d}c\\u{feff}'],
    ['a soft hyphen', 'ac\u00adme', 'ac\\u{ad}me'],
    ['line breaks and tabs', 'a\r\n\tb\u2028c', 'a\\u{d}\\u{a}\\u{9}b\\u{2028}c'],
    ['a terminal sequence', '\u001b[31mred\u0007', '\\u{1b}[31mred\\u{7}'],
    ['spaces that are none', 'a\u00a0b\u3000c', 'a\\u{a0}b\\u{3000}c'],
    ['fillers that are drawn as nothing', 'a\u3164b\u115fc', 'a\\u{3164}b\\u{115f}c'],
    ['tag characters', 'a\u{e0041}', 'a\\u{e0041}'],
    ['variation selectors', 'a\ufe0f', 'a\\u{fe0f}'],
    ['half a pair', 'a\ud800', 'a\\u{d800}'],
    ['private characters', '\ue000', '\\u{e000}'],
    ['a mark without a letter', '\u0301a', '\\u{301}a'],
    ['marks on marks', 'x\u0302\u0302\u0303\u0304', 'x\u0302\u0302\\u{303}\\u{304}'],
    ['a mark on what is no letter', '1\u20e3 >\u0338', '1\\u{20e3} >\\u{338}'],
    ['a mark on what was written out', '\u202e\u0301', '\\u{202e}\\u{301}'],
    ['a letter in parts', 'cafe\u0301', 'cafe\\u{301}'],
    ['a syllable in parts', '\u1112\u1161\u11ab', '\u1112\\u{1161}\u11ab'],
    ['marks in an order that is not drawn', 'a\u0301\u0323', 'a\\u{301}\\u{323}'],
    ['another sign for a letter', '\u212b \u2126 \uf900', '\\u{212b} \\u{2126} \\u{f900}'],
    ['letters from right to left, which move what is beside them', '\u05d01', '\\u{5d0}1'],
    ['digits of such a script', '\u0661', '\\u{661}'],
    ['spaces at the ends and side by side', ' a  b ', '\\u{20}a \\u{20}b\\u{20}'],
    ['nothing but a space', ' ', '\\u{20}'],
    ['what is drawn as a space and is none', 'a\u2800b\ufffcc', 'a\\u{2800}b\\u{fffc}c'],
    ['what looks like the sign of an escape', '\uff3cu{61} \u2216u{61}', '\\u{ff3c}u{61} \\u{2216}u{61}'],
    ['a link of the editor', '[fine](https://example.com)', '[fine\\u{5d}(https://example.com)'],
    ['an icon of the editor', '$(verified) Acme, 5 $', '\\u{24}(verified) Acme, 5 $'],
    ['an escape that was written out', '\\u{202e}', '\\\\u{202e}'],
  ];
  for (const [what, text, shown] of table) {
    it(`shows ${what}`, () => {
      assert.equal(displayText(text), shown);
    });
  }

  it('cuts nothing', () => {
    assert.equal(displayText('x'.repeat(100_000)), 'x'.repeat(100_000));
    assert.equal(displayText('\u202e'.repeat(100_000)).length, 800_000);
  });

  const hazards = fc.constantFrom(
    ...['\u202e', '\u200b', '\u0000', '\\', 'u{61}', '\u0301', '\u0323', '\u2028', '\ud800', '\udc00', '\u{e0020}'],
    ...[
      ' ',
      '\u00a0',
      'a',
      'e',
      '\u00e9',
      '\u1100',
      '\u1161',
      '\u11a8',
      '\u212b',
      '\u05d0',
      '1',
      '(',
      '$',
      ']',
      '\ufe0f',
    ],
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(hazards, { maxLength: 12 }).map((each) => each.join('')),
  );

  it('lets nothing through that is not seen, and keeps what is harmless', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const shown = displayText(text);
        assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]|(?! )\p{White_Space}/u);
        assert.doesNotMatch(shown, /^ | $| {2}|[$\]]\(/);
        if (/^[a-z0-9./:-]*$/.test(text)) assert.equal(shown, text);
      }),
      { numRuns: 5000 },
    );
  });

  it('shows no two texts alike: each can be read back, and Unicode draws none of what is left like another', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const shown = displayText(text);
        assert.equal(readBack(shown), text);
        assert.equal(shown.normalize('NFC'), shown);
      }),
      { numRuns: 5000 },
    );
  });

  it('takes no more than its time for a long text of any kind', () => {
    const slowest = ['\\', ' ', '\u0301', 'e\u0301', '\u202e', '$(', '\u1161'].map((part) => {
      const text = part.repeat(100_000 / part.length);
      const start = performance.now();
      displayText(text);
      return performance.now() - start;
    });
    assert.ok(Math.max(...slowest) < 10_000, slowest.join(', '));
  });
});

/** The inverse of `displayText`. */
function readBack(shown: string): string {
  return shown.replace(/\\(\\|u\{([0-9a-f]+)\})/g, (_, sign: string, hex?: string) =>
    hex === undefined ? sign : String.fromCodePoint(parseInt(hex, 16)),
  );
}

describe('shortText', () => {
  it('cuts what is too long', () => {
    assert.equal(shortText('x'.repeat(80)), 'x'.repeat(80));
    assert.equal(shortText('x'.repeat(81)), `${'x'.repeat(79)}…`);
    assert.equal(shortText('😀'.repeat(100)), `${'😀'.repeat(79)}…`);
    assert.equal(shortText('\u202e'.repeat(1_000_000)).length, 80);
  });
});
