import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/dev/components/chromium';
import { findCodeServer } from '../../scripts/dev/components/codeServer';
import { runCommand } from '../../scripts/dev/components/command';
import { editorEnvironment, quietSettings } from '../../scripts/dev/editorDefaults';
import type { Machine } from './machines';
import { useShallowNetwork } from './network';
import { startProgram, temporaryFolder } from './program';
import { Ui } from './ui';
import { patienceMs, waitFor } from './waitFor';

export interface VsCodeOptions {
  /** User settings, on top of `quietSettings`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Added to the environment of the extension host. */
  readonly env?: Readonly<Record<string, string>>;
  /** Workspace trust as a user has it: folders start in Restricted Mode. Off unless true. */
  readonly trust?: boolean;
  /** Display language for extensions; VS Code itself stays English, for want of its language pack. */
  readonly language?: 'zh-cn';
  /** Packages to install before the start. */
  readonly vsix?: readonly string[];
  /**
   * Let the address name an extension under development and tests. VS Code's test driver comes with it, which shows no
   * notifications and answers dialogs itself.
   */
  readonly development?: boolean;
  readonly onOutput?: (text: string) => void;
  /** Where server and browser run, and with them the extension and its node; on this machine unless given. */
  readonly machine?: Machine | undefined;
}

/** A VS Code server with user data of its own. */
export interface VsCodeServer {
  readonly port: number;
  /** User settings, state and logs. */
  readonly dataFolder: string;
  /** Resolves when the server has ended. */
  readonly ended: Promise<unknown>;
  /** Replaces the user settings; open windows have them when they are loaded anew. */
  writeSettings(settings: Readonly<Record<string, unknown>>): void;
  /** Address of a window on `folder`. `payload` is VS Code's own list of keys and values. */
  url(folder: string, payload?: readonly (readonly [string, string])[]): string;
  /** What `file` is called in a payload. */
  uri(file: string): string;
  /** Ends it with its extension hosts and removes its data; twice is harmless. */
  stop(): Promise<void>;
}

/** Registers a language pack without a single translation. It makes VS Code use the language all the same. */
function writeLanguagePack(dataFolder: string, language: string): void {
  const translations = join(dataFolder, 'no-translations.json');
  writeFileSync(translations, JSON.stringify({ contents: {} }));
  const owner = { extensionIdentifier: { id: 'daochain.no-translations' }, version: '1.0.0' };
  const pack = { hash: 'empty', label: language, extensions: [owner], translations: { vscode: translations } };
  writeFileSync(join(dataFolder, 'languagepacks.json'), JSON.stringify({ [language]: pack }));
}

/** Starts a VS Code server on a random port of 127.0.0.1. */
export async function startVsCode(options: VsCodeOptions = {}): Promise<VsCodeServer> {
  const { trust = false, development = false, language, onOutput, machine } = options;
  const codeServer = findCodeServer();
  if (codeServer === undefined) throw new Error('code-server is not installed: npm run setup installs it');
  const folder = temporaryFolder();
  const [userFolder, machineFolder] = [join(folder.path, 'data', 'User'), join(folder.path, 'data', 'Machine')];
  const writeSettings = (settings: Readonly<Record<string, unknown>>): void => {
    writeFileSync(join(userFolder, 'settings.json'), JSON.stringify({ ...quietSettings, ...settings }, null, 2));
    // A server has settings of its machine beside the user's, which cannot name them.
    writeFileSync(join(machineFolder, 'settings.json'), JSON.stringify(settings, null, 2));
  };
  for (const each of [userFolder, machineFolder]) mkdirSync(each, { recursive: true });
  writeSettings(options.settings ?? {});
  useShallowNetwork(join(userFolder, 'globalStorage', 'daochain.daochain', 'node'));
  if (language !== undefined) writeLanguagePack(join(folder.path, 'data'), language);
  const env = { ...editorEnvironment(), ...options.env };
  const node = machine?.runnerOf(codeServer.node) ?? codeServer.node;
  const common = [codeServer.serverMain, '--accept-server-license-terms', '--server-data-dir', folder.path];

  for (const file of options.vsix ?? []) {
    const install = [...common, '--install-extension', resolve(file), '--force'];
    const { code, output } = await runCommand(codeServer.node, install, { env });
    if (code !== 0) throw new Error(`${file} could not be installed:\n${output}`);
  }
  const server = await startProgram(
    node,
    [
      ...[...common, '--host', '127.0.0.1', '--port', '0', '--without-connection-token'],
      ...['--disable-telemetry', '--disable-experiments'],
      ...(trust ? [] : ['--disable-workspace-trust']),
      ...(language === undefined ? [] : ['--locale', language]),
      ...(development ? ['--enable-smoke-test-driver'] : []),
    ],
    { env, ...(onOutput === undefined ? {} : { onOutput }) },
  );
  const stop = async (): Promise<void> => {
    await server.stop();
    folder.remove();
  };
  try {
    const listening = await waitFor('the VS Code server listens', () => {
      if (!server.running()) return 'ended';
      return /Extension host agent listening on (\d+)/.exec(server.output())?.[1];
    });
    if (listening === 'ended') throw new Error(`The VS Code server ended at once:\n${server.output()}`);
    return {
      port: Number(listening),
      dataFolder: folder.path,
      ended: server.ended,
      writeSettings,
      url: (path, payload = []) => {
        const url = new URL(`http://localhost:${listening}/`);
        url.searchParams.set(path.endsWith('.code-workspace') ? 'workspace' : 'folder', resolve(path));
        const quiet = [
          ['skipWelcome', 'true'],
          ['skipReleaseNotes', 'true'],
        ];
        url.searchParams.set('payload', JSON.stringify([...quiet, ...payload]));
        return url.href;
      },
      uri: (file) => `vscode-remote://localhost:${listening}${resolve(file)}`,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts a Chromium that shows nothing, with storage of its own. Its pages share that as the windows of one user do. */
export async function startBrowser(machine?: Machine): Promise<BrowserContext> {
  const program = findChromium();
  if (program === undefined) throw new Error('No Chromium is installed: apt-get install chromium');
  const browser = await chromium.launchPersistentContext('', {
    executablePath: machine?.runnerOf(program) ?? program,
    viewport: { width: 1400, height: 900 },
    // It ends with this process in any case; its own handlers would keep the process alive.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      ...['--disable-gpu', '--disable-quic', '--disable-sync', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update'],
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
  browser.setDefaultTimeout(patienceMs);
  // The bare server does not know this request of the secret storage, and without an answer secrets are lost on reload.
  await browser.route('**/mint-key', (route) =>
    route.fulfill({ contentType: 'application/octet-stream', body: Buffer.alloc(32, 7) }),
  );
  return browser;
}

/** One window of VS Code. */
export interface Window {
  readonly page: Page;
  readonly ui: Ui;
  close(): Promise<void>;
}

/** Opens a window on `folder` and waits until the workbench is there. */
export async function openWindow(server: VsCodeServer, browser: BrowserContext, folder: string): Promise<Window> {
  const page = await browser.newPage();
  await page.goto(server.url(folder));
  const ui = new Ui(page);
  await ui.ready();
  return { page, ui, close: () => page.close() };
}

/** A server, a browser and one window. */
export interface Workbench extends Window {
  readonly server: VsCodeServer;
  readonly browser: BrowserContext;
}

/** Starts VS Code with the packages in `vsix`, as a user has them, and opens a window on `folder`. */
export async function openWorkbench(options: VsCodeOptions & { readonly folder: string }): Promise<Workbench> {
  const server = await startVsCode(options);
  let browser: BrowserContext | undefined;
  const close = async (): Promise<void> => {
    await browser?.close();
    await server.stop();
  };
  try {
    browser = await startBrowser(options.machine);
    const window = await openWindow(server, browser, options.folder);
    return { ...window, server, browser, close };
  } catch (error) {
    await close();
    throw error;
  }
}
