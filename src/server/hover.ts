import * as l10n from '@vscode/l10n';
import type { Position, Range } from 'vscode-languageserver-textdocument';
import { MarkupKind, type Hover } from 'vscode-languageserver';
import { walletPublisher } from '../core/hex';
import { displayText } from '../core/displayText';
import { verdictBasis } from '../words/verdictText';
import { judgedPlatformText, sidesLabel, sidesNextStep } from '../words/sidesText';
import { lookAlikeText } from '../words/lookAlikeText';
import { timeText } from '../words/timeText';
import { citedBy, type CitationRole, type CitedStatement } from '../core/judging/verdict';
import type { Answer, AnswerOf } from '../buildFiles/answer';
import { queryOf, type BaseImage } from '../buildFiles/dockerfile/baseImages';
import { fetchOf, pinOf, type JudgedFetch } from '../buildFiles/pinnedReference';
import { judgedReason, malformedText, noAnswerText } from '../buildFiles/findings';
import { escapeMarkdown } from '../words/markdownText';
import { explainVerdictArguments, explainVerdictCommand } from '../protocol/explainVerdict';
import { publisherLabel } from '../words/publisherText';

/** As many statements as a hover lists. */
const shownCitations = 5;

/**
 * What is known about the base image at `position`; `isMarked` where a diagnostic gives the reason beside it. `folder`: the
 * URI of the document's.
 */
export function hoverOf(
  images: readonly BaseImage[],
  position: Position,
  answerOf: AnswerOf,
  isMarked: (image: BaseImage) => boolean,
  folder: string,
): Hover | undefined {
  // What is written once can be fetched for several platforms.
  const here = images
    .filter((image) => image.type === 'image')
    .filter(({ range }) => contains(range, position))
    .map((image) => ({ image, answer: answerOf(queryOf(image)) }));
  const [first] = here;
  if (first === undefined) return undefined;
  const sections = here.map(({ image, answer }) => sectionOf(image, answer, isMarked(image), folder));
  const unpinned = unpinnedText(here.map(({ image, answer }) => fetchOf(image, answer)));
  const value = [...sections, ...(unpinned === undefined ? [] : [escapeMarkdown(unpinned)])].join('\n\n');
  return { range: first.image.range, contents: { kind: MarkupKind.Markdown, value } };
}

/** Why no digest is offered although what is fetched for one platform is verified. */
function unpinnedText(fetches: readonly JudgedFetch[]): string | undefined {
  const pin = pinOf(fetches);
  if (pin === undefined || 'text' in pin) return undefined;
  switch (pin.refused) {
    case 'notAllVerified':
      return l10n.t(
        'No digest to pin is offered: this name is fetched for several platforms, and not all of them are verified.',
      );
    case 'severalDigests':
      return l10n.t(
        'No digest to pin is offered: this name is fetched for several platforms, and no single digest serves them all.',
      );
  }
}

function sectionOf(
  image: BaseImage & { readonly type: 'image' },
  answer: Answer,
  marked: boolean,
  folder: string,
): string {
  const [title, ...paragraphs] = textOf(image, answer, marked);
  const heading = `**${escapeMarkdown(title)}** — ${escapeMarkdown(displayText(image.reference))}`;
  return [heading, ...paragraphs.map(escapeMarkdown), ...digestsOf(answer), ...whyLinks(image, answer, folder)].join(
    '\n\n',
  );
}

/**
 * The one link there is. The client lets no other command run from a hover, and what a file says of an image is percent
 * signs, letters and digits in it, so that it can end neither the link nor its argument.
 */
function whyLinks(image: BaseImage, answer: Answer, folder: string): readonly string[] {
  if (image.type !== 'image' || answer.state !== 'judged' || malformedText(image, answer) !== undefined) return [];
  const given = encodeURIComponent(JSON.stringify(explainVerdictArguments(queryOf(image), folder)));
  const target = given.replace(/[!'()*~_.-]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return [`[${escapeMarkdown(l10n.t('Why?'))}](command:${explainVerdictCommand}?${target})`];
}

/** In full and as code, to be copied; a digest holds nothing to escape. */
function digestsOf(answer: Answer): readonly string[] {
  const registry = answer.state === 'judged' ? answer.image.registry : undefined;
  return registry === undefined ? [] : [`${escapeMarkdown(l10n.t('Digest in the registry:'))} \`${registry.digest}\``];
}

function textOf(
  image: BaseImage,
  answer: Answer,
  marked: boolean,
): readonly [title: string, ...paragraphs: readonly string[]] {
  const malformed = malformedText(image, answer);
  if (malformed !== undefined) return [l10n.t('Cannot be checked'), ...(marked ? [] : [malformed])];
  switch (answer.state) {
    case 'waiting':
      return [l10n.t('Checking…')];
    case 'failed':
      return [l10n.t('Cannot be checked'), ...(marked ? [] : [noAnswerText(image)])];
    case 'judged': {
      const { verdict, lookAlike } = answer.image;
      const basis = verdictBasis(verdict, l10n);
      const platforms = [judgedPlatformText(answer.image, l10n)].filter((text) => text !== undefined);
      return [
        sidesLabel(answer.image, l10n),
        ...(marked ? platforms : [judgedReason(answer.image)]),
        ...(marked || verdict.kind === 'verified' ? [] : [sidesNextStep(answer.image, l10n)]),
        ...(marked || lookAlike === undefined ? [] : [lookAlikeText(lookAlike, l10n)]),
        ...citedBy(verdict).slice(0, shownCitations).map(citationText),
        ...(basis === undefined ? [] : [basis]),
      ];
    }
  }
}

function citationText({ citation, role }: CitedStatement): string {
  const { publisher, signer, block, time } = citation;
  const entry = l10n.t(
    'Publisher {0}, signer {1}, block {2}, {3}.',
    publisherLabel(publisher, l10n),
    publisherLabel(walletPublisher(signer), l10n),
    block,
    timeText(time),
  );
  const before = roleText(role, displayText(`${citation.repository}:${citation.tag}`));
  return before === undefined ? entry : l10n.t('{0}: {1}', before, entry);
}

function roleText(role: CitationRole, name: string): string | undefined {
  switch (role) {
    case 'states':
      return undefined;
    case 'statesElsewhere':
      return l10n.t('This content is signed as {0}', name);
    case 'statesOther':
      return l10n.t('Other content is signed under this name');
    case 'takenBack':
      return l10n.t('Signed once, no longer valid');
  }
}

function contains({ start, end }: Range, position: Position): boolean {
  return !isBefore(position, start) && !isBefore(end, position);
}

function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}
