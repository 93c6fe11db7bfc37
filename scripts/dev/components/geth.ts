import { join } from 'node:path';
import { installProgram } from '../../../src/adapters/geth/install';
import { builtVersion, findProgram } from '../../../src/adapters/geth/program';
import { isDaoChainError } from '../../../src/core/errors';
import { withLock } from '../lock.mjs';
import { cacheFolder, InstallError } from './cache';

/** A geth that can mine, as the extension finds it: on PATH, else in the cache. Undefined when there is none. */
export async function findGeth(): Promise<string | undefined> {
  try {
    const program = await findProgram({ setting: undefined, cacheFolder: cacheFolder() }, new AbortController().signal);
    return program.path;
  } catch (error) {
    if (isDaoChainError(error, 'nodeNotInstalled', 'nodeCannotMine')) return undefined;
    throw error;
  }
}

/** Finds geth, or builds it into the cache as the extension does. */
export async function installGeth(say: (line: string) => void): Promise<string> {
  const waiting = (pid: number): void => {
    say(`another process (${pid}) is building it, waiting for that`);
  };
  return (
    (await findGeth()) ??
    withLock(join(cacheFolder(), 'geth.lock'), waiting, async () => (await findGeth()) ?? build(say))
  );
}

async function build(say: (line: string) => void): Promise<string> {
  say(`building geth ${builtVersion} with Go (a few minutes, once)`);
  const abandoned = new AbortController();
  const abandon = (): void => {
    abandoned.abort();
  };
  process.once('exit', abandon);
  try {
    return (await installProgram(cacheFolder(), abandoned.signal, () => undefined)).path;
  } catch (error) {
    if (!isDaoChainError(error, 'nodeInstallFailed')) throw error;
    const { reason, command, lastLine } = error.details;
    throw new InstallError(
      reason === 'goMissing'
        ? `geth ${builtVersion} is not installed, and there is no Go to build it with. Install Go (Debian, Ubuntu: ` +
            `apt-get install golang-go) and run this again, or put a geth 1.11 on PATH.`
        : `geth could not be built (${lastLine ?? ''}). Try it yourself: ${command ?? ''}`,
    );
  } finally {
    process.removeListener('exit', abandon);
  }
}
