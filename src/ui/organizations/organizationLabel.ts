import type { Localizer } from '../../words/localizer';
import { publisherLabel } from '../../words/publisherText';
import type { Organization } from '../../core/ports/ledger';

/**
 * Its name, escaped, and never without its short id, since anybody can take any name. For rows, titles and what is told; a
 * plan has the whole id.
 */
export function organizationLabel({ id, name }: Organization, l10n: Localizer): string {
  return publisherLabel(id, l10n, name);
}
