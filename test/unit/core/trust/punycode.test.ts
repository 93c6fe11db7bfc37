import assert from 'node:assert/strict';
import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { decodedHost, decodePunycode } from '../../../../src/core/trust/punycode';

/** RFC 3492, section 7.1; letters in the case that decodes to the code points given there. */
const vectors: readonly (readonly [encoded: string, decoded: string])[] = [
  ['egbpdaj6bu4bxfgehfvwxn', 'ليهمابتكلموشعربي؟'],
  ['ihqwcrb4cv8a8dqg056pqjye', '他们为什么不说中文'],
  ['ihqwctvzc91f659drss3x8bo0yb', '他們爲什麽不說中文'],
  ['Proprostnemluvesky-uyb24dma41a', 'Pročprostěnemluvíčesky'],
  ['4dbcagdahymbxekheh6e0a7fei0b', 'למההםפשוטלאמדבריםעברית'],
  ['i1baa7eci9glrd9b2ae1bj0hfcgg6iyaf8o0a1dig0cd', 'यहलोगहिन्दीक्योंनहींबोलसकतेहैं'],
  ['n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa', 'なぜみんな日本語を話してくれないのか'],
  ['b1abfaaepdrnnbgefbadotcwatmq2g4l', 'почемужеонинеговорятпорусски'],
  ['PorqunopuedensimplementehablarenEspaol-fmd56a', 'PorquénopuedensimplementehablarenEspañol'],
  ['TisaohkhngthchnitingVit-kjcr8268qyxafd2f1b9g', 'TạisaohọkhôngthểchỉnóitiếngViệt'],
  ['3B-ww4c5e180e575a65lsy2b', '3年B組金八先生'],
  ['-with-SUPER-MONKEYS-pc58ag80a8qai00g7n9n', '安室奈美恵-with-SUPER-MONKEYS'],
  ['Hello-Another-Way--fc4qua05auwb3674vfr0b', 'Hello-Another-Way-それぞれの場所'],
  ['2-u9tlzr9756bt3uc0v', 'ひとつ屋根の下2'],
  ['MajiKoi5-783gue6qz075azm5e', 'MajiでKoiする5秒前'],
  ['de-jg4avhby1noc0d', 'パフィーdeルンバ'],
  ['d9juau41awczczp', 'そのスピードで'],
  ['-> $1.00 <--', '-> $1.00 <-'],
];

describe('Punycode', () => {
  for (const [encoded, decoded] of vectors) {
    it(`of ${encoded} is what the RFC says`, () => {
      assert.equal(decodePunycode(encoded), decoded);
    });
  }

  it('of no code point is nothing', () => {
    for (const text of ['99999999', 'a-\u0430', '!', 'x-99999b', 'a-9', 'zzzzzzzzzzz'])
      assert.equal(decodePunycode(text), undefined, text);
  });

  it('of hosts is what the platform encodes', () => {
    for (const host of ['bücher.example', 'аррӏе.example', '例子.测试', 'a.ñandú.example'])
      assert.equal(decodedHost(domainToASCII(host)), host);
  });

  it('ends, and gives whole characters or nothing, whatever it gets', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9-]{0,63}$/), (text) => {
        const decoded = decodePunycode(text);
        assert.doesNotMatch(decoded ?? '', /\p{Cs}/u);
      }),
    );
    assert.equal(decodedHost(`xn--${'a'.repeat(4_000)}`), undefined);
    assert.equal(decodedHost('registry.example.com'), undefined);
  });
});
