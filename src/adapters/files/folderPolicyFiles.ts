import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { hasCode } from '../systemError';
import { DaoChainError } from '../../core/errors';
import { mostPolicyBytes, policyFileName } from '../../core/trust/policyFile';
import { FileError, readIfThere } from '../boundedFile';
import type { PolicyFiles } from '../../core/ports/files';

/** Policy files on this machine's disk. */
export class FolderPolicyFiles implements PolicyFiles {
  async foldersAbove(folder: string): Promise<readonly string[]> {
    const own = await realPath(resolve(folder));
    const named = await Promise.all(withAncestors(resolve(folder)).map(realPath));
    return [...new Set([...named, ...withAncestors(own)])];
  }

  async read(folder: string): Promise<Uint8Array | undefined> {
    try {
      return await readIfThere(join(folder, policyFileName), mostPolicyBytes);
    } catch (error) {
      const { cause } = error as Error;
      if (hasCode(cause, 'ENOTDIR')) return undefined;
      throw refused(error instanceof FileError && error.fault === 'tooLarge' ? 'tooLarge' : 'unreadable', error);
    }
  }
}

function refused(reason: 'unreadable' | 'tooLarge', cause?: unknown): DaoChainError {
  return new DaoChainError('policyInvalid', `The policy file is ${reason}`, { details: { reason }, cause });
}

function withAncestors(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [path, ...withAncestors(parent)];
}

/**
 * Where nothing exists, or nobody may look, the rest of the name below the real path of what does exist: never another
 * folder's path.
 */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await realPath(parent), basename(path));
  }
}
