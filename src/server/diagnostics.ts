import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver';
import type { ServerOptions } from '../protocol/initialization';
import type { Finding } from '../buildFiles/findings';

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
} as const satisfies Record<Finding['level'], DiagnosticSeverity>;

/** The code links to its page, in the reader's language. */
export function toDiagnostic(
  { code, level, message, range }: Finding,
  { rules, language }: Pick<ServerOptions, 'rules' | 'language'>,
): Diagnostic {
  const page = language === 'en' ? `${code}.md` : `${code}.${language}.md`;
  return {
    source: 'DaoChain',
    code,
    codeDescription: { href: rules + page },
    severity: severities[level],
    message,
    range,
  };
}
