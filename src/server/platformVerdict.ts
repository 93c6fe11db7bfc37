import { samePlatform } from '../core/image/platform';
import type { Platform } from '../core/image/identity';
import type { Verdict } from '../core/trust/verdict';

/**
 * The verdict for an instruction that asks for a platform (`FROM --platform=…`). The engine's image of that name may be
 * another platform's, and then green is not about this one. Whatever is not green stands: what a file asks for hides nothing.
 */
export function platformVerdict(verdict: Verdict, local: Platform | undefined, wanted: string): Verdict {
  const [os = '', architecture, variant] = wanted.split('/');
  const platform = architecture === undefined ? undefined : { os, architecture, ...(variant && { variant }) };
  if (verdict.kind !== 'verified' || (local && platform && samePlatform(local, platform))) return verdict;
  const { depth, assurance, coverage, ledgerKind, asOf } = verdict;
  return {
    depth,
    assurance,
    coverage,
    ledgerKind,
    ...(asOf && { asOf }),
    kind: 'unknown',
    missing: 'image',
    detail: wanted,
  };
}
