import { displayText } from '../core/displayText';

/** Code points, at most. */
const maximumLength = 80;

/**
 * As `displayText`, and cut where it is longer than 80 characters: two texts that differ only after that look alike. So it is
 * for what other programs say at length and for nothing that a person decides by: the linter allows it in few files.
 */
export function shortText(text: string): string {
  // Cut before escaping as well: nobody gains by making us escape a megabyte.
  const shown = Array.from(displayText(text.slice(0, 2 * maximumLength + 2)));
  return shown.length > maximumLength ? `${shown.slice(0, maximumLength - 1).join('')}…` : shown.join('');
}
