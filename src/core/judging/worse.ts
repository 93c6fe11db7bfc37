import type { Verdict, VerdictKind } from './verdict';

/** From what must stop a person to what need not. What is known to be bad comes before what is unknown. */
const worstFirst: Readonly<Record<VerdictKind, number>> = {
  tampered: 0,
  revoked: 1,
  mismatch: 2,
  superseded: 3,
  stale: 4,
  untrusted: 5,
  unsigned: 6,
  unknown: 7,
  pending: 8,
  verified: 9,
};

/** The verdict of two that matters more; the first where both weigh the same. */
export function worse<T extends Pick<Verdict, 'kind'>>(a: T, b: T): T {
  return worstFirst[b.kind] < worstFirst[a.kind] ? b : a;
}
