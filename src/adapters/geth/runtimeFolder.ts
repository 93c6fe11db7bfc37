import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Two sockets of one launch. On Windows they are pipes, whose names nobody can guess. */
export interface RuntimePaths {
  /** Where the node listens. */
  readonly ipcPath: string;
  /** Where its owner listens. */
  readonly ownerPath: string;
}

/** Bytes of the longest socket path that every Unix takes (macOS 103, Linux 107); geth dies above it. */
const longestPath = 103;

/** Names for a new launch, on Unix in a new folder that only this user can enter. */
export async function createRuntimePaths(): Promise<RuntimePaths> {
  if (process.platform === 'win32') {
    const pipe = (): string => `\\\\.\\pipe\\daochain-${randomBytes(16).toString('hex')}`;
    return { ipcPath: pipe(), ownerPath: pipe() };
  }
  const bases = [process.env['XDG_RUNTIME_DIR'], tmpdir(), '/tmp'].filter((base) => base !== undefined);
  const prefixes = bases.filter((base) => existsSync(base)).map((base) => join(base, 'daochain-'));
  const prefix = prefixes.find((each) => Buffer.byteLength(`${each}XXXXXX/owner`) <= longestPath) ?? '/tmp/daochain-';
  const folder = await mkdtemp(prefix);
  return { ipcPath: join(folder, 'ipc'), ownerPath: join(folder, 'owner') };
}

/** Whether a path that comes from a file is below a folder of ours. */
export function isRuntimePath(path: string): boolean {
  return /\/daochain-[^/]{6}$/.test(dirname(path));
}

/** Removes what a launch left; its processes have ended. */
export async function removeRuntimePaths({ ownerPath }: RuntimePaths): Promise<void> {
  if (isRuntimePath(ownerPath)) await rm(dirname(ownerPath), { recursive: true, force: true });
}
