/// <reference lib="dom" />
// `textBox` runs in the page.
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { waitFor } from './waitFor';

type Text = string | RegExp;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** How long the window may take to react before a person would do the same again; a slow one is given more each time. */
const patienceMs = 6_000;
const triesAtMost = 5;

/** Acts until `shown` is there: a window that redraws itself at the wrong moment swallows clicks and closes hovers. */
async function untilShown(shown: Locator, act: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    await act();
    try {
      await shown.waitFor({ timeout: tries * patienceMs });
      return;
    } catch (error) {
      if (tries === triesAtMost) throw error;
    }
  }
}

/**
 * Drives a VS Code window as a person does. It finds things by role and accessible name, which VS Code keeps stable for
 * screen readers, and by style classes only where there is no other way. Everything waits for what it needs.
 */
export class Ui {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Waits until the workbench has been drawn. */
  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench').waitFor();
    await this.statusBar().waitFor();
  }

  /** Loads the window anew, as *Developer: Reload Window* does. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  // --- side bar and trees ---------------------------------------------------------------------------------------

  sideBar(): Locator {
    return this.page.locator('[id="workbench.parts.sidebar"]');
  }

  /** Drags the edge of the side bar until it is `width` pixels wide. */
  async widenSideBar(width: number): Promise<void> {
    const box = await this.sideBar().boundingBox();
    if (box === null) throw new Error('The side bar is closed');
    await this.page.mouse.move(box.x + box.width, 300);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + width, 300, { steps: 4 });
    await this.page.mouse.up();
  }

  /** Opens a view container by its title in the activity bar, unless it is open. */
  async openContainer(title: string): Promise<void> {
    const tab = this.page.locator('[id="workbench.parts.activitybar"]').getByRole('tab', { name: title }).first();
    await tab.waitFor();
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
  }

  /** A row of a tree by its accessible name. A badge is no part of that name unless the row says so itself. */
  treeItem(name: Text): Locator {
    return this.page.getByRole('treeitem', { name }).first();
  }

  /** Opens the context menu of a row (or of what else is given) and chooses an entry. */
  async contextMenu(item: Locator, entry: Text): Promise<void> {
    await untilShown(this.menuItem(entry), async () => {
      await this.page.keyboard.press('Escape');
      await item.click({ button: 'right' });
    });
    await this.chooseMenuItem(entry);
  }

  menuItem(name: Text): Locator {
    return this.page.getByRole('menuitem', { name }).first();
  }

  /** Chooses an entry of the open menu. A menu ignores the mouse when it has just opened, so this clicks until it closes. */
  async chooseMenuItem(name: Text): Promise<void> {
    const entry = this.menuItem(name);
    await entry.waitFor();
    for (let tries = 0; tries < 20 && (await entry.isVisible()); tries++) {
      await entry.click({ timeout: 1_000 }).catch(() => undefined);
      await entry.waitFor({ state: 'hidden', timeout: 300 }).catch(() => undefined);
    }
  }

  /** Clicks a button in the title of the view that is open in the side bar. */
  async viewAction(name: Text): Promise<void> {
    const button = this.sideBar().getByRole('button', { name }).first();
    // Some buttons show only under the mouse: over the head of the side bar, or where it has several views, over its own.
    await this.sideBar().hover({ position: { x: 60, y: 14 } });
    if (!(await button.isVisible())) await this.sideBar().hover();
    await button.click();
  }

  // --- quick input ----------------------------------------------------------------------------------------------

  private quickInput(): Locator {
    return this.page.locator('.quick-input-widget').locator('visible=true').first();
  }

  /** The text box of the open input box or quick pick. */
  inputBox(): Locator {
    return this.quickInput().locator('input[type="text"], input[type="password"]').first();
  }

  /** Title, prompt and validation message of the open input box or quick pick. */
  async inputText(): Promise<string> {
    return this.quickInput().innerText();
  }

  /**
   * Types into the open input box and confirms; without `text` it confirms what is there. Returns when the window has
   * taken the answer, or the next one would be typed into the same box.
   */
  async answerInput(text?: string): Promise<void> {
    const input = this.inputBox();
    await input.waitFor();
    if (text !== undefined) await input.fill(text);
    const asked = await this.inputText();
    await input.press('Enter');
    // What is not there any more asks nothing; to wait for it would be to miss what comes next.
    const isTaken = async (): Promise<boolean> =>
      (await this.quickInput()
        .innerText({ timeout: 500 })
        .catch(() => '')) !== asked;
    // A box that refuses the answer stays as it is.
    await waitFor('the window to take the answer', isTaken, { timeoutMs: 10_000 }).catch(() => undefined);
  }

  /** An entry of the open quick pick. */
  option(name: Text): Locator {
    return this.quickInput().getByRole('option', { name }).first();
  }

  async pick(name: Text): Promise<void> {
    // Where the mouse rests, a hint can lie over the entry.
    await this.page.mouse.move(0, 0);
    await this.option(name).click();
  }

  /** Runs a command from the palette; after a start or reload it waits until extensions have added theirs. */
  async runCommand(title: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      await this.page.keyboard.press('F1');
      await this.inputBox().waitFor();
      await this.inputBox().fill(`>${title}`);
      try {
        await this.option(title).waitFor({ timeout: tries * 1_000 });
        break;
      } catch (error) {
        if (tries === 15) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
    await this.pick(title);
    // What comes next must not be typed into the palette, nor close what the command opens instead of it.
    await this.option(title).waitFor({ state: 'hidden' });
  }

  // --- notifications, dialogs, status bar -----------------------------------------------------------------------

  notification(text: Text): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: text }).first();
  }

  /** A notification in the center, where all stand that nobody has answered; it has to be open. */
  told(text: Text): Locator {
    return this.page.locator('.notifications-center .notification-list-item', { hasText: text }).first();
  }

  async notificationAction(text: Text, action: Text): Promise<void> {
    await this.notification(text).getByRole('button', { name: action }).click();
  }

  /** The modal dialog. */
  dialog(): Locator {
    return this.page.getByRole('dialog').locator('visible=true').last();
  }

  async dialogButton(name: Text): Promise<void> {
    await this.dialog().getByRole('button', { name }).click();
  }

  private statusBar(): Locator {
    return this.page.locator('[id="workbench.parts.statusbar"]');
  }

  statusItem(text: Text): Locator {
    return this.statusBar().locator('.statusbar-item', { hasText: text }).first();
  }

  async statusTexts(): Promise<readonly string[]> {
    const texts = await this.statusBar().locator('.statusbar-item').allInnerTexts();
    return texts.map((text) => text.trim()).filter((text) => text !== '');
  }

  /** Leaves Restricted Mode by way of the trust editor. */
  async trustFolder(): Promise<void> {
    await this.statusItem('Restricted Mode').click();
    const editor = this.page.locator('.workspace-trust-editor');
    await editor.getByRole('button', { name: 'Trust', exact: true }).first().click();
    await this.statusItem('Restricted Mode').waitFor({ state: 'hidden' });
    const close = this.page.getByRole('button', { name: /^Close Modal Editor/ });
    if (await close.isVisible()) await close.click();
    await editor.waitFor({ state: 'hidden' });
  }

  // --- editor ---------------------------------------------------------------------------------------------------

  /** Opens a file of the folder; `path` may name folders to tell it from others of its name. */
  async openFile(path: string): Promise<void> {
    const [name = path, ...folders] = path.split('/').reverse();
    await this.page.keyboard.press('Control+P');
    await this.inputBox().waitFor();
    await this.inputBox().fill(path);
    await this.option(new RegExp([name, ...folders].map((part) => `${escaped(part)}\\b`).join('.*'))).click();
    await this.page.getByRole('tab', { name }).first().waitFor();
  }

  squiggles(severity: 'error' | 'warning' | 'info' | 'hint'): Locator {
    return this.page.locator(`.monaco-editor .squiggly-${severity}`);
  }

  /** A visible line of the active editor that holds `text`. */
  line(text: string): Locator {
    // The editor draws blanks as no-break spaces.
    const pattern = new RegExp(escaped(text).replaceAll(' ', '[\\u00a0 ]'));
    return this.page.locator('.editor-instance .view-line', { hasText: pattern }).first();
  }

  /** Where `text` is drawn, in pixels of the page; `within` names its line by more of its text. */
  async textBox(text: string, within = text): Promise<{ x: number; y: number; width: number; height: number }> {
    const box = await this.line(within).evaluate((line, wanted) => {
      const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      const nodes: { node: Node; start: number }[] = [];
      let all = '';
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        nodes.push({ node, start: all.length });
        all += node.textContent ?? '';
      }
      const at = all.replaceAll('\u00a0', ' ').indexOf(wanted);
      if (at < 0) return undefined;
      const range = document.createRange();
      const first = nodes.findLast(({ start }) => start <= at);
      const last = nodes.findLast(({ start }) => start < at + wanted.length);
      if (first === undefined || last === undefined) return undefined;
      range.setStart(first.node, at - first.start);
      range.setEnd(last.node, at + wanted.length - last.start);
      const { x, y, width, height } = range.getBoundingClientRect();
      return { x, y, width, height };
    }, text);
    if (box === undefined) throw new Error(`The editor does not show ${JSON.stringify(text)}`);
    return box;
  }

  private async center(text: string, within?: string): Promise<{ x: number; y: number }> {
    const box = await this.textBox(text, within);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  async placeCursor(text: string, within?: string): Promise<void> {
    const { x, y } = await this.center(text, within);
    await this.page.mouse.click(x, y);
  }

  /** Holds the mouse over `text` and returns what the hover says. */
  async hover(text: string, within?: string): Promise<string> {
    const hover = this.page.locator('.monaco-hover:not(.hidden)').locator('visible=true').first();
    await untilShown(hover, async () => {
      const { x, y } = await this.center(text, within);
      await this.page.mouse.move(x - 40, y + 120);
      await this.page.mouse.move(x, y, { steps: 4 });
    });
    return hover.innerText();
  }

  /** Chooses a quick fix at `text`. */
  async quickFix(text: string, title: Text, within?: string): Promise<void> {
    const action = this.page.locator('.action-widget .monaco-list-row', { hasText: title }).first();
    await untilShown(action, async () => {
      await this.page.keyboard.press('Escape');
      await this.placeCursor(text, within);
      await this.page.keyboard.press('Control+.');
    });
    await action.click();
  }

  /** Content of the visible webview. */
  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }
}
