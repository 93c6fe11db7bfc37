import * as v from 'valibot';
import type { Address } from '../../core/hex';
import { parseStrictJson, type JsonLimits } from '../../core/json/strictJson';
import type { Log } from '../../core/ports/log';
import type { FileStore } from '../../core/ports/files';

const file = 'wallet.address.json';
const schema = v.strictObject({
  address: v.custom<Address>((value) => typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value)),
});
const limits: JsonLimits = { bytes: 1024, depth: 2 };

/**
 * Which wallet was used with a data folder. Secrets are kept by the editor or by a browser, and another one, or one
 * whose keyring was lost, does not have them: this file then tells a wallet that is elsewhere from one that never
 * existed. It holds no secret, nothing is trusted because of it, and a wallet is never refused because it cannot be
 * written.
 */
export class WalletMemory {
  readonly #files: FileStore;
  readonly #log: Log;

  constructor(files: FileStore, log: Log) {
    this.#files = files;
    this.#log = log;
  }

  async read(): Promise<Address | undefined> {
    try {
      const bytes = await this.#files.read(file);
      return bytes === undefined ? undefined : v.parse(schema, parseStrictJson(bytes, limits)).address;
    } catch (error) {
      this.#log.warn(`The address of the wallet is not remembered: ${String(error)}`);
      return undefined;
    }
  }

  /** Undefined forgets it. */
  async write(address: Address | undefined): Promise<void> {
    try {
      if (address === undefined) await this.#files.remove(file);
      else if ((await this.read()) !== address)
        await this.#files.write(file, new TextEncoder().encode(JSON.stringify({ address })));
    } catch (error) {
      this.#log.warn(`The address of the wallet is not remembered: ${String(error)}`);
    }
  }
}
