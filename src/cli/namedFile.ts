import * as l10n from '@vscode/l10n';
import { FileError, readBoundedFile, type BoundedFile } from '../adapters/boundedFile';
import { displayText } from '../core/trust/displayText';
import { UsageError } from './usageError';

/** A file, or a pipe, that a person has named on the command line. A `UsageError` says what is wrong with it; `cancelled`. */
export async function readNamedFile(path: string, limit: number, signal: AbortSignal): Promise<BoundedFile> {
  try {
    return await readBoundedFile(path, { limit, pipe: { signal } });
  } catch (error) {
    throw error instanceof FileError ? new UsageError(faultText(error, path)) : error;
  }
}

export function faultText({ fault }: FileError, path: string): string {
  const shown = displayText(path);
  switch (fault) {
    case 'notAFile':
      return l10n.t('{0} is no file.', shown);
    case 'tooLarge':
      return l10n.t('{0} is larger than such a file can be.', shown);
    case 'late':
      return l10n.t('Nothing has come through {0} for too long.', shown);
    case 'absent':
    case 'unreadable':
      return l10n.t('{0} cannot be read.', shown);
  }
}
