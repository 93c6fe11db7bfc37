import type { RuleProblem } from '../core/trust/rules';
import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';

/** Why a rule was refused, for the person who wrote it. `value` is the part that is wrong. */
export function ruleProblemText(problem: RuleProblem, value: string, l10n: Localizer): string {
  const shown = displayText(value);
  switch (problem) {
    case 'patternUnscoped':
      return l10n.t('"{0}" covers every registry. Start the pattern with one registry, such as docker.io.', shown);
    case 'patternWithoutRegistry':
      return l10n.t('"{0}" has no registry. Add one, as in docker.io/library/nginx.', shown);
    case 'patternWildcard':
      return l10n.t('In "{0}" a wildcard is not a whole path segment, or ** is not the last one.', shown);
    case 'patternNotCanonical':
      return l10n.t('"{0}" matches no repository: write it in its full form, in lower case.', shown);
    case 'ledger':
      return l10n.t('"{0}" is not a ledger: a ledger is a chain ID, a genesis hash and an address.', shown);
    case 'publisher':
      return l10n.t('"{0}" is not a publisher: a publisher is an address or an ID of 32 bytes.', shown);
    case 'publishersEmpty':
      return l10n.t('The rule names no publisher.');
    case 'publishersRepeated':
      return l10n.t('The rule names a publisher twice.');
    case 'threshold':
      return l10n.t('The threshold {0} is not between 1 and the number of publishers.', shown);
    case 'maximumViewAge':
      return l10n.t('The age {0} is not a number of seconds above 0.', shown);
  }
}
