import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { policyFileName } from '../../src/core/trust/policyFile';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { createProduct, type Product } from '../testbed/product';
import { isOneStory, openProduct, picture, type ProductWindow } from './productWindow';

const image = 'registry.example.com/policy/app:1.0';
const ledger = `7:0x${'11'.repeat(32)}:0x${'22'.repeat(20)}`;
const organization = `0x${'ab'.repeat(32)}`;
const ruleOf = (name: string, level: string): object => ({
  ...{ ledger, repositories: `registry.example.com/policy/${name}`, publishers: [organization], level },
});

describe('a person in a folder with a policy', function () {
  isOneStory(this);
  let engine: Engine;
  let product: ProductWindow;
  /** What a terminal of the same person has in force there. */
  let terminal: Product;

  const write = (workspace: string, ...rules: readonly object[]): void => {
    writeFileSync(join(workspace, policyFileName), JSON.stringify({ version: 1, rules }, null, 2));
  };
  const inForce = async (): Promise<readonly string[]> => {
    await terminal.policies.reload();
    const sources = await terminal.policies.sources(product.workspace);
    return sources.flatMap(({ rules }) => rules.map(({ repositories, level }) => `${repositories} ${level}`));
  };

  before(async () => {
    engine = await startEngine();
    await buildImage(engine.docker, image);
    product = await openProduct(engine, {
      prepare: (workspace) => {
        write(workspace, ...['a', 'b', 'c', 'd', 'app'].map((name) => ruleOf(name, 'enforce')));
      },
    });
    terminal = createProduct({ engineHost: engine.host, folder: product.storage, files: product.storage });
  });
  after(async () => {
    await terminal.dispose();
    await product.close();
    await engine.dispose();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await picture(product.page, 'policy-failed');
  });

  it('is told of it, and sees every rule before it counts', async () => {
    const { ui, page } = product;
    await ui.openContainer('DaoChain');
    const offer = /daochain\.policy\.json names publishers to trust in .*None of it is in force until you accept it\./;
    await ui.notification(offer).waitFor();
    await picture(page, 'policy-offered');
    assert.deepEqual(await inForce(), []);
    await ui.notificationAction(offer, 'Review…');
    await ui.option('Review All Rules and Accept…').waitFor();
    await ui.line('"repositories": "registry.example.com/policy/app"').waitFor();
    await picture(page, 'policy-review');
    await ui.pick('Review All Rules and Accept…');
    await ui.dialog().getByText('Page 1 of 2').waitFor();
    const first = await ui.dialog().innerText();
    for (const part of ['policy/a', 'policy/c', organization, ledger, 'Enforced'])
      assert.ok(first.includes(part), part);
    assert.match(first, /That ledger is not followed here/);
    await picture(page, 'policy-page');
    await ui.dialogButton('Next Page');
    await ui.dialog().getByText('Page 2 of 2').waitFor();
    const second = await ui.dialog().innerText();
    for (const part of ['policy/d', 'registry.example.com/policy/app']) assert.ok(second.includes(part), part);
    assert.deepEqual(await inForce(), []);
    // What Enter presses; where the buttons stand is a matter of the system.
    assert.equal(await ui.dialog().locator(':focus').innerText(), 'Do Not Accept');
    await ui.dialogButton('Accept for This Folder');
    await ui.notification('You have accepted the policy').waitFor();
    // A notification counts as a dialog, and this one stays until somebody answers it.
    await ui.runCommand('Notifications: Clear All Notifications');
    assert.equal((await inForce()).length, 5);
  });

  it('is asked again when it has changed, sees the difference, and leaves what counts as it is', async () => {
    const { ui, page } = product;
    write(product.workspace, ruleOf('app', 'warn'));
    const offer = /It has changed\. What you accepted before stays in force\./;
    await ui.notification(offer).waitFor();
    await ui.notificationAction(offer, 'Review…');
    await page.getByRole('tab', { name: /accepted and new/ }).waitFor();
    await picture(page, 'policy-changed');
    await ui.pick('Review All Rules and Accept…');
    const text = await ui.dialog().innerText();
    assert.match(text, /Rule 1 \(new\)/);
    assert.match(text, /No longer a rule:/);
    await ui.dialogButton('Cancel');
    await ui.dialog().waitFor({ state: 'hidden' });
    assert.equal((await inForce()).length, 5);
  });

  it('withdraws it by the command', async () => {
    const { ui, page } = product;
    await ui.runCommand('DaoChain: Review Policy of Folder');
    await ui.pick('Withdraw…');
    await ui.dialogButton('Withdraw');
    await ui.dialog().waitFor({ state: 'hidden' });
    await ui.notification('No policy is in force').waitFor();
    await picture(page, 'policy-withdrawn');
    assert.deepEqual(await inForce(), []);
  });
});
