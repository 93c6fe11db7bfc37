import { spawn } from 'node:child_process';
import { mkdir, open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import * as v from 'valibot';
import { hasCode } from '../../adapters/systemError';
import { numberSchema } from '../../adapters/chain/rpcAnswer';
import { diskFault } from '../../adapters/geth/diskSpace';
import { ownerFile, OwnerLock } from '../../adapters/geth/ownerLock';
import { DaoChainError, throwIfCancelled } from '../../core/errors';
import { errorText } from '../../words/errorText';
import { displayText } from '../../core/displayText';
import { formatHashrate } from '../../words/amountText';
import { dagText, workLines } from '../../words/miningText';
import { networkWork, observedBlocks, type NetworkWork } from '../../core/ledger/networkWork';
import type { DagProgress, NodeHandle } from '../../core/ports/node';
import type { NodeState } from '../../services/node/nodeService';
import { defineCommand, type Invocation } from '../command';
import { exitCodes, type ExitCode } from '../exitCodes';
import { keepSmall } from '../logFile';
import { dataFolder } from '../folders';
import { homeNodeFolder } from '../../product';
import { withNodeSession, type Session } from '../session';
import { escapedLogLine, type Terminal } from '../terminal';
import { UsageError } from '../usageError';

export const nodeStart = defineCommand({
  usage: '',
  words: [0, 0],
  options: {
    background: { type: 'boolean', help: () => l10n.t('return as soon as the node answers; it goes on running') },
  },
  run: async (invocation) => {
    const { values, terminal, signal } = invocation;
    if (values.background === true) return startInBackground(invocation);
    return withNodeSession(invocation, async (session) => {
      const { node, nodeFolder } = ofThisMachine(session);
      const log = process.send === undefined ? undefined : keepSmall(logFileOf(nodeFolder), terminal.log);
      // Another process that uses the node may take it over, as it does when a window closes.
      signal.addEventListener('abort', () => void node.release());
      node.onDidReplaceChain((folder) => {
        terminal.say(
          l10n.t(
            'The chain of an older version was replaced by a new one. The old one is kept in {0}.',
            displayText(folder),
          ),
        );
      });
      await node.start();
      if (isGuest(node.state)) {
        terminal.print(l10n.t('The node is already running, in process {0}.', await ownerOf(session)));
        tellParent();
        return exitCodes.done;
      }
      terminal.print(l10n.t('The node is running. Press Ctrl-C or run "daochain node stop" to stop it.'));
      tellParent();
      const last = await ended(session, terminal, signal);
      log?.dispose();
      if (last?.status === 'failed') throw last.error;
      if (last !== undefined && isGuest(last)) {
        terminal.print(l10n.t('The node is already running, in process {0}.', await ownerOf(session)));
        return exitCodes.done;
      }
      terminal.print(l10n.t('The node has ended.'));
      return exitCodes.done;
    });
  },
});

export const nodeStop = defineCommand({
  usage: '',
  words: [0, 0],
  options: {},
  run: (invocation) =>
    withNodeSession(invocation, async (session) => {
      const { launcher } = ofThisMachine(session);
      const { terminal, signal } = invocation;
      terminal.progress(l10n.t('Stopping the node…'));
      const wasThere = await launcher.end(signal);
      terminal.print(wasThere ? l10n.t('The node has ended.') : l10n.t('No node is running.'));
      return exitCodes.done;
    }),
});

export const nodeStatus = defineCommand({
  usage: '',
  words: [0, 0],
  options: {},
  run: (invocation) =>
    withNodeSession(invocation, async (session) => {
      const { terminal, values, signal } = invocation;
      const status = await readStatus(session, signal);
      const fault = session.endpoint === undefined ? await diskFault(session.nodeFolder) : undefined;
      const frame = fault === undefined ? {} : { fault: fault.details['reason'] };
      if (values.json === true)
        terminal.printJson({ ...(status === undefined ? { state: 'stopped' } : toJson(status)), ...frame });
      else if (status === undefined) terminal.print(l10n.t('No node is running.'));
      else {
        terminal.print(status.mining ? l10n.t('The node is running and mining.') : l10n.t('The node is running.'));
        terminal.print(`  ${l10n.t('Block: {0}', status.block)}`);
        if (status.dag !== undefined) terminal.print(`  ${l10n.t('Building the DAG: {0}', dagText(status.dag, l10n))}`);
        if (status.threads !== undefined) terminal.print(`  ${l10n.t('Threads: {0}', status.threads)}`);
        if (status.hashrate !== undefined)
          terminal.print(`  ${l10n.t('Hash rate: {0}', formatHashrate(status.hashrate))}`);
        for (const line of status.work === undefined ? [] : workLines(status.work, l10n)) terminal.print(`  ${line}`);
        terminal.print(`  ${l10n.t('Peers: {0}', status.peers)}`);
        if (status.owner !== undefined) terminal.print(`  ${l10n.t('Process: {0}', status.owner)}`);
      }
      if (fault !== undefined && values.json !== true) terminal.print(errorText(fault, l10n));
      return status === undefined ? exitCodes.failed : exitCodes.done;
    }),
});

export const nodeMine = defineCommand({
  usage: '',
  words: [0, 0],
  options: {
    blocks: { type: 'string', value: 'N', help: () => l10n.t('mine so many blocks instead') },
    stop: { type: 'boolean', help: () => l10n.t('stop all mining instead; whatever waits for blocks is told') },
  },
  run: async (invocation) => {
    const { values, terminal, signal } = invocation;
    const blocks = values.blocks === undefined ? undefined : parseCount(values.blocks);
    if (values.stop === true) return stopMining(invocation);
    return withNodeSession(invocation, async (session) => {
      const { node, ledgers, transactions } = ofThisMachine(session);
      const head = await node.mineWhile(async (ended) => {
        const { reader, index } = await ledgers.open();
        if (blocks === undefined) await transactions.resume(AbortSignal.any([signal, ended]));
        throwIfCancelled(signal);
        ended.throwIfAborted();
        const { number } = await reader.head(signal);
        const wanted = number + (blocks ?? index.confirmations - 1);
        const listening = node.onDidChange((state) => {
          if (state.status === 'buildingDag')
            terminal.progress(l10n.t('Building the DAG: {0}', dagText(state.dag, l10n)));
        });
        try {
          await node.mineUntil((head) => {
            terminal.progress(l10n.t('Mining: block {0} of {1}', head.number, wanted));
            return head.number >= wanted;
          }, signal);
        } finally {
          listening.dispose();
        }
        return reader.head(signal);
      }, signal);
      if (values.json === true) terminal.printJson({ block: head.number });
      else terminal.print(l10n.t('Mined up to block {0}.', head.number));
      return exitCodes.done;
    });
  },
});

/** Stops mining for everybody: a command or window that mines for its own purpose only ends its own lease. */
function stopMining(invocation: Invocation): Promise<ExitCode> {
  return withNodeSession(invocation, async (session) => {
    const { launcher } = ofThisMachine(session);
    const { terminal, signal } = invocation;
    const handle = await launcher.join(signal);
    await handle?.endMining();
    await handle?.release();
    terminal.print(
      handle === undefined ? l10n.t('No node is running.') : l10n.t('The node no longer mines for anybody.'),
    );
    return exitCodes.done;
  });
}

export const nodeInstall = defineCommand({
  usage: '',
  words: [0, 0],
  options: {},
  run: (invocation) =>
    withNodeSession(invocation, async ({ launcher }) => {
      const { terminal, signal, values } = invocation;
      const { version, path } = await launcher.install(signal, (line) => {
        terminal.progress(escapedLogLine(line));
      });
      if (values.json === true) terminal.printJson({ version, path });
      else terminal.print(l10n.t('geth {0} is installed: {1}', version, displayText(path)));
      return exitCodes.done;
    }),
});

/** The node of an endpoint is somebody else's to start, to end and to make mine. */
function ofThisMachine(session: Session): Session {
  if (session.homeFault !== undefined) throw session.homeFault;
  if (session.endpoint === undefined) return session;
  throw new UsageError(l10n.t('The node of an endpoint cannot be controlled from here. Leave out --endpoint.'));
}

async function ownerOf({ nodeFolder }: Session): Promise<number> {
  const owner = await new OwnerLock(join(nodeFolder, ownerFile)).read();
  return owner === undefined || owner === 'damaged' ? 0 : owner.pid;
}

/** Resolves when the node has ended, is given up, or with undefined when this process is asked to leave it. */
function ended({ node }: Session, terminal: Terminal, signal: AbortSignal): Promise<NodeState | undefined> {
  return new Promise((resolve) => {
    const end = (state?: NodeState): void => {
      listening.dispose();
      resolve(state);
    };
    const listening = node.onDidChange((state) => {
      // After a crash another process can have been faster, and there is nothing to stay for.
      if (state.status === 'stopped' || state.status === 'failed' || isGuest(state)) end(state);
      else if (state.status === 'buildingDag')
        terminal.progress(l10n.t('Building the DAG: {0}', dagText(state.dag, l10n)));
      else if (state.status === 'running' && state.block !== undefined)
        terminal.progress(l10n.t('Block: {0}', state.block));
    });
    signal.addEventListener('abort', () => {
      end();
    });
    if (signal.aborted) end();
  });
}

/** Whether it is the node of another process. */
function isGuest(state: NodeState): boolean {
  return (state.status === 'running' || state.status === 'buildingDag') && !state.owned;
}

interface NodeStatus {
  readonly state: 'running';
  readonly block: number;
  readonly mining: boolean;
  /** Hashes for each second; absent for an endpoint that does not say. */
  readonly hashrate?: number;
  readonly peers: number;
  /** How many mine; absent where nobody has asked for it. */
  readonly threads?: number;
  /** Absent where none is made. */
  readonly dag?: DagProgress;
  /** Absent as long as nothing was mined. */
  readonly work?: NetworkWork;
  /** Process id of the owner; absent for an endpoint. */
  readonly owner?: number;
}

async function readStatus(session: Session, signal: AbortSignal): Promise<NodeStatus | undefined> {
  const { endpoint, launcher, transport, mining, wallet } = session;
  const handle = endpoint === undefined ? await launcher.join(signal) : undefined;
  if (endpoint === undefined && handle === undefined) return undefined;
  const { reader } = await session.ledgers.open();
  const [{ number }, peers, blocks] = await Promise.all([
    reader.head(signal),
    transport.request('net_peerCount', [], signal),
    session.work.newest(observedBlocks, signal),
  ]);
  const own = wallet.state.status === 'none' ? undefined : wallet.state.address;
  const work = networkWork(blocks, own);
  const frame = {
    state: 'running',
    block: number,
    peers: v.parse(numberSchema, peers),
    ...(handle && makingOf(handle)),
    ...(work && { work }),
  } as const;
  // A web address does not mine for anybody here, and says nothing about mining.
  if (endpoint?.type === 'web') return { ...frame, mining: false };
  const owner = endpoint === undefined ? { owner: await ownerOf(session) } : {};
  return { ...frame, ...(await mining.status(signal)), ...owner };
}

/** What an owner has told of a node that was joined. */
function makingOf({ threads, onDag }: NodeHandle): Pick<NodeStatus, 'threads' | 'dag'> {
  let dag: DagProgress | undefined;
  onDag((progress) => {
    dag = progress;
  }).dispose();
  return { ...(threads !== undefined && { threads }), ...(dag && { dag }) };
}

function toJson({ work, ...status }: NodeStatus): object {
  return { ...status, ...(work && { work: { ...work, difficulty: work.difficulty.toString() } }) };
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(l10n.t('--blocks takes a number from 1 to 999999.'));
  return Number(text);
}

// --- in the background -----------------------------------------------------------------------------------------------

/** Starts this very command once more, without a terminal, and waits until its node answers. */
async function startInBackground({ values, terminal, signal }: Invocation): Promise<ExitCode> {
  const folder = homeNodeFolder(dataFolder(values.data, process.env), values.network);
  const logFile = logFileOf(folder);
  const log = await openLog(folder, logFile);
  const args = process.argv.slice(1).filter((arg) => arg !== '--background');
  const child = spawn(process.execPath, [...process.execArgv, ...args, '--verbose'], {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  });
  const { size } = await log.stat();
  await log.close();
  const cancel = (): void => void child.kill();
  signal.addEventListener('abort', cancel);
  const isReady = await new Promise<boolean>((resolve, reject) => {
    child.once('error', reject);
    child.once('message', () => {
      resolve(true);
    });
    child.once('exit', () => {
      resolve(false);
    });
  });
  signal.removeEventListener('abort', cancel);
  throwIfCancelled(signal);
  if (!isReady) {
    const said = (await readFile(logFile)).subarray(size).toString();
    terminal.say(said.split('\n').map(escapedLogLine).slice(-30).join('\n').trimEnd());
    throw (await diskFault(folder)) ?? new DaoChainError('nodeFailed', `The node did not start; see ${logFile}`);
  }
  child.disconnect();
  child.unref();
  if (values.json === true) terminal.printJson({ state: 'running', owner: child.pid, log: logFile });
  else terminal.print(l10n.t('The node is running in the background; its log is {0}', displayText(logFile)));
  return exitCodes.done;
}

/** Appended to: a node that runs already can be writing it. */
async function openLog(folder: string, file: string): Promise<FileHandle> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await open(file, 'a', 0o600);
  } catch (cause) {
    if (!hasCode(cause)) throw cause;
    throw new DaoChainError('nodeFailed', cause.message, { details: { file, problem: cause.code ?? '' }, cause });
  }
}

function logFileOf(nodeFolder: string): string {
  return join(nodeFolder, 'daochain.log');
}

/** Says to the command that started this one in the background that the node answers. */
function tellParent(): void {
  if (process.send === undefined) return;
  process.send('ready');
  process.disconnect();
}
