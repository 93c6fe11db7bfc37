import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileStore } from '../../core/ports';
import { readIfThere } from '../boundedFile';

/** Digits of a draft's random number, and its ending. */
const draftPattern = /\.[0-9a-f]{16}\.draft$/;

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
    const draft = `${path}.${randomBytes(8).toString('hex')}.draft`;
    try {
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await rm(this.#path(name), { force: true });
  }

  async list(folder: string): Promise<readonly string[]> {
    const entries = await ifThere(readdir(this.#path(folder), { withFileTypes: true }));
    return (entries ?? []).filter((entry) => entry.isFile() && !draftPattern.test(entry.name)).map(({ name }) => name);
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
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
