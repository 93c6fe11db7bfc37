import { familiarName, formatReference } from '../core/image/reference';
import { isContentName } from '../core/ledger/contentName';
import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';

/** The name under which something was said, whole where its usual form leaves a part out. A reserved name is that of no image: it stands for a content under every name. */
export function nameText(name: { readonly repository: string; readonly tag: string }, l10n: Localizer): string {
  if (isContentName(name)) return l10n.t('content {0}, whatever its name', name.tag);
  const [usual, whole] = [displayText(familiarName(name)), displayText(formatReference(name))];
  return usual === whole ? whole : l10n.t('{0} ({1})', usual, whole);
}
