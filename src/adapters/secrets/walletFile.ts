import { link, mkdir, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { hasCode } from '../systemError';
import { DaoChainError } from '../../core/errors';
import { parseStrictJson } from '../../core/json/strictJson';
import { readIfThere } from '../boundedFile';
import { withDraft } from '../draft';
import { renameFile } from '../renameFile';
import type { SecretStore } from '../../core/ports/wallet';

const secretsSchema = v.pipe(
  v.custom<object>((value) => typeof value === 'object' && !Array.isArray(value)),
  v.record(v.string(), v.string()),
);
type Secrets = ReadonlyMap<string, string>;

/** Bytes; a keystore has less than a thousand. */
const largestFile = 1024 * 1024;

/**
 * Already encrypted secrets in one file that only its owner can read. The file is created where there is none, never
 * over one that appeared in the meantime, and replaced only by a process that has read what it holds.
 */
export class WalletFile implements SecretStore {
  /** As it was read last; undefined when there was none. */
  #known: string | undefined;

  constructor(private readonly file: string) {}

  async get(key: string): Promise<string | undefined> {
    return (await this.#read()).get(key);
  }

  async set(key: string, value: string): Promise<void> {
    const known = this.#known;
    const secrets = await this.#read();
    if (this.#known !== known) throw new DaoChainError('walletExists', 'Somebody else has written the wallet');
    await this.#write(new Map([...secrets, [key, value]]));
    if ((await this.get(key)) !== value) throw this.#unavailable();
  }

  async delete(key: string): Promise<void> {
    const others = new Map(await this.#read());
    if (!others.delete(key)) return;
    if (others.size > 0) await this.#write(others);
    else await this.#guarded(() => rm(this.file, { force: true }));
    this.#known = undefined;
  }

  /** Whether others than its owner can read the file. Windows keeps such folders private by itself. */
  async isExposed(): Promise<boolean> {
    if (process.platform === 'win32') return false;
    const { mode } = await stat(this.file);
    return (mode & 0o077) !== 0;
  }

  async #read(): Promise<Secrets> {
    const bytes = await this.#guarded(() => readIfThere(this.file, largestFile));
    this.#known = bytes && Buffer.from(bytes).toString('latin1');
    if (bytes === undefined) return new Map();
    try {
      return new Map(Object.entries(v.parse(secretsSchema, parseStrictJson(bytes, { bytes: largestFile, depth: 2 }))));
    } catch {
      // Without the cause: it cites the text.
      throw new DaoChainError('walletInvalid', `${this.file} is no wallet file`);
    }
  }

  async #write(secrets: Secrets): Promise<void> {
    const text = JSON.stringify(Object.fromEntries(secrets));
    // A link fails if the file exists by now; a rename would destroy another process's new wallet.
    const name = this.#known === undefined ? link : renameFile;
    await this.#guarded(async () => {
      await mkdir(dirname(this.file), { recursive: true, mode: 0o700 });
      await withDraft(this.file, text, (draft) => name(draft, this.file));
    });
  }

  async #guarded<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      if (hasCode(cause, 'EEXIST')) throw new DaoChainError('walletExists', 'There is a wallet already', { cause });
      throw this.#unavailable(cause);
    }
  }

  #unavailable(cause?: unknown): DaoChainError {
    return new DaoChainError('secretsUnavailable', `${this.file} cannot be read or written`, {
      details: { file: this.file },
      cause,
    });
  }
}
