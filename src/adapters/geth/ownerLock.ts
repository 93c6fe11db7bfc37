import { randomBytes } from 'node:crypto';
import { link, lstat, readFile, rm } from 'node:fs/promises';
import * as v from 'valibot';
import { hasCode } from '../systemError';
import { renameFile } from '../renameFile';
import { createFile, replaceFile } from './createFile';

/** Its name in the data folder. */
export const ownerFile = 'owner.json';

const ownerSchema = v.object({
  /** Process ID of the owner, to show to a person; another process may have that number by now. */
  pid: v.number(),
  ownerPath: v.string(),
  ipcPath: v.string(),
  /** Process id of its node, once there is one; to look at, never to end a process by. */
  nodePid: v.optional(v.number()),
});

/** Who has a data folder. `ownerPath` is new for each launch, so that it also tells one launch from another. */
export type Owner = v.InferOutput<typeof ownerSchema>;

/** An entry has a few hundred bytes. */
const largestEntry = 65_536;

/**
 * The file that names the one owner of a data folder. An owner lives as long as its socket answers, so neither a process
 * id that was given out again nor a crash misleads. What two processes could still do at the same instant is decided by
 * geth, which never lets two of its kind into one data folder.
 */
export class OwnerLock {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** `damaged` where something else than an entry is in its place. */
  async read(): Promise<Owner | 'damaged' | undefined> {
    return readOwner(this.#file);
  }

  /** True if the folder is `owner`'s now, false if somebody has it. */
  async acquire(owner: Owner): Promise<boolean> {
    return createFile(this.#file, JSON.stringify(owner));
  }

  /** Overwrites whatever entry there is; for the owner whose node has the folder. */
  async write(owner: Owner): Promise<void> {
    try {
      await replaceFile(this.#file, JSON.stringify(owner));
    } catch (error) {
      if (!hasCode(error, 'EISDIR', 'ENOTEMPTY', 'EPERM')) throw error;
      await renameFile(this.#file, this.#beside());
      await replaceFile(this.#file, JSON.stringify(owner));
    }
  }

  /** Removes the entry of `owner`, which is gone, unless the file names another by now. */
  async remove(owner: Owner): Promise<void> {
    const isIts = (found: Owner): boolean => found.ownerPath === owner.ownerPath;
    const found = await this.read();
    if (found !== undefined && found !== 'damaged' && isIts(found)) await this.#clear(isIts);
  }

  /** Moves what is no entry aside. Gives where it is now; undefined when there is an entry, or nothing, by now. */
  async setAside(): Promise<string | undefined> {
    return (await this.read()) === 'damaged' ? this.#clear(() => false) : undefined;
  }

  /** Removes an entry that `isOld`, puts another one back, and leaves what is none beside the file: gives where. */
  async #clear(isOld: (found: Owner) => boolean): Promise<string | undefined> {
    const taken = this.#beside();
    try {
      await renameFile(this.#file, taken);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
    // Somebody else can have written since it was read.
    const moved = await readOwner(taken);
    if (moved === 'damaged') return taken;
    if (moved !== undefined && !isOld(moved)) {
      try {
        await link(taken, this.#file);
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error;
      }
    }
    await rm(taken, { force: true });
    return undefined;
  }

  #beside(): string {
    return `${this.#file}.${randomBytes(8).toString('hex')}`;
  }
}

async function readOwner(file: string): Promise<Owner | 'damaged' | undefined> {
  try {
    const found = await lstat(file);
    if (!found.isFile() || found.size > largestEntry) return 'damaged';
    return v.parse(ownerSchema, JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    return hasCode(error, 'ENOENT') ? undefined : 'damaged';
  }
}
