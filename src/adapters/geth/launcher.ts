import { mkdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../systemError';
import { DaoChainError, isDaoChainError, throwIfCancelled } from '../../core/errors';
import type { Hex } from '../../core/hex';
import { networkLedger, type NetworkProfile } from '../../core/ledger/network';
import type { LedgerId } from '../../core/ledger/types';
import { askToStop, attachToOwner } from './attachedNode';
import { Datasets, removeDrafts, type DatasetOptions } from './datasets';
import { installProgram } from './install';
import { NetworkFolder } from './networkFolder';
import { endNode, findNodes, type NodeProcess } from './nodeProcesses';
import { startOwnedNode } from './ownedNode';
import { ownerFile, OwnerLock, type Owner } from './ownerLock';
import { findProgram } from './program';
import { isPrivate, pathsBeside, removeRuntimePaths } from './runtimeFolder';
import { markStopped } from './stopMark';
import { watchFolder } from './watchFolder';
import { within } from './within';
import { diskFault, diskFullError, isFullDiskError } from './diskSpace';
import type { Disposable, Event } from '../../core/emitter';
import type { Log } from '../../core/ports/log';
import type { MiningControl, NodeHandle, NodeLauncher, NodeProgram, PeerSettings } from '../../core/ports/node';

export interface GethLauncherOptions {
  /** Everything of the network is below this folder, and nothing else. */
  readonly folder: string;
  /** Where a node that is built here is kept, for all windows and checkouts of the user. */
  readonly cacheFolder: string;
  /** `development`: the network in `folder`, made anew where there is none for this ledger. */
  readonly network: 'development' | NetworkProfile;
  /** Of a team network, read at each start; a member of its hubs unless given. */
  readonly peers?: () => Promise<PeerSettings>;
  /** Of a team network, whose machines know each other by the keys of their nodes. */
  readonly nodeKeyFile?: string;
  /** Runtime code of the ledger that development networks have, the newest release. */
  readonly ledgerCode: Hex;
  /** The path that the user set for the program. */
  readonly programSetting: () => string | undefined;
  /** Where the user has datasets of ethash, which are used and never written; none unless given. */
  readonly userDatasets?: () => string | undefined;
  /** Bytes that are free, as this machine says unless given. */
  readonly space?: Pick<DatasetOptions, 'freeMemory' | 'freeDisk'>;
  /** Rejects unless the node at `ipcPath` has the ledger. */
  readonly verify: (ipcPath: string, ledger: LedgerId, signal: AbortSignal) => Promise<void>;
  /** Switches the mining of the node at `ipcPath`. */
  readonly mining: (ipcPath: string) => MiningControl & Disposable;
  /** Gets the node's own log lines as well. */
  readonly log: Log;
}

/** How long the news of a node's end may be on its way, in milliseconds. */
const patience = 5_000;

/** Starts geth for one data folder, or joins the window that has started it. */
export class GethLauncher implements NodeLauncher {
  readonly #options: GethLauncherOptions;
  readonly #lock: OwnerLock;
  readonly #networks: NetworkFolder;
  #ipcPath: string | undefined;

  constructor(options: GethLauncherOptions) {
    const { folder, ledgerCode, log } = options;
    this.#options = options;
    this.#lock = new OwnerLock(join(folder, ownerFile));
    this.#networks = new NetworkFolder(folder, ledgerCode, log);
  }

  /** Everything of the network is below it. */
  get folder(): string {
    return this.#options.folder;
  }

  get ipcPath(): string | undefined {
    return this.#ipcPath;
  }

  async network(): Promise<NetworkProfile> {
    const { network } = this.#options;
    return network === 'development' ? told(this.#options.folder, this.#networks.open()) : network;
  }

  /** The same, but none is made where there is none. */
  async storedNetwork(): Promise<NetworkProfile | undefined> {
    const { network } = this.#options;
    return network === 'development' ? this.#networks.stored() : network;
  }

  /** As `NetworkFolder.put`. */
  async putNetwork(network: NetworkProfile): Promise<void> {
    await told(this.#options.folder, this.#networks.put(network));
  }

  async find(signal: AbortSignal): Promise<NodeProgram> {
    const { programSetting, cacheFolder } = this.#options;
    return findProgram({ setting: programSetting(), cacheFolder }, signal);
  }

  async install(signal: AbortSignal, onOutput: (line: string) => void): Promise<NodeProgram> {
    return installProgram(this.#options.cacheFolder, signal, onOutput);
  }

  async launch({ threads }: { readonly threads: number }, signal: AbortSignal): Promise<NodeHandle> {
    return told(this.#options.folder, this.#launch(threads, signal));
  }

  async join(signal: AbortSignal): Promise<NodeHandle | undefined> {
    const entry = await this.#lock.read();
    // The owner puts its entry back, if there is one.
    if (entry === undefined || entry === 'damaged') return undefined;
    const node = await told(this.#options.folder, this.#attach(entry, await this.network(), signal));
    return node && this.#keep(node);
  }

  async end(signal: AbortSignal): Promise<boolean> {
    return told(this.#options.folder, this.#end(signal));
  }

  /** One watch for each listener. Where the folder cannot be watched, `join` is still asked at other times. */
  readonly onDidChangeOwner: Event<void> = (listener) => {
    const { folder, log } = this.#options;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch {
      // The watch says so.
    }
    return watchFolder(folder, log, (name) => {
      if (name === ownerFile) listener();
    });
  };

  #keep(node: NodeHandle): NodeHandle {
    this.#ipcPath = node.ipcPath;
    node.onExit(() => {
      if (this.#ipcPath === node.ipcPath) this.#ipcPath = undefined;
    });
    return node;
  }

  async #launch(threads: number, signal: AbortSignal): Promise<NodeHandle> {
    const network = await this.network();
    for (;;) {
      throwIfCancelled(signal);
      const entry = await this.#lock.read();
      const owner = entry === undefined || entry === 'damaged' ? await this.#ownerOfProcess() : entry;
      if (owner === undefined && entry === 'damaged') await this.#setEntryAside();
      const node = await (owner === undefined
        ? this.#own(network, threads, signal)
        : this.#attach(owner, network, signal));
      if (node !== undefined) return this.#keep(node);
    }
  }

  async #own(network: NetworkProfile, threads: number, signal: AbortSignal): Promise<NodeHandle | undefined> {
    const { folder, log, verify, mining, space, userDatasets = () => undefined } = this.#options;
    const fault = await diskFault(folder);
    if (fault !== undefined) throw fault;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const peers = (await this.#options.peers?.()) ?? memberOf(network);
    const node = await startOwnedNode(
      {
        folder,
        network,
        peers,
        nodeKeyFile: this.#options.nodeKeyFile,
        threads,
        lock: this.#lock,
        log,
        mining,
        datasets: new Datasets({ folder, network, log, userFolder: userDatasets(), ...space }),
        findProgram: async (cancel) => (await this.find(cancel)).path,
        setOlderAside: async () =>
          this.#options.network === 'development' ? this.#networks.setOlderAside() : undefined,
        verify: (ipcPath, cancel) => verify(ipcPath, networkLedger(network), cancel),
      },
      signal,
    );
    if (node?.replaced !== undefined)
      log.warn(`The development chain of an older ledger has made place for a new one; it is in ${node.replaced} now`);
    return node;
  }

  async #end(signal: AbortSignal): Promise<boolean> {
    const { folder, log } = this.#options;
    const entry = await this.#lock.read();
    const owner = entry === undefined || entry === 'damaged' || !(await isPrivate(entry)) ? undefined : entry;
    const answer = owner === undefined ? 'gone' : await askToStop(owner, signal);
    let found = answer === 'ended';
    for (const node of await findNodes(folder)) {
      found = true;
      const another = ownerOf(node);
      const isKnown = another === undefined || another.ownerPath === owner?.ownerPath;
      if (!isKnown && (await isPrivate(another)) && (await askToStop(another, signal)) === 'ended') continue;
      await markStopped(folder, node.ipcPath ?? '').catch((error: unknown) => {
        log.warn(`The owner of the node can take its end for a crash: ${String(error)}`);
      });
      await endNode(folder, node, log, signal, true);
      const network = await this.storedNetwork().catch(() => undefined);
      if (network !== undefined) await removeDrafts(folder, network).catch(() => undefined);
    }
    if (answer === 'silent' && process.platform === 'win32' && owner !== undefined) {
      throw new DaoChainError('nodeOwnedElsewhere', 'The owner of the node does not answer', {
        details: { pid: owner.pid.toString() },
      });
    }
    if (entry === 'damaged') await this.#setEntryAside();
    else if (entry !== undefined && answer !== 'ended') {
      await this.#lock.remove(entry);
      if (answer === 'gone') await removeRuntimePaths(entry);
    }
    return found;
  }

  /** Undefined when the owner is gone, whose leavings are cleared away then, or its node just ends. */
  async #attach(owner: Owner, network: NetworkProfile, signal: AbortSignal): Promise<NodeHandle | undefined> {
    const { folder, log, verify } = this.#options;
    const node = (await isPrivate(owner)) ? await attachToOwner(owner, folder, log, signal) : undefined;
    if (node === undefined) {
      for (const left of await findNodes(folder)) {
        if (left.ipcPath === owner.ipcPath) await endNode(folder, left, log, signal);
      }
      await this.#lock.remove(owner);
      await removeRuntimePaths(owner);
      return undefined;
    }
    const ended = new Promise<true>((resolve) => {
      node.onExit(() => {
        resolve(true);
      });
    });
    try {
      await verify(node.ipcPath, networkLedger(network), signal);
      return node;
    } catch (error) {
      // It was just ending, and its owner is about to say so.
      if (isDaoChainError(error, 'nodeUnavailable') && (await within(patience, ended)) === true) return undefined;
      await node.release();
      if (!isDaoChainError(error, 'ledgerUnknown')) throw error;
      // A window with an older version of ours: its chain must not be touched while it uses it.
      throw new DaoChainError('nodeOwnedElsewhere', 'Another window runs the node of another ledger', {
        details: { pid: owner.pid.toString(), reason: 'otherLedger' },
        cause: error,
      });
    }
  }

  /** Where no entry tells it: who runs a node of this folder, as the system lists it. */
  async #ownerOfProcess(): Promise<Owner | undefined> {
    return (await findNodes(this.#options.folder)).map(ownerOf).find((owner) => owner !== undefined);
  }

  async #setEntryAside(): Promise<void> {
    const aside = await this.#lock.setAside();
    if (aside !== undefined) this.#options.log.warn(`A damaged entry of the node's owner was moved to ${aside}`);
  }
}

/** It calls the hubs of its network, and nobody can call it. */
function memberOf(network: NetworkProfile): PeerSettings {
  return { listen: undefined, admitted: [], hubs: network.kind === 'team' ? network.hubs : [] };
}

/** A node's command line says where it listens, and beside that its owner does. */
function ownerOf({ parent, pid, ipcPath }: NodeProcess): Owner | undefined {
  return ipcPath === undefined ? undefined : { pid: parent, nodePid: pid, ...pathsBeside(ipcPath) };
}

/** What the file system refuses, as an error that says of which file. */
async function told<T>(folder: string, action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (cause) {
    if (isFullDiskError(cause)) throw diskFullError(folder, { cause });
    if (isDaoChainError(cause) || !hasCode(cause) || cause.path === undefined) throw cause;
    throw new DaoChainError('nodeFailed', cause.message, {
      details: { file: cause.path, problem: cause.code ?? '' },
      cause,
    });
  }
}
