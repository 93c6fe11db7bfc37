import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { hasCode } from '../systemError';
import { FileError, readBoundedFile } from '../boundedFile';

/** Bytes of a file that a build file leads to; people's have some thousand. */
const largest = 2 * 1024 * 1024;

/** The text of a file that another one names, or why there is none. */
export type NamedText =
  { readonly text: string } | { readonly fault: 'absent' | 'outside' | 'unreadable' | 'tooLarge' };

/** Reads `path` as seen from `folder`, if it is a file below `top` by its name and by where links lead. */
export async function readProjectFile(top: string, folder: string, path: string): Promise<NamedText> {
  const named = resolve(folder, path);
  if (path.startsWith('~') || !isBelow(resolve(top), named)) return { fault: 'outside' };
  try {
    const [realTop, real] = await Promise.all([realpath(top), realpath(named)]);
    if (!isBelow(realTop, real)) return { fault: 'outside' };
    const { bytes } = await readBoundedFile(real, { limit: largest });
    return { text: Buffer.from(bytes).toString('utf8') };
  } catch (error) {
    if (error instanceof FileError)
      return { fault: error.fault === 'absent' || error.fault === 'tooLarge' ? error.fault : 'unreadable' };
    return { fault: hasCode(error, 'ENOENT', 'ENOTDIR') ? 'absent' : 'unreadable' };
  }
}

function isBelow(top: string, path: string): boolean {
  const way = relative(top, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
