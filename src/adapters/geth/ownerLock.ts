import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { link, readFile, rename, rm } from 'node:fs/promises';
import * as v from 'valibot';
import { createFile, isFileError } from './createFile';

const ownerSchema = v.object({
  /** Process id of the owner, to name it to a person; a number can be another process's by now. */
  pid: v.number(),
  ownerPath: v.string(),
  ipcPath: v.string(),
  /** Process id of its node, once there is one. */
  nodePid: v.optional(v.number()),
});

/** Who has a data folder. `ownerPath` is new for each launch, so that it also tells one launch from another. */
export type Owner = v.InferOutput<typeof ownerSchema>;

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

  async read(): Promise<Owner | undefined> {
    return readOwner(this.#file);
  }

  /** True if the folder is `owner`'s now, false if somebody has it. */
  async acquire(owner: Owner): Promise<boolean> {
    return createFile(this.#file, JSON.stringify(owner));
  }

  /** Overwrites the owner's own entry, if it is there. Synchronous: nothing comes between what it says and the file. */
  update(owner: Owner): void {
    let text: string;
    try {
      text = readFileSync(this.#file, 'utf8');
    } catch (error) {
      if (isFileError(error, 'ENOENT')) return;
      throw error;
    }
    if (parseOwner(text).ownerPath === owner.ownerPath) this.write(owner);
  }

  /** Overwrites whatever entry there is; for the owner whose node has the folder. */
  write(owner: Owner): void {
    const draft = this.#beside();
    writeFileSync(draft, JSON.stringify(owner), { mode: 0o600 });
    renameSync(draft, this.#file);
  }

  /** Removes the entry of `owner`, which is gone, unless the file names another by now. */
  async remove(owner: Owner): Promise<void> {
    const taken = this.#beside();
    try {
      await rename(this.#file, taken);
      const found = await readOwner(taken);
      if (found !== undefined && found.ownerPath !== owner.ownerPath) await link(taken, this.#file);
    } catch (error) {
      if (!isFileError(error, 'ENOENT', 'EEXIST')) throw error;
    } finally {
      await rm(taken, { force: true });
    }
  }

  #beside(): string {
    return `${this.#file}.${randomBytes(8).toString('hex')}`;
  }
}

/** Undefined when there is none. */
async function readOwner(file: string): Promise<Owner | undefined> {
  try {
    return parseOwner(await readFile(file, 'utf8'));
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** A file that is damaged names an owner whom nobody can reach. */
function parseOwner(text: string): Owner {
  try {
    return v.parse(ownerSchema, JSON.parse(text));
  } catch {
    return { pid: 0, ownerPath: '/damaged', ipcPath: '' };
  }
}
