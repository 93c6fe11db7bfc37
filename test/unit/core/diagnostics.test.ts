import assert from 'node:assert/strict';
import { diagnosticOf, isProtected } from '../../../src/core/diagnostics';
import type { VerdictKind } from '../../../src/core/judging/verdict';
import { verdictKinds } from '../../../src/core/judging/verdict';
import { verdictOf } from './judging/verdicts';

/** Severity where a rule covers the repository, and where none does. */
const expected: Readonly<Record<VerdictKind, readonly [covered: string | undefined, uncovered: string | undefined]>> = {
  tampered: ['error', 'error'],
  revoked: ['error', 'error'],
  superseded: ['warning', 'warning'],
  mismatch: ['error', 'error'],
  pending: ['information', 'information'],
  stale: ['warning', 'warning'],
  verified: [undefined, undefined],
  untrusted: ['warning', 'information'],
  unsigned: ['warning', 'information'],
  unknown: ['information', undefined],
};

describe('diagnosticOf', () => {
  for (const [place, kind] of verdictKinds.entries()) {
    it(`gives ${kind} its code and severity`, () => {
      const [covered, uncovered] = expected[kind];
      const code = `DC${String(place + 1).padStart(3, '0')}`;
      const found = (coverage: 'none' | 'warn' | 'enforce'): unknown => diagnosticOf(verdictOf(kind, { coverage }));
      assert.deepEqual(found('warn'), covered && { code, severity: covered });
      // What could not be found out may be the worst of all.
      const enforced = kind === 'unknown' ? 'error' : covered;
      assert.deepEqual(found('enforce'), enforced && { code, severity: enforced });
      assert.deepEqual(found('none'), uncovered && { code, severity: uncovered });
    });
  }

  it('is no error over a rebuild of one’s own image', () => {
    assert.deepEqual(diagnosticOf({ ...verdictOf('mismatch'), cause: 'rebuilt' }), {
      code: 'DC004',
      severity: 'warning',
    });
  });

  it('has a code of its own for a variable without a value, covered or not', () => {
    const verdict = { ...verdictOf('unknown', { coverage: 'none' }), missing: 'variable' as const };
    assert.deepEqual(diagnosticOf(verdict), { code: 'DC011', severity: 'information' });
  });
});

describe('isProtected', () => {
  it('lets nobody hide mismatch, revoked and tampered, nor what a rule enforces', () => {
    const hidden = (coverage: 'none' | 'warn' | 'enforce'): readonly VerdictKind[] =>
      verdictKinds.filter((kind) => isProtected(verdictOf(kind, { coverage })));
    assert.deepEqual(hidden('warn'), ['tampered', 'revoked', 'mismatch']);
    assert.deepEqual(hidden('none'), ['tampered', 'revoked', 'mismatch']);
    assert.deepEqual(hidden('enforce'), [...verdictKinds]);
  });
});
