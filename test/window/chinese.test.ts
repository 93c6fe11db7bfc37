import assert from 'node:assert/strict';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { waitFor } from '../testbed/waitFor';
import { chinese } from './language';
import { documentationPicture, isOneStory, openProduct, picture, type ProductWindow } from './productWindow';

const base = 'registry.example.com/shop/base:1.0';
const web = 'registry.example.com/shop/web:1.0';
const password = '正确的马，电池与订书钉';

const { say: zh, manifest } = chinese;

describe('a person who reads Chinese', function () {
  isOneStory(this);
  let engine: Engine;
  let product: ProductWindow;

  const says = (english: string): Promise<unknown> =>
    waitFor(`the prompt to say ${zh(english)}`, async () => (await product.ui.inputText()).includes(zh(english)));
  const command = (key: string): Promise<void> =>
    product.ui.runCommand(`DaoChain: ${manifest(`command.${key}.title`)}`);
  const see = (verdict: string): Promise<void> => product.ui.treeItem(new RegExp(`^${base}.*${zh(verdict)}`)).waitFor();

  before(async () => {
    engine = await startEngine();
    await buildImage(engine.docker, base, { files: { 'etc/motd': `${Math.random()}` } });
    await buildImage(engine.docker, web, { files: { 'srv/site/index.html': 'hello' } });
    product = await openProduct(engine, { language: 'zh-cn' });
  });
  after(async () => {
    await product.close();
    await engine.dispose();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await picture(product.page, 'chinese-failed');
  });

  it('finds the view in Chinese', async () => {
    const { ui, page } = product;
    await ui.openContainer('DaoChain');
    await ui.widenSideBar(460);
    await see('Cannot be checked');
    await page.getByText(manifest('views.localImages.name')).first().waitFor();
    await ui.treeItem(zh('The node is stopped')).waitFor();
    await picture(page, 'chinese-view');
  });

  it('creates a wallet in Chinese', async () => {
    const { ui, page } = product;
    await command('createWallet');
    await says('Choose a password. Nobody can restore it for you.');
    await ui.answerInput('short');
    await says('Use {0} characters or more.');
    await picture(page, 'chinese-password');
    await ui.answerInput(password);
    await says('Type the password again.');
    await ui.answerInput(password);
    await ui.notification(/0x[0-9a-fA-F]{40}/).waitFor();
  });

  it('signs in Chinese', async () => {
    const { ui, page } = product;
    await ui.contextMenu(ui.treeItem(base), manifest('command.signImage.title'));
    await ui.option(zh('Mine until the balance is enough')).waitFor();
    await picture(page, 'chinese-balance');
    await ui.pick(zh('Mine until the balance is enough'));
    // "Sign, and mine until it is final"; the entry that does not mine goes on without a comma.
    const signAndMine = `${zh('Sign')}，`;
    await ui.option(signAndMine).waitFor();
    await picture(page, 'chinese-plan');
    await ui.pick(signAndMine);
    await waitFor('the pattern', async () => (await ui.inputBox().inputValue()) === 'registry.example.com/shop/*');
    await picture(page, 'chinese-pattern');
    await ui.answerInput();
    await see('Verified');
    await picture(page, 'chinese-verified');
  });

  it('opens the account menu in Chinese', async () => {
    const { ui, page } = product;
    await ui.statusItem('ETH').click();
    await ui.option(zh('Stop the node')).waitFor();
    await picture(page, 'chinese-menu');
    await page.keyboard.press('Escape');
  });

  it('reads a Dockerfile in Chinese', async () => {
    const { ui, page } = product;
    await buildImage(engine.docker, base, { files: { 'etc/motd': `${Math.random()}` } });
    await see('Rebuilt since signed');
    await ui.openFile('web/Dockerfile');
    await waitFor('a squiggle', async () => (await ui.squiggles('warning').count()) === 1);
    const text = await ui.hover('${BASE}', 'FROM ${BASE}');
    await picture(page, 'chinese-hover');
    await ui.runCommand('Notifications: Clear All Notifications');
    await ui.hover('${BASE}', 'FROM ${BASE}');
    await documentationPicture(page, 'chinese', 1400, 420);
    assert.ok(text.includes(zh('Rebuilt since signed')), text);
  });

  it('gets started in Chinese', async () => {
    const { page } = product;
    await command('openWalkthrough');
    await page.getByText(manifest('walkthrough.title')).first().waitFor();
    await page.getByText(manifest('walkthrough.wallet.title')).first().click();
    await picture(page, 'chinese-walkthrough');
  });
});
