import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A component is missing and cannot be installed here; the message is for people and holds the command to run. */
export class InstallError extends Error {
  override readonly name = 'InstallError';
}

/** Where heavy components are kept, outside every checkout and keyed by version. */
export function cacheFolder(): string {
  return process.env['DAOCHAIN_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'daochain');
}

/** Process that holds the lock file, or undefined when it is gone. */
function holder(file: string): number | undefined {
  let pid: number;
  try {
    pid = Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
  // A file that is still empty has just been created by somebody who is about to write the number.
  if (pid === 0) return 0;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? pid : undefined;
  }
}

/**
 * Takes the lock file unless a living process has it: the returned function releases it, the number is its holder.
 * Two processes that find the same dead holder can, rarely, both get it: use it only where that costs time, not truth.
 */
export function tryLock(file: string): (() => void) | number {
  for (;;) {
    try {
      const descriptor = openSync(file, 'wx');
      writeSync(descriptor, String(process.pid));
      closeSync(descriptor);
      const release = (): void => {
        rmSync(file, { force: true });
      };
      process.once('exit', release);
      return () => {
        process.removeListener('exit', release);
        release();
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = holder(file);
    if (pid !== undefined) return pid;
    rmSync(file, { force: true });
  }
}

/** Runs `action` while holding the lock, after whoever holds it now. `onWait` is told the holder once. */
export async function withLock<T>(file: string, onWait: (pid: number) => void, action: () => Promise<T>): Promise<T> {
  let told = false;
  for (;;) {
    const lock = tryLock(file);
    if (typeof lock === 'function') {
      try {
        return await action();
      } finally {
        lock();
      }
    }
    if (!told) onWait(lock);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
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
  mkdirSync(cacheFolder(), { recursive: true });
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
