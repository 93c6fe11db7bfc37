import assert from 'node:assert/strict';
import {
  commands,
  ConfigurationTarget,
  DiagnosticSeverity,
  languages,
  MarkdownString,
  Position,
  Range,
  Uri,
  window,
  workspace,
  type CodeAction,
  type Diagnostic,
  type Hover,
  type TextDocument,
} from 'vscode';
import { buildImage } from '../testbed/engine';
import { waitFor } from '../testbed/waitFor';
import { docker, writeWorkspaceFile } from './extension';

const image = 'registry.example.com/host/base:1.0';
const lines = [
  'ARG TAG=1.0',
  'ARG UNSET',
  `FROM --platform=linux/amd64 ${image} AS base`,
  '  FROM registry.example.com/host/base:${TAG}',
  'FROM registry.example.com/host/base:${UNSET}',
  'FROM scratch',
  'COPY --from=base / /',
];

/** The text and code of what DaoChain marks, in the order of the file. */
function marks(document: TextDocument): readonly string[] {
  return diagnosticsOf(document).map(({ range, code }) => {
    const value = typeof code === 'object' ? code.value : code;
    return `${value ?? ''} ${range.start.line}: ${document.getText(range)}`;
  });
}

function diagnosticsOf({ uri }: TextDocument): readonly Diagnostic[] {
  return languages
    .getDiagnostics(uri)
    .filter(({ source }) => source === 'DaoChain')
    .sort((a, b) => a.range.start.compareTo(b.range.start));
}

async function sees(document: TextDocument, expected: readonly string[]): Promise<void> {
  await waitFor(
    `${expected.join(', ')}, where it has ${marks(document).join(', ')}`,
    () => JSON.stringify(marks(document)) === JSON.stringify(expected),
  );
}

const expected = [`DC009 2: ${image}`, 'DC009 3: registry.example.com/host/base:${TAG}', 'DC011 4: ${UNSET}'] as const;

describe('a Dockerfile in the editor', () => {
  let document: TextDocument;
  let severity: (target: ConfigurationTarget, value: unknown) => Thenable<void>;

  before(async () => {
    await buildImage(docker(), image);
    await commands.executeCommand('daochain.startNode');
    document = await workspace.openTextDocument(writeWorkspaceFile('Dockerfile', lines.join('\n')));
    await window.showTextDocument(document);
    severity = (target, value) =>
      workspace.getConfiguration('daochain').update('dockerfile.diagnostics.severity', value, target);
  });
  after(async () => {
    await severity(ConfigurationTarget.Global, undefined);
    await severity(ConfigurationTarget.Workspace, undefined);
    await commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('is marked on the references and variables alone, with a page for each code', async () => {
    await sees(document, expected);
    for (const { severity: shown, code, message } of diagnosticsOf(document)) {
      assert.equal(shown, DiagnosticSeverity.Information);
      assert.ok(typeof code === 'object' && message !== '');
      assert.match(code.target.path, new RegExp(`/docs/rules/${code.value}\\.md$`));
      if (code.target.scheme === 'file') await workspace.fs.stat(code.target);
    }
  });

  it('is warned of names that look like those of rules, and of official images', async () => {
    const rule = {
      ledger: `1:0x${'1'.repeat(64)}:0x${'2'.repeat(40)}`,
      repositories: 'registry.example.com/payments/*',
      publishers: [`0x${'3'.repeat(40)}`],
    };
    const trust = (rules: unknown): Thenable<void> =>
      workspace.getConfiguration('daochain').update('trust.rules', rules, ConfigurationTarget.Global);
    await trust([rule]);
    const names = [
      'libary/nginx',
      'registry.example.com/paymnts/app',
      'registry.ex\u0430mple.com/payments/app',
      'registry.example.com/payments/app',
    ];
    const file = writeWorkspaceFile('alike/Dockerfile', names.map((name) => `FROM ${name}`).join('\n'));
    const opened = await workspace.openTextDocument(file);
    await window.showTextDocument(opened);
    const warned = (): readonly string[] => marks(opened).filter((mark) => mark.startsWith('DC012'));
    const wanted = names.slice(0, 3).map((name, line) => `DC012 ${line}: ${name}`);
    await waitFor('warnings', () => JSON.stringify(warned()) === JSON.stringify(wanted));
    const messages = diagnosticsOf(opened).filter(({ severity: shown }) => shown === DiagnosticSeverity.Warning);
    for (const [i, meant] of [
      'docker.io/library/nginx',
      ...Array<string>(2).fill('registry.example.com/payments/app'),
    ].entries())
      assert.ok(messages[i]?.message.includes(`Did you mean ${meant}?`), messages[i]?.message);
    await trust(undefined);
    await waitFor('the rule to be gone', () => warned().length === 2);
    await window.showTextDocument(document);
  });

  it('tells the verdict in a hover', async () => {
    const column = lines[2]?.indexOf(image) ?? -1;
    const hovers = await commands.executeCommand<Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      new Position(2, column + 3),
    );
    const contents = hovers.flatMap((hover) => hover.contents);
    const text = contents.map((content) => (content instanceof MarkdownString ? content.value : '')).join('\n');
    assert.match(text.replaceAll('\\', ''), new RegExp(`Unsigned.*${image}`));
    for (const content of contents) assert.ok(content instanceof MarkdownString && content.isTrusted !== true);
  });

  it('can be quiet, where a setting says so', async () => {
    await severity(ConfigurationTarget.Global, { DC009: 'warning', DC011: 'off' });
    await waitFor('two warnings', () => {
      const found = diagnosticsOf(document).map((diagnostic) => diagnostic.severity);
      return found.length === 2 && found.every((each) => each === DiagnosticSeverity.Warning);
    });
    await severity(ConfigurationTarget.Workspace, { DC009: 'off' });
    await sees(document, []);
    await severity(ConfigurationTarget.Workspace, undefined);
    await severity(ConfigurationTarget.Global, undefined);
    await sees(document, expected);
  });

  it('has a quick fix that ignores one finding here', async () => {
    const [, second] = diagnosticsOf(document);
    const actions = await commands.executeCommand<CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      second?.range ?? new Range(0, 0, 0, 0),
    );
    const titles = actions.map(({ title }) => title);
    assert.ok(titles.includes('Trust a publisher for registry.example.com/host/base…'), titles.join('\n'));
    const ignore = actions.find(({ title }) => title === 'Ignore DC009 here');
    const { command, arguments: given = [] } = ignore?.command ?? assert.fail(titles.join('\n'));
    await commands.executeCommand(command, ...(given as readonly unknown[]));
    assert.match(document.lineAt(3).text, /^ {2}# daochain: ignore DC009/);
    await sees(document, [`DC009 2: ${image}`, 'DC011 5: ${UNSET}']);
  });

  it('is left alone when it is another kind of file', async () => {
    const other = await workspace.openTextDocument(writeWorkspaceFile('notes.txt', lines.join('\n')));
    await window.showTextDocument(other);
    const container = await workspace.openTextDocument(writeWorkspaceFile('Containerfile', `FROM ${image}\n`));
    await window.showTextDocument(container);
    await sees(container, [`DC009 0: ${image}`]);
    assert.deepEqual(marks(other), []);
  });

  it('follows the node', async () => {
    const covered = await workspace.openTextDocument(Uri.joinPath(document.uri, '..', 'Containerfile'));
    await commands.executeCommand('daochain.stopNode');
    await sees(covered, []);
    await commands.executeCommand('daochain.startNode');
    await sees(covered, [`DC009 0: ${image}`]);
  });
});
