import { spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import * as v from 'valibot';
import { numberSchema } from '../../adapters/chain/rpcAnswer';
import { OwnerLock } from '../../adapters/geth/ownerLock';
import { DaoChainError, throwIfCancelled } from '../../core/errors';
import { displayText } from '../../core/trust/displayText';
import { formatHashrate } from '../../core/units';
import type { NodeState } from '../../services/nodeService';
import { defineCommand, type Invocation } from '../command';
import { exitCodes, type ExitCode } from '../exitCodes';
import { dataFolder } from '../folders';
import { withSession, type Session } from '../session';
import { logLine, type Terminal } from '../terminal';
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
    return withSession(invocation, async (session) => {
      const { node } = ofThisMachine(session);
      // Whoever else uses the node may take it over, as when a window closes.
      signal.addEventListener('abort', () => void node.release());
      await node.start();
      if (node.state.status === 'running' && !node.state.owned) {
        terminal.print(l10n.t('The node runs already; process {0} has it.', await ownerOf(session)));
        tellParent();
        return exitCodes.done;
      }
      terminal.print(l10n.t('The node runs. Ctrl-C or "daochain node stop" ends it.'));
      tellParent();
      const last = await ended(session, terminal, signal);
      if (last?.status === 'failed') throw last.error;
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
    withSession(invocation, async (session) => {
      const { launcher } = ofThisMachine(session);
      const handle = await launcher.join(invocation.signal);
      await handle?.stop();
      invocation.terminal.print(handle === undefined ? l10n.t('No node runs.') : l10n.t('The node has ended.'));
      return exitCodes.done;
    }),
});

export const nodeStatus = defineCommand({
  usage: '',
  words: [0, 0],
  options: {},
  run: (invocation) =>
    withSession(invocation, async (session) => {
      const { terminal, values, signal } = invocation;
      const status = await readStatus(session, signal);
      if (values.json === true) terminal.printJson(status ?? { state: 'stopped' });
      else if (status === undefined) terminal.print(l10n.t('No node runs.'));
      else {
        terminal.print(status.mining ? l10n.t('The node runs and mines.') : l10n.t('The node runs.'));
        terminal.print(`  ${l10n.t('Block: {0}', status.block)}`);
        if (status.hashrate !== undefined)
          terminal.print(`  ${l10n.t('Hash rate: {0}', formatHashrate(status.hashrate))}`);
        terminal.print(`  ${l10n.t('Peers: {0}', status.peers)}`);
        if (status.owner !== undefined) terminal.print(`  ${l10n.t('Process: {0}', status.owner)}`);
      }
      return status === undefined ? exitCodes.failed : exitCodes.done;
    }),
});

export const nodeMine = defineCommand({
  usage: '',
  words: [0, 0],
  options: {
    blocks: { type: 'string', value: 'N', help: () => l10n.t('mine so many blocks instead') },
  },
  run: async (invocation) => {
    const { values, terminal, signal } = invocation;
    const blocks = values.blocks === undefined ? undefined : parseCount(values.blocks);
    return withSession(invocation, async (session) => {
      const { node, ledgers, transactions } = ofThisMachine(session);
      const head = await node.mineWhile(async () => {
        const { reader, index } = await ledgers.open();
        if (blocks === undefined) await transactions.resume(signal);
        throwIfCancelled(signal);
        const { number } = await reader.head(signal);
        const wanted = number + (blocks ?? index.confirmations - 1);
        await node.mineUntil((head) => {
          terminal.progress(l10n.t('Mining: block {0} of {1}', head.number, wanted));
          return head.number >= wanted;
        }, signal);
        return reader.head(signal);
      });
      if (values.json === true) terminal.printJson({ block: head.number });
      else terminal.print(l10n.t('Mined up to block {0}.', head.number));
      return exitCodes.done;
    });
  },
});

export const nodeInstall = defineCommand({
  usage: '',
  words: [0, 0],
  options: {},
  run: (invocation) =>
    withSession(invocation, async ({ launcher }) => {
      const { terminal, signal, values } = invocation;
      const { version, path } = await launcher.install(signal, (line) => {
        terminal.progress(logLine(line));
      });
      if (values.json === true) terminal.printJson({ version, path });
      else terminal.print(l10n.t('geth {0} is installed: {1}', version, displayText(path)));
      return exitCodes.done;
    }),
});

/** The node of an endpoint is somebody else's to start, to end and to make mine. */
function ofThisMachine(session: Session): Session {
  if (session.endpoint === undefined) return session;
  throw new UsageError(l10n.t('The node of an endpoint is not run from here. Leave --endpoint out.'));
}

async function ownerOf({ nodeFolder }: Session): Promise<number> {
  return (await new OwnerLock(join(nodeFolder, 'owner.json')).read())?.pid ?? 0;
}

/** Resolves when the node has ended, is given up, or with undefined when this process is asked to leave it. */
function ended({ node }: Session, terminal: Terminal, signal: AbortSignal): Promise<NodeState | undefined> {
  return new Promise((resolve) => {
    const end = (state?: NodeState): void => {
      listening.dispose();
      resolve(state);
    };
    const listening = node.onDidChange((state) => {
      if (state.status === 'stopped' || state.status === 'failed') end(state);
      else if (state.status === 'buildingDag') terminal.progress(l10n.t('Building the DAG: {0} %', state.dag.percent));
      else if (state.status === 'running' && state.block !== undefined)
        terminal.progress(l10n.t('Block: {0}', state.block));
    });
    signal.addEventListener('abort', () => {
      end();
    });
    if (signal.aborted) end();
  });
}

interface NodeStatus {
  readonly state: 'running';
  readonly block: number;
  readonly mining: boolean;
  /** Hashes for each second; absent for an endpoint that does not say. */
  readonly hashrate?: number;
  readonly peers: number;
  /** Process id of the owner; absent for an endpoint. */
  readonly owner?: number;
}

async function readStatus(session: Session, signal: AbortSignal): Promise<NodeStatus | undefined> {
  const { endpoint, launcher, transport, mining } = session;
  if (endpoint === undefined && (await launcher.join(signal)) === undefined) return undefined;
  const { reader } = await session.ledgers.open();
  const [{ number }, peers] = await Promise.all([reader.head(signal), transport.request('net_peerCount', [], signal)]);
  const frame = { state: 'running', block: number, peers: v.parse(numberSchema, peers) } as const;
  // A web address mines for nobody here, and says nothing about it.
  if (endpoint?.type === 'web') return { ...frame, mining: false };
  const owner = endpoint === undefined ? { owner: await ownerOf(session) } : {};
  return { ...frame, ...(await mining.status(signal)), ...owner };
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(l10n.t('--blocks takes a number from 1 to 999999.'));
  return Number(text);
}

// --- in the background -----------------------------------------------------------------------------------------------

/** Starts this very command once more, without a terminal, and waits until its node answers. */
async function startInBackground({ values, terminal, signal }: Invocation): Promise<ExitCode> {
  const folder = join(dataFolder(values.data, process.env), 'node');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const logFile = join(folder, 'daochain.log');
  const log = await open(logFile, 'w', 0o600);
  const args = process.argv.slice(1).filter((arg) => arg !== '--background');
  const child = spawn(process.execPath, [...process.execArgv, ...args, '--verbose'], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  });
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
    terminal.say((await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-30).map(logLine).join('\n'));
    throw new DaoChainError('nodeFailed', `The node did not start; see ${logFile}`);
  }
  child.disconnect();
  child.unref();
  if (values.json === true) terminal.printJson({ state: 'running', owner: child.pid, log: logFile });
  else terminal.print(l10n.t('The node runs in the background; its log is {0}', displayText(logFile)));
  return exitCodes.done;
}

/** Says to the command that started this one in the background that the node answers. */
function tellParent(): void {
  if (process.send === undefined) return;
  process.send('ready');
  process.disconnect();
}
