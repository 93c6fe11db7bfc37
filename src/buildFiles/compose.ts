import type { TextDocument } from 'vscode-languageserver-textdocument';
import { isMap, isScalar, parseAllDocuments, type Document, type Node } from 'yaml';
import { familiarName, parseReference } from '../core/image/reference';
import type { BaseImage, BaseImagePlace, BuildArguments } from './baseImages';
import { findInlineImages, toRange } from './composeInline';
import { interpolate } from './composeInterpolation';
import { ComposeNodes } from './composeNodes';
import { forPlatforms, withoutBuilder } from './composePlatforms';
import { placedAfter, placeScalar, type PlacedText } from './composeScalar';

/** A service is followed through so many `extends`. */
const maximumExtends = 100;

/** What may stand before a name on its line: the sign of a list, a key, an anchor or tag, a quote, the name of a context. */
const onlyKey = /^\s*(?:- +)*(?:[\w.-]+ *: +)?(?:[&!]\S+ +)*["']?(?:[\w.-]+=)?(?:docker-image:\/\/)?$/;

const imageScheme = 'docker-image://';

/**
 * The images that a Compose file (compose-spec) uses and does not build: those of services, of image mounts and of
 * additional contexts, and the base images of Dockerfiles written into it. The `image` of a service that is built names
 * the result. Variables have their default and no other value: `.env` and the environment are Compose's own. Never fails:
 * a file that is broken gives what can be told of it.
 */
export function findComposeImages(
  document: TextDocument,
  buildArguments: BuildArguments = { user: {}, workspace: {} },
): readonly BaseImage[] {
  const images = yamlDocuments(document.getText()).flatMap((yaml) =>
    new ComposeReader(document, yaml, buildArguments).images(),
  );
  // What services share through an anchor is written once.
  return [...new Map(images.map((image) => [keyOf(image), image])).values()];
}

function yamlDocuments(source: string): readonly Document[] {
  try {
    return [...parseAllDocuments(source, { uniqueKeys: false, prettyErrors: false, logLevel: 'silent' })];
  } catch (error) {
    // Nested deeper than the parser's stack, and than Compose reads.
    if (error instanceof RangeError) return [];
    throw error;
  }
}

function keyOf(image: BaseImage): string {
  return JSON.stringify([image.range, ...(image.type === 'image' ? [image.reference, image.platform] : [])]);
}

class ComposeReader {
  readonly #nodes: ComposeNodes;
  readonly #services: ReadonlyMap<string, Node>;

  constructor(
    private readonly document: TextDocument,
    yaml: Document,
    private readonly buildArguments: BuildArguments,
  ) {
    this.#nodes = new ComposeNodes(yaml);
    this.#services = this.#nodes.entries(this.#nodes.get(yaml.contents, 'services'));
  }

  images(): readonly BaseImage[] {
    return [...this.#services.values()].flatMap((service) => {
      const build = this.field(service, 'build');
      const images = [
        ...this.imageOf('image', build === undefined ? this.textAt(this.field(service, 'image')) : undefined),
        ...this.mountsOf(service).flatMap((mount) => this.imageOf('volume', mount)),
        ...this.buildImages(build),
      ];
      const run = this.platformOf(this.field(service, 'platform'));
      const targets = this.#nodes
        .items(this.#nodes.get(build, 'platforms'))
        .flatMap((each) => this.platformOf(each) ?? []);
      return images.flatMap((image) => forPlatforms(image, run, targets));
    });
  }

  /** A field of a service, or else of the one that it extends in this file. */
  private field(service: Node, key: string): Node | undefined {
    let at: Node | undefined = service;
    for (let i = 0; at !== undefined && i < maximumExtends; i += 1) {
      const value = this.#nodes.get(at, key);
      if (value !== undefined) return value;
      at = this.extendedBy(at);
    }
    return undefined;
  }

  private extendedBy(service: Node): Node | undefined {
    const base = this.#nodes.get(service, 'extends');
    if (isMap(base) && this.#nodes.get(base, 'file') !== undefined) return undefined;
    const name = this.textAt(isMap(base) ? this.#nodes.get(base, 'service') : base);
    return name && this.#services.get(name.text);
  }

  /** As it is written; a variable without a value stays in it, and then nothing is judged. */
  private platformOf(node: Node | undefined): string | undefined {
    const written = this.textAt(node)?.text;
    if (written === undefined) return undefined;
    const parts = interpolate(written);
    const isKnown = parts?.every(({ unresolved }) => unresolved.length === 0) === true;
    const platform = isKnown ? parts.map(({ text }) => text).join('') : written;
    return platform === '' ? undefined : withoutBuilder(platform);
  }

  private mountsOf(service: Node): readonly (PlacedText | undefined)[] {
    return this.#nodes
      .items(this.field(service, 'volumes'))
      .filter((volume) => this.textAt(this.#nodes.get(volume, 'type'))?.text === 'image')
      .map((volume) => this.textAt(this.#nodes.get(volume, 'source')));
  }

  private buildImages(build: Node | undefined): readonly BaseImage[] {
    const contexts = this.pairs(this.#nodes.get(build, 'additional_contexts'));
    const dockerfile = this.textAt(this.#nodes.get(build, 'dockerfile_inline'));
    const inline =
      dockerfile === undefined
        ? []
        : findInlineImages(this.document, dockerfile, this.pairs(this.#nodes.get(build, 'args')), this.buildArguments);
    const names = new Set([...contexts.keys()].map(contextName));
    return [
      ...[...contexts.values()]
        .filter(({ text }) => text.startsWith(imageScheme))
        .flatMap((context) => this.imageOf('context', placedAfter(context, imageScheme.length))),
      ...inline.filter((image) => image.type !== 'image' || !names.has(contextName(image.reference))),
    ];
  }

  /** A mapping, or a list of `name=value`. */
  private pairs(node: Node | undefined): ReadonlyMap<string, PlacedText> {
    const mapped = [...this.#nodes.entries(node)].map(([name, value]) => [name, this.textAt(value)] as const);
    const listed = this.#nodes.items(node).map((item) => {
      const pair = this.textAt(item);
      const equals = pair?.text.indexOf('=') ?? -1;
      return [
        pair?.text.slice(0, equals) ?? '',
        pair && equals !== -1 ? placedAfter(pair, equals + 1) : undefined,
      ] as const;
    });
    return new Map([...mapped, ...listed].flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  }

  private textAt(node: Node | undefined): PlacedText | undefined {
    return isScalar(node) ? placeScalar(this.document.getText(), node) : undefined;
  }

  private imageOf(source: BaseImagePlace['source'], name: PlacedText | undefined): readonly BaseImage[] {
    if (name === undefined) return [];
    const { text, spanOf } = name;
    const range = toRange(this.document, spanOf(0, text.length));
    const place = { source, range, written: this.document.getText(range), ...this.commentsAt(spanOf(0, 0).start) };
    const parts = interpolate(text) ?? [];
    const reference = parts.map((part) => part.text).join('');
    const variables = parts
      .flatMap(({ unresolved }) => unresolved)
      .map((variable) => ({
        name: variable.name,
        range: toRange(this.document, spanOf(variable.start, variable.end)),
      }));
    if (variables.length > 0) return [{ ...place, type: 'unresolved', variables }];
    return reference === ''
      ? [{ ...place, type: 'unresolved', variables: [{ name: text, range }] }]
      : [{ ...place, type: 'image', reference }];
  }

  /** The comments above the line at `offset`, and where one goes, unless more stands on that line before the name. */
  private commentsAt(offset: number): Pick<BaseImagePlace, 'comments' | 'instruction'> {
    const position = this.document.positionAt(offset);
    const comments: string[] = [];
    for (let line = position.line - 1; line >= 0; line -= 1) {
      const text = this.lineText(line).trim();
      if (!text.startsWith('#')) break;
      comments.unshift(text);
    }
    const before = this.lineText(position.line).slice(0, position.character);
    const indentation = before.length - before.trimStart().length;
    return {
      comments,
      ...(onlyKey.test(before) && { instruction: offset - before.length + indentation }),
    };
  }

  private lineText(line: number): string {
    return this.document.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
  }
}

/** A context is found under what people write for it: BuildKit takes `docker.io/library/a:latest` for `a`. */
function contextName(text: string): string {
  try {
    return familiarName(parseReference(text)).replace(/:latest$/, '');
  } catch {
    return text;
  }
}
