import type { DiagnosticTopic } from '../core/diagnostics';
import type { Localizer } from './localizer';
import { kindWord } from './verdictText';

/** What a diagnostic is about, in a word or two; of a verdict its own. */
export function diagnosticTitle(topic: DiagnosticTopic, l10n: Localizer): string {
  if (topic === 'variable') return l10n.t('Variable without a value');
  if (topic === 'lookAlike') return l10n.t('Look-alike name');
  if (topic === 'unread') return l10n.t('Not judged');
  return kindWord(topic, l10n);
}
