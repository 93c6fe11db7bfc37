/** Code points of an escaped text, at most. */
const maximumLength = 80;

/**
 * What must not reach a screen as it is: control, format (bidirectional, zero-width), surrogate, private and unassigned
 * characters, whatever is drawn as nothing, white space that is not a space, and marks piled on marks. The backslash too,
 * so that an escape cannot be forged, and the start of `$(verified)`, as which the editor would draw an icon.
 */
const hazard =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\\]|\$(?=\()|(?! )\p{White_Space}|^\p{M}|(?<=\p{M}{2})\p{M}/gu;

/**
 * Text from the chain, a registry, an archive or a file, as it may be shown: every hazardous character is written out
 * (`\u{202e}`), and what is longer than 80 characters is cut. Markdown and HTML have to be escaped by whoever writes them.
 */
export function displayText(text: string): string {
  // Cut before escaping as well: nobody gains by making us escape a megabyte.
  const start = text.slice(0, 2 * maximumLength + 2);
  const escaped = Array.from(escapedText(start));
  return escaped.length > maximumLength ? `${escaped.slice(0, maximumLength - 1).join('')}…` : escaped.join('');
}

/** The same for a text that must not be cut, because a person acts on the whole of it. */
export function escapedText(text: string): string {
  return text.replace(hazard, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return character === '\\' ? '\\\\' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
