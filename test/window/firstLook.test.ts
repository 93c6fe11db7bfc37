import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { firstSettings } from '../../scripts/dev/window';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { chinese, english } from './language';
import { isOneStory, openProduct, picture, rememberRow, shownOf, type ProductWindow } from './productWindow';

/** What `npm start` builds of the sample workspace. */
const samples = ['registry.example.com/shop/base:1.0', 'registry.example.com/shop/web:1.0'];

for (const { code, say } of [english, chinese]) {
  describe(`the first look at the samples (${code})`, function () {
    isOneStory(this);
    let engine: Engine;
    let product: ProductWindow;

    const row = (image: string, verdict = ''): Locator =>
      product.ui.treeItem(new RegExp(`^${image.replaceAll('.', '\\.')}(?:: |：)${verdict}`));

    before(async () => {
      engine = await startEngine();
      for (const image of samples) await buildImage(engine.docker, image, { files: { name: image } });
      product = await openProduct(engine, { settings: firstSettings, ...(code === 'en' ? {} : { language: code }) });
    });
    after(async () => {
      await product.close();
      await engine.dispose();
    });
    afterEach(async function () {
      if (this.currentTest?.state === 'failed') await picture(product.page, `first-look-${code}-failed`);
    });

    it('is that nobody has signed them, by their whole names and with nothing before that', async () => {
      const { ui, page } = product;
      const seen = await Promise.all(samples.map((image) => rememberRow(page, image)));
      await ui.openContainer('DaoChain');
      await ui.widenSideBar(300);
      for (const image of samples) await row(image, say('Unsigned')).waitFor();
      await picture(page, `first-look-${code}`);
      for (const image of samples) {
        const shown = await shownOf(row(image));
        for (const part of ['registry.example.com', image.slice(image.lastIndexOf('/') + 1)])
          assert.ok(shown.includes(part), `${shown} shows ${part}`);
      }
      const labels = (await Promise.all(seen.map((tell) => tell()))).flat();
      assert.ok(labels.length > 0);
      assert.ok(!labels.some((label) => label.includes(say('Cannot be checked'))), labels.join('\n'));
    });
  });
}
