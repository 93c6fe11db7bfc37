import { diagnosticTable, type Diagnostic } from '../core/diagnostics';
import { diagnosticLevels, type DiagnosticLevel, type DocumentSettings } from '../protocol/dockerfileSettings';

/**
 * How loud a diagnostic is once settings have spoken. As everywhere in VS Code a workspace's value comes before the
 * user's, except where the reader is protected: there a workspace can only make it louder.
 */
export function diagnosticLevel(
  { topic, severity, isProtected }: Diagnostic,
  { user, workspace }: Pick<DocumentSettings, 'user' | 'workspace'>,
): DiagnosticLevel {
  const { code } = diagnosticTable[topic];
  const own = user.severity?.[code] ?? severity;
  const merged = workspace.severity?.[code] ?? own;
  const ownLevel = (user.enabled ?? true) ? own : 'off';
  const mergedLevel = (workspace.enabled ?? user.enabled ?? true) ? merged : 'off';
  return isProtected ? louder(ownLevel, mergedLevel) : mergedLevel;
}

function louder(a: DiagnosticLevel, b: DiagnosticLevel): DiagnosticLevel {
  return diagnosticLevels.indexOf(a) > diagnosticLevels.indexOf(b) ? a : b;
}
