import assert from 'node:assert/strict';
import { isDaoChainError } from '../../../../src/core/errors';
import { missingFunds, requireFunds } from '../../../../src/core/plans/funds';

describe('what a transaction costs', () => {
  it('is paid by a balance that is enough', () => {
    for (const balance of [7n, 8n]) {
      assert.equal(missingFunds({ cost: 7n, balance }), 0n);
      requireFunds({ cost: 7n, balance });
    }
  });

  it('is refused with what is missing, in wei', () => {
    assert.equal(missingFunds({ cost: 7n, balance: 5n }), 2n);
    assert.throws(
      () => {
        requireFunds({ cost: 7n, balance: 5n });
      },
      (error) => {
        assert.ok(isDaoChainError(error, 'insufficientFunds'));
        assert.deepEqual(error.details, { missing: '2', balance: '5', cost: '7' });
        return true;
      },
    );
  });
});
