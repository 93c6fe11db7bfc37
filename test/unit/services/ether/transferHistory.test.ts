import assert from 'node:assert/strict';
import fc from 'fast-check';
import { balanceOf, mostMovements } from '../../../../src/core/ether/etherHistory';
import { toHex, type Address, type Hex32 } from '../../../../src/core/hex';
import type { AccountTransaction } from '../../../../src/core/ports/accounts';
import { TransferHistory } from '../../../../src/services/ether/transferHistory';
import { wallet } from '../fakeLedger';
import { Window, alice, never } from '../serviceWorld';

const owner = alice.address;
const other: Address = wallet(0xb0b);
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
/** As deep as the world's index says. */
const confirmations = 3;

let made = 0;
function transaction(changes: Partial<AccountTransaction>): AccountTransaction {
  const hash: Hex32 = toHex(new Uint8Array(32).fill(++made % 256));
  return { hash, from: owner, to: other, value: 0n, fee: 0n, failed: false, ...changes };
}

type What = 'nothing' | 'mined' | 'sent' | 'received' | 'signed' | 'self' | 'contract' | 'dust';

/** A block in which that happens, in whatever world. */
function happen({ chain, accounts }: Window, what: What): void {
  chain.mine(1);
  const time = 1_700_000_000 + chain.height;
  const add = (change: bigint, sent: number, mined: bigint, ...transactions: AccountTransaction[]): void => {
    accounts.add(change, sent, { time, mined, transactions });
  };
  switch (what) {
    case 'nothing':
      add(0n, 0, 0n);
      break;
    case 'mined':
      add(2_000n, 0, 2_000n);
      break;
    case 'sent':
      add(-12n, 1, 0n, transaction({ value: 10n, fee: 2n }));
      break;
    case 'received':
      add(5n, 0, 0n, transaction({ from: other, to: owner, value: 5n }));
      break;
    case 'signed':
      add(-3n, 1, 0n, transaction({ fee: 3n }));
      break;
    case 'self':
      add(-2n, 1, 0n, transaction({ to: owner, value: 100n, fee: 2n }));
      break;
    case 'contract':
      add(7n, 0, 0n);
      break;
    case 'dust':
      add(0n, 0, 0n, transaction({ from: other, to: owner }));
      break;
  }
}

const historyOf = (world: Window): TransferHistory =>
  new TransferHistory({ ledgers: world.ledgers, files: world.store, log });

describe('what came of a wallet’s ether', () => {
  it('adds up to the balance, whatever happened, and wherever reading began again', async () => {
    const what = fc.constantFrom<What>(
      ...(['nothing', 'mined', 'sent', 'received', 'signed', 'self', 'contract', 'dust'] as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(what, { maxLength: 12 }), { maxLength: 5 }), async (parts) => {
        const world = new Window();
        // Something to send, so that no balance is below zero.
        happen(world, 'mined');
        for (const part of parts) {
          for (const each of part) happen(world, each);
          const { totals, state } = await historyOf(world).read(owner, never);
          assert.equal(balanceOf(totals), world.accounts.state.balance);
          assert.deepEqual(state, world.accounts.state);
        }
        const all = parts.flat();
        const count = (wanted: What): number => all.filter((each) => each === wanted).length;
        const { totals, movements } = await historyOf(world).read(owner, never);
        assert.equal(totals.minedBlocks, count('mined') + 1);
        assert.equal(totals.other, 7n * BigInt(count('contract')));
        assert.equal(totals.fees, BigInt(2 * count('sent') + 3 * count('signed') + 2 * count('self')));
        const shown = ['sent', 'received', 'signed', 'self', 'contract'] as const;
        assert.equal(
          movements.length,
          shown.map(count).reduce((sum, each) => sum + each, 0),
        );
        // What is remembered and what is read at once from the first block on is the same.
        world.store.files.clear();
        assert.deepEqual(await historyOf(world).read(owner, never), await historyOf(world).read(owner, never));
      }),
      { numRuns: 60 },
    );
  });

  it('costs what happened, not what the chain holds', async () => {
    const world = new Window();
    world.accounts.addEmpty(9_999);
    world.chain.mine(9_999);
    happen(world, 'received');
    world.accounts.addEmpty(10_000);
    world.chain.mine(10_000);
    await historyOf(world).read(owner, never);
    assert.deepEqual(world.accounts.asked.blocks, [10_000]);
    assert.ok(world.accounts.asked.states < 60, `${world.accounts.asked.states}`);
  });

  it('is read again only where it is not final', async () => {
    const world = new Window();
    for (let count = 0; count < 20; count += 1) happen(world, 'mined');
    await historyOf(world).read(owner, never);
    world.accounts.asked.blocks.length = 0;
    happen(world, 'sent');
    const { totals } = await historyOf(world).read(owner, never);
    assert.equal(totals.sent, 10n);
    assert.deepEqual(world.accounts.asked.blocks, [19, 20, 21].slice(-confirmations));
  });

  it('goes on where it was cancelled, and tells how far it is', async () => {
    const world = new Window();
    world.accounts.addEmpty(10_000);
    world.chain.mine(10_000);
    const left = new AbortController();
    await assert.rejects(
      historyOf(world).read(owner, left.signal, () => {
        left.abort();
      }),
    );
    const seen: { readonly done: number; readonly of: number }[] = [];
    await historyOf(world).read(owner, never, (progress) => seen.push(progress));
    assert.ok(
      seen.every(({ of }) => of === 10_000 - 4_096),
      JSON.stringify(seen),
    );
    assert.equal(seen.at(-1)?.done, seen.at(-1)?.of);
  });

  it('reads every block of a node that keeps no old states, and compares nothing', async () => {
    const world = new Window();
    world.accounts.forgetsStates = true;
    for (const what of ['mined', 'nothing', 'sent', 'contract'] as const) happen(world, what);
    const { totals, state } = await historyOf(world).read(owner, never);
    assert.deepEqual([totals.mined, totals.sent, totals.other, state], [2_000n, 10n, 0n, undefined]);
    assert.deepEqual([...new Set(world.accounts.asked.blocks)], [1, 2, 3, 4]);
  });

  it('begins anew where what it remembers is of another chain, or damaged', async () => {
    const world = new Window();
    for (let count = 0; count < 8; count += 1) happen(world, 'mined');
    const right = await historyOf(world).read(owner, never);
    const [file = ''] = world.files('transfers');
    const text = new TextDecoder().decode(world.store.files.get(file));
    const damages = [
      '',
      '{}',
      text.slice(0, -1),
      text.replace('"version":1', '"version":2'),
      text.replace(right.totals.mined.toString().slice(0, 1), '-'),
      text.replace(/"hash":"0x../, '"hash":"0xff'),
      text.replace('"block":', '"block":"x","block":'),
    ];
    for (const damage of damages) {
      world.store.files.set(file, new TextEncoder().encode(damage));
      assert.deepEqual((await historyOf(world).read(owner, never)).totals, right.totals, damage.slice(0, 40));
    }
  });

  it('lists no more than it has to, and nobody crowds out what the wallet sent', async () => {
    const world = new Window();
    happen(world, 'mined');
    happen(world, 'sent');
    for (let count = 0; count < mostMovements + 5; count += 1) happen(world, 'received');
    const { movements, leftOut, totals, receivers } = await historyOf(world).read(owner, never);
    assert.equal(movements.length, mostMovements + 1);
    assert.equal(leftOut, 5);
    assert.equal(movements[0]?.kind, 'sent');
    assert.equal(totals.received, 5n * BigInt(mostMovements + 5));
    assert.deepEqual(receivers, [other]);
  });
});
