import assert from 'node:assert/strict';
import { commands } from 'vscode';
import { buildImage } from '../testbed/engine';
import { escapeMarkdown } from '../../src/words/markdownText';
import { displayText } from '../../src/core/displayText';
import { api, docker } from './extension';
import { explained } from './explained';

const image = 'registry.example.com/host/tools:1.0';

/** A row of another extension's images view: what it knows are getters, and so not its own properties. */
class ForeignRow {
  constructor(
    private readonly tag: string,
    private readonly id: string,
  ) {}

  get fullTag(): string {
    return this.tag;
  }

  get imageId(): string {
    return this.id;
  }
}

const shown = (name: string): string => escapeMarkdown(displayText(name));

describe('commands on rows of Container Tools', () => {
  let id: string;

  before(async () => {
    await api();
    id = await buildImage(docker(), image);
  });
  after(() => commands.executeCommand('workbench.action.closeAllEditors'));

  it('take an image by its tag', async () => {
    assert.ok((await explained(new ForeignRow(image, id))).includes(shown(image)));
  });

  it('take an image without a tag by its ID', async () => {
    assert.ok((await explained(new ForeignRow('<none>:<none>', id))).includes(shown(id)));
  });

  it('take our own names as well', async () => {
    assert.ok((await explained(image)).includes(shown(image)));
  });
});
