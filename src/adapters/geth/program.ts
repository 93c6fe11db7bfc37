import { join } from 'node:path';
import { DaoChainError } from '../../core/errors';
import { parseGethVersion, type GethVersion } from './gethVersion';
import { isProgram, runProgram, searchProgram } from './runProgram';
import type { NodeProgram } from '../../core/ports/node';

/** The version that is built when there is none: the last one that mines. */
export const builtVersion = '1.11.6';

/** Where a node that was built here is kept. */
export function cachedProgram(cacheFolder: string): string {
  return join(cacheFolder, `geth-${builtVersion}`, process.platform === 'win32' ? 'geth.exe' : 'geth');
}

/**
 * The node's program: the one that the setting names and no other, else the one on PATH, else the one built here. A
 * program on PATH that cannot mine is passed over if there is another.
 */
export async function findProgram(
  { setting, cacheFolder }: { readonly setting: string | undefined; readonly cacheFolder: string },
  signal: AbortSignal,
): Promise<NodeProgram> {
  if (setting !== undefined) {
    const found = await readVersion(setting, signal);
    if (found === undefined) throw notInstalled('The setting names no geth', { path: setting });
    if (!found.canMine) throw cannotMine(setting, found, 'setting');
    return { path: setting, version: found.version, origin: 'setting' };
  }
  const onPath = searchProgram('geth');
  const found = onPath === undefined ? undefined : await readVersion(onPath, signal);
  if (onPath !== undefined && found?.canMine === true) return { path: onPath, version: found.version, origin: 'path' };
  const cached = cachedProgram(cacheFolder);
  const built = await readVersion(cached, signal);
  if (built?.canMine === true) return { path: cached, version: built.version, origin: 'cache' };
  if (onPath !== undefined && found !== undefined) throw cannotMine(onPath, found, 'path');
  throw notInstalled('There is no geth on PATH, and none was built here');
}

async function readVersion(path: string, signal: AbortSignal): Promise<GethVersion | undefined> {
  if (!isProgram(path)) return undefined;
  const timeout = AbortSignal.timeout(10_000);
  try {
    const { code, lines } = await runProgram(path, ['version'], AbortSignal.any([signal, timeout]));
    return code === 0 ? parseGethVersion(lines.join('\n')) : undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}

function notInstalled(message: string, details: Readonly<Record<string, string>> = {}): DaoChainError {
  return new DaoChainError('nodeNotInstalled', message, { details });
}

function cannotMine(path: string, { version }: GethVersion, origin: NodeProgram['origin']): DaoChainError {
  return new DaoChainError('nodeCannotMine', `geth ${version} cannot mine`, { details: { path, version, origin } });
}
