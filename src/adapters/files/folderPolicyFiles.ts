import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DaoChainError } from '../../core/errors';
import type { PolicyFiles } from '../../core/ports';
import { mostPolicyBytes, policyFileName } from '../../core/trust/policyFile';

/** Policy files on this machine's disk. */
export class FolderPolicyFiles implements PolicyFiles {
  async foldersAbove(folder: string): Promise<readonly string[]> {
    const own = await realPath(resolve(folder));
    const named = await Promise.all(withAncestors(resolve(folder)).map(realPath));
    return [...new Set([...named, ...withAncestors(own)])];
  }

  async read(folder: string): Promise<Uint8Array | undefined> {
    try {
      // A pipe in the place of the file would keep us waiting.
      const file = await open(join(folder, policyFileName), constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        if (!(await file.stat()).isFile()) throw refused('unreadable');
        const buffer = Buffer.alloc(mostPolicyBytes + 1);
        let length = 0;
        for (let read = -1; read !== 0 && length < buffer.length; length += read)
          read = (await file.read(buffer, length, buffer.length - length)).bytesRead;
        if (length > mostPolicyBytes) throw refused('tooLarge');
        return buffer.subarray(0, length);
      } finally {
        await file.close();
      }
    } catch (error) {
      if (error instanceof DaoChainError) throw error;
      if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
        return undefined;
      throw refused('unreadable', error);
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

/** Where nothing is, or nobody may look, the name below the real path of what is there: never another folder's. */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await realPath(parent), basename(path));
  }
}
