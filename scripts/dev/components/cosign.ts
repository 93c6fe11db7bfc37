import { join } from 'node:path';
import { searchProgram } from '../../../src/adapters/geth/runProgram';
import { InstallError, installOnce } from './cache';
import { runCommand } from './command';

const COSIGN = '3.1.2';

/** Builds cosign, beside which the bench measures (3 minutes on two cores, once). Returns the program. */
export async function installCosign(say: (line: string) => void): Promise<string> {
  const folder = await installOnce(`cosign-${COSIGN}`, say, async (target) => {
    const go = searchProgram('go', ['/usr/local/go/bin', '/usr/lib/go/bin']);
    if (go === undefined) throw new InstallError('cosign is built with Go, and there is none: install Go 1.26.');
    say(`building cosign ${COSIGN} with Go (3 minutes, once)`);
    const { code, output } = await runCommand(
      go,
      ['install', '-trimpath', `github.com/sigstore/cosign/v3/cmd/cosign@v${COSIGN}`],
      { env: { ...process.env, GOBIN: target, GOFLAGS: '', CGO_ENABLED: '0' } },
    );
    if (code !== 0) {
      throw new InstallError(`cosign could not be built:\n${output.split('\n').slice(-20).join('\n')}`);
    }
  });
  return join(folder, 'cosign');
}
