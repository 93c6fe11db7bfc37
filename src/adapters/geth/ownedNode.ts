import { setTimeout as delay } from 'node:timers/promises';
import { DaoChainError, throwIfCancelled } from '../../core/errors';
import type { NetworkProfile } from '../../core/ledger/network';
import type { Log, NodeHandle } from '../../core/ports';
import { chainFolders, FolderTaken, prepareChain } from './chainFolder';
import { gethArguments } from './gethConfig';
import { isFolderTaken } from './gethLog';
import { GethProcess } from './gethProcess';
import { NodeEvents } from './nodeEvents';
import type { Owner, OwnerLock } from './ownerLock';
import { OwnerServer } from './ownerServer';
import { createRuntimePaths, removeRuntimePaths } from './runtimeFolder';

export interface OwnedNodeOptions {
  readonly folder: string;
  readonly network: NetworkProfile;
  readonly threads: number;
  readonly lock: OwnerLock;
  readonly log: Log;
  readonly findProgram: () => Promise<string>;
  /** Deletes what an older ledger left; true if there was something. Called as owner. */
  readonly removeOlder: () => Promise<boolean>;
  /** Rejects unless the node at `ipcPath` is the network's. */
  readonly verify: (ipcPath: string) => Promise<void>;
}

/** How long a node that ends may keep the data folder, in milliseconds. */
const patience = 30_000;

/** Takes the data folder and starts its node. Undefined when somebody else was faster. */
export async function startOwnedNode(options: OwnedNodeOptions, signal: AbortSignal): Promise<NodeHandle | undefined> {
  const { lock, log } = options;
  const paths = await createRuntimePaths();
  const owner: Owner = { pid: process.pid, ...paths };
  const events = new NodeEvents(log);
  let requestStop: () => void = () => undefined;
  const server = await OwnerServer.listen(paths.ownerPath, () => {
    requestStop();
  });
  const leave = async (): Promise<void> => {
    await lock.remove(owner);
    server.close();
    await removeRuntimePaths(paths);
  };
  const tell = (line: string): void => {
    events.line(line);
    server.tell({ type: 'log', line });
  };

  let geth: GethProcess | undefined;
  let replaced = false;
  try {
    if (await lock.acquire(owner)) {
      replaced = await options.removeOlder();
      geth = await startGeth(options, owner, tell, signal);
    }
    if (geth === undefined) {
      await leave();
      return undefined;
    }
    throwIfCancelled(signal);
    await options.verify(paths.ipcPath);
  } catch (error) {
    await geth?.stop();
    await leave();
    throw error;
  }

  const running = geth;
  let ending: 'stopped' | 'handedOver' | undefined;
  const ended = running.exited.then(async (code) => {
    const reason = ending === undefined ? 'crashed' : 'stopped';
    if (ending !== 'handedOver') server.tell({ type: 'ended', reason, code });
    await leave().catch((error: unknown) => {
      log.warn(`What the node left could not be removed: ${String(error)}`);
    });
    events.end(reason, code);
  });
  const end = async (how: 'stopped' | 'handedOver'): Promise<void> => {
    ending ??= how;
    await running.stop();
    await ended;
  };
  requestStop = () => void end('stopped');
  server.tell({ type: 'ready' });
  return {
    ipcPath: paths.ipcPath,
    owned: true,
    replaced,
    onDag: events.onDag,
    onExit: events.onExit,
    stop: () => end('stopped'),
    release: () => end('handedOver'),
  };
}

/** A node that listens, after one that still ends has left the folder. Undefined when another owner has taken over. */
async function startGeth(
  options: OwnedNodeOptions,
  owner: Owner,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<GethProcess | undefined> {
  const program = await options.findProgram();
  const end = Date.now() + patience;
  for (;;) {
    try {
      return await startOnce(program, options, owner, onLine, signal);
    } catch (error) {
      if (!(error instanceof FolderTaken)) throw error;
    }
    if ((await options.lock.read())?.ownerPath !== owner.ownerPath) return undefined;
    if (Date.now() > end) {
      const { folder } = options;
      throw new DaoChainError('nodeOwnedElsewhere', `Another process keeps ${folder}`, { details: { folder } });
    }
    await delay(250);
  }
}

async function startOnce(
  program: string,
  { folder, network, threads, lock }: OwnedNodeOptions,
  owner: Owner,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<GethProcess> {
  await prepareChain(folder, network, program, signal);
  const folders = chainFolders(folder, network);
  const geth = await GethProcess.start(program, gethArguments(network, folders, owner.ipcPath), {
    threads,
    started: (nodePid) => {
      lock.update({ ...owner, nodePid });
    },
    onLine,
  });
  const cancel = (): void => void geth.stop();
  signal.addEventListener('abort', cancel);
  const listens = await geth.listening();
  signal.removeEventListener('abort', cancel);
  if (listens) {
    // It has the folder, so this is the owner, whatever a process that lost the race has written meanwhile.
    lock.write({ ...owner, nodePid: geth.pid });
    return geth;
  }
  throwIfCancelled(signal);
  if (isFolderTaken(geth.lastLines)) throw new FolderTaken(folders.data);
  throw new DaoChainError('nodeFailed', 'The node ended at once', {
    details: { lastLines: geth.lastLines.join('\n') },
  });
}
