import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { walletPublisher } from '../../src/core/hex';
import { parseReference } from '../../src/core/image/reference';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { createProduct, testSigner, type Product } from '../testbed/product';
import { temporaryFolder } from '../testbed/program';
import { startRegistry, type Registry } from '../testbed/registry';
import { waitFor } from '../testbed/waitFor';
import { chinese, english } from './language';
import { documentationPicture, isOneStory, openProduct, picture, type ProductWindow } from './productWindow';
import type { TransactionSigner } from '../../src/core/ports/ledger';

const never = new AbortController().signal;

/** A base image that only a registry has, from the squiggle to the pull, in both languages. */
for (const { code, say, manifest } of [english, chinese]) {
  describe(`a person whose base image is in a registry (${code})`, function () {
    isOneStory(this);
    let engine: Engine;
    let registry: Registry;
    let product: ProductWindow;
    let publisher: Product;
    let signer: TransactionSigner;
    let image: string;
    let digest: string;

    const take = (name: string): Promise<void> => picture(product.page, `registry-${code}-${name}`);
    const dockerfile = (): string => join(product.workspace, 'service', 'Dockerfile');
    const squiggles = async (): Promise<number> => {
      const counts = await Promise.all([
        product.ui.squiggles('error').count(),
        product.ui.squiggles('warning').count(),
        product.ui.squiggles('info').count(),
      ]);
      return counts.reduce((a, b) => a + b);
    };

    before(async () => {
      engine = await startEngine();
      registry = await startRegistry();
      image = `${registry.name}/team/runtime:3.1`;
      product = await openProduct(engine, {
        ...(code !== 'en' && { language: code }),
        settings: { 'workbench.colorTheme': 'Default Dark Modern', 'daochain.registry.privateHosts': [registry.name] },
      });
      publisher = createProduct({
        engineHost: engine.host,
        folder: product.storage,
        files: temporaryFolder().path,
        registries: [registry.name],
      });
      signer = await testSigner();
      publisher.owner = signer.address;
      digest = await publish();
      mkdirSync(join(product.workspace, 'service'));
      writeFileSync(dockerfile(), `FROM ${image}\nCOPY . /srv\n`);
    });
    after(async () => {
      await product.close();
      await publisher.dispose();
      await registry.dispose();
      await engine.dispose();
    });
    afterEach(async function () {
      if (this.currentTest?.state === 'failed') await take('failed');
    });

    /** Builds, signs, pushes and completes the image, and removes it from this machine. */
    async function publish(): Promise<string> {
      const { ledgers, node, pushes, signing } = publisher;
      await buildImage(engine.docker, image, { files: { 'etc/runtime': 'release 3.1' } });
      await node.start();
      const { writer } = await ledgers.open();
      await node.mineUntil(async () => (await writer.balance(signer.address, never)) > 0n, never);
      const plan = await signing.plan([image], { signer: signer.address }, never);
      await node.mineWhile(() => signing.execute(plan, signer, never, () => undefined));
      const pushed = await pushes.push(parseReference(image), never, () => undefined);
      const completion = await signing.planCompletion(`${image}@${pushed.digest}`, { signer: signer.address }, never);
      // An engine that keeps manifests has signed the one that it pushed.
      if (completion.entries.length > 0)
        await node.mineWhile(() => signing.execute(completion, signer, never, () => undefined));
      await engine.docker.getImage(image).remove();
      return pushed.digest;
    }

    it('sees in the FROM line that nobody it knows has signed it', async () => {
      const { ui } = product;
      await ui.openContainer('DaoChain');
      await ui.openFile('service/Dockerfile');
      await waitFor('a squiggle', async () => (await squiggles()) === 1);
      const marked = await ui.squiggles('info').boundingBox();
      const name = await ui.textBox(image);
      assert.ok(marked !== null && Math.abs(marked.x - name.x) < 3 && Math.abs(marked.width - name.width) < 3);
      assert.match(await ui.hover(image), new RegExp(say('Untrusted publisher')));
      await take('squiggle');
    });

    it('trusts the publisher whose id it was given', async () => {
      const { ui } = product;
      // In Chinese the name comes early, and what is before it begins other quick fixes too.
      await ui.quickFix(image, code === 'en' ? say('Trust a publisher for {0}…') : '信任发布者');
      await ui.answerInput();
      await ui.answerInput(walletPublisher(signer.address));
      await ui.pick(new RegExp(say('What they published themselves')));
      await ui.dialog().getByRole('button').first().waitFor();
      await ui.dialogButton(say('Trust'));
      await waitFor('no squiggle', async () => (await squiggles()) === 0);
      assert.match(await ui.hover(image), new RegExp(say('Verified')));
      await take('verified');
    });

    it('pins the image to the digest that was judged', async () => {
      const { ui, page } = product;
      await ui.quickFix(image, say('Pin to the verified digest'));
      await ui.line(`FROM ${image}@${digest.slice(0, 20)}`).waitFor();
      await page.keyboard.press('Control+S');
      await waitFor('the file', () => readFileSync(dockerfile(), 'utf8') === `FROM ${image}@${digest}\nCOPY . /srv\n`);
      assert.equal(await squiggles(), 0);
      assert.match(await ui.hover(image), new RegExp(say('Verified')));
      await take('pinned');
      await documentationPicture(page, code === 'en' ? 'registry' : 'registry.zh-cn', 1400, 420);
    });

    it('pulls it, and sees it green among the images', async () => {
      const { ui } = product;
      await ui.runCommand(`DaoChain: ${manifest('command.pullImage.title')}`);
      await ui.answerInput(image);
      await ui.treeItem(new RegExp(`^${image}.*${say('Verified')}`)).waitFor();
      await take('pulled');
      // A toast can be gone before anybody looks; the center keeps what was told.
      await ui.runCommand('Notifications: Show Notifications');
      await ui.told(new RegExp(`${image}.*${say('Verified')}`)).waitFor();
      await ui.runCommand('Notifications: Clear All Notifications');
      assert.equal(await squiggles(), 0);
    });

    it('sees red when the registry serves something else under the tag', async () => {
      const { ui, page } = product;
      await buildImage(engine.docker, image, { files: { 'etc/runtime': 'something else' } });
      await publisher.pushes.push(parseReference(image), never, () => undefined);
      await engine.docker.getImage(image).remove();
      writeFileSync(join(product.workspace, 'service', 'compose.yaml'), `services:\n  web:\n    image: ${image}\n`);
      await ui.openFile('service/compose.yaml');
      await waitFor('a red squiggle', async () => (await ui.squiggles('error').count()) === 1);
      assert.match(await ui.hover(image), new RegExp(say('Mismatch')));
      await take('mismatch');
      // The pin holds on to what was judged.
      await page.keyboard.press('Control+W');
      await ui.openFile('service/Dockerfile');
      await ui.line(`FROM ${image}@`).waitFor();
      assert.equal(await squiggles(), 0);
    });
  });
}
