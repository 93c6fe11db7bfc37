/** A part of a longer text. Its characters may stand apart there: quotes and escape characters are left out. */
export interface Excerpt {
  readonly text: string;
  /** The index of each character in the longer text. */
  readonly at: readonly number[];
}

export function excerpt(text: string, start: number): Excerpt {
  return { text, at: Array.from({ length: text.length }, (_, i) => start + i) };
}

export function sliceExcerpt({ text, at }: Excerpt, start: number, end?: number): Excerpt {
  return { text: text.slice(start, end), at: at.slice(start, end) };
}
