/**
 * Mining on the dataset of public chains, whole: `npm run soak:dataset`. It takes from ten minutes to an hour, 3.3 GB of disk
 * and 1.3 GB of memory, and prints what it measured; the log
 * of the nodes is `out/fullDataset.log`.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { IpcTransport } from '../../src/adapters/chain/ipcTransport';
import { ledgerReleases } from '../../src/adapters/chain/ledgerAbi';
import { RpcChainHeads } from '../../src/adapters/chain/chainHeads';
import { RpcMiningControl } from '../../src/adapters/chain/miningControl';
import { RpcWorkReader } from '../../src/adapters/chain/workReader';
import { createTeamNetwork, type TeamProfile } from '../../src/core/ledger/network';
import { networkWork, observedBlocks } from '../../src/core/ledger/networkWork';
import { NodeService } from '../../src/services/node/nodeService';
import { LogLines, newLauncher } from '../adapter/geth/newLauncher';
import { temporaryFolder, type TemporaryFolder } from '../testbed/program';
import { waitFor } from '../testbed/waitFor';

const never = new AbortController().signal;
const miner = `0x${'1'.repeat(40)}` as const;
const hour = 3_600_000;

function fullNetwork(): TeamProfile {
  const terms = { kind: 'team', dataset: 'full', confirmations: 6, witnesses: [], threshold: 0, hubs: [] } as const;
  return createTeamNetwork({ name: 'soak', ...terms }, randomBytes(32), ledgerReleases.at(-1)?.runtimeCode ?? '0x');
}

function say(what: string, value: unknown): void {
  console.log(`      ${what}: ${String(value)}`);
}

async function timed<T>(what: string, action: Promise<T>): Promise<T> {
  const begin = performance.now();
  const result = await action;
  say(what, `${((performance.now() - begin) / 1_000).toFixed(1)} s`);
  return result;
}

describe('mining on the full dataset', function () {
  this.timeout(4 * hour);
  let temporary: TemporaryFolder;
  let log: LogLines;
  let threads = 1;
  const cleanups: (() => Promise<unknown>)[] = [];

  before(() => {
    temporary = temporaryFolder();
    log = new LogLines();
  });
  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
    mkdirSync('out', { recursive: true });
    writeFileSync(join('out', 'fullDataset.log'), log.lines.join('\n'));
    temporary.remove();
  });

  const open = async (network: TeamProfile, name: string, userFolder?: string) => {
    const folder = join(temporary.path, name);
    const launcher = await newLauncher(folder, { network, log, userDatasets: () => userFolder });
    const transport = new IpcTransport(() => launcher.ipcPath);
    const work = new RpcWorkReader(transport);
    const service = new NodeService({
      launcher,
      mining: new RpcMiningControl(transport),
      chain: new RpcChainHeads(transport),
      threads: () => threads,
      etherbase: () => miner,
      clock: Date.now,
      wait: async (ms, signal) => {
        await delay(ms, undefined, { signal }).catch(() => undefined);
      },
      log,
    });
    const listening = service.onDidChange(() => undefined);
    cleanups.push(async () => {
      listening.dispose();
      await service.release();
      transport.dispose();
    });
    const memory = (): string => {
      const pid = /"nodePid":(\d+)/.exec(readFileSync(join(folder, 'owner.json'), 'utf8'))?.[1] ?? '';
      return /VmRSS:\s*(.*)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '?';
    };
    return { service, work, memory, datasets: join(folder, `chain-${network.chainId}`, 'datasets') };
  };
  const steps = (): string[] => log.lines.filter((line) => line.includes('Generating DAG in progress'));

  it('is given up without a trace, is made whole, mines, and serves another network', async () => {
    const network = fullNetwork();
    const { service, work, memory, datasets } = await open(network, 'first');
    await service.setMining(true);
    await waitFor(
      'three percent with one thread',
      () => service.state.status === 'buildingDag' && service.state.dag.percent >= 3,
      { timeoutMs: hour, everyMs: 500 },
    );
    say('one thread, last line', steps().at(-1));
    assert.ok(service.state.status === 'buildingDag');
    say('one thread, seconds left', service.state.dag.secondsLeft);
    say('memory meanwhile', memory());
    await timed('given up in', service.setMining(false));
    assert.deepEqual(readdirSync(datasets), []);
    await timed(
      'the node is back in',
      waitFor('the node is back', () => service.state.status === 'running' && !service.state.mining),
    );
    await service.stop();

    threads = 2;
    await service.setMining(true);
    await timed(
      'two threads, whole dataset and first block',
      waitFor('the first block', () => service.state.status === 'running' && (service.state.block ?? 0) >= 1, {
        timeoutMs: 3 * hour,
        everyMs: 100,
      }),
    );
    for (const line of steps()
      .slice(-101)
      .filter((_, index) => index % 20 === 0))
      say('line', line);
    say('end', log.lines.filter((line) => line.includes('Generated ethash verification cache')).join('\n      '));
    const advance = await waitFor(
      'the next one is made in advance',
      () => 'nextDag' in service.state && service.state,
      {
        timeoutMs: hour,
        everyMs: 500,
      },
    );
    say('in advance', JSON.stringify(advance));
    await waitFor('four blocks', () => 'block' in service.state && (service.state.block ?? 0) >= 4, {
      timeoutMs: hour,
      everyMs: 500,
    });
    say('memory while mining and making the next', memory());
    say('hash rate meanwhile', 'hashrate' in service.state && service.state.hashrate);
    say(
      'work',
      JSON.stringify(networkWork(await work.newest(observedBlocks, never), miner), (_, value: unknown) =>
        typeof value === 'bigint' ? value.toString() : value,
      ),
    );
    await service.setMining(false);
    assert.ok('nextDag' in service.state, 'the next one goes on');
    await timed('stopped in', service.stop());
    const whole = join(datasets, 'full-R23-0000000000000000');
    assert.deepEqual(readdirSync(datasets), ['full-R23-0000000000000000']);
    const hash = createHash('sha256');
    await timed('SHA-256 in', pipeline(createReadStream(whole), hash));
    say('SHA-256', hash.digest('hex'));
    say('bytes', statSync(whole).size);

    const before = statSync(whole);
    const other = await open(fullNetwork(), 'second', datasets);
    await other.service.start();
    await timed('mining begun, with the file proved', other.service.setMining(true));
    await timed(
      'first block with the other dataset folder',
      waitFor(
        'its first block',
        () => other.service.state.status === 'running' && (other.service.state.block ?? 0) >= 1,
        {
          timeoutMs: hour,
        },
      ),
    );
    assert.ok(lstatSync(join(other.datasets, 'full-R23-0000000000000000')).isSymbolicLink());
    say('hash rate, two threads', other.service.state.status === 'running' && other.service.state.hashrate);
    say('memory', other.memory());
    await other.service.stop();
    assert.deepEqual([statSync(whole).mtimeMs, statSync(whole).ino], [before.mtimeMs, before.ino]);
    assert.deepEqual(readdirSync(datasets), ['full-R23-0000000000000000']);
  });
});
