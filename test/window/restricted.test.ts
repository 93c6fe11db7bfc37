import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { waitFor } from '../testbed/waitFor';
import { isOneStory, openProduct, picture, type ProductWindow } from './productWindow';

const base = 'registry.example.com/shop/base:1.0';

describe('a person in a folder that is not trusted', function () {
  this.timeout(120_000);
  isOneStory(this);
  let engine: Engine;
  let product: ProductWindow;

  before(async () => {
    engine = await startEngine();
    await buildImage(engine.docker, base);
    product = await openProduct(engine, {
      trust: true,
      prepare: (workspace) => {
        mkdirSync(join(workspace, '.vscode'));
        // The author of the folder would like another engine to be asked than the reader's own.
        const settings = { 'daochain.engine.host': 'unix:///tmp/author.sock' };
        writeFileSync(join(workspace, '.vscode', 'settings.json'), JSON.stringify(settings));
      },
    });
  });
  after(async () => {
    await product.close();
    await engine.dispose();
  });

  it('sees the images of the own engine, and that the rest is off', async () => {
    const { ui, page } = product;
    await ui.openContainer('DaoChain');
    await ui.treeItem(/^Restricted Mode/).waitFor();
    await ui.treeItem(new RegExp(`^${base}: Cannot be checked`)).waitFor({ timeout: 60_000 });
    await picture(page, 'restricted');
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await picture(product.page, 'restricted-failed');
  });

  const refusal = (): Locator =>
    product.ui.notification('Signing, the wallet and the node are off in Restricted Mode.');
  const isRefused = async (): Promise<void> => {
    await refusal().waitFor();
    await picture(product.page, 'restricted-refused');
    await product.ui.runCommand('Notifications: Clear All Notifications');
    await refusal().waitFor({ state: 'hidden' });
    assert.deepEqual(product.nodes(), []);
  };

  for (const entry of ['Create a wallet', 'Start the node', 'Start mining']) {
    it(`is refused what the account menu calls "${entry}"`, async () => {
      await product.ui.viewAction('Show Account Menu');
      await product.ui.pick(entry);
      await isRefused();
    });
  }

  it('is refused signing by the walkthrough', async () => {
    const { ui, page } = product;
    await ui.runCommand('DaoChain: Open Walkthrough');
    // The page chooses its first step when it has been drawn, whatever was chosen before.
    await page.getByRole('button', { name: 'Show Local Images' }).waitFor();
    await waitFor(
      'the step to open',
      async () => {
        const open = await page.getByRole('button', { name: 'Sign Image' }).isVisible();
        if (!open) await page.getByRole('button', { name: /Sign and Verify a First Image/ }).click();
        return open;
      },
      { timeoutMs: 20_000, everyMs: 500 },
    );
    await picture(page, 'restricted-walkthrough');
    await page.getByRole('button', { name: 'Sign Image' }).click();
    await isRefused();
  });

  it('finds no such entry in the menu of a row', async () => {
    const { ui, page } = product;
    await ui.treeItem(new RegExp(`^${base}`)).click({ button: 'right' });
    await ui.menuItem('Verify Image').waitFor();
    assert.equal(await ui.menuItem(/^Sign Image/).isEnabled(), false);
    await picture(page, 'restricted-menu');
    await page.keyboard.press('Escape');
  });

  it('gets what the folder asks for once it is trusted', async () => {
    const { ui, page } = product;
    await ui.trustFolder();
    await ui.treeItem(/^Restricted Mode/).waitFor({ state: 'hidden' });
    await page.getByText('Docker Engine does not answer.').first().waitFor({ timeout: 60_000 });
    await picture(page, 'restricted-trusted');
  });
});
