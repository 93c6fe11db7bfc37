import assert from 'node:assert/strict';
import { formatCounts, outcome, parseCounts } from '../../../scripts/dev/suites';

describe('the counts of a suite', () => {
  it('are read from either kind of ending', () => {
    assert.deepEqual(parseCounts('x\n  12 passing (3s)\n  1 pending\n  2 failing\n\n  1) y'), {
      passed: 12,
      failed: 2,
      skipped: 1,
    });
    assert.deepEqual(parseCounts('a\n3 passed, 1 failed\n'), { passed: 3, failed: 1, skipped: 0 });
    assert.deepEqual(parseCounts('3 passed, 0 failed, 2 skipped'), { passed: 3, failed: 0, skipped: 2 });
    assert.equal(parseCounts('nothing of the kind'), undefined);
    assert.deepEqual(parseCounts('  12 passing (3s)\n  2 failing\n\n  1) y\n\n  3 passing (1s)\n  1 pending'), {
      passed: 15,
      failed: 2,
      skipped: 1,
    });
  });

  it('are never green without a test or with an exit code', () => {
    assert.equal(outcome(undefined, 0).failed, 1);
    assert.equal(outcome({ passed: 0, failed: 0, skipped: 3 }, 0).failed, 1);
    assert.equal(outcome({ passed: 5, failed: 0, skipped: 0 }, 2).failed, 1);
    assert.equal(outcome({ passed: 5, failed: 2, skipped: 0 }, 1).failed, 2);
    assert.equal(outcome({ passed: 5, failed: 0, skipped: 0 }, 0).failed, 0);
  });

  it('are printed with what was skipped only where something was', () => {
    assert.equal(formatCounts({ passed: 1, failed: 0, skipped: 0 }), '1 passed, 0 failed');
    assert.equal(formatCounts({ passed: 1, failed: 0, skipped: 4 }), '1 passed, 0 failed, 4 skipped');
  });
});
