import type { ErrorDetails } from '../core/errors';
import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';
import { ruleProblems } from '../core/trust/rules';
import { ruleProblemText } from './ruleProblemText';

/** Why a policy file is refused as a whole, for a person. */
export function policyFaultText(details: ErrorDetails, l10n: Localizer): string {
  const { rule = '?', problem, value = '' } = details;
  switch (details['reason']) {
    case 'tooLarge':
      return l10n.t('The policy file is refused: it is longer than 64 KiB or too deeply nested.');
    case 'syntax':
      return l10n.t('The policy file is refused: it is JSON that programs could read in different ways.');
    case 'duplicateKey':
      return l10n.t('The policy file is refused: it has a key twice in one object.');
    case 'unreadable':
      return l10n.t('The policy file is refused: it cannot be read, or it is not a file.');
    case 'shape':
      return value === ''
        ? l10n.t('The policy file is refused: it may contain only "version": 1 and a list of "rules".')
        : l10n.t('The policy file is refused: "{0}" is missing, of the wrong type or unknown.', displayText(value));
    case 'rule': {
      const known = ruleProblems.find((each) => each === problem);
      return known === undefined
        ? l10n.t(
            'The policy file is refused for its rule {0}: "{1}" is missing, of the wrong type or unknown.',
            rule,
            displayText(value),
          )
        : l10n.t('The policy file is refused for its rule {0}. {1}', rule, ruleProblemText(known, value, l10n));
    }
    case 'digest':
      return l10n.t('The policy file is refused: it is not the content that was asked for. Its sha256 is {0}', value);
    case 'damaged':
      return l10n.t('What you accepted for this folder cannot be read any more. Review its policy again.');
    case undefined:
    default:
      return l10n.t('That is not a valid policy file.');
  }
}
