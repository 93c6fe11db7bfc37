import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a node that was built here is kept, for the editor, the command and every checkout of the user. */
export function cacheFolder(env: Environment): string {
  return env['DAOCHAIN_CACHE'] ?? join(xdgFolder(env['XDG_CACHE_HOME']) ?? join(homedir(), '.cache'), 'daochain');
}

/** An empty or relative path counts as none (XDG Base Directory Specification, "Basics"). */
export function xdgFolder(folder: string | undefined): string | undefined {
  return folder !== undefined && isAbsolute(folder) ? folder : undefined;
}
