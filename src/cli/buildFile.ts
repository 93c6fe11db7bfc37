import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import * as l10n from '@vscode/l10n';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { AnswerOf } from '../buildFiles/answer';
import { findBaseImages, queryOf, type BaseImage, type BuildArguments } from '../buildFiles/baseImages';
import { isComposeFile } from '../buildFiles/composeFile';
import { findingsOf, type Finding } from '../buildFiles/findings';
import { ignoredCodes } from '../buildFiles/ignore';
import { displayText } from '../core/trust/displayText';
import { verdictLabel, verdictNextStep, verdictReason } from '../core/trust/explain';
import { diagnosticOf } from '../core/trust/severity';
import type { Verdict, VerdictKind } from '../core/trust/verdict';
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
  readonly findings: readonly Finding[];
  /** Left out because a comment in the file asks for it. */
  readonly ignored: readonly Finding[];
  /** Undefined where what the verdict says is ignored. */
  readonly counted: VerdictKind | undefined;
}

const noSettings = { user: {}, workspace: {} };

/** A `UsageError` where it cannot be read. */
export async function readBuildFile(
  name: string,
  buildArguments: Readonly<Record<string, string>>,
  isCompose: boolean,
): Promise<BuildFile> {
  let source: string;
  try {
    source = name === '-' ? await readAll(process.stdin) : await readFile(name, 'utf8');
  } catch {
    throw new UsageError(l10n.t('{0} cannot be read.', displayText(name)));
  }
  const values: BuildArguments = { user: buildArguments, workspace: {} };
  if (isCompose || isComposeFile(basename(name)) || /\.ya?ml$/i.test(name)) {
    const { findComposeImages } = await import('../buildFiles/compose');
    return { name, images: findComposeImages(TextDocument.create(name, 'dockercompose', 0, source), values) };
  }
  return { name, images: findBaseImages(TextDocument.create(name, 'dockerfile', 0, source), values) };
}

/** The diagnostics are the editor's; only an image that the editor passes over in silence is told here, since it counts. */
export function checkImage(file: string, image: BaseImage, answerOf: AnswerOf): CheckedImage {
  const findings = findingsOf(image, answerOf, noSettings);
  const all = findingsOf({ ...image, comments: [] }, answerOf, noSettings);
  const ignored = all.filter(({ code }) => findings.every((finding) => finding.code !== code));
  const answer = image.type === 'image' ? answerOf(queryOf(image)) : undefined;
  const verdict = answer?.state === 'judged' ? answer.image.verdict : undefined;
  const base = { file, image, verdict, ignored };
  const kind = verdict?.kind ?? 'unknown';
  const code = codeOf(verdict);
  if (ignored.some((finding) => finding.code === code)) return { ...base, findings, counted: undefined };
  if (verdict === undefined || kind === 'verified' || all.some((finding) => finding.code === code))
    return { ...base, findings, counted: kind };
  const silent: Finding = {
    code,
    level: 'information',
    message: l10n.t(
      '{0}: {1} {2}',
      verdictLabel(verdict, l10n),
      verdictReason(verdict, l10n),
      verdictNextStep(verdict, l10n),
    ),
    range: image.range,
    image,
    ignorable: true,
  };
  return ignoredCodes(image.comments).has(code)
    ? { ...base, findings, ignored: [...ignored, silent], counted: undefined }
    : { ...base, findings: [...findings, silent], counted: kind };
}

function codeOf(verdict: Verdict | undefined): Finding['code'] {
  if (verdict === undefined) return 'DC011';
  return diagnosticOf(verdict)?.code ?? 'DC010';
}
