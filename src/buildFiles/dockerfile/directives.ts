import { parseForeignJson } from '../../core/json/foreignJson';

/** A parser directive: `# name=value` in a comment above everything else. */
export interface Directive {
  /** Lower case. */
  readonly name: string;
  readonly value: string;
  /** Index of the value in the line. */
  readonly start: number;
}

/** Where the image that reads a file is named, as offsets in the file. */
export interface SyntaxImage {
  readonly reference: string;
  readonly start: number;
  readonly end: number;
}

const directivePattern = /^\p{White_Space}*([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=([\t\n\f\r ]*)/u;
const known: readonly string[] = ['syntax', 'escape', 'check'];

/** The directive that a line is, as BuildKit reads it (`parser.DirectiveParser`). */
export function readDirective(line: string, comment: '#' | '//' = '#'): Directive | undefined {
  if (!line.startsWith(comment)) return undefined;
  const match = directivePattern.exec(line.slice(comment.length));
  const name = match?.[1]?.toLowerCase() ?? '';
  if (match === null || !known.includes(name)) return undefined;
  const start = comment.length + match[0].length;
  if (start === line.length && match[2] === '') return undefined;
  return { name, value: trimRight(line.slice(start), /[\t\n\f\r ]/), start };
}

/**
 * The image that BuildKit runs to read the file (`parser.DetectSyntax`): named in a directive behind `#` or `//`, which a
 * line that starts with `#!` may precede, or as `syntax` of a file that is one JSON object. The first directive wins.
 */
export function detectSyntax(text: string): SyntaxImage | undefined {
  let first = text.startsWith('\uFEFF') ? 1 : 0;
  if (text.startsWith('#!', first)) first = lineEnd(text, first) + 1;
  return directiveSyntax(text, first, '#') ?? directiveSyntax(text, first, '//') ?? jsonSyntax(text, first);
}

function directiveSyntax(text: string, first: number, comment: '#' | '//'): SyntaxImage | undefined {
  const seen = new Set<string>();
  for (let start = first; start < text.length; start = lineEnd(text, start) + 1) {
    const directive = readDirective(text.slice(start, lineEnd(text, start)), comment);
    // A repeated directive is an error, which ends the search.
    if (directive === undefined || seen.has(directive.name)) return undefined;
    seen.add(directive.name);
    if (directive.name !== 'syntax') continue;
    const [reference = ''] = directive.value.split(' ', 1);
    const at = start + directive.start;
    return { reference, start: at, end: at + reference.length };
  }
  return undefined;
}

function jsonSyntax(text: string, first: number): SyntaxImage | undefined {
  const json = text.slice(first);
  const reference = memberOf(json, 'syntax');
  if (typeof reference !== 'string') return undefined;
  let depth = 0;
  let key: unknown;
  let value: SyntaxImage | undefined;
  for (const { 0: token, index } of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]/g)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth !== 1) continue;
    else if (token === ',') key = undefined;
    else if (key === undefined) key = JSON.parse(token);
    else if (key === 'syntax') {
      value = { reference, start: first + index + 1, end: first + index + token.length - 1 };
    }
  }
  return value;
}

function memberOf(json: string, name: string): unknown {
  if (!/^[\t\n\r ]*\{/.test(json)) return undefined;
  return (parseForeignJson(json) as Readonly<Record<string, unknown>> | undefined)?.[name];
}

function lineEnd(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end === -1 ? text.length : end;
}

/** A loop, because a regular expression would take time with the square of the white space inside. */
export function trimRight(text: string, space: RegExp): string {
  let end = text.length;
  while (end > 0 && space.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
