import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { IpcTransport } from '../../src/adapters/chain/ipcTransport';
import { EthersWalletKeys } from '../../src/adapters/secrets/walletKeys';
import { walletPublisher } from '../../src/core/hex';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { createProduct, testSigner, type Product } from '../testbed/product';
import { temporaryFolder } from '../testbed/program';
import { openWindow, type Window } from '../testbed/vsCode';
import { waitFor } from '../testbed/waitFor';
import {
  assertWentThrough,
  documentationPicture,
  isOneStory,
  openProduct,
  picture,
  rememberRow,
  type ProductWindow,
} from './productWindow';
import type { TransactionSigner } from '../../src/core/ports/ledger';

const base = 'registry.example.com/shop/base:1.0';
const web = 'registry.example.com/shop/web:1.0';
const tool = 'registry.example.com/other/tool:2.1';
const password = 'correct horse battery';
const never = new AbortController().signal;

/** The row of an image, by its verdict. */
function rowOf({ ui }: Window, image: string, verdict: string): Locator {
  return ui.treeItem(new RegExp(`^${image.replaceAll('.', '\\.')}: ${verdict}`));
}

describe('a person in the window', function () {
  isOneStory(this);
  let engine: Engine;
  let product: ProductWindow;
  let window: Window;
  let outsider: Product;
  let stranger: TransactionSigner;

  const build = (image: string, release: string): Promise<string> =>
    buildImage(engine.docker, image, { files: { 'etc/motd': `${image} ${release}` }, labels: { release } });
  const see = (image: string, verdict: string): Promise<void> => rowOf(window, image, verdict).waitFor();
  let pictures = 0;
  const take = (name: string): Promise<void> => picture(window.page, `${String(++pictures).padStart(2, '0')}-${name}`);
  const says = (text: string): Promise<unknown> =>
    waitFor(`the prompt to say ${text}`, async () => (await window.ui.inputText()).includes(text));
  const balance = async (): Promise<number> =>
    Number(/([\d.]+) ETH/.exec(await window.ui.statusItem(/ETH/).innerText())?.[1]);
  /** How many statements the ledger has under the name of an image, whoever made them. */
  const statements = async (image: string): Promise<number> => {
    const { reader } = await outsider.ledgers.open();
    const { number } = await reader.head(never);
    const { attested } = await reader.logs({ fromBlock: 0, toBlock: number }, never);
    return attested.filter(({ repository, tag }) => `${repository}:${tag}` === image).length;
  };
  const miningEnds = (): Promise<unknown> =>
    waitFor('the end of mining', async () => (await outsider.transport.request('eth_mining', [], never)) === false);
  /** The number beside the view's icon. While the view is busy a clock stands there, which says nothing. */
  const alarms = async (): Promise<string | undefined> => {
    const badge = window.page.locator('.activitybar .action-item:has([aria-label^="DaoChain"]) .badge-content');
    return (await badge.allInnerTexts()).find((text) => text !== '');
  };

  before(async () => {
    engine = await startEngine();
    await Promise.all([build(base, '1'), build(web, '1'), build(tool, '1')]);
    product = await openProduct(engine, { settings: { 'workbench.colorTheme': 'Default Dark Modern' } });
    window = product;
    outsider = createProduct({
      engineHost: engine.host,
      folder: product.storage,
      files: temporaryFolder().path,
      createTransport: () => new IpcTransport(() => product.ipcPath()),
    });
    mkdirSync(join(product.workspace, 'api'));
    writeFileSync(
      join(product.workspace, 'api', 'Dockerfile'),
      `FROM ${base} AS assets\n\nFROM ${web} AS pages\n\nFROM ${tool}\nCOPY --from=assets / /assets\nCOPY --from=pages / /pages\n`,
    );
  });
  after(async () => {
    await product.close();
    await outsider.dispose();
    await engine.dispose();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await take('failed');
  });

  it('opens the view, where nothing is claimed as long as the chain cannot be asked', async () => {
    await window.ui.openContainer('DaoChain');
    await window.ui.widenSideBar(460);
    for (const image of [base, web, tool]) await see(image, 'Cannot be checked');
    await window.ui.treeItem(/^The node is stopped/).waitFor();
    await take('view');
  });

  it('creates a wallet', async () => {
    const { ui } = window;
    await ui.runCommand('DaoChain: Create Wallet');
    await ui.answerInput('short');
    await says('Use 8 characters or more.');
    await take('password-too-short');
    await ui.answerInput(password);
    await says('Type the password again.');
    await ui.answerInput('correct horse');
    await says('The passwords do not match.');
    await ui.answerInput(password);
    await ui.notification(/The wallet 0x[0-9a-fA-F]{40} is ready/).waitFor();
    await take('wallet');
  });

  it('exports it to a file that opens with the same password', async () => {
    const { ui } = window;
    await ui.notificationAction(/The wallet 0x/, 'Export Wallet');
    await says('Password of the wallet');
    await ui.answerInput(password);
    const file = await waitFor(
      'the name of a file',
      async () => /^.*\/daochain-0x\w{40}\.json$/.exec(await ui.inputBox().inputValue())?.[0],
    );
    await take('export');
    await ui.answerInput();
    await ui.notification(`The wallet was exported to ${file}.`).waitFor();
    const key = await new EthersWalletKeys().fromKeystore(readFileSync(file, 'utf8'), password);
    await ui.runCommand('DaoChain: Show Account Menu');
    await ui.option(new RegExp(`Copy address ${key.address}`, 'i')).waitFor();
    await take('menu');
    await window.page.keyboard.press('Escape');
  });

  it('toggles mining in the palette and sees the balance grow', async () => {
    const { ui } = window;
    await ui.runCommand('DaoChain: Toggle Mining');
    const first = await waitFor('a balance', async () => (await balance()) > 0 && balance());
    await waitFor('a larger balance', async () => (await balance()) > first);
    await see(base, 'Unsigned');
    await take('mining');
    await ui.runCommand('DaoChain: Toggle Mining');
    assert.equal(product.nodes().length, 1);
    await miningEnds();
  });

  it('sends nothing when the plan is closed', async () => {
    const { ui } = window;
    await ui.contextMenu(rowOf(window, base, 'Unsigned'), /^Sign Image/);
    await ui.option(/Sign, and mine until it is final/).waitFor();
    await window.page.keyboard.press('Escape');
    await ui.option(/Sign, and mine until it is final/).waitFor({ state: 'hidden' });
    assert.deepEqual(await outsider.transport.request('txpool_status', [], never), { pending: '0x0', queued: '0x0' });
  });

  it('signs by right-click, after the password, the plan and the trust pattern', async () => {
    const { ui } = window;
    const seen = await rememberRow(window.page, base);
    await ui.runCommand('DaoChain: Lock Wallet');
    await ui.contextMenu(rowOf(window, base, 'Unsigned'), /^Sign Image/);
    await ui.answerInput('wrong password');
    await says('The password is wrong.');
    await take('wrong-password');
    await ui.answerInput(password);
    await ui.option(/Sign, and mine until it is final/).waitFor();
    await take('plan');
    await documentationPicture(window.page, 'sign', 1400, 420);
    await ui.pick(/Sign, and mine until it is final/);
    await says('Repositories for which your wallet is trusted');
    assert.equal(await ui.inputBox().inputValue(), 'registry.example.com/shop/*');
    await take('pattern');
    await ui.answerInput();
    await see(base, 'Verified');
    await take('verified');
    // In between it is pending, which can be over before a busy window draws it once.
    assertWentThrough(await seen(), ['Unsigned', 'Verified']);
    await ui.notification(`Signed ${base}.`).waitFor();
    assert.equal(await statements(base), 1);
  });

  it('sees in the row and in a Dockerfile that it was rebuilt under the same tag, without an alarm', async () => {
    const { ui } = window;
    await ui.openFile('web/Dockerfile');
    await see(base, 'Verified');
    assert.equal(await ui.squiggles('warning').count(), 0);
    await build(base, '2');
    await see(base, 'Rebuilt since signed');
    await waitFor('one squiggle', async () => (await ui.squiggles('warning').count()) === 1);
    const squiggle = await ui.squiggles('warning').boundingBox();
    const text = await ui.textBox('${BASE}', 'FROM ${BASE}');
    assert.ok(
      Math.abs((squiggle?.x ?? 0) - text.x) < 2 && Math.abs((squiggle?.width ?? 0) - text.width) < 2,
      JSON.stringify({ squiggle, text }),
    );
    assert.equal(await alarms(), undefined);
    await ui.hover('${BASE}', 'FROM ${BASE}');
    await take('rebuilt');
  });

  it('has one signature after the node was killed in the midst of it', async () => {
    const { ui } = window;
    await ui.runCommand('Notifications: Clear All Notifications');
    await ui.contextMenu(rowOf(window, base, 'Rebuilt'), /^Sign Image/);
    await ui.pick(/without mining/);
    await waitFor('the transaction in the pool', async () => {
      const status = await outsider.transport.request('txpool_status', [], never);
      return JSON.stringify(status).includes('"pending":"0x1"');
    });
    await take('sent');
    const [killed] = product.nodes();
    process.kill(killed ?? assert.fail('no node'), 'SIGKILL');
    await waitFor('another node', () => product.nodes().length === 1 && product.nodes()[0] !== killed);
    await ui.notification(`Signing ${base}`).waitFor();
    await take('killed');
    await ui.runCommand('DaoChain: Mine until Final');
    await see(base, 'Verified');
    assert.equal(await statements(base), 2);
    await waitFor('no squiggle', async () => (await ui.squiggles('warning').count()) === 0);
    await miningEnds();
    await ui.notification(`Signing ${base}`).waitFor({ state: 'hidden' });
    await ui.notification(`Signed ${base}.`).waitFor();
    await take('signed-once');
  });

  it('turns nothing green when another wallet signs', async () => {
    const seen = await rememberRow(window.page, web);
    stranger = await testSigner();
    outsider.owner = stranger.address;
    await outsider.node.start();
    const nodes = product.nodes();
    const { writer } = await outsider.ledgers.open();
    await outsider.node.mineUntil(async () => (await writer.balance(stranger.address, never)) > 0n, never);
    const plan = await outsider.signing.plan([web, tool, base], { signer: stranger.address }, never);
    await outsider.node.mineWhile(() => outsider.signing.execute(plan, stranger, never, () => undefined));
    await outsider.node.release();
    assert.deepEqual(product.nodes(), nodes);
    await see(web, 'Untrusted publisher');
    await see(tool, 'Untrusted publisher');
    await see(base, 'Verified');
    assert.ok(!(await seen()).some((label) => label.includes('Verified')));
    await take('stranger');
  });

  it('believes a publisher whose id was pasted, and gives an alarm when the image is replaced', async () => {
    const { ui } = window;
    await ui.contextMenu(rowOf(window, tool, 'Untrusted'), /^Trust a Publisher/);
    await ui.answerInput();
    await ui.pick(/Another publisher/);
    await ui.answerInput(walletPublisher(stranger.address));
    await ui.pick(/What they published themselves/);
    await ui.dialog().getByRole('button', { name: 'Trust' }).waitFor();
    await take('trust');
    await ui.dialogButton('Trust');
    await see(tool, 'Verified');
    await build(tool, 'other');
    await see(tool, 'Mismatch');
    await waitFor('the alarm', async () => (await alarms()) === '1');
    await ui.openFile('api/Dockerfile');
    await waitFor('a squiggle on all but the verified image', async () => {
      const counts = await Promise.all([ui.squiggles('error').count(), ui.squiggles('warning').count()]);
      return counts.every((count) => count === 1);
    });
    const hover = await ui.hover(tool);
    assert.ok(hover.includes('Mismatch (development)') && hover.includes('Do not run it.'), hover);
    await take('mismatch');
    await documentationPicture(window.page, 'overview', 1400, 420);
    await window.page.locator('.monaco-hover').getByText('DC004').click();
    await window.page.getByRole('tab', { name: /DC004/ }).waitFor();
    await take('page');
  });

  it('heals when the engine was away', async () => {
    await engine.stop();
    await window.page.getByText('Docker Engine does not answer.').first().waitFor();
    await take('engine-away');
    await engine.start();
    await see(base, 'Verified');
  });

  it('shares the node with a second window', async () => {
    const [node] = product.nodes();
    window = await openWindow(product.server, product.browser, product.workspace);
    await window.ui.openContainer('DaoChain');
    await see(base, 'Verified');
    assert.deepEqual(product.nodes(), [node]);
    await take('second-window');
  });

  it('builds and signs there with the same wallet, which asks for its password in each window', async () => {
    const { ui } = window;
    await ui.openFile('base/Dockerfile');
    await ui.runCommand('DaoChain: Build and Sign');
    await ui.option(/^shop\b/).waitFor();
    await ui.pick(/^base\b/);
    await says('Name and tag of the image');
    assert.equal(await ui.inputBox().inputValue(), 'base:latest');
    await ui.answerInput(base);
    await says('Password of the wallet');
    await see(base, 'Rebuilt since signed');
    await ui.answerInput(password);
    await ui.pick(/Sign, and mine until it is final/);
    await see(base, 'Verified');
    await take('built');
  });

  it('keeps a node when the window that started it is closed, and none after the last window', async () => {
    const [node] = product.nodes();
    await product.page.close({ runBeforeUnload: true });
    await waitFor('another node', () => product.nodes().length === 1 && product.nodes()[0] !== node);
    await window.ui.treeItem(/^The node is starting/).waitFor({ state: 'hidden' });
    await see(base, 'Verified');
    await window.ui.runCommand('DaoChain: Stop Node');
    await see(base, 'Cannot be checked');
    assert.deepEqual(product.nodes(), []);
    await take('stopped');
    await window.ui.runCommand('DaoChain: Start Node');
    await see(base, 'Verified');
    await window.page.close({ runBeforeUnload: true });
    await waitFor('no node', () => product.nodes().length === 0);
  });
});
