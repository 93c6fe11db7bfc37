import { hasWrongChecksum } from '../../core/checksumAddress';
import type { Localizer } from '../../words/localizer';
import { displayText } from '../../core/displayText';
import {
  coveringRules,
  matches,
  parsePublisher,
  patternProblem,
  type AcceptedKind,
  type TrustRule,
} from '../../core/trust/rules';
import type { LedgerKey, PublisherId } from '../../core/ledger/types';
import { ruleProblemText } from '../../words/ruleProblemText';

/**
 * The pattern to propose for a repository: everything in its namespace. Docker Hub's `library` belongs to nobody who
 * signs here (a name without a namespace ends up there), so only the repository itself is proposed.
 */
export function namespacePattern(repository: string): string {
  const namespace = repository.slice(0, repository.lastIndexOf('/'));
  return namespace === 'docker.io/library' ? repository : `${namespace}/*`;
}

/**
 * Patterns under which a publisher would have to be trusted for what it says of these repositories: none where a rule
 * names it already. Where other rules decide, theirs, since a wider pattern would not count.
 */
export function missingTrust(
  repositories: readonly string[],
  publisher: PublisherId,
  accept: AcceptedKind,
  ledger: LedgerKey,
  rules: readonly TrustRule[],
): readonly string[] {
  const patterns = repositories.flatMap((repository) => {
    const covering = coveringRules([{ origin: 'user', rules }], repository).flatMap((each) => each.rules);
    const here = covering.filter((rule) => rule.ledger === ledger);
    if (here.some((rule) => rule.accept === accept && rule.publishers.includes(publisher))) return [];
    if (accept === 'vouch') return [exactFor(covering[0]?.repositories, repository)];
    return [covering[0]?.repositories ?? namespacePattern(repository)];
  });
  return [...new Set(patterns)];
}

/** What somebody else makes was checked for one repository; a wildcard over Docker Hub's `library` would be everybody's. */
function exactFor(covering: string | undefined, repository: string): string {
  return covering === undefined || covering.startsWith('docker.io/library/') ? repository : covering;
}

/** What is wrong with a pattern that a person typed, or undefined. `repository` is what it should match, if anything. */
export function patternError(pattern: string, repository: string | undefined, l10n: Localizer): string | undefined {
  const problem = patternProblem(pattern);
  if (problem !== undefined) return ruleProblemText(problem, pattern, l10n);
  return repository === undefined || matches(pattern, repository)
    ? undefined
    : l10n.t('This does not cover {0}.', displayText(repository));
}

/** What is wrong with a publisher that a person typed or pasted, or undefined. */
export function publisherError(text: string, l10n: Localizer): string | undefined {
  if (parsePublisher(text) === undefined) return ruleProblemText('publisher', text, l10n);
  return hasWrongChecksum(text.trim())
    ? l10n.t('This address contains a typing error: the case of its letters does not match its checksum.')
    : undefined;
}

/** Publishers as a person typed them, with commas or white space between. */
export function splitPublishers(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((each) => each !== '');
}

/** What is wrong with one or more publishers that a person typed or pasted, or undefined. */
export function publishersError(text: string, l10n: Localizer): string | undefined {
  const given = splitPublishers(text);
  if (given.length < 2) return publisherError(text, l10n);
  const problem = given.map((each) => publisherError(each, l10n)).find((each) => each !== undefined);
  const isRepeated = new Set(given.map(parsePublisher)).size < given.length;
  return problem ?? (isRepeated ? ruleProblemText('publishersRepeated', '', l10n) : undefined);
}
