import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from '../systemError';
import { DaoChainError } from '../../core/errors';

/** Megabytes that have to be free where the chain is: with less geth ends itself, so that its database stays whole. */
export const leastFree = 64;

/** What geth prints of a full disk: its own words, and those of the systems. */
const words = /Low disk space\.|no space left on device|not enough space on the disk|disk quota exceeded/i;

export function tellsFullDisk(lines: readonly string[]): boolean {
  return lines.some((line) => words.test(line));
}

export function isFullDiskError(error: unknown): boolean {
  return hasCode(error, 'ENOSPC', 'EDQUOT');
}

export function diskFullError(
  folder: string,
  { lines, cause }: { readonly lines?: readonly string[]; readonly cause?: unknown } = {},
): DaoChainError {
  return new DaoChainError('nodeFailed', `The disk under ${folder} is full`, {
    details: {
      reason: 'diskFull',
      folder,
      megabytes: leastFree.toString(),
      ...(lines === undefined ? {} : { lastLines: lines.join('\n') }),
    },
    cause,
  });
}

/** The error of a node that would be started in a folder without room. What cannot be measured is tried. */
export async function diskFault(folder: string): Promise<DaoChainError | undefined> {
  const free = await freeBytes(folder).catch(() => undefined);
  return free !== undefined && free < leastFree * 1024 * 1024 ? diskFullError(folder) : undefined;
}

/** Of a folder that is not there yet, where it will be. */
export async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    return freeBytes(dirname(folder));
  }
}
