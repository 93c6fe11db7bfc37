import type { LedgerKey, PublisherId } from '../ledger/types';

export type RuleLevel = 'enforce' | 'warn';

/**
 * Whom the reader believes, about which repositories, on which ledger. No rule is unscoped: `repositories` is a
 * pattern over canonical repositories (`registry/path`, `*` for one path segment, a final `/**` for everything below).
 */
export interface TrustRule {
  readonly ledger: LedgerKey;
  readonly repositories: string;
  readonly publishers: readonly PublisherId[];
  /** How many of `publishers` must say the same (k of n). */
  readonly threshold: number;
  readonly accept: 'publish' | 'vouch';
  readonly level: RuleLevel;
  /** A view of the chain older than this makes a match `stale`. Off when absent. */
  readonly maximumViewAgeSeconds?: number;
}

/** Rules of one origin. Specificity decides within a source; between sources the stricter wins. */
export interface RuleSource {
  readonly origin: 'user' | 'workspace';
  readonly rules: readonly TrustRule[];
}
