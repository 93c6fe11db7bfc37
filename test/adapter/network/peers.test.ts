import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isDaoChainError } from '../../../src/core/errors';
import type { TeamProfile } from '../../../src/core/ledger/network';
import type { PeerSettings } from '../../../src/core/ports/node';
import { canHaveMachines, startMachines, type Machine, type Machines } from '../../testbed/machines';
import { testNodeKey } from '../../testbed/nodeKey';
import { temporaryFolder, type TemporaryFolder } from '../../testbed/program';
import { waitFor } from '../../testbed/waitFor';
import { newLauncher } from '../geth/newLauncher';
import { gethOn, hubPort, newTeamNetwork, startTeamNode, type TeamNode } from './teamNode';

const never = new AbortController().signal;

/** geth calls a hub again after 35 s; three times as long for a busy machine. */
const untilNextCall = { timeoutMs: 220_000 };

describe('who may connect to the node of a team network', function () {
  // geth calls again after half a minute, and on a busy machine not always at the first chance.
  this.timeout(480_000);
  let machines: Machines;
  let network: TeamProfile;
  let folders: TemporaryFolder[];
  let nodes: TeamNode[];
  let [first, second, third] = [] as unknown as [Machine, Machine, Machine];

  before(function () {
    if (!canHaveMachines()) this.skip();
  });
  beforeEach(() => {
    machines = startMachines(3);
    [first, second, third] = machines.all as [Machine, Machine, Machine];
    network = newTeamNetwork();
    [folders, nodes] = [[], []];
  });
  afterEach(async () => {
    for (const node of nodes) await node.stop().catch(() => undefined);
    machines.dispose();
    for (const folder of folders) folder.remove();
  });

  const folder = (): string => {
    const made = temporaryFolder();
    folders.push(made);
    return made.path;
  };
  const start = async (machine: Machine, peers: Partial<PeerSettings> = {}, at = folder()): Promise<TeamNode> => {
    const node = await startTeamNode(machine, at, network, peers);
    nodes.push(node);
    return node;
  };
  const listenOn = ({ address }: Machine): PeerSettings['listen'] => ({ host: address, port: hubPort });
  /** Addresses beyond loopback at which anything listens on a machine. */
  const openAt = (machine: Machine): readonly string[] =>
    [...machine.run('ss', ['-Hltun']).matchAll(/^\S+ +\S+ +\S+ +\S+ +(\S+)/gm)]
      .map(([, local = '']) => local)
      .filter((local) => !local.startsWith('127.0.0.1:') && !local.startsWith('[::1]:'));
  const connected = async (node: TeamNode, other: TeamNode): Promise<boolean> =>
    (await node.control.peers(never)).some(({ nodeKey, isGreeted }) => nodeKey === other.key && isGreeted);

  it('lets in whom a hub admits, without a restart, and nobody else of the same network', async () => {
    const hub = await start(first, { listen: listenOn(first) });
    const member = await start(second, { hubs: [hub.hub] });
    const stranger = await start(third, { hubs: [hub.hub] });
    assert.deepEqual(openAt(first), [`${first.address}:${hubPort.toString()}`]);
    assert.deepEqual(openAt(second), []);
    for (const node of [member, stranger]) {
      const [standing] = await waitFor('an answer of the hub', async () => {
        const { hubs } = await node.view();
        return hubs[0]?.standing !== 'calling' && hubs;
      });
      assert.equal(standing?.standing, 'notAdmitted');
    }
    assert.equal((await hub.view()).peers.length, 0);

    await hub.control.addTrusted(member.key, never);
    await waitFor('the member to be in', () => connected(hub, member), untilNextCall);
    const { peers, state } = await hub.view();
    assert.deepEqual(
      peers.map(({ nodeKey, isInbound, isTrusted, address }) => ({ nodeKey, isInbound, isTrusted, at: address.host })),
      [{ nodeKey: member.key, isInbound: true, isTrusted: true, at: second.address }],
    );
    assert.deepEqual(state, { status: 'level' });
    assert.match(peers[0]?.client ?? '', /^Geth\/v1\.11\.6/);
    assert.equal((await member.view()).hubs[0]?.standing, 'connected');
    // Chatter of the node about its calls is nobody's log.
    assert.deepEqual(
      [...hub.log, ...member.log].filter((line) => /^(?:TRACE|DEBUG)/.test(line)),
      [],
    );

    await hub.control.removeTrusted(member.key, never);
    await waitFor('the member to be out', async () => (await hub.view()).peers.length === 0);
    const [gone] = await waitFor(
      'the hub to refuse it again',
      async () => {
        const { hubs } = await member.view();
        return hubs[0]?.standing === 'notAdmitted' && hubs;
      },
      untilNextCall,
    );
    assert.equal(gone?.wasConnected, true);
    assert.equal(await connected(hub, stranger), false);
  });

  it('learns by greeting a hub anew of blocks that nobody has told it of', async () => {
    const lone = await start(third);
    await lone.request('miner_setEtherbase', `0x${'aa'.repeat(20)}`);
    await lone.request('miner_start', 1);
    const height = async (node: TeamNode): Promise<number> => Number(await node.request('eth_blockNumber'));
    await waitFor('blocks', async () => (await height(lone)) >= 2);
    await lone.request('miner_stop');
    const blocks = join(folder(), 'blocks');
    const mined = await height(lone);
    await lone.request('admin_exportChain', blocks, 1, mined);
    const at = folder();
    const before = await start(second, {}, at);
    await before.stop();
    const hub = await start(first, { listen: listenOn(first), admitted: [before.key] });
    const member = await start(second, { hubs: [hub.hub] }, at);
    await waitFor('the member to be in', () => connected(hub, member), untilNextCall);
    // What is imported is not announced: as when the line was cut while others mined.
    assert.equal(await hub.request('admin_importChain', blocks), true);
    assert.equal(await height(hub), mined);
    assert.deepEqual([await height(member), (await member.view()).state.status], [0, 'level']);
    await member.control.greet(hub.hub, never);
    await waitFor('the member to have the blocks', async () => (await height(member)) === mined, untilNextCall);
    assert.equal((await member.view()).hubs[0]?.standing, 'connected');
  });

  it('speaks as a member with its hubs alone, wherever somebody else wants to meet it', async () => {
    const member = await start(second);
    const stranger = await start(third, { listen: listenOn(third), admitted: [member.key] });
    // Not even when it is told to call: the address is not one of its hubs'.
    await member.control.addStatic(stranger.hub, never);
    const caller = await start(first, { hubs: [member.hub] });
    await waitFor('the call to fail', async () => (await caller.view()).hubs[0]?.standing === 'unreachable');
    assert.equal((await member.view()).peers.length, 0);
    assert.equal((await stranger.view()).peers.length, 0);
  });

  it('admits after a restart whom the settings name, and hangs up before a word on who calls from elsewhere', async () => {
    const at = folder();
    const member = await start(second, {}, at);
    await member.stop();
    // A hub whose network lives in private addresses, and a caller from another one.
    const hub = await start(first, { listen: listenOn(first), admitted: [member.key] });
    second.move('11.0.0.2');
    for (const machine of [first, second])
      machine.run('ip', ['route', 'add', machine === first ? '11.0.0.0/24' : '10.77.0.0/24', 'dev', 'eth0']);
    const elsewhere = await start(second, { hubs: [hub.hub] }, at);
    await waitFor('the hub to hang up', async () => (await elsewhere.view()).hubs[0]?.standing === 'otherAnswer');
    await elsewhere.stop();
    second.move('10.77.0.2');
    const back = await start(second, { hubs: [hub.hub] }, at);
    assert.equal(back.key, member.key);
    await waitFor('the member to be in', () => connected(hub, back), untilNextCall);
  });

  it('tells that a hub has gone, and finds it at another address', async () => {
    const at = folder();
    const memberFolder = folder();
    const before = await start(second, {}, memberFolder);
    await before.stop();
    const hub = await start(first, { listen: listenOn(first), admitted: [before.key] }, at);
    const member = await start(second, { hubs: [hub.hub] }, memberFolder);
    await waitFor('the member to be in', () => connected(member, hub), untilNextCall);
    await hub.stop();
    await waitFor('the member to miss it', async () => (await member.view()).state.status === 'hubGone');
    assert.equal((await member.view()).hubs[0]?.standing, 'gone');

    // Somebody else gets its address.
    first.move('10.77.0.9');
    third.move('10.77.0.1');
    await start(third, { listen: listenOn(third) });
    await waitFor(
      'the member to meet somebody else',
      async () => (await member.view()).hubs[0]?.standing === 'otherAnswer',
      untilNextCall,
    );
    assert.equal((await member.view()).state.status, 'hubGone');

    const moved = await start(first, { listen: listenOn(first), admitted: [member.key] }, at);
    assert.equal(moved.key, hub.key);
    await member.stop();
    const informed = await start(second, { hubs: [moved.hub] }, memberFolder);
    await waitFor('the two to meet again', () => connected(informed, moved), untilNextCall);
  });

  it('tells a second window what came of the calls before it was opened', async () => {
    const at = folder();
    const member = await start(second, { hubs: [`enode://${testNodeKey(1)}@10.77.0.1:30303`] }, at);
    await waitFor('the call to fail', () => member.handle.calls.size > 0);
    const other = await startTeamNode(second, at, network);
    assert.equal(other.handle.owned, false);
    assert.deepEqual([...other.handle.calls], [...member.handle.calls]);
    await other.handle.release();
  });

  it('does not start where the address that was named is another’s, or is gone', async () => {
    const attempt = async (listen: PeerSettings['listen'], machine?: Machine): Promise<unknown> => {
      const geth = machine && (await gethOn(machine));
      const peers = { listen, admitted: [], hubs: [] };
      const launcher = await newLauncher(folder(), {
        network,
        peers: () => Promise.resolve(peers),
        ...(geth !== undefined && { programSetting: () => geth }),
      });
      return launcher.launch({ threads: 1 }, never);
    };
    const failsAs =
      (reason: string, address: string) =>
      (error: unknown): boolean =>
        isDaoChainError(error, 'nodeFailed') &&
        error.details['reason'] === reason &&
        error.details['address'] === address;
    await assert.rejects(
      attempt({ host: '10.77.0.99', port: hubPort }, first),
      failsAs('addressGone', '10.77.0.99:30303'),
    );
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { readonly port: number };
    await assert.rejects(attempt({ host: '127.0.0.1', port }), failsAs('addressTaken', `127.0.0.1:${port.toString()}`));
    server.close();
  });
});
