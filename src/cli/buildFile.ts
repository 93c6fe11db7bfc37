import { basename } from 'node:path';
import { addAbortSignal } from 'node:stream';
import * as l10n from '@vscode/l10n';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { AnswerOf } from '../buildFiles/answer';
import { findBaseImages, queryOf, type BaseImage, type BuildArguments } from '../buildFiles/baseImages';
import { isComposeFile } from '../buildFiles/composeFile';
import { findingsOf, verdictMessage, type Finding } from '../buildFiles/findings';
import { ignoredCodes } from '../buildFiles/ignore';
import { throwIfCancelled } from '../core/errors';
import { diagnosticOf } from '../core/trust/severity';
import type { Verdict, VerdictKind } from '../core/trust/verdict';
import { readNamedFile } from './namedFile';
import { UsageError } from './usageError';

/** A build file and the images that it names. */
export interface BuildFile {
  /** As it was named; `-` for the standard input. */
  readonly name: string;
  readonly images: readonly BaseImage[];
}

/** What is said about one image of a build file, and what counts for the exit code. */
export interface CheckedImage {
  readonly file: string;
  readonly image: BaseImage;
  /** `unknown` where the file does not say which image it is. */
  readonly verdict: Verdict | undefined;
  /** As `JudgedReference`. */
  readonly judgedFor?: string;
  readonly findings: readonly Finding[];
  /** Left out because a comment in the file asks for it. */
  readonly ignored: readonly Finding[];
  /** Undefined where what the verdict says is ignored. */
  readonly counted: VerdictKind | undefined;
}

const noSettings = { user: {}, workspace: {} };

/** Bytes; BuildKit takes no larger Dockerfile. */
const largestBuildFile = 16 * 1024 * 1024;

/** A `UsageError` where it cannot be read. */
export async function readBuildFile(
  name: string,
  buildArguments: Readonly<Record<string, string>>,
  isCompose: boolean,
  signal: AbortSignal,
): Promise<BuildFile> {
  const bytes =
    name === '-' ? await readStandardInput(signal) : (await readNamedFile(name, largestBuildFile, signal)).bytes;
  const source = Buffer.from(bytes).toString('utf8');
  const values: BuildArguments = { user: buildArguments, workspace: {} };
  if (isCompose || isComposeFile(basename(name)) || /\.ya?ml$/i.test(name)) {
    const { findComposeImages } = await import('../buildFiles/compose');
    return { name, images: findComposeImages(TextDocument.create(name, 'dockercompose', 0, source), values) };
  }
  return { name, images: findBaseImages(TextDocument.create(name, 'dockerfile', 0, source), values) };
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
      if (length > largestBuildFile) throw new UsageError(l10n.t('{0} is larger than such a file can be.', '-'));
    }
  } catch (error) {
    throwIfCancelled(signal);
    throw error instanceof UsageError ? error : new UsageError(l10n.t('{0} cannot be read.', '-'));
  }
  return Buffer.concat(chunks);
}

/** The diagnostics are the editor's; only an image that the editor passes over in silence is told here, since it counts. */
export function checkImage(file: string, image: BaseImage, answerOf: AnswerOf): CheckedImage {
  const findings = findingsOf(image, answerOf, noSettings);
  const all = findingsOf({ ...image, comments: [] }, answerOf, noSettings);
  const ignored = all.filter(({ code }) => findings.every((finding) => finding.code !== code));
  const answer = image.type === 'image' ? answerOf(queryOf(image)) : undefined;
  const { verdict, judgedFor } = answer?.state === 'judged' ? answer.image : {};
  const base = { file, image, verdict, ignored, ...(judgedFor !== undefined && { judgedFor }) };
  const kind = verdict?.kind ?? 'unknown';
  const code = codeOf(verdict);
  if (ignored.some((finding) => finding.code === code)) return { ...base, findings, counted: undefined };
  if (
    answer?.state !== 'judged' ||
    verdict === undefined ||
    kind === 'verified' ||
    all.some((finding) => finding.code === code)
  )
    return { ...base, findings, counted: kind };
  const silent: Finding = {
    code,
    level: 'information',
    message: verdictMessage(image, answer.image),
    range: image.range,
    image,
    ignorable: true,
    subject: '',
  };
  return ignoredCodes(image.comments).has(code)
    ? { ...base, findings, ignored: [...ignored, silent], counted: undefined }
    : { ...base, findings: [...findings, silent], counted: kind };
}

function codeOf(verdict: Verdict | undefined): Finding['code'] {
  if (verdict === undefined) return 'DC011';
  return diagnosticOf(verdict)?.code ?? 'DC010';
}
