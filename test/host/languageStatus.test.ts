import assert from 'node:assert/strict';
import {
  commands,
  ConfigurationTarget,
  languages,
  LanguageStatusSeverity,
  window,
  workspace,
  type LanguageStatusItem,
  type Uri,
} from 'vscode';
import { buildImage } from '../testbed/engine';
import { waitFor } from '../testbed/waitFor';
import { api, docker, writeWorkspaceFile } from './extension';
import { createPublisher, type Publisher } from './publisher';

const prefix = 'registry.example.com/status';
const setRules = (value: unknown): Thenable<void> =>
  workspace.getConfiguration('daochain').update('trust.rules', value, ConfigurationTarget.Global);

describe('the language status', () => {
  let publisher: Publisher;
  /** What the extension has made since the test began, newest last. */
  const items: LanguageStatusItem[] = [];
  let restore: () => void;

  const open = async (uri: Uri): Promise<void> => {
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: false });
  };
  const says = (text: string): Promise<LanguageStatusItem> =>
    waitFor(`${text}, where it says ${items.at(-1)?.text ?? 'nothing'}`, () => {
      const item = items.at(-1);
      return item?.text === text && !item.busy && item;
    });

  before(async () => {
    await api();
    await commands.executeCommand('workbench.action.closeAllEditors');
    const { createLanguageStatusItem: own } = languages;
    Object.assign(languages, {
      createLanguageStatusItem: (...given: Parameters<typeof own>): LanguageStatusItem => {
        const item = own(...given);
        items.push(item);
        return item;
      },
    });
    restore = () => {
      Object.assign(languages, { createLanguageStatusItem: own });
    };
    publisher = await createPublisher([]);
    for (const name of ['signed', 'replaced', 'unsigned'])
      await buildImage(docker(), `${prefix}/${name}:1.0`, { files: { name } });
    for (const name of ['signed', 'replaced']) await publisher.sign(`${prefix}/${name}:1.0`);
    await buildImage(docker(), `${prefix}/replaced:1.0`, { files: { name: 'by somebody' } });
    await setRules([await publisher.rule(`${prefix}/*`)]);
  });
  after(async () => {
    restore();
    await setRules(undefined);
    await publisher.dispose();
    await commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('counts the base images that are verified', async () => {
    await open(writeWorkspaceFile('status/Dockerfile', `FROM ${prefix}/signed:1.0\nFROM ${prefix}/unsigned:1.0\n`));
    const item = await says('1 of 2 base images verified');
    assert.equal(item.severity, LanguageStatusSeverity.Information);
    assert.equal(item.command?.command, 'workbench.actions.view.problems');
  });

  it('speaks of the file that is looked at, Compose files as well, and is red where one is not what it should be', async () => {
    const lines = ['signed', 'replaced'].map((name) => `  ${name}:\n    image: ${prefix}/${name}:1.0\n`);
    await open(writeWorkspaceFile('status/compose.yaml', `services:\n${lines.join('')}`));
    await waitFor('an alarm', () => items.at(-1)?.severity === LanguageStatusSeverity.Error);
    const item = await says('1 of 2 base images verified');
    assert.equal(item.detail, '1 image is not what its publisher published');
    await open(writeWorkspaceFile('status/signed/Dockerfile', `FROM ${prefix}/signed:1.0\n`));
    assert.equal((await says('Base image verified')).severity, LanguageStatusSeverity.Information);
  });
});
