import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { progressVariable } from '../../scripts/dev/progress.mjs';
import { silent } from '../../scripts/dev/silence';
import { temporaryFolder } from './program';
import { startBrowser, startVsCode } from './vsCode';

export interface HostRun {
  /** Folder of the extension, already built. */
  readonly extension: string;
  readonly files: readonly string[];
  /** Folder or `.code-workspace` file to open; an empty folder unless given. */
  readonly workspace?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Where VS Code's own log goes. */
  readonly logFile: string;
}

export interface HostResult {
  readonly passes: number;
  readonly failures: number;
  readonly pending: number;
}

/** The file that an extension host is given as its tests. */
export const hostEntry = join(__dirname, 'hostEntry.cjs');

/** What `hostEntry` needs in its environment to run `files`. */
export function hostTestEnvironment(files: readonly string[]): Readonly<Record<string, string>> {
  const progressFile = process.env[progressVariable];
  return {
    DAOCHAIN_HOST_TESTS: JSON.stringify(files.map((file) => resolve(file))),
    ...(progressFile !== undefined && { [progressVariable]: progressFile }),
  };
}

/** Prints what is added to a file, and tells of it, until the returned function, which prints the rest, is called. */
function follow(file: string, onPrinted: () => void): () => void {
  let offset = 0;
  const drain = (): void => {
    const size = statSync(file).size;
    if (size === offset) return;
    const buffer = Buffer.alloc(size - offset);
    const descriptor = openSync(file, 'r');
    offset += readSync(descriptor, buffer, 0, buffer.length, offset);
    closeSync(descriptor);
    process.stdout.write(buffer);
    onPrinted();
  };
  const timer = setInterval(drain, 100);
  return () => {
    clearInterval(timer);
    drain();
  };
}

/**
 * Runs mocha tests inside the extension host of a real VS Code and prints what they print. Rejects when the host gives no
 * result.
 */
export async function runInHost(run: HostRun): Promise<HostResult> {
  const folder = temporaryFolder();
  const output = join(folder.path, 'output.txt');
  const result = join(folder.path, 'result.json');
  const workspace = run.workspace ?? join(folder.path, 'workspace');
  writeFileSync(output, '');
  if (!workspace.endsWith('.code-workspace')) mkdirSync(workspace, { recursive: true });
  mkdirSync(dirname(run.logFile), { recursive: true });
  writeFileSync(run.logFile, '');
  const keep = (text: string): void => {
    appendFileSync(run.logFile, text);
  };
  let printed = Date.now();
  const stopFollowing = follow(output, () => {
    printed = Date.now();
  });
  const server = await startVsCode({
    development: true,
    ...(run.settings === undefined ? {} : { settings: run.settings }),
    env: {
      ...run.env,
      ...hostTestEnvironment(run.files),
      DAOCHAIN_HOST_OUTPUT: output,
      DAOCHAIN_HOST_RESULT: result,
    },
    onOutput: keep,
  });
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    await page.exposeFunction('codeAutomationLog', (type: string, args: readonly unknown[]) => {
      keep(`[${type}] ${args.join(' ')}\n`);
    });
    const ended = new Promise<string>((done) => {
      void page.exposeFunction('codeAutomationExit', (code: number) => {
        done(`the tests ended with code ${code}`);
      });
      page.once('crash', () => {
        done('the page crashed');
      });
      void server.ended.then(() => {
        done('the VS Code server ended');
      });
    });
    await page.goto(
      server.url(workspace, [
        ['extensionDevelopmentPath', server.uri(run.extension)],
        ['extensionTestsPath', server.uri(hostEntry)],
      ]),
    );
    const how = await Promise.race([ended, silent(() => printed)]);
    if (!existsSync(result)) throw new Error(`The extension host gave no result: ${how}. Its log: ${run.logFile}`);
    return JSON.parse(readFileSync(result, 'utf8')) as HostResult;
  } finally {
    await browser.close();
    await server.stop();
    stopFollowing();
    folder.remove();
  }
}
