import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';
import type { LookAlike } from '../core/trust/lookAlike';
import { sentences } from './listText';

/** What a name looks like, and how: one or more sentences. */
export function lookAlikeText(lookAlike: LookAlike, l10n: Localizer): string {
  if (lookAlike.how === 'letters') {
    const { codePoints, of } = lookAlike;
    return sentences(
      [
        l10n.t('Image names have Latin letters only; this one has {0}.', codePoints.join(' ')),
        of === undefined ? undefined : l10n.t('Did you mean {0}?', displayText(of)),
      ],
      l10n,
    );
  }
  return sentences(
    [
      l10n.t('Did you mean {0}?', displayText(lookAlike.of)),
      difference(lookAlike, l10n),
      l10n.t('Such a name can belong to somebody else.'),
    ],
    l10n,
  );
}

function difference(lookAlike: Exclude<LookAlike, { how: 'letters' }>, l10n: Localizer): string {
  switch (lookAlike.how) {
    case 'punycode':
      return l10n.t('The name of this registry stands for {0}.', displayText(lookAlike.host));
    case 'shapes':
      return l10n.t('Letters in this name only look like those.');
    case 'slip':
      return l10n.t('One letter of this name differs.');
    case 'host':
      return l10n.t('The registry of this name differs.');
  }
}
