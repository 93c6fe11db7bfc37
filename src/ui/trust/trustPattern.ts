import { hasWrongChecksum } from '../../core/checksumAddress';
import type { Localizer } from '../../core/localizer';
import { displayText } from '../../core/trust/displayText';
import { ruleProblemText } from '../../core/trust/explain';
import { coveringRules, matches, parsePublisher, patternProblem, type TrustRule } from '../../core/trust/rules';
import type { LedgerKey, PublisherId } from '../../core/ledger/types';

/**
 * The pattern to propose for a repository: everything in its namespace. Docker Hub's `library` belongs to nobody who
 * signs here (a name without a namespace ends up there), so only the repository itself is proposed.
 */
export function namespacePattern(repository: string): string {
  const namespace = repository.slice(0, repository.lastIndexOf('/'));
  return namespace === 'docker.io/library' ? repository : `${namespace}/*`;
}

/**
 * Patterns under which a wallet would have to be trusted for these repositories to be believed: none where a rule names
 * it already. Where other rules decide, theirs, since a wider pattern would not count.
 */
export function missingTrust(
  repositories: readonly string[],
  publisher: PublisherId,
  ledger: LedgerKey,
  rules: readonly TrustRule[],
): readonly string[] {
  const patterns = repositories.flatMap((repository) => {
    const covering = coveringRules([{ origin: 'user', rules }], repository, ledger).flatMap((each) => each.rules);
    if (covering.some(({ publishers }) => publishers.includes(publisher))) return [];
    return [covering[0]?.repositories ?? namespacePattern(repository)];
  });
  return [...new Set(patterns)];
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
    ? l10n.t('A digit of this address is wrong: its letters do not have the case that checks it.')
    : undefined;
}
