import assert from 'node:assert/strict';
import Docker from 'dockerode';
import * as vscode from 'vscode';
import { commandIds } from '../../src/ui/commandIds';
import type { DaoChainApi } from '../../src/ui/exportedApi';
import { buildImage } from '../testbed/engine';
import { waitFor } from '../testbed/waitFor';

const IMAGE = 'registry.example.com/host/base:1.0';
const never = new vscode.CancellationTokenSource().token;

/** The private engine that whoever runs these tests has started. */
function engine(): Docker {
  const host = process.env['DOCKER_HOST'] ?? '';
  const socketPath = /^unix:\/\/(.+)$/.exec(host)?.[1];
  assert.ok(socketPath, 'DOCKER_HOST names no engine');
  return new Docker({ socketPath });
}

describe('the extension in its host', () => {
  let extension: vscode.Extension<DaoChainApi>;

  before(async () => {
    const found = vscode.extensions.getExtension<DaoChainApi>('daochain.daochain');
    assert.ok(found);
    extension = found;
    await buildImage(engine(), IMAGE);
  });

  it('is not active before somebody needs it', () => {
    assert.equal(extension.isActive, false);
  });

  it('offers an API that reads', async () => {
    const api = await extension.activate();
    assert.deepEqual(Object.keys(api).sort(), ['onDidChangeVerdicts', 'verify', 'version']);
    assert.equal(api.version, 1);
  });

  it('registers every command, and no other', async () => {
    const registered = (await vscode.commands.getCommands(true)).filter(
      // A view brings commands of its own.
      (id) => id.startsWith('daochain.') && !id.startsWith('daochain.views.'),
    );
    assert.deepEqual(registered.sort(), [...commandIds].sort());
  });

  it('claims nothing while the chain cannot be asked', async () => {
    const verdict = await extension.exports.verify(IMAGE, never);
    assert.equal(verdict.kind, 'unknown');
    assert.equal(verdict.missing, 'ledger');
  });

  it('finds that nobody signed the image once the node runs', async () => {
    await vscode.commands.executeCommand('daochain.startNode');
    const verdict = await waitFor(
      'the chain is asked',
      async () => {
        const now = await extension.exports.verify(IMAGE, never);
        return now.kind !== 'unknown' && now;
      },
      { timeoutMs: 30_000, everyMs: 200 },
    );
    assert.equal(verdict.kind, 'unsigned');
  }).timeout(60_000);

  it('does not know an image that the engine does not have', async () => {
    const verdict = await extension.exports.verify('registry.example.com/host/absent:1.0', never);
    assert.equal(verdict.kind, 'unknown');
    assert.equal(verdict.missing, 'image');
  });

  it('says in a Dockerfile what the API says, on the reference alone', async () => {
    const line = `FROM --platform=linux/amd64 ${IMAGE} AS base`;
    const document = await vscode.workspace.openTextDocument({
      language: 'dockerfile',
      content: `${line}\nFROM scratch\n`,
    });
    await vscode.window.showTextDocument(document);
    const start = line.indexOf(IMAGE);
    const diagnostics = await waitFor(
      'a diagnostic',
      () => {
        const all = vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === 'DaoChain');
        return all.length > 0 && all;
      },
      { timeoutMs: 30_000 },
    );
    assert.deepEqual(
      diagnostics.map(({ range, severity }) => [
        range.start.line,
        range.start.character,
        range.end.character,
        severity,
      ]),
      [[0, start, start + IMAGE.length, vscode.DiagnosticSeverity.Information]],
    );
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      new vscode.Position(0, start + 3),
    );
    const text = hovers
      .flatMap(({ contents }) => contents)
      .map((content) => (content instanceof vscode.MarkdownString ? content.value : ''))
      .join('\n')
      // Markdown escapes what could be markup.
      .replaceAll('\\', '');
    assert.ok(text.includes('Unsigned') && text.includes(IMAGE), text);
  }).timeout(60_000);

  it('ends its node on command', async () => {
    await vscode.commands.executeCommand('daochain.stopNode');
    await waitFor(
      'the chain cannot be asked',
      async () => (await extension.exports.verify(IMAGE, never)).kind === 'unknown',
      {
        timeoutMs: 30_000,
        everyMs: 200,
      },
    );
  }).timeout(60_000);
});
