import assert from 'node:assert/strict';
import { DaoChainError, isDaoChainError } from '../../../../src/core/errors';
import type { HubCall, Peer } from '../../../../src/core/ports/node';
import { PeerService } from '../../../../src/services/node/peerService';
import { peerView, type PeerAnswers, type PeerView } from '../../../../src/core/ledger/peerState';
import { hubText, peerText, syncText } from '../../../../src/words/peerText';
import { testNodeKey } from '../../../testbed/nodeKey';

const [own, first, second] = [1, 2, 3].map(testNodeKey) as [string, string, string];
const hubs = [`enode://${first}@10.0.0.1:30303`, `enode://${second}@[fd00::2]:30303`];
const addresses = ['10.0.0.1:30303', '[fd00::2]:30303'];
const english = {
  t: (message: string, ...args: readonly (string | number | boolean)[]) =>
    message.replace(/\{(\d)\}/g, (_, place: string) => String(args[Number(place)])),
};

function peer(nodeKey: string, more: Partial<Peer> = {}): Peer {
  const address = { host: '10.0.0.1', port: 40_000 };
  return { nodeKey, address, client: 'Geth/v1.11.6', isInbound: false, isTrusted: false, isGreeted: true, ...more };
}

function view(answers: Partial<PeerAnswers> & { readonly called?: readonly HubCall[] } = {}): PeerView {
  const calls = new Map((answers.called ?? []).map((call, i) => [addresses[i] ?? '', call]));
  return peerView({ self: own, block: 5, peers: [], syncing: undefined, hubs, calls, ...answers });
}

describe('how a machine stands in its network', () => {
  it('is alone where there is nobody to call', () => {
    assert.deepEqual(view({ hubs: [] }).state, { status: 'alone' });
    assert.deepEqual(view({ hubs: [`enode://${own}@10.0.0.1:30303`] }).state, { status: 'alone' });
  });

  it('is connecting until a hub has let it in, and not level with one that only greets', () => {
    assert.deepEqual(view().state, { status: 'connecting' });
    assert.deepEqual(view({ peers: [peer(first, { isGreeted: false })] }).state, { status: 'connecting' });
  });

  it('fetches blocks, and is level when there are none to fetch', () => {
    const syncing = { from: 1, at: 5, to: 9 };
    assert.deepEqual(view({ peers: [peer(first)], syncing }).state, { status: 'syncing', ...syncing });
    assert.deepEqual(view({ peers: [peer(first)] }).state, { status: 'level' });
  });

  it('is behind when whoever is ahead has gone in the middle of it', () => {
    assert.deepEqual(view({ syncing: { from: 1, at: 5, to: 9 } }).state, { status: 'behind', at: 5, to: 9 });
  });

  it('says that a hub is gone that was there, and not so of one that never was', () => {
    for (const outcome of ['connected', 'unreachable', 'otherAnswer'] as const)
      assert.deepEqual(view({ called: [{ outcome, wasConnected: true }] }).state, { status: 'hubGone' });
    assert.deepEqual(view({ called: [{ outcome: 'unreachable', wasConnected: false }] }).state, {
      status: 'connecting',
    });
  });

  it('says of each hub how it stands', () => {
    const standings = (...called: HubCall[]): readonly string[] =>
      view({ called }).hubs.map(({ standing }) => standing);
    assert.deepEqual(standings(), ['calling', 'calling']);
    assert.deepEqual(
      standings({ outcome: 'connected', wasConnected: true }, { outcome: 'notAdmitted', wasConnected: false }),
      ['gone', 'notAdmitted'],
    );
    assert.equal(view({ peers: [peer(first)] }).hubs[0]?.standing, 'connected');
    assert.equal(view({ self: first }).hubs[0]?.standing, 'self');
    const [moved] = view({ called: [{ outcome: 'unreachable', wasConnected: true }] }).hubs;
    assert.ok(moved);
    assert.match(hubText(moved, english), /^10\.0\.0\.1:30303: was connected, and cannot be reached now/);
  });

  it('shows the name that a peer gave itself without what could mislead', () => {
    const text = peerText(peer(first, { client: 'Geth\u202e\n10.0.0.9:1: has called' }), english);
    assert.ok(!/[\u202e\n]/u.test(text), text);
    assert.match(syncText({ status: 'syncing', from: 0, at: 2, to: 9 }, english), /2 of 9/);
  });
});

describe('PeerService', () => {
  const silentLog = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

  it('greets the hubs that it has called again and again, and nobody else, as long as it runs the node', async () => {
    const [called = '', caller = ''] = hubs;
    const greeted: string[] = [];
    const peers = [called, caller].map((hub, i) => ({
      ...{ nodeKey: hub.slice('enode://'.length).split('@')[0] ?? '', address: { host: '10.0.0.9', port: 1 } },
      ...{ client: 'Geth', isInbound: i === 1, isTrusted: false, isGreeted: true },
    }));
    let isUp = false;
    let isSyncing = false;
    let wake = (): void => undefined;
    const ended = new AbortController();
    const service = new PeerService({
      control: {
        self: () => Promise.resolve(own),
        peers: () => (isUp ? Promise.resolve(peers) : Promise.reject(new DaoChainError('nodeUnavailable', 'down'))),
        syncing: () => Promise.resolve(isSyncing ? { from: 0, at: 1, to: 9 } : undefined),
        greet: (hub) => {
          greeted.push(hub);
          return Promise.resolve();
        },
      },
      chain: { head: () => Promise.resolve({ number: 1, hash: '0x', parentHash: '0x', time: 1 }) },
      hubs: () => Promise.resolve(hubs),
      calls: () => new Map(),
      wait: (ms, signal) =>
        new Promise((resolve) => {
          // Longer than the time in which geth calls nobody twice.
          assert.ok(ms > 35_000);
          wake = resolve;
          signal.addEventListener('abort', () => {
            resolve();
          });
        }),
      log: silentLog,
    });
    const done = service.keepUp(ended.signal);
    const look = async (): Promise<void> => {
      wake();
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    };
    await look();
    assert.deepEqual(greeted, []);
    isUp = true;
    await look();
    await look();
    assert.deepEqual(greeted, [called, called]);
    isSyncing = true;
    await look();
    assert.equal(greeted.length, 2);
    ended.abort();
    await done;
  });

  it('knows nothing while no node runs, and passes other errors on', async () => {
    const failing = (error: Error): PeerService =>
      new PeerService({
        control: {
          self: () => Promise.reject(error),
          peers: () => Promise.reject(error),
          syncing: () => Promise.reject(error),
          greet: () => Promise.reject(error),
        },
        chain: { head: () => Promise.reject(error) },
        hubs: () => Promise.resolve([]),
        calls: () => new Map(),
        wait: () => Promise.resolve(),
        log: silentLog,
      });
    const { signal } = new AbortController();
    assert.equal(await failing(new DaoChainError('nodeUnavailable', 'gone')).read(signal), undefined);
    await assert.rejects(failing(new DaoChainError('nodeFailed', 'bad')).read(signal), (error) =>
      isDaoChainError(error, 'nodeFailed'),
    );
  });
});
