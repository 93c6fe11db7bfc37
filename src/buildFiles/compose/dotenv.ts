import { interpolate, type Lookup } from './composeInterpolation';

/** Characters of all values: variables in variables can make a large file of a small one. */
const longest = 1024 * 1024;

const space = /[\t\v\f\r \u0085\u00a0]/;
const nameCharacter = /[\p{L}\p{N}_.[\]-]/u;
const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  c: '\\c',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '\\': '\\',
};

/**
 * The variables of a `.env` file as Compose reads it (`dotenv` of compose-go): comments, `export`, `NAME: value`, quotes, and
 * variables in values, for which `given` comes before what stands above. Undefined where Compose refuses the file, or where
 * its values are longer than anybody's.
 */
export function readDotenv(source: string, given: Lookup): ReadonlyMap<string, string> | undefined {
  const values = new Map<string, string>();
  const lookup: Lookup = (name) => given(name) ?? values.get(name);
  const text = source.replace(/^\uFEFF/, '');
  let at = 0;
  let length = 0;

  for (;;) {
    skip(/\s|\u0085|\uFEFF/);
    if (at >= text.length) return values;
    if (text.charAt(at) === '#') {
      at = lineEnd();
      continue;
    }
    const exported = /export[\t\n\f\r ]+/y;
    exported.lastIndex = at;
    if (exported.test(text)) {
      at += 'export'.length;
      skip(space);
    }
    const start = at;
    while (at < text.length && (space.test(text.charAt(at)) || nameCharacter.test(characterAt(at))))
      at += characterAt(at).length;
    const name = text.slice(start, at).trim();
    const sign = text.charAt(at);
    if (name.includes(' ') || name === '' || (sign !== '' && !'=:\n'.includes(sign))) return undefined;
    // A name at the end of a file without a line end is refused; one on a line of its own takes what is given.
    if (sign === '') return undefined;
    at += 1;
    if (sign === '\n') {
      const inherited = given(name);
      if (inherited !== undefined) values.set(name, inherited);
      continue;
    }
    skip(space);
    const value = readValue();
    length += value?.length ?? 0;
    if (value === undefined || length > Math.max(longest, text.length)) return undefined;
    values.set(name, value);
  }

  function readValue(): string | undefined {
    const quote = text.charAt(at);
    if (quote !== '"' && quote !== "'") {
      const line = text.slice(at, lineEnd());
      at = lineEnd() + 1;
      const comment = line.indexOf(' #');
      return filled((comment === -1 ? line : line.slice(0, comment)).trimEnd());
    }
    const parts: string[] = [];
    for (at += 1; at < text.length; at += 1) {
      const char = text.charAt(at);
      if (char === quote) {
        at += 1;
        const value = parts.join('');
        return quote === '"' ? filled(unescaped(value)) : value;
      }
      if (char === '\\' && at + 1 < text.length) {
        at += 1;
        parts.push(text.charAt(at) === quote ? quote : `\\${text.charAt(at)}`);
      } else parts.push(char);
    }
    return undefined;
  }

  function filled(value: string): string | undefined {
    const parts = interpolate(value, (name) => lookup(name) ?? '');
    // Too long to be anybody's.
    if (parts?.some(({ unresolved }) => unresolved.length > 0) !== false) return undefined;
    return parts.map((part) => part.text).join('');
  }

  function skip(what: RegExp): void {
    while (at < text.length && what.test(text.charAt(at))) at += 1;
  }

  function characterAt(index: number): string {
    return String.fromCodePoint(text.codePointAt(index) ?? 0);
  }

  function lineEnd(): number {
    const end = text.indexOf('\n', at);
    return end === -1 ? text.length : end;
  }
}

/** What a shell would make of backslashes between double quotes; `\$` is a dollar sign that starts no variable. */
function unescaped(value: string): string {
  return value.replace(/\\(?:0([0-7]{1,3})|([abcfnrtv$"\\]))/g, (whole, octal: string | undefined, letter: string) => {
    if (octal !== undefined) return octal.length === 3 ? String.fromCharCode(parseInt(octal, 8) & 0xff) : whole;
    return letter === '$' ? '$$' : (escapes[letter] ?? whole);
  });
}
