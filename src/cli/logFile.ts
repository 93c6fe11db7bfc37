import { copyFile, stat, truncate } from 'node:fs/promises';
import type { Disposable } from '../core/emitter';
import type { Log } from '../core/ports/log';

/** Bytes of a log and of the part before it, at most; a node that mines fills that in days. */
export const largestLog = 4 * 2 ** 20;

/**
 * Keeps the log small that this process writes by appending: what is too much is moved to a file beside it, over the one
 * from before. A process cannot be given another file to write to, so the text is copied, and the file emptied.
 */
export function keepSmall(file: string, log: Log, { everyMs = 10_000, largest = largestLog } = {}): Disposable {
  let turning = false;
  const turn = async (): Promise<void> => {
    if (turning) return;
    turning = true;
    try {
      if ((await stat(file)).size <= largest) return;
      await copyFile(file, `${file}.1`);
      await truncate(file);
    } catch (error) {
      log.debug(`The log cannot be kept small: ${String(error)}`);
    } finally {
      turning = false;
    }
  };
  const timer = setInterval(() => void turn(), everyMs).unref();
  return {
    dispose: () => {
      clearInterval(timer);
    },
  };
}
