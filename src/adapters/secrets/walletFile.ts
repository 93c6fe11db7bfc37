import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { DaoChainError } from '../../core/errors';
import type { SecretStore } from '../../core/ports';
import { syncFolder } from '../syncFolder';

const secretsSchema = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.string()));
type Secrets = Readonly<Record<string, string>>;

/**
 * Secrets that are encrypted already, in one file that only its owner can read. It is created where there is none, never
 * over one that came meanwhile, and replaced only by whoever has read what it holds.
 */
export class WalletFile implements SecretStore {
  /** As it was read last; undefined when there was none. */
  #known: string | undefined;

  constructor(private readonly file: string) {}

  async get(key: string): Promise<string | undefined> {
    return (await this.#read())[key];
  }

  async set(key: string, value: string): Promise<void> {
    const known = this.#known;
    const secrets = await this.#read();
    if (this.#known !== known) throw new DaoChainError('walletExists', 'Somebody else has written the wallet');
    await this.#write({ ...secrets, [key]: value });
    if ((await this.get(key)) !== value) throw this.#unavailable();
  }

  async delete(key: string): Promise<void> {
    const { [key]: removed, ...others } = await this.#read();
    if (removed === undefined) return;
    if (Object.keys(others).length > 0) await this.#write(others);
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
    this.#known = await this.#guarded(() => ifThere(readFile(this.file, 'utf8')));
    if (this.#known === undefined) return {};
    const secrets = v.safeParse(secretsSchema, this.#known);
    if (!secrets.success) throw new DaoChainError('walletInvalid', `${this.file} is no wallet file`);
    return secrets.output;
  }

  async #write(secrets: Secrets): Promise<void> {
    const draft = `${this.file}.${randomBytes(8).toString('hex')}.draft`;
    await this.#guarded(async () => {
      await mkdir(dirname(this.file), { recursive: true, mode: 0o700 });
      try {
        const handle = await open(draft, 'wx', 0o600);
        try {
          await handle.writeFile(JSON.stringify(secrets));
          await handle.sync();
        } finally {
          await handle.close();
        }
        // A link fails where there is a file by now; a rename would bury another process's new wallet.
        if (this.#known === undefined) await link(draft, this.file);
        else await rename(draft, this.file);
        await syncFolder(dirname(this.file));
      } finally {
        await rm(draft, { force: true });
      }
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

async function ifThere<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
