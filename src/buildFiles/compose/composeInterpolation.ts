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

/** The value of a variable; undefined where it has none. */
export type Lookup = (name: string) => string | undefined;

const name = /[A-Za-z_][A-Za-z0-9_]*/y;
const operator = /:?[-+?]|\}/y;

/** Characters that come from variables, in one value. */
const longest = 128 * 1024;

/** Defaults in defaults are followed so deep; people's files have two. */
const deepest = 100;

/**
 * Fills in the variables of a value as Compose does (`template` of compose-go), except that a variable without a value is
 * unresolved, where Compose takes it for empty and warns. Undefined where Compose reports an error.
 */
export function interpolate(value: string, lookup: Lookup): readonly Part[] | undefined {
  let at = 0;
  let filled = 0;
  return readParts(0);

  /** Up to the end of the value, or over the brace that closes a default. */
  function readParts(depth: number): Part[] | undefined {
    if (depth > deepest) return undefined;
    const parts: Part[] = [];
    while (at < value.length) {
      const start = at;
      if (depth > 0 && value.charAt(at) === '}') {
        at += 1;
        return parts;
      }
      const part = value.charAt(at) === '$' ? readDollar(start, depth) : readLiteral(start, depth);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return depth > 0 ? undefined : parts;
  }

  function readLiteral(start: number, depth: number): Part {
    let braces = 0;
    for (; at < value.length && value.charAt(at) !== '$'; at += 1) {
      if (depth === 0) continue;
      const char = value.charAt(at);
      if (char === '}' && braces === 0) break;
      braces += char === '{' ? 1 : char === '}' ? -1 : 0;
    }
    return { text: value.slice(start, at), start, end: at, literal: true, unresolved: [] };
  }

  function readDollar(start: number, depth: number): Part | undefined {
    at += 1;
    const next = value.charAt(at);
    if (next === '$') {
      at += 1;
      return { text: '$', start, end: at, literal: false, unresolved: [] };
    }
    if (next === '{') {
      at += 1;
      return readBraced(start, depth);
    }
    const plain = take(name);
    if (plain === undefined) return { text: '$', start, end: at, literal: true, unresolved: [] };
    return valueOf(plain, lookup(plain), start);
  }

  function readBraced(start: number, depth: number): Part | undefined {
    const variable = take(name);
    const sign = variable === undefined ? undefined : take(operator);
    if (variable === undefined || sign === undefined) return undefined;
    const own = lookup(variable);
    if (sign === '}') return valueOf(variable, own, start);
    const word = readParts(depth + 1);
    if (word === undefined) return undefined;
    const isSet = own !== undefined && (own !== '' || !sign.startsWith(':'));
    if (sign.endsWith('?')) return valueOf(variable, isSet ? own : undefined, start);
    const isWordUsed = sign.endsWith('-') ? !isSet : isSet;
    // An alternative that is not used leaves what the variable has: nothing.
    if (!isWordUsed) return valueOf(variable, own ?? '', start);
    return {
      text: word.map(({ text }) => text).join(''),
      start,
      end: at,
      literal: false,
      unresolved: word.flatMap(({ unresolved }) => unresolved),
    };
  }

  function valueOf(variable: string, own: string | undefined, start: number): Part {
    filled += own?.length ?? 0;
    // Variables in variables double a text with every line.
    const isKnown = own !== undefined && filled <= longest;
    const unresolved = isKnown ? [] : [{ name: variable, start, end: at }];
    return { text: isKnown ? own : '', start, end: at, literal: false, unresolved };
  }

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(value)?.[0];
    at += found?.length ?? 0;
    return found;
  }
}
