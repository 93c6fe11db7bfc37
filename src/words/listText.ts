import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';

/** Texts of others one after the other, escaped. */
export function list(items: readonly string[], l10n: Localizer): string {
  return phrases(items.map(displayText), l10n);
}

/** Texts of ours one after the other; what they have of others is escaped. */
export function phrases(items: readonly string[], l10n: Localizer): string {
  const [first = '', ...more] = items;
  return more.reduce((before, item) => l10n.t('{0}, {1}', before, item), first);
}

/** One after the other, with the space that the language puts between sentences. */
export function sentences(parts: readonly (string | undefined)[], l10n: Localizer): string {
  const [first = '', ...more] = parts.filter((part) => part !== undefined);
  return more.reduce((before, sentence) => l10n.t('{0} {1}', before, sentence), first);
}
