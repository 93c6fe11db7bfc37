import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DaoChainError } from '../../core/errors';
import { renameFile } from '../renameFile';
import { builtVersion, cachedProgram, findProgram } from './program';
import { runProgram, searchProgram } from './runProgram';
import type { NodeProgram } from '../../core/ports/node';

const source = `github.com/ethereum/go-ethereum/cmd/geth@v${builtVersion}`;

/** Where Go's own installer and the distributions put it, for an editor that was not started from a shell. */
const goFolders = [
  '/usr/local/go/bin',
  '/usr/lib/go/bin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  'C:\\Program Files\\Go\\bin',
];

/**
 * Builds the node with Go in a temporary folder and moves it into the cache when it is whole. `nodeInstallFailed` has
 * in its details a `reason` (`goMissing`, `buildFailed`), the `command` to run by hand and, of a build, its `lastLine`.
 */
export async function installProgram(
  cacheFolder: string,
  signal: AbortSignal,
  onOutput: (line: string) => void,
): Promise<NodeProgram> {
  const target = cachedProgram(cacheFolder);
  const go = searchProgram('go', goFolders);
  if (go === undefined) {
    throw new DaoChainError('nodeInstallFailed', 'There is no Go to build the node with', {
      details: { reason: 'goMissing', command: byHand(target, flagsFor('go1.23')) },
    });
  }
  await mkdir(cacheFolder, { recursive: true });
  const temporary = await mkdtemp(join(cacheFolder, '.new-geth-'));
  try {
    const { lines } = await runProgram(go, ['env', 'GOVERSION'], signal);
    const flags = flagsFor(lines.join(''));
    const env = { ...process.env, GOBIN: temporary, GOFLAGS: '', CGO_ENABLED: '0' };
    const build = await runProgram(go, ['install', '-v', ...flags, source], signal, { env, onLine: onOutput });
    if (build.code !== 0) {
      throw new DaoChainError('nodeInstallFailed', 'Go could not build the node', {
        details: { reason: 'buildFailed', command: byHand(target, flags), lastLine: build.lines.at(-1) ?? '' },
      });
    }
    // Another window may have been faster; a program that is in use there cannot be replaced everywhere.
    await renameFile(temporary, dirname(target)).catch(() => undefined);
    return await findProgram({ setting: target, cacheFolder }, signal).then((found) => ({ ...found, origin: 'cache' }));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Since Go 1.23 the linker refuses what this version's page of memory statistics does; that page is never served. */
function flagsFor(goVersion: string): readonly string[] {
  const minor = Number(/^go1\.(\d+)/.exec(goVersion)?.[1] ?? 23);
  return ['-trimpath', ...(minor < 23 ? [] : ['-ldflags=-checklinkname=0'])];
}

function byHand(target: string, flags: readonly string[]): string {
  const [folder, command] = [dirname(target), `go install ${[...flags, source].join(' ')}`];
  return process.platform === 'win32'
    ? `$env:CGO_ENABLED='0'; $env:GOBIN='${folder}'; ${command}`
    : `CGO_ENABLED=0 GOBIN='${folder}' ${command}`;
}
