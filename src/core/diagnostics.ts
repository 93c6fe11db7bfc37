import type { Verdict, VerdictKind } from './judging/verdict';

/** DC001 to DC010 are the verdicts in order of precedence; each has a page under docs/rules/. */
export type DiagnosticCode =
  | 'DC001'
  | 'DC002'
  | 'DC003'
  | 'DC004'
  | 'DC005'
  | 'DC006'
  | 'DC007'
  | 'DC008'
  | 'DC009'
  | 'DC010'
  /** A variable without a value in a reference. */
  | 'DC011';

export type DiagnosticSeverity = 'error' | 'warning' | 'information';

/** What a verdict is in a Dockerfile. */
export interface VerdictDiagnostic {
  readonly code: DiagnosticCode;
  readonly severity: DiagnosticSeverity;
}

interface Severities {
  readonly code: DiagnosticCode;
  readonly covered?: DiagnosticSeverity;
  readonly uncovered?: DiagnosticSeverity;
}

const severities: Readonly<Record<VerdictKind, Severities>> = {
  tampered: { code: 'DC001', covered: 'error', uncovered: 'error' },
  revoked: { code: 'DC002', covered: 'error', uncovered: 'error' },
  superseded: { code: 'DC003', covered: 'warning', uncovered: 'warning' },
  mismatch: { code: 'DC004', covered: 'error', uncovered: 'error' },
  pending: { code: 'DC005', covered: 'information', uncovered: 'information' },
  stale: { code: 'DC006', covered: 'warning', uncovered: 'warning' },
  verified: { code: 'DC007' },
  untrusted: { code: 'DC008', covered: 'warning', uncovered: 'information' },
  unsigned: { code: 'DC009', covered: 'warning', uncovered: 'information' },
  unknown: { code: 'DC010', covered: 'information' },
};

/** The diagnostic for a verdict on a base image, before settings change it; undefined where none is due. */
export function diagnosticOf(verdict: Verdict): VerdictDiagnostic | undefined {
  // Which repository it is, and so whether a rule covers it, depends on the variable.
  if (verdict.kind === 'unknown' && verdict.missing === 'variable') return { code: 'DC011', severity: 'information' };
  const { code, covered, uncovered } = severities[verdict.kind];
  // The reader did it, on this very machine: worth telling, but no alarm.
  if (verdict.kind === 'mismatch' && verdict.cause === 'rebuilt') return { code, severity: 'warning' };
  // What could not be found out may be the worst of all, so an enforcing rule does not let it count for less.
  if (verdict.kind === 'unknown' && verdict.coverage === 'enforce') return { code, severity: 'error' };
  const severity = verdict.coverage === 'none' ? uncovered : covered;
  return severity && { code, severity };
}

/**
 * Verdicts that no workspace setting and no comment in a file may hide: mismatch, revoked and tampered, and everything
 * but green where the reader's rules enforce.
 */
export function isProtected(verdict: Verdict): boolean {
  return (
    verdict.kind === 'tampered' ||
    verdict.kind === 'revoked' ||
    verdict.kind === 'mismatch' ||
    verdict.coverage === 'enforce'
  );
}
