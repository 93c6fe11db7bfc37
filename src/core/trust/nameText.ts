import { familiarName } from '../image/reference';
import { isContentName } from '../ledger/contentName';
import type { Localizer } from '../localizer';
import { displayText } from './displayText';

/** The name under which something was said. A reserved name is that of no image: it stands for a content under every name. */
export function nameText(name: { readonly repository: string; readonly tag: string }, l10n: Localizer): string {
  return isContentName(name) ? l10n.t('content {0}, whatever its name', name.tag) : displayText(familiarName(name));
}
