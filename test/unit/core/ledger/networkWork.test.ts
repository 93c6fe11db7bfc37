import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Address } from '../../../../src/core/hex';
import { networkWork, type WorkBlock } from '../../../../src/core/ledger/networkWork';
import { protectionOf, rentedCard, type TeamProtection } from '../../../../src/core/ledger/protection';

const [own, other] = ['a', 'b'].map((digit): Address => `0x${digit.repeat(40)}`);

function block(number: number, time: number, difficulty = 131_072n, miner = other): WorkBlock {
  return { number, time, difficulty, miner: miner ?? '0x' };
}

const terms = { kind: 'team', dataset: 'full', confirmations: 6, witnesses: [], threshold: 0 } as const;

function team(work: Parameters<typeof protectionOf>[1], confirmations = 6): TeamProtection {
  const protection = protectionOf({ ...terms, confirmations }, work);
  assert.ok(protection.kind === 'team');
  return protection;
}

describe('the work of a network', () => {
  it('is what the blocks took, without the first one, which nobody mined', () => {
    const blocks = [block(0, 0), block(1, 1_000_000), block(2, 1_000_010, 1_000n, own), block(3, 1_000_020, 3_000n)];
    assert.deepEqual(networkWork(blocks, own), {
      difficulty: 3_000n,
      blocks: 3,
      own: 1,
      blockSeconds: 10,
      hashrate: 200,
    });
  });

  it('has no rate as long as there are no two blocks to measure between', () => {
    assert.equal(networkWork([], own), undefined);
    assert.equal(networkWork([block(0, 0)], own), undefined);
    const first = networkWork([block(0, 0), block(1, 1_000)], own);
    assert.deepEqual(first, { difficulty: 131_072n, blocks: 1, own: 0, blockSeconds: undefined, hashrate: undefined });
  });
});

describe('what protects a ledger', () => {
  it('is a card that overtakes in the time of its lead over the others', () => {
    const work = { difficulty: 131_072n, blocks: 32, own: 0, blockSeconds: 13, hashrate: 60_000_000 };
    assert.deepEqual(team(work).work, {
      difficulty: 131_072n,
      blockSeconds: 13,
      hashrate: 60_000_000,
      cards: 1,
      seconds: (131_072 * 6) / (rentedCard.hashrate - 60_000_000),
    });
    assert.equal(team(undefined).work, undefined);
  });

  it('is always told for as many cards as are enough, and no more; never a time without end', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e15, noNaN: true }),
        fc.bigInt({ min: 1n, max: 10n ** 15n }),
        fc.integer({ min: 1, max: 1_000 }),
        (hashrate, difficulty, confirmations) => {
          const { work } = team({ difficulty, blocks: 32, own: 0, blockSeconds: 13, hashrate }, confirmations);
          assert.ok(work !== undefined);
          assert.ok(work.cards * rentedCard.hashrate > hashrate);
          assert.ok((work.cards - 1) * rentedCard.hashrate <= hashrate);
          assert.ok(work.seconds > 0 && Number.isFinite(work.seconds));
        },
      ),
    );
  });

  it('is this machine alone, or another chain', () => {
    assert.deepEqual(protectionOf({ kind: 'development' }, undefined), { kind: 'development' });
    assert.deepEqual(protectionOf({ kind: 'external' }, undefined), { kind: 'external' });
  });
});
