import { constants } from 'node:fs';
import { copyFile, link, realpath } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { hasCode } from '../adapters/systemError';
import { FileError, readBoundedFile, type BoundedFile } from '../adapters/boundedFile';
import { withDraft } from '../adapters/draft';
import { renameFile } from '../adapters/renameFile';
import { displayText } from '../core/displayText';
import { UsageError } from './usageError';

/** A file, or a pipe, that a person has named on the command line. A `UsageError` says what is wrong with it; `cancelled`. */
export async function readNamedFile(path: string, limit: number, signal: AbortSignal): Promise<BoundedFile> {
  try {
    return await readBoundedFile(path, { limit, pipe: { signal } });
  } catch (error) {
    throw error instanceof FileError ? new UsageError(faultText(error, path)) : error;
  }
}

/** Whole or not at all, and over nothing. An error of the file system: `EEXIST` where there is a file. */
export async function createNamedFile(path: string, text: string, mode: number): Promise<void> {
  const name = async (draft: string): Promise<void> => {
    try {
      await link(draft, path);
    } catch (error) {
      if (hasCode(error, 'EEXIST')) throw error;
      // Where a file system knows no links, as on many a stick.
      await copyFile(draft, path, constants.COPYFILE_EXCL);
    }
  };
  await withDraft(path, text, name, { mode });
}

/** The same, replacing an existing file: a process that is killed leaves either the old file or the new one. */
export async function replaceNamedFile(path: string, text: string, mode: number): Promise<void> {
  const target = await realpath(path);
  await withDraft(target, text, (draft) => renameFile(draft, target), { mode });
}

export function faultText({ fault }: FileError, path: string): string {
  const shown = displayText(path);
  switch (fault) {
    case 'notAFile':
      return l10n.t('{0} is not a file.', shown);
    case 'tooLarge':
      return l10n.t('{0} is larger than such a file may be.', shown);
    case 'late':
      return l10n.t('Nothing has been received from {0} for too long.', shown);
    case 'absent':
    case 'unreadable':
      return l10n.t('{0} cannot be read.', shown);
  }
}
