import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { IpcTransport } from '../../src/adapters/chain/ipcTransport';
import { checksumAddress } from '../../src/core/checksumAddress';
import { parseInvitation } from '../../src/core/ledger/invitation';
import { ledgerKey, type PublisherId } from '../../src/core/ledger/types';
import type { TransactionOutcome, TransactionPlan } from '../../src/core/plans/transactionPlan';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { createProduct, testSigner, type Product } from '../testbed/product';
import { temporaryFolder } from '../testbed/program';
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

const base = 'registry.example.com/acme/base:1.0';
const web = 'registry.example.com/acme/web:1.0';
const password = 'correct horse battery';
const never = new AbortController().signal;

describe('an organization', function () {
  isOneStory(this);
  let engine: Engine;
  let product: ProductWindow;
  let outsider: Product;
  let colleague: TransactionSigner;
  let successor: TransactionSigner;
  let acme: PublisherId;

  let pictures = 0;
  const take = (name: string): Promise<void> =>
    picture(product.page, `organization-${String(++pictures).padStart(2, '0')}-${name}`);
  const build = (image: string, content: string): Promise<string> =>
    buildImage(engine.docker, image, { files: { 'etc/motd': `${image} ${content}` } });
  const row = (image: string, verdict = ''): Locator =>
    product.ui.treeItem(new RegExp(`^${image.replaceAll('.', '\\.')}: ${verdict}`));
  const says = (text: string | RegExp): Promise<unknown> =>
    waitFor(`the prompt to say ${text}`, async () => (await product.ui.inputText()).match(text) !== null);
  const told = (text: string | RegExp): Promise<void> => product.ui.notification(text).waitFor();
  const clear = (): Promise<void> => product.ui.runCommand('Notifications: Clear All Notifications');
  /** Confirms the plan that is shown. */
  const confirm = (): Promise<void> => product.ui.pick(/, and mine until it is final/);
  /** Opens the menu of the only organization and chooses an entry. */
  const manage = async (entry: RegExp): Promise<void> => {
    await product.ui.runCommand('DaoChain: Manage Organization…');
    await product.ui.option(entry).waitFor();
    await product.ui.pick(entry);
  };
  const settings = (): Record<string, unknown> =>
    JSON.parse(readFileSync(join(product.server.dataFolder, 'data', 'User', 'settings.json'), 'utf8')) as Record<
      string,
      unknown
    >;
  /** What somebody else plans and sends by the same node, mined until it is final. */
  const send = (plan: TransactionPlan, signer: TransactionSigner): Promise<TransactionOutcome> =>
    outsider.node.mineWhile(() => outsider.transactions.execute(plan, signer, never, () => undefined));
  const sign = async (image: string, signer: TransactionSigner): Promise<void> => {
    await send(
      await outsider.signing.plan([image], { signer: signer.address, publisher: acme, again: true }, never),
      signer,
    );
  };

  before(async () => {
    engine = await startEngine();
    await Promise.all([build(base, 'good'), build(web, 'good')]);
    product = await openProduct(engine, { settings: { 'workbench.colorTheme': 'Default Dark Modern' } });
    await product.browser.grantPermissions(['clipboard-read', 'clipboard-write']);
    outsider = createProduct({
      engineHost: engine.host,
      folder: product.storage,
      files: temporaryFolder().path,
      createTransport: () => new IpcTransport(() => product.ipcPath()),
    });
    [colleague, successor] = await Promise.all([testSigner(), testSigner()]);
  });
  after(async () => {
    await product.close();
    await outsider.dispose();
    await engine.dispose();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await take('failed');
  });

  it('begins with a wallet that has mined', async () => {
    const { ui } = product;
    await ui.openContainer('DaoChain');
    await ui.widenSideBar(460);
    await ui.runCommand('DaoChain: Create Wallet…');
    await ui.answerInput(password);
    await says('Type the password again.');
    await ui.answerInput(password);
    await told(/The wallet 0x/);
    await ui.runCommand('DaoChain: Toggle Mining');
    await ui.statusItem(/[1-9][\d.]* ETH/).waitFor();
    await ui.runCommand('DaoChain: Toggle Mining');
    await clear();
  });

  it('is created in the first of two steps, after its fee was shown', async () => {
    const { ui, page } = product;
    await ui.runCommand('DaoChain: Choose Organization…');
    await ui.pick(/Create an organization/);
    await says('What the organization calls itself');
    await ui.answerInput('例'.repeat(30));
    await says('90');
    await take('name-too-long');
    await page.getByRole('button', { name: /^Back/ }).click();
    await ui.pick(/Create an organization/);
    await says('What the organization calls itself');
    await ui.answerInput('Acme');
    await ui.option(/Costs .* ETH/).waitFor();
    await take('creation');
    await documentationPicture(page, 'organization-create', 1400, 420);
    await confirm();
    await says(/You will sign as Acme \(0x\w{64}\)/);
    await take('second-step');
  });

  it('is chosen again by who had left between the steps, and nothing was half done', async () => {
    const { ui, page } = product;
    await page.keyboard.press('Escape');
    assert.equal(settings()['daochain.signing.publisher'], undefined);
    await ui.runCommand('DaoChain: Choose Organization…');
    await ui.option(/Acme.*admin, no signer/).waitFor();
    await take('resumed');
    await ui.pick(/Acme/);
    await says('2/2');
    await ui.answerInput('acme');
    await says('A namespace is a registry and a path in it');
    await ui.answerInput('registry.example.com/acme');
    await ui.option(/Acme/).waitFor();
    await take('binding');
    await confirm();
    await told(/You sign as Acme \(0x\w{6}…\w{6}\) from now on/);
    await take('bound');
    assert.equal(settings()['daochain.signing.namespace'], 'registry.example.com/acme');
    acme = settings()['daochain.signing.publisher'] as PublisherId;
    const { organization, signers } = await outsider.organizations.read(acme, never);
    assert.equal(organization.name, 'Acme');
    assert.deepEqual(
      signers.map(({ signer, window }) => [signer, window]),
      [[organization.admin, 'current']],
    );
  });

  it('signs an image, which is green once its own readers believe it', async () => {
    const { ui } = product;
    await clear();
    const seen = await rememberRow(product.page, base);
    await ui.contextMenu(row(base, 'Unsigned'), /^Sign Image/);
    await ui.option(/Acme/).waitFor();
    await take('sign');
    await confirm();
    await says(/Repositories for which Acme \(0x/);
    await ui.answerInput();
    await row(base, 'Verified').waitFor();
    assertWentThrough(await seen(), ['Unsigned', 'Verified']);
    await told(`Signed ${base}.`);
    await take('signed');
  });

  it('is offered where the wallet itself would sign what their rule takes from the organization alone', async () => {
    const { ui, page } = product;
    await ui.contextMenu(row(web, 'Unsigned'), /^Sign Image/);
    await ui.option(/For you it will be: Verified/).waitFor();
    assert.equal(await ui.option(/instead/).count(), 0);
    await ui.pick(/Sign in another name…/);
    await ui.pick(/Your wallet itself/);
    const offer = ui.option(/Sign as Acme instead.*your rule names them/);
    await offer.waitFor();
    await ui.option(/For you it will be: Untrusted publisher/).waitFor();
    // A row is a line; the ID is longer than one.
    await ui.option(/rule trusts Acme/).waitFor();
    await ui.option(/here, not your wallet/).waitFor();
    await take('named-instead');
    // Before all that sends anything.
    assert.equal(await ui.option(/./).innerText(), await offer.innerText());
    await ui.pick(/Sign as Acme instead/);
    await ui.option(/For you it will be: Verified/).waitFor();
    assert.equal(await ui.option(/instead/).count(), 0);
    await page.keyboard.press('Escape');
    await ui.option(/For you it will be/).waitFor({ state: 'hidden' });
    assert.deepEqual(await outsider.transport.request('txpool_status', [], never), { pending: '0x0', queued: '0x0' });
  });

  it('invites a colleague, whose address is checked', async () => {
    const { ui, page } = product;
    await clear();
    const address = checksumAddress(colleague.address);
    await manage(/Invite a signer/);
    await says('Address of your colleague’s wallet');
    await ui.answerInput('0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed');
    await says('This address contains a typing error');
    await take('wrong-checksum');
    await ui.answerInput(address);
    await ui.pick(/Only for some repositories/);
    await says('A repository with its registry');
    await ui.answerInput('acme');
    await says('A scope is a repository with its registry');
    await ui.inputBox().fill('registry.example.com/acme/');
    await says('It signs for registry.example.com/acme/app');
    await take('scope');
    await ui.answerInput();
    await ui.option(/For 90 days/).waitFor();
    await take('validity');
    await ui.pick(/For 90 days/);
    await ui.option(new RegExp(`${address}.*Signs for it until 20`)).waitFor();
    await ui.option(/It signs only for what/).waitFor();
    await ui.option(/registry\.example\.com\/acme\/\./).waitFor();
    await take('invitation');
    await confirm();
    await told(`${address} may sign for Acme`);
    await ui.notificationAction(address, 'Copy Invitation');
    const link = await waitFor('the invitation', async () => {
      const text = await page.evaluate(() => navigator.clipboard.readText());
      return text.startsWith('vscode://') && text;
    });
    await outsider.node.start();
    const accepted = await outsider.organizations.acceptInvitation(parseInvitation(link), colleague.address, never);
    assert.equal(accepted.organization.id, acme);
  });

  it('believes what the colleague signs: once the same content, once what is bad', async () => {
    const { writer } = await outsider.ledgers.open();
    outsider.owner = colleague.address;
    await outsider.node.mineUntil(async () => (await writer.balance(colleague.address, never)) > 0n, never);
    await sign(base, colleague);
    await build(web, 'bad');
    await sign(web, colleague);
    await row(base, 'Verified').waitFor();
    await row(web, 'Verified').waitFor();
    await take('colleague-signed');
  });

  it('shows what becomes void before the colleague is revoked, and what does not', async () => {
    const { ui, page } = product;
    const address = checksumAddress(colleague.address);
    await manage(/Signers/);
    await ui.option(new RegExp(`${address}.*may sign until`)).waitFor();
    await take('signers');
    await ui.pick(address);
    await ui.option(/Revoke…/).waitFor();
    await take('signer');
    await ui.pick(/Revoke…/);
    await ui.option(/Published: registry.example.com\/acme\/web:1.0/).waitFor();
    await take('history');
    await documentationPicture(page, 'organization-history', 1400, 420);
    await ui.pick(/Published: registry.example.com\/acme\/base:1.0/);
    await ui.option(/This cannot be undone/).waitFor();
    await ui.option(/2 statements become void/).waitFor();
    await ui.option(/acme\/web:1.0.*Becomes revoked for everybody who trusts it/).waitFor();
    await ui.option(/acme\/base:1.0.*Stays valid: 0x\w{40} stated it too/).waitFor();
    await take('preview');
    await documentationPicture(page, 'organization-revoke', 1400, 520);
    await confirm();
    await ui.dialog().getByText(`Revoke ${address} permanently?`).waitFor();
    await take('warning');
    await page.keyboard.press('Escape');
    await ui.dialog().waitFor({ state: 'hidden' });
    await row(web, 'Verified').waitFor();
    assert.deepEqual(await outsider.transport.request('txpool_status', [], never), { pending: '0x0', queued: '0x0' });
  });

  it('revokes the colleague since the bad entry, which turns red, and only that', async () => {
    const { ui } = product;
    await clear();
    await manage(/Signers/);
    await ui.pick(checksumAddress(colleague.address));
    await ui.pick(/Revoke…/);
    await ui.pick(/Published: registry.example.com\/acme\/web:1.0/);
    await confirm();
    await ui.dialogButton('Revoke Permanently');
    await row(web, 'Revoked').waitFor();
    await told('is revoked. What became void');
    await row(base, 'Verified').waitFor();
    await take('revoked');
    await documentationPicture(product.page, 'organization-revoked', 1400, 420);
    const { signers } = await outsider.organizations.read(acme, never);
    assert.equal(signers.find(({ signer }) => signer === colleague.address)?.window, 'revoked');
  });

  it('signs the good content with the good key, and is believed again', async () => {
    const { ui } = product;
    await clear();
    await build(web, 'good');
    await ui.contextMenu(row(web, 'Unsigned'), /^Sign Image/);
    await confirm();
    await row(web, 'Verified').waitFor();
    await take('signed-again');
  });

  it('hands the admin role over in two steps', async () => {
    const { ui } = product;
    await clear();
    const address = checksumAddress(successor.address);
    await manage(/Offer the admin role/);
    await says('Address of the wallet that becomes the admin');
    await ui.answerInput(address);
    await ui.option(new RegExp(`${address}.*It becomes the admin once it accepts`)).waitFor();
    await take('offer');
    await confirm();
    await told(`${address} is offered the admin role`);
    outsider.owner = successor.address;
    const { writer } = await outsider.ledgers.open();
    await outsider.node.mineUntil(async () => (await writer.balance(successor.address, never)) > 0n, never);
    await send(await outsider.organizations.planAcceptAdmin(acme, successor.address, never), successor);
    await ui.runCommand('DaoChain: Manage Organization…');
    await ui.option(/Signers/).waitFor();
    assert.equal(await ui.option(/Invite a signer/).count(), 0);
    await take('no-admin-any-more');
    await product.page.keyboard.press('Escape');
  });

  it('is offered back in the account menu, and accepted there', async () => {
    const { ui, page } = product;
    await clear();
    const { signers } = await outsider.organizations.read(acme, never);
    const own = signers[0]?.signer ?? assert.fail('no signer');
    await send(await outsider.organizations.planTransferAdmin(acme, own, successor.address, never), successor);
    await ui.runCommand('DaoChain: Show Account Menu');
    await ui.option(/You are offered the admin role of Acme \(0x/).waitFor();
    await take('account-menu');
    await documentationPicture(page, 'organization-menu', 1400, 420);
    await ui.pick(/You are offered the admin role of Acme/);
    await ui.option(/This wallet takes over the role/).waitFor();
    await confirm();
    await told(/You are the admin of Acme/);
    assert.equal((await outsider.organizations.read(acme, never)).organization.admin, own);
    await take('admin-again');
  });

  it('is joined by an invitation that shows its whole id, and refuses one of another ledger', async () => {
    const { ui } = product;
    await clear();
    const [own] = (await outsider.organizations.read(acme, never)).signers;
    const { transaction } = await send(
      await outsider.organizations.planCreate('Acme', successor.address, never),
      successor,
    );
    const other = (await outsider.organizations.created(transaction, never)) ?? assert.fail('nothing was created');
    const change = { organization: other, signer: own?.signer ?? assert.fail('no signer') };
    await send(await outsider.organizations.planSetSigner(change, successor.address, never), successor);
    const { writer } = await outsider.ledgers.open();
    const ledger = ledgerKey(writer.ledger);
    const link = `vscode://daochain.daochain/join?ledger=${ledger}&organization=${other}`;

    await ui.runCommand('DaoChain: Accept Invitation…');
    await says('The invitation that the admin');
    await ui.answerInput('not a link');
    await take('no-invitation');
    await ui.answerInput(link.replace('join?ledger=', 'join?ledger=9'));
    await told(/a ledger other than this machine/);
    await take('another-ledger');
    await clear();

    await ui.runCommand('DaoChain: Accept Invitation…');
    await says('The invitation that the admin');
    await ui.answerInput(link);
    await ui.dialog().getByText(`Id: ${other}`).waitFor();
    await take('accepting');
    await ui.dialogButton('Accept');
    await says('You will sign as Acme');
    await ui.answerInput('');
    await told(/You sign as Acme/);
    await waitFor('the setting', () => settings()['daochain.signing.publisher'] === other);
    await take('joined');
  });
});
