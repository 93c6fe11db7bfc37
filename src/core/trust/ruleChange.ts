import type { RuleLevel, RuleSource, TrustRule } from './rules';
import { specificity } from './rules';

/** What a rule does beside the reader's others, on whatever ledgers they count: the more specific pattern decides over all. */
export interface RuleNeighbours {
  /** Rules for the same pattern: any one of them is enough. */
  readonly besides: readonly TrustRule[];
  /** More general rules, which it replaces where it matches. */
  readonly replaced: readonly TrustRule[];
  /** More specific rules, which take precedence where they match. */
  readonly before: readonly TrustRule[];
}

export function neighboursOf(rule: Pick<TrustRule, 'repositories'>, rules: readonly TrustRule[]): RuleNeighbours {
  const meeting = rules.filter(({ repositories }) => overlap(repositories, rule.repositories));
  const own = specificity(rule.repositories);
  return {
    besides: meeting.filter(({ repositories }) => repositories === rule.repositories),
    replaced: meeting.filter(({ repositories }) => specificity(repositories) < own),
    before: meeting.filter(({ repositories }) => specificity(repositories) > own),
  };
}

/** The lowest level that a new rule may have, so that what is enforced now cannot become a mere warning. */
export function leastLevel({ besides, replaced }: RuleNeighbours): RuleLevel {
  return [...besides, ...replaced].some(({ level }) => level === 'enforce') ? 'enforce' : 'warn';
}

/** Whether there is a repository that both patterns match. */
export function overlap(one: string, other: string): boolean {
  const [a = '', ...moreA] = one.split('/');
  const [b = '', ...moreB] = other.split('/');
  return a === b && overlapBelow(moreA, moreB);
}

function overlapBelow([a, ...moreA]: readonly string[], [b, ...moreB]: readonly string[]): boolean {
  if (a === undefined || b === undefined) return a === b;
  // Only the last segment is `**`, and it stands for one or more.
  if (a === '**' || b === '**') return true;
  return (a === b || a === '*' || b === '*') && overlapBelow(moreA, moreB);
}

/** Whether a pattern covers a whole registry: it has nothing but wildcards after its host. */
export function isWholeRegistry(pattern: string): boolean {
  return pattern
    .split('/')
    .slice(1)
    .every((segment) => segment.startsWith('*'));
}

export function isSameRule(one: TrustRule, other: TrustRule): boolean {
  const { publishers, ...rest } = one;
  return (
    publishers.length === other.publishers.length &&
    publishers.every((publisher) => other.publishers.includes(publisher)) &&
    rest.ledger === other.ledger &&
    rest.repositories === other.repositories &&
    rest.threshold === other.threshold &&
    rest.accept === other.accept &&
    rest.level === other.level &&
    rest.maximumViewAgeSeconds === other.maximumViewAgeSeconds
  );
}

/** The sources as they would be with one more rule of the reader's. */
export function withRule(sources: readonly RuleSource[], rule: TrustRule): readonly RuleSource[] {
  const [own, others] = [sources.filter(isReaders), sources.filter((source) => !isReaders(source))];
  return [{ origin: 'user', rules: [...own.flatMap(({ rules }) => rules), rule] }, ...others];
}

/** The sources as they would be without a rule of the reader's. */
export function withoutRule(sources: readonly RuleSource[], rule: TrustRule): readonly RuleSource[] {
  return sources.map((source) =>
    isReaders(source) ? { ...source, rules: source.rules.filter((each) => !isSameRule(each, rule)) } : source,
  );
}

function isReaders({ origin }: RuleSource): boolean {
  return origin === 'user';
}
