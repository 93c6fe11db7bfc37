import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Emitter, type Disposable } from '../../core/emitter';
import { DaoChainError, throwIfCancelled } from '../../core/errors';
import type { NetworkProfile } from '../../core/ledger/network';
import { chainFolders, FolderTaken, prepareChain } from './chainFolder';
import { removeDrafts, type Datasets } from './datasets';
import { diskFullError, tellsFullDisk } from './diskSpace';
import { gethArguments } from './gethConfig';
import { isChatter, isFolderTaken, listenFault, readCall } from './gethLog';
import { GethProcess } from './gethProcess';
import { MiningLeases } from './miningLeases';
import { NodeEvents } from './nodeEvents';
import { endNode, findNodes } from './nodeProcesses';
import { ownerFile, type Owner, type OwnerLock } from './ownerLock';
import { OwnerServer } from './ownerServer';
import { createRuntimePaths, removeRuntimePaths } from './runtimeFolder';
import { takeStopMark } from './stopMark';
import { watchFolder } from './watchFolder';
import type { Log } from '../../core/ports/log';
import type { MiningControl, NodeHandle, PeerSettings } from '../../core/ports/node';

export interface OwnedNodeOptions {
  readonly folder: string;
  readonly network: NetworkProfile;
  readonly peers: PeerSettings;
  /** Of a node that others know by its key; geth makes one unless given. */
  readonly nodeKeyFile: string | undefined;
  readonly threads: number;
  readonly lock: OwnerLock;
  readonly log: Log;
  readonly datasets: Datasets;
  readonly findProgram: (signal: AbortSignal) => Promise<string>;
  /** Moves what an older ledger left aside, and says where to; undefined if there was nothing. Called as owner. */
  readonly setOlderAside: () => Promise<string | undefined>;
  /** Rejects unless the node at `ipcPath` is the network's. */
  readonly verify: (ipcPath: string, signal: AbortSignal) => Promise<void>;
  readonly mining: (ipcPath: string) => MiningControl & Disposable;
}

/** How long a node that ends may keep the data folder, in milliseconds. */
const patience = 30_000;

/** Takes the data folder and starts its node. Undefined when somebody else was faster. */
export async function startOwnedNode(options: OwnedNodeOptions, cancel: AbortSignal): Promise<NodeHandle | undefined> {
  const { folder, lock, log } = options;
  const paths = await createRuntimePaths(folder);
  const owner: Owner = { pid: process.pid, ...paths };
  const events = new NodeEvents(log, folder);
  const logFailure = (error: unknown): void => {
    log.warn(`At the end of the node or its mining: ${String(error)}`);
  };
  const miningEnded = new Emitter<void>();
  const stopRequest = new AbortController();
  const ended = new AbortController();
  const mining = options.mining(paths.ipcPath);
  const begins: MiningControl = {
    nextBlock: (cancel) => mining.nextBlock(cancel),
    status: (cancel) => mining.status(cancel),
    stop: (cancel) => mining.stop(cancel),
    start: async (threads, etherbase, cancel) => {
      if (!(await mining.status(cancel)).mining)
        await options.datasets.prepare(await mining.nextBlock(cancel), events.generates, cancel);
      await mining.start(threads, etherbase, cancel);
    },
  };
  const leases = new MiningLeases(begins, log, ended.signal);
  const tellMiningEnded = (): void => {
    server.tellPresent({ type: 'miningEnded' });
    miningEnded.fire();
  };
  const server = await OwnerServer.listen(paths.ownerPath, {
    leases,
    onMiningEnded: tellMiningEnded,
    onRest: () => {
      giveUpDag().catch(logFailure);
    },
    onStopRequest: () => {
      stopRequest.abort();
    },
  });
  const leave = async (): Promise<void> => {
    ended.abort();
    mining.dispose();
    await lock.remove(owner);
    server.close();
    await removeRuntimePaths(paths);
  };
  const tell = (line: string): void => {
    if (isChatter(line)) {
      const call = readCall(line);
      if (call !== undefined)
        server.tell({ type: 'call', address: call.address, ...events.called(call.address, call.outcome) });
      return;
    }
    events.line(line);
    server.tell({ type: 'log', line });
  };

  const signal = AbortSignal.any([cancel, stopRequest.signal]);
  let geth: GethProcess | undefined;
  let replaced: string | undefined;
  try {
    if (await lock.acquire(owner)) {
      replaced = await options.setOlderAside();
      geth = await startGeth(options, owner, tell, signal);
    }
    if (geth === undefined) {
      await leave();
      return undefined;
    }
    throwIfCancelled(signal);
    await options.verify(paths.ipcPath, signal);
    await removeDrafts(folder, options.network);
    throwIfCancelled(signal);
  } catch (error) {
    await geth?.stop('hurried');
    await leave();
    if (geth !== undefined && !cancel.aborted && tellsFullDisk(geth.lastLines))
      throw diskFullError(folder, { lines: geth.lastLines, cause: error });
    throw error;
  }

  const running = geth;
  const guard = new Guard(lock, { ...owner, nodePid: running.pid }, log);
  const watches = [
    watchFolder(folder, log, (name) => {
      if (name === ownerFile) guard.keepEntry();
    }),
    ...(process.platform === 'win32' ? [] : [watchFolder(dirname(paths.ipcPath), log, () => void checkSockets())]),
  ];
  let ending: 'stopped' | 'handedOver' | 'outOfReach' | 'dagGivenUp' | undefined;
  /** Nobody can reach a node whose sockets are gone, as after somebody has cleaned up. The next one gets new ones. */
  const checkSockets = async (): Promise<void> => {
    if (ending !== undefined || (existsSync(paths.ipcPath) && existsSync(paths.ownerPath))) return;
    ending = 'outOfReach';
    log.warn('The sockets of the node are gone; it is started again');
    await running.stop();
  };
  const left = running.exited.then(async (code) => {
    for (const watching of watches) watching.dispose();
    await guard.end();
    const isStopped =
      ending === 'stopped' || ending === 'handedOver' || (await takeStopMark(folder, paths.ipcPath).catch(() => false));
    const reason = isStopped ? 'stopped' : ending === 'dagGivenUp' ? 'ownerGone' : 'crashed';
    // Where nothing is said of the end, the next one takes over.
    if (ending !== 'handedOver' && reason !== 'ownerGone') server.tell({ type: 'ended', reason, code });
    await removeDrafts(folder, options.network).catch(logFailure);
    await leave().catch(logFailure);
    events.end(reason, code);
  });
  const end = async (how: 'stopped' | 'handedOver'): Promise<void> => {
    if (ending === undefined || ending === 'dagGivenUp') ending = how;
    await running.stop();
    await left;
  };
  /** Only the end of a node ends the generation of a dataset. One that is made in advance goes on: it would begin anew. */
  const giveUpDag = async (): Promise<void> => {
    const isIdle = (): boolean => ending === undefined && leases.threads === undefined;
    if (!events.needsDag || !isIdle() || (await mining.status(ended.signal)).mining || !isIdle()) return;
    ending = 'dagGivenUp';
    log.info('Nobody needs the dataset that the node makes; it is started again');
    await running.stop();
    await left;
  };
  stopRequest.signal.addEventListener('abort', () => void end('stopped'));
  if (stopRequest.signal.aborted) void end('stopped');
  server.tell({ type: 'ready' });
  guard.keepEntry();
  return {
    ipcPath: paths.ipcPath,
    owned: true,
    replaced,
    calls: events.calls,
    onDag: events.onDag,
    onExit: events.onExit,
    get threads() {
      return leases.threads;
    },
    mine: async (wish) => {
      await leases.hold(events, wish);
      server.tellThreads();
    },
    rest: async () => {
      await leases.release(events);
      server.tellThreads();
      await giveUpDag();
    },
    endMining: async () => {
      await leases.endAll();
      server.tellThreads();
      tellMiningEnded();
      await giveUpDag();
    },
    onMiningEnded: miningEnded.event,
    stop: () => end('stopped'),
    release: () => end('handedOver'),
  };
}

/** Keeps the entry of an owner whose node runs: whoever removes, damages or overwrites it does not have the folder. */
class Guard {
  #turn: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(
    private readonly lock: OwnerLock,
    private readonly owner: Owner,
    private readonly log: Log,
  ) {}

  keepEntry(): void {
    this.#turn = this.#turn.then(async () => {
      if (this.#ended) return;
      try {
        const entry = await this.lock.read();
        if (entry === undefined || entry === 'damaged' || entry.ownerPath !== this.owner.ownerPath)
          await this.lock.write(this.owner);
      } catch (error) {
        this.log.warn(`The entry of the node's owner cannot be put back: ${String(error)}`);
      }
    });
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#turn;
  }
}

/** A node that listens, after one that still ends has left the folder. Undefined when another owner has taken over. */
async function startGeth(
  options: OwnedNodeOptions,
  owner: Owner,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<GethProcess | undefined> {
  const { folder, lock, log } = options;
  const program = await options.findProgram(signal);
  const begin = performance.now();
  for (;;) {
    // A start that was killed half-way can have left a process that hangs while it writes the genesis.
    for (const node of await findNodes(folder)) {
      if (node.ipcPath === undefined) await endNode(folder, node, log, signal);
    }
    try {
      return await startOnce(program, options, owner, onLine, signal);
    } catch (error) {
      if (!(error instanceof FolderTaken)) throw error;
    }
    const entry = await lock.read();
    if (entry === undefined || entry === 'damaged' || entry.ownerPath !== owner.ownerPath) return undefined;
    if (performance.now() - begin > patience)
      throw new DaoChainError('nodeOwnedElsewhere', `Another process keeps ${folder}`, { details: { folder } });
    throwIfCancelled(signal);
    await delay(250);
  }
}

async function startOnce(
  program: string,
  { folder, network, peers, nodeKeyFile, threads, lock }: OwnedNodeOptions,
  owner: Owner,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<GethProcess> {
  await prepareChain(folder, network, peers, program, signal);
  const folders = chainFolders(folder, network);
  const geth = await GethProcess.start(program, gethArguments(network, peers, folders, owner.ipcPath, nodeKeyFile), {
    threads,
    onLine,
  });
  const cancel = (): void => void geth.stop('hurried');
  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  try {
    if (await geth.listening()) {
      // It has the folder, so this is the owner, whatever a process that lost the race has written meanwhile.
      await lock.write({ ...owner, nodePid: geth.pid });
      return geth;
    }
  } catch (error) {
    await geth.stop('hurried');
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  throwIfCancelled(signal);
  if (isFolderTaken(geth.lastLines)) throw new FolderTaken(folders.data);
  if (tellsFullDisk(geth.lastLines)) throw diskFullError(folder, { lines: geth.lastLines });
  throw new DaoChainError('nodeFailed', 'The node ended at once', {
    details: { ...listenFault(geth.lastLines), lastLines: geth.lastLines.join('\n') },
  });
}
