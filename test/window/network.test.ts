import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cacheFolder } from '../../scripts/dev/components/cache';
import { startEngine, type Engine } from '../testbed/engine';
import { ipcRequest } from '../testbed/geth';
import { canHaveMachines, startMachines, type Machine, type Machines } from '../testbed/machines';
import { temporaryFolder } from '../testbed/program';
import { waitFor } from '../testbed/waitFor';
import { chinese } from './language';
import { isOneStory, openProduct, picture, type ProductWindow } from './productWindow';

const password = 'correct horse battery';
const { say: zh, manifest } = chinese;

// Two machines with one cable between them: what listens is reached from there and from nowhere else.
describe('a network of an editor and a terminal', function () {
  isOneStory(this);
  let engine: Engine;
  let machines: Machines;
  let product: ProductWindow;
  let colleague: Machine;
  let link = '';
  let chainId = '';
  let shared = '';
  const data = join(temporaryFolder().path, 'colleague');
  const home = temporaryFolder().path;

  let pictures = 0;
  const take = (name: string): Promise<void> =>
    picture(product.page, `network-${String(++pictures).padStart(2, '0')}-${name}`);
  const says = (text: string | RegExp): Promise<unknown> =>
    waitFor(`the prompt to say ${text}`, async () => (await product.ui.inputText()).match(text) !== null);
  const told = (text: string | RegExp): Promise<void> => product.ui.notification(text).waitFor();
  const clear = (): Promise<void> => product.ui.runCommand('Notifications: Clear All Notifications');
  const clipboard = (): Promise<string> => product.page.evaluate(() => navigator.clipboard.readText());
  /** What the colleague's terminal prints. */
  const terminal = (...args: readonly string[]): string =>
    colleague.run('env', [
      ...['-i', `PATH=${process.env['PATH'] ?? ''}`, `HOME=${home}`, 'LANG=C.UTF-8', `DAOCHAIN_CACHE=${cacheFolder()}`],
      ...[process.execPath, resolve('dist/cli.js'), ...args, '--data', data],
    ]);
  /** The socket of a node in the network, once it runs. */
  const socketIn = (folder: string): Promise<string> =>
    waitFor(`a node in ${folder}`, () => {
      const owner = join(folder, 'networks', chainId, 'node', 'owner.json');
      return existsSync(owner) ? (JSON.parse(readFileSync(owner, 'utf8')) as { ipcPath: string }).ipcPath : undefined;
    });
  const blockHash = async (ipcPath: string, number: string): Promise<string | undefined> =>
    ((await ipcRequest(ipcPath, 'eth_getBlockByNumber', [number, false])) as { hash: string } | null)?.hash;

  before(async function () {
    if (!canHaveMachines()) this.skip();
    machines = startMachines(2);
    const [own, other] = machines.all;
    colleague = other ?? assert.fail('there is one machine');
    engine = await startEngine();
    product = await openProduct(engine, { machine: own, settings: { 'workbench.colorTheme': 'Default Dark Modern' } });
    await product.browser.grantPermissions(['clipboard-read', 'clipboard-write']);
  });
  after(async () => {
    if (!canHaveMachines()) return;
    if (link !== '') terminal('node', 'stop', '--network', 'Acme');
    await product.close();
    await engine.dispose();
    machines.dispose();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await take('failed');
  });

  it('is created step by step, and shown whole before it is made', async () => {
    const { ui } = product;
    await ui.openContainer('DaoChain');
    await ui.widenSideBar(460);
    await ui.runCommand('DaoChain: Create Network…');
    await says('What the network is called');
    await ui.answerInput('Development');
    await says(/reads like|already|taken|own network/i);
    await ui.answerInput('Acme');
    await ui.option(/Small dataset/).waitFor();
    await take('dataset');
    await ui.pick(/Small dataset/);
    await says('How many blocks deep');
    await ui.answerInput('2');
    await ui.option(/Nowhere/).waitFor();
    await take('listen');
    await ui.pick(/10\.77\.0\.1/);
    await says('On which port');
    await ui.answerInput('30303');
    await ui.dialog().getByText('Create this network?').waitFor();
    await take('created');
    const text = await ui.dialog().innerText();
    for (const shown of ['Acme', 'small dataset', '2 blocks deep', '10.77.0.1:30303'])
      assert.ok(text.includes(shown), text);
    assert.ok(!existsSync(join(product.storage, 'networks')));
    await ui.dialogButton('Create');
    await ui.notificationAction(/Acme was created/, 'Make It Home');
    await waitFor('home to be stored', () => existsSync(join(product.storage, 'networks.json')));
    [chainId = ''] = readdirSync(join(product.storage, 'networks'));
  });

  it('is home after the window was loaded anew, as the notice offers, and every surface names it', async () => {
    const { ui, page } = product;
    await told(/Your networks have changed/);
    await take('reload');
    await Promise.all([
      page.waitForEvent('load'),
      ui.notificationAction(/Your networks have changed/, 'Reload Window'),
    ]);
    await ui.ready();
    // The view comes back by itself, and a click on its icon would close it.
    await page.getByText('Acme').first().waitFor();
    await ui.runCommand('DaoChain: Start Node');
    await told('The node is running.');
    await ui.statusItem('DaoChain').first().hover();
    await page.getByText('Home network: Acme').first().waitFor();
    await take('home');
    await clear();
    await ui.runCommand('DaoChain: Create Wallet…');
    await ui.answerInput(password);
    await says('Type the password again.');
    await ui.answerInput(password);
    await told(/The wallet 0x/);
    await clear();
  });

  it('is joined in a terminal by the link that was copied', async () => {
    const { ui } = product;
    await ui.runCommand('DaoChain: Share Network…');
    await ui.option(/Copy link/).waitFor();
    await take('share');
    await ui.pick(/Copy link/);
    await told('Link copied');
    shared = await clipboard();
    const joined = JSON.parse(terminal('network', 'join', shared, '--yes', '--json')) as { readonly admission: string };
    link = joined.admission;
    terminal('node', 'start', '--background', '--network', 'Acme');
    await clear();
  });

  it('lets the machine in by the link that came back, after it was shown', async () => {
    const { ui } = product;
    await ui.runCommand('DaoChain: Admit Machine…');
    await says('The link that the owner of the machine sent you');
    await ui.answerInput(link);
    await ui.dialog().getByText('Let this machine in?').waitFor();
    await take('admission');
    assert.match(await ui.dialog().innerText(), /Network: Acme[^]*The machine calls itself/);
    await ui.dialogButton(/^Let It In$/);
    await told(/may connect to this hub/);
    await clear();
  });

  it('is one chain: a block that the window mined is in the terminal’s node', async () => {
    const { ui } = product;
    await ui.runCommand('DaoChain: Toggle Mining');
    await ui.statusItem(/[1-9][\d.]* ETH/).waitFor();
    await ui.runCommand('DaoChain: Toggle Mining');
    const [here, there] = [await socketIn(product.storage), await socketIn(data)];
    const mined = (await blockHash(here, '0x1')) ?? assert.fail('nothing was mined');
    await waitFor('the block to arrive', async () => (await blockHash(there, '0x1')) === mined);
  });

  it('is managed from one list, which tells who is connected', async () => {
    const { ui, page } = product;
    await ui.runCommand('DaoChain: Manage Networks…');
    await ui.option(/Acme.*Machines connected: 1/).waitFor();
    await take('networks');
    await ui.pick(/Acme/);
    await ui.option(/Show who is connected/).waitFor();
    await take('actions');
    await ui.pick(/Show who is connected/);
    await ui.option(/10\.77\.0\.2.*has called here/).waitFor();
    await take('peers');
    await page.keyboard.press('Escape');
  });

  it('is left by who confirms it: its node ends, and everything of it is still there', async () => {
    const { ui } = product;
    const leave = async (): Promise<void> => {
      await ui.runCommand('DaoChain: Manage Networks…');
      await ui.pick(/Acme/);
      await ui.pick(/Leave it/);
      await ui.dialog().getByText('Leave this network?').waitFor();
    };
    const folder = join(product.storage, 'networks');
    await leave();
    await take('leave');
    await ui.dialogButton('Stay');
    assert.ok(existsSync(join(folder, chainId, 'network.json')));
    assert.equal(product.nodes().length, 1);
    await leave();
    await ui.dialogButton(/^Leave$/);
    await told(/You no longer follow it/);
    await waitFor('its node to end', () => product.nodes().length === 0);
    assert.ok(!existsSync(join(folder, chainId, 'network.json')));
    const left = readdirSync(folder).find((name) => name.startsWith('left-')) ?? assert.fail('it was not kept');
    for (const kept of ['network.json', 'place.json', 'nodekey', 'node'])
      assert.ok(existsSync(join(folder, left, kept)), kept);
  });

  it('is shown whole to a person who reads Chinese, and not joined by who closes the question', async () => {
    await product.close();
    product = await openProduct(engine, { machine: machines.all[0], language: 'zh-cn' });
    await product.ui.openContainer('DaoChain');
    await product.ui.runCommand(`DaoChain: ${manifest('command.joinNetwork.title')}`);
    await product.ui.pick(zh('Paste a link'));
    await says(zh('The link that whoever shares the network gave you'));
    await product.ui.answerInput(shared);
    await product.ui.dialog().getByText(zh('Join this network?')).waitFor();
    await take('chinese-join');
    const text = await product.ui.dialog().innerText();
    for (const shown of ['Acme', chainId, '10.77.0.1:30303']) assert.ok(text.includes(shown), text);
    await product.ui.dialogButton(zh('Do Not Join'));
    assert.ok(!existsSync(join(product.storage, 'networks')));
    await product.ui.runCommand(`DaoChain: ${manifest('command.openWalkthrough.title')}`);
    await product.page.getByText(manifest('walkthrough.network.title')).first().click();
    const page = product.ui.webview();
    await page.getByText('大家共用一个账本').waitFor();
    await page.getByText('创建网络…', { exact: true }).waitFor();
    await take('chinese-walkthrough');
  });
});
