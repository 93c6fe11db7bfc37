import assert from 'node:assert/strict';
import { commands, window } from 'vscode';
import { buildImage } from '../testbed/engine';
import { waitFor } from '../testbed/waitFor';
import { api, docker } from './extension';

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

/** The text of the document that the command opens. */
async function attestationOf(...rows: readonly unknown[]): Promise<string> {
  await commands.executeCommand('workbench.action.closeAllEditors');
  await commands.executeCommand('daochain.showAttestation', ...rows);
  return waitFor('the document', () => {
    const { document } = window.activeTextEditor ?? {};
    return document?.uri.scheme === 'daochain-attestation' && document.getText();
  });
}

describe('commands on rows of Container Tools', () => {
  let id: string;

  before(async () => {
    await api();
    id = await buildImage(docker(), image);
  });
  after(() => commands.executeCommand('workbench.action.closeAllEditors'));

  it('take an image by its tag', async () => {
    assert.ok((await attestationOf(new ForeignRow(image, id))).startsWith(image));
  });

  it('take an image without a tag by its ID', async () => {
    assert.ok((await attestationOf(new ForeignRow('<none>:<none>', id))).startsWith(id));
  });

  it('take our own names as well', async () => {
    assert.ok((await attestationOf(image)).startsWith(image));
  });
});
