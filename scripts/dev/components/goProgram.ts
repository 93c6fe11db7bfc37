import { join } from 'node:path';
import { searchProgram } from '../../../src/adapters/geth/runProgram';
import { componentFolder, InstallError, installOnce } from './cache';
import { runCommand } from './command';

/** A program that is built with Go alone, from the module proxy. */
export interface GoProgram {
  /** For people and for the cache. */
  readonly name: string;
  readonly version: string;
  /** Path of its package, without a version. */
  readonly module: string;
  /** How long it takes, for people. */
  readonly minutes: number;
}

const folderName = ({ name, version }: GoProgram): string => `${name}-${version}`;

/** Where it is, whether or not it is built. */
export function goProgramPath(program: GoProgram): string {
  return join(componentFolder(folderName(program)), program.module.split('/').at(-1) ?? '');
}

/** Builds it once into the cache. */
export async function installGoProgram(program: GoProgram, say: (line: string) => void): Promise<string> {
  const { name, version, module, minutes } = program;
  await installOnce(folderName(program), say, async (folder) => {
    const go = searchProgram('go', ['/usr/local/go/bin', '/usr/lib/go/bin']);
    if (go === undefined) throw new InstallError(`${name} is built with Go, and there is none: install Go 1.26.`);
    say(`building ${name} ${version} with Go (${minutes} minutes, once)`);
    const env = { ...process.env, GOBIN: folder, GOFLAGS: '', CGO_ENABLED: '0' };
    const { code, output } = await runCommand(go, ['install', '-trimpath', `${module}@v${version}`], { env });
    if (code !== 0) {
      throw new InstallError(`${name} could not be built:\n${output.split('\n').slice(-20).join('\n')}`);
    }
  });
  return goProgramPath(program);
}
