import { DaoChainError } from '../errors';
import { walletPublisher } from '../hex';
import { isCanonicalRepository } from '../image/reference';
import type { LedgerKey, LedgerKind, PublisherId } from '../ledger/types';

export type RuleLevel = 'enforce' | 'warn';

/**
 * Whether a rule that enforces can be satisfied by what is signed on a ledger of this kind. A development ledger is of one
 * machine, and a team's is final by depth only, as long as no witnesses are asked.
 */
export function canBeEnforced(kind: LedgerKind): boolean {
  return kind === 'external';
}

/** Which kind of statement satisfies a rule. */
export type AcceptedKind = 'publish' | 'vouch';

/**
 * Whom the reader trusts, for which repositories, on which ledger. Every rule names repositories: `repositories` is a
 * pattern over canonical repositories (`registry/path`, `*` for one path segment, a final `/**` for everything below).
 */
export interface TrustRule {
  readonly ledger: LedgerKey;
  readonly repositories: string;
  readonly publishers: readonly PublisherId[];
  /** How many of `publishers` must agree (k of n). */
  readonly threshold: number;
  readonly accept: AcceptedKind;
  readonly level: RuleLevel;
  /** A view of the chain older than this makes a match `stale`. Off when absent. */
  readonly maximumViewAgeSeconds?: number;
}

/**
 * Rules of one origin: the user's own, or a policy file whose content the user has accepted for a folder. Specificity
 * decides within a source; between sources the stricter wins: each source that covers a repository must be satisfied. What
 * nobody has accepted is no source.
 */
export interface RuleSource {
  readonly origin: 'user' | 'policy';
  /** Of a policy: the folder that it was accepted for, where it was for one. */
  readonly folder?: string;
  readonly rules: readonly TrustRule[];
}

/** The rules of one source that decide about one repository: those with its most specific pattern that matches, on whatever ledger. */
export interface Coverage {
  readonly origin: RuleSource['origin'];
  /** Never empty. Any one of them is enough: two rules for one pattern accept either publisher, on either ledger. */
  readonly rules: readonly TrustRule[];
}

/** Why a rule is refused; `words/ruleProblemText.ts` has the sentences. */
export const ruleProblems = [
  'patternUnscoped',
  'patternWithoutRegistry',
  'patternWildcard',
  'patternNotCanonical',
  'ledger',
  'publisher',
  'publishersEmpty',
  'publishersRepeated',
  'threshold',
  'maximumViewAge',
] as const;
export type RuleProblem = (typeof ruleProblems)[number];

/** A rule as settings and policy files write it, its types already checked. */
export interface RuleText {
  readonly ledger: string;
  readonly repositories: string;
  readonly publishers: readonly string[];
  readonly threshold?: number;
  readonly accept?: AcceptedKind;
  readonly level?: RuleLevel;
  readonly maximumViewAgeSeconds?: number;
}

const anySegment = '*';
const everythingBelow = '**';

function isWildcard(segment: string): boolean {
  return segment === anySegment || segment === everythingBelow;
}

/**
 * What is wrong with a pattern, or undefined. A wildcard stands for whole segments: `*` for exactly one, `**`, only as
 * the last, for one or more. The registry is written out as in a canonical repository (`docker.io/library/nginx`).
 */
export function patternProblem(pattern: string): RuleProblem | undefined {
  const segments = pattern.split('/');
  const [registry = ''] = segments;
  if (registry.includes('*')) return 'patternUnscoped';
  if (segments.some((segment) => segment.includes('*') && !isWildcard(segment))) return 'patternWildcard';
  if (segments.slice(0, -1).includes(everythingBelow)) return 'patternWildcard';
  if (segments.length < 2 || !/[.:]|^localhost$/.test(registry)) return 'patternWithoutRegistry';
  const example = segments
    .map((each) => (each === everythingBelow ? 'any/any' : isWildcard(each) ? 'any' : each))
    .join('/');
  return isCanonicalRepository(example) ? undefined : 'patternNotCanonical';
}

/** Whether a pattern matches a canonical repository. No pattern matches on two registries, not even one with a problem. */
export function matches(pattern: string, repository: string): boolean {
  const wanted = pattern.split('/');
  const given = repository.split('/');
  const open = wanted.at(-1) === everythingBelow;
  if (wanted[0] !== given[0]) return false;
  if (open ? given.length < wanted.length : given.length !== wanted.length) return false;
  return wanted.every((segment, i) => isWildcard(segment) || segment === given[i]);
}

/**
 * Orders the patterns that match one repository: compare as strings, the greater is the more specific. From left to right
 * a literal segment is more specific than `*`, and `*` more than `**`. Only equal patterns are equally specific.
 */
export function specificity(pattern: string): string {
  return pattern
    .split('/')
    .map((segment) => (segment === everythingBelow ? '0' : segment === anySegment ? '1' : '2'))
    .join('');
}

/** A publisher as a person pastes it, a wallet's address or 32 bytes, in any case; undefined if it is neither. */
export function parsePublisher(text: string): PublisherId | undefined {
  const id = text.trim().toLowerCase();
  if (!/^0x(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(id) || /^0x0+$/.test(id)) return undefined;
  return id.length === 42 ? walletPublisher(id as PublisherId) : (id as PublisherId);
}

function refuse(problem: RuleProblem, value: string): never {
  throw new DaoChainError('ruleInvalid', `Trust rule refused: ${problem}`, { details: { problem, value } });
}

/** The rule that `text` means; `threshold` 1, `publish` and `warn` unless given. `ruleInvalid` with `details.problem` and `details.value`. */
export function parseRule(text: RuleText): TrustRule {
  const { ledger, repositories, threshold = 1, accept = 'publish', level = 'warn', maximumViewAgeSeconds } = text;
  const problem = patternProblem(repositories);
  if (problem !== undefined) refuse(problem, repositories);
  if (!/^(?:0|[1-9][0-9]*):0x[0-9a-f]{64}:0x[0-9a-f]{40}$/.test(ledger)) refuse('ledger', ledger);
  const publishers = text.publishers.map((each) => parsePublisher(each) ?? refuse('publisher', each));
  if (publishers.length === 0) refuse('publishersEmpty', '');
  if (new Set(publishers).size !== publishers.length) refuse('publishersRepeated', publishers.join(', '));
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > publishers.length) {
    refuse('threshold', String(threshold));
  }
  if (maximumViewAgeSeconds !== undefined && !(Number.isInteger(maximumViewAgeSeconds) && maximumViewAgeSeconds > 0)) {
    refuse('maximumViewAge', String(maximumViewAgeSeconds));
  }
  return {
    ledger,
    repositories,
    publishers,
    threshold,
    accept,
    level,
    ...(maximumViewAgeSeconds !== undefined && { maximumViewAgeSeconds }),
  };
}

/**
 * For each source that has a rule for this repository, the rules that decide, whatever ledgers they name: a rule for a
 * wider pattern does not come into force because the narrower one names another ledger. Other sources are left out.
 */
export function coveringRules(sources: readonly RuleSource[], repository: string): readonly Coverage[] {
  return sources.flatMap(({ origin, rules }) => {
    const covering = rules.filter((rule) => matches(rule.repositories, repository));
    if (covering.length === 0) return [];
    // Most images have one rule, and there is nothing to compare.
    if (covering.length === 1) return [{ origin, rules: covering }];
    const best = covering.map((rule) => specificity(rule.repositories)).reduce((a, b) => (a > b ? a : b));
    return [{ origin, rules: covering.filter((rule) => specificity(rule.repositories) === best) }];
  });
}

/** The part of what decides that counts on one ledger. As long as it is not known which one it is, any rule may count. */
export function onLedger(coverages: readonly Coverage[], ledger: LedgerKey | undefined): readonly Coverage[] {
  if (ledger === undefined) return coverages;
  return coverages.flatMap(({ origin, rules }) => {
    const here = rules.filter((rule) => rule.ledger === ledger);
    return here.length === 0 ? [] : [{ origin, rules: here }];
  });
}

/** The ledgers on which rules decide, each once. */
export function ledgersOf(coverages: readonly Coverage[]): readonly LedgerKey[] {
  return [...new Set(coverages.flatMap(({ rules }) => rules.map(({ ledger }) => ledger)))];
}
