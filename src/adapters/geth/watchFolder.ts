import { watch } from 'node:fs';
import type { Disposable } from '../../core/emitter';
import type { Log } from '../../core/ports/log';

/** Tells what is made, changed or removed in `folder`, by its name. Nothing where the folder cannot be watched. */
export function watchFolder(folder: string, log: Log, listener: (name: string | null) => void): Disposable {
  try {
    const watcher = watch(folder, { persistent: false }, (_, name) => {
      listener(name);
    });
    watcher.on('error', (error) => {
      log.warn(`${folder} is not watched any more: ${error.message}`);
    });
    return {
      dispose: () => {
        watcher.close();
      },
    };
  } catch (error) {
    log.warn(`${folder} cannot be watched: ${String(error)}`);
    return { dispose: () => undefined };
  }
}
