import type { Excerpt } from '../excerpt';

export interface Flags {
  /** `--name=value`, without the quotes and escape characters that held it together. */
  readonly flags: readonly Excerpt[];
  /** Index of what stands behind the flags, and behind white space of any kind. */
  readonly rest: number;
}

/**
 * The flags at the start of what stands behind a keyword, as BuildKit reads them (`extractBuilderFlags`): byte by byte, so
 * that every byte of a character counts as a character. The last byte of `à` is white space there, and a flag can follow it.
 */
export function readFlags(text: string, escape: string): Flags {
  const { flags, rest } = readWords(text, escape);
  const behind = /\P{White_Space}/u.exec(text.slice(rest));
  return { flags, rest: behind === null ? text.length : rest + behind.index };
}

function readWords(text: string, escape: string): Flags {
  const flags: Excerpt[] = [];
  let word: { text: string; at: number[] } | undefined;
  let quote = '';
  let quoted = false;
  let escaped = false;

  for (const { char, index, next } of bytesOf(text)) {
    const isSpace = /[\t-\r \x85\xa0]/.test(char);
    if (word === undefined) {
      if (isSpace) continue;
      if (!text.startsWith('--', index)) return { flags, rest: index };
      word = { text: '', at: [] };
    }
    if (!escaped && quote === '' && isSpace) {
      if (word.text === '--') return { flags, rest: next };
      if (quoted || word.text !== '') flags.push(inCharacters(word, text));
      word = undefined;
      quoted = false;
    } else if (!escaped && quote === '' && (char === '"' || char === "'")) {
      quote = char;
      quoted = true;
    } else if (!escaped && char === quote) {
      quote = '';
    } else if (!escaped && char === escape) {
      escaped = true;
    } else {
      word.text += char;
      word.at.push(index);
      escaped = false;
    }
  }
  if (word !== undefined && word.text !== '--' && (quoted || word.text !== '')) flags.push(inCharacters(word, text));
  return { flags, rest: text.length };
}

/** The value of a flag, where it is this one. */
export function flagValue({ text, at }: Excerpt, name: string): Excerpt | undefined {
  const start = name.length + 3;
  return text.startsWith(`--${name}=`) ? { text: text.slice(start), at: at.slice(start) } : undefined;
}

/** Bytes put together again: a variable that is not known, which is one character, has to come through. */
function inCharacters({ text, at }: Excerpt, source: string): Excerpt {
  if (!/[\x80-\xff]/.test(text)) return { text, at };
  const encoder = new TextEncoder();
  const parts: string[] = [];
  const places: number[] = [];
  for (let i = 0; i < at.length;) {
    const index = at[i] ?? 0;
    let end = i;
    while (end < at.length && at[end] === index) end += 1;
    const character = String.fromCodePoint(source.codePointAt(index) ?? 0);
    const part = encoder.encode(character).length === end - i ? character : text.slice(i, end);
    parts.push(part);
    places.push(...Array.from({ length: part.length }, () => index));
    i = end;
  }
  return { text: parts.join(''), at: places };
}

interface Byte {
  readonly char: string;
  readonly index: number;
  /** Index of the character behind the one that this byte belongs to. */
  readonly next: number;
}

function* bytesOf(text: string): Generator<Byte> {
  const encoder = new TextEncoder();
  for (let index = 0; index < text.length;) {
    const code = text.codePointAt(index) ?? 0;
    const next = index + (code > 0xffff ? 2 : 1);
    if (code < 0x80) yield { char: text.charAt(index), index, next };
    else {
      for (const byte of encoder.encode(text.slice(index, next))) {
        yield { char: String.fromCharCode(byte), index, next };
      }
    }
    index = next;
  }
}
