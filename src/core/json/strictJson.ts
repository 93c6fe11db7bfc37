import { isWellFormed, type JsonObject, type JsonValue } from './canonicalJson';

export interface JsonLimits {
  readonly bytes: number;
  readonly depth: number;
}

/** Why bytes are no strict JSON. */
export type JsonFault =
  /** Not UTF-8, a byte order mark, or half of a surrogate pair. */
  | 'encoding'
  | 'syntax'
  /** An object has a key twice. */
  | 'duplicateKey'
  /** A number beyond ±(2^53 − 1). */
  | 'number'
  /** Larger or deeper than its reader is willing to read. */
  | 'tooLarge';

/** Not for people: each reader of files says in an error of its own what was not such JSON. */
export class StrictJsonError extends Error {
  override readonly name = 'StrictJsonError';
  readonly fault: JsonFault;

  constructor(fault: JsonFault, message: string, cause?: unknown) {
    super(message, { cause });
    this.fault = fault;
  }
}

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * Reads JSON (RFC 8259) in the one way in which nobody can read it differently. Where parsers are known to disagree it
 * refuses: an object with a key twice (after unescaping), bytes that are not UTF-8, a byte order mark, half of a
 * surrogate pair even when escaped, numbers beyond ±(2^53 − 1), anything after the value. Throws {@link StrictJsonError}.
 */
export function parseStrictJson(bytes: Uint8Array, limits: JsonLimits): JsonValue {
  if (bytes.length > limits.bytes) throw new StrictJsonError('tooLarge', `JSON of more than ${limits.bytes} bytes`);
  const text = decodeUtf8(bytes);
  let position = 0;

  const fail = (): never => {
    throw new StrictJsonError('syntax', `Not JSON at character ${position}`);
  };
  /** The text that a sticky `pattern` matches at the current position, which then moves behind it. */
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = position;
    const match = pattern.exec(text)?.[0];
    position += match?.length ?? 0;
    return match;
  };
  const space = /[ \t\n\r]*/y;
  /** All but quote, backslash and control characters. */
  const plain = /[ !#-[\]-\uffff]*/y;
  const hex = /[0-9a-fA-F]{4}/y;
  const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
  const word = /true|false|null/y;

  /** Skips white space and, when it comes next, `character`. */
  const skip = (character: string): boolean => {
    take(space);
    if (text[position] !== character) return false;
    position += 1;
    return true;
  };
  const expect = (character: string): void => {
    if (!skip(character)) fail();
  };

  const readString = (): string => {
    expect('"');
    let result = '';
    for (;;) {
      result += take(plain) ?? '';
      const next = text[position];
      position += 1;
      if (next === '"') break;
      if (next !== '\\') fail();
      const escape = text[position] ?? '';
      position += 1;
      result += escape === 'u' ? String.fromCharCode(parseInt(take(hex) ?? fail(), 16)) : (escapes[escape] ?? fail());
    }
    if (!isWellFormed(result)) throw new StrictJsonError('encoding', 'JSON with half of a surrogate pair');
    return result;
  };

  const readObject = (depth: number): JsonObject => {
    const members = new Map<string, JsonValue>();
    expect('{');
    if (skip('}')) return {};
    do {
      const key = readString();
      if (members.has(key)) throw new StrictJsonError('duplicateKey', `Key ${JSON.stringify(key)} twice in one object`);
      expect(':');
      members.set(key, readValue(depth));
    } while (skip(','));
    expect('}');
    return Object.fromEntries(members);
  };

  const readArray = (depth: number): readonly JsonValue[] => {
    const elements: JsonValue[] = [];
    expect('[');
    if (skip(']')) return elements;
    do elements.push(readValue(depth));
    while (skip(','));
    expect(']');
    return elements;
  };

  const readNumber = (): number => {
    // Zero has no sign for most who read JSON.
    const value = Number(take(number) ?? fail()) + 0;
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER)
      throw new StrictJsonError('number', 'A number that is not exact everywhere');
    return value;
  };

  const readValue = (depth: number): JsonValue => {
    if (depth > limits.depth) throw new StrictJsonError('tooLarge', `JSON deeper than ${limits.depth}`);
    take(space);
    const next = text[position];
    if (next === '{') return readObject(depth + 1);
    if (next === '[') return readArray(depth + 1);
    if (next === '"') return readString();
    const literal = take(word);
    return literal === undefined ? readNumber() : (JSON.parse(literal) as boolean | null);
  };

  const value = readValue(1);
  take(space);
  if (position < text.length) fail();
  return value;
}

function decodeUtf8(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new StrictJsonError('encoding', 'JSON that is not UTF-8', cause);
  }
  if (text.startsWith('\ufeff')) throw new StrictJsonError('encoding', 'JSON with a byte order mark');
  return text;
}
