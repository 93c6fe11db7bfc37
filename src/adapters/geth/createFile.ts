import { link } from 'node:fs/promises';
import { hasCode } from '../systemError';
import { withDraft } from '../draft';
import { renameFile } from '../renameFile';

/** Creates `file`, complete and on disk, or leaves the one that is there. True if it is this one. */
export async function createFile(file: string, text: string): Promise<boolean> {
  return withDraft(file, text, async (draft) => {
    try {
      // Only by linking a complete file can nobody see half of it and nobody overwrite it.
      await link(draft, file);
      return true;
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      throw error;
    }
  });
}

/** Puts `file` in the place of whatever file there is, complete and on disk. */
export async function replaceFile(file: string, text: string): Promise<void> {
  await withDraft(file, text, (draft) => renameFile(draft, file));
}
