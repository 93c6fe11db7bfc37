import assert from 'node:assert/strict';
import { DaoChainError, isDaoChainError } from '../../../../src/core/errors';
import { networkLedger, type TeamProfile } from '../../../../src/core/ledger/network';
import { ledgerKey } from '../../../../src/core/ledger/types';
import type {
  Checkpoint,
  DamagedNetwork,
  FollowedNetwork,
  NetworkChange,
  NetworkPlace,
  NetworkStore,
} from '../../../../src/core/ports/networks';
import type { PeerControl } from '../../../../src/core/ports/node';
import { NetworkService, type NewNetwork } from '../../../../src/services/networks/networkService';
import { testNodeKey } from '../../../testbed/nodeKey';

const code = '0x6001600255';
const never = new AbortController().signal;
const usual: NewNetwork = { name: 'Acme', dataset: 'small', confirmations: 6, witnesses: [], threshold: 0 };
const here = { host: '10.0.0.5', port: 30303 };

/** What a folder does, in memory. */
class FakeStore implements NetworkStore {
  readonly networks = new Map<number, FollowedNetwork>();
  home: 'development' | number = 'development';
  damaged: DamagedNetwork[] = [];
  final: Checkpoint | undefined;

  constructor(private readonly machine: number) {}

  read(): ReturnType<NetworkStore['read']> {
    const home = this.home === 'development' ? 'development' : this.networks.get(this.home);
    return { home: home ?? 'development', networks: [...this.networks.values()], damaged: this.damaged };
  }
  add(profile: TeamProfile, place: NetworkPlace): Promise<FollowedNetwork> {
    const network = { profile, place, folder: `/${profile.chainId.toString()}` };
    this.networks.set(profile.chainId, network);
    return Promise.resolve(network);
  }
  change(chainId: number, change: (network: FollowedNetwork) => NetworkChange): Promise<FollowedNetwork> {
    const before = this.networks.get(chainId);
    assert.ok(before);
    const { place = before.place, ...changed } = change(before);
    const after = { ...before, place, profile: { ...before.profile, ...changed } };
    this.networks.set(chainId, after);
    return Promise.resolve(after);
  }
  setHome(chainId: 'development' | number): Promise<void> {
    this.home = chainId;
    return Promise.resolve();
  }
  leave(chainId: number): Promise<string> {
    this.networks.delete(chainId);
    return Promise.resolve(`/left/${chainId.toString()}`);
  }
  nodeKey(): Promise<string> {
    return Promise.resolve(testNodeKey(this.machine));
  }
}

/** One machine; its node notes what it is told, or does not run. */
function machine(n: number, addresses: readonly string[] = ['127.0.0.1', here.host], runs = true) {
  const store = new FakeStore(n);
  const told: string[] = [];
  const say = (what: string): Promise<void> => {
    if (!runs) return Promise.reject(new DaoChainError('nodeUnavailable', 'It does not run'));
    told.push(what);
    return Promise.resolve();
  };
  const peers = {
    addTrusted: (key: string) => say(`let in ${key.slice(0, 8)}`),
    removeTrusted: (key: string) => say(`hang up on ${key.slice(0, 8)}`),
    addStatic: (hub: string) => say(`call ${hub.split('@')[1] ?? ''}`),
  } as unknown as PeerControl;
  const networks = new NetworkService({
    store,
    releasedCodes: [code],
    development: () => Promise.resolve(undefined),
    externals: () => [],
    peersOf: () => peers,
    finalBlockOf: () => Promise.resolve(store.final),
    endNode: (chainId) =>
      runs
        ? say(`end ${chainId.toString()}`)
        : Promise.reject(new DaoChainError('nodeOwnedElsewhere', 'It does not answer')),
    ownAddresses: () => addresses,
    machineName: () => `machine ${n.toString()}`,
    randomBytes: (length) => new Uint8Array(length).fill(n),
  });
  return { networks, store, told };
}

async function linkOf({ networks }: ReturnType<typeof machine>, { chainId }: TeamProfile): Promise<string> {
  return (await networks.share(chainId, never)).link;
}

function reason(expected: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isDaoChainError(error, 'networkInvalid'), String(error));
    assert.equal(error.details['reason'], expected);
    return true;
  };
}

describe('networks of several machines', () => {
  it('are created on terms that a network may have, with a name of their own', async () => {
    const { networks } = machine(1);
    for (const [change, expected] of [
      [{ confirmations: 0 }, 'terms'],
      [{ threshold: 1 }, 'terms'],
      [{ name: '' }, 'name'],
      [{ name: '1234' }, 'name'],
      [{ name: 'development' }, 'nameTaken'],
      [{ listen: { host: '127.0.0.1', port: 30303 } }, 'listen'],
      [{ listen: { host: '10.0.0.6', port: 30303 } }, 'listen'],
      [{ listen: { host: here.host, port: 0 } }, 'listen'],
      [{ listen: { host: 'hub.example.com', port: 30303 } }, 'listen'],
    ] as const)
      await assert.rejects(networks.create({ ...usual, ...change }), reason(expected));
    assert.deepEqual(networks.followed, []);
    const made = await networks.create(usual);
    assert.deepEqual(networks.followed, [made]);
    await assert.rejects(networks.create({ ...usual, name: 'ACME' }), reason('nameTaken'));
  });

  it('listen only where others can reach them, each address once', () => {
    const { networks } = machine(1, ['127.0.0.1', '::1', 'fe80::1', '10.0.0.5', '10.0.0.5', '8.8.8.8', '0.0.0.0']);
    assert.deepEqual(networks.listenAddresses, [
      { host: '10.0.0.5', reach: 'private' },
      { host: '8.8.8.8', reach: 'public' },
    ]);
  });

  it('are joined by the link, with no trust and nothing else changed, and the joiner is let in by another', async () => {
    const [hub, joiner] = [machine(1), machine(2, ['10.0.0.9'])];
    const { profile } = await hub.networks.create({ ...usual, listen: here });
    const plan = await joiner.networks.planJoin(await linkOf(hub, profile));
    assert.deepEqual(joiner.networks.followed, []);
    assert.equal(plan.ledger, ledgerKey(networkLedger(profile)));
    assert.deepEqual(plan.hubs, [{ nodeKey: testNodeKey(1), ...here, reach: 'private' }]);
    const admission = await joiner.networks.join(plan);
    assert.equal(joiner.store.home, 'development');
    const admitting = await hub.networks.planAdmission(admission);
    assert.deepEqual([admitting.node.machine, admitting.isAdmitted], ['machine 2', false]);
    await hub.networks.admit(admitting, never);
    assert.deepEqual(hub.told, [`let in ${testNodeKey(2).slice(0, 8)}`]);
    assert.equal((await hub.networks.planAdmission(admission)).isAdmitted, true);
    await hub.networks.admit(admitting, never);
    assert.equal(hub.networks.followed[0]?.place.admitted.length, 1);
    await hub.networks.dismiss(profile.chainId, testNodeKey(2), never);
    assert.deepEqual(hub.networks.followed[0].place.admitted, []);
    assert.equal(hub.told.at(-1), `hang up on ${testNodeKey(2).slice(0, 8)}`);
    await assert.rejects(hub.networks.dismiss(profile.chainId, testNodeKey(2), never), reason('notAdmitted'));
    await assert.rejects(joiner.networks.planJoin(await linkOf(hub, profile)), reason('alreadyFollowed'));
  });

  it('let nobody in where that means nothing', async () => {
    const [hub, joiner, stranger] = [machine(1), machine(2), machine(3)];
    const { profile } = await hub.networks.create({ ...usual, listen: here });
    const admission = await joiner.networks.join(await joiner.networks.planJoin(await linkOf(hub, profile)));
    await assert.rejects(stranger.networks.planAdmission(admission), reason('notFollowed'));
    await assert.rejects(joiner.networks.planAdmission(admission), reason('notHub'));
    const own = await hub.networks.admissionLink(profile.chainId);
    await assert.rejects(hub.networks.planAdmission(own), reason('ownNode'));
  });

  it('are shared with the highest block that is final where they are, or else with that of who shared them before', async () => {
    const [hub, joiner] = [machine(1), machine(2)];
    const { profile } = await hub.networks.create({ ...usual, listen: here });
    const shared = async (from: typeof hub, number: number | undefined): Promise<Checkpoint | undefined> => {
      from.store.final = number === undefined ? undefined : { number, hash: `0x${number.toString().repeat(64)}` };
      const { link, file } = await from.networks.share(profile.chainId, never);
      const other = machine(3).networks;
      const { checkpoint } = await other.planJoin(link);
      assert.deepEqual((await other.planJoin(Buffer.from(file))).checkpoint, checkpoint);
      return checkpoint;
    };
    assert.equal(await shared(hub, undefined), undefined);
    // The first block the ledger's ID tells.
    assert.equal(await shared(hub, 0), undefined);
    assert.equal((await shared(hub, 7))?.number, 7);
    await joiner.networks.join(await joiner.networks.planJoin(await linkOf(hub, profile)));
    assert.equal(joiner.networks.followed[0]?.place.checkpoint?.number, 7);
    for (const [known, number] of [
      [undefined, 7],
      [5, 7],
      [9, 9],
    ] as const)
      assert.equal((await shared(joiner, known))?.number, number);
  });

  it('are not shared where nobody could join by the link', async () => {
    const { networks } = machine(1);
    const { profile } = await networks.create(usual);
    await assert.rejects(networks.share(profile.chainId, never), reason('noHub'));
  });

  it('name this machine in the link as long as it is a hub, at the address where it is one', async () => {
    const { networks } = machine(1, [here.host, '10.0.0.6']);
    const { profile } = await networks.create({ ...usual, listen: here });
    const hubs = (): readonly string[] => networks.followed[0]?.profile.hubs ?? [];
    assert.deepEqual(hubs(), [`enode://${testNodeKey(1)}@10.0.0.5:30303`]);
    await networks.listenAt(profile.chainId, { host: '10.0.0.6', port: 30304 });
    assert.deepEqual(hubs(), [`enode://${testNodeKey(1)}@10.0.0.6:30304`]);
    await networks.listenAt(profile.chainId, undefined);
    assert.deepEqual([hubs(), networks.followed[0]?.place], [[], { admitted: [] }]);
  });

  it('call a hub at its new address, and no other machine in its place', async () => {
    const { networks, told } = machine(1);
    const { profile } = await networks.create(usual);
    const hub = (host: string): string => `enode://${testNodeKey(7)}@${host}:30303`;
    for (const host of ['10.1.0.1', '10.1.0.2']) await networks.addHub(profile.chainId, hub(host), never);
    assert.deepEqual(networks.followed[0]?.profile.hubs, [hub('10.1.0.2')]);
    assert.deepEqual(told, ['call 10.1.0.1:30303', 'call 10.1.0.2:30303']);
    for (const bad of [hub('127.0.0.1'), hub('hub.example.com'), 'x', hub('169.254.169.254')])
      await assert.rejects(networks.addHub(profile.chainId, bad, never), reason('hubs'));
    await networks.removeHub(profile.chainId, testNodeKey(7));
    assert.deepEqual(networks.followed[0].profile.hubs, []);
  });

  it('say of a hub whether a node that runs speaks with its address before it starts again', async () => {
    const { networks } = machine(1, [here.host, '8.8.4.4']);
    const { chainId } = (await networks.create(usual)).profile;
    const adds = (n: number, host: string): Promise<boolean> =>
      networks.addHub(chainId, `enode://${testNodeKey(n)}@${host}:30303`, never);
    assert.equal(await adds(7, '10.1.0.1'), false, 'a member');
    await networks.listenAt(chainId, here);
    assert.equal(await adds(7, '10.1.0.2'), true, 'a hub among private addresses');
    assert.equal(await adds(8, '8.8.8.8'), false, 'a public one');
    assert.equal(await adds(8, '8.8.8.9'), true, 'a hub that anybody may call');
  });

  it('change the same way while no node runs, and say that none was told', async () => {
    for (const runs of [true, false]) {
      const [{ networks }, joiner] = [machine(1, [here.host], runs), machine(2)];
      const { profile } = await networks.create({ ...usual, listen: here });
      const { chainId } = profile;
      const admission = await joiner.networks.join(
        await joiner.networks.planJoin((await networks.share(chainId, never)).link),
      );
      assert.equal(await networks.addHub(chainId, `enode://${testNodeKey(7)}@10.1.0.1:30303`, never), runs);
      assert.equal(await networks.admit(await networks.planAdmission(admission), never), runs);
      assert.equal(await networks.dismiss(chainId, testNodeKey(2), never), runs);
      assert.deepEqual([networks.followed[0]?.profile.hubs.length, networks.followed[0]?.place.admitted], [2, []]);
    }
  });

  it('are renamed, made home and left', async () => {
    const { networks, store, told } = machine(1);
    const { profile } = await networks.create(usual);
    await networks.create({ ...usual, name: 'Other', confirmations: 7 });
    let changes = 0;
    networks.onDidChange(() => changes++);
    await assert.rejects(networks.rename(profile.chainId, 'other'), reason('nameTaken'));
    await networks.rename(profile.chainId, 'Acme 2');
    assert.equal(networks.find('Acme 2').profile.chainId, profile.chainId);
    assert.equal(networks.find(profile.chainId.toString()).profile.name, 'Acme 2');
    assert.throws(() => networks.find('Acme'), reason('notFollowed'));
    await networks.switchHome(profile.chainId);
    assert.equal(store.home, profile.chainId);
    assert.equal(await networks.leave(profile.chainId, never), `/left/${profile.chainId.toString()}`);
    assert.deepEqual(told, [`end ${profile.chainId.toString()}`]);
    assert.equal(changes, 3);
  });

  it('are left with their node ended before, also where their files cannot be used, and not while it goes on', async () => {
    const { networks, store, told } = machine(1);
    store.damaged = [{ chainId: 77, folder: '/77', error: new DaoChainError('networkInvalid', 'Damaged') }];
    assert.equal(networks.findLeavable('77'), store.damaged[0]);
    assert.throws(() => networks.find('77'), reason('notFollowed'));
    assert.equal(await networks.leave(77, never), '/left/77');
    assert.deepEqual(told, ['end 77']);
    await assert.rejects(networks.leave(78, never), reason('notFollowed'));
    const silent = machine(2, [here.host], false);
    const { profile } = await silent.networks.create(usual);
    await assert.rejects(silent.networks.leave(profile.chainId, never), (error) =>
      isDaoChainError(error, 'nodeOwnedElsewhere'),
    );
    assert.equal(silent.networks.followed.length, 1);
  });

  it('keep what is changed of them at the same time', async () => {
    const { networks } = machine(1);
    const { profile } = await networks.create({ ...usual, listen: here });
    const [network] = networks.followed;
    assert.ok(network);
    const ledger = ledgerKey(networkLedger(profile));
    const admit = (n: number): Promise<boolean> =>
      networks.admit(
        { network, ledger, node: { nodeKey: testNodeKey(n), machine: `m${n.toString()}` }, isAdmitted: false },
        never,
      );
    await admit(5);
    await Promise.all([
      ...[6, 7, 8].map(admit),
      networks.dismiss(profile.chainId, testNodeKey(5), never),
      networks.rename(profile.chainId, 'Acme 2'),
      networks.addHub(profile.chainId, `enode://${testNodeKey(9)}@10.1.0.1:30303`, never),
    ]);
    const [now] = networks.followed;
    assert.deepEqual(
      now?.place.admitted.map(({ machine: name }) => name),
      ['m6', 'm7', 'm8'],
    );
    assert.deepEqual([now.profile.name, now.profile.hubs.length], ['Acme 2', 2]);
  });
});
