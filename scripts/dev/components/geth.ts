import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { componentFolder, InstallError, installOnce } from './cache';
import { findProgram, runCommand } from './command';

/** The last go-ethereum that mines ethash. */
const VERSION = '1.11.6';
const NAME = `geth-${VERSION}`;

/** True for the answer of `geth version` of a program that still mines: go-ethereum up to 1.11, or core-geth. */
function canMine(versionText: string): boolean {
  if (/^CoreGeth/im.test(versionText)) return true;
  const version = /^Version: (\d+)\.(\d+)\./m.exec(versionText);
  return version !== null && Number(version[1]) === 1 && Number(version[2]) <= 11;
}

/** A geth that can mine: from PATH, else from the cache. Undefined when there is none. */
export async function findGeth(): Promise<string | undefined> {
  const onPath = findProgram('geth');
  if (onPath !== undefined && canMine((await runCommand(onPath, ['version'])).output)) return onPath;
  const cached = join(componentFolder(NAME), 'geth');
  return existsSync(cached) ? cached : undefined;
}

/** Finds geth, or builds it with Go into the cache. */
export async function installGeth(say: (line: string) => void): Promise<string> {
  const found = await findGeth();
  if (found !== undefined) return found;
  const go = findProgram('go', ['/usr/local/go/bin', '/usr/lib/go/bin']);
  if (go === undefined) {
    throw new InstallError(
      `geth ${VERSION} is not installed, and there is no Go to build it with. Install Go (Debian, Ubuntu: ` +
        `apt-get install golang-go) and run this again, or put a geth 1.11 on PATH.`,
    );
  }
  const folder = await installOnce(NAME, say, async (temporary) => {
    say(`building geth ${VERSION} with Go (a few minutes, once)`);
    const version = /^go1\.(\d+)/.exec((await runCommand(go, ['env', 'GOVERSION'])).output);
    // Since Go 1.23 the linker refuses a reference that this geth's memsize page makes.
    const flags = version !== null && Number(version[1]) < 23 ? [] : ['-ldflags=-checklinkname=0'];
    const source = `github.com/ethereum/go-ethereum/cmd/geth@v${VERSION}`;
    const { code, output } = await runCommand(go, ['install', '-trimpath', ...flags, source], {
      env: { ...process.env, GOBIN: temporary, GOFLAGS: '', CGO_ENABLED: '0' },
    });
    if (code !== 0) {
      throw new InstallError(
        `geth could not be built. Try it yourself: CGO_ENABLED=0 ${['go install -trimpath', ...flags, source].join(' ')}\n` +
          output.split('\n').slice(-20).join('\n'),
      );
    }
  });
  return join(folder, 'geth');
}
