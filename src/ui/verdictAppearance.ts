import type { VerdictKind } from '../core/judging/verdict';

export type VerdictColor =
  'daochain.verifiedForeground' | 'daochain.unverifiedForeground' | 'daochain.mismatchForeground';

/** `icon` is a codicon; `badge` has at most two characters, all that a decoration can show. */
export interface VerdictAppearance {
  readonly icon: string;
  readonly badge?: string;
  readonly color?: VerdictColor;
}

/** Each verdict has an icon and a badge of its own, so that color is never the only difference. */
export const verdictAppearance: Readonly<Record<VerdictKind, VerdictAppearance>> = {
  verified: { icon: 'verified-filled', badge: '✓', color: 'daochain.verifiedForeground' },
  pending: { icon: 'sync~spin', badge: '…' },
  stale: { icon: 'history', badge: '~', color: 'daochain.unverifiedForeground' },
  superseded: { icon: 'versions', badge: '~', color: 'daochain.unverifiedForeground' },
  untrusted: { icon: 'unverified', badge: '?', color: 'daochain.unverifiedForeground' },
  unsigned: { icon: 'circle-outline', badge: '–' },
  mismatch: { icon: 'error', badge: '!', color: 'daochain.mismatchForeground' },
  revoked: { icon: 'circle-slash', badge: 'R', color: 'daochain.mismatchForeground' },
  tampered: { icon: 'shield', badge: 'X', color: 'daochain.mismatchForeground' },
  unknown: { icon: 'question' },
};
