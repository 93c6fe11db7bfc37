import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { displayText } from '../../../src/core/trust/displayText';

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
    ['marks on marks', 'e\u0301\u0302\u0303\u0304', 'e\u0301\u0302\\u{303}\\u{304}'],
    ['an icon of the editor', '$(verified) Acme, 5 $', '\\u{24}(verified) Acme, 5 $'],
    ['an escape that was written out', '\\u{202e}', '\\\\u{202e}'],
  ];
  for (const [what, text, shown] of table) {
    it(`shows ${what}`, () => {
      assert.equal(displayText(text), shown);
    });
  }

  it('cuts what is too long', () => {
    assert.equal(displayText('x'.repeat(80)), 'x'.repeat(80));
    assert.equal(displayText('x'.repeat(81)), `${'x'.repeat(79)}…`);
    assert.equal(displayText('😀'.repeat(100)), `${'😀'.repeat(79)}…`);
    assert.equal(displayText('\u202e'.repeat(1_000_000)).length, 80);
  });

  it('lets nothing through that is not seen, keeps what is harmless, and tells different texts apart', () => {
    const hazards = fc.constantFrom(
      '\u202e',
      '\u200b',
      '\u0000',
      '\\',
      '\u0301',
      '\u2028',
      '\ud800',
      '\u{e0020}',
      ' ',
      'a',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(hazards, { maxLength: 12 }).map((each) => each.join('')),
    );
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        const shown = displayText(one);
        assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]|(?! )\p{White_Space}/u);
        assert.ok(Array.from(shown).length <= 80);
        if (/^[a-z0-9./: -]{0,80}$/.test(one)) assert.equal(shown, one);
        if (one !== other && !shown.endsWith('…')) assert.notEqual(shown, displayText(other));
      }),
      { numRuns: 2000 },
    );
  });
});
