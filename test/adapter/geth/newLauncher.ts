import { identifyLedger } from '../../../src/adapters/chain/identifyLedger';
import { IpcTransport } from '../../../src/adapters/chain/ipcTransport';
import { ledgerReleases } from '../../../src/adapters/chain/ledgerAbi';
import { miningAt } from '../../../src/adapters/chain/miningControl';
import { GethLauncher, type GethLauncherOptions } from '../../../src/adapters/geth/launcher';
import { findGeth } from '../../../scripts/dev/components/geth';
import type { Log } from '../../../src/core/ports/log';

/** A log that remembers. */
export class LogLines implements Log {
  readonly lines: string[] = [];
  readonly debug = (line: string): void => void this.lines.push(line);
  readonly info = this.debug;
  readonly warn = this.debug;
  readonly error = this.debug;
}

/** A launcher as a window has it, over the geth of the tests. */
export async function newLauncher(folder: string, overrides: Partial<GethLauncherOptions> = {}): Promise<GethLauncher> {
  const geth = await findGeth();
  if (geth === undefined) throw new Error('geth is not installed: npm run setup installs it');
  return new GethLauncher({
    folder,
    cacheFolder: folder,
    network: 'development',
    ledgerCode: ledgerReleases.at(-1)?.runtimeCode ?? '0x',
    programSetting: () => geth,
    verify: async (ipcPath, ledger, signal) => {
      const transport = new IpcTransport(() => ipcPath);
      try {
        await identifyLedger(transport, ledger, signal);
      } finally {
        transport.dispose();
      }
    },
    mining: miningAt,
    log: new LogLines(),
    ...overrides,
  });
}
