/// <reference lib="dom" />
// `rememberRow` and `shownOf` run in the page.
import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Suite } from 'mocha';
import type { Locator, Page } from 'playwright-core';
import { cacheFolder } from '../../scripts/dev/components/cache';
import type { Engine } from '../testbed/engine';
import { temporaryFolder } from '../testbed/program';
import { openWorkbench, type VsCodeOptions, type Workbench } from '../testbed/vsCode';

/** Skips what comes after a test that failed, since each goes on where the one before it ended. */
export function isOneStory(suite: Suite): void {
  let failed = false;
  suite.beforeEach(function () {
    if (failed) this.skip();
  });
  suite.afterEach(function () {
    failed ||= this.currentTest?.state === 'failed';
  });
}

/** The packaged product in a window on a copy of the sample workspace, beside an engine of its own. */
export interface ProductWindow extends Workbench {
  readonly engine: Engine;
  readonly workspace: string;
  /** Where the extension keeps what it knows: its global storage. */
  readonly storage: string;
  /** Process IDs of the nodes that run on the network of this product. */
  nodes(): readonly number[];
  /** Where its node listens; undefined while there is none. */
  ipcPath(): string | undefined;
}

/** Opens it; whoever calls closes it, and disposes the engine. */
export async function openProduct(
  engine: Engine,
  { prepare, ...options }: VsCodeOptions & { readonly prepare?: (workspace: string) => void } = {},
): Promise<ProductWindow> {
  const folder = temporaryFolder();
  const workspace = join(folder.path, 'shop');
  cpSync('samples/shop', workspace, { recursive: true });
  prepare?.(workspace);
  const workbench = await openWorkbench({
    ...options,
    folder: workspace,
    vsix: ['daochain.vsix'],
    env: { DOCKER_HOST: engine.host, DAOCHAIN_CACHE: cacheFolder(), ...options.env },
  });
  const storage = join(workbench.server.dataFolder, 'data', 'User', 'globalStorage', 'daochain.daochain');
  return {
    ...workbench,
    engine,
    workspace,
    storage,
    ipcPath: () => {
      const owner = join(storage, 'node', 'owner.json');
      return existsSync(owner) ? (JSON.parse(readFileSync(owner, 'utf8')) as { ipcPath: string }).ipcPath : undefined;
    },
    nodes: () =>
      processesWith(`${storage}/`)
        .filter(({ program }) => program === 'geth')
        .map(({ pid }) => pid),
    close: async () => {
      await workbench.close();
      folder.remove();
    },
  };
}

/** Processes that have `text` in their command line. */
function processesWith(text: string): readonly { readonly pid: number; readonly program: string }[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const words = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
        const program = readFileSync(`/proc/${entry}/comm`, 'utf8').trim();
        return words.some((word) => word.includes(text)) ? [{ pid: Number(entry), program }] : [];
      } catch {
        return []; // it has ended meanwhile
      }
    });
}

/** Takes a picture of the window, for a person who wants to see how the tests saw it. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: resolve('out', 'window', `${name}.png`), animations: 'disabled' });
}

/** Takes a picture of the upper left of the window for the documentation, when DAOCHAIN_DOCS_IMAGES asks for that. */
export async function documentationPicture(page: Page, name: string, width: number, height: number): Promise<void> {
  if (process.env['DAOCHAIN_DOCS_IMAGES'] === undefined) return;
  const path = resolve('docs', 'images', `${name}.png`);
  await page.screenshot({ path, animations: 'disabled', clip: { x: 0, y: 0, width, height } });
}

/** What a row shows of its label before the side bar cuts it. */
export async function shownOf(row: Locator): Promise<string> {
  return row.locator('.label-name').evaluate((label) => {
    const edge = label.closest('.monaco-icon-label-container')?.getBoundingClientRect().right ?? 0;
    const walker = document.createTreeWalker(label, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    let shown = '';
    for (let text = walker.nextNode(); text !== null; text = walker.nextNode()) {
      const { data } = text as Text;
      for (let at = 0; at < data.length; at++) {
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        if (range.getBoundingClientRect().right <= edge) shown += data[at] ?? '';
      }
    }
    return shown;
  });
}

/** Notes every label that the row of an image has from now on; the returned function tells them in their order. */
export async function rememberRow(page: Page, image: string): Promise<() => Promise<readonly string[]>> {
  const key = `row-${Math.random()}`;
  await page.evaluate(
    ([image, key]) => {
      const recorder = {
        seen: [] as string[],
        look() {
          // In Chinese the colon is another one.
          const named = [': ', '：'].map((colon) => `[role="treeitem"][aria-label^="${image}${colon}"]`);
          for (const row of document.querySelectorAll(named.join())) {
            const label = row.getAttribute('aria-label') ?? '';
            if (label !== this.seen.at(-1)) this.seen.push(label);
          }
        },
      };
      Reflect.set(window, key, recorder.seen);
      recorder.look();
      new MutationObserver(() => {
        recorder.look();
      }).observe(document.body, {
        ...{ subtree: true, childList: true, attributes: true },
        attributeFilter: ['aria-label'],
      });
    },
    [image, key] as const,
  );
  return () => page.evaluate((key) => Reflect.get(window, key) as readonly string[], key);
}

/** Asserts that the labels of a row went through these verdicts in this order, others in between or not. */
export function assertWentThrough(labels: readonly string[], verdicts: readonly string[]): void {
  let from = 0;
  for (const verdict of verdicts) {
    const at = labels.findIndex((label, index) => index >= from && label.includes(`: ${verdict}`));
    assert.ok(at >= 0, `${verdict} did not come in its turn:\n${labels.join('\n')}`);
    from = at;
  }
}
