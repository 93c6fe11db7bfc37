import type { FileStore } from '../../../src/core/ports/files';

/** Files in memory. */
export class MemoryStore implements FileStore {
  readonly files = new Map<string, Uint8Array>();
  /** Names of files that the system does not let us read. */
  readonly unreadable = new Set<string>();
  writes: string[] = [];

  read(name: string): Promise<Uint8Array | undefined> {
    return this.unreadable.has(name) ? Promise.reject(new Error('EACCES')) : Promise.resolve(this.files.get(name));
  }

  write(name: string, bytes: Uint8Array): Promise<void> {
    this.writes.push(name);
    this.files.set(name, bytes);
    return Promise.resolve();
  }

  remove(name: string): Promise<void> {
    this.files.delete(name);
    return Promise.resolve();
  }

  /** Nothing is old here. */
  removeOld(): Promise<void> {
    return Promise.resolve();
  }

  list(folder: string): Promise<readonly string[]> {
    const names = [...this.files.keys()].filter((name) => name.startsWith(`${folder}/`));
    return Promise.resolve(names.map((name) => name.slice(folder.length + 1)).filter((name) => !name.includes('/')));
  }
}
