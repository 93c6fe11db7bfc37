import assert from 'node:assert/strict';
import fc from 'fast-check';
import { interpolate } from '../../../../src/buildFiles/compose/composeInterpolation';

const unset = (): undefined => undefined;

/** What `template.Substitute` of compose-go 2.16.2 makes of a value while no variable is set; undefined for an error. */
const filled: Readonly<Record<string, string | undefined>> = {
  '': '',
  'a:1': 'a:1',
  'a:${T:-1}': 'a:1',
  'a:$$T': 'a:$T',
  'a:$1': 'a:$1',
  '${A:-${B:-x}}y': 'xy',
  '${A:-x}${B-y}': 'xy',
  '${A-{x}}': '{x}',
  '${}': undefined,
  '${A': undefined,
  '${1}': undefined,
  '${A!x}': undefined,
  a$: 'a$',
  '${A:-$$}': '$',
  '${A:+x}z': 'z',
  '${A:+${B}}q': 'q',
  '${A-b-c}': 'b-c',
  '${A:-b:-c}': 'b:-c',
  '${a:-}}': '}',
  '${A:-{}x}': '{}x',
  '$A-1': '-1',
  '${A:-x{y}z}w': 'x{y}zw',
  '$$${A:-1}': '$1',
  '${A:-x}-${B:-y}}': 'x-y}',
};

describe('variables of a Compose file', () => {
  for (const [value, text] of Object.entries(filled)) {
    it(`${JSON.stringify(value)} is ${text === undefined ? 'an error' : JSON.stringify(text)}`, () => {
      assert.equal(
        interpolate(value, unset)?.reduce((all, part) => all + part.text, ''),
        text,
      );
    });
  }

  it('without a value are told with their place', () => {
    const places = (value: string): readonly string[] =>
      (interpolate(value, unset) ?? []).flatMap(({ unresolved }) =>
        unresolved.map(({ name, start, end }) => `${name}@${value.slice(start, end)}`),
      );
    assert.deepEqual(places('$A/${B}:${C:-${D}}'), ['A@$A', 'B@${B}', 'D@${D}']);
    assert.deepEqual(places('${A:?no} ${B?}'), ['A@${A:?no}', 'B@${B?}']);
    assert.deepEqual(places('$$A $1 ${B:+$C} ${D-}'), []);
  });

  it('cover the value from end to end, and what is literal is as written', () => {
    const value = fc
      .array(fc.constantFrom('a', ':', '$', '{', '}', '-', '${A:-', '$B', ' '))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(value, (text) => {
        let at = 0;
        const parts = interpolate(text, unset);
        for (const part of parts ?? []) {
          assert.equal(part.start, at);
          if (part.literal) assert.equal(part.text, text.slice(part.start, part.end));
          at = part.end;
        }
        if (parts !== undefined) assert.equal(at, text.length);
      }),
    );
  });
});
