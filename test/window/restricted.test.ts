import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { walletPublisher } from '../../src/core/hex';
import { ledgerKey } from '../../src/core/ledger/types';
import { startServer, type TestServer } from '../adapter/registry/testServer';
import { policyFileName } from '../../src/core/trust/policyFile';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { createProduct, type Product } from '../testbed/product';
import { temporaryFolder } from '../testbed/program';
import { waitFor } from '../testbed/waitFor';
import { isOneStory, openProduct, picture, type ProductWindow } from './productWindow';

const base = 'registry.example.com/shop/base:1.0';

describe('a person in a folder that is not trusted', function () {
  isOneStory(this);
  let engine: Engine;
  /** The registry that the folder's Dockerfile names. */
  let registry: TestServer;
  let host: string;
  let product: ProductWindow;
  /** Another window of the same person, which has the node. */
  let other: Product;

  before(async () => {
    engine = await startEngine();
    await buildImage(engine.docker, base);
    registry = await startServer((_, response) => {
      response.writeHead(404).end();
    });
    host = `127.0.0.1:${registry.port}`;
    product = await openProduct(engine, {
      trust: true,
      prepare: (workspace) => {
        for (const folder of ['.vscode', 'service']) mkdirSync(join(workspace, folder));
        writeFileSync(join(workspace, 'service', 'Dockerfile'), `FROM ${host}/team/app:1.0\n`);
        // The author of the folder would like another engine to be asked than the reader's own.
        const settings = { 'daochain.engine.host': 'unix:///tmp/author.sock' };
        writeFileSync(join(workspace, '.vscode', 'settings.json'), JSON.stringify(settings));
        writeFileSync(join(workspace, policyFileName), '{ "version": 1, "rules": [], "believe": "everybody" }\n');
      },
    });
    other = createProduct({ engineHost: engine.host, folder: product.storage, files: temporaryFolder().path });
  });
  after(async () => {
    await other.dispose();
    await product.close();
    await registry.close();
    await engine.dispose();
  });

  it('sees the images of the own engine, and that the rest is off', async () => {
    const { ui, page } = product;
    await ui.openContainer('DaoChain');
    await ui.treeItem(/^Restricted Mode/).waitFor();
    await ui.treeItem(new RegExp(`^${base}: Cannot be checked`)).waitFor();
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
      { everyMs: 500 },
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

  it('sees that no registry is asked, not even one that they have named themselves', async () => {
    const { ui, page, server } = product;
    await other.node.start();
    const { writer } = await other.ledgers.open();
    const rule = {
      ledger: ledgerKey(writer.ledger),
      repositories: `${host}/team/*`,
      publishers: [walletPublisher(`0x${'33'.repeat(20)}`)],
    };
    server.writeSettings({ 'daochain.registry.privateHosts': [host], 'daochain.trust.rules': [rule] });
    // A window reads the user's settings when it is loaded; it does not see that their file was written.
    await ui.reload();
    await ui.treeItem(new RegExp(`^${base}: Unsigned`)).waitFor();
    await ui.openFile('service/Dockerfile');
    await ui.squiggles('info').waitFor();
    assert.match(await ui.hover('/team/app'), /Registries are not asked here/);
    assert.equal(registry.connections(), 0);
    await picture(page, 'restricted-registry');
  });

  it('is told of no policy, and what is wrong in one by the editor alone', async () => {
    const { ui, page } = product;
    await ui.openFile(policyFileName);
    await ui.squiggles('warning').waitFor();
    assert.equal(await ui.notification(policyFileName).count(), 0);
    await picture(page, 'restricted-policy');
  });

  it('has registries asked and policies offered once it is trusted, and no engine but the own one', async () => {
    const { ui, page } = product;
    await ui.openFile('service/Dockerfile');
    await ui.trustFolder();
    await ui.treeItem(/^Restricted Mode/).waitFor({ state: 'hidden' });
    await ui.notification(/daochain\.policy\.json names publishers to trust in .*"believe"/).waitFor();
    await waitFor('the registry to be asked', () => registry.asked.length > 0);
    await ui.treeItem(new RegExp(`^${base}: Unsigned`)).waitFor();
    await picture(page, 'restricted-trusted');
  });
});
