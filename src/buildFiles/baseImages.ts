import type { Range, TextDocument } from 'vscode-languageserver-textdocument';
import type { ImageQuery } from '../protocol/verifyImages';
import { parseInstructions, type Instruction } from './instructions';
import { expand, lexWord, splitWords, type Expansion, type Variables } from './shellWord';

/**
 * What names a base image: `FROM`, `COPY --from=`, `RUN --mount=from=`, or the line that says which image reads the file
 * (`# syntax=`). An `ADD` names none: BuildKit takes it from the build context, from git or over HTTP. In a Compose file
 * also the `image` of a service, an additional build context, and an image that is mounted as a volume.
 */
export type BaseImageSource = 'from' | 'copy' | 'mount' | 'syntax' | 'image' | 'context' | 'volume';

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
}

/** Values for `ARG`s, by name, from the two layers of settings. */
export interface BuildArguments {
  /** As `--build-arg` does, these win over the defaults in the file. */
  readonly user: Readonly<Record<string, string>>;
  /** These only fill in what would be unresolved: no folder makes its own Dockerfile look as if it built on something else. */
  readonly workspace: Readonly<Record<string, string>>;
}

export type BaseImage = BaseImagePlace &
  (
    | {
        readonly type: 'image';
        /** With the defaults of `ARG` filled in; not yet known to be well-formed. */
        readonly reference: string;
        /** What `--platform` asks for, where it is more than the platform that is built on or for. */
        readonly platform?: string;
      }
    | { readonly type: 'unresolved'; readonly variables: readonly { readonly name: string; readonly range: Range }[] }
  );

/** What is asked about a base image. */
export function queryOf({ reference, platform }: BaseImage & { readonly type: 'image' }): ImageQuery {
  return { text: reference, ...(platform !== undefined && { platform }) };
}

/** BuildKit sets these for every build (Dockerfile reference, "Automatic platform ARGs in the global scope"). */
const setByBuilder = [
  ...['BUILD', 'TARGET'].flatMap((side) =>
    ['PLATFORM', 'OS', 'OSVERSION', 'ARCH', 'VARIANT'].map((part) => side + part),
  ),
  'TARGETSTAGE',
];

/**
 * The base images of a Dockerfile in the order of its `FROM` lines: what is neither `scratch` nor an earlier stage. Only
 * `ARG`s before the first `FROM` count in a `FROM`. A number is no stage here, as it is in `COPY --from`.
 */
export function findBaseImages(
  document: TextDocument,
  buildArguments: BuildArguments = { user: {}, workspace: {} },
): readonly BaseImage[] {
  const { escape, instructions } = parseInstructions(document.getText());
  const firstFrom = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  const global = instructions.slice(0, Math.max(firstFrom, 0)).filter(({ keyword }) => keyword === 'ARG');
  const variables = new Map<string, string | null>(setByBuilder.map((name) => [name, null]));
  for (const instruction of global) declare(instruction, escape, variables);

  const stages = new Set(['scratch']);
  const images: BaseImage[] = [];
  for (const instruction of instructions) {
    if (instruction.keyword !== 'FROM') continue;
    const { image, stage } = readFrom(document, instruction, escape, variables);
    // BuildKit compares names of stages with case, the classic builder without; a name with upper case is no image.
    const isStage = image?.type === 'image' && stages.has(image.reference.toLowerCase());
    if (image !== undefined && !isStage) images.push(image);
    if (stage !== undefined) stages.add(stage.toLowerCase());
  }
  return images;
}

/** `ARG A B=1 C="x y"`: a value that needs one which is not known is not known either; a name alone changes nothing. */
function declare({ text }: Instruction, escape: string, variables: Map<string, string | null>): void {
  for (const { start, end } of splitWords(lexWord(text, escape) ?? [])) {
    const word = text.slice(start, end);
    const equals = word.indexOf('=');
    if (equals === -1) continue;
    const value = expandWord(word.slice(equals + 1), escape, variables);
    variables.set(word.slice(0, equals), value?.unresolved.length === 0 ? value.text : null);
  }
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
): { readonly image?: BaseImage; readonly stage?: string } {
  const words = [...instruction.text.matchAll(/[^\t\v\f\r ]+/g)];
  const flagCount = words.findIndex(([word]) => !word.startsWith('--'));
  const [named, as, name] = words.slice(flagCount === -1 ? words.length : flagCount);
  if (named === undefined) return {};
  const [word] = named;
  const stage = as?.[0].toLowerCase() === 'as' ? name?.[0] : undefined;

  const rangeOf = (start: number, end: number): Range => ({
    start: document.positionAt(instruction.offsetAt(named.index + start)),
    end: document.positionAt(instruction.offsetAt(named.index + end - 1) + 1),
  });
  const range = rangeOf(0, word.length);
  const place: BaseImagePlace = {
    source: 'from',
    range,
    written: document.getText(range),
    instruction: instruction.start,
    comments: instruction.comments,
  };
  const value = expandWord(word, escape, variables);
  const unresolved = value?.unresolved.map(({ name, start, end }) => ({ name, range: rangeOf(start, end) })) ?? [];
  const image: BaseImage =
    value === undefined || value.text === '' || unresolved.length > 0
      ? {
          ...place,
          type: 'unresolved',
          variables: unresolved.length > 0 ? unresolved : [{ name: word, range: place.range }],
        }
      : { ...place, type: 'image', reference: value.text, ...platformOf(words.slice(0, flagCount), escape, variables) };
  return { image, ...(stage !== undefined && { stage }) };
}

function platformOf(
  flags: readonly RegExpExecArray[],
  escape: string,
  variables: Variables,
): { readonly platform?: string } {
  const flag = flags.map(([word]) => word).find((word) => word.startsWith('--platform='));
  if (flag === undefined) return {};
  const source = flag.slice('--platform='.length);
  const value = expandWord(source, escape, variables);
  if (value?.unresolved.length === 0) return { platform: value.text };
  return value?.unresolved.every(({ name }) => setByBuilder.includes(name)) === true ? {} : { platform: source };
}
