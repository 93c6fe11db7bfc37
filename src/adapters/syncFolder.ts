import { open } from 'node:fs/promises';
import { hasCode } from './systemError';

/**
 * The names in a folder are on disk only when the folder itself is. Windows cannot open folders and does not need this,
 * and some file systems do not support it.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync().catch((error: unknown) => {
      if (!hasCode(error, 'EINVAL', 'ENOTSUP', 'ENOSYS')) throw error;
    });
  } finally {
    await handle.close();
  }
}
