import assert from 'node:assert/strict';
import fc from 'fast-check';
import { exactEther, formatBytes, formatHashrate, neededEther, shortEther } from '../../../src/words/amountText';

const ether = 10n ** 18n;

/** Wei of a text such as `1.25 ETH`. */
function parse(text: string): bigint {
  const [whole = '', fraction = ''] = text.replace(' ETH', '').split('.');
  return BigInt(whole) * ether + BigInt(fraction.padEnd(18, '0'));
}

describe('amounts', () => {
  it('shows every digit where asked to', () => {
    assert.equal(exactEther(0n), '0 ETH');
    assert.equal(exactEther(1n), '0.000000000000000001 ETH');
    assert.equal(exactEther(5n * ether), '5 ETH');
    assert.equal(exactEther(ether + ether / 4n), '1.25 ETH');
    assert.equal(exactEther(-ether / 2n), '-0.5 ETH');
  });

  it('is short at a glance', () => {
    assert.equal(shortEther(0n), '0 ETH');
    assert.equal(shortEther(ether / 3n), '0.3333 ETH');
    assert.equal(shortEther(10n ** 13n), '<0.0001 ETH');
    assert.equal(shortEther(10n ** 14n), '0.0001 ETH');
  });

  it('keeps every digit of any amount', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), (wei) => parse(exactEther(wei)) === wei));
  });

  it('never shows more than there is, and never asks for less than is needed', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 10n ** 14n, max: 10n ** 30n }), (wei) => {
        const short = parse(shortEther(wei));
        const needed = parse(neededEther(wei));
        return short <= wei && wei - short < 10n ** 14n && needed >= wei && needed - wei <= wei / 100n;
      }),
    );
  });

  it('asks for the smallest amounts as they are', () => {
    assert.equal(neededEther(1n), '0.000000000000000001 ETH');
    assert.equal(neededEther(123_456n * 10n ** 12n), '0.124 ETH');
  });
});

describe('rates and sizes', () => {
  it('counts hashes in the unit that fits', () => {
    assert.deepEqual([0, 999, 1000, 250_000, 1_234_567, 5e15].map(formatHashrate), [
      '0 H/s',
      '999 H/s',
      '1.0 kH/s',
      '250 kH/s',
      '1.2 MH/s',
      '5000 TH/s',
    ]);
  });

  it('counts bytes as the docker command does', () => {
    assert.deepEqual([0, 999, 4_260_000, 1_500_000_000].map(formatBytes), ['0 B', '999 B', '4.26 MB', '1.5 GB']);
  });
});
