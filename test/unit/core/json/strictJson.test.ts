import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson } from '../../../../src/core/json/canonicalJson';
import { parseStrictJson, StrictJsonError, type JsonFault } from '../../../../src/core/json/strictJson';

function parse(text: string): unknown {
  return parseStrictJson(Buffer.from(text), { bytes: 1024 * 1024, depth: 32 });
}

function faulty(fault: JsonFault): (error: unknown) => boolean {
  return (error) => error instanceof StrictJsonError && error.fault === fault;
}

describe('parseStrictJson', () => {
  it('reads what JSON.parse reads, where nobody could read it differently', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        const exact = [...text.matchAll(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g)].every(
          ([number]) => Math.abs(Number(number)) <= Number.MAX_SAFE_INTEGER,
        );
        fc.pre(exact && !/\\ud[89a-f]/i.test(text));
        assert.deepEqual(parse(text), JSON.parse(text));
      }),
    );
  });

  it('reads one zero, whatever sign stands before it', () => {
    for (const zero of ['0', '-0', '-0.0', '-0e5']) assert.ok(Object.is(parse(zero), 0), zero);
  });

  it('accepts nothing that JSON.parse refuses', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:\\u0d8ea 1-.e+tfn/\t\n')), maxLength: 12 }),
        (text) => {
          try {
            JSON.parse(text);
          } catch {
            assert.throws(() => parse(text), faulty('syntax'));
          }
        },
      ),
    );
  });

  it('reads a surrogate pair in either spelling', () => {
    assert.equal(parse('"\\ud83d\\ude00"'), '😀');
    assert.equal(parse('"😀"'), '😀');
  });

  it('keeps a member named __proto__ as a member', () => {
    const value = parse('{"__proto__":{"os":"linux"}}') as Record<string, unknown>;
    assert.deepEqual(Object.keys(value), ['__proto__']);
    assert.equal(value['os'], undefined);
    assert.equal(canonicalJson(value), '{"__proto__":{"os":"linux"}}');
  });

  const refused: readonly (readonly [string, string, JsonFault])[] = [
    ['nothing', '', 'syntax'],
    ['a byte order mark', '\ufeff1', 'encoding'],
    ['a key twice', '{"a":1,"a":1}', 'duplicateKey'],
    ['a key twice after unescaping', '{"a\\u0062":1,"\\u0061b":2}', 'duplicateKey'],
    ['a key twice, deep', '[{"x":{"a":1,"b":[],"a":2}}]', 'duplicateKey'],
    ['a high surrogate', '"\\ud800"', 'encoding'],
    ['a low surrogate', '"\\udc00x"', 'encoding'],
    ['surrogates in the wrong order', '"\\ude00\\ud83d"', 'encoding'],
    ['two values', '1 2', 'syntax'],
    ['a control character', '"a\nb"', 'syntax'],
    ['an unknown escape', '"\\x41"', 'syntax'],
    ['a leading zero', '01', 'syntax'],
    ['a plus sign', '+1', 'syntax'],
    ['a large number', '9007199254740992', 'number'],
    ['a large exponent', '1e16', 'number'],
    ['infinity by exponent', '1e999', 'number'],
    ['NaN', 'NaN', 'syntax'],
    ['white space of other kinds', '\u00a01', 'syntax'],
    ['nesting', '['.repeat(33) + ']'.repeat(33), 'tooLarge'],
  ];
  for (const [what, text, fault] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => parse(text), faulty(fault));
    });
  }

  it('reads to the bounds and not beyond', () => {
    assert.doesNotThrow(() => parse('['.repeat(32) + ']'.repeat(32)));
    assert.doesNotThrow(() => parse('9007199254740991'));
    const limits = { bytes: 10, depth: 2 };
    assert.deepEqual(parseStrictJson(Buffer.from('[12345678]'), limits), [12345678]);
    assert.throws(() => parseStrictJson(Buffer.from('[123456789]'), limits), faulty('tooLarge'));
  });
});

describe('canonicalJson', () => {
  it('writes the example of RFC 8785', () => {
    const value = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    assert.equal(
      canonicalJson(value),
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts keys by UTF-16 code units', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\u0080', '\u{1f600}', '\u00f6'];
    const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33'];
    const text = canonicalJson(Object.fromEntries(keys.map((key) => [key, 0])));
    assert.equal(text, `{${sorted.map((key) => `${JSON.stringify(key)}:0`).join(',')}}`);
  });

  it('does not depend on the order of members, and reads back', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        assert.equal(canonicalJson(reversed), canonicalJson(value));
        assert.equal(canonicalJson(JSON.parse(canonicalJson(value))), canonicalJson(value));
      }),
    );
  });

  for (const value of [NaN, Infinity, undefined, 1n, () => 0, '\ud800', { '\udfff': 1 }, [undefined], new Date(0)]) {
    it(`refuses ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`, () => {
      assert.throws(() => canonicalJson(value), TypeError);
    });
  }
});
