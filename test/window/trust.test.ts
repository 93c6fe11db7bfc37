import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { IpcTransport } from '../../src/adapters/chain/ipcTransport';
import { walletPublisher } from '../../src/core/hex';
import { ledgerKey, type LedgerKey, type PublisherId } from '../../src/core/ledger/types';
import { publisherText, trustLink } from '../../src/core/trust/trustLink';
import type { TransactionOutcome, TransactionPlan } from '../../src/core/plans/transactionPlan';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { createProduct, testSigner, type Product } from '../testbed/product';
import { temporaryFolder } from '../testbed/program';
import { waitFor } from '../testbed/waitFor';
import { documentationPicture, isOneStory, openProduct, picture, type ProductWindow } from './productWindow';
import type { TransactionSigner } from '../../src/core/ports/ledger';

const app = 'registry.example.com/acme/app:1.0';
const tool = 'registry.example.com/tools/lint:2.1';
const password = 'correct horse battery';
const never = new AbortController().signal;

describe('whom a person believes', function () {
  isOneStory(this);
  let engine: Engine;
  let product: ProductWindow;
  let publisher: Product;
  let signer: TransactionSigner;
  let acme: PublisherId;
  let ledger: LedgerKey;

  let pictures = 0;
  const take = (name: string): Promise<void> =>
    picture(product.page, `trust-${String(++pictures).padStart(2, '0')}-${name}`);
  const row = (text: RegExp): Locator => product.ui.treeItem(text);
  const seeImage = (image: string, verdict: string): Promise<void> =>
    row(new RegExp(`^${image.replaceAll('.', '\\.')}: ${verdict}`)).waitFor();
  const says = (text: string): Promise<unknown> =>
    waitFor(`the prompt to say ${text}`, async () => (await product.ui.inputText()).includes(text));
  const send = (plan: TransactionPlan): Promise<TransactionOutcome> =>
    publisher.node.mineWhile(() => publisher.transactions.execute(plan, signer, never, () => undefined));
  const linkTo = (repositories: string, publishers: readonly PublisherId[], threshold = 1): string =>
    trustLink({ ledger, repositories, publishers, threshold, accept: 'publish' });
  /** Opens a link as another program does, and lets VS Code pass it on. */
  const openLink = async (link: string): Promise<void> => {
    const { ui } = product;
    await ui.runCommand('Developer: Open URL');
    await ui.answerInput(link);
    await ui.dialogButton(/^Open/);
  };
  const dialogSays = (text: string): Promise<void> => product.ui.dialog().getByText(text).first().waitFor();

  before(async () => {
    engine = await startEngine();
    for (const image of [app, tool]) await buildImage(engine.docker, image, { files: { 'etc/motd': image } });
    product = await openProduct(engine, { settings: { 'workbench.colorTheme': 'Default Dark Modern' } });
    publisher = createProduct({
      engineHost: engine.host,
      folder: product.storage,
      files: temporaryFolder().path,
      createTransport: () => new IpcTransport(() => product.ipcPath()),
    });
    signer = await testSigner();
    publisher.owner = signer.address;
  });
  after(async () => {
    await product.close();
    await publisher.dispose();
    await engine.dispose();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await take('failed');
  });

  it('is nobody at first, and the view says what a rule is', async () => {
    const { ui, page } = product;
    await ui.openContainer('DaoChain');
    await ui.widenSideBar(520);
    await ui.sideBar().getByRole('button', { name: 'Trust Section' }).click();
    await page.getByText('You trust nobody yet.').first().waitFor();
    // A tree draws only the rows that it has room for.
    const edge = ui.sideBar().locator('.monaco-sash.horizontal:not(.disabled)');
    const { x = 0, y = 0, height = 0 } = (await edge.first().boundingBox()) ?? {};
    await page.mouse.move(x + 200, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + 200, 240, { steps: 6 });
    await page.mouse.up();
    await take('nobody');
    await ui.runCommand('DaoChain: Start Node');
    await seeImage(app, 'Unsigned');
    await publisher.node.start();
    const { writer } = await publisher.ledgers.open();
    ledger = ledgerKey(writer.ledger);
    await publisher.node.mineUntil(async () => (await writer.balance(signer.address, never)) > 0n, never);
    const { organizations, signing } = publisher;
    const { transaction } = await send(await organizations.planCreate('Acme', signer.address, never));
    acme = (await organizations.created(transaction, never)) ?? assert.fail('no organization');
    const change = { organization: acme, signer: signer.address };
    await send(await organizations.planSetSigner(change, signer.address, never));
    await send(await signing.plan([app], { signer: signer.address, publisher: acme }, never));
    await send(await signing.plan([tool], { signer: signer.address }, never));
    await publisher.node.release();
    await seeImage(app, 'Untrusted publisher');
    await seeImage(tool, 'Untrusted publisher');
  });

  it('is nobody after a link was opened, and Enter pressed', async () => {
    const { ui, page } = product;
    await openLink(linkTo('registry.example.com/acme/*', [acme]));
    for (const shown of [acme, 'which calls itself “Acme”', 'registry.example.com/acme/*', ...ledger.split(':')])
      await dialogSays(shown);
    await take('link');
    await documentationPicture(page, 'trust-link', 1400, 700);
    await page.keyboard.press('Enter');
    await ui.dialog().waitFor({ state: 'hidden' });
    await page.getByText('You trust nobody yet.').first().waitFor();
  });

  it('is a publisher whose link was looked at and accepted', async () => {
    const { ui } = product;
    await openLink(linkTo('registry.example.com/acme/*', [acme]));
    await dialogSays(acme);
    await ui.dialog().getByRole('button', { name: 'Trust', exact: true }).click();
    await row(
      /^registry\.example\.com\/acme\/\*: Published by Acme \(0x.{6}….{6}\), warns · development ledger$/,
    ).waitFor();
    await seeImage(app, 'Verified');
    await seeImage(tool, 'Untrusted publisher');
    await take('trusted');
  });

  it('is nobody whose link is of another ledger', async () => {
    const { ui } = product;
    await openLink(
      linkTo('registry.example.com/tools/*', [walletPublisher(signer.address)]).replace(/ledger=\d+/, 'ledger=5'),
    );
    await ui.notification('The link is for a ledger that is not followed here').waitFor();
    await take('other-ledger');
    await ui.runCommand('Notifications: Clear All Notifications');
  });

  it('shows what a rule would do before it is made', async () => {
    const { ui, page } = product;
    await ui.runCommand('DaoChain: Try Trust Rule…');
    await ui.answerInput('registry.example.com/tools/*');
    await ui.answerInput(signer.address);
    await ui.pick(/What they published themselves/);
    await ui.option(tool).waitFor();
    await ui.pick(tool);
    for (const line of ['as they are: Untrusted publisher', 'With this rule: Verified', 'nothing was stored'])
      await ui.line(line).waitFor();
    await take('try');
    await openLink(linkTo('registry.example.com/tools/*', [walletPublisher(signer.address), acme], 2));
    await dialogSays('2 of them must agree.');
    await ui.dialog().getByRole('button', { name: 'Trust', exact: true }).click();
    const rule = row(/^registry\.example\.com\/tools\/\*: Published by 2 of 2 publishers/);
    await rule.waitFor();
    await rule.click();
    await page.keyboard.press('ArrowRight');
    await row(/^0x[0-9a-f]{64}, which calls itself “Acme”/).waitFor();
    await seeImage(tool, 'Untrusted publisher');
    await take('rules');
    await documentationPicture(page, 'trust', 1400, 520);
  });

  it('loses what it made green when a rule is removed, and says so before', async () => {
    const { ui } = product;
    const rule = row(/^registry\.example\.com\/acme\/\*: Published by Acme/);
    await ui.contextMenu(rule, /^Remove Trust Rule/);
    await dialogSays(`Without it, these are no longer verified: ${app}`);
    await take('remove');
    await ui.dialogButton('Remove');
    await seeImage(app, 'Untrusted publisher');
    await ui.notificationAction('The trust rule was removed.', 'Undo');
    await seeImage(app, 'Verified');
  });

  it('shares its own id as a code', async () => {
    const { ui } = product;
    await ui.runCommand('DaoChain: Share My Publisher ID…');
    await ui.pick(/Create/);
    await ui.answerInput(password);
    await says('Type the password again.');
    await ui.answerInput(password);
    await ui.option(/Show QR code/).waitFor();
    await ui.pick(/Show QR code/);
    await ui.answerInput('registry.example.com/mine/*');
    const code = ui
      .webview()
      .getByRole('img', { name: /^QR code of the trust link of 0x[0-9a-fA-F]{40} for registry/ });
    await code.waitFor();
    const [, id = ''] = /of (0x\w+) for/.exec((await code.getAttribute('alt')) ?? '') ?? [];
    assert.notEqual(id, publisherText(walletPublisher(signer.address)));
    await ui.webview().getByText(id, { exact: true }).waitFor();
    await take('code');
  });
});
