import { parseForeignJson } from '../../core/json/foreignJson';
import { readDirective, trimRight } from './directives';
import { readFlags } from './flags';
import { lexWord, space, splitWords } from './shellWord';

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

const leadingSpace = /^\p{White_Space}+/u;
const emptyOrComment = /^\p{White_Space}*(?:#|$)/u;

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
  const endOf = heredocEnds(lines);
  let comments: string[] = [];

  for (let next = first; next < lines.length;) {
    const opening = lineAt(lines, next++);
    const trimmed = opening.text.replace(leadingSpace, '');
    if (trimmed === '') {
      comments = [];
      continue;
    }
    if (trimmed.startsWith('#')) {
      comments.push(trimRight(trimmed, space));
      continue;
    }
    const segments: Line[] = [];
    let open = append(segments, { text: trimmed, start: opening.start + opening.text.length - trimmed.length });
    while (open && next < lines.length) {
      const line = lineAt(lines, next++);
      if (!emptyOrComment.test(line.text)) open = append(segments, line);
    }
    const instruction = toInstruction(segments, comments);
    comments = [];
    if (instruction === undefined) continue;
    instructions.push(instruction);
    for (const heredoc of heredocs(instruction, escape)) next = endOf(heredoc, next);
  }
  return { escape, instructions };

  /** Adds a line to a logical one and tells whether the next line belongs to it too. */
  function append(segments: Line[], line: Line): boolean {
    const match = continuation.exec(line.text);
    segments.push(match === null ? line : { ...line, text: line.text.slice(0, match.index + (match[1] ?? '').length) });
    return match !== null;
  }
}

/**
 * Gives the line behind the end of a here-document. BuildKit refuses a file where one does not end; so as not to hide the
 * rest of it, nothing is skipped. Lines are looked up and not searched: each of many may start one without an end.
 */
function heredocEnds(lines: readonly Line[]): (heredoc: Heredoc, next: number) => number {
  const indexes = new Map<boolean, ReadonlyMap<string, readonly number[]>>();
  return ({ name, tabs }, next) => {
    const index = indexes.get(tabs) ?? indexLines(lines, tabs);
    indexes.set(tabs, index);
    const ends = index.get(name) ?? [];
    const end = ends[lowerBound(ends, next)];
    return end === undefined ? next : end + 1;
  };
}

/** Which lines have a text, once the tabs before it are left out where they do not count. */
function indexLines(lines: readonly Line[], tabs: boolean): ReadonlyMap<string, readonly number[]> {
  const index = new Map<string, number[]>();
  for (const [i, { text }] of lines.entries()) {
    const key = tabs ? text.replace(/^\t+/, '') : text;
    const known = index.get(key);
    if (known === undefined) index.set(key, [i]);
    else known.push(i);
  }
  return index;
}

/** How many of the numbers, which ascend, are below `limit`. */
function lowerBound(numbers: readonly number[], limit: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function physicalLines(text: string): readonly Line[] {
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  return text
    .slice(start)
    .split('\n')
    .map((line) => {
      const at = start;
      start += line.length + 1;
      return { start: at, text: trimRight(line, /\r/) };
    });
}

function lineAt(lines: readonly Line[], index: number): Line {
  return lines[index] ?? { start: 0, text: '' };
}

function readDirectives(lines: readonly Line[]): { readonly escape: string; readonly next: number } {
  let escape = '\\';
  let next = 0;
  for (; next < lines.length; next += 1) {
    const directive = readDirective(lineAt(lines, next).text.replace(leadingSpace, ''));
    if (directive === undefined) break;
    if (directive.name === 'escape' && /^[`\\]$/.test(directive.value)) escape = directive.value;
  }
  return { escape, next };
}

function toInstruction(segments: readonly Line[], comments: readonly string[]): Instruction | undefined {
  const logical = segments.map((segment) => segment.text).join('');
  const match = /^(\p{White_Space}*)([^\t\v\f\r ]+)[\t\v\f\r ]*/u.exec(logical);
  if (match === null) return undefined;
  const [before = '', indent = '', keyword = ''] = match;
  const starts: number[] = [];
  let length = 0;
  for (const segment of segments) {
    starts.push(length);
    length += segment.text.length;
  }
  const offsetIn = (index: number): number => {
    // Of segments that start at one place all but the last are empty.
    const i = lowerBound(starts, index + 1) - 1;
    return (segments[i]?.start ?? 0) + index - (starts[i] ?? 0);
  };
  return {
    keyword: keyword.toUpperCase(),
    start: offsetIn(indent.length),
    text: trimRight(logical.slice(before.length), space),
    offsetAt: (index) => offsetIn(before.length + index),
    comments,
  };
}

/** The instruction that `ONBUILD` keeps for the builds on top: its keyword and what stands behind it from `start` on. */
export function onBuildTrigger(text: string): { readonly keyword: string; readonly start: number } | undefined {
  const match = /^\p{White_Space}*([^\t\v\f\r ]+)[\t\v\f\r ]*/u.exec(text);
  return match === null ? undefined : { keyword: (match[1] ?? '').toUpperCase(), start: match[0].length };
}

interface Heredoc {
  readonly name: string;
  /** `<<-`: leading tabs of the last line do not count. */
  readonly tabs: boolean;
}

function heredocs({ keyword, text }: Instruction, escape: string): readonly Heredoc[] {
  if (!text.includes('<<')) return [];
  const own = { keyword, start: 0 };
  const command = keyword === 'ONBUILD' ? (onBuildTrigger(text) ?? own) : own;
  if (!/^(?:RUN|COPY|ADD)$/.test(command.keyword) || isJsonForm(text.slice(command.start), escape)) return [];
  // Whatever the file's escape character is, BuildKit reads here-documents with a backslash.
  const words = splitWords(lexWord(text, '\\') ?? []);
  return words.flatMap(({ start, end }) => {
    const [, dash, rest = ''] = /^\d*<<(-?)([^<]*)$/.exec(text.slice(start, end)) ?? [];
    const marker = rest.replace(/^[\t\n\f\r ]+/, '');
    const pieces = lexWord(marker, '\\') ?? [];
    const kept = pieces.map((piece) => (piece.type === 'text' ? piece.value : marker.slice(piece.start, piece.end)));
    const name = kept.join('');
    return name === '' ? [] : [{ name, tabs: dash === '-' }];
  });
}

function isJsonForm(text: string, escape: string): boolean {
  const list = text.slice(readFlags(text, escape).rest).replace(leadingSpace, '');
  if (!list.startsWith('[')) return false;
  const parsed = parseForeignJson(list);
  return Array.isArray(parsed) && parsed.every((item) => typeof item === 'string');
}
