import assert from 'node:assert/strict';
import { isNodeKey, parseHub } from '../../../../src/core/ledger/hub';
import { testNodeKey } from '../../../testbed/nodeKey';

describe('the key of a node', () => {
  it('is a point of the curve, since no node starts with another one', () => {
    for (let number = 1; number <= 20; number++) {
      const key = testNodeKey(number);
      assert.ok(isNodeKey(key));
      const [x, y] = [key.slice(0, 64), key.slice(64)];
      for (const other of [
        y + x,
        x + x,
        key.toUpperCase(),
        `${key}00`,
        key.slice(1),
        x + 'f'.repeat(64),
        '0'.repeat(128),
      ])
        assert.ok(!isNodeKey(other), other);
    }
    assert.equal(parseHub(`enode://${'ab'.repeat(64)}@10.0.0.1:30303`), undefined);
    assert.equal(parseHub(`enode://${testNodeKey(1)}@10.0.0.1:30303`)?.port, 30_303);
  });

  it('is no second form of a point, with a coordinate beyond the field', () => {
    const prime = 2n ** 256n - 2n ** 32n - 977n;
    // x = 1 is on the curve: y² = 8.
    const y = power(8n, (prime + 1n) / 4n, prime);
    const hex = (number: bigint): string => number.toString(16).padStart(64, '0');
    assert.ok(isNodeKey(hex(1n) + hex(y)));
    assert.ok(!isNodeKey(hex(1n + prime) + hex(y)));
  });
});

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
