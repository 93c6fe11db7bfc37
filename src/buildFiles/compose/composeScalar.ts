import type { Scalar } from 'yaml';
import type { Span } from './composeInterpolation';

/** A value of a YAML file, and where in the file it stands. */
export interface PlacedText {
  readonly text: string;
  /** Where `text[start]` to `text[end]` stands; the whole value where that cannot be told. */
  readonly spanOf: (start: number, end: number) => Span;
  /** Whether every character has its own place: neither escapes nor folded lines. */
  readonly exact: boolean;
}

export function placeScalar(source: string, { value, range, type }: Scalar): PlacedText {
  const [start, end] = range ?? [0, 0];
  const text = String(value);
  const written = source.slice(start, end);
  const offsetAt = type === 'BLOCK_LITERAL' ? literalOffsets(written, text) : lineOffsets(written, text);
  if (offsetAt === undefined) return { text, spanOf: () => ({ start, end }), exact: false };
  return {
    text,
    spanOf: (from, to) => {
      const first = start + offsetAt(from);
      return { start: first, end: to > from ? start + offsetAt(to - 1) + 1 : first };
    },
    exact: true,
  };
}

type OffsetAt = (index: number) => number;

/** For a plain or quoted value whose text is exactly its meaning. */
function lineOffsets(written: string, text: string): OffsetAt | undefined {
  if (written === text) return (index) => index;
  return /^(?:"[^]*"|'[^]*')$/.test(written) && written.slice(1, -1) === text ? (index) => index + 1 : undefined;
}

/** Of a block that keeps its line ends (`|`): behind its indentation each line is written as it is meant. */
function literalOffsets(written: string, text: string): OffsetAt | undefined {
  const starts: { readonly index: number; readonly offset: number }[] = [];
  let offset = written.indexOf('\n') + 1;
  let index = 0;
  for (const line of text.split('\n')) {
    const lineEnd = written.indexOf('\n', offset);
    const next = lineEnd === -1 ? written.length : lineEnd + 1;
    const content = written.slice(offset, next).replace(/\r?\n$/, '');
    const indentation = content.slice(0, Math.max(content.length - line.length, 0));
    if (line !== '' && (indentation.trim() !== '' || indentation + line !== content)) return undefined;
    starts.push({ index, offset: line === '' ? offset : offset + indentation.length });
    index += line.length + 1;
    offset = next;
  }
  return (at) => {
    // The last line that starts at `at` or before it; a Dockerfile has many.
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle]?.index ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    const line = starts[low - 1] ?? { index: 0, offset: 0 };
    return line.offset + at - line.index;
  };
}
