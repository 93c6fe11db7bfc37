import { lstat, rename } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from './systemError';

export interface RenameSystem {
  readonly platform?: NodeJS.Platform;
  readonly move?: (from: string, to: string) => Promise<void>;
  /** Milliseconds for which a file that somebody has open is waited for. */
  readonly patienceMs?: number;
}

/**
 * Gives a file or folder another name, over the file that has it. Windows refuses that while somebody has one of the two open,
 * as a window that reads it or a virus scanner has for a moment: there it is tried again. A folder in the way is not waited for.
 */
export async function renameFile(
  from: string,
  to: string,
  { platform = process.platform, move = rename, patienceMs = 5_000 }: RenameSystem = {},
): Promise<void> {
  const end = performance.now() + patienceMs;
  for (;;) {
    try {
      await move(from, to);
      return;
    } catch (error) {
      if (platform !== 'win32' || !isInUse(error) || performance.now() > end || (await isFolder(to))) throw error;
      await delay(10 + 40 * Math.random());
    }
  }
}

function isInUse(error: unknown): boolean {
  return hasCode(error, 'EPERM', 'EACCES', 'EBUSY');
}

async function isFolder(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
