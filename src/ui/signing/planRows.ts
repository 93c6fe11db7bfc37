import type { ConfirmationLine } from './confirmation';

/** Columns of a quick pick of the usual width, beside its icon; the detail is written smaller. What is longer it cuts off. */
const labelColumns = 60;
const detailColumns = 80;
/** The icon of what goes on from the row above. */
const blank = '$(blank)';

/**
 * Lines as rows of which a quick pick cuts nothing off: what does not fit goes on in rows of its own below. A person can pick
 * the first row of a line.
 */
export function planRows<D>(lines: readonly ConfirmationLine<D>[]): readonly ConfirmationLine<D>[] {
  return lines.flatMap((line): readonly ConfirmationLine<D>[] => {
    const { label, description, detail = '', decision } = line;
    const [, icon = '', text = ''] = /^(\$\([a-z~-]+\) ?)?(.*)$/s.exec(label) ?? [];
    const isBelow = icon.startsWith(blank) && description === '' && detail === '' && decision === undefined;
    if (isBelow && columnsOf(text) > labelColumns)
      return [titledRow(text) ?? pieces(text, detailColumns).map(detailRow)].flat();
    const [first = '', ...more] = pieces(text, labelColumns);
    const fits = more.length === 0 && columnsOf(first) + columnsOf(description) < labelColumns;
    const details = [...(fits ? [] : pieces(description, detailColumns)), ...pieces(detail, detailColumns)];
    const beside = more.length === 0 ? details[0] : undefined;
    return [
      {
        label: `${icon}${first}`,
        description: fits ? description : '',
        ...(beside !== undefined && { detail: beside }),
        ...(decision !== undefined && { decision }),
      },
      ...more.map((piece) => ({ label: `${blank} ${piece}`, description: '' })),
      ...details.slice(beside === undefined ? 0 : 1).map(detailRow),
    ];
  });
}

/** An id or a digest that does not fit beside its title, in the same row: none stands alone. */
function titledRow(text: string): ConfirmationLine<never> | undefined {
  const [, title = '', value = ''] = /^(.+ )([^ ]+)$/s.exec(text) ?? [];
  const isTitled = isValue(value) && columnsOf(title) <= labelColumns && columnsOf(value) <= detailColumns;
  return isTitled && columnsOf(text) > detailColumns
    ? { label: `${blank} ${title}`, description: '', detail: value }
    : undefined;
}

function detailRow(detail: string): ConfirmationLine<never> {
  return { label: blank, description: '', detail };
}

/** A text in pieces of so many columns at most, between two words unless a word is longer than that; none for no text. */
function pieces(text: string, columns: number): readonly string[] {
  const found: string[] = [];
  let [piece, width] = ['', 0];
  for (const word of wordsOf(text, columns)) {
    for (const part of columnsOf(piece + word) > columns && columnsOf(word) <= columns ? [word] : Array.from(word)) {
      const more = columnsOf(part);
      if (width + more > columns) {
        found.push(piece);
        [piece, width] = ['', 0];
      }
      piece += part;
      width += more;
    }
  }
  return piece === '' ? found : [...found, piece];
}

/** Words; one before an id or a digest says what that is, and stays with it. */
function wordsOf(text: string, columns: number): readonly string[] {
  const words: string[] = [];
  for (const word of text.match(/[^ ]* ?/g) ?? []) {
    const before = words.at(-1) ?? '';
    const isTitle = isValue(word) && !isValue(before) && columnsOf(before + word) <= columns;
    if (isTitle) words.pop();
    words.push(isTitle ? before + word : word);
  }
  return words;
}

/** As long as an address or longer. */
function isValue(word: string): boolean {
  return word.length >= 42;
}

/** East Asian characters and most signs of no alphabet are twice as wide as a Latin letter. */
function columnsOf(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + (character > '\u10ff' ? 2 : 1), 0);
}
