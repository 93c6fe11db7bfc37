import assert from 'node:assert/strict';
import {
  commands,
  ConfigurationTarget,
  MarkdownString,
  Position,
  window,
  workspace,
  type CodeAction,
  type Hover,
  type TextDocument,
} from 'vscode';
import { buildImage } from '../testbed/engine';
import { waitFor } from '../testbed/waitFor';
import { explained } from './explained';
import { docker, writeWorkspaceFile } from './extension';
import { createPublisher, type Publisher } from './publisher';

const image = 'registry.example.com/why/app:1.0';

describe('why an image has its verdict', () => {
  let publisher: Publisher;
  let document: TextDocument;
  const trust = (rules: unknown): Thenable<void> =>
    workspace.getConfiguration('daochain').update('trust.rules', rules, ConfigurationTarget.Global);
  /** Without the signs that Markdown needs. */
  const read = async (...args: readonly unknown[]): Promise<string> => (await explained(...args)).replaceAll('\\', '');

  before(async () => {
    await buildImage(docker(), image, { files: { motd: 'why' } });
    publisher = await createPublisher([]);
    await publisher.sign(image);
    document = await workspace.openTextDocument(writeWorkspaceFile('why/Dockerfile', `FROM ${image}\n`));
    await window.showTextDocument(document);
  });
  after(async () => {
    await trust(undefined);
    await publisher.dispose();
    await commands.executeCommand('workbench.action.closeAllEditors');
  });

  async function hover(): Promise<{ readonly hover: MarkdownString; readonly link: readonly string[] } | undefined> {
    const hovers = await commands.executeCommand<Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      new Position(0, 7),
    );
    for (const content of hovers.flatMap(({ contents }) => contents)) {
      if (!(content instanceof MarkdownString)) continue;
      const [, given] = /\]\(command:daochain\.explainVerdict\?([0-9A-Za-z%]+)\)/.exec(content.value) ?? [];
      if (given !== undefined) return { hover: content, link: JSON.parse(decodeURIComponent(given)) as string[] };
    }
    return undefined;
  }

  it('is a link in the hover, which can run nothing else', async () => {
    const { hover: content, link } = await waitFor('the link', hover);
    assert.deepEqual(content.isTrusted, { enabledCommands: ['daochain.explainVerdict'] });
    assert.deepEqual(link, [image, '', document.uri.toString().replace(/\/[^/]*$/, '')]);
    assert.equal(content.value.match(/(?<!\\)\]\(/g)?.length, 1);
  });

  it('is a quick fix too', async () => {
    const actions = await commands.executeCommand<CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      document.lineAt(0).range,
    );
    const { link } = await waitFor('the link', hover);
    const why = actions.find(({ title }) => title === 'Why?');
    assert.deepEqual([why?.command?.command, why?.command?.arguments], ['daochain.explainVerdict', link]);
  });

  it('is shown with rule, history and what would change it', async () => {
    const { link } = await waitFor('the link', hover);
    const signer = publisher.signer.address.toLowerCase();
    const stranger = await read(...link);
    assert.ok(stranger.startsWith(`# ${image}: Untrusted publisher (development)\n`), stranger);
    assert.match(
      stranger,
      /No rule covers registry\.example\.com\/why\/app here, so this image cannot become verified\./,
    );
    assert.match(
      stranger,
      new RegExp(`- ${signer}, whom no rule names\n  - #0 Published\n    - States exactly this image\\.`, 'i'),
    );
    assert.match(stranger, new RegExp(`accepted what ${signer} publishes: Verified \\(development\\)\\.`, 'i'));
    assert.match(stranger, /never from what is shown here/);

    await trust([await publisher.rule('registry.example.com/why/*')]);
    const believed = await read(...link);
    assert.ok(believed.startsWith(`# ${image}: Verified (development)\n`), believed);
    assert.match(believed, /Your own rules: satisfied\./);
    assert.match(believed, /their hash is the one in the contract\./);
    assert.match(believed, /Without your rule for registry\.example\.com\/why\/\*: Untrusted publisher/);
  });

  it('is of the image that the engine has where a row is asked about', async () => {
    const shown = await read({ fullTag: image, imageId: '' });
    assert.match(shown, /The registry was not asked: this is about the image of the engine\./);
  });

  it('becomes nothing but text in the preview', async () => {
    const hostile = await explained('[x](command:evil)<img src=x onerror=y>https://evil.example.com', '', '');
    const html = await commands.executeCommand<string>('markdown.api.render', hostile);
    assert.match(html, /evil/);
    assert.doesNotMatch(html, /<a\b|<img|<script|onerror=(?!y&gt;)/);
    const { link } = await waitFor('the link', hover);
    const rendered = await commands.executeCommand<string>('markdown.api.render', await explained(...link));
    assert.match(rendered, /<h2[^>]*>What would change it<\/h2>/);
    assert.doesNotMatch(rendered, /<a\b|<img/);
  });

  it('ends with a word where the image is not there', async () => {
    const shown = await read('registry.example.com/why/nothing:1', '', '');
    assert.match(shown, /The image itself was not examined\./);
  });
});
