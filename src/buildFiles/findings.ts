import * as l10n from '@vscode/l10n';
import type { Range } from 'vscode-languageserver-textdocument';
import { displayText } from '../core/displayText';
import { lookAlikeText } from '../words/lookAlikeText';
import { tryParseReference } from '../core/image/reference';
import {
  diagnosticAbout,
  diagnosticOf,
  diagnosticTable,
  isTrustable,
  unanswered,
  type Diagnostic,
  type DiagnosticCode,
  type DiagnosticTopic,
} from '../core/diagnostics';
import { judgedPlatformText, sidesLabel, sidesNextStep, sidesReason, sidesText } from '../words/sidesText';
import type { DiagnosticLevel, DocumentSettings } from '../protocol/dockerfileSettings';
import type { ImageAnswer } from '../core/judging/imageAnswer';
import type { Answer, AnswerOf } from './answer';
import { queryOf, type BaseImage } from './dockerfile/baseImages';
import { diagnosticLevel } from './diagnosticLevel';
import { ignoredCodes } from './ignore';
import { unreadText } from './unreadText';
import { sentences } from '../words/listText';
import { registryFailureText } from '../words/registryText';

/** Something to say about a base image, at a place in its file. */
export interface Finding {
  readonly topic: DiagnosticTopic;
  readonly code: DiagnosticCode;
  readonly level: Exclude<DiagnosticLevel, 'off'>;
  readonly message: string;
  readonly range: Range;
  readonly image: BaseImage;
  /** Whether a comment can leave it out. */
  readonly ignorable: boolean;
  /** The canonical repository, where accepting a publisher for it could help. */
  readonly trustable?: string;
  /** What the same is said about, wherever it stands in the file. */
  readonly subject: string;
}

type Draft = Diagnostic & Pick<Finding, 'message' | 'range' | 'trustable'>;

/** What is said about a base image: its verdict decides first, then the settings, then the comments above it. */
export function findingsOf(
  image: BaseImage,
  answerOf: AnswerOf,
  settings: Pick<DocumentSettings, 'user' | 'workspace'>,
): readonly Finding[] {
  const ignored = ignoredCodes(image.comments);
  return draftsOf(image, answerOf).flatMap((draft) => {
    const { topic, range, isProtected, trustable } = draft;
    const { code } = diagnosticTable[topic];
    const level = diagnosticLevel(draft, settings);
    const asked = ignored.has(code);
    if (level === 'off' || (asked && !isProtected)) return [];
    const placed =
      image.file === undefined ? draft.message : l10n.t('In {0}: {1}', displayText(image.file), draft.message);
    const message = asked ? l10n.t('{0} The comment above cannot silence this.', placed) : placed;
    return {
      topic,
      code,
      level,
      message,
      range,
      image,
      ignorable: !isProtected,
      subject: JSON.stringify([subjectOf(image, draft), asked]),
      ...(trustable !== undefined && { trustable }),
    };
  });
}

function subjectOf(image: BaseImage, { message }: Draft): string {
  return image.type === 'image' ? JSON.stringify(queryOf(image)) : message;
}

function draftsOf(image: BaseImage, answerOf: AnswerOf): readonly Draft[] {
  if (image.type === 'unread') {
    const { range } = image;
    return [{ ...diagnosticAbout('unread'), message: unreadText(image), range }];
  }
  if (image.type === 'unresolved') {
    return image.variables.map(({ name, range }) => ({
      ...diagnosticAbout('variable'),
      message: l10n.t(
        'Cannot be checked: {0}. The value of {1} is not known before the build.',
        displayText(image.written),
        displayText(name),
      ),
      range,
    }));
  }
  const answer = answerOf(queryOf(image));
  return [malformedDraft(image, answer) ?? verdictDraft(image, answer), lookAlikeDraft(image, answer)].filter(
    (draft) => draft !== undefined,
  );
}

/** What the file uses an image for, in its own words; a `FROM` and the image of a service need none. */
export const uses: Readonly<Partial<Record<BaseImage['source'], string>>> = {
  copy: 'COPY --from',
  mount: 'RUN --mount',
  syntax: '# syntax',
  context: 'additional_contexts',
  volume: 'volumes',
  hook: 'pre_start',
  scanner: 'sbom',
};

/** The name, and the platform that is asked for. */
function imageText(image: BaseImage): string {
  if (image.type !== 'image') return displayText(image.written);
  const { reference, platform } = image;
  return platform === undefined
    ? displayText(reference)
    : l10n.t('{0} ({1})', displayText(reference), displayText(platform));
}

/** A sentence about what no image can be called, so that nothing is known about it; undefined where it can. */
export function malformedText(image: BaseImage, answer: Answer): string | undefined {
  if (answer.state === 'waiting') return undefined;
  if (image.type !== 'image' || (answer.state === 'judged' && answer.image.verdict.kind !== 'unknown'))
    return undefined;
  return tryParseReference(image.reference) === undefined
    ? l10n.t('This is not a name that an image can have.')
    : undefined;
}

function malformedDraft(image: BaseImage, answer: Answer): Draft | undefined {
  const problem = malformedText(image, answer);
  if (problem === undefined) return undefined;
  const message = l10n.t('Cannot be checked: {0}. {1}', imageText(image), problem);
  return { ...unanswered, message, range: image.range };
}

function verdictDraft(image: BaseImage, answer: Answer): Draft | undefined {
  const { range } = image;
  switch (answer.state) {
    case 'waiting':
      return undefined;
    case 'failed':
      return { ...unanswered, message: noAnswerText(image), range };
    case 'judged': {
      const { verdict, reference } = answer.image;
      const diagnostic = diagnosticOf(verdict);
      if (diagnostic === undefined) return undefined;
      const trustable = isTrustable(diagnostic.topic) ? reference?.repository : undefined;
      return {
        ...diagnostic,
        message: verdictMessage(image, answer.image),
        range,
        ...(trustable !== undefined && { trustable }),
      };
    }
  }
}

/** The verdict, which image it is about, why, and what to do. */
export function verdictMessage(image: BaseImage, judged: ImageAnswer): string {
  const label = sidesLabel(judged, l10n);
  const use = uses[image.source];
  return l10n.t(
    '{0}: {1} {2}',
    use === undefined ? label : l10n.t('{0} ({1})', label, use),
    sentences([l10n.t('{0}.', imageText(image)), judgedReason(judged)], l10n),
    sidesNextStep(judged, l10n),
  );
}

/** Why the verdict is what it is, and where engine and registry differ, what each has. */
export function judgedReason(image: ImageAnswer): string {
  return sentences(
    [sidesReason(image, l10n), sidesText(image, l10n), unaskedText(image), judgedPlatformText(image, l10n)],
    l10n,
  );
}

/** What `sidesText` leaves to the verdict, where the verdict speaks of something else. */
function unaskedText({ verdict, local, registryFailure }: ImageAnswer): string | undefined {
  const isTold = local !== undefined || (verdict.kind === 'unknown' && verdict.missing === 'registry');
  return isTold || registryFailure === undefined ? undefined : registryFailureText(registryFailure, l10n);
}

export function noAnswerText(image: BaseImage): string {
  return l10n.t(
    'Cannot be checked: {0}. DaoChain gave no answer about this image, or none that can be understood.',
    imageText(image),
  );
}

function lookAlikeDraft(image: BaseImage, answer: Answer): Draft | undefined {
  const similar = answer.state === 'judged' ? answer.image.lookAlike : undefined;
  if (similar === undefined) return undefined;
  const message = l10n.t('Look-alike name: {0}. {1}', imageText(image), lookAlikeText(similar, l10n));
  return { ...diagnosticAbout('lookAlike'), message, range: image.range };
}
