import assert from 'node:assert/strict';
import { join } from 'node:path';
import { RpcMiningControl, miningAt } from '../../../src/adapters/chain/miningControl';
import { IpcTransport } from '../../../src/adapters/chain/ipcTransport';
import type { Address } from '../../../src/core/hex';
import { startProgram, temporaryFolder, type TemporaryFolder } from '../../testbed/program';
import { waitFor } from '../../testbed/waitFor';
import { newLauncher } from './newLauncher';
import type { MiningWish, NodeHandle } from '../../../src/core/ports/node';

const never = new AbortController().signal;
const wish = (digit: string): MiningWish => ({ threads: 1, etherbase: `0x${digit.repeat(40)}` });

/** One node for all: each test leaves it without a lease. */
describe('mining leases at the owner of a node', function () {
  this.timeout(120_000);
  let temporary: TemporaryFolder;
  let folder: string;
  let owner: NodeHandle;
  let transport: IpcTransport;
  let guests: NodeHandle[];

  before(async () => {
    temporary = temporaryFolder();
    folder = join(temporary.path, 'network');
    owner = await (await newLauncher(folder)).launch({ threads: 1 }, never);
    transport = new IpcTransport(() => owner.ipcPath);
  });
  beforeEach(() => {
    guests = [];
  });
  afterEach(async () => {
    for (const guest of guests) await guest.release();
    await owner.endMining();
  });
  after(async () => {
    transport.dispose();
    await owner.release();
    temporary.remove();
  });

  const joined = async (): Promise<NodeHandle> => {
    const guest = await (await newLauncher(folder)).join(never);
    assert.ok(guest !== undefined);
    guests.push(guest);
    return guest;
  };
  const mines = async (): Promise<boolean> => (await new RpcMiningControl(transport).status(never)).mining;
  const paid = async (): Promise<Address> => String(await transport.request('eth_coinbase', [], never)) as Address;

  it('mines as long as anybody holds one', async () => {
    const [first, second] = [await joined(), await joined()];
    await first.mine(wish('1'));
    await second.mine(wish('2'));
    await owner.mine(wish('3'));
    await first.rest();
    await owner.rest();
    assert.equal(await mines(), true);
    await second.rest();
    assert.equal(await mines(), false);
  });

  it('pays whoever asked last of those who still wait', async () => {
    const [first, second] = [await joined(), await joined()];
    await first.mine(wish('1'));
    await second.mine(wish('2'));
    assert.equal(await paid(), wish('2').etherbase);
    await second.rest();
    assert.equal(await paid(), wish('1').etherbase);
    await first.rest();
  });

  it('does not end what another still waits for when one gives back what it does not have', async () => {
    const [first, second] = [await joined(), await joined()];
    await first.mine(wish('1'));
    await second.rest();
    await owner.rest();
    assert.equal(await mines(), true);
  });

  it('ends with the window that holds it', async () => {
    const guest = await joined();
    await guest.mine(wish('1'));
    await guest.release();
    await waitFor('it mines no more', async () => !(await mines()));
  });

  it('ends with a process that is killed', async () => {
    const window = await startProgram(process.execPath, [
      ...['--import', 'tsx', join(__dirname, 'ownerProcess.ts')],
      ...[folder, 'mine'],
    ]);
    try {
      await waitFor('it mines', mines, { timeoutMs: 60_000 });
      await window.kill();
      await waitFor('it mines no more', async () => !(await mines()), { timeoutMs: 60_000 });
    } finally {
      await window.stop();
    }
  });

  it('leaves mining on that somebody had begun without one', async () => {
    const control = miningAt(owner.ipcPath);
    await control.start(1, wish('9').etherbase, never);
    const guest = await joined();
    await guest.mine(wish('1'));
    await guest.rest();
    assert.equal(await mines(), true);
    control.dispose();
  });

  it('mines on when something else than its holders ends mining', async () => {
    const guest = await joined();
    await guest.mine(wish('1'));
    await transport.request('miner_stop', [], never);
    assert.equal(await mines(), false);
    await waitFor('it mines again', mines);
    assert.equal(await paid(), wish('1').etherbase);
  });

  it('ends for everybody when a person says so, and everybody is told', async () => {
    const [first, second] = [await joined(), await joined()];
    const told = new Set<string>();
    first.onMiningEnded(() => told.add('first'));
    second.onMiningEnded(() => told.add('second'));
    owner.onMiningEnded(() => told.add('owner'));
    await first.mine(wish('1'));
    await owner.mine(wish('2'));
    await second.endMining();
    await waitFor('all are told', () => told.size === 3);
    assert.equal(await mines(), false);
    await first.mine(wish('1'));
    assert.equal(await mines(), true, 'who begins anew mines anew');
  });

  it('is not given for something that is no address', async () => {
    const guest = await joined();
    await assert.rejects(guest.mine({ threads: 1, etherbase: '0x12' }));
    assert.equal(await mines(), false);
    await (await joined()).mine(wish('1'));
  });
});
