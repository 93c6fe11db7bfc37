import { readdirSync } from 'node:fs';
import { searchProgram } from '../../../src/adapters/geth/runProgram';
import { componentFolder, InstallError, installOnce } from './cache';
import { runCommand } from './command';

const MOBY = '2.0.0-beta.24';
const RUNC = '1.5.2';
const NAME = `engine-${MOBY}-runc-${RUNC}`;

/** Folder with `dockerd`, `docker-proxy` and `runc` of the newest engine, whether or not it is built. */
export function newestEngineFolder(): string {
  return componentFolder(NAME);
}

/** Builds the newest engine (13 minutes on two cores, once). It uses the distribution's containerd. */
export async function installNewestEngine(say: (line: string) => void): Promise<string> {
  return installOnce(NAME, say, async (folder) => {
    const go = searchProgram('go', ['/usr/local/go/bin', '/usr/lib/go/bin']);
    if (go === undefined)
      throw new InstallError('The newest engine is built with Go, and there is none: install Go 1.26.');
    const env = { ...process.env, GOBIN: folder, GOFLAGS: '', CGO_ENABLED: '1' };
    const moby = 'github.com/moby/moby/v2';
    // The distribution's runc is too old for this engine's containers, hence a runc of its own.
    const builds = [
      ['-tags', 'seccomp', `github.com/opencontainers/runc@v${RUNC}`],
      // prettier-ignore
      ['-ldflags', `-X ${moby}/dockerversion.Version=${MOBY}`, `${moby}/cmd/dockerd@v${MOBY}`, `${moby}/cmd/docker-proxy@v${MOBY}`],
    ];
    say(`building Docker Engine ${MOBY} and runc ${RUNC} with Go (13 minutes, once)`);
    for (const build of builds) {
      const { code, output } = await runCommand(go, ['install', '-trimpath', ...build], { env });
      if (code !== 0) {
        throw new InstallError(`The newest engine could not be built:\n${output.split('\n').slice(-20).join('\n')}`);
      }
    }
    if (readdirSync(folder).length !== 3) throw new InstallError('Go built something else than the newest engine');
  });
}
