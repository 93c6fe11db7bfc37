import { isAbsolute, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as l10n from '@vscode/l10n';
import type { Finding } from '../buildFiles/findings';
import type { CheckedImage } from './buildFile';
import type { Language } from './language';

/** Folder of the pages about the codes, in a checkout as in the package; this runs in `dist/cli`. */
const pages = join(__dirname, '..', '..', 'docs', 'rules');

const levels = { error: 'error', warning: 'warning', information: 'note', hint: 'note' } as const satisfies Record<
  Finding['level'],
  string
>;

/** A rule as `reportingDescriptor` has it (SARIF 2.1.0, section 3.49); the level is that of an image that no rule covers. */
function rules(): readonly (readonly [Finding['code'], string, (typeof levels)[Finding['level']]])[] {
  return [
    ['DC001', l10n.t('Tampered'), 'error'],
    ['DC002', l10n.t('Revoked'), 'error'],
    ['DC003', l10n.t('Superseded'), 'warning'],
    ['DC004', l10n.t('Mismatch'), 'error'],
    ['DC005', l10n.t('Pending'), 'note'],
    ['DC006', l10n.t('Stale'), 'warning'],
    ['DC007', l10n.t('Verified'), 'note'],
    ['DC008', l10n.t('Untrusted publisher'), 'note'],
    ['DC009', l10n.t('Unsigned'), 'note'],
    ['DC010', l10n.t('Cannot be checked'), 'note'],
    ['DC011', l10n.t('Variable without a value'), 'note'],
    ['DC012', l10n.t('Look-alike name'), 'warning'],
    ['DC013', l10n.t('Not judged'), 'note'],
  ];
}

/**
 * The report as SARIF 2.1.0 (OASIS standard), for code scanning. Columns count UTF-16 code units, as the diagnostics do;
 * what a comment in the file leaves out is a suppressed result.
 */
export function sarifLog(checked: readonly CheckedImage[], version: string, language: Language): object {
  const table = rules();
  const page = (code: string): string =>
    pathToFileURL(join(pages, language === 'en' ? `${code}.md` : `${code}.${language}.md`)).href;
  const toResult = (file: string, { code, level, message, range: { start, end } }: Finding): object => ({
    ruleId: code,
    ruleIndex: table.findIndex(([id]) => id === code),
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
            language: language === 'en' ? 'en' : 'zh-CN',
            rules: table.map(([id, title, level]) => ({
              id,
              name: id,
              shortDescription: { text: title },
              helpUri: page(id),
              defaultConfiguration: { level },
            })),
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

/** Relative to the folder that the command runs in, which CI systems take for the checkout's. */
function artifact(file: string): object {
  if (file === '-') return { uri: 'stdin' };
  const path = relative(process.cwd(), file);
  const isInside = !path.startsWith('..') && !isAbsolute(path);
  if (!isInside) return { uri: pathToFileURL(file).href };
  return { uri: path.split(sep).map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' };
}
