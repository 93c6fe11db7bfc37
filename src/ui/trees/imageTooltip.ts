import { MarkdownString, env, l10n } from 'vscode';
import { verdictBasis, verdictLabel, verdictNextStep, verdictReason } from '../../words/verdictText';
import { lookAlikeText } from '../../words/lookAlikeText';
import type { JudgedImage } from '../../core/judging/imageAnswer';
import { formatBytes } from '../../words/amountText';
import { imageLabel } from './imageRow';

/** All that is known about a row. Every part is appended as text, so nothing in it can become markup. */
export function imageTooltip(judged: JudgedImage): MarkdownString {
  const { image, verdict, lookAlike } = judged;
  const created = new Date(image.created * 1000).toLocaleString(env.language);
  const markdown = new MarkdownString().appendMarkdown('**').appendText(imageLabel(judged)).appendMarkdown('**\n\n');
  for (const paragraph of [
    l10n.t('{0}. {1}', verdictLabel(verdict, l10n), verdictReason(verdict, l10n)),
    ...(verdict.kind === 'verified' ? [] : [verdictNextStep(verdict, l10n, judged.reference !== undefined)]),
    lookAlike === undefined ? [] : lookAlikeText(lookAlike, l10n),
    verdictBasis(verdict, l10n) ?? [],
  ].flat()) {
    markdown.appendText(paragraph).appendMarkdown('\n\n');
  }
  return markdown
    .appendMarkdown('---\n\n')
    .appendText(l10n.t('ID: {0}', image.id))
    .appendMarkdown('\n\n')
    .appendText(l10n.t('Size: {0}', formatBytes(image.size)))
    .appendMarkdown('\n\n')
    .appendText(l10n.t('Created: {0}', created));
}
