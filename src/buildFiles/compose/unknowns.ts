import type { Range, TextDocument } from 'vscode-languageserver-textdocument';
import { interpolate, type Lookup, type Part, type Span } from './composeInterpolation';
import type { PlacedText } from './composeScalar';

/** The private characters that stand for unknown values; no reference has any. */
const marks = /[\u{f0000}-\u{ffffd}]/gu;
const mostMarks = 16 * 30 * 30;

/**
 * In UTF-8 each has four bytes, and the last two are above A0: BuildKit, which reads flags byte by byte, takes 85 and A0 for white
 * space.
 */
function markOf(number: number): string {
  const rest = Math.min(number, mostMarks - 1);
  const [first, second, third] = [Math.floor(rest / 900), Math.floor(rest / 30) % 30, rest % 30];
  return String.fromCodePoint(0xf0000 + first * 0x1000 + (second + 0x21) * 0x40 + third + 0x21);
}

function numberOf(mark: string): number {
  const code = (mark.codePointAt(0) ?? 0) - 0xf0000;
  return (code >> 12) * 900 + (((code >> 6) & 0x3f) - 0x21) * 30 + (code & 0x3f) - 0x21;
}

interface Unknown {
  readonly name: string;
  readonly document: TextDocument;
  readonly range: Range;
}

/**
 * The values that a project does not have here. One is handed on as a mark, through merges and into Dockerfiles, and what holds
 * a mark in the end is not known.
 */
export class Unknowns {
  readonly #unknowns: Unknown[] = [];

  mark(name: string, { document }: { readonly document: TextDocument }, span: Span): string {
    this.#unknowns.push({ name, document, range: toRange(document, span) });
    return markOf(this.#unknowns.length - 1);
  }

  /** A mark for all of a text. */
  whole({ text, spanOf }: PlacedText, file: { readonly document: TextDocument }): string {
    return this.mark(text, file, spanOf(0, text.length));
  }

  /** What `text` holds of them, each at its place in `document` if it is there, else at `elsewhere`. */
  in(
    text: string,
    document: TextDocument,
    elsewhere: Range,
  ): readonly { readonly name: string; readonly range: Range }[] {
    const found = (text.match(marks) ?? []).flatMap((mark) => this.#unknowns[numberOf(mark)] ?? []);
    return found.map((one) => ({ name: one.name, range: one.document === document ? one.range : elsewhere }));
  }
}

export function isKnown(text: string): boolean {
  return text.search(marks) === -1;
}

/** A value with its variables filled in; what stands for an unknown one is a mark. What Compose refuses is one whole. */
export function fillInVariables(
  placed: PlacedText,
  file: { readonly document: TextDocument; readonly lookup: Lookup },
  unknowns: Unknowns,
): PlacedText {
  const { text } = placed;
  if (!text.includes('$')) return placed;
  const read = interpolate(text, file.lookup);
  if (read === undefined) {
    const whole = { start: 0, end: text.length };
    return { text: unknowns.whole(placed, file), spanOf: () => placed.spanOf(whole.start, whole.end), exact: false };
  }
  let length = 0;
  const parts: (Part & { readonly at: number })[] = read.map((part) => {
    const filled =
      part.unresolved.length === 0
        ? part.text
        : part.unresolved.map(({ name, start, end }) => unknowns.mark(name, file, placed.spanOf(start, end))).join('');
    const at = length;
    length += filled.length;
    return { ...part, text: filled, at };
  });
  return {
    text: parts.map((part) => part.text).join(''),
    spanOf: (start, end) => {
      const [first, last] = [partAt(parts, start), partAt(parts, Math.max(start, end - 1))];
      if (first === undefined || last === undefined) return placed.spanOf(0, text.length);
      return {
        start: placed.spanOf(first.start + (first.literal ? start - first.at : 0), first.end).start,
        end: placed.spanOf(last.start, last.literal ? last.start + end - last.at : last.end).end,
      };
    },
    exact: placed.exact,
  };
}

/** The last part that starts at `index` or before it: of those that are empty the one behind them. */
function partAt<T extends { readonly at: number }>(parts: readonly T[], index: number): T | undefined {
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((parts[middle]?.at ?? 0) <= index) low = middle + 1;
    else high = middle;
  }
  return parts[low - 1] ?? parts[0];
}

export function toRange(document: TextDocument, { start, end }: Span): Range {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}
