import { lexWord, splitWords } from './shellWord';

/** One instruction of a Dockerfile: its logical line, without line ends, continuation characters and comment lines. */
export interface Instruction {
  /** Upper case. */
  readonly keyword: string;
  /** Offset of the keyword in the file. */
  readonly start: number;
  /** What stands behind the keyword. */
  readonly text: string;
  /** Offset in the file of the character at `index` of `text`. */
  offsetAt(index: number): number;
  /** The comment lines directly above, trimmed, first line first; an empty line ends them. */
  readonly comments: readonly string[];
}

export interface ParsedDockerfile {
  readonly escape: string;
  readonly instructions: readonly Instruction[];
}

interface Line {
  readonly start: number;
  readonly text: string;
}

const directivePattern = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;
const directives: readonly string[] = ['syntax', 'escape', 'check'];

/**
 * Splits a Dockerfile into instructions line by line, exactly as BuildKit does (`frontend/dockerfile/parser`): a `FROM`
 * that a reader overlooks is a base image that nobody judges. (dockerfile-ast 0.7.1 overlooks those below a `<<` in quotes,
 * a here-document whose name is quoted in part, or a line that ends in two backslashes.) Never fails: a file that BuildKit
 * refuses gives what can be told of it. `test/vectors/dockerfile` holds BuildKit's own answers.
 */
export function parseInstructions(text: string): ParsedDockerfile {
  const lines = physicalLines(text);
  const { escape, next: first } = readDirectives(lines);
  const continuation = new RegExp(`(^|[^\\${escape}])\\${escape}[ \\t]*$`);
  const instructions: Instruction[] = [];
  let comments: string[] = [];

  for (let next = first; next < lines.length;) {
    const opening = lineAt(lines, next++);
    const trimmed = opening.text.trimStart();
    if (trimmed === '') {
      comments = [];
      continue;
    }
    if (trimmed.startsWith('#')) {
      comments.push(trimmed.trimEnd());
      continue;
    }
    const segments: Line[] = [];
    let open = append(segments, { text: trimmed, start: opening.start + opening.text.length - trimmed.length });
    while (open && next < lines.length) {
      const line = lineAt(lines, next++);
      if (!/^\s*(?:#|$)/.test(line.text)) open = append(segments, line);
    }
    const instruction = toInstruction(segments, comments);
    comments = [];
    if (instruction === undefined) continue;
    instructions.push(instruction);
    for (const heredoc of heredocs(instruction)) next = afterHeredoc(heredoc, next);
  }
  return { escape, instructions };

  /** Adds a line to a logical one and tells whether the next line belongs to it too. */
  function append(segments: Line[], line: Line): boolean {
    const match = continuation.exec(line.text);
    segments.push(match === null ? line : { ...line, text: line.text.slice(0, match.index + (match[1] ?? '').length) });
    return match !== null;
  }

  /** BuildKit refuses a file whose here-document does not end; so as not to hide the rest of it, nothing is skipped. */
  function afterHeredoc({ name, tabs }: Heredoc, next: number): number {
    for (let i = next; i < lines.length; i += 1) {
      const { text } = lineAt(lines, i);
      if ((tabs ? text.replace(/^\t+/, '') : text) === name) return i + 1;
    }
    return next;
  }
}

function physicalLines(text: string): readonly Line[] {
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  return text
    .slice(start)
    .split('\n')
    .map((line) => {
      const at = start;
      start += line.length + 1;
      return { start: at, text: line.replace(/\r+$/, '') };
    });
}

function lineAt(lines: readonly Line[], index: number): Line {
  return lines[index] ?? { start: 0, text: '' };
}

function readDirectives(lines: readonly Line[]): { readonly escape: string; readonly next: number } {
  let escape = '\\';
  let next = 0;
  for (; next < lines.length; next += 1) {
    const match = directivePattern.exec(lineAt(lines, next).text.trimStart());
    const name = match?.[1]?.toLowerCase() ?? '';
    if (!directives.includes(name)) break;
    if (name === 'escape' && (match?.[2] === '`' || match?.[2] === '\\')) escape = match[2];
  }
  return { escape, next };
}

function toInstruction(segments: readonly Line[], comments: readonly string[]): Instruction | undefined {
  const logical = segments.map((segment) => segment.text).join('');
  const match = /^(\s*)([^\t\v\f\r ]+)[\t\v\f\r ]*/.exec(logical);
  if (match === null) return undefined;
  const [before = '', indent = '', keyword = ''] = match;
  const offsetIn = (index: number): number => {
    let rest = index;
    for (const segment of segments) {
      if (rest < segment.text.length) return segment.start + rest;
      rest -= segment.text.length;
    }
    throw new RangeError('outside of the instruction');
  };
  return {
    keyword: keyword.toUpperCase(),
    start: offsetIn(indent.length),
    text: logical.slice(before.length).trimEnd(),
    offsetAt: (index) => offsetIn(before.length + index),
    comments,
  };
}

interface Heredoc {
  readonly name: string;
  /** `<<-`: leading tabs of the last line do not count. */
  readonly tabs: boolean;
}

function heredocs({ keyword, text }: Instruction): readonly Heredoc[] {
  if (!text.includes('<<')) return [];
  const [, command = keyword, rest = text] = keyword === 'ONBUILD' ? (/^(\S+)\s+(.*)$/.exec(text) ?? []) : [];
  if (!/^(?:RUN|COPY|ADD)$/i.test(command) || isJsonForm(rest)) return [];
  // Whatever the file's escape character is, BuildKit reads here-documents with a backslash.
  const words = splitWords(lexWord(text, '\\') ?? []);
  return words.flatMap(({ start, end }) => {
    const [, dash, marker = ''] = /^\d*<<(-?)\s*([^<]+)$/.exec(text.slice(start, end)) ?? [];
    const pieces = lexWord(marker, '\\') ?? [];
    const kept = pieces.map((piece) => (piece.type === 'text' ? piece.value : marker.slice(piece.start, piece.end)));
    const name = kept.join('');
    return name === '' ? [] : [{ name, tabs: dash === '-' }];
  });
}

function isJsonForm(text: string): boolean {
  const list = text.replace(/^(?:--\S+\s+)*/, '');
  if (!list.startsWith('[')) return false;
  try {
    const parsed: unknown = JSON.parse(list);
    return Array.isArray(parsed) && parsed.every((item) => typeof item === 'string');
  } catch {
    return false;
  }
}
