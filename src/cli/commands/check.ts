import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import manifest from '../../../package.json';
import type { AnswerOf } from '../../buildFiles/answer';
import { queryOf } from '../../buildFiles/dockerfile/baseImages';
import type { Finding } from '../../buildFiles/findings';
import { ignoredCodes } from '../../buildFiles/ignore';
import { displayText } from '../../core/displayText';
import type { ImageAnswer, ImageQuery } from '../../core/judging/imageAnswer';
import type { PolicyStatus } from '../../services/trust/policies';
import { checkImage, readBuildFile, type BuildFile, type CheckedImage } from '../buildFile';
import { defineCommand } from '../command';
import { exitCodeOf, exitCodes, type ExitCode } from '../exitCodes';
import { sarifLog } from '../sarif';
import { policiesJson, policiesOf, policyOptions, printPolicies, readNamedPolicy } from '../policies';
import { openLedger, withSession, type Session } from '../session';
import { shownJson, type Style, type Terminal } from '../terminal';
import { UsageError } from '../usageError';
import { judgedVerdictJson } from '../verdictJson';
import { list } from '../../words/listText';
import { everyPlatform } from '../../core/judging/imageAnswer';

interface Checked {
  readonly checked: readonly CheckedImage[];
  readonly policies: readonly PolicyStatus[];
}

export const check = defineCommand({
  usage: 'FILE…',
  words: [1, Infinity],
  options: {
    'build-arg': {
      type: 'string',
      value: 'NAME=VALUE',
      multiple: true,
      help: () => l10n.t('a value for ARG, as in the build'),
    },
    compose: { type: 'boolean', help: () => l10n.t('read every FILE as a Compose file') },
    sarif: { type: 'string', value: 'FILE', help: () => l10n.t('write SARIF 2.1.0 as well; - for the output') },
    ...policyOptions,
  },
  notes: () =>
    l10n.t(
      'FILE is a Dockerfile, or a Compose file if its name ends in .yml or .yaml. - is the standard input; a folder stands for the files that Compose reads in it. What a comment such as "# daochain: ignore DC009" leaves out is counted.',
    ),
  run: async (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    const buildArguments = Object.fromEntries((values['build-arg'] ?? []).map(parseBuildArgument));
    const files: BuildFile[] = [];
    for (const name of positionals)
      files.push(await readBuildFile(name, { buildArguments, isCompose: values.compose === true }, invocation.signal));
    const policy = await readNamedPolicy(values, invocation.signal);
    const use = async (session: Session): Promise<Checked> => {
      const folders = [...new Set(files.map(folderOf))];
      const isAnythingNamed = files.some(({ images }) => images.some(({ type }) => type === 'image'));
      if (isAnythingNamed) await openLedger(session, terminal);
      const checked: CheckedImage[] = [];
      for (const folder of folders) {
        const here = files.filter((file) => folderOf(file) === folder);
        const images = here.flatMap((file) => file.images);
        const queries = distinct(images.flatMap((image) => (image.type === 'image' ? [queryOf(image)] : [])));
        const judged =
          queries.length === 0 ? [] : await session.verification.judgeReferences(queries, signal, { folder });
        const answerOf = answersFrom(judged);
        checked.push(...here.flatMap((file) => file.images.map((image) => checkImage(file, image, answerOf))));
      }
      return {
        checked: eachOnce(checked),
        policies: policy === undefined ? await policiesOf(session.policies, folders) : [],
      };
    };
    const { checked, policies } = await withSession(invocation, use, [], policy);

    const sarif = values.sarif === undefined ? undefined : sarifLog(checked, manifest.version, invocation.language);
    if (values.sarif === '-') terminal.printJson(sarif);
    else if (values.json === true) terminal.printJson({ ...reportJson(checked), ...policiesJson(policies, policy) });
    else {
      printReport(files, checked, terminal);
      printPolicies(policies, terminal);
    }
    if (values.sarif !== undefined && values.sarif !== '-') await writeReport(values.sarif, shownJson(sarif));
    return exitCodeOfAll(checked);
  },
});

/** Where it is; the standard input is where the command runs. */
function folderOf({ folder }: BuildFile): string {
  return resolve(folder);
}

/** What is not read is as little known as a verdict that is missing, and told apart where nothing is worse. */
function exitCodeOfAll(checked: readonly CheckedImage[]): ExitCode {
  const counted = checked.flatMap((image) => image.counted ?? []);
  const code = exitCodeOf(counted.map((kind) => ({ kind: kind === 'notJudged' ? 'unknown' : kind })));
  return code === exitCodes.unknown && counted.includes('notJudged') ? exitCodes.notJudged : code;
}

/** An image that two of the named files lead to is one. */
function eachOnce(checked: readonly CheckedImage[]): readonly CheckedImage[] {
  const keyOfImage = ({ file, image, findings }: CheckedImage): string =>
    JSON.stringify([resolve(file), image.range, image.source, image.type === 'image' ? queryOf(image) : findings]);
  return [...new Map(checked.map((image) => [keyOfImage(image), image])).values()];
}

function parseBuildArgument(text: string): readonly [string, string] {
  const [, name, value] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(text) ?? [];
  // As docker does, a name alone takes its value from the environment.
  const given = value ?? (name === undefined ? undefined : process.env[name]);
  if (name === undefined || given === undefined)
    throw new UsageError(l10n.t('--build-arg takes NAME=VALUE, not {0}.', displayText(text)));
  return [name, given];
}

function keyOf({ text, platform }: ImageQuery): string {
  return JSON.stringify([text, platform]);
}

function distinct(queries: readonly ImageQuery[]): readonly ImageQuery[] {
  return [...new Map(queries.map((query) => [keyOf(query), query])).values()];
}

function answersFrom(judged: readonly ImageAnswer[]): AnswerOf {
  const answers = new Map(judged.map((each) => [keyOf(each), each]));
  return (query) => {
    const image = answers.get(keyOf(query));
    return image === undefined ? { state: 'failed' } : { state: 'judged', image };
  };
}

const levels: Readonly<Record<Finding['level'], { readonly word: string; readonly style: Style }>> = {
  error: { word: 'error', style: 'red' },
  warning: { word: 'warning', style: 'yellow' },
  information: { word: 'note', style: 'gray' },
  hint: { word: 'note', style: 'gray' },
};

/** As compilers do, so that editors and CI systems find their way (`file:line:column`). */
function printReport(files: readonly BuildFile[], checked: readonly CheckedImage[], terminal: Terminal): void {
  const lines = checked.flatMap(({ file, findings }) =>
    findings.map(({ code, level, message, range }) => {
      const { word, style } = levels[level];
      const place = `${displayText(file)}:${range.start.line + 1}:${range.start.character + 1}`;
      return `${place}: ${terminal.style(style, `${word} ${code}`)}: ${message}`;
    }),
  );
  // An image that is fetched for several platforms, of which two can be the same, is reported once.
  for (const line of new Set(lines)) terminal.print(line);
  for (const { name, images } of files) {
    if (images.length === 0) terminal.print(l10n.t('{0}: fetches no image.', displayText(name)));
  }
  const platforms = [...new Set(checked.flatMap(({ judged }) => judged?.judgedFor ?? []))].map((each) =>
    each === everyPlatform ? l10n.t('every platform, since no engine says which is its own') : displayText(each),
  );
  if (platforms.length > 0) terminal.print(l10n.t('Judged for {0}.', list(platforms, l10n)));
  const named = checked.filter(({ image }) => image.type !== 'unread');
  const verified = checked.filter(({ judged }) => judged?.verdict.kind === 'verified').length;
  terminal.print(
    l10n.t('{0} of {1} base images verified; ignored: {2}', verified, named.length, countIgnored(checked)),
  );
  const unread = checked.filter(({ counted }) => counted === 'notJudged').length;
  if (unread > 0) terminal.print(l10n.t('Parts that are not judged: {0}', unread));
  const overruled = countOverruled(checked);
  if (overruled > 0) terminal.print(l10n.t('Comments that cannot silence what they name: {0}', overruled));
}

function reportJson(checked: readonly CheckedImage[]): object {
  return {
    images: checked.map(({ file, image, judged, findings, ignored }) => ({
      file,
      source: image.source,
      ...(image.type === 'image' && queryOf(image)),
      ...(judged?.judgedFor !== undefined && { judgedFor: judged.judgedFor }),
      ...(image.type === 'unread' && { unread: { path: image.path, cause: image.refusal?.kind ?? image.cause } }),
      ...placeOf(image),
      ...(judged !== undefined && { verdict: judgedVerdictJson(judged) }),
      findings: findings.map(findingJson),
      ignored: ignored.map(findingJson),
    })),
    ignored: countIgnored(checked),
    overruled: countOverruled(checked),
  };
}

function findingJson(finding: Finding): object {
  const { code, level, message } = finding;
  return { code, level: levels[level].word, message, ...placeOf(finding) };
}

/** From 1, as in the text report. */
function placeOf({ range: { start, end } }: Pick<Finding, 'range'>): object {
  return {
    line: start.line + 1,
    column: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
}

function countIgnored(checked: readonly CheckedImage[]): number {
  return checked.flatMap(({ ignored }) => ignored).length;
}

/** Findings that a comment in the file asks to leave out, and that stay. */
function countOverruled(checked: readonly CheckedImage[]): number {
  return checked.flatMap(({ image, findings }) => findings.filter(({ code }) => ignoredCodes(image.comments).has(code)))
    .length;
}

async function writeReport(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, `${text}\n`);
  } catch {
    throw new UsageError(l10n.t('{0} cannot be written.', displayText(file)));
  }
}
