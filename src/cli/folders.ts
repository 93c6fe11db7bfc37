import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { xdgFolder } from '../adapters/cacheFolder';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where node, index, wallet and rules are: what `--data` says, what the editor says to its terminals, or the user's own. */
export function dataFolder(option: string | undefined, env: Environment, platform = process.platform): string {
  const named = option ?? env['DAOCHAIN_DATA'] ?? '';
  if (named !== '') return resolve(named);
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'daochain');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'daochain');
  return join(xdgFolder(env['XDG_DATA_HOME']) ?? join(homedir(), '.local', 'share'), 'daochain');
}
