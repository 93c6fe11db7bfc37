import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Log } from '../../core/ports';
import type { Owner } from './ownerLock';
import { isRuntimePath } from './runtimeFolder';

/**
 * Ends the node of an owner that is gone. A node ends by itself when its owner does; one that hangs is asked after five
 * seconds and killed after ten. On Windows there is no cheap way to tell whose a process is, and geth itself keeps a
 * second one out of the folder.
 */
export async function endLeftNode({ nodePid, ipcPath }: Owner, log: Log): Promise<void> {
  // What is ended comes from a file, which names whatever somebody has written there.
  if (nodePid === undefined || !isRuntimePath(ipcPath)) return;
  const start = Date.now();
  const signals = [
    { signal: 'SIGTERM', after: 5_000 },
    { signal: 'SIGKILL', after: 10_000 },
  ] as const;
  const sent = new Set<string>();
  // The path is new for each launch, so it tells a node of ours from whoever got its process id later.
  while ((await commandLine(nodePid)).includes(` --ipcpath ${ipcPath} `)) {
    for (const { signal, after } of signals) {
      if (Date.now() - start < after || sent.has(signal)) continue;
      sent.add(signal);
      log.warn(`Ending node ${nodePid}, whose window is gone (${signal})`);
      try {
        process.kill(nodePid, signal);
      } catch {
        // It has just ended.
      }
    }
    await delay(50);
  }
}

/** Empty for a process that is not there or has ended. */
async function commandLine(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
    if (process.platform === 'win32') return '';
    return (await promisify(execFile)('ps', ['-p', pid.toString(), '-o', 'command='])).stdout;
  } catch {
    return '';
  }
}
