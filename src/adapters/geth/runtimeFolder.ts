import { randomBytes } from 'node:crypto';
import { lstat, mkdtemp, rm, rmdir } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hasCode } from '../systemError';
import { DaoChainError } from '../../core/errors';

/** Two sockets of one launch. On Windows they are pipes, whose names nobody can guess. */
export interface RuntimePaths {
  /** Where the node listens. */
  readonly ipcPath: string;
  /** Where its owner listens. */
  readonly ownerPath: string;
}

/** Another machine's pipes have its name in the place of the dot. */
const pipeOfOurs = /^\\\\\.\\pipe\\daochain-[0-9a-f]{32}$/;

/** Bytes of the longest socket path that every Unix takes (macOS 103, Linux 107); geth dies above it. */
const longestPath = 103;

/**
 * Names for a new launch, on Unix in a new folder that only this user can enter: where the system wants such folders, or
 * else in the next place where one can be made. `nodeFailed` where there is none.
 */
export async function createRuntimePaths(dataFolder: string): Promise<RuntimePaths> {
  if (process.platform === 'win32') {
    const pipe = (): string => `\\\\.\\pipe\\daochain-${randomBytes(16).toString('hex')}`;
    return { ipcPath: pipe(), ownerPath: pipe() };
  }
  const bases = [process.env['XDG_RUNTIME_DIR'], tmpdir(), '/tmp', '/var/tmp', dataFolder];
  let cause: unknown;
  for (const base of new Set(bases)) {
    if (base === undefined || Buffer.byteLength(join(base, 'daochain-XXXXXX', 'owner')) > longestPath) continue;
    try {
      return pathsIn(await mkdtemp(join(base, 'daochain-')));
    } catch (error) {
      if (!hasCode(error)) throw error;
      cause = error;
    }
  }
  throw new DaoChainError('nodeFailed', 'There is no folder for the sockets of the node', {
    details: { file: tmpdir(), problem: hasCode(cause) ? (cause.code ?? '') : '' },
    cause,
  });
}

/** The sockets of a launch of which one is known. */
export function pathsBeside(path: string): RuntimePaths {
  return pathsIn(dirname(path));
}

/**
 * Whether both sockets that a file names are in one folder that this user alone can enter; what listens elsewhere can lie. On
 * Windows whether they are pipes of this machine with names such as we give.
 */
export async function isPrivate(
  { ipcPath, ownerPath }: RuntimePaths,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  if (platform === 'win32') return [ipcPath, ownerPath].every((path) => pipeOfOurs.test(path));
  const beside = pathsBeside(ownerPath);
  if (beside.ipcPath !== ipcPath || beside.ownerPath !== ownerPath) return false;
  try {
    const folder = await lstat(dirname(ownerPath));
    return folder.isDirectory() && folder.uid === process.getuid?.() && (folder.mode & 0o077) === 0;
  } catch {
    return false;
  }
}

/**
 * Removes what a launch left; its processes have ended. The paths can come from a file that names whatever somebody has
 * written there, so only sockets go at which nobody listens, and a folder that is empty then.
 */
export async function removeRuntimePaths({ ownerPath }: RuntimePaths): Promise<void> {
  const own = pathsBeside(ownerPath);
  const isOurs = /\/daochain-[^/]{6}$/.test(dirname(ownerPath)) && own.ownerPath === ownerPath;
  if (process.platform === 'win32' || !isOurs || !(await isPrivate(own))) return;
  for (const path of [own.ipcPath, own.ownerPath]) if (await isDeadSocket(path)) await rm(path, { force: true });
  await rmdir(dirname(ownerPath)).catch(() => undefined);
}

async function isDeadSocket(path: string): Promise<boolean> {
  const isSocket = await lstat(path).then(
    (found) => found.isSocket(),
    () => false,
  );
  if (!isSocket) return false;
  return new Promise((resolve) => {
    const socket = createConnection(path, () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error) => {
      resolve(hasCode(error, 'ECONNREFUSED'));
    });
  });
}

function pathsIn(folder: string): RuntimePaths {
  return { ipcPath: join(folder, 'ipc'), ownerPath: join(folder, 'owner') };
}
