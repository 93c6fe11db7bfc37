import type { Range, TextDocument } from 'vscode-languageserver-textdocument';
import { isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import type { Budget } from '../budget';
import type { Lookup, Span } from './composeInterpolation';
import type { ComposeNodes } from './composeNodes';
import { placeScalar, type PlacedText } from './composeScalar';
import { fillInVariables, type Unknowns } from './unknowns';

/** One of the files that make a project. */
export interface ProjectFile {
  readonly document: TextDocument;
  /** From the folder of the file that was asked about. */
  readonly path: string;
  /** Where relative paths in it start. */
  readonly folder: string;
  readonly lookup: Lookup;
  /** The file given to Compose that this one is, or that leads to this one. */
  readonly main: TextDocument;
  /** Where `main` leads to this one. */
  readonly via?: Range;
}

/** A value with its variables filled in, and where it stands. */
export interface Text extends PlacedText {
  readonly kind: 'text';
  readonly file: ProjectFile;
}

export interface Tree {
  readonly kind: 'tree';
  readonly entries: ReadonlyMap<string, Value>;
  readonly resets: ReadonlySet<string>;
  /** A name alone stands for something here: the value that it has where Compose runs. */
  readonly arePairs: boolean;
  readonly file: ProjectFile;
  readonly span: Span;
}

export interface List {
  readonly kind: 'list';
  readonly items: readonly Value[];
}

/** A key that Compose knows no such place for: it refuses the project, unless a later part takes it away. */
export interface Stray {
  readonly kind: 'stray';
  readonly key: string;
  readonly file: ProjectFile;
  /** What could be there. */
  readonly known: readonly string[];
  /** Where it stands. */
  readonly offset: () => number;
}

/** A part of a project: only what can have to do with images, each in its long form. `null` is written, and says nothing. */
export type Value = Text | Tree | List | Stray | null;

/** What is read of a part. */
export type Shape =
  /** `isAnything`: a number or a truth value will do too. */
  | { readonly type: 'text'; readonly isAnything?: boolean }
  | { readonly type: 'list'; readonly of: Shape; readonly isUnique?: boolean }
  /** A text, or a list of them. */
  | { readonly type: 'texts' }
  /** A mapping, or a list of `name=value`. */
  | { readonly type: 'pairs' }
  /** `names`: what else it has is a stray. */
  | { readonly type: 'each'; readonly of: Shape; readonly names: RegExp }
  /**
   * `short`: the field that a text alone stands for. `others`: known keys that are not read; where they are given, what else it
   * has is a stray. `anyCase`: a key counts in whatever case it is written (what Compose decodes before it looks at its schema).
   */
  | {
      readonly type: 'fields';
      readonly fields: Readonly<Record<string, Shape>>;
      readonly short?: string;
      readonly others?: readonly string[];
      readonly anyCase?: boolean;
    };

/** What a file says, without what is laid under it. */
export class TreeReader {
  /** The first line with something that is no text where Compose takes nothing else. */
  refused: number | undefined;
  #isOverride = false;

  constructor(
    private readonly nodes: ComposeNodes,
    private readonly file: ProjectFile,
    private readonly unknowns: Unknowns,
    private readonly budget: Budget,
  ) {}

  read(node: Node | undefined, shape: Shape): Value {
    const isOuter = this.#isOverride;
    this.#isOverride ||= node?.tag === '!override';
    const value = this.#readMarked(node, shape);
    this.#isOverride = isOuter;
    return value;
  }

  #readMarked(node: Node | undefined, shape: Shape): Value {
    this.budget.spend(1);
    switch (shape.type) {
      case 'text':
        return this.#text(node, shape.isAnything === true);
      case 'list': {
        if (shape.isUnique !== true) return this.#list(node, shape.of);
        const list = this.#list(node, shape.of);
        return list && { kind: 'list', items: uniqueMounts(list.items, this.budget) };
      }
      case 'texts':
        return isSeq(node) ? this.#list(node, { type: 'text' }) : this.#text(node, false);
      case 'pairs':
        return this.#pairs(node);
      case 'each': {
        if (!isMap(node)) return null;
        const { values, resets } = this.nodes.entries(node, this.#isOverride);
        const entries = [...values].map(([key, value]): [string, Value] => [
          key,
          shape.names.test(key) ? this.read(value, shape.of) : this.#stray(node, key, []),
        ]);
        return this.#tree(node, new Map(entries), resets);
      }
      case 'fields': {
        if (!isMap(node)) {
          const text = this.#text(node, false);
          return text === null || shape.short === undefined
            ? text
            : {
                ...this.#tree(node, new Map([[shape.short, text]]), new Set()),
                span: text.spanOf(0, text.text.length),
              };
        }
        const { values, resets } = this.nodes.entries(node, this.#isOverride);
        const known = Object.entries(shape.fields).flatMap(([key, of]): [string, Value][] => {
          const written = shape.anyCase === true ? this.#inAnyCase(node, values, key) : key;
          return values.has(written) ? [[key, this.read(values.get(written), of)]] : [];
        });
        return this.#tree(node, new Map([...known, ...this.#strays(node, values.keys(), shape)]), resets);
      }
    }
  }

  #inAnyCase(node: YAMLMap, values: ReadonlyMap<string, unknown>, key: string): string {
    if (values.has(key)) return key;
    const [written = key, more] = [...values.keys()].filter((other) => other.toLowerCase() === key);
    // Compose takes one of several, and not always the same.
    if (more !== undefined) this.refused ??= this.file.document.positionAt(this.nodes.placeOf(node, more)).line;
    return written;
  }

  #strays(
    node: YAMLMap,
    keys: Iterable<string>,
    { fields, others }: Shape & { readonly type: 'fields' },
  ): readonly [string, Stray][] {
    if (others === undefined) return [];
    return [...keys]
      .filter((key) => !Object.hasOwn(fields, key) && !others.includes(key) && !key.startsWith('x-'))
      .map((key) => [key, this.#stray(node, key, [...Object.keys(fields), ...others])]);
  }

  #stray(node: YAMLMap, key: string, known: readonly string[]): Stray {
    return { kind: 'stray', key, known, file: this.file, offset: () => this.nodes.placeOf(node, key) };
  }

  #tree(
    node: Node | undefined,
    entries: ReadonlyMap<string, Value>,
    resets: ReadonlySet<string>,
    arePairs = false,
  ): Tree {
    const start = node?.range?.[0] ?? 0;
    return { kind: 'tree', entries, resets, arePairs, file: this.file, span: { start, end: start + 1 } };
  }

  #list(node: Node | undefined, of: Shape): List | null {
    if (!isSeq(node)) return null;
    return { kind: 'list', items: this.nodes.items(node, this.#isOverride).map((item) => this.read(item, of)) };
  }

  #pairs(node: Node | undefined): Tree | null {
    if (isMap(node)) {
      const { values, resets } = this.nodes.entries(node, this.#isOverride);
      return this.#tree(node, new Map([...values].map(([key, value]) => [key, this.#text(value, true)])), resets, true);
    }
    if (!isSeq(node)) return null;
    const pairs = this.nodes.items(node, this.#isOverride).flatMap((item): [string, Value][] => {
      const pair = this.#text(item, true);
      if (pair === null) return [];
      const equals = pair.text.indexOf('=');
      return [equals === -1 ? [pair.text, null] : [pair.text.slice(0, equals), textAfter(pair, equals + 1)]];
    });
    return this.#tree(node, new Map(pairs), new Set(), true);
  }

  #text(node: Node | undefined, isAnything: boolean): Text | null {
    if (!isScalar(node)) {
      if (node !== undefined) this.refused ??= this.file.document.positionAt(node.range?.[0] ?? 0).line;
      return null;
    }
    if (isNull(node)) return null;
    const [start, end] = node.range ?? [0, 0];
    this.budget.spend(1 + (end - start) / 20);
    const placed = placeScalar(this.file.document.getText(), node);
    const written = node.source ?? '';
    if (isString(node) || !isOther(written)) {
      // An alias has it filled in again, and each variable is a part, whatever it comes to.
      this.budget.spend(3 * (placed.text.split('$').length - 1));
      const filled = fillInVariables(placed, this.file, this.unknowns);
      this.budget.spend(filled.text.length / 20);
      return this.#made(filled);
    }
    if (isAnything) {
      const text = printed(written) ?? this.unknowns.whole({ ...placed, text: written }, this.file);
      return this.#made({ ...placed, text, exact: false });
    }
    this.refused ??= this.file.document.positionAt(node.range?.[0] ?? 0).line;
    return null;
  }

  #made(placed: PlacedText): Text {
    return { kind: 'text', file: this.file, ...placed };
  }
}

export function textAfter(text: Text, count: number): Text {
  return {
    ...text,
    text: text.text.slice(count),
    spanOf: (start, end) => text.spanOf(count + start, count + end),
  };
}

function isString({ type, tag }: Scalar): boolean {
  return type !== 'PLAIN' || tag === 'tag:yaml.org,2002:str';
}

function isNull(scalar: Scalar): boolean {
  return !isString(scalar) && /^(?:|~|null|Null|NULL)$/.test(scalar.source ?? '');
}

/** Whether a plain text is a number, a truth value or a date, which YAML prints in its own way (`resolve` of go-yaml). */
function isOther(source: string): boolean {
  return (
    /^(?:true|True|TRUE|false|False|FALSE)$/.test(source) ||
    /^[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?$/.test(source) ||
    /^[-+]?0(?:[xX][0-9a-fA-F_]+|[oO][0-7_]+|[bB][01_]+)$/.test(source) ||
    /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/.test(source) ||
    /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:$|[Tt \t])/.test(source)
  );
}

const greatest = 2n ** 64n;

/** What Compose hands on for what is no string: 3.10 is 3.1. Undefined where that is not known here. */
function printed(source: string): string | undefined {
  if (/^(?:true|false)$/i.test(source)) return source.toLowerCase();
  const [, sign = '', digits = ''] = /^([-+]?)(.*)$/.exec(source.replaceAll('_', '')) ?? [];
  const minus = sign === '-' ? '-' : '';
  const whole = digits.replace(/^0(?=[0-7]+$)/, '0o').toLowerCase();
  if (/^(?:[0-9]{1,20}|0x[0-9a-f]{1,16}|0o[0-7]{1,21}|0b[01]{1,64})$/.test(whole) && !/^0[0-9]/.test(whole)) {
    const value = BigInt(whole);
    return value < (minus === '' ? greatest : greatest / 2n) ? minus + String(value) : undefined;
  }
  return /^[0-9.]+(?:e[-+]?[0-9]+)?$/i.test(digits) ? printedFraction(Number(minus + digits)) : undefined;
}

/** As `%v` of Go prints it: with an exponent of two digits from a million on. */
function printedFraction(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (value === 0 || (power >= -4 && power < 6)) return Object.is(value, -0) ? '-0' : String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/**
 * One part laid over another, as Compose does it (`override.Merge`): mappings merge, lists grow, a text is replaced, and what is
 * marked in `over` takes away what is under it, unless marks do not count.
 */
export function mergeTrees(base: Tree, over: Tree, budget: Budget, marks: 'count' | 'doNotCount' = 'count'): Tree {
  const entries = new Map(base.entries);
  if (marks === 'count') for (const key of over.resets) entries.delete(key);
  budget.spend(entries.size + over.entries.size + over.resets.size + 1);
  for (const [key, value] of over.entries)
    entries.set(key, over.arePairs ? value : mergeValues(entries.get(key) ?? null, value, budget, marks));
  return { ...over, entries };
}

/** A part whose marks have done their work: they take nothing away from what it is laid over elsewhere. */
export function withoutMarks(tree: Tree, known: WeakMap<Tree, Tree>, budget: Budget): Tree {
  const before = known.get(tree);
  if (before !== undefined) return before;
  budget.spend(tree.entries.size + 1);
  const entries = [...tree.entries].map(([key, value]): [string, Value] => [
    key,
    value?.kind === 'tree' ? withoutMarks(value, known, budget) : value,
  ]);
  const unmarked: Tree = { ...tree, entries: new Map(entries), resets: new Set() };
  known.set(tree, unmarked);
  known.set(unmarked, unmarked);
  return unmarked;
}

function mergeValues(base: Value, over: Value, budget: Budget, marks: 'count' | 'doNotCount'): Value {
  if (base === null) return over;
  if (over === null) return base;
  if (base.kind === 'tree' && over.kind === 'tree') return mergeTrees(base, over, budget, marks);
  if (base.kind === 'list' && over.kind === 'list') {
    budget.spend(base.items.length + over.items.length);
    return { kind: 'list', items: uniqueMounts([...base.items, ...over.items], budget) };
  }
  return over;
}

/** Of mounts with one target the last, at the place of the first. Others are as they are. */
function uniqueMounts(items: readonly Value[], budget: Budget): readonly Value[] {
  const kept = new Map<unknown, Value>();
  for (const item of items) {
    // A text is read again each time that its list is laid over another.
    budget.spend(item?.kind === 'text' ? item.text.length / 20 : 0);
    kept.set(targetOf(item) ?? Symbol(), item);
  }
  return [...kept.values()];
}

function targetOf(mount: Value): string | undefined {
  if (mount?.kind === 'text') return shortTarget(mount.text);
  const target = mount?.kind === 'tree' ? mount.entries.get('target') : undefined;
  return target?.kind === 'text' ? target.text : undefined;
}

/** `source:target:options`, or a target alone; a drive's letter is part of a path. */
function shortTarget(text: string): string | undefined {
  const fields =
    text.match(/(?:^[A-Za-z]:|(?<=:)[A-Za-z]:(?=[\\/]))?[^:]*(?::|$)/g)?.map((field) => field.replace(/:$/, '')) ?? [];
  const target = fields.length < 2 || fields[1] === '' ? fields[0] : fields[1];
  if (target === undefined || target === '') return undefined;
  const clean = target.replace(/\/(?:\.?\/)+/g, '/').replace(/(?!^)\/\.?$/, '');
  return clean;
}

/** Steps to look at all of a part, as each of those who share it does. */
export function weightOf(value: Value, known: WeakMap<object, number>): number {
  if (value === null || value.kind === 'stray') return 1;
  if (value.kind === 'text') return 1 + value.text.length / 100;
  const before = known.get(value);
  if (before !== undefined) return before;
  let weight = 1;
  for (const each of value.kind === 'tree' ? value.entries.values() : value.items) weight += weightOf(each, known);
  known.set(value, weight);
  return weight;
}

/** The first key that Compose knows no such place for. */
export function strayIn(value: Value, budget: Budget): Stray | undefined {
  if (value?.kind === 'stray') return value;
  const within = value?.kind === 'tree' && !value.arePairs ? value.entries.values() : itemsOf(value);
  for (const each of within) {
    budget.spend(1);
    const stray = strayIn(each, budget);
    if (stray !== undefined) return stray;
  }
  return undefined;
}

export function fieldOf(value: Value | undefined, key: string): Value {
  return value?.kind === 'tree' ? (value.entries.get(key) ?? null) : null;
}

export function textOf(value: Value | undefined): Text | undefined {
  return value?.kind === 'text' ? value : undefined;
}

export function itemsOf(value: Value | undefined): readonly Value[] {
  return value?.kind === 'list' ? value.items : [];
}

export function entriesOf(value: Value | undefined): ReadonlyMap<string, Value> {
  return value?.kind === 'tree' ? value.entries : new Map<string, Value>();
}
