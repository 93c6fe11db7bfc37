import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { defaultEngineKind, startEngine, type Engine } from '../testbed/engine';
import { startRegistry, type Registry } from '../testbed/registry';
import { waitFor } from '../testbed/waitFor';
import { isOneStory, openProduct, picture, type ProductWindow } from './productWindow';

const password = 'correct horse battery';

describe('a person who publishes', function () {
  isOneStory(this);
  let engine: Engine;
  let registry: Registry;
  let product: ProductWindow;
  let image: string;
  let tool: string;

  const take = (name: string): Promise<void> => picture(product.page, `publisher-${name}`);
  const row = (name: string, verdict = ''): Locator => product.ui.treeItem(new RegExp(`^${name}: ${verdict}`));
  const offers = (): Locator => product.page.locator('.notification-list-item', { hasText: 'was built. Sign it?' });
  const says = (text: string): Promise<unknown> =>
    waitFor(`the prompt to say ${text}`, async () => (await product.ui.inputText()).includes(text));
  /** Runs the build task of the folder on the Dockerfile in `folder`. */
  const build = async (folder: string): Promise<void> => {
    await product.ui.openFile(`${folder}/Dockerfile`);
    await product.ui.runCommand('Tasks: Run Build Task');
  };
  const isClean = async (): Promise<boolean> => {
    const counts = await Promise.all(
      (['error', 'warning', 'info', 'hint'] as const).map((severity) => product.ui.squiggles(severity).count()),
    );
    return counts.every((count) => count === 0);
  };
  /** Waits until the language status of the open file says `text` to a person who looks at it, and takes a picture. */
  const languageStatus = async (text: string, name: string): Promise<void> => {
    const { page } = product;
    const shown = page.locator('.hover-language-status').getByText(text);
    await waitFor(`the language status to say ${text}`, async () => {
      await page.mouse.move(700, 300);
      await page.locator('[id="status.languageStatus"]').hover();
      return shown.waitFor({ timeout: 3_000 }).then(
        () => true,
        () => false,
      );
    });
    await take(name);
    await page.mouse.move(700, 300);
    await shown.waitFor({ state: 'hidden' });
  };

  before(async () => {
    engine = await startEngine();
    registry = await startRegistry();
    image = `${registry.name}/team/base:1.0`;
    tool = `${registry.name}/team/tool:1.0`;
    product = await openProduct(engine, {
      settings: { 'workbench.colorTheme': 'Default Dark Modern', 'daochain.registry.privateHosts': [registry.name] },
      prepare: (workspace) => {
        const task = {
          label: 'build image',
          type: 'shell',
          command: `docker build -t ${registry.name}/team/\${fileDirnameBasename}:1.0 \${fileDirname}`,
          // The classic builder: buildx, which any other needs, is a program of its own.
          options: { env: { DOCKER_BUILDKIT: '0' } },
          group: { kind: 'build', isDefault: true },
          presentation: { reveal: 'silent' },
          problemMatcher: [],
        };
        for (const folder of ['.vscode', 'tool', 'service']) mkdirSync(join(workspace, folder));
        writeFileSync(join(workspace, '.vscode', 'tasks.json'), JSON.stringify({ version: '2.0.0', tasks: [task] }));
        writeFileSync(join(workspace, 'tool', 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n');
        writeFileSync(join(workspace, 'service', 'Dockerfile'), `FROM ${image} AS base\nFROM ${image}\nCOPY . /srv\n`);
      },
    });
  });
  after(async () => {
    await product.close();
    await registry.dispose();
    await engine.dispose();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await take('failed');
  });

  it('has a wallet, and a node that has mined', async () => {
    const { ui } = product;
    await ui.openContainer('DaoChain');
    await ui.widenSideBar(460);
    await ui.runCommand('DaoChain: Create Wallet');
    await ui.answerInput(password);
    await says('Type the password again.');
    await ui.answerInput(password);
    await ui.notification(/The wallet 0x/).waitFor();
    await ui.runCommand('DaoChain: Toggle Mining');
    await ui.statusItem(/[1-9][\d.]* ETH/).waitFor();
    await ui.runCommand('DaoChain: Toggle Mining');
    await ui.runCommand('Notifications: Clear All Notifications');
  });

  it('builds with a task, and is offered once to sign what it built', async () => {
    const { ui } = product;
    await build('base');
    await ui.notification(`${image} was built. Sign it?`).waitFor();
    await row(image, 'Unsigned').waitFor();
    assert.equal(await offers().count(), 1);
    await take('offer');
  });

  it('signs from the offer', async () => {
    const { ui } = product;
    await ui.notificationAction('was built', 'Sign…');
    await ui.pick(/Sign, and mine until it is final/);
    await says('Repositories for which your wallet is trusted');
    await ui.answerInput();
    await row(image, 'Verified').waitFor();
    await ui.notification(`Signed ${image}.`).waitFor();
    await take('signed');
  });

  const push = async (): Promise<string> => {
    const { ui } = product;
    await ui.runCommand('Notifications: Clear All Notifications');
    await ui.contextMenu(row(image), /^Push Image/);
    await ui.notification(`Pushed ${image}.`).waitFor();
    await take('pushed');
    return ui.notification('Pushed').innerText();
  };

  if (defaultEngineKind() === 'containerd') {
    it('pushes by right-click what was signed with its manifest, so that nothing is left to complete', async () => {
      assert.doesNotMatch(await push(), /Add the Registry’s Digests/);
    });
  } else {
    it('pushes by right-click, and is told that the statement can be completed', async () => {
      assert.match(await push(), /Its signature does not name the registry’s digests yet/);
    });

    it('completes the statement from there', completes);
  }

  async function completes(): Promise<void> {
    const { ui } = product;
    await ui.notificationAction('Pushed', 'Add the Registry’s Digests to the Signature…');
    await ui.option(/Sign, and mine until it is final/).waitFor();
    await ui.option(/Manifest in the registry/).waitFor();
    await take('completion');
    await ui.pick(/Sign, and mine until it is final/);
    await ui.notification(`Signed ${image}.`).waitFor();
    await row(image, 'Verified').waitFor();
    await take('completed');
  }

  it('sees it verified in a Dockerfile', async () => {
    const { ui } = product;
    await ui.openFile('service/Dockerfile');
    assert.match(await ui.hover(image, 'AS base'), /Verified \(development\)/);
    await take('verified');
    await languageStatus('2 of 2 base images verified', 'language-status');
    assert.ok(await isClean());
  });

  it('sees it verified by the registry alone, and gets it back from there', async () => {
    const { ui } = product;
    await engine.docker.getImage(image).remove();
    await row(image).waitFor({ state: 'hidden' });
    await languageStatus('2 of 2 base images verified', 'language-status-registry');
    assert.match(await ui.hover(image, 'AS base'), /Verified \(development\)[^]*Digest in the registry/);
    assert.ok(await isClean());
    await take('registry-alone');
    // It is offered only for an image that is not here.
    await ui.quickFix(image, 'Pull the image and judge it', 'AS base');
    await ui.notification(new RegExp(`${image}.*Verified`)).waitFor();
    await row(image, 'Verified').waitFor();
    await take('pulled');
  });

  it('is not asked again in a workspace that wants no offers', async () => {
    const { ui } = product;
    await ui.runCommand('Notifications: Clear All Notifications');
    await build('tool');
    await ui.notificationAction(`${tool} was built`, 'Never in This Workspace');
    await offers().waitFor({ state: 'hidden' });
    writeFileSync(join(product.workspace, 'base', 'rootfs', 'etc', 'motd'), 'something else');
    await build('base');
    await row(image, 'Rebuilt since signed').waitFor();
    await ui.contextMenu(row(image), /^Verify Image/);
    await ui.notification(new RegExp(`${image}.*Rebuilt since signed`)).waitFor();
    // All that were not answered are there, also those that were hidden meanwhile.
    await ui.runCommand('Notifications: Show Notifications');
    const center = product.page.locator('.notifications-center .notification-list-item');
    await center.filter({ hasText: 'Rebuilt since signed' }).waitFor();
    assert.equal(await offers().count(), 0);
    await take('no-offer');
  });
});
