import assert from 'node:assert/strict';
import { silent } from '../../../scripts/dev/silence';
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

  const none = { passed: 0, failed: 0, skipped: 0 };
  const failures = (output: string, exitCode: number): number =>
    outcome({ output, exitCode, running: [], counts: none }).failed;

  it('are never green without a test or with an exit code', () => {
    assert.equal(failures('', 0), 1);
    assert.equal(failures('0 passed, 0 failed, 3 skipped', 0), 1);
    assert.equal(failures('5 passed, 0 failed', 2), 1);
    assert.equal(failures('5 passed, 2 failed', 1), 2);
    assert.equal(failures('5 passed, 0 failed', 0), 0);
  });

  it('of a suite that was ended are what passed until then, and one failure that names where it hung', () => {
    const run = {
      output: '✔ a\n',
      exitCode: 143,
      running: ['group › b'],
      counts: { passed: 4, failed: 1, skipped: 2 },
    };
    assert.deepEqual(outcome({ ...run, cause: 'it was silent' }), {
      ...{ passed: 4, failed: 2, skipped: 2 },
      remark: 'it was silent in “group › b”',
    });
    assert.deepEqual(outcome(run), {
      ...{ passed: 4, failed: 2, skipped: 2 },
      remark: 'it ended early, with exit code 143 in “group › b”',
    });
  });

  it('are printed with what was skipped only where something was', () => {
    assert.equal(formatCounts({ passed: 1, failed: 0, skipped: 0 }), '1 passed, 0 failed');
    assert.equal(formatCounts({ passed: 1, failed: 0, skipped: 4 }), '1 passed, 0 failed, 4 skipped');
  });
});

describe('the silence of a suite', () => {
  it('is counted from the last sign, however long the suite takes', async () => {
    let signs = 0;
    const reason = await silent(() => {
      signs += 1;
      return signs <= 100 ? Date.now() : 0;
    }, 60);
    assert.equal(signs, 101);
    assert.match(reason, /^it was silent for /);
  });
});
