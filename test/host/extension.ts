import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Docker from 'dockerode';
import { extensions, Uri, window, workspace, type Extension } from 'vscode';
import type { DaoChainApi } from '../../src/ui/exportedApi';
import { waitFor } from '../testbed/waitFor';

/** The extension under test. */
export function daochain(): Extension<DaoChainApi> {
  return extensions.getExtension<DaoChainApi>('daochain.daochain') ?? assert.fail('the extension is not installed');
}

/** The extension's API, which it gives when it is awake. */
export async function api(): Promise<DaoChainApi> {
  return daochain().activate();
}

/** The private engine that the extension finds too. */
export function docker(): Docker {
  return new Docker({ socketPath: enginePath() });
}

/** Its socket. */
export function enginePath(): string {
  const host = process.env['DOCKER_HOST'] ?? assert.fail('DOCKER_HOST names no engine');
  return host.slice('unix://'.length);
}

/** Writes a file of the workspace. */
export function writeWorkspaceFile(name: string, text: string): Uri {
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('no folder is open');
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return Uri.file(path);
}

/** Where the extension, which is awake, keeps its data: what it tells every terminal. */
export async function dataFolder(): Promise<string> {
  const answer = writeWorkspaceFile('terminal.txt', '').fsPath;
  const terminal = window.createTerminal({ shellPath: '/bin/sh' });
  terminal.sendText(`echo "$DAOCHAIN_DATA" > '${answer}'`);
  try {
    return await waitFor('an answer of the terminal', () => /(.*)\n/.exec(readFileSync(answer, 'utf8'))?.[1]);
  } finally {
    terminal.dispose();
  }
}
