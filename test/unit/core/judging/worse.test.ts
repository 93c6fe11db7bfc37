import assert from 'node:assert/strict';
import { verdictKinds, type VerdictKind } from '../../../../src/core/judging/verdict';
import { worse } from '../../../../src/core/judging/worse';

function worseOf(a: VerdictKind, b: VerdictKind): VerdictKind {
  return worse({ kind: a }, { kind: b }).kind;
}

describe('the worse of two verdicts', () => {
  it('does not depend on which comes first, and is one of them', () => {
    for (const a of verdictKinds) {
      for (const b of verdictKinds) {
        assert.equal(worseOf(a, b), worseOf(b, a));
        assert.ok([a, b].includes(worseOf(a, b)));
        for (const c of verdictKinds) assert.equal(worseOf(worseOf(a, b), c), worseOf(a, worseOf(b, c)));
      }
    }
  });

  it('is green only where both are, and red where one is', () => {
    for (const other of verdictKinds) {
      if (other !== 'verified') assert.equal(worseOf('verified', other), other);
      for (const red of ['tampered', 'revoked', 'mismatch'] as const)
        assert.ok(['tampered', 'revoked', 'mismatch'].includes(worseOf(red, other)));
    }
  });

  it('is the first of two that weigh the same', () => {
    const [first, second] = [
      { kind: 'unsigned' as const, of: 1 },
      { kind: 'unsigned' as const, of: 2 },
    ];
    assert.equal(worse(first, second), first);
  });
});
