import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { findGeth } from '../../scripts/dev/components/geth';
import { runCommand } from '../../scripts/dev/components/command';
import { startProgram, temporaryFolder, type Program } from './program';
import { patienceMs, waitFor } from './waitFor';

/** What a genesis gives an account; numbers are hex strings. */
export interface GenesisAccount {
  readonly balance?: string;
  readonly code?: string;
}

/** A genesis for ethash that starts with its cheapest difficulty and runs the London EVM. */
export function testGenesis(alloc: Readonly<Record<string, GenesisAccount>> = {}, chainId = 20_161): object {
  const forks = [
    ...['homestead', 'eip150', 'eip155', 'eip158', 'byzantium', 'constantinople', 'petersburg', 'istanbul'],
    ...['muirGlacier', 'berlin', 'london', 'arrowGlacier', 'grayGlacier'],
  ];
  return {
    config: { chainId, ...Object.fromEntries(forks.map((fork) => [`${fork}Block`, 0])), ethash: {} },
    difficulty: '0x20000',
    gasLimit: '0x1c9c380',
    extraData: `0x${randomBytes(16).toString('hex')}`,
    alloc: Object.fromEntries(Object.entries(alloc).map(([who, what]) => [who, { balance: '0x0', ...what }])),
  };
}

/** Asks a node over its socket, with a connection of its own. Rejects with the node's message. */
export function ipcRequest(path: string, method: string, params: readonly unknown[] = []): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    let text = '';
    socket.setTimeout(patienceMs, () => socket.destroy(new Error(`${method}: no answer for ${patienceMs} ms`)));
    socket.once('error', reject);
    socket.once('close', () => {
      reject(new Error(`${method}: the node closed the connection`));
    });
    socket.on('data', (data) => {
      text += data.toString();
      if (!text.endsWith('\n')) return;
      const answer = JSON.parse(text) as { result?: unknown; error?: { message: string } };
      if (answer.error === undefined) resolve(answer.result);
      else reject(new Error(`${method}: ${answer.error.message}`));
      socket.destroy();
    });
    socket.write(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) + '\n');
  });
}

export interface NodeOptions {
  /** `testGenesis()` unless given; nodes of one network need the same object. */
  readonly genesis?: object;
  /** Whom mining pays. */
  readonly etherbase?: string;
  /** Where the chain is kept, and goes on where it ended; a temporary folder unless given. */
  readonly chain?: string;
  /** More flags of geth. */
  readonly flags?: readonly string[];
  /** Threads that run at once; 1 unless given. */
  readonly processors?: number;
}

/** A real geth on ethash's 32 KiB dataset, alone unless `connect` is called. It does not mine until told to. */
export interface TestNode {
  readonly ipcPath: string;
  readonly folder: string;
  request(method: string, params?: readonly unknown[]): Promise<unknown>;
  /** Mines with one thread until the chain has at least `blocks` more blocks, then stops mining. Returns the height. */
  mine(blocks: number): Promise<number>;
  /** Makes this node and `other` peers. */
  connect(other: TestNode): Promise<void>;
  start(): Promise<void>;
  /** Ends it cleanly and keeps its chain. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Ends it and removes its chain, unless that is kept. */
  dispose(): Promise<void>;
  log(): string;
}

const ETHERBASE = '0x00000000000000000000000000000000000000ee';

/** Fields that a section leaves out become zero, so each section is whole. */
const config = (folder: string): string => `[Eth.Ethash]
CacheDir = "ethash"
CachesInMem = 2
CachesOnDisk = 3
CachesLockMmap = false
DatasetDir = ${JSON.stringify(join(folder, 'dataset'))}
DatasetsInMem = 1
DatasetsOnDisk = 2
DatasetsLockMmap = false
PowMode = 2
NotifyFull = false
[Node.P2P]
ListenAddr = "127.0.0.1:0"
MaxPeers = 10
`;

/** Starts a node with a fresh chain and waits until it answers. */
export async function startNode({
  genesis = testGenesis(),
  etherbase = ETHERBASE,
  chain,
  flags = [],
  processors = 1,
}: NodeOptions = {}): Promise<TestNode> {
  const geth = await findGeth();
  if (geth === undefined) throw new Error('geth is not installed: npm run setup installs it');
  const folder = temporaryFolder();
  const data = chain ?? join(folder.path, 'data');
  const ipcPath = join(folder.path, 'geth.ipc');
  let running: Program | undefined;
  const request = (method: string, params: readonly unknown[] = []): Promise<unknown> =>
    ipcRequest(ipcPath, method, params);
  const height = async (): Promise<number> => Number(await request('eth_blockNumber'));

  const start = async (): Promise<void> => {
    if (running?.running() === true) return;
    const started = await startProgram(
      geth,
      [
        ...['--datadir', data, '--config', join(folder.path, 'node.toml'), '--ipcpath', ipcPath],
        ...['--networkid', '20161', '--syncmode', 'full', '--gcmode', 'archive'],
        ...['--nodiscover', '--nat', 'none', '--netrestrict', '127.0.0.0/8', '--authrpc.port', '0'],
        ...['--pcscdpath', '', '--miner.etherbase', etherbase, '--miner.gasprice', '1', ...flags],
      ],
      { env: { ...process.env, GOMAXPROCS: String(processors) } },
    );
    running = started;
    await waitFor('geth answers', async () => !started.running() || (await request('eth_chainId')) !== undefined);
    if (!started.running()) throw new Error(`geth ended at once:\n${started.output().slice(-3_000)}`);
  };
  const stop = async (): Promise<void> => {
    await running?.stop(30_000);
  };
  const dispose = async (): Promise<void> => {
    // Its chain goes with it, so a clean end, which takes seconds, would be for nothing.
    await running?.stop(chain === undefined ? 0 : 60_000);
    folder.remove();
  };

  try {
    mkdirSync(data, { recursive: true });
    writeFileSync(join(folder.path, 'genesis.json'), JSON.stringify(genesis));
    writeFileSync(join(folder.path, 'node.toml'), config(folder.path));
    const { code, output } = await runCommand(geth, ['--datadir', data, 'init', join(folder.path, 'genesis.json')]);
    if (code !== 0) throw new Error(`geth refused the genesis:\n${output}`);
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }

  return {
    ipcPath,
    folder: folder.path,
    request,
    mine: async (blocks) => {
      const wanted = (await height()) + blocks;
      await request('miner_start', [1]);
      const reached = await waitFor(`block ${wanted}`, async () => (await height()) >= wanted && (await height()), {
        timeoutMs: patienceMs + blocks * 5_000,
      });
      await request('miner_stop');
      return reached;
    },
    connect: async (other) => {
      const { enode } = (await other.request('admin_nodeInfo')) as { enode: string };
      await request('admin_addPeer', [enode]);
      await waitFor('the nodes are connected', async () => Number(await request('net_peerCount')) > 0);
    },
    start,
    stop,
    kill: async () => {
      await running?.kill();
    },
    dispose,
    log: () => running?.output() ?? '',
  };
}
