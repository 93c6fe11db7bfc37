import { TextDocument, type Range } from 'vscode-languageserver-textdocument';
import { builtOn, withoutBuilder } from '../../core/image/builderPlatform';
import { tryParseReference, familiarName } from '../../core/image/reference';
import {
  findBaseImages,
  type BaseImage,
  type BaseImagePlace,
  type BuildArguments,
  type NamedImage,
} from '../dockerfile/baseImages';
import { Budget, TooMuch } from '../budget';
import { ProjectLoader, type Gap, type Project, type ProjectEnvironment } from './composeProject';
import {
  entriesOf,
  fieldOf,
  itemsOf,
  textAfter,
  textOf,
  weightOf,
  type ProjectFile,
  type Text,
  type Tree,
  type Value,
} from './composeTree';
import { dockerfileRefusal } from '../dockerfile/dockerfileRefusal';
import { fieldsOf } from '../dockerfile/mountSource';
import type { ProjectFiles } from './projectFiles';
import { folderOfPath, isAbsolutePath, isRemotePath, joinPath } from './projectPath';
import type { FileRefusal } from '../refusal';
import { isKnown, toRange, Unknowns } from './unknowns';

/** What may stand before a name on its line: the sign of a list, a key, an anchor or tag, a quote, the name of a context. */
const onlyKey = /^\s*(?:- +)*(?:[\w.-]+ *: +)?(?:[&!]\S+ +)*["']?(?:[\w.-]+=)?(?:docker-image:(?:\/\/)?)?$/;

/** Without the slashes Compose takes it for a path. */
const imageScheme = /^docker-image:\/\//;

/** What BuildKit makes a list of packages with where a build asks for one and names nothing (`frontend/attestations`). */
const defaultScanner = 'docker/buildkit-syft-scanner:stable-1';

/** What is found in a build file. */
export interface BuildFileReading {
  readonly images: readonly BaseImage[];
  /** Why it is not what it was taken for; then `images` may not be all. */
  readonly refusal?: FileRefusal;
}

/** A Compose file that is asked about, with those that Compose reads with it. */
export interface ComposeFiles {
  /** As Compose reads them: each is laid over those before it. */
  readonly documents: readonly { readonly document: TextDocument; readonly path: string }[];
  /** The one of them that is asked about; what stands elsewhere is given with its file. */
  readonly asked: TextDocument;
  readonly files: ProjectFiles;
  readonly environment: ProjectEnvironment;
}

/**
 * The images that a project (compose-spec) pulls, builds from or runs, in any profile: of services, jobs and `pre_start`
 * containers, of image mounts and additional contexts, of Dockerfiles in it and beside it, and of what describes a build. The
 * `image` of a service that is built is among them, for Compose pulls it first, unless it is told not to. What is not read
 * is given as such. Never fails: a file that is broken gives what can be told of it.
 */
export async function findComposeImages(
  { documents, asked, files, environment }: ComposeFiles,
  buildArguments: BuildArguments = { user: {}, workspace: {} },
): Promise<BuildFileReading> {
  const unknowns = new Unknowns();
  const budget = new Budget();
  const loader = new ProjectLoader(files, environment, unknowns, budget);
  const [main] = documents;
  if (main === undefined) return { images: [] };
  const found = new Map<string, BaseImage>();
  const add = (image: BaseImage): void => {
    // What services share through an anchor is written once.
    found.set(keyOf(image), image);
  };
  try {
    const project = await loader.load(documents);
    const reader = new ProjectReader(project, loader, unknowns, budget, buildArguments, asked);
    await reader.read(add);
    for (const gap of loader.gaps) add(reader.unreadFile(gap));
    const refusal = project.refusal ?? reader.refusal;
    return { images: [...found.values()], ...(refusal && { refusal }) };
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    const file = { ...main, folder: '', lookup: () => undefined, main: main.document };
    const start = { line: 0, character: 0 };
    add({
      ...placeIn(file, { start, end: start }, asked),
      source: 'file',
      type: 'unread',
      path: main.path,
      cause: 'tooMuch',
    });
    return { images: [...found.values()] };
  }
}

function keyOf(image: BaseImage): string {
  const what =
    image.type === 'image'
      ? [image.reference, image.platform]
      : image.type === 'unread'
        ? [image.path, image.cause]
        : image.variables.map(({ name, range }) => [name, range]);
  return JSON.stringify([image.file, image.range, image.source, ...what]);
}

function placeIn(
  { document, path, main, via }: ProjectFile,
  range: Range,
  asked: TextDocument,
): Omit<BaseImagePlace, 'source'> {
  const elsewhere = document === asked ? {} : { file: path, ...(main === asked && via && { via }) };
  return { range, written: document.getText(range), comments: [], ...elsewhere };
}

/** Finds the images in a project that is put together. */
class ProjectReader {
  refusal: FileRefusal | undefined;
  readonly #dockerfiles = new Map<string, Promise<TextDocument | undefined>>();
  readonly #lines = new Map<TextDocument, readonly string[]>();
  readonly #weights = new WeakMap<object, number>();
  readonly #defaultPlatform: string | undefined;

  constructor(
    private readonly project: Project,
    private readonly loader: ProjectLoader,
    private readonly unknowns: Unknowns,
    private readonly budget: Budget,
    private readonly buildArguments: BuildArguments,
    private readonly asked: TextDocument,
  ) {
    const platform = project.lookup('DOCKER_DEFAULT_PLATFORM');
    this.#defaultPlatform = platform === undefined || platform === '' ? undefined : withoutBuilder(platform);
  }

  async read(add: (image: BaseImage) => void): Promise<void> {
    const { services, jobs } = this.project;
    for (const workloads of [services, jobs]) {
      for (const [name, workload] of workloads) {
        this.budget.spend(10 + weightOf(workload, this.#weights));
        if (workload?.kind !== 'tree') {
          this.refusal ??= { kind: 'noImage', detail: name };
          continue;
        }
        if (workloads === services && isNothing(workload)) this.refusal ??= { kind: 'noImage', detail: name };
        for (const image of this.#imagesOf(workload)) add(image);
        for (const image of await this.#buildImages(workload)) add(image);
      }
    }
  }

  unreadFile({ file, range, path, cause }: Gap): BaseImage {
    const comments = this.#commentsAt(file.document, file.document.offsetAt(range.start));
    return { ...placeIn(file, range, this.asked), ...comments, source: 'file', type: 'unread', path, cause };
  }

  /** What Compose pulls for a service, and what it runs (`pullRequiredImages` and `shouldPullImage` of docker/compose). */
  #imagesOf(workload: Tree): readonly BaseImage[] {
    const image = textOf(fieldOf(workload, 'image'));
    const isBuilt = fieldOf(workload, 'build') !== null;
    const policy = textOf(fieldOf(workload, 'pull_policy'))?.text;
    const isPulled = !isBuilt || (policy !== 'build' && policy !== 'never');
    const platform = this.#platformOf(workload);
    return [
      ...(image !== undefined && isPulled ? this.#imageAt('image', image, platform) : []),
      ...this.#mountsOf(workload),
      ...itemsOf(fieldOf(workload, 'pre_start')).flatMap((hook) => {
        const own = textOf(fieldOf(hook, 'image'));
        const runsOn = this.#platformOf(hook) ?? platform;
        return [
          // It is pulled for the platform that is usual, and runs on its own.
          ...(own === undefined
            ? image !== undefined && isPulled && runsOn !== platform
              ? this.#imageAt('image', image, runsOn)
              : []
            : [
                ...(own.text === image?.text ? [] : this.#imageAt('hook', own, undefined)),
                ...this.#imageAt('hook', own, runsOn),
              ]),
          ...this.#mountsOf(hook),
        ];
      }),
    ];
  }

  #platformOf(workload: Value): string | undefined {
    return platformText(textOf(fieldOf(workload, 'platform')));
  }

  /** Those are pulled for the platform that is usual. */
  #mountsOf(workload: Value): readonly BaseImage[] {
    return itemsOf(fieldOf(workload, 'volumes')).flatMap((mount) => {
      const type = textOf(fieldOf(mount, 'type'));
      const source = textOf(fieldOf(mount, 'source'));
      const isImage = type !== undefined && (type.text === 'image' || !isKnown(type.text));
      return isImage && source !== undefined ? this.#imageAt('volume', source, undefined) : [];
    });
  }

  async #buildImages(workload: Tree): Promise<readonly BaseImage[]> {
    const build = fieldOf(workload, 'build');
    if (build?.kind !== 'tree') return [];
    const platforms = this.#buildPlatforms(workload, build);
    const contexts = entriesOf(fieldOf(build, 'additional_contexts'));
    const images = [...contexts.values()].flatMap((value) => {
      const context = textOf(value);
      const scheme = context && imageScheme.exec(context.text)?.[0];
      if (context === undefined) return [];
      if (scheme === undefined) return isKnown(context.text) ? [] : this.#imageAt('context', context, undefined);
      const image = textAfter(context, scheme.length);
      // A stage can also start from it on the platform that is built on.
      const wanted = platforms.every((platform) => platform === undefined) ? platforms : [...platforms, builtOn];
      return image.text === 'scratch' ? [] : wanted.flatMap((platform) => this.#imageAt('context', image, platform));
    });
    const dockerfileImages = await this.#dockerfileImages(build, platforms);
    return [
      ...images,
      ...dockerfileImages.filter((image) => !isReplaced(image, contexts)),
      ...this.#scanners('sbom', textOf(fieldOf(build, 'sbom'))),
      ...this.#scanners('provenance', textOf(fieldOf(build, 'provenance'))),
    ];
  }

  /** What is built for (`applyPlatforms` of docker/compose). To build for several to run one is to build for what is usual. */
  #buildPlatforms(workload: Tree, build: Tree): readonly (string | undefined)[] {
    const runsOn = this.#platformOf(workload);
    const listed = itemsOf(fieldOf(build, 'platforms')).flatMap((item) => platformText(textOf(item)) ?? []);
    const several = runsOn === undefined && listed.length > 1 ? [undefined] : [];
    return listed.length === 0 ? [runsOn] : [...listed, ...several];
  }

  async #dockerfileImages(build: Tree, platforms: readonly (string | undefined)[]): Promise<readonly BaseImage[]> {
    const args = this.#argumentsOf(build);
    const inline = textOf(fieldOf(build, 'dockerfile_inline'));
    if (inline !== undefined && inline.text !== '')
      return platforms.flatMap((platform) => this.#inlineImages(inline, this.#withTarget(args, platform)));
    const opened = await this.#dockerfileOf(build);
    if ('images' in opened) return opened.images;
    const { document, file, range } = opened;
    return platforms.flatMap((platform) => {
      this.budget.spend(document.getText().length + Object.keys(args.user).length);
      return findBaseImages(document, this.#withTarget(args, platform)).map((image) => {
        const via = file.main === this.asked ? { via: file.via ?? range } : {};
        const placed = { ...image, file: document.uri, ...via };
        return this.#withUnknowns(placed, document);
      });
    });
  }

  #withTarget(args: BuildArguments, platform: string | undefined): BuildArguments {
    const target = platform ?? this.#defaultPlatform;
    return target === undefined ? args : { ...args, target };
  }

  #argumentsOf(build: Tree): BuildArguments {
    const own = [...entriesOf(fieldOf(build, 'args'))].flatMap(([name, value]): [string, string][] => {
      // A name alone has the value that it has where Compose runs.
      const given = textOf(value)?.text ?? this.project.lookup(name);
      return given === undefined ? [] : [[name, given]];
    });
    return { ...this.buildArguments, user: { ...this.buildArguments.user, ...Object.fromEntries(own) } };
  }

  /** The Dockerfile that a build names; else what is to be said instead. */
  async #dockerfileOf(
    build: Tree,
  ): Promise<
    | { readonly images: readonly BaseImage[] }
    | { readonly document: TextDocument; readonly file: ProjectFile; readonly range: Range }
  > {
    const context = textOf(fieldOf(build, 'context'));
    const named = textOf(fieldOf(build, 'dockerfile'));
    const shown = named ?? context;
    if (shown === undefined) return { images: [] };
    const unknown = [context, named].find((text) => text !== undefined && !isKnown(text.text));
    if (unknown !== undefined) return { images: this.#imageAt('file', unknown, undefined) };
    const place = this.loader.placeOf(shown);
    const name = named === undefined || named.text === '' ? 'Dockerfile' : named.text;
    const where = context?.text ?? '.';
    if (isRemotePath(where) && !isAbsolutePath(name)) {
      this.loader.leave(place, where, 'remote');
      return { images: [] };
    }
    // An empty one is made relative to no file, and so is the project's own folder.
    const folder = where === '' ? this.project.root.folder : (context?.file.folder ?? '');
    const path = joinPath(joinPath(folder, where), name);
    let opening = this.#dockerfiles.get(path);
    if (opening === undefined) {
      opening = this.#openDockerfile(path, place);
      this.#dockerfiles.set(path, opening);
    }
    const document = await opening;
    return document === undefined ? { images: [] } : { document, ...place };
  }

  async #openDockerfile(
    path: string,
    place: { readonly file: ProjectFile; readonly range: Range },
  ): Promise<TextDocument | undefined> {
    let answer = await this.loader.readFile(path);
    // BuildKit looks for it under this name too.
    if ('fault' in answer && answer.fault === 'absent' && /(?:^|\/)Dockerfile$/.test(path))
      answer = await this.loader.readFile(joinPath(folderOfPath(path), 'dockerfile'));
    if ('fault' in answer) {
      this.loader.leave(place, path, answer.fault);
      return undefined;
    }
    const document = TextDocument.create(path, 'dockerfile', 0, answer.text);
    if (dockerfileRefusal(document) !== undefined) this.loader.leave(place, path, 'notUnderstood');
    return document;
  }

  #inlineImages(dockerfile: Text, args: BuildArguments): readonly BaseImage[] {
    const { file } = dockerfile;
    this.budget.spend(dockerfile.text.length + Object.keys(args.user).length);
    const inline = TextDocument.create('inline', 'dockerfile', 0, dockerfile.text);
    if (dockerfileRefusal(inline) !== undefined)
      this.loader.leave(this.loader.placeOf(dockerfile), file.path, 'notUnderstood');
    const outward = ({ start, end }: Range): Range =>
      toRange(file.document, dockerfile.spanOf(inline.offsetAt(start), inline.offsetAt(end)));
    return findBaseImages(inline, args).map((image) => {
      const { instruction, ...rest } = image;
      const place = {
        ...placeIn(file, outward(image.range), this.asked),
        comments: image.comments,
        ...(instruction !== undefined &&
          dockerfile.exact && { instruction: dockerfile.spanOf(instruction, instruction).start }),
      };
      const placed: NamedImage =
        rest.type === 'unresolved'
          ? { ...rest, ...place, variables: rest.variables.map(({ name, range }) => ({ name, range: outward(range) })) }
          : { ...rest, ...place };
      return this.#withUnknowns(placed, file.document);
    });
  }

  /** An image with a mark in its name or platform is not known. */
  #withUnknowns(image: NamedImage, document: TextDocument): NamedImage {
    if (image.type === 'unresolved') {
      const variables = image.variables.flatMap((variable) => {
        const marked = this.unknowns.in(variable.name, document, variable.range);
        return marked.length > 0 ? marked : [variable];
      });
      return { ...image, variables };
    }
    const { reference, platform, ...place } = image;
    const variables = this.unknowns.in(reference + (platform ?? ''), document, image.range);
    return variables.length > 0 ? { ...place, type: 'unresolved', variables } : image;
  }

  /** What describes what was built. One setting can ask for the other, for both are handed on as `type=NAME,WRITTEN`. */
  #scanners(kind: 'sbom' | 'provenance', asked: Text | undefined): readonly BaseImage[] {
    if (asked === undefined || asked.text === '' || /^(?:0|f|F|false|False|FALSE)$/.test(asked.text)) return [];
    const length = asked.text.length;
    const fields = fieldsOf({ text: asked.text, at: Array.from({ length }, (_, i) => i) }).map((field) => {
      const equals = field.text.indexOf('=');
      return { key: field.text.slice(0, Math.max(equals, 0)).trim().toLowerCase(), field, equals };
    });
    const valueOf = (name: string): Text | undefined => {
      const last = fields.findLast(({ key }) => key === name);
      if (last === undefined) return undefined;
      const { field, equals } = last;
      const start = field.at[equals + 1] ?? length;
      return {
        ...asked,
        text: field.text.slice(equals + 1),
        spanOf: (from, to) => asked.spanOf(start + from, start + to),
      };
    };
    const type = valueOf('type')?.text ?? kind;
    if (type !== 'sbom' && isKnown(asked.text)) return [];
    const generator = valueOf('generator');
    if (generator !== undefined && generator.text !== '') return this.#imageAt('scanner', generator, builtOn);
    if (!isKnown(asked.text)) return this.#imageAt('scanner', asked, builtOn);
    const place = this.#placeAt('scanner', asked);
    return [{ ...place, type: 'image', reference: defaultScanner, platform: builtOn }];
  }

  #imageAt(source: BaseImagePlace['source'], name: Text, platform: string | undefined): readonly BaseImage[] {
    if (name.text === '') return [];
    const place = this.#placeAt(source, name);
    const target = platform ?? this.#defaultPlatform;
    const image: NamedImage = {
      ...place,
      type: 'image',
      reference: name.text,
      ...(target !== undefined && { platform: target }),
    };
    return [this.#withUnknowns(image, name.file.document)];
  }

  #placeAt(source: BaseImagePlace['source'], { file, text, spanOf }: Text): BaseImagePlace {
    this.budget.spend(20 + text.length / 20);
    const range = toRange(file.document, spanOf(0, text.length));
    return { ...placeIn(file, range, this.asked), source, ...this.#commentsAt(file.document, spanOf(0, 0).start) };
  }

  /** The comments above the line at `offset`, and where one goes, unless more stands on that line before the name. */
  #commentsAt(document: TextDocument, offset: number): Pick<BaseImagePlace, 'comments' | 'instruction'> {
    const position = document.positionAt(offset);
    const lines = this.#linesOf(document);
    const comments: string[] = [];
    for (let line = position.line - 1; line >= 0; line -= 1) {
      const text = (lines[line] ?? '').trim();
      if (!text.startsWith('#')) break;
      this.budget.spend(1 + text.length / 100);
      comments.unshift(text);
    }
    const before = (lines[position.line] ?? '').slice(0, position.character);
    const indentation = before.length - before.trimStart().length;
    return {
      comments,
      ...(onlyKey.test(before) && { instruction: offset - before.length + indentation }),
    };
  }

  #linesOf(document: TextDocument): readonly string[] {
    const known = this.#lines.get(document) ?? document.getText().split(/\r\n|\n|\r/);
    this.#lines.set(document, known);
    return known;
  }
}

/** Compose refuses a service of nothing, and takes a job of nothing. */
function isNothing(workload: Tree): boolean {
  const image = textOf(fieldOf(workload, 'image'))?.text ?? '';
  return image === '' && fieldOf(workload, 'build') === null && !workload.entries.has('provider');
}

function platformText(platform: Text | undefined): string | undefined {
  return platform === undefined || platform.text === '' ? undefined : withoutBuilder(platform.text);
}

/**
 * Whether a build takes one of its additional contexts for a base image. BuildKit looks for `a` where a Dockerfile has
 * `docker.io/library/a:latest`, and never for what reads the file.
 */
function isReplaced(image: BaseImage, contexts: ReadonlyMap<string, Value>): boolean {
  return image.type === 'image' && image.source !== 'syntax' && contexts.has(contextName(image.reference));
}

function contextName(text: string): string {
  const reference = tryParseReference(text);
  return reference === undefined ? text : familiarName(reference).replace(/:latest$/, '');
}
