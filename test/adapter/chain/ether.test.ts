import assert from 'node:assert/strict';
import { RpcAccountReader } from '../../../src/adapters/chain/accountReader';
import { IpcTransport } from '../../../src/adapters/chain/ipcTransport';
import { RpcLedgerReader } from '../../../src/adapters/chain/ledgerReader';
import { RpcLedgerWriter } from '../../../src/adapters/chain/ledgerWriter';
import { RpcOrganizationReader } from '../../../src/adapters/chain/organizationReader';
import { EthersWalletKeys } from '../../../src/adapters/secrets/walletKeys';
import { isDaoChainError } from '../../../src/core/errors';
import { balanceOf, type EtherHistory } from '../../../src/core/ether/etherHistory';
import type { Address, Hex32 } from '../../../src/core/hex';
import type { LedgerId } from '../../../src/core/ledger/types';
import { leastLeft, type TransferPlan } from '../../../src/core/plans/transferPlan';
import type { TransactionSigner } from '../../../src/core/ports/ledger';
import { EtherService, type WantedTransfer } from '../../../src/services/ether/etherService';
import { TransferHistory } from '../../../src/services/ether/transferHistory';
import { LedgerSource } from '../../../src/services/ledger/ledger';
import { LedgerIndex } from '../../../src/services/ledger/ledgerIndex';
import { Transactions } from '../../../src/services/transactions/transactions';
import { delay } from '../../../src/timers';
import { startNode, testGenesis, type TestNode } from '../../testbed/geth';
import { waitFor } from '../../testbed/waitFor';
import { silentLog } from '../../testbed/product';
import { MemoryStore } from '../../unit/services/memoryStore';
import { MemoryTurns } from '../../unit/services/memoryTurns';

const never = new AbortController().signal;
const ether = 10n ** 18n;
const confirmations = 2;

const contract = (digit: string): Address => `0x${digit.repeat(40)}`;
const [ledgerAddress, refuser, taker, forwarder] = ['a', 'b', 'c', 'd'].map(contract) as [
  Address,
  Address,
  Address,
  Address,
];

/** Everything that moves ether, over one node. */
class World {
  readonly transport;
  readonly ledgers;
  readonly transactions;
  readonly history;
  readonly ether;

  constructor(
    readonly node: TestNode,
    ledger: LedgerId,
    readonly store = new MemoryStore(),
  ) {
    const transport = new IpcTransport(() => node.ipcPath);
    const reader = new RpcLedgerReader(transport, ledger);
    const common = { reader, store, clock: Date.now, log: silentLog, confirmations };
    const index = new LedgerIndex({ ...common, ownPublishers: () => [], rules: () => [] });
    this.transport = transport;
    this.ledgers = new LedgerSource(() =>
      Promise.resolve({
        ...{ kind: 'team', assurance: 'ownNode', finality: 'depth', reader, index },
        organizations: new RpcOrganizationReader(transport, ledger),
        accounts: new RpcAccountReader(transport),
        writer: new RpcLedgerWriter(transport, ledger),
      } as const),
    );
    const { ledgers } = this;
    this.transactions = new Transactions({
      ledgers,
      files: store,
      turns: new MemoryTurns(),
      wait: delay,
      log: silentLog,
    });
    this.history = new TransferHistory({ ledgers, files: store, log: silentLog });
    const { history, transactions } = this;
    // A machine that is three times slower has as much time as it needs.
    this.ether = new EtherService({ ledgers, transactions, history, wait: delay, patience: 60_000 });
  }

  dispose(): void {
    this.transactions.dispose();
    this.transport.dispose();
  }
}

/** Whether a block of the chain has one. */
async function hasUncle(node: TestNode): Promise<boolean> {
  const height = Number(await node.request('eth_blockNumber'));
  for (let number = height; number > 0; number -= 1)
    if (Number(await node.request('eth_getUncleCountByBlockNumber', [`0x${number.toString(16)}`])) > 0) return true;
  return false;
}

describe('ether on real nodes', () => {
  let alice: TransactionSigner;
  let bob: TransactionSigner;
  let nodeA: TestNode;
  let nodeB: TestNode;
  let ledger: LedgerId;
  let a: World;
  const worlds: World[] = [];
  const open = (node: TestNode, store?: MemoryStore): World => {
    const world = new World(node, ledger, store);
    worlds.push(world);
    return world;
  };

  before(async () => {
    [alice, bob] = [await new EthersWalletKeys().create(), await new EthersWalletKeys().create()];
    // CALL with the value that came, to bob, and nothing else.
    const forwarding = `0x60006000600060003473${bob.address.slice(2)}5af100`;
    const genesis = testGenesis({
      [alice.address]: { balance: `0x${(5n * ether).toString(16)}` },
      [refuser]: { code: '0x60006000fd' },
      [taker]: { code: '0x00' },
      [forwarder]: { code: forwarding },
    });
    [nodeA, nodeB] = [
      await startNode({ genesis, etherbase: alice.address }),
      await startNode({ genesis, etherbase: bob.address }),
    ];
    const { hash } = (await nodeA.request('eth_getBlockByNumber', ['0x0', false])) as { hash: Hex32 };
    ledger = { chainId: 20_161n, genesisHash: hash, address: ledgerAddress };
    a = open(nodeA);
  });
  after(async () => {
    for (const world of worlds) world.dispose();
    await nodeA.dispose();
    await nodeB.dispose();
  });

  const balance = async ({ ledgers }: World, address: Address): Promise<bigint> =>
    (await ledgers.open()).writer.balance(address, never);
  /** Reads, and checks that nothing is missing between the first block and the balance. */
  async function balanced({ history }: World, owner: Address): Promise<EtherHistory> {
    const read = await history.read(owner, never);
    assert.equal(balanceOf(read.totals), read.state?.balance);
    return read;
  }
  async function send(world: World, wanted: WantedTransfer, signer = alice): Promise<TransferPlan> {
    const plan = await world.ether.plan(wanted, signer.address, never);
    await world.node.request('miner_start', [1]);
    const { state } = await world.transactions.execute(plan, signer, never, () => undefined);
    await world.node.request('miner_stop');
    assert.equal(state, 'final');
    return plan;
  }
  const warningsOf = ({ warnings }: TransferPlan): readonly string[] => warnings.map(({ kind }) => kind);

  it('counts what is earned by mining', async () => {
    await nodeA.mine(3);
    const { totals, block, movements } = await balanced(a, alice.address);
    assert.equal(totals.start, 5n * ether);
    assert.equal(totals.mined, BigInt(block) * 2n * ether);
    assert.equal(totals.minedBlocks, block);
    assert.deepEqual(movements, []);
  });

  it('sends an exact amount, and tells what it costs and what is left', async () => {
    const value = ether + 1n;
    const plan = await a.ether.plan({ to: bob.address, amount: value }, alice.address, never);
    assert.deepEqual(warningsOf(plan), ['first']);
    assert.equal(plan.fee.gas, 21_000n);
    assert.equal(leastLeft(plan), plan.fee.balance - value - plan.fee.cost);
    await send(a, { to: bob.address, amount: value });
    assert.equal(await balance(a, bob.address), value);
    const own = await balanced(a, alice.address);
    const [sent] = own.movements;
    assert.ok(sent?.kind === 'sent' && sent.value === value && sent.peer === bob.address && sent.fee > 0n);
    assert.ok(sent.fee <= plan.fee.cost);
    assert.equal(own.totals.fees, sent.fee);
    const [received] = (await balanced(a, bob.address)).movements;
    assert.ok(received?.kind === 'received' && received.value === value && received.peer === alice.address);
    assert.equal(received.transaction, sent.transaction);
    assert.deepEqual(warningsOf(await a.ether.plan({ to: bob.address, amount: 1n }, alice.address, never)), []);
  });

  it('warns of a contract, of the wallet itself, and of an address that imitates another', async () => {
    const last = bob.address.slice(-4);
    const fake: Address = `0x${bob.address.slice(2, 6)}${'0123456789abcdef'.repeat(2)}${last}`;
    const plan = (to: Address) => a.ether.plan({ to, amount: 1n }, alice.address, never);
    assert.deepEqual(warningsOf(await plan(taker)), ['contract', 'first']);
    assert.deepEqual(warningsOf(await plan(alice.address)), ['self']);
    const imitation = await plan(fake);
    assert.deepEqual(imitation.warnings[0], { kind: 'imitates', address: bob.address });
  });

  it('refuses who takes no ether before anything is sent', async () => {
    const refused = (to: Address, reason: string) =>
      assert.rejects(
        a.ether.plan({ to, amount: 1n }, alice.address, never),
        (error) => isDaoChainError(error) && error.details['reason'] === reason,
      );
    await refused(refuser, 'receiver');
    await refused(ledgerAddress, 'receiverLedger');
    await refused(`0x${'0'.repeat(39)}9`, 'receiverNobody');
  });

  it('prices what the balance does not pay for, and does not send it', async () => {
    const plan = await a.ether.plan({ to: bob.address, amount: 1_000n * ether }, alice.address, never);
    assert.equal(plan.missing, 1_000n * ether + plan.fee.cost - plan.fee.balance);
    await assert.rejects(
      a.transactions.execute(plan, alice, never, () => undefined),
      (error) => isDaoChainError(error, 'insufficientFunds'),
    );
    assert.deepEqual(await a.transactions.onItsWay(), []);
  });

  it('finds what a contract sends on, which has no transaction to the wallet', async () => {
    const before = await balanced(a, bob.address);
    await send(a, { to: forwarder, amount: ether / 3n });
    const after = await balanced(a, bob.address);
    assert.equal(after.totals.other - before.totals.other, ether / 3n);
    const [last] = after.movements.slice(-1);
    assert.ok(last?.kind === 'other' && last.value === ether / 3n);
  });

  it('sends everything that the fee leaves', async () => {
    const all = await balance(a, bob.address);
    const plan = await send(a, { to: alice.address, amount: 'all' }, bob);
    assert.equal(plan.call.value, all - plan.fee.cost);
    const left = await balance(a, bob.address);
    assert.ok(left >= 0n && left < plan.fee.cost);
    await balanced(a, bob.address);
  });

  it('has nothing to send from a wallet whose balance pays for no fee', async () => {
    const poor = await new EthersWalletKeys().create();
    await assert.rejects(
      a.ether.plan({ to: alice.address, amount: 'all' }, poor.address, never),
      (error) => isDaoChainError(error) && error.details['reason'] === 'nothingLeft',
    );
  });

  it('goes on with a transfer after the window is gone, and does not plan with what that takes along', async () => {
    const amount = (await balance(a, alice.address)) / 2n;
    const closing = open(nodeA, a.store);
    const plan = await closing.ether.plan({ to: bob.address, amount }, alice.address, never);
    const left = new AbortController();
    const { state } = await closing.transactions.execute(plan, alice, left.signal, ({ stage }) => {
      if (stage === 'broadcast') left.abort();
    });
    assert.equal(state, 'waiting');
    closing.dispose();

    const next = open(nodeA, a.store);
    const [pending] = await next.transactions.onItsWay();
    assert.deepEqual(pending?.transfer, { to: bob.address, value: amount });
    const second = await next.ether.plan({ to: bob.address, amount }, alice.address, never);
    assert.equal(second.onItsWay, amount + plan.fee.cost);
    assert.equal(second.missing > 0n, true);
    await assert.rejects(
      next.transactions.execute(second, alice, never, () => undefined),
      (error) => isDaoChainError(error, 'insufficientFunds'),
    );
    await nodeA.request('miner_start', [1]);
    await next.transactions.resume(never);
    await nodeA.request('miner_stop');
    assert.deepEqual(await next.transactions.onItsWay(), []);
    assert.equal((await balance(next, bob.address)) >= amount, true);
  });

  it('remembers what is final, and reads no block of that again', async () => {
    await nodeA.mine(2);
    const first = await balanced(a, alice.address);
    const again = open(nodeA, a.store);
    const progress: number[] = [];
    const second = await again.history.read(alice.address, never, ({ of }) => progress.push(of));
    assert.deepEqual(second.totals, first.totals);
    assert.ok(
      progress.every((of) => of < confirmations),
      progress.join(),
    );
    const fresh = await balanced(open(nodeA), alice.address);
    assert.deepEqual(fresh, second);
  });

  it('forgets what a heavier chain has not, and counts the rewards of uncles', async () => {
    const before = await balanced(a, alice.address);
    const height = before.block;
    // The other node has mined none of it, and mines more.
    await nodeB.mine(height + 8);
    await nodeA.connect(nodeB);
    const headOf = async (node: TestNode): Promise<string> =>
      ((await node.request('eth_getBlockByNumber', ['latest', false])) as { hash: string }).hash;
    const together = () =>
      waitFor('both nodes have one chain', async () => (await headOf(nodeA)) === (await headOf(nodeB)));
    await together();
    const after = await balanced(a, alice.address);
    assert.equal(after.totals.mined, 0n);
    assert.equal(after.totals.start, 5n * ether);
    assert.deepEqual(await balanced(open(nodeA), alice.address), after);
    const others = await balanced(a, bob.address);
    assert.equal(others.totals.mined, 2n * ether * BigInt(others.totals.minedBlocks));
    // Both at once: blocks meet, some become uncles, and transfers are in them.
    const plan = await a.ether.plan({ to: bob.address, amount: ether }, alice.address, never);
    await nodeB.request('miner_start', [1]);
    await nodeA.request('miner_start', [1]);
    await a.transactions.execute(plan, alice, never, () => undefined);
    await waitFor('a block names an uncle', () => hasUncle(nodeA));
    await nodeA.request('miner_stop');
    await nodeB.request('miner_stop');
    await together();
    assert.ok(await hasUncle(nodeA));
    for (const { address } of [alice, bob]) {
      const own = await balanced(a, address);
      assert.deepEqual(await balanced(open(nodeA), address), own);
    }
  });
});
