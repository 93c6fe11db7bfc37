import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isDaoChainError } from '../../../../src/core/errors';
import { fromHex, toHex } from '../../../../src/core/hex';
import { decodeRevocation, encodeRevocation, readRevocation } from '../../../../src/core/ledger/revocation';
import type { Revocation } from '../../../../src/core/ledger/types';
import { damaged, revocation } from './arbitraries';
import { revocationVectors } from './vectors';

const isInvalid = (error: unknown): boolean => isDaoChainError(error, 'statementInvalid');

describe('revocation encoding', () => {
  for (const { name, revocation: value, bytes } of revocationVectors.accepted) {
    it(`agrees with the vector ${name}`, () => {
      assert.equal(toHex(encodeRevocation(value)), bytes);
      assert.deepEqual(decodeRevocation(fromHex(bytes)), value);
    });
  }

  for (const { name, bytes } of revocationVectors.rejected) {
    it(`refuses ${name}`, () => {
      assert.throws(() => decodeRevocation(fromHex(bytes)), isInvalid);
    });
  }

  it('gives back every revocation', () => {
    fc.assert(
      fc.property(revocation, (value) => {
        assert.deepEqual(decodeRevocation(encodeRevocation(value)), value);
      }),
    );
  });

  it('reads nothing but what it writes', () => {
    fc.assert(
      fc.property(fc.oneof(damaged(revocation.map(encodeRevocation)), fc.uint8Array({ maxLength: 80 })), (bytes) => {
        let value: Revocation;
        try {
          value = decodeRevocation(bytes);
        } catch (error) {
          assert.ok(isInvalid(error), String(error));
          return;
        }
        assert.deepEqual(encodeRevocation(value), bytes);
      }),
      { numRuns: 3_000 },
    );
  });

  it('refuses what it cannot state', () => {
    const value: Revocation = { statementHash: `0x${'ab'.repeat(32)}`, reason: 'mistake', note: '' };
    assert.throws(() => encodeRevocation({ ...value, note: '\ud800' }), isInvalid);
    assert.throws(() => encodeRevocation({ ...value, note: '钥'.repeat(171) }), isInvalid);
    assert.throws(() => encodeRevocation({ ...value, statementHash: '0x12' }), isInvalid);
  });

  it('takes a statement back even for a reason that a later version gives', () => {
    const statementHash = `0x${'ab'.repeat(32)}` as const;
    assert.deepEqual(readRevocation(fromHex(`${statementHash}ff00`)), { statementHash, reason: 'other', note: '' });
    assert.deepEqual(readRevocation(fromHex(statementHash)), { statementHash, reason: 'other', note: '' });
    assert.throws(() => readRevocation(fromHex(statementHash).subarray(1)), isInvalid);
    fc.assert(
      fc.property(revocation, (value) => {
        assert.deepEqual(readRevocation(encodeRevocation(value)), value);
      }),
    );
  });
});
