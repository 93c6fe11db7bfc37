import type { FileStore } from '../../core/ports/files';

/** Files that are gone with the process. */
export class MemoryFileStore implements FileStore {
  readonly #files = new Map<string, Uint8Array>();

  read(name: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#files.get(name));
  }

  write(name: string, bytes: Uint8Array): Promise<void> {
    this.#files.set(name, bytes);
    return Promise.resolve();
  }

  remove(name: string): Promise<void> {
    this.#files.delete(name);
    return Promise.resolve();
  }

  /** All of them are of this process, which knows what it wants. */
  removeOld(): Promise<void> {
    return Promise.resolve();
  }

  list(folder: string): Promise<readonly string[]> {
    const names = [...this.#files.keys()].filter((name) => name.startsWith(`${folder}/`));
    return Promise.resolve(names.map((name) => name.slice(folder.length + 1)).filter((name) => !name.includes('/')));
  }
}
