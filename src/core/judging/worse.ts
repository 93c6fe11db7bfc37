import type { Verdict, VerdictKind } from './verdict';

/** From what must stop a person to what need not. What is known to be bad comes before what is unknown. */
const worstFirst: readonly VerdictKind[] = [
  'tampered',
  'revoked',
  'mismatch',
  'superseded',
  'stale',
  'untrusted',
  'unsigned',
  'unknown',
  'pending',
  'verified',
];

/** The verdict of two that matters more; the first where both weigh the same. */
export function worse<T extends Pick<Verdict, 'kind'>>(a: T, b: T): T {
  return worstFirst.indexOf(b.kind) < worstFirst.indexOf(a.kind) ? b : a;
}
