import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { keccak_256 } from '@noble/hashes/sha3';
import * as v from 'valibot';
import { hasCode } from '../systemError';
import { DaoChainError } from '../../core/errors';
import { fromHex, toHex, type Hex } from '../../core/hex';
import { genesisLedgerAddress } from '../../core/ledger/genesis';
import { createDevelopmentNetwork, parseNetworkProfile, type NetworkProfile } from '../../core/ledger/network';
import { renameFile } from '../renameFile';
import { syncFolder } from '../syncFolder';
import { chainFolders, chainName } from './chainFolder';
import { createFile } from './createFile';
import type { Log } from '../../core/ports/log';

/** A profile holds the code of one contract. */
const largestProfile = 2 ** 20;

const extraDataSchema = v.object({ extraData: v.pipe(v.string(), v.regex(/^0x[0-9a-f]{64}$/)) });
const codeSchema = v.object({
  genesis: v.object({
    alloc: v.object({
      [genesisLedgerAddress]: v.object({
        code: v.pipe(
          v.string(),
          v.regex(/^0x(?:[0-9a-f]{2})*$/),
          v.transform((code) => code as Hex),
        ),
      }),
    }),
  }),
});

/**
 * The development networks of one folder. A chain is worth everything that was signed and earned on it. So none is ever
 * deleted, and no new one is started beside a chain unless that is proved to be of an older ledger.
 */
export class NetworkFolder {
  readonly #folder: string;
  readonly #ledgerCode: Hex;
  readonly #log: Log;
  /** Named for the ledger's code: a newer ledger gets a network of its own, so that two windows never disagree. */
  readonly #file: string;
  #read: { readonly bytes: Buffer; readonly network: NetworkProfile } | undefined;

  constructor(folder: string, ledgerCode: Hex, log: Log) {
    this.#folder = folder;
    this.#ledgerCode = ledgerCode;
    this.#log = log;
    this.#file = join(folder, fileName(ledgerCode));
  }

  /** Undefined where there is none for this ledger. `networkInvalid` with its `file`. */
  async stored(): Promise<NetworkProfile | undefined> {
    let bytes: Buffer;
    try {
      if ((await stat(this.#file)).size > largestProfile) throw damaged(this.#file);
      bytes = await readFile(this.#file);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error instanceof DaoChainError ? error : damaged(this.#file, error);
    }
    // To read a profile is to hash a genesis, and the file hardly ever changes.
    if (this.#read === undefined || !bytes.equals(this.#read.bytes)) {
      try {
        this.#read = {
          bytes,
          network: parseNetworkProfile(bytes, { releasedCodes: [this.#ledgerCode], ledgers: [] }),
        };
      } catch (error) {
        throw damaged(this.#file, error);
      }
    }
    return this.#read.network;
  }

  /**
   * The network of this ledger. Where its file is gone, it is put back from the genesis of its chain, or made anew where
   * there is no chain. `networkInvalid` with the `folder` of a chain that would be lost from sight.
   */
  async open(): Promise<NetworkProfile> {
    const stored = await this.stored();
    if (stored !== undefined) {
      if (!hasData(this.#folder, stored.chainId)) await this.#refuseBesideAnother(stored.chainId);
      return stored;
    }
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const restored = await this.#restore();
    if (restored === undefined) await this.#refuseBesideAnother();
    const network = restored ?? createDevelopmentNetwork(randomBytes(32), this.#ledgerCode);
    const created = await createFile(this.#file, JSON.stringify(network, undefined, 2));
    if (created && restored !== undefined) this.#log.warn(`${this.#file} was gone; it was put back for its chain`);
    // Another window may have been faster.
    if (!created && (await this.stored()) === undefined) throw damaged(this.#file);
    return this.open();
  }

  /** Puts a network here that was saved elsewhere. `backupInvalid`, reason `otherNetwork`, where there is another one. */
  async put(network: NetworkProfile): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const isOther = async (): Promise<boolean> => {
      const stored = await this.stored();
      const ids = stored === undefined ? await this.#unproved() : [stored.chainId];
      return ids.some((chainId) => chainId !== network.chainId);
    };
    const isThere = !(await isOther()) && (await createFile(this.#file, JSON.stringify(network, undefined, 2)));
    if (isThere || !(await isOther())) return;
    throw new DaoChainError('backupInvalid', 'Another development network is here', {
      details: { reason: 'otherNetwork' },
    });
  }

  /**
   * Moves the chains of older ledgers aside, which the network files beside them name. Gives the folder where they are now;
   * undefined when there was none. Called by the owner.
   */
  async setOlderAside(): Promise<string | undefined> {
    const older = (await this.#others()).filter(({ chainId }) => existsSync(join(this.#folder, chainName(chainId))));
    if (older.length === 0) return undefined;
    const time = new Date().toISOString().replaceAll(':', '-').slice(0, 19);
    const aside = await mkdtemp(join(this.#folder, `older-${time}-`));
    for (const { chainId, file } of older) {
      // The file comes last: as long as it is there, it says what the chain is.
      for (const name of [chainName(chainId), file]) await renameFile(join(this.#folder, name), join(aside, name));
    }
    await syncFolder(aside);
    await syncFolder(this.#folder);
    return aside;
  }

  /** The network whose chain is here without its file, if the genesis says of exactly one that it is this ledger's. */
  async #restore(): Promise<NetworkProfile | undefined> {
    const found: NetworkProfile[] = [];
    for (const chainId of await this.#unproved()) {
      try {
        const genesis = await readFile(chainFolders(this.#folder, { chainId }).genesisFile, 'utf8');
        const { extraData } = v.parse(extraDataSchema, JSON.parse(genesis));
        const network = createDevelopmentNetwork(fromHex(extraData as Hex), this.#ledgerCode);
        // A chain id is a hash of its genesis.
        if (network.chainId === chainId) found.push(network);
      } catch {
        // It says nothing that could be used.
      }
    }
    return found.length === 1 ? found[0] : undefined;
  }

  async #refuseBesideAnother(own?: number): Promise<void> {
    const [other] = (await this.#unproved()).filter((chainId) => chainId !== own);
    if (other === undefined) return;
    throw new DaoChainError('networkInvalid', 'A chain is here whose network file is not', {
      details: { reason: 'chainWithoutFile', folder: join(this.#folder, chainName(other)), file: this.#file },
    });
  }

  /** Ids of chains that hold something and that no network file of another ledger names. */
  async #unproved(): Promise<readonly number[]> {
    const proved = new Set((await this.#others()).map(({ chainId }) => chainId));
    const ids = (await readdir(this.#folder)).flatMap((name) => /^chain-(\d{1,16})$/.exec(name)?.[1] ?? []).map(Number);
    return ids.filter((chainId) => !proved.has(chainId) && hasData(this.#folder, chainId));
  }

  /** The networks of other ledgers, by files that are what their names say. */
  async #others(): Promise<readonly { readonly file: string; readonly chainId: number }[]> {
    const others: { readonly file: string; readonly chainId: number }[] = [];
    for (const file of await readdir(this.#folder)) {
      if (!/^network-[0-9a-f]{8}\.json$/.test(file) || file === fileName(this.#ledgerCode)) continue;
      try {
        const path = join(this.#folder, file);
        if ((await stat(path)).size > largestProfile) continue;
        const bytes = await readFile(path);
        const { genesis } = v.parse(codeSchema, JSON.parse(bytes.toString()));
        const code = genesis.alloc[genesisLedgerAddress]?.code ?? '0x';
        const { chainId, kind } = parseNetworkProfile(bytes, { releasedCodes: [code], ledgers: [] });
        if (fileName(code) === file && kind === 'development') others.push({ file, chainId });
      } catch {
        // It proves nothing.
      }
    }
    return others;
  }
}

/** Whether the development network of this ledger was made in a folder. */
export function hasNetworkFile(folder: string, ledgerCode: Hex): boolean {
  return existsSync(join(folder, fileName(ledgerCode)));
}

function fileName(ledgerCode: Hex): string {
  return `network-${toHex(keccak_256(fromHex(ledgerCode))).slice(2, 10)}.json`;
}

/** geth's own folder is in it: somebody began this chain. */
function hasData(folder: string, chainId: number): boolean {
  return existsSync(join(chainFolders(folder, { chainId }).data, 'geth'));
}

function damaged(file: string, cause?: unknown): DaoChainError {
  const reason = (cause instanceof DaoChainError ? cause.details['reason'] : undefined) ?? 'shape';
  return new DaoChainError('networkInvalid', 'A network file that cannot be used', {
    details: { reason, file },
    cause,
  });
}
