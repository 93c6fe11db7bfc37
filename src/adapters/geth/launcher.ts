import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, watch } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keccak_256 } from '@noble/hashes/sha3';
import { DaoChainError, isDaoChainError, throwIfCancelled } from '../../core/errors';
import { fromHex, toHex, type Hex } from '../../core/hex';
import {
  createDevelopmentNetwork,
  networkLedger,
  parseNetworkProfile,
  type NetworkProfile,
} from '../../core/ledger/network';
import type { LedgerId } from '../../core/ledger/types';
import type { Event, Log, NodeHandle, NodeLauncher, NodeProgram } from '../../core/ports';
import { attachToOwner } from './attachedNode';
import { removeOlderChains } from './chainFolder';
import { createFile } from './createFile';
import { installProgram } from './install';
import { endLeftNode } from './leftNode';
import { startOwnedNode } from './ownedNode';
import { OwnerLock, type Owner } from './ownerLock';
import { findProgram } from './program';
import { removeRuntimePaths } from './runtimeFolder';

export interface GethLauncherOptions {
  /** Everything of the network is below this folder, and nothing else. */
  readonly folder: string;
  /** Where a node that is built here is kept, for all windows and checkouts of the user. */
  readonly cacheFolder: string;
  /** `development`: the network in `folder`, made anew where there is none for this ledger. */
  readonly network: 'development' | NetworkProfile;
  /** Runtime code of the ledger that development networks have, the newest release. */
  readonly ledgerCode: Hex;
  /** The path that the user set for the program. */
  readonly programSetting: () => string | undefined;
  /** Rejects unless the node at `ipcPath` has the ledger. */
  readonly verify: (ipcPath: string, ledger: LedgerId, signal: AbortSignal) => Promise<void>;
  /** Gets the node's own log lines as well. */
  readonly log: Log;
}

const ownerFile = 'owner.json';

/** Starts geth for one data folder, or joins the window that has started it. */
export class GethLauncher implements NodeLauncher {
  readonly #options: GethLauncherOptions;
  readonly #lock: OwnerLock;
  #read: { readonly bytes: Buffer; readonly network: NetworkProfile } | undefined;
  #fileName: string | undefined;
  #ipcPath: string | undefined;

  constructor(options: GethLauncherOptions) {
    this.#options = options;
    this.#lock = new OwnerLock(join(options.folder, ownerFile));
  }

  get ipcPath(): string | undefined {
    return this.#ipcPath;
  }

  async network(): Promise<NetworkProfile> {
    const existing = await this.storedNetwork();
    if (existing !== undefined) return existing;
    const { folder, ledgerCode } = this.#options;
    const network = createDevelopmentNetwork(randomBytes(32), ledgerCode);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await createFile(join(folder, this.#networkFile), JSON.stringify(network, undefined, 2));
    // Another window may have been faster.
    return this.network();
  }

  /** The same, but none is made where there is none. */
  async storedNetwork(): Promise<NetworkProfile | undefined> {
    const { folder, network, ledgerCode } = this.#options;
    if (network !== 'development') return network;
    const file = join(folder, this.#networkFile);
    if (!existsSync(file)) return undefined;
    const bytes = await readFile(file);
    // To read a profile is to hash a genesis, and the file hardly ever changes.
    if (this.#read === undefined || !bytes.equals(this.#read.bytes))
      this.#read = { bytes, network: parseNetworkProfile(bytes, { releasedCodes: [ledgerCode], ledgers: [] }) };
    return this.#read.network;
  }

  async find(signal: AbortSignal): Promise<NodeProgram> {
    const { programSetting, cacheFolder } = this.#options;
    return findProgram({ setting: programSetting(), cacheFolder }, signal);
  }

  async install(signal: AbortSignal, onOutput: (line: string) => void): Promise<NodeProgram> {
    return installProgram(this.#options.cacheFolder, signal, onOutput);
  }

  async launch({ threads }: { readonly threads: number }, signal: AbortSignal): Promise<NodeHandle> {
    const network = await this.network();
    for (;;) {
      throwIfCancelled(signal);
      const owner = await this.#lock.read();
      const node = await (owner === undefined
        ? this.#own(network, threads, signal)
        : this.#attach(owner, network, signal));
      if (node !== undefined) return this.#keep(node);
    }
  }

  async join(signal: AbortSignal): Promise<NodeHandle | undefined> {
    const owner = await this.#lock.read();
    const node = owner && (await this.#attach(owner, await this.network(), signal));
    return node && this.#keep(node);
  }

  /** One watch for each listener. Where the folder cannot be watched, `join` is still asked at other times. */
  readonly onDidChangeOwner: Event<void> = (listener) => {
    const { folder, log } = this.#options;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const watcher = watch(folder, { persistent: false }, (_, file) => {
        if (file === ownerFile) listener();
      });
      watcher.on('error', (error) => {
        log.warn(`${folder} is not watched any more: ${error.message}`);
      });
      return {
        dispose: () => {
          watcher.close();
        },
      };
    } catch (error) {
      log.warn(`${folder} cannot be watched: ${String(error)}`);
      return { dispose: () => undefined };
    }
  };

  #keep(node: NodeHandle): NodeHandle {
    this.#ipcPath = node.ipcPath;
    node.onExit(() => {
      if (this.#ipcPath === node.ipcPath) this.#ipcPath = undefined;
    });
    return node;
  }

  async #own(network: NetworkProfile, threads: number, signal: AbortSignal): Promise<NodeHandle | undefined> {
    const { folder, log, verify } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const node = await startOwnedNode(
      {
        ...{ folder, network, threads, lock: this.#lock, log },
        findProgram: async () => (await this.find(signal)).path,
        removeOlder: async () =>
          network.kind === 'development' && removeOlderChains(folder, network, this.#networkFile),
        verify: (ipcPath) => verify(ipcPath, networkLedger(network), signal),
      },
      signal,
    );
    if (node?.replaced === true) log.warn('The development chain of an older ledger was replaced by a new one');
    return node;
  }

  /** Undefined when the owner is gone; what it left is cleared away then. */
  async #attach(owner: Owner, network: NetworkProfile, signal: AbortSignal): Promise<NodeHandle | undefined> {
    const { log, verify } = this.#options;
    const node = await attachToOwner(owner, log, signal);
    if (node === undefined) {
      await endLeftNode(owner, log);
      await this.#lock.remove(owner);
      await removeRuntimePaths(owner);
      return undefined;
    }
    try {
      await verify(node.ipcPath, networkLedger(network), signal);
      return node;
    } catch (error) {
      await node.release();
      if (!isDaoChainError(error, 'ledgerUnknown')) throw error;
      // A window with an older version of ours: its chain must not be touched while it uses it.
      throw new DaoChainError('nodeOwnedElsewhere', 'Another window runs the node of another ledger', {
        details: { pid: owner.pid.toString() },
        cause: error,
      });
    }
  }

  /** Named for the ledger's code: with a newer ledger comes a network of its own, and two windows never disagree. */
  get #networkFile(): string {
    this.#fileName ??= `network-${toHex(keccak_256(fromHex(this.#options.ledgerCode))).slice(2, 10)}.json`;
    return this.#fileName;
  }
}
