import { join } from 'node:path';
import { searchProgram } from '../../../src/adapters/geth/runProgram';
import { componentFolder, InstallError, installOnce } from './cache';
import { runCommand } from './command';

const DISTRIBUTION = '3.1.2';
const NAME = `distribution-${DISTRIBUTION}`;

/** The newest registry's program, whether or not it is built. */
export function newestRegistryProgram(): string {
  return join(componentFolder(NAME), 'registry');
}

/** Builds the newest registry, beside Debian's of the line before (3 minutes on two cores, once). */
export async function installNewestRegistry(say: (line: string) => void): Promise<string> {
  await installOnce(NAME, say, async (folder) => {
    const go = searchProgram('go', ['/usr/local/go/bin', '/usr/lib/go/bin']);
    if (go === undefined)
      throw new InstallError('The newest registry is built with Go, and there is none: install Go 1.26.');
    say(`building distribution ${DISTRIBUTION} with Go (3 minutes, once)`);
    const { code, output } = await runCommand(
      go,
      ['install', '-trimpath', `github.com/distribution/distribution/v3/cmd/registry@v${DISTRIBUTION}`],
      { env: { ...process.env, GOBIN: folder, GOFLAGS: '', CGO_ENABLED: '0' } },
    );
    if (code !== 0) {
      throw new InstallError(`The newest registry could not be built:\n${output.split('\n').slice(-20).join('\n')}`);
    }
  });
  return newestRegistryProgram();
}
