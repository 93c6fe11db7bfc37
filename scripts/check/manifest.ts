/**
 * Checks that what the manifest promises is there, in both languages: commands, menus, settings, icons, walkthrough pages,
 * and every `l10n.t('…')` of the sources. `--write` brings `l10n/bundle.l10n.json` up to date first.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import * as v from 'valibot';
import { commandIds } from '../../src/ui/commandIds';

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

// --- manifest --------------------------------------------------------------------------------------------------------

const menuItem = v.looseObject({
  command: v.optional(v.string()),
  group: v.optional(v.string()),
  when: v.optional(v.string()),
});
const setting = v.looseObject({
  type: v.string(),
  scope: v.string(),
  order: v.number(),
  markdownDescription: v.string(),
});
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
    configuration: v.array(v.looseObject({ properties: v.record(v.string(), setting) })),
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
  for (const path of ['package.nls.json', 'package.nls.zh-cn.json']) {
    for (const [key, text] of readStrings(path)) {
      const linked = [...text.matchAll(/\(command:(daochain\.[A-Za-z.]+)/g)].map(([, id = '']) => id);
      report(`${path} ${key}`, 'links to an unknown command', missingFrom(linked, known));
    }
  }
  const named = [...manifestText.matchAll(/onCommand:(daochain\.[A-Za-z.]+)/g)].map(([, id = '']) => id);
  report('package.json', 'waits for an unknown command', missingFrom(named, known));
}

// --- commands that texts name ----------------------------------------------------------------------------------------

const languages = [
  {
    strings: 'package.nls.json',
    bundle: 'l10n/bundle.l10n.json',
    isPage: (name: string) => !name.endsWith('zh-cn.md'),
  },
  {
    strings: 'package.nls.zh-cn.json',
    bundle: 'l10n/bundle.l10n.zh-cn.json',
    isPage: (name: string) => name.endsWith('zh-cn.md'),
  },
] as const;

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
  for (const { strings, bundle, isPage } of languages) {
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
        .filter(isPage)
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

/** Settings that a folder may have, because the code lets its value make nothing looser than the user's. */
const guarded = new Set([
  ...['daochain.dockerfile.diagnostics.enabled', 'daochain.dockerfile.diagnostics.severity'],
  ...['daochain.dockerfile.buildArguments', 'daochain.registry.enabled', 'daochain.signing.offerAfterBuild'],
]);

/** Settings that are no matter of trust, whoever sets them. */
const unrestricted = new Set([
  ...['daochain.signing.offerAfterBuild', 'daochain.wallet.lockAfterMinutes', 'daochain.statusBar.show'],
]);

function checkSettings(): void {
  const settings = new Set(contributes.configuration.flatMap(({ properties }) => Object.keys(properties)));
  if (settings.size >= 20) problems.push('package.json: 20 settings or more');
  const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  report('package.json', 'restricts an unknown setting', missingFrom(restrictedConfigurations, settings));
  const sensitive = [...settings].filter((key) => !unrestricted.has(key));
  report('package.json', 'does not restrict', missingFrom(sensitive, new Set(restrictedConfigurations)));
  const scopes = contributes.configuration.flatMap(({ properties }) => Object.entries(properties));
  const open = scopes.filter(([, { scope }]) => scope !== 'application' && scope !== 'machine').map(([key]) => key);
  report('package.json', 'a folder can set', missingFrom(open, guarded));
}

function checkFiles(): void {
  const pages = contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.markdown));
  const files = [
    manifest.icon,
    ...contributes.viewsContainers.activitybar.map(({ icon }) => icon),
    ...Object.values(contributes.views).flatMap((views) => views.map(({ icon }) => icon)),
    ...pages,
    ...pages.map((page) => page.replace(/\.md$/, '.nls.zh-cn.md')),
  ];
  report(
    'package.json',
    'no such schema',
    contributes.jsonValidation.map(({ url }) => url).filter((url) => !existsSync(join(root, url))),
  );
  report('package.json', 'no such file', missingFrom(files, { has: (file) => existsSync(join(root, file)) }));
}

function checkManifestStrings(): void {
  const used = new Set([...manifestText.matchAll(/"%([\w.-]+)%"/g)].map(([, key = '']) => key));
  const english = readStrings('package.nls.json');
  report('package.nls.json', 'missing', missingFrom(used, english));
  report('package.nls.json', 'unused', missingFrom(english.keys(), used));
  checkTranslation('package.nls.zh-cn.json', english);
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
  checkTranslation('l10n/bundle.l10n.zh-cn.json', english);
}

// --- translations ----------------------------------------------------------------------------------------------------

/** `{0}`, `{1}` … of a text, sorted, each as often as it is there once. */
function placeholders(text: string): readonly string[] {
  return [...new Set(text.match(/\{\d+\}/g))].sort();
}

/** Texts that are the same in both languages: names, numbers and punctuation alone. */
function needsNoTranslation(text: string): boolean {
  return !/[a-z]{3}/.test(text.replace(/DaoChain|Dockerfile|\{\d+\}/g, ''));
}

function checkTranslation(path: string, english: ReadonlyMap<string, string>): void {
  const chinese = readStrings(path);
  report(path, 'missing', missingFrom(english.keys(), chinese));
  report(path, 'unused', missingFrom(chinese.keys(), english));
  for (const [key, text] of chinese) {
    const original = english.get(key) ?? '';
    if (placeholders(text).join() !== placeholders(original).join()) report(path, 'other placeholders', [key]);
    if (!needsNoTranslation(original) && !/\p{Script=Han}/u.test(text)) report(path, 'not translated', [key]);
    if (/\p{Script=Han}[,;:?!]|[,;:?!]\p{Script=Han}/u.test(text)) report(path, 'Western punctuation', [key]);
    if (/\p{Script=Han}[A-Za-z0-9{`]|[A-Za-z0-9}`]\p{Script=Han}/u.test(text))
      report(path, 'no space beside Latin', [key]);
    if (commandsOf(text).join() !== commandsOf(original).join()) report(path, 'other links', [key]);
  }
}

function commandsOf(text: string): readonly string[] {
  return [...text.matchAll(/\(command:([^)]+)\)/g)].map(([, command = '']) => command);
}

checkCommands();
checkCommandLinks();
checkNamedCommands();
checkSettings();
checkFiles();
checkManifestStrings();
checkBundles();
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'The manifest and its strings are complete.' : `${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
