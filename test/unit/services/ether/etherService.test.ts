import assert from 'node:assert/strict';
import { isDaoChainError } from '../../../../src/core/errors';
import type { Address } from '../../../../src/core/hex';
import { leastLeft, needsPerson } from '../../../../src/core/plans/transferPlan';
import { EtherService } from '../../../../src/services/ether/etherService';
import { TransferHistory } from '../../../../src/services/ether/transferHistory';
import { chinese, english } from '../../words/localizers';
import { transferRows } from '../../../../src/ui/ether/transferRows';
import { planRows } from '../../../../src/ui/signing/planRows';
import { checksumAddress } from '../../../../src/core/checksumAddress';
import { exactEther } from '../../../../src/words/amountText';
import { Window, alice, never, until } from '../serviceWorld';

const bob: Address = '0x1234567890abcdef1234567890abcdef12345678';
const imitation: Address = '0x1234ffffffffffffffffffffffffffffffff5678';
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

function serviceOf(world: Window, history?: Pick<TransferHistory, 'read'>): EtherService {
  const { ledgers, transactions, store } = world;
  return new EtherService({
    ...{ ledgers, transactions, history: history ?? new TransferHistory({ ledgers, files: store, log }) },
    wait: (_, signal) => (history === undefined ? untilLeft(signal) : Promise.resolve()),
  });
}

/** Until it is not waited for any more. */
function untilLeft(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}

describe('a planned transfer', () => {
  const world = new Window();
  before(() => {
    world.chain.mine(1);
    const hash = `0x${'12'.repeat(32)}` as const;
    const sent = { hash, from: alice.address, to: bob, value: 3n, fee: 1n, failed: false };
    world.accounts.add(-4n, 1, { time: 1_700_000_000, mined: 0n, transactions: [sent] });
  });

  it('takes along an amount beside the fee, and lacks what the balance has not', async () => {
    const fits = await serviceOf(world).plan({ to: bob, amount: 5n }, alice.address, never);
    assert.equal(fits.missing, 0n);
    assert.equal(leastLeft(fits), world.writer.funds - 5n - fits.fee.cost);
    const lacks = await serviceOf(world).plan({ to: bob, amount: world.writer.funds }, alice.address, never);
    assert.equal(lacks.missing, lacks.fee.cost);
  });

  it('knows whom the wallet has paid, and who imitates them', async () => {
    const kinds = async (to: Address, service = serviceOf(world)): Promise<readonly string[]> =>
      (await service.plan({ to, amount: 1n }, alice.address, never)).warnings.map(({ kind }) => kind);
    assert.deepEqual(await kinds(bob), []);
    assert.deepEqual(await kinds(imitation), ['imitates', 'first']);
    assert.deepEqual(await kinds('0xfedcba9876543210fedcba9876543210fedcba98'), ['first']);
    assert.deepEqual(await kinds(alice.address), ['self']);
  });

  it('says that the history is not known where it takes too long, and does not wait for it', async () => {
    const slow = { read: (_: Address, signal: AbortSignal) => slowly(signal) };
    const plan = await serviceOf(world, slow).plan({ to: imitation, amount: 1n }, alice.address, never);
    assert.deepEqual(plan.warnings, [{ kind: 'unread' }]);
    const left = new AbortController();
    left.abort();
    await assert.rejects(serviceOf(world, slow).plan({ to: bob, amount: 1n }, alice.address, left.signal));
  });

  it('is told to have failed only when that is final, since a reorganization puts it back', async () => {
    for (const isBack of [true, false]) {
      const world = new Window();
      world.chain.mine(5);
      world.writer.refuses = true;
      const plan = await serviceOf(world).plan({ to: bob, amount: 5n }, alice.address, never);
      const depths: number[] = [];
      const sent = world.transactions.execute(plan, alice, never, (progress) => {
        if (progress.stage === 'broadcast') world.writer.mine();
        if (progress.stage === 'confirming') depths.push(progress.confirmations);
      });
      await until('a block', () => depths.includes(1));
      assert.equal((await world.transactions.onItsWay()).length, 1);
      if (isBack) {
        world.writer.rewind(1);
        world.writer.refuses = false;
        world.writer.mine(4);
        assert.equal((await sent).state, 'final');
      } else {
        const refused = assert.rejects(
          sent,
          (error) => isDaoChainError(error, 'transactionRejected') && error.details['reason'] === 'receiver',
        );
        world.chain.mine(4);
        await refused;
      }
      assert.deepEqual(await world.transactions.onItsWay(), []);
      world.transactions.dispose();
    }
  });

  it('is for nobody without a key', async () => {
    for (const to of [`0x${'0'.repeat(40)}`, `0x${'0'.repeat(39)}9`, `0x${'0'.repeat(36)}ffff`] as const)
      await assert.rejects(
        serviceOf(world).plan({ to, amount: 1n }, alice.address, never),
        (error) => isDaoChainError(error) && error.details['reason'] === 'receiverNobody',
      );
  });

  it('is of this ledger’s chain', async () => {
    const { chainId } = world.chain.ledger;
    await serviceOf(world).requireHome({ to: bob, chainId });
    await assert.rejects(
      serviceOf(world).requireHome({ to: bob, chainId: chainId + 1n }),
      (error) => isDaoChainError(error, 'linkInvalid') && error.details['reason'] === 'otherChain',
    );
  });

  it('is shown whole, whatever speaks against it', async () => {
    const plan = await serviceOf(world).plan({ to: imitation, amount: 10n ** 8n + 1n }, alice.address, never);
    assert.ok(needsPerson(plan));
    for (const l10n of [english, chinese]) {
      const rows = planRows(transferRows(plan, { mining: true, staleLink: false }, l10n));
      const text = rows.map(({ label, description, detail = '' }) => `${label} ${description} ${detail}`).join('\n');
      for (const part of [
        checksumAddress(imitation),
        checksumAddress(bob),
        exactEther(plan.call.value),
        exactEther(leastLeft(plan)),
        world.chain.ledger.genesisHash,
      ])
        assert.ok(text.includes(part), `${part}\n${text}`);
      assert.equal(rows[0]?.decision, 'sign');
    }
  });
});

function slowly(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => {
      reject(Object.assign(new Error('cancelled'), { name: 'DaoChainError', code: 'cancelled', details: {} }));
    };
    if (signal.aborted) fail();
    signal.addEventListener('abort', fail);
  });
}
