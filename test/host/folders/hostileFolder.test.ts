import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CancellationTokenSource,
  commands,
  ConfigurationTarget,
  DiagnosticSeverity,
  Uri,
  window,
  workspace,
  type TextDocument,
} from 'vscode';
import { policyFileName } from '../../../src/core/trust/policyFile';
import { Settings } from '../../../src/ui/settings';
import { buildImage } from '../../testbed/engine';
import { waitFor } from '../../testbed/waitFor';
import { api, docker } from '../extension';
import { isMarked } from '../marks';
import { answerInstead, pickInstead } from '../person';
import { createPublisher, type Publisher } from '../publisher';

const image = 'registry.example.com/folders/app:1.0';
const never = new CancellationTokenSource().token;
const { Error: error, Information: information } = DiagnosticSeverity;

// A window with two folders: one is the reader's own, the other was cloned.
describe('a cloned folder beside an own one', () => {
  let author: Publisher;
  let rule: Readonly<Record<string, unknown>>;
  let own: string;
  let cloned: string;

  const open = async (folder: string, ...lines: readonly string[]): Promise<TextDocument> => {
    const path = join(folder, 'Dockerfile');
    writeFileSync(path, `${lines.join('\n')}\n`);
    const document = await workspace.openTextDocument(path);
    await window.showTextDocument(document, { preview: false });
    return document;
  };
  const review = async (folder: string, choice: RegExp): Promise<void> => {
    const restore = [
      pickInstead(choice),
      answerInstead('showWarningMessage', (_, __, ...buttons) => buttons.at(-1) as string),
    ];
    try {
      await commands.executeCommand('daochain.reviewPolicy', Uri.file(folder));
    } finally {
      for (const each of restore) each();
    }
  };
  const verdict = async (): Promise<string> => (await (await api()).verify(image, never)).kind;

  before(async () => {
    const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
    assert.equal(folders.length, 2);
    [own = '', cloned = ''] = folders;
    await buildImage(docker(), image, { files: { image } });
    await api();
    author = await createPublisher([]);
    await author.sign(image);
    rule = await author.rule('registry.example.com/folders/*');
  });
  after(async () => {
    await author.dispose();
    await commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('makes nobody believed by its settings, nor by those of the workspace, and names no engine and no program', async () => {
    const hostile = {
      'daochain.trust.rules': [rule],
      'daochain.engine.host': 'unix:///nowhere/engine.sock',
      'daochain.node.path': '/nowhere/geth',
      'daochain.registry.privateHosts': ['10.0.0.7'],
      'daochain.dockerfile.buildArguments': { SEEN: 'yes' },
    };
    await workspace.fs.createDirectory(Uri.file(join(cloned, '.vscode')));
    writeFileSync(join(cloned, '.vscode', 'settings.json'), JSON.stringify(hostile));
    const file = workspace.workspaceFile ?? assert.fail('no workspace file is open');
    const folders = [{ path: 'own' }, { path: 'cloned' }];
    writeFileSync(file.fsPath, JSON.stringify({ folders, settings: hostile }));
    const seen = (): boolean => {
      const values = workspace.getConfiguration('daochain', Uri.file(cloned)).inspect('dockerfile.buildArguments');
      return values?.workspaceFolderValue !== undefined && values.workspaceValue !== undefined;
    };
    await waitFor('the settings of the folder and of the workspace', seen);
    try {
      const settings = new Settings();
      assert.deepEqual(settings.userRules, []);
      assert.equal(settings.engineHost, undefined);
      assert.equal(settings.nodePath, undefined);
      assert.deepEqual(settings.registries.privateHosts(), []);
      await isMarked(await open(cloned, `FROM ${image}`), [`DC008 0 ${information}`]);
      assert.equal(await verdict(), 'untrusted');
    } finally {
      writeFileSync(file.fsPath, JSON.stringify({ folders }));
      rmSync(join(cloned, '.vscode'), { recursive: true });
      await waitFor('the settings to be gone', () => !seen());
    }
  });

  it('has a policy of its own, which changes nothing in the other', async () => {
    const [inOwn, inCloned] = [await open(own, `FROM ${image}`), await open(cloned, `FROM ${image}`)];
    writeFileSync(join(cloned, policyFileName), JSON.stringify({ version: 1, rules: [rule] }));
    await isMarked(inCloned, [`DC008 0 ${information}`]);
    await review(cloned, /Accept/);
    await isMarked(inCloned, []);
    await isMarked(inOwn, [`DC008 0 ${information}`]);
    await review(cloned, /Withdraw/);
    await isMarked(inCloned, [`DC008 0 ${information}`]);
  });

  it('loosens nothing by a policy that was accepted: where the reader’s rules cover an image, both count', async () => {
    const other = `0x${'77'.repeat(20)}`;
    const strict = { ...rule, publishers: [other] };
    await workspace.getConfiguration('daochain').update('trust.rules', [strict], ConfigurationTarget.Global);
    await review(cloned, /Accept/);
    try {
      assert.equal(await verdict(), 'untrusted');
      // What either accepts speaks against other content.
      await buildImage(docker(), image, { files: { image: 'something else' } });
      await isMarked(await open(cloned, `FROM ${image}`), [`DC004 0 ${error}`]);
    } finally {
      await review(cloned, /Withdraw/);
      await workspace.getConfiguration('daochain').update('trust.rules', undefined, ConfigurationTarget.Global);
    }
  });
});
