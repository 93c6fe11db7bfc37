import * as l10n from '@vscode/l10n';
import { DiagnosticSeverity, type Diagnostic, type DiagnosticRelatedInformation } from 'vscode-languageserver';
import { fileInLanguage } from '../core/languages';
import type { ServerOptions } from '../protocol/initialization';
import { uses, type Finding } from '../buildFiles/findings';

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
} as const satisfies Record<Finding['level'], DiagnosticSeverity>;

/** The code links to its page, in the reader's language. `others`: where else in the document the same is said. */
export function toDiagnostic(
  { code, level, message, range }: Finding,
  { rules, language }: Pick<ServerOptions, 'rules' | 'language'>,
  uri = '',
  others: readonly Finding[] = [],
): Diagnostic {
  return {
    source: 'DaoChain',
    code,
    codeDescription: { href: rules + fileInLanguage(`${code}.md`, language) },
    severity: severities[level],
    message,
    range,
    ...(others.length > 0 && { relatedInformation: others.map((other) => relatedPlace(uri, other)) }),
  };
}

function relatedPlace(uri: string, { range, image: { source } }: Finding): DiagnosticRelatedInformation {
  const use = uses[source];
  const message = use === undefined ? l10n.t('Used here too') : l10n.t('Used here too ({0})', use);
  return { location: { uri, range }, message };
}
