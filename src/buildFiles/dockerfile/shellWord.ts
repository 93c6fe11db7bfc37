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

/** What Go's `unicode.IsSpace` takes for white space; the `\s` of JavaScript knows one less and one more. */
export const space = /\p{White_Space}/u;

const hereDocument = /<<[ \t\r]*/y;
const namePattern = /[0-9]+|[@*#?$!-]|[\p{L}_][\p{L}\p{Nd}_]*/uy;
const operatorPattern = /[}]|:?[-+?#%]|\//y;

/** What is open while a source is read: the whole, a pair of double quotes, or braces. */
interface Frame {
  /** The character that ends it; the whole ends with the source. */
  readonly stop?: '"' | '/' | '}';
  readonly quoted: boolean;
  readonly pieces: Piece[];
  /** What its pieces belong to. */
  readonly variable?: Pick<VariablePiece, 'name' | 'operator' | 'start' | 'quoted'>;
}

/**
 * The parts of `source`, or undefined where BuildKit reports a syntax error. What is open is kept in a list, for no call
 * stack is deep enough for the braces that a stranger can write.
 */
export function lexWord(source: string, escape: string): readonly Piece[] | undefined {
  let at = 0;
  const whole: Frame = { quoted: false, pieces: [] };
  const open: Frame[] = [whole];

  for (;;) {
    const frame = open.at(-1) ?? whole;
    if (at >= source.length) return frame === whole ? whole.pieces : undefined;
    const start = at;
    const char = source.charAt(at);
    if (char === frame.stop) {
      at += 1;
      close(frame, start);
    } else if (!read(frame, char, start)) return undefined;
  }

  function close({ stop, quoted, pieces, variable }: Frame, start: number): void {
    open.pop();
    if (stop === '"') pieces.push(text('', start, quoted));
    else if (stop === '/') open.push({ stop: '}', quoted: false, pieces: [], ...(variable && { variable }) });
    else if (variable) open.at(-1)?.pieces.push({ ...variable, type: 'variable', word: pieces, end: at });
  }

  /** Whether what starts with `char` can be read. */
  function read({ stop, quoted, pieces }: Frame, char: string, start: number): boolean {
    if (char === '$') return readVariable(pieces, start, quoted);
    if (char === escape) {
      const next = source.charAt(at + 1);
      // Between double quotes only these are escaped; before others the escape character is itself.
      const literal = quoted && next !== '"' && next !== '$' && next !== escape;
      at = Math.min(at + (literal ? 1 : 2), source.length);
      pieces.push(text(literal ? char : next, start, true));
    } else if (!quoted && char === "'") {
      const end = source.indexOf("'", at + 1);
      if (end === -1) return false;
      at = end + 1;
      pieces.push(text(source.slice(start + 1, end), start, true));
    } else if (!quoted && char === '"') {
      at += 1;
      pieces.push(text('', start, true));
      open.push({ stop: '"', quoted: true, pieces });
    } else {
      // White space belongs to the sign of a here-document before it.
      hereDocument.lastIndex = at;
      const sign = quoted ? char : (hereDocument.exec(source)?.[0] ?? char);
      at += sign.length;
      while (sign.length === 1 && at < source.length && !isSpecial(source.charAt(at), stop)) at += 1;
      pieces.push(text(source.slice(start, at), start, quoted || sign.length > 1));
    }
    return true;
  }

  function text(value: string, start: number, quoted: boolean): Piece {
    return { type: 'text', value, start, end: at, quoted };
  }

  function isSpecial(char: string, stop: string | undefined): boolean {
    return '$"\'<'.includes(char) || char === escape || char === stop;
  }

  function readVariable(pieces: Piece[], start: number, quoted: boolean): boolean {
    at += 1;
    const braced = source.charAt(at) === '{';
    if (braced) at += 1;
    namePattern.lastIndex = at;
    const name = namePattern.exec(source)?.[0] ?? '';
    at += name.length;
    if (!braced) {
      const variable: Piece = { type: 'variable', name, operator: '', word: [], start, end: at, quoted };
      pieces.push(name === '' ? text('$', start, quoted) : variable);
      return true;
    }
    operatorPattern.lastIndex = at;
    const sign = operatorPattern.exec(source)?.[0];
    if (name === '' || sign === undefined) return false;
    at += sign.length;
    if (sign === '}') pieces.push({ type: 'variable', name, operator: '', word: [], start, end: at, quoted });
    else {
      const operator = /[#%/]/.test(sign) ? 'other' : (sign as Operator);
      open.push({
        stop: sign === '/' ? '/' : '}',
        quoted: false,
        pieces: [],
        variable: { name, operator, start, quoted },
      });
    }
    return true;
  }
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
      if (space.test(piece.value.charAt(i))) open = false;
      else extend(piece.start + i, piece.start + i + 1);
    }
  }
  return words;
}

/** The words of an `ARG` (`parser.parseWords`): quotes and escape characters hold one together, and braces do not. */
export function argumentWords(source: string, escape: string): readonly string[] {
  const words: string[] = [];
  let start = -1;
  let quote = '';
  for (let at = 0; at < source.length; at += 1) {
    const char = source.charAt(at);
    if (quote === '' && space.test(char)) {
      if (start !== -1) words.push(source.slice(start, at));
      start = -1;
      continue;
    }
    if (start === -1) start = at;
    if (char === quote) quote = '';
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === escape && quote !== "'") at += 1;
  }
  if (start !== -1) words.push(source.slice(start));
  return words;
}

/** What is known of variables. */
export interface Variables {
  /** A name that is absent has no value; `null` means that it has one, known only while building. */
  readonly values: ReadonlyMap<string, string | null>;
  /** Taken for a name that has no value, and only where a word would be unresolved without. */
  readonly fallbacks: ReadonlyMap<string, string>;
  /** Names whose value only stands for what the builder has, and that can be empty. */
  readonly perhapsEmpty: ReadonlySet<string>;
}

export interface Expansion {
  readonly text: string;
  /** The variables that kept `text` from being what the builder will see. Empty: it is. */
  readonly unresolved: readonly VariablePiece[];
}

/** How deep `${A:-${B:-…}}` is followed, and how long a text that came from variables may get. */
const deepest = 64;
const longest = 4096;

export function expand(pieces: readonly Piece[], variables: Variables, depth = 0): Expansion {
  let text = '';
  const unresolved: VariablePiece[] = [];
  for (const piece of pieces) {
    const part: Expansion =
      piece.type === 'text' ? { text: piece.value, unresolved: [] } : expandVariable(piece, variables, depth);
    text += part.text;
    for (const variable of part.unresolved) unresolved.push(variable);
    // Variables in variables double a text with every line.
    if (piece.type === 'variable' && text.length > longest) return { text: '', unresolved: [piece] };
  }
  return { text, unresolved };
}

function expandVariable(piece: VariablePiece, variables: Variables, depth: number): Expansion {
  const { name, operator, word } = piece;
  const value = variables.values.get(name);
  const missing = { text: '', unresolved: [piece] };
  if (value === null || operator === 'other' || depth > deepest) return missing;
  if (operator.startsWith(':') && variables.perhapsEmpty.has(name)) return missing;
  const unset = value === undefined || (value === '' && operator.startsWith(':'));
  switch (operator) {
    case '-':
    case ':-':
      return unset ? expand(word, variables, depth + 1) : { text: value, unresolved: [] };
    case '+':
    case ':+':
      return unset ? { text: '', unresolved: [] } : expand(word, variables, depth + 1);
    case '':
    case '?':
    case ':?': {
      const known = value ?? variables.fallbacks.get(name);
      return known === undefined || (known === '' && operator === ':?') ? missing : { text: known, unresolved: [] };
    }
  }
}
