/**
 * Quotes, escapes and variables of a Dockerfile word, as BuildKit reads them (`frontend/dockerfile/shell`). Two steps, so
 * that one reading serves both users: a lexed word keeps where each part stands, and expanding it needs no text.
 */

/** What follows the name in `${name…}`. `other` (`#`, `%`, `/`) is read over and never computed. */
type Operator = '' | '-' | ':-' | '+' | ':+' | '?' | ':?' | 'other';

/** `start` and `end` are offsets in the lexed source; `quoted` parts are not split at white space. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
}

export interface VariablePiece extends Span {
  readonly type: 'variable';
  readonly name: string;
  readonly operator: Operator;
  readonly word: readonly Piece[];
}

export type Piece = (Span & { readonly type: 'text'; readonly value: string }) | VariablePiece;

const hereDocument = /<<[ \t\r]*/y;
const namePattern = /[0-9]+|[@*#?$!-]|[\p{L}_][\p{L}\p{Nd}_]*/uy;

/** The parts of `source`, or undefined where BuildKit reports a syntax error. */
export function lexWord(source: string, escape: string): readonly Piece[] | undefined {
  let at = 0;

  function text(value: string, start: number, quoted: boolean): Piece {
    return { type: 'text', value, start, end: at, quoted };
  }

  function readUntil(stop: string | undefined, quoted: boolean): Piece[] | undefined {
    const pieces: Piece[] = [];
    while (at < source.length) {
      const start = at;
      const char = source.charAt(at);
      if (char === stop) {
        at += 1;
        return pieces;
      }
      const read = readPart(char, start, stop, quoted);
      if (read === undefined) return undefined;
      pieces.push(...read);
    }
    return stop === undefined ? pieces : undefined;
  }

  function readPart(
    char: string,
    start: number,
    stop: string | undefined,
    quoted: boolean,
  ): readonly Piece[] | undefined {
    if (char === '$') return readVariable(start, quoted);
    if (char === escape) {
      const next = source.charAt(at + 1);
      // Between double quotes only these are escaped; before others the escape character is itself.
      const literal = quoted && next !== '"' && next !== '$' && next !== escape;
      at = Math.min(at + (literal ? 1 : 2), source.length);
      return [text(literal ? char : next, start, true)];
    }
    if (!quoted && char === "'") {
      const close = source.indexOf("'", at + 1);
      if (close === -1) return undefined;
      at = close + 1;
      return [text(source.slice(start + 1, close), start, true)];
    }
    if (!quoted && char === '"') {
      at += 1;
      const opening = text('', start, true);
      const inside = readUntil('"', true);
      return inside && [opening, ...inside, { ...opening, start: at - 1, end: at }];
    }
    // White space belongs to the sign of a here-document before it.
    hereDocument.lastIndex = at;
    const sign = quoted ? char : (hereDocument.exec(source)?.[0] ?? char);
    at += sign.length;
    if (sign.length > 1) return [text(sign, start, true)];
    while (at < source.length && !isSpecial(source.charAt(at), stop)) at += 1;
    return [text(source.slice(start, at), start, quoted)];
  }

  function isSpecial(char: string, stop: string | undefined): boolean {
    return '$"\'<'.includes(char) || char === escape || char === stop;
  }

  function readName(): string {
    namePattern.lastIndex = at;
    const name = namePattern.exec(source)?.[0] ?? '';
    at += name.length;
    return name;
  }

  function readVariable(start: number, quoted: boolean): readonly Piece[] | undefined {
    at += 1;
    if (source.charAt(at) !== '{') {
      const name = readName();
      return [name === '' ? text('$', start, quoted) : variable(name, '', [])];
    }
    at += 1;
    const name = readName();
    const operator = /[}]|:?[-+?#%]|\//y;
    operator.lastIndex = at;
    const sign = operator.exec(source)?.[0];
    if (name === '' || sign === undefined) return undefined;
    at += sign.length;
    if (sign === '}') return [variable(name, '', [])];
    if (sign === '/' && readUntil('/', false) === undefined) return undefined;
    const word = readUntil('}', false);
    return word && [variable(name, /[#%/]/.test(sign) ? 'other' : (sign as Operator), word)];

    function variable(name: string, operator: Operator, word: readonly Piece[]): VariablePiece {
      return { type: 'variable', name, operator, word, start, end: at, quoted };
    }
  }

  return readUntil(undefined, false);
}

/** The words of a lexed source: white space that is neither quoted nor escaped separates them. */
export function splitWords(pieces: readonly Piece[]): readonly { readonly start: number; readonly end: number }[] {
  const words: { start: number; end: number }[] = [];
  let open = false;
  const extend = (start: number, end: number): void => {
    const last = words.at(-1);
    if (open && last) last.end = end;
    else words.push({ start, end });
    open = true;
  };
  for (const piece of pieces) {
    if (piece.type === 'variable' || piece.quoted) {
      extend(piece.start, piece.end);
      continue;
    }
    for (let i = 0; i < piece.value.length; i += 1) {
      if (/\s/.test(piece.value.charAt(i))) open = false;
      else extend(piece.start + i, piece.start + i + 1);
    }
  }
  return words;
}

/** Values of variables. A name that is absent has none; `null` means that it has one, known only while building. */
export type Variables = ReadonlyMap<string, string | null>;

export interface Expansion {
  readonly text: string;
  /** The variables that kept `text` from being what the builder will see. Empty: it is. */
  readonly unresolved: readonly VariablePiece[];
}

export function expand(pieces: readonly Piece[], variables: Variables): Expansion {
  const parts = pieces.map((piece): Expansion => {
    if (piece.type === 'text') return { text: piece.value, unresolved: [] };
    const value = variables.get(piece.name);
    const missing = { text: '', unresolved: [piece] };
    if (value === null || piece.operator === 'other') return missing;
    const unset = value === undefined || (value === '' && piece.operator.startsWith(':'));
    switch (piece.operator) {
      case '-':
      case ':-':
        return unset ? expand(piece.word, variables) : { text: value, unresolved: [] };
      case '+':
      case ':+':
        return unset ? { text: '', unresolved: [] } : expand(piece.word, variables);
      case '':
      case '?':
      case ':?':
        return unset ? missing : { text: value, unresolved: [] };
    }
  });
  return { text: parts.map((part) => part.text).join(''), unresolved: parts.flatMap((part) => part.unresolved) };
}
