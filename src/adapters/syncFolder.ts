import { open } from 'node:fs/promises';
import { hasCode } from './systemError';

/**
 * What a folder names is on disk only when the folder is. Windows opens no folders and needs none of it, and some file systems
 * know nothing of the kind.
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
