import { TextDocument, type Range } from 'vscode-languageserver-textdocument';
import { parseAllDocuments, type Document } from 'yaml';
import type { Budget } from '../budget';
import type { Lookup } from './composeInterpolation';
import { otherKeys, workloadName } from './composeKeys';
import { ComposeNodes } from './composeNodes';
import {
  entriesOf,
  fieldOf,
  itemsOf,
  mergeTrees,
  strayIn,
  textOf,
  withoutMarks,
  TreeReader,
  type ProjectFile,
  type Shape,
  type Text,
  type Tree,
  type Value,
} from './composeTree';
import { readDotenv } from './dotenv';
import type { FileAnswer, ProjectFiles, UnreadCause } from './projectFiles';
import { folderOfPath, isRemotePath, joinPath } from './projectPath';
import { hasSection, refusalOf, strayRefusal, type FileRefusal } from '../refusal';
import { toRange, type Unknowns } from './unknowns';

/** What a project has besides its files. */
export interface ProjectEnvironment {
  /** What is set where Compose runs; comes before any `.env`. */
  readonly variables: Lookup;
  /** Files in the place of `.env`. */
  readonly envFiles?: readonly string[];
  /** Name of the folder that the project is in, for which it is called. */
  readonly folderName: string;
}

/** A part of a project that is not read. */
export interface Gap {
  readonly file: ProjectFile;
  readonly range: Range;
  readonly path: string;
  readonly cause: UnreadCause;
}

export interface Project {
  readonly services: ReadonlyMap<string, Value>;
  readonly jobs: ReadonlyMap<string, Value>;
  /** Why Compose would not take the files. */
  readonly refusal?: FileRefusal;
  readonly lookup: Lookup;
  readonly root: ProjectFile;
}

const text: Shape = { type: 'text' };
const anything: Shape = { type: 'text', isAnything: true };
const texts: Shape = { type: 'list', of: text };
const mount: Shape = { type: 'fields', fields: { type: text, source: text, target: text }, others: otherKeys.mount };
const container: Readonly<Record<string, Shape>> = { image: text, platform: text, pull_policy: text };
const build: Shape = {
  type: 'fields',
  short: 'context',
  fields: {
    context: text,
    dockerfile: text,
    dockerfile_inline: text,
    args: { type: 'pairs' },
    additional_contexts: { type: 'pairs' },
    platforms: texts,
    sbom: anything,
    provenance: anything,
  },
  others: otherKeys.build,
};
const workload: Readonly<Record<string, Shape>> = {
  ...container,
  build,
  extends: { type: 'fields', short: 'service', fields: { service: text, file: text } },
};
const service: Shape = {
  type: 'fields',
  fields: {
    ...workload,
    provider: { type: 'fields', fields: {}, others: otherKeys.provider },
    volumes: { type: 'list', of: mount, isUnique: true },
    pre_start: {
      type: 'list',
      of: {
        type: 'fields',
        fields: { ...container, volumes: { type: 'list', of: mount } },
        others: otherKeys.hook,
      },
    },
  },
  others: otherKeys.service,
};
const job: Shape = {
  type: 'fields',
  fields: { ...workload, volumes: { type: 'list', of: mount } },
  others: otherKeys.job,
};
const paths: Shape = { type: 'texts' };
const whole: Shape = {
  type: 'fields',
  fields: {
    name: text,
    services: { type: 'each', of: service, names: workloadName },
    jobs: { type: 'each', of: job, names: workloadName },
    include: {
      type: 'list',
      of: {
        type: 'fields',
        short: 'path',
        fields: { path: paths, env_file: paths, project_directory: text },
        anyCase: true,
      },
    },
  },
};
const named: Shape = { type: 'fields', fields: { name: text } };
const sections = ['services', 'jobs'] as const;

/** As many files, and so deep an extension, are followed. */
const mostFiles = 200;
const deepestExtension = 200;
/** Characters of other files, together. */
const mostText = 32 * 1024 * 1024;

const nothing: Tree['entries'] = new Map();

/**
 * Puts a project together as `compose-go` does (`loader.loadYamlModel`): each document of each file has its variables filled in,
 * takes what it includes under itself, resolves `extends`, and is laid over those before it. What is not followed is a gap.
 */
export class ProjectLoader {
  readonly #gaps = new Map<string, Gap>();
  readonly #included = new Map<string, Promise<Tree | undefined>>();
  /**
   * Each service of such a file is extended only once, whoever extends it: a copy for every extension would grow with
   * the product of both.
   */
  readonly #extended = new Map<string, Promise<Map<string, Value> | undefined>>();
  readonly #environments = new Map<Lookup, number>();
  readonly #unmarked = new WeakMap<Tree, Tree>();
  readonly #documents = new Map<TextDocument, readonly Document[]>();
  #refusal: FileRefusal | undefined;
  #hasSection = false;
  #files = 0;
  #characters = 0;

  constructor(
    private readonly access: ProjectFiles,
    private readonly environment: ProjectEnvironment,
    private readonly unknowns: Unknowns,
    private readonly budget: Budget,
  ) {}

  /** The project of these files, the first of which names its folder. */
  async load(documents: readonly { readonly document: TextDocument; readonly path: string }[]): Promise<Project> {
    const [first] = documents;
    if (first === undefined) throw new Error('A project has a file');
    const folder = folderOfPath(first.path);
    const atStart: ProjectFile = { ...first, folder, lookup: () => undefined, main: first.document };
    const environment = await this.withEnvFiles(
      this.environment.variables,
      this.environment.envFiles ?? ['.env'],
      { file: atStart, range: toRange(first.document, { start: 0, end: 0 }) },
      folder,
    );
    const name =
      environment('COMPOSE_PROJECT_NAME') ??
      this.projectName(documents.map((each) => ({ ...each, folder, lookup: environment, main: each.document })));
    const lookup: Lookup = (variable) => (variable === 'COMPOSE_PROJECT_NAME' ? name : environment(variable));
    const files = documents.map(({ document, path }): ProjectFile => ({
      document,
      path,
      folder,
      lookup,
      main: document,
    }));
    const project = await this.loadFiles(files, []);
    if (!this.#hasSection) {
      const isEmpty = files.every((file) => this.documentsOf(file).every(({ contents }) => contents === null));
      this.#refusal ??= { kind: isEmpty ? 'empty' : 'otherYaml', path: first.path };
    }
    return {
      services: entriesOf(project.entries.get('services')),
      jobs: entriesOf(project.entries.get('jobs')),
      ...(this.#refusal && { refusal: this.#refusal }),
      lookup,
      root: files[0] ?? atStart,
    };
  }

  /** What was not read, as far as is known at this point. */
  get gaps(): readonly Gap[] {
    return [...this.#gaps.values()];
  }

  private async loadFiles(files: readonly ProjectFile[], included: readonly string[]): Promise<Tree> {
    let project: Tree | undefined;
    for (const file of files) project = await this.loadFile(file, project, included, true);
    const [first] = files;
    if (project === undefined || first === undefined) throw new Error('A project has a file');
    return withContexts(project, first);
  }

  /** A file over what is before it. `isWhole`: with what it includes and extends. */
  private async loadFile(
    file: ProjectFile,
    before: Tree | undefined,
    included: readonly string[],
    isWhole: boolean,
  ): Promise<Tree> {
    let project = before;
    for (const yaml of this.documentsOf(file)) {
      const nodes = new ComposeNodes(yaml, this.budget);
      const reader = new TreeReader(nodes, file, this.unknowns, this.budget);
      const read = reader.read(nodes.follow(yaml.contents), whole);
      if (isWhole) {
        this.#refusal ??= refusalOf(yaml, nodes, file.path);
        if (reader.refused !== undefined) this.#refusal ??= { kind: 'noText', line: reader.refused, path: file.path };
        this.#hasSection ||= hasSection(yaml, nodes);
      }
      if (read?.kind !== 'tree') continue;
      const own = isWhole
        ? await this.withExtensions(await this.withIncludes(read, [...included, file.path]), file)
        : read;
      const stray = isWhole ? strayIn(own, this.budget) : undefined;
      if (stray !== undefined) this.#refusal ??= strayRefusal(stray);
      project = project === undefined ? own : mergeTrees(project, own, this.budget);
    }
    return (
      project ?? {
        kind: 'tree',
        entries: nothing,
        resets: new Set(),
        arePairs: false,
        file,
        span: { start: 0, end: 0 },
      }
    );
  }

  /** As its files call it, else as its folder is called. */
  private projectName(files: readonly ProjectFile[]): string {
    const names = files.flatMap((file) =>
      this.documentsOf(file).map((yaml) => {
        const nodes = new ComposeNodes(yaml, this.budget);
        const top = nodes.follow(yaml.contents);
        return (
          textOf(fieldOf(new TreeReader(nodes, file, this.unknowns, this.budget).read(top, named), 'name'))?.text ?? ''
        );
      }),
    );
    const name = names.findLast((each) => each !== '') ?? this.environment.folderName;
    return name
      .toLowerCase()
      .replace(/[^a-z0-9_-]/g, '')
      .replace(/^[_-]+/, '');
  }

  private documentsOf(file: ProjectFile): readonly Document[] {
    const known = this.#documents.get(file.document);
    if (known !== undefined) return known;
    const documents = this.parse(file);
    this.#documents.set(file.document, documents);
    return documents;
  }

  private parse(file: ProjectFile): readonly Document[] {
    const source = file.document.getText();
    this.budget.spend(costOfParsing(source));
    try {
      const options = { uniqueKeys: false, prettyErrors: false, logLevel: 'silent', version: '1.2' } as const;
      const documents = [...parseAllDocuments(source, options)];
      const broken = documents.flatMap(({ errors }) => errors).at(0);
      if (broken !== undefined)
        this.#refusal ??= { kind: 'yaml', line: file.document.positionAt(broken.pos[0]).line, path: file.path };
      return documents;
    } catch (error) {
      // Nested deeper than the parser's stack, and than Compose reads.
      if (!(error instanceof RangeError)) throw error;
      this.#refusal ??= { kind: 'yaml', line: 0, path: file.path };
      return [];
    }
  }

  private async withIncludes(own: Tree, included: readonly string[]): Promise<Tree> {
    const entries = new Map(own.entries);
    entries.delete('include');
    for (const key of sections) if (entries.has(key)) entries.set(key, withoutOwnMarks(entries.get(key) ?? null));
    let result: Tree = { ...own, entries, resets: new Set() };
    for (const item of itemsOf(own.entries.get('include'))) {
      const imported = await this.include(item, own.file, included);
      if (imported === undefined) continue;
      const kept = new Map(
        sections.flatMap((key) => (imported.entries.has(key) ? [[key, imported.entries.get(key) ?? null]] : [])),
      );
      const under = withoutMarks({ ...imported, entries: kept }, this.#unmarked, this.budget);
      result = mergeTrees(under, result, this.budget);
    }
    return withMarksOf(own, result);
  }

  private async include(item: Value, file: ProjectFile, included: readonly string[]): Promise<Tree | undefined> {
    const named = itemsOrText(fieldOf(item, 'path'));
    const [main] = named;
    if (main === undefined) return undefined;
    const place = this.placeOf(main);
    const path = this.pathOf(main, file.folder);
    if (path === undefined) return undefined;
    if (included.includes(path)) {
      this.leave(place, path, 'cycle');
      return undefined;
    }
    const directory = textOf(fieldOf(item, 'project_directory'));
    const folder =
      directory === undefined || directory.text === '' ? folderOfPath(path) : joinPath(file.folder, directory.text);
    const envFiles = itemsOrText(fieldOf(item, 'env_file')).map(({ text: name }) => name);
    const key = JSON.stringify([named.map((each) => each.text), path, folder, envFiles, this.numberOf(file.lookup)]);
    const known = this.#included.get(key);
    if (known !== undefined) return known;
    const loading = this.loadIncluded(named, { place, file, folder, envFiles, included });
    this.#included.set(key, loading);
    return loading;
  }

  private async loadIncluded(
    named: readonly Text[],
    {
      place,
      file,
      folder,
      envFiles,
      included,
    }: {
      readonly place: Place;
      readonly file: ProjectFile;
      readonly folder: string;
      readonly envFiles: readonly string[];
      readonly included: readonly string[];
    },
  ): Promise<Tree | undefined> {
    const opened: Omit<ProjectFile, 'folder' | 'lookup'>[] = [];
    for (const each of named) {
      const document = await this.open(each, file.folder);
      if (document !== undefined) opened.push(document);
    }
    if (opened.length === 0) return undefined;
    const own = envFiles.filter((name) => name !== '/dev/null').map((name) => joinPath(file.folder, name));
    const names = envFiles.length === 0 ? [joinPath(folder, '.env')] : own;
    const lookup = await this.withEnvFiles(file.lookup, names, place, '', envFiles.length > 0);
    return this.loadFiles(
      opened.map((each) => ({ ...each, folder, lookup })),
      included,
    );
  }

  private async withExtensions(own: Tree, file: ProjectFile): Promise<Tree> {
    const entries = new Map(own.entries);
    for (const section of sections) {
      const tree = entries.get(section);
      if (tree?.kind !== 'tree') continue;
      const workloads = new Map(tree.entries);
      for (const name of workloads.keys()) workloads.set(name, await this.extended(name, workloads, file, [], section));
      entries.set(section, { ...tree, entries: workloads });
    }
    return { ...own, entries };
  }

  /** A service laid over the one that it extends, that one over the next, and so on. */
  private async extended(
    name: string,
    services: Map<string, Value>,
    file: ProjectFile,
    seen: readonly string[],
    section: (typeof sections)[number],
  ): Promise<Value> {
    const own = services.get(name) ?? null;
    const extension = fieldOf(own, 'extends');
    if (own?.kind !== 'tree' || extension === null) return own;
    const entries = new Map(own.entries);
    entries.delete('extends');
    const alone: Tree = { ...own, entries };
    const ref = textOf(fieldOf(extension, 'service'));
    const from = textOf(fieldOf(extension, 'file'));
    if (ref === undefined) return alone;
    const place = this.placeOf(from ?? ref);
    const step = JSON.stringify([file.path, name]);
    if (seen.includes(step)) return this.without(alone, place, ref.text, 'cycle');
    if (seen.length >= deepestExtension) return this.without(alone, place, ref.text, 'tooMuch');
    const others = from === undefined ? services : await this.servicesOf(from);
    if (others === undefined) return alone;
    if (!others.has(ref.text)) return this.without(alone, place, ref.text, 'noService');
    const otherFile = from === undefined ? file : { ...file, path: this.pathOf(from, from.file.folder) ?? from.text };
    const base = await this.extended(ref.text, others, otherFile, [...seen, step], section);
    // What a job takes away compose-go looks for among the services (`applyServiceExtends`).
    const marks = section === 'jobs' ? 'doNotCount' : 'count';
    const merged =
      base?.kind === 'tree'
        ? mergeTrees(withoutMarks(base, this.#unmarked, this.budget), alone, this.budget, marks)
        : alone;
    services.set(name, merged);
    return merged;
  }

  /** Those of another file. What it includes does not count, as in Compose. */
  private async servicesOf(from: Text): Promise<Map<string, Value> | undefined> {
    const { folder, lookup } = from.file;
    const key = JSON.stringify([folder, from.text, this.numberOf(lookup)]);
    let loading = this.#extended.get(key);
    if (loading === undefined) {
      loading = this.open(from, folder).then(async (opened) => {
        if (opened === undefined) return undefined;
        const file = { ...opened, folder: folderOfPath(opened.path), lookup };
        return new Map(entriesOf((await this.loadFile(file, undefined, [], false)).entries.get('services')));
      });
      this.#extended.set(key, loading);
    }
    return loading;
  }

  /** Another file that `name` leads to; a gap where there is none to read. */
  private async open(
    name: Text,
    folder: string,
  ): Promise<Pick<ProjectFile, 'document' | 'path' | 'main' | 'via'> | undefined> {
    const path = this.pathOf(name, folder);
    if (path === undefined) return undefined;
    const place = this.placeOf(name);
    const answer = await this.readFile(path);
    if ('fault' in answer) {
      this.leave(place, path, answer.fault);
      return undefined;
    }
    return {
      document: TextDocument.create(path, 'dockercompose', 0, answer.text),
      path,
      main: place.file.main,
      via: place.file.via ?? place.range,
    };
  }

  /** Undefined, and a gap, where the path is not known or leads elsewhere. */
  private pathOf(name: Text, folder: string): string | undefined {
    const place = this.placeOf(name);
    if (isRemotePath(name.text)) {
      this.leave(place, name.text, 'remote');
      return undefined;
    }
    return joinPath(folder, name.text);
  }

  async readFile(path: string): Promise<FileAnswer> {
    this.#files += 1;
    if (this.#files > mostFiles) return { fault: 'tooMuch' };
    const answer = await this.access.read(path);
    if ('fault' in answer) return answer;
    this.#characters += answer.text.length;
    return this.#characters > mostText ? { fault: 'tooMuch' } : answer;
  }

  placeOf({ file, text: { length }, spanOf }: Text): Place {
    return { file, range: toRange(file.document, spanOf(0, length)) };
  }

  /** Remembers what is not read. */
  leave({ file, range }: Place, path: string, cause: UnreadCause): void {
    this.#gaps.set(JSON.stringify([file.path, range, path, cause]), { file, range, path, cause });
  }

  /** A service by itself, since what it extends is not read. */
  private without(alone: Tree, place: Place, path: string, cause: UnreadCause): Tree {
    this.leave(place, path, cause);
    return alone;
  }

  /** Variables of files, which come after those that are there. A file that has to be there, and is not, is a gap. */
  private async withEnvFiles(
    before: Lookup,
    names: readonly string[],
    place: Place,
    folder: string,
    isNeeded = this.environment.envFiles !== undefined,
  ): Promise<Lookup> {
    const values = new Map<string, string>();
    for (const name of names) {
      const path = joinPath(folder, name);
      const answer = await this.readFile(path);
      if ('fault' in answer) {
        if (isNeeded || answer.fault !== 'absent') this.leave(place, path, answer.fault);
        continue;
      }
      this.budget.spend(answer.text.length / 10);
      const read = readDotenv(answer.text, (variable) => before(variable) ?? values.get(variable));
      if (read === undefined) this.leave(place, path, 'notUnderstood');
      for (const [variable, value] of read ?? []) values.set(variable, value);
    }
    return values.size === 0 ? before : (variable) => before(variable) ?? values.get(variable);
  }

  private numberOf(lookup: Lookup): number {
    const known = this.#environments.get(lookup) ?? this.#environments.size;
    this.#environments.set(lookup, known);
    return known;
  }
}

interface Place {
  readonly file: ProjectFile;
  readonly range: Range;
}

function itemsOrText(value: Value): readonly Text[] {
  return (value?.kind === 'list' ? value.items : [value]).flatMap((item) => textOf(item) ?? []);
}

/** Of what is included a mark takes away fields alone: neither a section nor a service as a whole (`importResource`). */
function withoutOwnMarks(value: Value): Value {
  return value?.kind === 'tree' ? { ...value, resets: new Set() } : value;
}

function withMarksOf(own: Tree, result: Tree): Tree {
  const entries = [...result.entries].map(([key, value]): [string, Value] => {
    const marked = own.entries.get(key);
    return [key, value?.kind === 'tree' && marked?.kind === 'tree' ? { ...value, resets: marked.resets } : value];
  });
  return { ...result, entries: new Map(entries), resets: own.resets };
}

/** A build without a context has the folder of the project that it ends up in. */
function withContexts(project: Tree, file: ProjectFile): Tree {
  const entries = new Map(project.entries);
  for (const section of sections) {
    const tree = entries.get(section);
    if (tree?.kind !== 'tree') continue;
    const workloads = [...tree.entries].map(([name, value]): [string, Value] => {
      const built = fieldOf(value, 'build');
      if (value?.kind !== 'tree' || built?.kind !== 'tree' || fieldOf(built, 'context') !== null) return [name, value];
      const { span } = built;
      const context: Text = {
        kind: 'text',
        text: '.',
        file: { ...built.file, folder: file.folder },
        spanOf: () => span,
        exact: false,
      };
      const withContext = { ...built, entries: new Map([...built.entries, ['context', context]]) };
      return [name, { ...value, entries: new Map([...value.entries, ['build', withContext]]) }];
    });
    entries.set(section, { ...tree, entries: new Map(workloads) });
  }
  return { ...project, entries };
}

/** Counts what makes a YAML parser slow, before it begins: the parser has no bound of its own. */
function costOfParsing(source: string): number {
  const count = (pattern: RegExp): number => source.match(pattern)?.length ?? 0;
  const [lines, documents, nested] = [count(/\n|\r/g), count(/^---/gm), count(/[[{\]}]|[-?:] +(?=[-?] )/g)];
  return source.length / 100 + 3 * lines + 300 * documents + 10 * nested + 3 * count(/,|: |["']/g);
}
