import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder as folderOf } from '../../../src/adapters/cacheFolder';
import { withLock } from '../lock.mjs';

/** A component is missing and cannot be installed here; the message is for people and holds the command to run. */
export class InstallError extends Error {
  override readonly name = 'InstallError';
}

/** Where heavy components are kept, outside every checkout and keyed by version. */
export function cacheFolder(): string {
  return folderOf(process.env);
}

/** Folder of component `name` (which holds its version), whether or not it is installed. */
export function componentFolder(name: string): string {
  return join(cacheFolder(), name);
}

/**
 * Installs a component once: `build` fills a temporary folder, which gets its final name only when it is complete, so
 * that an interrupted install never looks like a good one. Returns the folder, at once when it is there.
 */
export async function installOnce(
  name: string,
  say: (line: string) => void,
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = componentFolder(name);
  if (existsSync(folder)) return folder;
  return withLock(
    join(cacheFolder(), `${name}.lock`),
    (pid) => {
      say(`another install of ${name} is running (process ${pid}), waiting for it`);
    },
    async () => {
      if (existsSync(folder)) return folder;
      const temporary = join(cacheFolder(), `.new-${name}`);
      rmSync(temporary, { recursive: true, force: true });
      mkdirSync(temporary);
      try {
        await build(temporary);
        if (!existsSync(folder)) renameSync(temporary, folder);
      } finally {
        rmSync(temporary, { recursive: true, force: true });
      }
      return folder;
    },
  );
}
