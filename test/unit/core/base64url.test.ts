import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromBase64url, toBase64url } from '../../../src/core/base64url';

describe('base64url', () => {
  it('is written as Node writes it, and read back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64url');
        assert.equal(toBase64url(bytes), text);
        assert.deepEqual(fromBase64url(text), bytes);
      }),
      { numRuns: 1_000 },
    );
  });

  it('has one text for all bytes: what Node reads as the same is refused', () => {
    const arbitrary = fc.string({ unit: fc.constantFrom(...Array.from('ABab01-_+/= é')), maxLength: 12 });
    fc.assert(
      fc.property(arbitrary, (text) => {
        const bytes = Buffer.from(text, 'base64url');
        const expected = bytes.toString('base64url') === text ? new Uint8Array(bytes) : undefined;
        assert.deepEqual(fromBase64url(text), expected);
      }),
      { numRuns: 5_000 },
    );
    for (const text of ['A', 'AB', 'AA=', 'AA==', 'A A', 'AA\n', '+/8', 'QUJDR', '𝐀A', 'AAAA='])
      assert.equal(fromBase64url(text), undefined, text);
    assert.deepEqual(fromBase64url(''), new Uint8Array(0));
  });
});
