import type { Verdict } from '../core/judging/verdict';
import type { Style } from './terminal';

export function verdictStyle({ kind }: Pick<Verdict, 'kind'>): Style {
  switch (kind) {
    case 'tampered':
    case 'revoked':
    case 'mismatch':
      return 'red';
    case 'verified':
      return 'green';
    case 'superseded':
    case 'stale':
    case 'untrusted':
    case 'pending':
      return 'yellow';
    case 'unsigned':
    case 'unknown':
      return 'gray';
  }
}
