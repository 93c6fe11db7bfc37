import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { IpcTransport } from '../../../src/adapters/chain/ipcTransport';
import { ledgerReleases } from '../../../src/adapters/chain/ledgerAbi';
import { RpcLedgerReader } from '../../../src/adapters/chain/ledgerReader';
import { RpcLedgerWriter } from '../../../src/adapters/chain/ledgerWriter';
import { RpcMiningControl } from '../../../src/adapters/chain/miningControl';
import type { GethLauncherOptions } from '../../../src/adapters/geth/launcher';
import { EthersWalletKeys } from '../../../src/adapters/secrets/walletKeys';
import { isDaoChainError } from '../../../src/core/errors';
import { walletPublisher } from '../../../src/core/hex';
import { createTeamNetwork, networkLedger } from '../../../src/core/ledger/network';
import type { Entry } from '../../../src/core/ledger/types';
import { NodeService, type NodeState } from '../../../src/services/node/nodeService';
import { signalProcess, temporaryFolder, type TemporaryFolder } from '../../testbed/program';
import { waitFor } from '../../testbed/waitFor';
import { LogLines, newLauncher } from './newLauncher';
import type { WalletKey } from '../../../src/core/ports/wallet';

const never = new AbortController().signal;

/** What of a state does not change from block to block. */
function facts(state: NodeState): object {
  return 'mining' in state
    ? { status: state.status, owned: state.owned, mining: state.mining }
    : { status: state.status };
}

interface Window {
  readonly service: NodeService;
  readonly writer: RpcLedgerWriter;
  readonly reader: RpcLedgerReader;
  readonly states: NodeState[];
}

describe('NodeService over a real node', () => {
  let temporary: TemporaryFolder;
  let key: WalletKey;
  let cleanups: (() => Promise<unknown>)[];

  before(async () => {
    key = await new EthersWalletKeys().create();
  });
  beforeEach(() => {
    temporary = temporaryFolder();
    cleanups = [];
  });
  afterEach(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
    temporary.remove();
  });

  /** A window as `extension.ts` builds it. */
  const openWindow = async (overrides: Partial<GethLauncherOptions> = {}): Promise<Window> => {
    const launcher = await newLauncher(join(temporary.path, 'network'), overrides);
    const ledger = networkLedger(await launcher.network());
    const transport = new IpcTransport(() => launcher.ipcPath);
    const reader = new RpcLedgerReader(transport, ledger);
    const service = new NodeService({
      launcher,
      mining: new RpcMiningControl(transport),
      chain: reader,
      threads: () => 1,
      etherbase: () => key.address,
      clock: Date.now,
      wait: async (ms, signal) => {
        await delay(ms, undefined, { signal }).catch(() => undefined);
      },
      log: new LogLines(),
    });
    const states: NodeState[] = [];
    service.onDidChange((state) => states.push(state));
    cleanups.push(async () => {
      await service.release();
      transport.dispose();
    });
    return { service, reader, writer: new RpcLedgerWriter(transport, ledger), states };
  };
  const nodePid = (): number => {
    const text = readFileSync(join(temporary.path, 'network', 'owner.json'), 'utf8');
    return Number(/"nodePid":(\d+)/.exec(text)?.[1]);
  };
  const is = (status: NodeState['status'], window: Window): Promise<unknown> =>
    waitFor(`the node is ${status}`, () => window.service.state.status === status);

  it('starts a stopped node to mine, which pays the wallet, tells its hash rate, and stops', async () => {
    const window = await openWindow();
    const { service, writer, states } = window;
    assert.deepEqual(service.state, { status: 'stopped' });
    await service.setMining(true);
    // The dataset of a development chain is built in a moment, which is sometimes seen.
    await is('running', window);
    assert.deepEqual(facts(service.state), { status: 'running', owned: true, mining: true });
    await waitFor('the balance grows', async () => (await writer.balance(key.address, never)) >= 4n * 10n ** 18n);
    await waitFor(
      'the hash rate is not 0',
      () => service.state.status === 'running' && service.state.hashrate > 0 && (service.state.block ?? 0) > 1,
    );
    await service.setMining(false);
    assert.deepEqual(facts(service.state), { status: 'running', owned: true, mining: false });
    await service.stop();
    assert.deepEqual(service.state, { status: 'stopped' });
    const seen = states.map(({ status }) => status).filter((status) => status !== 'buildingDag');
    const order = seen.filter((status, index, all) => status !== all[index - 1]);
    assert.deepEqual(order, ['starting', 'running', 'stopping', 'stopped']);
  });

  it('mines until a block is final and then no longer', async () => {
    const { service, reader } = await openWindow();
    await service.mineUntilFinal(1, 6, never);
    assert.ok((await reader.head(never)).number >= 6);
    assert.deepEqual(facts(service.state), { status: 'running', owned: true, mining: false });
  });

  it('keeps mining that was on before', async () => {
    const { service, reader } = await openWindow();
    await service.setMining(true);
    await service.mineUntil(({ number }) => number >= 2, never);
    const { number } = await reader.head(never);
    assert.deepEqual(facts(service.state), { status: 'running', owned: true, mining: true });
    await service.mineUntil((head) => head.number > number, never);
  });

  it('restarts a node that is killed while a transaction waits; the transaction is there once', async () => {
    const { service, writer, reader, states } = await openWindow();
    await service.mineUntil(({ number }) => number >= 1, never);
    const entry: Entry = {
      ...{ publisher: walletPublisher(key.address), previous: `0x${'0'.repeat(40)}`, kind: 'publish', validUntil: 0 },
      ...{ repository: 'docker.io/library/nginx', tag: 'latest', body: '0x01' },
    };
    const transaction = await writer.prepare(
      { type: 'attest', entries: [entry] },
      await writer.estimate({ type: 'attest', entries: [entry] }, key.address, never),
      key,
      never,
    );
    await writer.broadcast(transaction, never);
    const before = await reader.head(never);
    states.length = 0;
    signalProcess(nodePid(), 'SIGKILL');
    await waitFor('it was noticed', () => states.some(({ status }) => status === 'starting'));
    await is('running', { service, writer, reader, states });
    await writer.broadcast(transaction, never);
    await service.mineUntil(async () => (await writer.status(transaction.hash, never)).state === 'mined', never);
    const head = await reader.head(never);
    const { attested } = await reader.logs({ fromBlock: 0, toBlock: head.number }, never);
    assert.deepEqual(
      attested.map((event) => event.transaction),
      [transaction.hash],
    );
    assert.ok(head.number > before.number, 'the chain was kept');
  });

  it('mines again after a crash when it did before', async () => {
    const window = await openWindow();
    await window.service.setMining(true);
    const { number } = await window.reader.head(never);
    window.states.length = 0;
    signalProcess(nodePid(), 'SIGKILL');
    await waitFor('it was noticed', () => window.states.some(({ status }) => status === 'starting'));
    await waitFor('it mines again', () => {
      const { state } = window.service;
      return state.status === 'running' && state.mining && (state.block ?? 0) > number;
    });
  });

  it('joins the node of another window and takes it over when that window leaves', async () => {
    const first = await openWindow();
    await first.service.setMining(true);
    const second = await openWindow();
    await second.service.start();
    await waitFor('the second window sees that it mines', () => {
      const { state } = second.service;
      return state.status === 'running' && !state.owned && state.mining;
    });
    const { number } = await second.reader.head(never);
    await first.service.release();
    await waitFor('the second window owns the node', () => {
      const { state } = second.service;
      return state.status === 'running' && state.owned && (state.block ?? 0) >= number;
    });
  });

  it('is stopped in every window when one of them stops it', async () => {
    const first = await openWindow();
    await first.service.start();
    const second = await openWindow();
    await second.service.start();
    await second.service.stop();
    await is('stopped', first);
    assert.deepEqual(second.service.state, { status: 'stopped' });
  });

  describe('on the full dataset', () => {
    const network = createTeamNetwork(
      { name: 'a team', kind: 'team', dataset: 'full', confirmations: 6, witnesses: [], threshold: 0, hubs: [] },
      new Uint8Array(32),
      ledgerReleases.at(-1)?.runtimeCode ?? '0x',
    );
    const datasets = (): string => join(temporary.path, 'network', `chain-${network.chainId}`, 'datasets');
    const building = async (
      { service }: Window,
      isThere: (state: NodeState & { readonly status: 'buildingDag' }) => boolean = () => true,
    ): Promise<NodeState & { readonly status: 'buildingDag' }> =>
      waitFor(
        'the DAG is built',
        () => service.state.status === 'buildingDag' && isThere(service.state) && service.state,
        { everyMs: 250 },
      );
    const rests = async ({ service }: Window): Promise<unknown> =>
      waitFor('the node is there again', () => service.state.status === 'running' && !service.state.mining);

    it('says how far the DAG is and what is left, which it has measured', async () => {
      const window = await openWindow({ network });
      await window.service.setMining(true);
      const first = await building(window);
      assert.deepEqual(
        [first.dag, first.mining, first.hashrate, first.block, first.threads],
        [{ epoch: 0, percent: 0 }, true, 0, 0, 1],
      );
      assert.match(readdirSync(datasets()).join(), /^full-R23-0000000000000000\.\d+$/);
      const { dag } = await building(window, (state) => state.dag.secondsLeft !== undefined);
      assert.ok(dag.percent >= 1 && dag.secondsLeft !== undefined && dag.secondsLeft > 0, JSON.stringify(dag));
      await window.service.stop();
      assert.deepEqual(readdirSync(datasets()), []);
      // What is left where the owner was killed, too.
      writeFileSync(join(datasets(), 'full-R23-0000000000000000.5577006791947779410'), 'half');
      await window.service.start();
      assert.deepEqual(readdirSync(datasets()), []);
    });

    it('leaves no half of a DAG when mining is stopped, and the node is there again', async () => {
      const window = await openWindow({ network });
      const guest = await openWindow({ network });
      await window.service.setMining(true);
      await guest.service.start();
      await building(window);
      await building(guest);
      await window.service.setMining(false);
      assert.deepEqual(readdirSync(datasets()), []);
      await rests(window);
      await rests(guest);
      // Whoever comes later is told how far it is at once.
      await guest.service.setMining(true);
      await building(guest);
      await window.service.endMining();
      await waitFor('nothing is left of it', () => readdirSync(datasets()).length === 0);
      await rests(window);
      await rests(guest);
    });

    it('goes on with it while another window still needs blocks', async () => {
      const window = await openWindow({ network });
      const guest = await openWindow({ network });
      await window.service.setMining(true);
      await guest.service.setMining(true);
      await building(window);
      const pid = nodePid();
      await window.service.setMining(false);
      await building(guest);
      assert.equal(nodePid(), pid);
      await guest.service.setMining(false);
      await waitFor('nothing is left of it', () => readdirSync(datasets()).length === 0);
      await rests(window);
      await rests(guest);
    });

    it('begins nothing where memory or disk do not suffice, and says in which numbers', async () => {
      const free = { memory: 2 ** 30, disk: Number.MAX_SAFE_INTEGER };
      const space = { freeMemory: () => free.memory, freeDisk: () => Promise.resolve(free.disk) };
      const window = await openWindow({ network, space });
      const guest = await openWindow({ network });
      await window.service.start();
      await guest.service.start();
      const refused = async (details: Readonly<Record<string, string>>): Promise<void> => {
        for (const { service } of [window, guest]) {
          await assert.rejects(service.setMining(true), (error) => {
            assert.ok(isDaoChainError(error, 'miningRefused'));
            assert.deepEqual(error.details, details);
            return true;
          });
          await assert.rejects(
            service.mineUntil(() => false, never),
            (error) => isDaoChainError(error, 'miningRefused'),
          );
          await service.refresh();
          assert.deepEqual(facts(service.state), { ...facts(service.state), status: 'running', mining: false });
        }
      };
      await refused({ reason: 'memory', needed: '1275066504', free: '1073741824' });
      Object.assign(free, { memory: Number.MAX_SAFE_INTEGER, disk: 2e9 });
      // This epoch's and the next one's, and what the node needs to go on.
      await refused({ reason: 'disk', needed: '2222979088', free: '2000000000', folder: datasets() });
      assert.deepEqual(readdirSync(datasets()), []);
    });
  });
});
