import assert from 'node:assert/strict';
import {
  CancellationTokenSource,
  CodeActionKind,
  commands,
  ConfigurationTarget,
  Position,
  window,
  workspace,
  WorkspaceEdit,
  type CodeAction,
  type TextDocument,
} from 'vscode';
import { buildImage, pushImage } from '../testbed/engine';
import { startRegistry, type Registry } from '../testbed/registry';
import { waitFor } from '../testbed/waitFor';
import { api, docker, writeWorkspaceFile } from './extension';
import { answerInstead, pickInstead } from './person';
import { createPublisher, type Publisher } from './publisher';

const unhurried = { everyMs: 200 };
const set = (name: string, value: unknown, target = ConfigurationTarget.Global): Thenable<void> =>
  workspace.getConfiguration('daochain').update(name, value, target);

describe('the quick fixes of a Dockerfile', () => {
  let registry: Registry;
  let publisher: Publisher;
  let image: string;
  let document: TextDocument;
  let files = 0;

  const open = async (...lines: readonly string[]): Promise<void> => {
    files += 1;
    const uri = writeWorkspaceFile(`fixes${files}/Dockerfile`, `${lines.join('\n')}\n`);
    document = await workspace.openTextDocument(uri);
    await window.showTextDocument(document);
  };
  const fixes = async (line = 0): Promise<readonly CodeAction[]> => {
    const { range } = document.lineAt(line);
    const kind = CodeActionKind.QuickFix.value;
    return commands.executeCommand<CodeAction[]>('vscode.executeCodeActionProvider', document.uri, range, kind);
  };
  const fix = (title: RegExp, line = 0): Promise<CodeAction> =>
    waitFor(
      `the fix ${title.source}`,
      async () => (await fixes(line)).find((action) => title.test(action.title)),
      unhurried,
    );
  const pick = async ({ command, edit }: CodeAction): Promise<void> => {
    assert.equal(edit, undefined);
    if (command !== undefined)
      await commands.executeCommand(command.command, ...((command.arguments ?? []) as unknown[]));
  };
  const digestOf = async (name: string): Promise<string> => {
    const { RepoDigests } = await docker().getImage(name).inspect();
    return RepoDigests[0]?.split('@')[1] ?? assert.fail('it was not pushed');
  };
  const push = async (name: string, motd: string): Promise<string> => {
    await buildImage(docker(), name, { files: { motd } });
    await pushImage(docker(), name);
    return digestOf(name);
  };

  before(async () => {
    await api();
    registry = await startRegistry();
    image = `${registry.name}/host/fix:1.0`;
    await set('registry.privateHosts', [registry.name]);
    publisher = await createPublisher([registry.name]);
    await push(image, 'signed');
    await publisher.sign(image);
    await publisher.complete(image);
    await set('trust.rules', [await publisher.rule(`${registry.name}/host/*`)]);
  });
  after(async () => {
    await set('trust.rules', undefined);
    await set('registry.privateHosts', undefined);
    await set('dockerfile.diagnostics.severity', undefined, ConfigurationTarget.Workspace);
    await commands.executeCommand('workbench.action.closeAllEditors');
    await publisher.dispose();
    await registry.dispose();
  });

  it('pin to the digest that was judged, whatever the tag has come to name since', async () => {
    const judged = await digestOf(image);
    await open(`FROM ${image} AS base`);
    const pin = await fix(/^Pin to the verified digest/);
    const moved = await push(image, 'moved');
    assert.notEqual(moved, judged);
    await pick(pin);
    assert.equal(document.getText(), `FROM ${image}@${judged} AS base\n`);
    await commands.executeCommand('workbench.action.files.revert');
    await push(image, 'signed');
    assert.equal(await digestOf(image), judged);
  });

  it('leave a text alone that has changed since', async () => {
    await open(`FROM ${image}`);
    const pin = await fix(/^Pin to the verified digest/);
    const edit = new WorkspaceEdit();
    edit.insert(document.uri, new Position(0, 0), '# syntax=docker/dockerfile:1\n');
    await workspace.applyEdit(edit);
    const changed = document.getText();
    await pick(pin);
    assert.equal(document.getText(), changed);
    await pick(await fix(/^Pin to the verified digest/, 1));
    assert.match(document.getText(), /^# syntax=.*\nFROM \S+:1\.0@sha256:[0-9a-f]{64}\n$/);
    await commands.executeCommand('workbench.action.files.revert');
  });

  it('pull what the engine does not have, and judge it', async () => {
    const digest = await digestOf(image);
    await docker().getImage(image).remove();
    await open(`FROM ${image}`);
    await pick(await fix(/^Pull the image and judge it/));
    assert.equal(await digestOf(image), digest);
    const extension = await api();
    assert.equal((await extension.verify(image, new CancellationTokenSource().token)).kind, 'verified');
  });

  it('name the tag under which the content is signed', async () => {
    await docker()
      .getImage(image)
      .tag({ repo: `${registry.name}/host/fix`, tag: 'other' });
    const other = image.replace(/1\.0$/, 'other');
    await pushImage(docker(), other);
    await open(`FROM ${other}`);
    await pick(await fix(/^Use tag 1\.0, signed by /));
    assert.equal(document.getText(), `FROM ${image}\n`);
    await commands.executeCommand('workbench.action.files.revert');
  });

  it('ask whom to trust, and propose nobody', async () => {
    const stranger = `0x${'44'.repeat(32)}`;
    const repository = `${registry.name}/stranger/app`;
    await buildImage(docker(), `${repository}:1.0`);
    const asked: unknown[] = [];
    const typed = [repository, stranger];
    const restore = [
      answerInstead('showInputBox', (options) => {
        asked.push(options);
        return typed.shift();
      }),
      pickInstead(/What they published themselves|Another publisher/),
      answerInstead('showWarningMessage', (...given) => String(given.at(-1))),
    ];
    const rules = workspace.getConfiguration('daochain').get<unknown[]>('trust.rules') ?? [];
    try {
      await open(`FROM ${repository}:1.0`);
      await pick(await fix(/^Trust a publisher for /));
      assert.equal(asked.length, 2);
      assert.ok(!JSON.stringify(asked[1]).includes('"value"'));
      const [added] = (workspace.getConfiguration('daochain').get<unknown[]>('trust.rules') ?? []).slice(rules.length);
      assert.match(JSON.stringify(added), new RegExp(`"${repository}".*${stranger}`));
    } finally {
      for (const end of restore) end();
      await set('trust.rules', rules);
    }
  });

  it('ignore a code here, or in the workspace', async () => {
    const unsigned = 'registry.example.com/host/unsigned:1.0';
    await buildImage(docker(), unsigned);
    await open(`FROM ${unsigned}`);
    await pick(await fix(/^Ignore DC009 here/));
    assert.match(document.getText(), /^# daochain: ignore DC009\nFROM /);
    await commands.executeCommand('workbench.action.files.revert');
    await pick(await fix(/^Ignore DC009 in this workspace/));
    const severity = workspace.getConfiguration('daochain').inspect('dockerfile.diagnostics.severity');
    assert.deepEqual(severity?.workspaceValue, { DC009: 'off' });
    assert.equal(severity.globalValue, undefined);
    await commands.executeCommand('daochain.ignoreInWorkspace', 'DC999');
    await commands.executeCommand('daochain.ignoreInWorkspace', 'daochain.registry.enabled');
    const after = workspace.getConfiguration('daochain').inspect('dockerfile.diagnostics.severity');
    assert.deepEqual(after?.workspaceValue, { DC009: 'off' });
  });
});
