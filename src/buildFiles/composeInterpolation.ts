/** Offsets in a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A part of a value of a Compose file: what it becomes, and the part of the value that it comes from. */
export interface Part extends Span {
  readonly text: string;
  /** Character by character as written. */
  readonly literal: boolean;
  /** The variables that keep `text` from being known. Empty: it is. */
  readonly unresolved: readonly (Span & { readonly name: string })[];
}

const name = /[A-Za-z_][A-Za-z0-9_]*/y;
const operator = /:?[-+?]|\}/y;

/**
 * Fills in the variables of a value as Compose does (`template` of compose-go) where none is set: neither the environment
 * that Compose will run in nor its `.env` is known here, so only defaults count. Undefined where Compose reports an error.
 */
export function interpolate(value: string): readonly Part[] | undefined {
  let at = 0;
  return readParts(false);

  /** Up to the end of the value, or over the brace that closes a default. */
  function readParts(braced: boolean): Part[] | undefined {
    const parts: Part[] = [];
    while (at < value.length) {
      const start = at;
      if (braced && value.charAt(at) === '}') {
        at += 1;
        return parts;
      }
      const part = value.charAt(at) === '$' ? readDollar(start) : readLiteral(start, braced);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return braced ? undefined : parts;
  }

  function readLiteral(start: number, braced: boolean): Part {
    let depth = 0;
    for (; at < value.length && value.charAt(at) !== '$'; at += 1) {
      if (!braced) continue;
      const char = value.charAt(at);
      if (char === '}' && depth === 0) break;
      depth += char === '{' ? 1 : char === '}' ? -1 : 0;
    }
    return { text: value.slice(start, at), start, end: at, literal: true, unresolved: [] };
  }

  function readDollar(start: number): Part | undefined {
    at += 1;
    const next = value.charAt(at);
    if (next === '$') {
      at += 1;
      return { text: '$', start, end: at, literal: false, unresolved: [] };
    }
    if (next === '{') {
      at += 1;
      return readBraced(start);
    }
    const plain = take(name);
    if (plain === undefined) return { text: '$', start, end: at, literal: true, unresolved: [] };
    return unknown(plain, start);
  }

  function readBraced(start: number): Part | undefined {
    const variable = take(name);
    const sign = variable === undefined ? undefined : take(operator);
    if (variable === undefined || sign === undefined) return undefined;
    if (sign === '}') return unknown(variable, start);
    const word = readParts(true);
    if (word === undefined) return undefined;
    if (sign.endsWith('?')) return unknown(variable, start);
    const used = sign.endsWith('-') ? word : [];
    return {
      text: used.map(({ text }) => text).join(''),
      start,
      end: at,
      literal: false,
      unresolved: used.flatMap(({ unresolved }) => unresolved),
    };
  }

  function unknown(variable: string, start: number): Part {
    return { text: '', start, end: at, literal: false, unresolved: [{ name: variable, start, end: at }] };
  }

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(value)?.[0];
    at += found?.length ?? 0;
    return found;
  }
}
