/**
 * Checks that what the manifest promises is there, in every language: commands, menus, settings, diagnostics and their pages,
 * icons, walkthrough pages, and every `l10n.t('…')` of the sources. Commands, settings, diagnostics and languages have a table
 * in the sources each, and nothing of them is listed here. `--write` brings `l10n/bundle.l10n.json` up to date first.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import ts from 'typescript';
import * as v from 'valibot';
import { diagnosticTable, diagnosticTopics } from '../../src/core/diagnostics';
import { defaultLanguage, fileInLanguage, languageIds, type Language } from '../../src/core/languages';
import { diagnosticLevels } from '../../src/protocol/dockerfileSettings';
import { commandIds } from '../../src/ui/commandIds';
import { diagnosticTitle } from '../../src/words/diagnosticText';
import type { Localizer } from '../../src/words/localizer';
import { settingId, settingTable, type SettingName } from '../../src/ui/settingTable';

const root = join(import.meta.dirname, '../..');
const problems: string[] = [];

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function readStrings(path: string): ReadonlyMap<string, string> {
  return new Map(Object.entries(v.parse(v.record(v.string(), v.string()), JSON.parse(read(path)))));
}

function report(where: string, what: string, items: Iterable<string>): void {
  for (const item of items) problems.push(`${where}: ${what}: ${JSON.stringify(item)}`);
}

function missingFrom(these: Iterable<string>, those: { has(item: string): boolean }): readonly string[] {
  return [...these].filter((item) => !those.has(item));
}

// --- languages -------------------------------------------------------------------------------------------------------

function stringsOf(language: Language): string {
  return fileInLanguage('package.nls.json', language);
}

function bundleOf(language: Language): string {
  return fileInLanguage('l10n/bundle.l10n.json', language);
}

/** Those that have their texts; of one that has not, that is the problem. */
const languages = languageIds.filter((language) => {
  const absent = [stringsOf(language), bundleOf(language)].filter((path) => !existsSync(join(root, path)));
  report(language, 'no such file', absent);
  return absent.length === 0;
});
/** Texts are written in the first language. */
const translations = languages.filter((id) => id !== defaultLanguage);

// --- manifest --------------------------------------------------------------------------------------------------------

const menuItem = v.looseObject({
  command: v.optional(v.string()),
  group: v.optional(v.string()),
  when: v.optional(v.string()),
});
const setting = v.looseObject({
  type: v.string(),
  default: v.unknown(),
  scope: v.string(),
  order: v.number(),
  markdownDescription: v.string(),
});
type Setting = v.InferOutput<typeof setting>;
const manifestSchema = v.looseObject({
  icon: v.string(),
  capabilities: v.looseObject({
    untrustedWorkspaces: v.looseObject({ restrictedConfigurations: v.array(v.string()) }),
  }),
  contributes: v.looseObject({
    jsonValidation: v.array(v.object({ fileMatch: v.string(), url: v.string() })),
    commands: v.array(
      v.looseObject({
        command: v.string(),
        title: v.string(),
        category: v.literal('DaoChain'),
        icon: v.optional(v.string()),
      }),
    ),
    menus: v.record(v.string(), v.array(menuItem)),
    configuration: v.array(v.looseObject({ order: v.number(), properties: v.record(v.string(), setting) })),
    views: v.record(v.string(), v.array(v.looseObject({ icon: v.string() }))),
    viewsContainers: v.looseObject({ activitybar: v.array(v.looseObject({ icon: v.string() })) }),
    walkthroughs: v.array(
      v.looseObject({ steps: v.array(v.looseObject({ media: v.looseObject({ markdown: v.string() }) })) }),
    ),
  }),
});

const manifestText = read('package.json');
const manifest = v.parse(manifestSchema, JSON.parse(manifestText));
const { contributes } = manifest;

function checkCommands(): void {
  const declared = new Map(contributes.commands.map((command) => [command.command, command]));
  report('package.json', 'no code registers', missingFrom(declared.keys(), new Set<string>(commandIds)));
  report('package.json', 'does not declare', missingFrom(commandIds, declared));
  if (declared.size !== contributes.commands.length) problems.push('package.json: a command is declared twice');
  for (const [menu, items] of Object.entries(contributes.menus)) {
    for (const { command = '', group = '' } of items) {
      const target = declared.get(command);
      if (target === undefined) report(menu, 'unknown command', [command]);
      else if (/^(?:inline|navigation)/.test(group) && target.icon === undefined)
        report(menu, 'no icon for', [command]);
    }
  }
  for (const { command, title } of contributes.commands) {
    if (title !== `%${command.replace('daochain.', 'command.')}.title%`) report('package.json', 'title of', [command]);
  }
}

/** Commands that texts link to or other parts of the manifest name. */
function checkCommandLinks(): void {
  const known = new Set<string>([...commandIds, 'daochain.views.localImages.focus']);
  for (const path of languages.map(stringsOf)) {
    for (const [key, text] of readStrings(path)) {
      const linked = [...text.matchAll(/\(command:(daochain\.[A-Za-z.]+)/g)].map(([, id = '']) => id);
      report(`${path} ${key}`, 'links to an unknown command', missingFrom(linked, known));
    }
  }
  const named = [...manifestText.matchAll(/onCommand:(daochain\.[A-Za-z.]+)/g)].map(([, id = '']) => id);
  report('package.json', 'waits for an unknown command', missingFrom(named, known));
}

// --- commands that texts name ----------------------------------------------------------------------------------------

function languageOfPage(name: string): Language {
  return languageIds.find((id) => id !== defaultLanguage && name.endsWith(`.${id}.md`)) ?? defaultLanguage;
}

/** Pages that people read, by their path from the root. */
function pages(): readonly string[] {
  const below = ['docs', 'media', 'samples'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  return [...readdirSync(root), ...below].filter((name) => name.endsWith('.md'));
}

/** Whoever reads "DaoChain: Start Node" looks for it in the palette; what ends in an ellipsis is a title, in a menu or there. */
function checkNamedCommands(): void {
  const hidden = new Set(
    (contributes.menus['commandPalette'] ?? []).filter(({ when }) => when === 'false').map(({ command }) => command),
  );
  for (const language of languages) {
    const [strings, bundle] = [stringsOf(language), bundleOf(language)];
    const manifestTexts = readStrings(strings);
    const title = (id: string): string => manifestTexts.get(`${id.replace('daochain.', 'command.')}.title`) ?? '';
    const inPalette = new Set(commandIds.filter((id) => !hidden.has(id)).map((id) => title(id).replace(/…$/, '')));
    const shown = [...commandIds.map(title), ...readStrings(bundle).values()].map((text) =>
      text.replace(/^\$\([a-z-]+\) /, ''),
    );
    const texts = new Map([
      ...[...manifestTexts].map(([key, text]) => [`${strings} ${key}`, text] as const),
      ...[...readStrings(bundle)].map(([key, text]) => [`${bundle} ${key}`, text] as const),
      ...pages()
        .filter((name) => languageOfPage(name) === language)
        .map((name) => [name, read(name)] as const),
    ]);
    for (const [where, text] of texts) {
      const named = [...text.matchAll(/DaoChain: ([^*_”"`.,;。，；）)\n]+)/g)].map(([, name = '']) =>
        name.replace(/…$/, ''),
      );
      report(where, 'no such command in the palette', missingFrom(named, inPalette));
      const titled = [...text.matchAll(/(?<![\w*])(?:_|\*\*?|“)([^_*“”\n]+…)(?:_|\*\*?|”)/g)].map(
        ([, name = '']) => name,
      );
      const isShown = (name: string): boolean =>
        inPalette.has(name.replace(/^DaoChain: |…$/g, '')) || shown.some((each) => patternOf(name).test(each));
      report(
        where,
        'names what is not there',
        titled.filter((name) => !isShown(name)),
      );
    }
  }
}

/** A title as pages write it: an ellipsis after a space or a code stands for what the text says there. */
function patternOf(name: string): RegExp {
  const parts = name.split(/(?:DC|(?<=^|\s))…/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.+')}$`);
}

// --- settings --------------------------------------------------------------------------------------------------------

function checkSettings(): void {
  const declared = new Map(contributes.configuration.flatMap(({ properties }) => Object.entries(properties)));
  const names = Object.keys(settingTable) as readonly SettingName[];
  const ids = new Set<string>(names.map(settingId));
  report('package.json', 'no code reads', missingFrom(declared.keys(), ids));
  report('package.json', 'does not declare', missingFrom(ids, declared));
  const sources = sourceFiles().filter((file) => !file.endsWith('settingTable.ts'));
  const texts = sources.map((file) => readFileSync(file, 'utf8'));
  for (const name of names) {
    const found = declared.get(settingId(name));
    if (found !== undefined) checkSetting(name, found);
    if (!texts.some((text) => text.includes(`'${name}'`))) report('src', 'no reader of', [name]);
  }
  const readers = sources.filter((file) => /\bgetConfiguration\(/.test(readFileSync(file, 'utf8')));
  report('src', 'reads settings past the table', missingFrom(readers, new Set([join(root, 'src/ui/settings.ts')])));

  const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  const restricted = new Set<string>(names.filter((name) => !('isHarmless' in settingTable[name])).map(settingId));
  report('package.json', 'does not restrict', missingFrom(restricted, new Set(restrictedConfigurations)));
  report('package.json', 'restricts', missingFrom(restrictedConfigurations, restricted));
  checkSettingGroups();
}

/** Of what the schema says, the manifest says the same. */
function checkSetting(name: SettingName, declared: Setting): void {
  const { schema, fallback, scope } = settingTable[name];
  const { default: given, ...promised } = declared;
  const expected = { scope, ...promiseOf(schema) };
  for (const key of new Set([...Object.keys(expected), 'enum', 'minimum', 'maximum'])) {
    const [there, here] = [promised[key], (expected as Readonly<Record<string, unknown>>)[key]];
    if (!isDeepStrictEqual(there, here)) report(settingId(name), `other ${key} than in the table`, [String(there)]);
  }
  if (!isDeepStrictEqual(given, fallback))
    report(settingId(name), 'other default than in the table', [JSON.stringify(given)]);
  if (!v.is(schema, fallback)) report(settingId(name), 'its schema refuses', [JSON.stringify(fallback)]);
}

interface Declaration {
  readonly type: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: unknown;
  readonly maximum?: unknown;
}

/** What a schema of valibot's is in JSON Schema, as far as settings need it. */
function promiseOf(schema: v.GenericSchema): Declaration {
  const { type, options, pipe = [] } = v.parse(schemaShape, schema);
  const stepOf = (kind: string): { readonly requirement?: unknown } | undefined =>
    pipe.find((step) => step.type === kind);
  if (type === 'picklist') return { type: 'string', ...(options && { enum: options }) };
  if (type === 'loose_object') return { type: 'object' };
  if (type !== 'number') return { type };
  const [least, most] = [stepOf('min_value'), stepOf('max_value')];
  return {
    type: stepOf('integer') === undefined ? 'number' : 'integer',
    ...(least && { minimum: least.requirement }),
    ...(most && { maximum: most.requirement }),
  };
}

const schemaShape = v.object({
  type: v.string(),
  options: v.optional(v.array(v.unknown())),
  pipe: v.optional(v.array(v.object({ type: v.string(), requirement: v.optional(v.unknown()) }))),
});

/** Settings are shown in the order in which they stand, and those of one subject under one title. */
function checkSettingGroups(): void {
  const groups = contributes.configuration;
  const inOrder = (orders: readonly number[]): boolean => orders.every((order, place) => order === place + 1);
  if (!inOrder(groups.map(({ order }) => order))) problems.push('package.json: groups of settings in another order');
  const titles = new Map<string, number>();
  for (const [place, { properties }] of groups.entries()) {
    if (!inOrder(Object.values(properties).map(({ order }) => order)))
      report('package.json', 'settings in another order', Object.keys(properties).slice(0, 1));
    for (const area of new Set(Object.keys(properties).map((id) => id.split('.')[1] ?? ''))) {
      if (titles.has(area)) report('package.json', 'settings under two titles', [area]);
      titles.set(area, place);
    }
  }
}

// --- diagnostics -----------------------------------------------------------------------------------------------------

const levelsSchema = v.object({
  properties: v.record(v.string(), v.object({ type: v.literal('string'), enum: v.array(v.string()) })),
});

function checkDiagnostics(): void {
  const codes = diagnosticTopics.map((topic) => diagnosticTable[topic].code);
  if (new Set(codes).size !== codes.length) problems.push('src/core/diagnostics.ts: a code twice');
  const id = settingId('dockerfile.diagnostics.severity');
  const { properties } = v.parse(
    levelsSchema,
    contributes.configuration.flatMap((each) => each.properties[id] ?? [])[0],
  );
  if (!isDeepStrictEqual(Object.keys(properties), codes)) report('package.json', 'other codes in', [id]);
  for (const [code, { enum: levels }] of Object.entries(properties))
    if (!isDeepStrictEqual(levels, diagnosticLevels.toReversed())) report(id, 'other levels for', [code]);

  const wanted = codes.flatMap((code) => languageIds.map((language) => fileInLanguage(`${code}.md`, language)));
  const there = readdirSync(join(root, 'docs/rules'));
  report('docs/rules', 'no page', missingFrom(wanted, new Set(there)));
  report('docs/rules', 'no diagnostic for', missingFrom(there, new Set(wanted)));
  for (const language of languages) {
    const bundle = readStrings(bundleOf(language));
    const l10n: Localizer = { t: (text) => bundle.get(text) ?? text };
    for (const topic of diagnosticTopics) {
      const page = fileInLanguage(`${diagnosticTable[topic].code}.md`, language);
      const [, code, title] =
        /^# (DC\d+)(?:: |：)(.+)$/m.exec(there.includes(page) ? read(`docs/rules/${page}`) : '') ?? [];
      const expected = [diagnosticTable[topic].code, diagnosticTitle(topic, l10n)];
      if (!isDeepStrictEqual([code, title], expected)) report(`docs/rules/${page}`, 'another title than', expected);
    }
  }
  checkNamedCodes(codes);
}

/** Codes that texts name, and the last of those that they count up from the first. */
function checkNamedCodes(codes: readonly string[]): void {
  const known = new Set(codes);
  const [first = '', last] = [codes[0], codes.at(-1)];
  const whole = new RegExp(`${first}[^\\n]{0,40}?(?: to | –|到|至)[^\\n]{0,5}?(DC\\d{3})`, 'g');
  for (const path of [...pages(), ...languages.flatMap((language) => [stringsOf(language), bundleOf(language)])]) {
    const text = read(path);
    report(path, 'unknown code', missingFrom(new Set(text.match(/\bDC\d{3}\b/g)), known));
    for (const [, end = ''] of text.matchAll(whole)) if (end !== last) report(path, 'not the last code', [end]);
  }
}

// --- files and languages ---------------------------------------------------------------------------------------------

function checkFiles(): void {
  const pages = contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.markdown));
  const files = [
    manifest.icon,
    ...contributes.viewsContainers.activitybar.map(({ icon }) => icon),
    ...Object.values(contributes.views).flatMap((views) => views.map(({ icon }) => icon)),
    ...pages,
    ...translations.flatMap((language) => pages.map((page) => fileInLanguage(page.replace(/md$/, 'nls.md'), language))),
    ...translations.map((language) => fileInLanguage('README.md', language)),
  ];
  report(
    'package.json',
    'no such schema',
    contributes.jsonValidation.map(({ url }) => url).filter((url) => !existsSync(join(root, url))),
  );
  report('package.json', 'no such file', missingFrom(files, { has: (file) => existsSync(join(root, file)) }));
}

/** What is read at run time has to be in the package, and a package that is loaded on first use in a file of its own. */
function checkPackage(): void {
  const kept = read('.vscodeignore')
    .split('\n')
    .flatMap((line) => /^!(.+)$/.exec(line)?.[1] ?? [])
    .map(
      (pattern) =>
        new RegExp(
          `^${pattern
            .replaceAll('.', '\\.')
            .replaceAll(/\*+/g, (stars) => (stars === '*' ? '[^/]*' : '.*'))
            .replaceAll(/\{([^}]*)\}/g, (_, names: string) => `(?:${names.replaceAll(',', '|')})`)}$`,
        ),
    );
  const sources = sourceFiles().map((file) => readFileSync(file, 'utf8'));
  const chunks = sources.flatMap((text) =>
    [...text.matchAll(/webpackChunkName: "(\w+)"/g)].map(([, name = '']) => name),
  );
  const codes = diagnosticTopics.map((topic) => `docs/rules/${diagnosticTable[topic].code}.md`);
  const files = languageIds.flatMap((language) => [
    ...[stringsOf(language), bundleOf(language)],
    ...codes.map((page) => fileInLanguage(page, language)),
  ]);
  files.push(...['extension', 'server', ...new Set(chunks)].map((name) => `dist/${name}.js`));
  const eager = sources.flatMap((text) => [...text.matchAll(/[^.\w]import\(\s*'(?!node:|\.|vscode')([^']+)'/g)]);
  report('src', 'loads without a file of its own', new Set(eager.map(([, name = '']) => name)));
  report('.vscodeignore', 'leaves out', missingFrom(files, { has: (file) => kept.some((each) => each.test(file)) }));
}

function checkManifestStrings(): void {
  const used = new Set([...manifestText.matchAll(/"%([\w.-]+)%"/g)].map(([, key = '']) => key));
  const english = readStrings('package.nls.json');
  report('package.nls.json', 'missing', missingFrom(used, english));
  report('package.nls.json', 'unused', missingFrom(english.keys(), used));
  for (const language of translations) checkTranslation(stringsOf(language), english, language);
}

// --- strings of the code ---------------------------------------------------------------------------------------------

function sourceFiles(): readonly string[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(root, 'src', name));
}

/** Whether an expression is `l10n.t`, `this.l10n.t`, `vscode.l10n.t` … */
function isTranslate(expression: ts.Expression): boolean {
  if (!ts.isPropertyAccessExpression(expression) || expression.name.text !== 't') return false;
  const { expression: owner } = expression;
  const name = ts.isPropertyAccessExpression(owner) ? owner.name.text : ts.isIdentifier(owner) ? owner.text : '';
  return /l10n$/i.test(name);
}

/** Every string that the sources translate. */
function translatedStrings(): ReadonlySet<string> {
  const strings = new Set<string>();
  for (const file of sourceFiles()) {
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && isTranslate(node.expression)) collect(source, node, strings);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return strings;
}

function collect(source: ts.SourceFile, call: ts.CallExpression, strings: Set<string>): void {
  const [message, ...values] = call.arguments;
  const { line } = source.getLineAndCharacterOfPosition(call.getStart(source));
  const where = `${relative(root, source.fileName)}:${line + 1}`;
  if (message === undefined || !ts.isStringLiteralLike(message)) {
    problems.push(`${where}: the text to translate is not a literal`);
    return;
  }
  const wanted = placeholders(message.text).length;
  const spread = values.some((value) => ts.isSpreadElement(value));
  if (!spread && wanted !== values.length) {
    problems.push(`${where}: ${wanted} placeholders, ${values.length} values`);
  }
  strings.add(message.text);
}

function checkBundles(): void {
  const strings = [...translatedStrings()].sort();
  if (process.argv.includes('--write')) {
    const bundle = Object.fromEntries(strings.map((text) => [text, text]));
    writeFileSync(join(root, 'l10n/bundle.l10n.json'), `${JSON.stringify(bundle, null, 2)}\n`);
  }
  const english = readStrings('l10n/bundle.l10n.json');
  report('l10n/bundle.l10n.json', 'missing', missingFrom(strings, english));
  report('l10n/bundle.l10n.json', 'unused', missingFrom(english.keys(), new Set(strings)));
  for (const [key, text] of english) if (key !== text) report('l10n/bundle.l10n.json', 'differs from its key', [key]);
  for (const language of translations) checkTranslation(bundleOf(language), english, language);
}

// --- translations ----------------------------------------------------------------------------------------------------

/** `{0}`, `{1}` … of a text, sorted, each as often as it is there once. */
function placeholders(text: string): readonly string[] {
  return [...new Set(text.match(/\{\d+\}/g))].sort();
}

/** Texts that are the same in each language: names, numbers and punctuation alone. */
function needsNoTranslation(text: string): boolean {
  return !/[a-z]{3}/.test(text.replace(/DaoChain|Dockerfile|\{\d+\}/g, ''));
}

function checkTranslation(path: string, english: ReadonlyMap<string, string>, language: Language): void {
  const translated = readStrings(path);
  report(path, 'missing', missingFrom(english.keys(), translated));
  report(path, 'unused', missingFrom(translated.keys(), english));
  for (const [key, text] of translated) {
    const original = english.get(key) ?? '';
    if (placeholders(text).join() !== placeholders(original).join()) report(path, 'other placeholders', [key]);
    if (commandsOf(text).join() !== commandsOf(original).join()) report(path, 'other links', [key]);
    if (!needsNoTranslation(original) && text === original) report(path, 'not translated', [key]);
    if (language === 'zh-cn') checkChinese(path, key, text, original);
  }
}

function checkChinese(path: string, key: string, text: string, original: string): void {
  if (!needsNoTranslation(original) && !/\p{Script=Han}/u.test(text)) report(path, 'not translated', [key]);
  if (/\p{Script=Han}[,;:?!]|[,;:?!]\p{Script=Han}/u.test(text)) report(path, 'Western punctuation', [key]);
  if (/\p{Script=Han}[A-Za-z0-9{`]|[A-Za-z0-9}`]\p{Script=Han}/u.test(text))
    report(path, 'no space beside Latin', [key]);
}

function commandsOf(text: string): readonly string[] {
  return [...text.matchAll(/\(command:([^)]+)\)/g)].map(([, command = '']) => command);
}

/** The IDs of views and the context keys, which VS Code compares as texts and never says to be unknown. */
function checkViewsAndKeys(): void {
  const sources = sourceFiles()
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const made = new Set([...sources.matchAll(/'(daochain\.views\.\w+)'/g)].map(([, id = '']) => id));
  const views = [...manifestText.matchAll(/"id": "(daochain\.views\.\w+)"/g)].map(([, id = '']) => id);
  const named = [...manifestText.matchAll(/daochain\.views\.\w+/g)].map(([id]) => id);
  report('package.json', 'a view that nothing makes', missingFrom(views, made));
  report('package.json', 'names a view that there is not', missingFrom(new Set(named), new Set(views)));
  report('src', 'makes a view that package.json has not', missingFrom(made, new Set(views)));
  const asked = [
    ...manifestText.matchAll(/"when": "([^"]*)"/g),
    ...manifestText.matchAll(/onContext:([^"]*)"/g),
  ].flatMap(([, when = '']) => [...when.matchAll(/(?<![\w.])daochain\.(?!views\.)\w+/g)].map(([key]) => key));
  const set = new Set([...sources.matchAll(/'(daochain\.\w+)'/g)].map(([, key = '']) => key));
  report('package.json', 'asks for a context key that nothing sets', missingFrom(new Set(asked), set));
}

/** A page that names a file of the project names one that there is. */
function checkNamedFiles(): void {
  for (const page of [...pages(), ...vectorPages()]) {
    const named = [
      ...read(page).matchAll(
        /\b(?:src|test|scripts|contracts|schemas)\/[\w./-]*\w\.(?:ts|mts|mjs|cjs|sol|json|go|txt)\b/g,
      ),
    ];
    const absent = named.map(([path]) => path).filter((path) => !existsSync(join(root, path)));
    report(page, 'names a file that is not there', absent);
  }
}

function vectorPages(): readonly string[] {
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('test', name));
}

checkCommands();
checkCommandLinks();
checkNamedCommands();
checkNamedFiles();
checkViewsAndKeys();
checkSettings();
checkDiagnostics();
checkFiles();
checkPackage();
checkManifestStrings();
checkBundles();
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'The manifest and its strings are complete.' : `${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
