/**
 * Only a text with one of these characters can need an escape: most texts have none and are spared the rest of the
 * work.
 */
const unusual = /[^ -~]|\\|[$\]]\(|^ | {2}| $/;

/**
 * What must not reach a screen as it is, whatever stands beside it:
 * - control, format (bidirectional, zero-width), surrogate, private and unassigned characters, and what is drawn as nothing;
 * - letters and digits that are written from right to left, because what stands beside them changes places on the screen;
 * - white space but for single spaces inside a text, and characters that only look like a space;
 * - the backslash and what looks like one, so that no text looks like the escape of another;
 * - the start of `$(verified)`, as which the editor would draw an icon, and of `](https://…)`, which it would make a link.
 */
const hazards = [
  String.raw`[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]`,
  String.raw`[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]`,
  String.raw`(?! )\p{White_Space}|^ | $|(?<= ) |[\u2800\ufffc\u{1d159}]`,
  String.raw`[\\\u2216\u27cd\u29f5\u29f9\u2f02\u31d4\ufe68\uff3c\u{1d20f}\u{1d23b}]`,
  String.raw`[$\]](?=\()`,
];
const hazard = new RegExp(hazards.join('|'), 'gu');

/**
 * Text from the chain, a registry, an archive or a file, as it may be shown: whole, and so that no two texts look alike.
 * Every character that could mislead is written out (`\u{202e}`, and `\\` for the escape's own sign); what is left can be
 * read back to the one text that it came from. What stays are letters of several alphabets that look alike: no escape could
 * tell them apart without writing out an alphabet. Markdown and HTML have to be escaped by whoever writes them.
 */
export function displayText(text: string): string {
  return unusual.test(text) ? composed(text.replace(hazard, escaped)) : text;
}

/**
 * One text where Unicode has several that are drawn alike, such as one character and the same in parts: only the first is
 * shown as it is. A mark needs a letter below it, and no more than one other mark.
 */
function composed(text: string): string {
  let shown = '';
  /** What the next character could merge with: the last one that is shown as it is, with its marks. */
  let last = '';
  for (const character of text) {
    const isMark = character > '~' && /\p{M}/u.test(character);
    const together = last + character;
    const isPlain =
      character <= '~' || ((!isMark || /^\p{L}\p{M}?$/u.test(last)) && together.normalize('NFC') === together);
    shown += isPlain ? character : escaped(character);
    last = !isPlain ? '' : isMark ? together : character;
  }
  return shown;
}

function escaped(character: string): string {
  return character === '\\' ? '\\\\' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
