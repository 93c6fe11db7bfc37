import { stat } from 'node:fs/promises';
import { basename, delimiter, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { addAbortSignal } from 'node:stream';
import * as l10n from '@vscode/l10n';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { AnswerOf } from '../buildFiles/answer';
import { readProjectFile } from '../adapters/files/projectFile';
import { inItsFile, queryOf, type BaseImage, type BuildArguments } from '../buildFiles/dockerfile/baseImages';
import {
  readComposeFile,
  readComposeProject,
  readDockerfile,
  refusedFile,
  unreadFile,
  type BuildFileContext,
} from '../buildFiles/buildFile';
import type { BuildFileReading } from '../buildFiles/compose/compose';
import {
  isComposeFile,
  loadedByDefault,
  type ComposeDocument,
  type DefaultFiles,
} from '../buildFiles/compose/composeFile';
import { readDotenv } from '../buildFiles/compose/dotenv';
import { findingsOf, verdictMessage, type Finding } from '../buildFiles/findings';
import { ignoredCodes } from '../buildFiles/ignore';
import { isRemotePath, joinPath } from '../buildFiles/compose/projectPath';
import type { ImageAnswer } from '../core/judging/imageAnswer';
import { throwIfCancelled } from '../core/errors';
import { displayText } from '../core/displayText';
import { diagnosticTable, topicOf, type DiagnosticTopic } from '../core/diagnostics';
import type { Verdict, VerdictKind } from '../core/judging/verdict';
import { readNamedFile } from './namedFile';
import { UsageError } from './usageError';

/** A build file and the images that it names. */
export interface BuildFile {
  /** The name as it was given; `-` for the standard input. */
  readonly name: string;
  /** What it is called from, so that the files in it can be: a file of the folder. */
  readonly folder: string;
  readonly images: readonly BaseImage[];
}

/** What is said about one image of a build file, and what counts for the exit code. */
export interface CheckedImage {
  readonly file: string;
  readonly image: BaseImage;
  /** Undefined where the file does not say which image it is, and where there is no answer. */
  readonly judged: ImageAnswer | undefined;
  readonly findings: readonly Finding[];
  /** Left out because a comment in the file asks for it. */
  readonly ignored: readonly Finding[];
  /** Undefined where what the verdict says is ignored. */
  readonly counted: VerdictKind | 'notJudged' | undefined;
}

const noSettings = { user: {}, workspace: {} };

/** Bytes; BuildKit takes no larger Dockerfile. */
const largestBuildFile = 16 * 1024 * 1024;

/** How build files are read. */
export interface ReadingOptions {
  readonly buildArguments: Readonly<Record<string, string>>;
  /** Every file is a Compose file. */
  readonly isCompose: boolean;
}

/** A folder is what Compose reads there. A `UsageError` where it cannot be read. */
export async function readBuildFile(
  name: string,
  { buildArguments, isCompose }: ReadingOptions,
  signal: AbortSignal,
): Promise<BuildFile> {
  const values: BuildArguments = { user: buildArguments, workspace: {} };
  if (name !== '-' && (await isFolder(name))) {
    const context = await contextOf(resolve(name), values);
    return { name, folder: name, images: await readFolder(name, context) };
  }
  const bytes =
    name === '-' ? await readStandardInput(signal) : (await readNamedFile(name, largestBuildFile, signal)).bytes;
  const source = Buffer.from(bytes).toString('utf8');
  const folder = name === '-' ? '.' : dirname(name);
  const path = name === '-' ? '-' : basename(name);
  const context = await contextOf(resolve(folder), values);
  const isYaml = isCompose || isComposeFile(path) || /\.ya?ml$/i.test(name);
  const document = TextDocument.create(path, isYaml ? 'dockercompose' : 'dockerfile', 0, source);
  const reading = await (isYaml
    ? readComposeFile(document, path, context, 'asCompose')
    : readDockerfile(document, path, context));
  return { name, folder, images: withRefusal(path, reading) };
}

async function isFolder(name: string): Promise<boolean> {
  return stat(name).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function readFolder(name: string, context: BuildFileContext): Promise<readonly BaseImage[]> {
  const { documents, unread } = await composeFilesOf(context);
  const [main] = documents;
  if (main === undefined && unread.length === 0)
    throw new UsageError(l10n.t('{0} is a folder without a Compose file.', displayText(name)));
  const images = main === undefined ? [] : withRefusal(main.path, await readComposeProject(documents, context));
  return [
    ...images.map((image) => ({ ...image, file: image.file ?? main?.path ?? name })),
    ...unread.map((each) => ({ ...unreadFile(each), file: each.path })),
  ];
}

/** What `COMPOSE_FILE` lists, be it in `.env`, or else what Compose takes by itself. */
async function composeFilesOf({ files, environment }: BuildFileContext): Promise<DefaultFiles> {
  const dotenv = await files.read('.env');
  const own = 'text' in dotenv ? readDotenv(dotenv.text, environment.variables) : undefined;
  const variable = (key: string): string | undefined => environment.variables(key) ?? own?.get(key);
  const listed = variable('COMPOSE_FILE');
  if (listed === undefined) return loadedByDefault(files);
  const documents: ComposeDocument[] = [];
  const unread: DefaultFiles['unread'][number][] = [];
  for (const path of listed.split(variable('COMPOSE_PATH_SEPARATOR') ?? delimiter)) {
    const answer = isRemotePath(path) ? ({ fault: 'remote' } as const) : await files.read(path);
    if ('text' in answer)
      documents.push({
        document: TextDocument.create(path, 'dockercompose', 0, answer.text),
        path: joinPath('', path),
      });
    else unread.push({ path, cause: answer.fault });
  }
  return { documents, unread };
}

function withRefusal(path: string, { images, refusal }: BuildFileReading): readonly BaseImage[] {
  return refusal === undefined ? images : [...images, refusedFile(path, refusal)];
}

/** The environment is that of the command: what Compose would have if it ran here. */
async function contextOf(folder: string, buildArguments: BuildArguments): Promise<BuildFileContext> {
  const top = await topOf(folder);
  const variables = (name: string): string | undefined =>
    Object.hasOwn(process.env, name) ? process.env[name] : undefined;
  const envFiles = variables('COMPOSE_ENV_FILES')?.split(',');
  const isWithout = /^(?:1|t|true)$/i.test(variables('COMPOSE_DISABLE_ENV_FILE') ?? '');
  return {
    buildArguments,
    files: { read: (path) => readProjectFile(top, folder, path) },
    environment: {
      variables,
      folderName: basename(folder),
      ...(envFiles === undefined ? isWithout && { envFiles: [] } : { envFiles }),
    },
  };
}

/** Other files are read in the checkout that the file is in, else below where the command runs or below the file's folder. */
async function topOf(folder: string): Promise<string> {
  for (let at = folder; dirname(at) !== at; at = dirname(at)) {
    if (
      await stat(join(at, '.git')).then(
        () => true,
        () => false,
      )
    )
      return at;
  }
  const here = relative(process.cwd(), folder);
  return here.startsWith('..') || isAbsolute(here) ? folder : process.cwd();
}

/** Whoever types or pipes a file in may take their time; Ctrl-C ends the waiting. */
async function readStandardInput(signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of addAbortSignal(signal, process.stdin)) {
      const bytes = Buffer.from(chunk as Uint8Array);
      chunks.push(bytes);
      length += bytes.length;
      if (length > largestBuildFile) throw new UsageError(l10n.t('{0} is larger than such a file may be.', '-'));
    }
  } catch (error) {
    throwIfCancelled(signal);
    throw error instanceof UsageError ? error : new UsageError(l10n.t('{0} cannot be read.', '-'));
  }
  return Buffer.concat(chunks);
}

/**
 * The diagnostics are the same as in the editor. An image about which the editor says nothing is reported here too,
 * because it counts.
 */
export function checkImage({ name, folder }: BuildFile, found: BaseImage, answerOf: AnswerOf): CheckedImage {
  const { file: other } = found;
  const image = inItsFile(found);
  const file = other === undefined ? name : isAbsolute(other) ? other : join(folder, other);
  const findings = findingsOf(image, answerOf, noSettings);
  const all = findingsOf({ ...image, comments: [] }, answerOf, noSettings);
  const ignored = all.filter(({ code }) => findings.every((finding) => finding.code !== code));
  const answer = image.type === 'image' ? answerOf(queryOf(image)) : undefined;
  const judged = answer?.state === 'judged' ? answer.image : undefined;
  const verdict = judged?.verdict;
  const base = { file, image, judged, ignored };
  const kind = verdict?.kind ?? 'unknown';
  const topic = topicAt(image, verdict);
  const { code } = diagnosticTable[topic];
  if (ignored.some((finding) => finding.code === code)) return { ...base, findings, counted: undefined };
  if (image.type === 'unread') return { ...base, findings, counted: 'notJudged' };
  if (judged === undefined || kind === 'verified' || all.some((finding) => finding.code === code))
    return { ...base, findings, counted: kind };
  const silent: Finding = {
    topic,
    code,
    level: 'information',
    message: verdictMessage(image, judged),
    range: image.range,
    image,
    ignorable: true,
    subject: '',
  };
  return ignoredCodes(image.comments).has(code)
    ? { ...base, findings, ignored: [...ignored, silent], counted: undefined }
    : { ...base, findings: [...findings, silent], counted: kind };
}

function topicAt({ type }: BaseImage, verdict: Verdict | undefined): DiagnosticTopic {
  switch (type) {
    case 'unread':
      return 'unread';
    case 'unresolved':
      return 'variable';
    case 'image':
      return verdict === undefined ? 'unknown' : topicOf(verdict);
  }
}
