import { lstat, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from './createFile';

/**
 * Marks that the node of one launch was ended on purpose by somebody who could not reach its owner, so that the owner
 * does not take this for a crash and does not start another node.
 */
export async function markStopped(folder: string, ipcPath: string): Promise<void> {
  await replaceFile(join(folder, name), ipcPath);
}

/** Whether that was said of this launch; asked once, when the node has ended. */
export async function takeStopMark(folder: string, ipcPath: string): Promise<boolean> {
  const file = join(folder, name);
  try {
    const found = await lstat(file);
    if (!found.isFile() || found.size > 4_096 || (await readFile(file, 'utf8')) !== ipcPath) return false;
    await rm(file, { force: true });
    return true;
  } catch {
    return false;
  }
}

const name = 'stopped';
