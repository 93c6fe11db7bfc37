import { isAbsolute, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as l10n from '@vscode/l10n';
import type { Finding } from '../buildFiles/findings';
import { diagnosticTable, diagnosticTopics, severityOf, type DiagnosticTopic } from '../core/diagnostics';
import { fileInLanguage, languageTag, type Language } from '../core/languages';
import { diagnosticTitle } from '../words/diagnosticText';
import type { CheckedImage } from './buildFile';

/** Folder of the pages about the codes, in a checkout as in the package; this runs in `dist/cli`. */
const pages = join(__dirname, '..', '..', 'docs', 'rules');

const levels = { error: 'error', warning: 'warning', information: 'note', hint: 'note' } as const satisfies Record<
  Finding['level'],
  string
>;

/**
 * The report as SARIF 2.1.0 (OASIS standard), for code scanning. Columns count UTF-16 code units, as the diagnostics do;
 * what a comment in the file leaves out is a suppressed result.
 */
export function sarifLog(checked: readonly CheckedImage[], version: string, language: Language): object {
  const toResult = (file: string, { topic, code, level, message, range: { start, end } }: Finding): object => ({
    ruleId: code,
    ruleIndex: diagnosticTopics.indexOf(topic),
    level: levels[level],
    message: { text: message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifact(file),
          region: {
            startLine: start.line + 1,
            startColumn: start.character + 1,
            endLine: end.line + 1,
            endColumn: end.character + 1,
          },
        },
      },
    ],
  });
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'DaoChain',
            version,
            language: languageTag(language),
            rules: diagnosticTopics.map((topic) => ruleOf(topic, language)),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: checked.flatMap(({ file, findings, ignored }) => [
          ...findings.map((finding) => toResult(file, finding)),
          ...ignored.map((finding) => ({ ...toResult(file, finding), suppressions: [{ kind: 'inSource' }] })),
        ]),
      },
    ],
  };
}

/** A rule as `reportingDescriptor` has it (SARIF 2.1.0, section 3.49); the level is that of an image that no rule covers. */
function ruleOf(topic: DiagnosticTopic, language: Language): object {
  const { code } = diagnosticTable[topic];
  return {
    id: code,
    name: code,
    shortDescription: { text: diagnosticTitle(topic, l10n) },
    helpUri: pathToFileURL(join(pages, fileInLanguage(`${code}.md`, language))).href,
    defaultConfiguration: { level: levels[severityOf(topic, 'none') ?? 'information'] },
  };
}

/** Relative to the folder that the command runs in, which CI systems take for the checkout's. */
function artifact(file: string): object {
  if (file === '-') return { uri: 'stdin' };
  const path = relative(process.cwd(), file);
  const isInside = !path.startsWith('..') && !isAbsolute(path);
  if (!isInside) return { uri: pathToFileURL(file).href };
  return { uri: path.split(sep).map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' };
}
