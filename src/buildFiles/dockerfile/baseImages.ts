import type { Range, TextDocument } from 'vscode-languageserver-textdocument';
import {
  builtFor,
  builtForTarget,
  builtOn,
  inPlatformText,
  mayBeEmpty,
  platformVariables,
} from '../../core/image/builderPlatform';
import type { ImageQuery } from '../../core/judging/imageAnswer';
import { parsePlatformText } from '../../core/image/platform';
import { detectSyntax } from './directives';
import { excerpt, type Excerpt } from '../excerpt';
import { flagValue, readFlags } from './flags';
import { onBuildTrigger, parseInstructions, type Instruction } from './instructions';
import { mountSource } from './mountSource';
import type { UnreadCause } from '../compose/projectFiles';
import type { FileRefusal } from '../refusal';
import { argumentWords, expand, lexWord, type Expansion, type Variables } from './shellWord';

/**
 * What names a base image: `FROM`, `COPY --from=`, `RUN --mount=from=`, or the line that says which image reads the file
 * (`# syntax=`). An `ADD` names none: BuildKit takes it from the build context, from git or over HTTP. In a Compose file
 * also the `image` of a service or of what runs before it, an additional build context, an image that is mounted as a
 * volume, what lists the packages of a build, and another file.
 */
export type BaseImageSource =
  'from' | 'copy' | 'mount' | 'syntax' | 'image' | 'hook' | 'context' | 'volume' | 'scanner' | 'file';

/** Where a base image is named. */
export interface BaseImagePlace {
  readonly source: BaseImageSource;
  /** Exactly the image reference as it is written, quotes included. */
  readonly range: Range;
  /** The text in `range`. */
  readonly written: string;
  /** Offset of the instruction, where a comment about it goes above. Absent where none can: above `# syntax=`. */
  readonly instruction?: number;
  /** The comment lines directly above the instruction. */
  readonly comments: readonly string[];
  /** The file that it is named in, from the folder of the one that was asked about; absent where it is that one. */
  readonly file?: string;
  /** Where the file that was asked about leads to `file`. */
  readonly via?: Range;
}

/** Values for `ARG`s, by name, from the two layers of settings. */
export interface BuildArguments {
  /** As `--build-arg` does, these win over the defaults in the file. */
  readonly user: Readonly<Record<string, string>>;
  /** These only fill in what would be unresolved: no folder makes its own Dockerfile look as if it built on something else. */
  readonly workspace: Readonly<Record<string, string>>;
  /** The platform that is built for, where that is not the usual one. */
  readonly target?: string;
}

/** A name of an image, whether or not it is known. */
export type NamedImage = BaseImagePlace &
  (
    | {
        readonly type: 'image';
        /** With the values of `ARG`s filled in; not yet known to be well-formed. */
        readonly reference: string;
        /**
         * What `--platform` asks for, with what only the builder knows as `builderPlatform.ts` writes it; absent where that is
         * the platform that is built for.
         */
        readonly platform?: string;
      }
    | { readonly type: 'unresolved'; readonly variables: readonly { readonly name: string; readonly range: Range }[] }
  );

/** Another file, or a part of one, that may name images and is not read. */
export type UnreadFile = BaseImagePlace & {
  readonly type: 'unread';
  readonly path: string;
  readonly cause: UnreadCause;
  /** Why a file is not understood. */
  readonly refusal?: FileRefusal;
};

export type BaseImage = NamedImage | UnreadFile;

type Writable<T> = T extends unknown ? { -readonly [K in keyof T]: T[K] } : never;

/** As it is told of the file that it is named in. */
export function inItsFile(image: BaseImage): BaseImage {
  const copy: Writable<BaseImage> = { ...image };
  delete copy.file;
  delete copy.via;
  return copy;
}

/** What is asked about a base image. */
export function queryOf({ reference, platform }: NamedImage & { readonly type: 'image' }): ImageQuery {
  return { text: reference, ...(platform !== undefined && { platform }) };
}

/** BuildKit sets these for every build. */
const setByBuilder = [...platformVariables, 'TARGETSTAGE'];

/** Platforms that have one way to be printed, which is this; of others some are, and some are printed otherwise. */
const printedPlatform = /^(?:linux|windows|freebsd)\/(?:amd64|arm64|arm\/v[567]|386|ppc64le|s390x|riscv64)$/;

/** What BuildKit takes as the name of a stage (`instructions.validStageName`). */
const stageName = /^[a-z][a-z0-9-_.]*$/i;

/** At most so many variables of one name are reported to have no value. */
const mostVariables = 16;

/** A name behind `FROM`, `--from=` or `from=`. */
interface Named {
  readonly image: NamedImage;
  /** The name, where it is known. */
  readonly name?: string;
}

interface Stage {
  readonly name?: string;
  /** What `ONBUILD` names as a stage of whichever file is built on top, or as an image where that has no such stage. */
  onBuild: Named[];
}

/**
 * The base images of a Dockerfile, in the order in which they are written: what BuildKit fetches to build any of its stages,
 * be it to start from, to copy from, to mount, or to read the file with.
 *
 * - Not an image: `scratch`, an earlier stage by name, and in `COPY --from` any number. `FROM 0` and `from=0` are images.
 * - Only `ARG`s above the first `FROM` count, and only in `FROM`. `--from` and `from=` with a variable are refused by
 *   BuildKit, so they are unresolved whatever value it has.
 * - `ONBUILD` runs in the build on top. What can only be an image is given; what could be a stage there is left out, unless
 *   a later `FROM` of this file builds on top.
 * - What `--build-context` puts in the place of an image is known to the build alone.
 */
export function findBaseImages(
  document: TextDocument,
  buildArguments: BuildArguments = { user: {}, workspace: {} },
): readonly NamedImage[] {
  const { escape, instructions } = parseInstructions(document.getText());
  const { target } = buildArguments;
  const known = targetVariables(target);
  const variables = globalVariables(instructions, escape, buildArguments, (name) => known.get(name) ?? null);
  const inPlatforms = globalVariables(instructions, escape, buildArguments, inPlatformTexts);
  const images: NamedImage[] = [...syntaxImages(document, instructions, buildArguments)];
  const stages = new Map<string, Stage>();
  let current: Stage = { onBuild: [] };

  for (const instruction of instructions) {
    switch (instruction.keyword) {
      case 'FROM': {
        // BuildKit compares names of stages with case here, the classic builder without; a name with upper case is no image.
        if (current.name !== undefined) stages.set(current.name.toLowerCase(), current);
        const { base, stage } = readFrom(document, instruction, escape, variables, inPlatforms);
        if (base !== undefined && !isStage(base)) images.push(base.image);
        const onTopOf = stages.get(base?.name?.toLowerCase() ?? '');
        for (const named of onTopOf?.onBuild ?? []) if (!isStage(named)) images.push(named.image);
        if (onTopOf !== undefined) onTopOf.onBuild = [];
        current = { ...(stage !== undefined && { name: stage }), onBuild: [] };
        break;
      }
      case 'ONBUILD':
        for (const named of readTrigger(document, instruction)) {
          if (named.name !== undefined && stageName.test(named.name)) current.onBuild.push(named);
          else images.push(named.image);
        }
        break;
      default: {
        const { keyword, text } = instruction;
        for (const named of readSources(document, instruction, { keyword, text, start: 0 }, escape)) {
          if (!isStage(named)) images.push(named.image);
        }
      }
    }
  }
  return images
    .map((image) => forTarget(image, target))
    .sort((a, b) => document.offsetAt(a.range.start) - document.offsetAt(b.range.start));

  function isStage({ name }: Named): boolean {
    const key = name?.toLowerCase();
    return key !== undefined && (key === 'scratch' || stages.has(key));
  }
}

/**
 * What reads the file. A build argument comes before the file's own line, and stands where that does, else at the first
 * instruction. One of a workspace takes nothing away: both are judged.
 */
function syntaxImages(
  document: TextDocument,
  instructions: readonly Instruction[],
  { user, workspace }: BuildArguments,
): readonly NamedImage[] {
  const written = detectSyntax(document.getText());
  const [first] = instructions;
  const place = written ?? (first && { start: first.start, end: first.start + first.keyword.length });
  if (place === undefined) return [];
  const range = { start: document.positionAt(place.start), end: document.positionAt(place.end) };
  const given = [user, workspace].map((values) => values['BUILDKIT_SYNTAX']?.trim().split(' ', 1)[0] ?? '');
  const [asked = '', offered = ''] = given;
  const references = [asked === '' ? (written?.reference ?? '') : asked, offered];
  return [...new Set(references)]
    .filter((reference) => reference !== '')
    .map((reference) => ({
      type: 'image',
      source: 'syntax',
      reference,
      range,
      // It runs where the build runs, whatever is built.
      platform: builtOn,
      written: document.getText(range),
      comments: [],
    }));
}

/** What the builder sets is left as it is: whoever knows the builder fills it in. */
function inPlatformTexts(name: string): string | null {
  return platformVariables.includes(name) ? inPlatformText(name) : null;
}

/** `builders`: the value of what the builder sets. */
function globalVariables(
  instructions: readonly Instruction[],
  escape: string,
  { user, workspace }: BuildArguments,
  builders: (name: string) => string | null,
): Variables {
  const firstFrom = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  const declared = instructions
    .slice(0, Math.max(firstFrom, 0))
    .filter(({ keyword }) => keyword === 'ARG')
    .flatMap((instruction) => declarations(instruction, escape));
  const defaulted = new Set(declared.flatMap(({ name, source }) => (source === undefined ? [] : name)));
  const given = new Map(Object.entries(user));
  const offered = new Map(Object.entries(workspace));

  const values = new Map<string, string | null>();
  const fallbacks = new Map<string, string>();
  const perhapsEmpty = new Set<string>();
  const set = (name: string, value: string | null): void => {
    values.set(name, value);
    perhapsEmpty.delete(name);
    if (value !== null && mayBeEmpty(value)) perhapsEmpty.add(name);
  };
  for (const name of setByBuilder) set(name, given.get(name) ?? builders(name));
  for (const { name, source } of declared) {
    const own = given.get(name);
    const offer = offered.get(name);
    if (own !== undefined) set(name, own);
    else if (source !== undefined) {
      const value = expandWord(source, escape, { values, fallbacks, perhapsEmpty });
      // A value that needs one which is not known is not known either.
      set(name, value?.unresolved.length === 0 ? value.text : null);
    } else if (offer !== undefined && !defaulted.has(name)) fallbacks.set(name, offer);
  }
  return { values, fallbacks, perhapsEmpty };
}

/** What the builder sets for a platform that is written as it prints platforms itself. */
function targetVariables(target: string | undefined): ReadonlyMap<string, string> {
  const platform = parsePlatformText(target ?? '');
  if (target === undefined || platform === undefined || !printedPlatform.test(target)) return new Map();
  return new Map([
    ['TARGETPLATFORM', target],
    ['TARGETOS', platform.os],
    ['TARGETARCH', platform.architecture],
    ['TARGETVARIANT', platform.variant ?? ''],
  ]);
}

function forTarget(image: NamedImage, target: string | undefined): NamedImage {
  if (image.type === 'unresolved' || target === undefined) return image;
  const { platform: written, ...named } = image;
  const platform = builtForTarget(written, target);
  return platform === builtFor ? named : { ...named, platform };
}

/** `ARG A B=1 C="x y"`: a name alone has no `source` of a value. */
function declarations(
  { text }: Instruction,
  escape: string,
): readonly { readonly name: string; readonly source?: string }[] {
  return argumentWords(text.slice(readFlags(text, escape).rest), escape).map((word) => {
    const equals = word.indexOf('=');
    return equals === -1 ? { name: word } : { name: word.slice(0, equals), source: word.slice(equals + 1) };
  });
}

function expandWord(word: string, escape: string, variables: Variables): Expansion | undefined {
  const pieces = lexWord(word, escape);
  return pieces && expand(pieces, variables);
}

function readFrom(
  document: TextDocument,
  instruction: Instruction,
  escape: string,
  variables: Variables,
  inPlatforms: Variables,
): { readonly base?: Named; readonly stage?: string } {
  const { flags, rest } = readFlags(instruction.text, escape);
  const [named, as, name] = instruction.text.slice(rest).matchAll(/[^\t\v\f\r ]+/g);
  if (named === undefined) return {};
  const stage = as?.[0].toLowerCase() === 'as' ? name?.[0] : undefined;
  const word = excerpt(named[0], rest + named.index);
  const base = toNamed(document, instruction, 'from', word, expandWord(word.text, escape, variables));
  const platform = platformOf(flags, escape, inPlatforms);
  return {
    base: { ...base, image: base.image.type === 'image' ? { ...base.image, ...platform } : base.image },
    ...(stage !== undefined && { stage }),
  };
}

/** Where a variable has no value, it stays in the text, and then nothing is judged. */
function platformOf(flags: readonly Excerpt[], escape: string, variables: Variables): { readonly platform?: string } {
  const source = flags.map((flag) => flagValue(flag, 'platform')?.text).find((value) => value !== undefined);
  if (source === undefined || source === '') return {};
  const value = expandWord(source, escape, variables);
  const isKnown = value !== undefined && value.text !== '' && value.unresolved.length === 0;
  if (!isKnown) return { platform: source };
  return value.text === builtFor ? {} : { platform: value.text };
}

/** What an `ONBUILD` names. The build on top reads it with the escape character that every file has by default. */
function readTrigger(document: TextDocument, instruction: Instruction): readonly Named[] {
  const trigger = onBuildTrigger(instruction.text);
  if (trigger === undefined) return [];
  const { keyword, start } = trigger;
  return readSources(document, instruction, { keyword, text: instruction.text.slice(start), start }, '\\');
}

/** What a `COPY` or a `RUN` takes files from; numbers of stages are left out. `start` is where its text stands. */
function readSources(
  document: TextDocument,
  instruction: Instruction,
  { keyword, text, start }: { readonly keyword: string; readonly text: string; readonly start: number },
  escape: string,
): readonly Named[] {
  if (keyword !== 'COPY' && keyword !== 'RUN') return [];
  return readFlags(text, escape).flags.flatMap((flag) => {
    const value = keyword === 'COPY' ? flagValue(flag, 'from') : mountSource(flagValue(flag, 'mount'));
    if (value === undefined || value.text === '' || (keyword === 'COPY' && isNumber(value.text))) return [];
    const word = { text: value.text, at: value.at.map((index) => start + index) };
    const source = keyword === 'COPY' ? 'copy' : 'mount';
    return toNamed(document, instruction, source, word, unexpanded(word.text, escape));
  });
}

/** BuildKit expands nothing here and refuses what it would have to (`dockerfile2llb.toCommand`, `instructions.parseMount`). */
function unexpanded(word: string, escape: string): Expansion | undefined {
  const pieces = lexWord(word, escape) ?? [];
  const unresolved = pieces.filter((piece) => piece.type === 'variable');
  const text = pieces.map((piece) => (piece.type === 'text' ? piece.value : '')).join('');
  return unresolved.length > 0 || text === word ? { text, unresolved } : undefined;
}

/** A number as Go's `strconv.Atoi` takes it. */
function isNumber(text: string): boolean {
  return /^[+-]?\d+$/.test(text) && Math.abs(Number(text)) < 2 ** 63;
}

function toNamed(
  document: TextDocument,
  instruction: Instruction,
  source: BaseImageSource,
  word: Excerpt,
  value: Expansion | undefined,
): Named {
  const rangeOf = (start: number, end: number): Range => ({
    start: document.positionAt(instruction.offsetAt(word.at[start] ?? 0)),
    end: document.positionAt(instruction.offsetAt(word.at[end - 1] ?? 0) + 1),
  });
  const range = rangeOf(0, word.text.length);
  const place: BaseImagePlace = {
    source,
    range,
    written: document.getText(range),
    instruction: instruction.start,
    comments: instruction.comments,
  };
  if (value !== undefined && value.text !== '' && value.unresolved.length === 0) {
    return { image: { ...place, type: 'image', reference: value.text }, name: value.text };
  }
  const unresolved = (value?.unresolved ?? [])
    .slice(0, mostVariables)
    .map(({ name, start, end }) => ({ name, range: rangeOf(start, end) }));
  const variables = unresolved.length > 0 ? unresolved : [{ name: word.text, range }];
  return { image: { ...place, type: 'unresolved', variables } };
}
