import type { ConfirmationLine } from './confirmation';

/** Columns of a quick pick of the usual width, beside its icon, and of its detail: a digest just fits. What is longer it cuts off. */
const labelColumns = 60;
const detailColumns = 71;
/** The icon of what goes on from the row above. */
const blank = '$(blank)';

/** A part of a text that is shown in one row; `title` says what an id or a digest is that leaves no room beside it. */
interface Piece {
  readonly title?: string;
  readonly text: string;
}

/**
 * Lines as rows that a quick pick does not cut off: what is too long continues in rows below. A person can pick the
 * first row of a line.
 */
export function planRows<D>(lines: readonly ConfirmationLine<D>[]): readonly ConfirmationLine<D>[] {
  return lines.flatMap((line): readonly ConfirmationLine<D>[] => {
    const { label, description, detail = '', decision } = line;
    const [, icon = '', text = ''] = /^(\$\([a-z~-]+\) ?)?(.*)$/s.exec(label) ?? [];
    const isBelow = icon.startsWith(blank) && description === '' && detail === '' && decision === undefined;
    if (isBelow && columnsOf(text) > labelColumns) return pieces(text, detailColumns).flatMap(rowsBelow);
    const [first = { text: '' }, ...more] = pieces(text, labelColumns);
    const fits = more.length === 0 && columnsOf(textOf(first)) + columnsOf(description) < labelColumns;
    const details = [...(fits ? [] : pieces(description, detailColumns)), ...pieces(detail, detailColumns)];
    const [next] = details;
    const beside = more.length === 0 && next?.title === undefined ? next?.text : undefined;
    return [
      {
        label: `${icon}${textOf(first)}`,
        description: fits ? description : '',
        ...(beside !== undefined && { detail: beside }),
        ...(decision !== undefined && { decision }),
      },
      ...more.map(labelRow),
      ...details.slice(beside === undefined ? 0 : 1).flatMap(rowsBelow),
    ];
  });
}

/** Words go on as words: only what is too long for a label stands below one, which is a gap where there is no title. */
function rowsBelow(piece: Piece): readonly ConfirmationLine<never>[] {
  if (piece.title !== undefined) return [detailRow(piece)];
  const parts = pieces(piece.text, labelColumns);
  return parts.some(({ text }) => isValue(text)) ? [detailRow(piece)] : parts.map(labelRow);
}

function labelRow(piece: Piece): ConfirmationLine<never> {
  return { label: `${blank} ${textOf(piece)}`, description: '' };
}

function detailRow({ title, text }: Piece): ConfirmationLine<never> {
  return { label: title === undefined ? blank : `${blank} ${title}`, description: '', detail: text };
}

function textOf({ title = '', text }: Piece): string {
  return title + text;
}

/**
 * A text in pieces of so many columns at most, between two words unless a word is longer than that; none for no text. An id
 * or a digest is never in another row than the word that says what it is.
 */
function pieces(text: string, columns: number): readonly Piece[] {
  const found: Piece[] = [];
  let piece = '';
  const flush = (): void => {
    if (piece !== '') found.push({ text: piece });
    piece = '';
  };
  for (const word of text.match(/[^ ]+ ?| /g) ?? []) {
    if (columnsOf(piece + word) <= columns) {
      piece += word;
      continue;
    }
    // What a line is indented by goes with its first word.
    const [, before = '', title = ''] = /^(.*?)((?:^ +)?[^ ]+ )$/s.exec(piece) ?? [];
    const isTitled = isValue(word) && !isValue(title) && title !== '' && columnsOf(word.trimEnd()) <= columns;
    piece = isTitled ? before : piece;
    flush();
    if (isTitled && columnsOf(title + word) > columns) found.push({ title, text: word });
    else if (isTitled) piece = title + word;
    else
      for (const character of columnsOf(word) <= columns ? [word] : Array.from(word)) {
        if (columnsOf(piece + character) > columns) flush();
        piece += character;
      }
  }
  flush();
  return found;
}

/** As long as an address or longer. */
function isValue(word: string): boolean {
  return /^[^ ]{42,} ?$/.test(word);
}

/** East Asian characters and most signs of no alphabet are twice as wide as a Latin letter. */
function columnsOf(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + (character > '\u10ff' ? 2 : 1), 0);
}
