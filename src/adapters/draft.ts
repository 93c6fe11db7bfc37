import { randomBytes } from 'node:crypto';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from './syncFolder';

/** What a draft has behind the name of its file. */
const ending = /\.[0-9a-f]{16}\.draft$/;
/** A day: the process that wrote such an old draft was killed long ago. */
export const oldMs = 24 * 60 * 60 * 1_000;

export interface DraftOptions {
  /** Readable by its owner alone unless given. */
  readonly mode?: number;
  /** Whether the folder is all ours, so that old drafts of other files in it are taken away as well. */
  readonly isOurFolder?: boolean;
}

export function isDraft(name: string): boolean {
  return ending.test(name);
}

/** A new name beside `file` that is known for a draft's. */
export function draftOf(file: string): string {
  return `${file}.${randomBytes(8).toString('hex')}.draft`;
}

/**
 * Writes a draft, complete and on disk, which `use` gives its name, so that whoever is killed leaves the file whole or not at
 * all. The draft that it leaves instead is taken away by who writes the file a day later.
 */
export async function withDraft<T>(
  file: string,
  data: string | Uint8Array,
  use: (draft: string) => Promise<T>,
  { mode = 0o600, isOurFolder = false }: DraftOptions = {},
): Promise<T> {
  const draft = draftOf(file);
  try {
    let now: number;
    const handle = await open(draft, 'wx', mode);
    try {
      await handle.writeFile(data);
      await handle.sync();
      now = (await handle.stat()).mtimeMs;
    } finally {
      await handle.close();
    }
    const result = await use(draft);
    await syncFolder(dirname(file));
    await removeOldDrafts(file, now, isOurFolder);
    return result;
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * What is a day older than `now`, by the clock that stamped it: the file system's, which need not be this machine's. Whatever is
 * in the way keeps nobody from what they have written.
 */
export async function removeOldDrafts(file: string, now: number, isOurFolder = false): Promise<void> {
  const folder = dirname(file);
  const stem = basename(file);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!isDraft(name)) continue;
    if (!isOurFolder && name.replace(ending, '') !== stem) continue;
    const path = join(folder, name);
    try {
      // A folder can be a draft too.
      if (now - (await stat(path)).mtimeMs > oldMs) await rm(path, { recursive: true });
    } catch {
      // Another process has removed it, or nobody can.
    }
  }
}
