import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Locator } from 'playwright-core';
import { IpcTransport } from '../../src/adapters/chain/ipcTransport';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { createProduct, type Product } from '../testbed/product';
import { temporaryFolder } from '../testbed/program';
import { openWindow, startBrowser, type Window } from '../testbed/vsCode';
import { waitFor } from '../testbed/waitFor';
import { isOneStory, openProduct, picture, type ProductWindow } from './productWindow';

const base = 'registry.example.com/shop/base:1.0';
const web = 'registry.example.com/shop/web:1.0';
const password = 'correct horse battery';
const left = `Already on its way and not final yet: ${base}, ${web}.`;
const never = new AbortController().signal;

describe('a person who comes back', function () {
  isOneStory(this);
  let engine: Engine;
  let product: ProductWindow;
  let outsider: Product;
  let window: Window;
  let otherBrowser: BrowserContext | undefined;
  let keystore: string;

  let pictures = 0;
  const take = (name: string): Promise<void> =>
    picture(window.page, `interrupted-${String(++pictures).padStart(2, '0')}-${name}`);
  const row = (image: string, verdict: string): Locator =>
    window.ui.treeItem(new RegExp(`^${image.replaceAll('.', '\\.')}: ${verdict}`));
  const says = (text: string): Promise<unknown> =>
    waitFor(`the prompt to say ${text}`, async () => (await window.ui.inputText()).includes(text));
  /** What stands in the box of an open list before anything is typed. */
  const asks = (text: string): Promise<unknown> =>
    waitFor(`the list to ask ${text}`, async () =>
      (await window.ui.inputBox().getAttribute('placeholder'))?.includes(text),
    );
  const clear = (): Promise<void> => window.ui.runCommand('Notifications: Clear All Notifications');
  const statements = async (): Promise<readonly string[]> => {
    const { reader } = await outsider.ledgers.open();
    const { number } = await reader.head(never);
    const { attested } = await reader.logs({ fromBlock: 0, toBlock: number }, never);
    return attested.map(({ repository, tag }) => `${repository}:${tag}`).sort();
  };
  /** Closes the window, and with it the node, and opens another one. */
  const comeBack = async (browser: BrowserContext): Promise<void> => {
    await window.page.close({ runBeforeUnload: true });
    await waitFor('no node', () => product.nodes().length === 0);
    window = await openWindow(product.server, browser, product.workspace);
    await window.ui.openContainer('DaoChain');
  };

  before(async () => {
    engine = await startEngine();
    for (const image of [base, web]) await buildImage(engine.docker, image, { files: { name: image } });
    product = await openProduct(engine);
    window = product;
    outsider = createProduct({
      engineHost: engine.host,
      folder: product.storage,
      files: temporaryFolder().path,
      createTransport: () => new IpcTransport(() => product.ipcPath()),
    });
  });
  after(async () => {
    await otherBrowser?.close();
    await product.close();
    await outsider.dispose();
    await engine.dispose();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await take('failed');
  });

  it('had signed two images that nobody mined, and answered nothing of what was asked', async () => {
    const { ui, page } = window;
    await ui.openContainer('DaoChain');
    await ui.widenSideBar(460);
    await ui.runCommand('DaoChain: Create Wallet…');
    await ui.answerInput(password);
    await says('Type the password again.');
    await ui.answerInput(password);
    await ui.notificationAction(/The wallet 0x/, 'Export Wallet');
    await says('Password of the wallet');
    await ui.answerInput(password);
    keystore = await waitFor(
      'the name of a file',
      async () => /^.*\/daochain-0x\w{40}\.json$/.exec(await ui.inputBox().inputValue())?.[0],
    );
    await ui.answerInput();
    await ui.notification('The wallet was exported').waitFor();
    await ui.runCommand('DaoChain: Toggle Mining');
    await ui.statusItem(/[1-9][\d.]* ETH/).waitFor();
    await ui.runCommand('DaoChain: Toggle Mining');
    await waitFor('the end of mining', async () => !(await outsider.transport.request('eth_mining', [], never)));
    for (const [index, image] of [base, web].entries()) {
      await ui.contextMenu(row(image, 'Unsigned'), /^Sign Image/);
      await ui.pick(/without mining/);
      await waitFor('the transaction in the pool', async () => {
        const status = await outsider.transport.request('txpool_status', [], never);
        return JSON.stringify(status).includes(`"pending":"0x${index + 1}"`);
      });
      await says('Repositories for which your wallet is trusted');
      await page.keyboard.press('Escape');
      await ui.inputBox().waitFor({ state: 'hidden' });
    }
    await take('sent');
  });

  it('is told by the next window what is on its way, each by its name', async () => {
    await comeBack(product.browser);
    await window.ui.notification(left).waitFor();
    await take('told');
  });

  it('loses nothing by closing that: the account menu has it, and the window after it says it again', async () => {
    await clear();
    await window.ui.notification(left).waitFor({ state: 'hidden' });
    await window.ui.runCommand('DaoChain: Show Account Menu');
    await window.ui.option(/Continue pending signatures.*2 on the way, not final yet/).waitFor();
    await take('menu');
    await window.page.keyboard.press('Escape');
    await comeBack(product.browser);
    await window.ui.notification(left).waitFor();
  });

  describe('in another browser, which has not the keys', () => {
    it('sees which wallet that is, and never gets a new one without being asked', async () => {
      otherBrowser = await startBrowser();
      await comeBack(otherBrowser);
      const { ui, page } = window;
      await ui.notification(left).waitFor();
      await clear();
      await ui.runCommand('DaoChain: Show Account Menu');
      await ui.option(/Import a wallet.*0x\w{40} is not in this editor/).waitFor();
      await take('elsewhere-menu');
      await page.keyboard.press('Escape');
      await ui.runCommand('DaoChain: Create Wallet…');
      await ui
        .dialog()
        .getByText(/The wallet 0x\w{40} is not in this editor/)
        .waitFor();
      await ui.dialog().getByRole('button', { name: 'Import Wallet' }).waitFor();
      await take('elsewhere-create');
      await page.keyboard.press('Escape');
      await ui.dialog().waitFor({ state: 'hidden' });
    });

    it('goes on all the same with what is signed, and is asked what was not answered', async () => {
      const { ui } = window;
      await ui.runCommand('DaoChain: Continue Pending Signatures');
      await asks(`${base}, ${web}`);
      await take('continue');
      await ui.pick(/Mine until Final/);
      await says('Repositories for which your wallet is trusted');
      await ui.answerInput();
      for (const image of [base, web]) await row(image, 'Verified').waitFor();
      await take('final');
      assert.deepEqual(await statements(), [base, web]);
      await ui.runCommand('DaoChain: Continue Pending Signatures');
      await ui.notification('No signature is on its way.').waitFor();
    });

    it('imports the wallet where it signs, and has it from then on', async () => {
      const { ui } = window;
      await clear();
      const file = join(product.workspace, 'keystore.json');
      cpSync(keystore, file);
      await buildImage(engine.docker, base, { files: { name: 'another' } });
      await ui.contextMenu(row(base, 'Rebuilt'), /^Sign Image/);
      await asks('is not in this editor');
      await take('elsewhere-sign');
      await ui.pick(/Import a wallet/);
      await ui.pick(/From a keystore file/);
      // The dialog takes what is typed once it shows its folder.
      await ui.option(/keystore\.json/).waitFor();
      await ui.answerInput(file);
      await says('Password of the keystore');
      await ui.answerInput(password);
      await ui.option(/Sign, and mine until it is final/).waitFor();
      await take('imported');
      await window.page.keyboard.press('Escape');
      await ui.runCommand('DaoChain: Show Account Menu');
      await ui.option(/Copy address 0x/).waitFor();
      await window.page.keyboard.press('Escape');
    });
  });
});
