import { execFile } from 'node:child_process';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { throwIfCancelled } from '../../core/errors';
import type { Log } from '../../core/ports/log';

/** A process of this user that was started by the very command line by which a node of ours is. */
export interface NodeProcess {
  readonly pid: number;
  readonly parent: number;
  /** When the process started: together with its ID, this tells it from a later process with the same ID. */
  readonly started: string;
  /** Where it listens; undefined of one that only writes the genesis. */
  readonly ipcPath: string | undefined;
}

interface Running extends Omit<NodeProcess, 'ipcPath'> {
  readonly words: readonly string[];
}

/**
 * The nodes whose data are below `folder`, as the system lists them: no file names a process that is to be ended. Empty on
 * Windows, which has no cheap list; there geth itself keeps a second one out of the folder.
 */
export async function findNodes(folder: string): Promise<readonly NodeProcess[]> {
  if (process.platform === 'win32') return [];
  const real = await realPath(folder);
  const nodes: NodeProcess[] = [];
  for (const { words, ...running } of process.platform === 'linux' ? await listProc() : await listPs()) {
    const [, flag, data = '', next, , third, ipcPath] = words;
    if (flag !== '--datadir' || !/\/chain-\d+\/node$/.test(data)) continue;
    const isNode = next === '--config' && third === '--ipcpath' && words.at(-1) === 'console';
    if (!isNode && next !== 'init') continue;
    if ((await realPath(dirname(dirname(data)))) === real)
      nodes.push({ ...running, ipcPath: isNode ? ipcPath : undefined });
  }
  return nodes;
}

/**
 * Ends a node that nobody owns any more. It ends by itself when its owner does; one that hangs is asked after two seconds
 * and killed after seven. `isUrgent`: it is known to hang, and is asked at once. `cancelled`.
 */
export async function endNode(
  folder: string,
  node: NodeProcess,
  log: Log,
  signal: AbortSignal,
  isUrgent = false,
): Promise<void> {
  const begin = performance.now();
  const steps = [
    { name: 'SIGTERM', after: isUrgent ? 0 : 2_000 },
    { name: 'SIGKILL', after: isUrgent ? 5_000 : 7_000 },
  ] as const;
  const sent = new Set<string>();
  // Looked at anew each time: a process id is not a process.
  while ((await findNodes(folder)).some(({ pid, started }) => pid === node.pid && started === node.started)) {
    for (const { name, after } of steps) {
      if (performance.now() - begin < after || sent.has(name)) continue;
      sent.add(name);
      log.warn(`Ending node ${node.pid}, whose owner is gone or does not answer (${name})`);
      try {
        process.kill(node.pid, name);
      } catch {
        // It has just ended.
      }
    }
    throwIfCancelled(signal);
    await delay(50);
  }
}

async function listProc(): Promise<readonly Running[]> {
  const running: Running[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const words = (await readFile(`/proc/${name}/cmdline`, 'utf8')).split('\0').slice(0, -1);
      if (words[1] !== '--datadir' || (await stat(`/proc/${name}`)).uid !== process.getuid?.()) continue;
      // The name of the program is in brackets and can hold anything; the numbers come after it.
      const numbers = (await readFile(`/proc/${name}/stat`, 'utf8')).replace(/^.*\)\s/s, '').split(' ');
      running.push({ pid: Number(name), parent: Number(numbers[1]), started: numbers[19] ?? '', words });
    } catch {
      // It has just ended.
    }
  }
  return running;
}

async function listPs(): Promise<readonly Running[]> {
  const options = ['-x', '-ww', '-o', 'pid=,ppid=,lstart=,command='];
  const { stdout } = await promisify(execFile)('ps', options, {
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 2 ** 26,
  });
  return stdout.split('\n').flatMap((line) => {
    const found =
      /^\s*(\d+)\s+(\d+)\s+(\S+ \S+ +\S+ \S+ \S+)\s+(.*?) (--datadir) (.*?) (?:(init) (.*)|(--config) (.*?) (--ipcpath) (.*?) --networkid .*(console))$/.exec(
        line,
      );
    if (found === null) return [];
    const [, pid, parent, started = '', program = '', ...words] = found;
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        started,
        words: [program, ...words.filter((word: string | undefined) => word !== undefined)],
      },
    ];
  });
}

/** A path that leads nowhere is its own. */
async function realPath(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
