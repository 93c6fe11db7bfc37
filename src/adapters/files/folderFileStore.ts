import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from '../systemError';
import { readIfThere } from '../boundedFile';
import { isDraft, oldMs, withDraft } from '../draft';
import { renameFile } from '../renameFile';
import type { FileStore } from '../../core/ports/files';

/** Files below one folder of ours, readable by this user only. */
export class FolderFileStore implements FileStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    return readIfThere(this.#path(name), Infinity);
  }

  /** On disk, whole or not at all, when it resolves. */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // The folder itself can be one that a person has named.
    await withDraft(path, bytes, (draft) => renameFile(draft, path), { isOurFolder: name.includes('/') });
  }

  async remove(name: string): Promise<void> {
    await rm(this.#path(name), { force: true });
  }

  async list(folder: string): Promise<readonly string[]> {
    const names = await ifThere(readdir(this.#path(folder)));
    // Where something else is in the place of a file, whoever reads it says so: to pass over it would be to forget what it held.
    return (names ?? []).filter((name) => !isDraft(name));
  }

  async removeOld(folder: string, isKept: (name: string) => boolean): Promise<void> {
    const paths = (await this.list(folder)).map((name) => ({ name, path: this.#path(`${folder}/${name}`) }));
    const found = await Promise.all(
      paths.map(async (each) => {
        // Undefined for what somebody else has removed meanwhile.
        const entry = await ifThere(lstat(each.path));
        return entry?.isFile() === true ? [{ ...each, written: entry.mtimeMs }] : [];
      }),
    );
    const files = found.flat();
    const newest = files.reduce((latest, { written }) => Math.max(latest, written), 0);
    for (const { name, path, written } of files) {
      if (newest - written > oldMs && !isKept(name)) await rm(path, { force: true });
    }
  }

  /** Names are of our own making; one that leads elsewhere is a mistake. */
  #path(name: string): string {
    if (!/^[\w.-]+(?:\/[\w.-]+)*$/.test(name) || name.split('/').some((part) => /^\.+$/.test(part))) {
      throw new RangeError(`not a name in a file store: ${name}`);
    }
    return join(this.#folder, name);
  }
}

async function ifThere<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
