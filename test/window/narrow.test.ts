import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { rowNames } from '../../src/ui/trees/rowNames';
import { waitFor } from '../testbed/waitFor';
import { chinese, english } from './language';
import { isOneStory, openProduct, picture, shownOf, type ProductWindow } from './productWindow';

const alike = [
  'evil.example/shop/base:1.0',
  'registry.example.com/shop/base:1.0',
  'acme.example:5000/nginx:1.0',
  'nginx:1.0',
];
const long = Array.from(
  'abcdef',
  (letter) => `registry.example.com/platform/storefront:2026.11.30-nightly-linux-amd64-${letter}-with-debug-symbols`,
);

for (const language of [english, chinese]) {
  const { say, code } = language;

  describe(`a side bar of 300 pixels (${code})`, function () {
    isOneStory(this);
    let engine: Engine;
    let product: ProductWindow;

    const row = (image: string): Locator =>
      product.ui.treeItem(new RegExp(`^${image.replaceAll('.', '\\.')}(?:: |：)`));

    before(async () => {
      engine = await startEngine();
      for (const image of [...alike, ...long]) await buildImage(engine.docker, image, { files: { name: image } });
      product = await openProduct(engine, code === 'en' ? {} : { language: code });
    });
    after(async () => {
      await product.close();
      await engine.dispose();
    });
    afterEach(async function () {
      if (this.currentTest?.state === 'failed') await picture(product.page, `narrow-${code}-failed`);
    });

    it('shows registry and tag of every image, and no two alike', async () => {
      const { ui, page } = product;
      await ui.openContainer('DaoChain');
      await ui.widenSideBar(300);
      for (const image of [...alike, ...long]) await row(image).waitFor();
      await picture(page, `narrow-${code}`);
      const shown = await Promise.all([...alike, ...long].map((image) => shownOf(row(image))));
      for (const [i, text] of shown.slice(0, alike.length).entries()) {
        const [host = '', tag = ''] = (alike[i] ?? '').split(/\/.*(?=:)|(?=:1\.0$)/);
        assert.ok(text.includes(host) && text.includes(tag), `${text} shows ${host} and ${tag}`);
      }
      // No short form is cut, nor is its end where the editor's own ellipsis stands.
      const forms = [...rowNames([...alike, ...long])].map(
        ([name, label]) => [name, label.split(' · ')[0] ?? ''] as const,
      );
      for (const [name, form] of forms.filter(([whole, short]) => short !== whole)) {
        const text = shown[[...alike, ...long].indexOf(name)] ?? '';
        assert.ok(text.startsWith(form) && text.length >= form.length + 2, `${text} shows ${form}`);
      }
      assert.equal(new Set(shown.map((text) => text.split(' · ')[0])).size, shown.length, shown.join('\n'));
    });

    it('finds an image by its registry', async () => {
      const { page } = product;
      const find = page.locator('.monaco-tree-type-filter input').first();
      await waitFor('the find of the list', async () => {
        if (await find.isVisible()) return true;
        // The key is for the list that has the focus by then.
        await row('nginx:1.0').click();
        await page.keyboard.press('Control+Alt+F');
        return find.isVisible();
      });
      await find.fill('evil.example');
      await waitFor('the image of that registry to be the one that is found', async () => {
        const found = await page.locator('.monaco-list-row .monaco-highlighted-label .highlight').allInnerTexts();
        return found.join('').includes('evil.example');
      });
      await picture(page, `narrow-${code}-found`);
      await page.keyboard.press('Escape');
    });

    it('says in a build file which image is meant, once for all its places', async () => {
      const { ui, page, workspace } = product;
      const lines = Array.from({ length: 60 }, (_, i) => `FROM ${alike[0] ?? ''} AS s${i}`);
      writeFileSync(join(workspace, 'Many.dockerfile'), `${lines.join('\n')}\nFROM Alpine:3\n`);
      await ui.openFile('Many.dockerfile');
      await ui.runCommand('Problems: Focus on Problems View');
      const problems = page.locator('.markers-panel [role="treeitem"]');
      await problems.filter({ hasText: `Alpine:3` }).first().waitFor();
      await picture(page, `narrow-${code}-problems`);
      assert.ok((await problems.filter({ hasText: say('Cannot be checked') }).count()) > 0);
    });
  });
}
