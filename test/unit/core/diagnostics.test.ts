import assert from 'node:assert/strict';
import { ignoreComment, ignoredCodes } from '../../../src/buildFiles/ignore';
import {
  diagnosticOf,
  diagnosticTable,
  diagnosticTopics,
  isDiagnosticCode,
  isProtected,
} from '../../../src/core/diagnostics';
import { verdictKinds, type Verdict, type VerdictKind } from '../../../src/core/judging/verdict';
import { diagnosticTitle } from '../../../src/words/diagnosticText';
import { verdictWord } from '../../../src/words/verdictText';
import { english } from '../words/localizers';
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

/** What a person sees of it. */
function toldOf(verdict: Verdict): unknown {
  const diagnostic = diagnosticOf(verdict);
  return diagnostic && { code: diagnosticTable[diagnostic.topic].code, severity: diagnostic.severity };
}

describe('the table of diagnostics', () => {
  it('has a code for each verdict in order of precedence, and then for what is no verdict', () => {
    assert.deepEqual(diagnosticTopics, [...verdictKinds, 'variable', 'lookAlike', 'unread']);
    const codes = diagnosticTopics.map((topic) => diagnosticTable[topic].code);
    assert.deepEqual(
      codes,
      codes.map((_, place) => `DC${String(place + 1).padStart(3, '0')}`),
    );
  });

  it('has codes that comments in files can name', () => {
    for (const topic of diagnosticTopics) {
      const { code } = diagnosticTable[topic];
      assert.deepEqual([...ignoredCodes([ignoreComment(code)])], [code]);
    }
  });

  it('has a title of its own for each, that of a verdict being its word', () => {
    const titles = diagnosticTopics.map((topic) => diagnosticTitle(topic, english));
    assert.equal(new Set(titles).size, diagnosticTopics.length);
    for (const kind of verdictKinds)
      assert.equal(diagnosticTitle(kind, english), verdictWord(verdictOf(kind), english), kind);
  });

  it('knows what is a code', () => {
    assert.ok(isDiagnosticCode('DC013'));
    for (const other of ['DC014', 'DC000', 'dc001', '', 'constructor', undefined, 1])
      assert.ok(!isDiagnosticCode(other));
  });
});

describe('diagnosticOf', () => {
  for (const [place, kind] of verdictKinds.entries()) {
    it(`gives ${kind} its code and severity`, () => {
      const [covered, uncovered] = expected[kind];
      const code = `DC${String(place + 1).padStart(3, '0')}`;
      const found = (coverage: 'none' | 'warn' | 'enforce'): unknown => toldOf(verdictOf(kind, { coverage }));
      assert.deepEqual(found('warn'), covered && { code, severity: covered });
      // What could not be found out may be the worst of all.
      const enforced = kind === 'unknown' ? 'error' : covered;
      assert.deepEqual(found('enforce'), enforced && { code, severity: enforced });
      assert.deepEqual(found('none'), uncovered && { code, severity: uncovered });
    });
  }

  it('is no error over a rebuild of one’s own image', () => {
    assert.deepEqual(toldOf({ ...verdictOf('mismatch'), cause: 'rebuilt' }), { code: 'DC004', severity: 'warning' });
  });

  it('has a code of its own for a variable without a value, covered or not', () => {
    for (const coverage of ['none', 'warn', 'enforce'] as const) {
      const verdict = { ...verdictOf('unknown', { coverage }), missing: 'variable' as const };
      assert.deepEqual(toldOf(verdict), { code: 'DC011', severity: 'information' });
    }
  });

  it('says of each whether it can be hidden', () => {
    for (const kind of verdictKinds) {
      for (const coverage of ['none', 'warn', 'enforce'] as const) {
        const verdict = verdictOf(kind, { coverage });
        assert.equal(diagnosticOf(verdict)?.isProtected ?? isProtected(verdict), isProtected(verdict));
      }
    }
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
