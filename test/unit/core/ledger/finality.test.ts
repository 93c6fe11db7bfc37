import assert from 'node:assert/strict';
import fc from 'fast-check';
import { confirmationsAt, confirmationsNeeded, finalBlockAt, isFinalAt } from '../../../../src/core/ledger/finality';

describe('finality', () => {
  it('counts the block of the entry, and nothing before it is there', () => {
    assert.deepEqual([confirmationsAt(9, 10), confirmationsAt(10, 10), confirmationsAt(11, 10)], [0, 1, 2]);
  });

  it('is the same whether it is asked of an entry or of the chain, also where no confirmation is asked for', () => {
    const small = fc.integer({ min: 0, max: 20 });
    fc.assert(
      fc.property(small, small, small, (head, block, asked) => {
        const isFinal = isFinalAt(head, block, asked);
        assert.equal(isFinal, block <= finalBlockAt(head, asked));
        assert.equal(isFinal, confirmationsAt(head, block) >= confirmationsNeeded(asked));
        if (block > head) assert.equal(isFinal, false);
      }),
    );
  });
});
