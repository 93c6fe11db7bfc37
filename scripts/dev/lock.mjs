// Locks between processes. Plain JavaScript with its types beside it, because it is needed before anything is installed.
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** The living process that holds the lock, 0 when it has not yet written its number, or undefined. */
function holder(file) {
  let pid;
  try {
    pid = Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
  if (pid === 0) return 0;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return error.code === 'EPERM' ? pid : undefined;
  }
}

export function tryLock(file) {
  mkdirSync(dirname(file), { recursive: true });
  for (;;) {
    try {
      const descriptor = openSync(file, 'wx');
      writeSync(descriptor, String(process.pid));
      closeSync(descriptor);
      const release = () => rmSync(file, { force: true });
      process.once('exit', release);
      return () => {
        process.removeListener('exit', release);
        release();
      };
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const pid = holder(file);
    if (pid !== undefined) return pid;
    rmSync(file, { force: true });
  }
}

export async function withLock(file, onWait, action) {
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
