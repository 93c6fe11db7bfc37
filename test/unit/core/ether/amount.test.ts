import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseEther } from '../../../../src/core/ether/amount';
import { isDaoChainError } from '../../../../src/core/errors';
import { exactEther, feeEther, shortEther } from '../../../../src/words/amountText';

const wei = fc.bigInt({ min: 1n, max: 2n ** 256n - 1n });

describe('amounts of ether that a person types', () => {
  it('are exactly what is shown, whatever their size', () => {
    fc.assert(fc.property(wei, (amount) => parseEther(exactEther(amount).replace(' ETH', '')) === amount));
  });

  it('may have zeros at their end', () => {
    assert.equal(parseEther('1.250000000000000000000000'), 1_250_000_000_000_000_000n);
    assert.equal(parseEther('0.000000000000000001'), 1n);
    assert.equal(parseEther('007'), 7n * 10n ** 18n);
  });

  const refused: readonly (readonly [text: string, reason: string])[] = [
    ['', 'amountForm'],
    [' 1', 'amountForm'],
    ['1,5', 'amountForm'],
    ['1.', 'amountForm'],
    ['.5', 'amountForm'],
    ['1.2.3', 'amountForm'],
    ['-1', 'amountForm'],
    ['+1', 'amountForm'],
    ['1e3', 'amountForm'],
    ['0x10', 'amountForm'],
    ['１', 'amountForm'],
    ['1 000', 'amountForm'],
    ['all', 'amountForm'],
    ['9'.repeat(200), 'amountForm'],
    ['0.0000000000000000001', 'amountFraction'],
    ['0', 'amountRange'],
    ['0.0', 'amountRange'],
    ['9'.repeat(90), 'amountRange'],
  ];
  for (const [text, reason] of refused)
    it(`are refused as "${text.slice(0, 24)}"`, () => {
      assert.throws(
        () => parseEther(text),
        (error) => isDaoChainError(error, 'invalidInput') && error.details['reason'] === reason,
      );
    });
});

describe('amounts that are not zero', () => {
  it('are never shown as zero', () => {
    fc.assert(
      fc.property(wei, (amount) =>
        [exactEther, shortEther, feeEther].every((show) => !/^-?0(?:\.0+)? ETH/.test(show(amount))),
      ),
    );
  });

  it('are shown in the unit in which a tiny fee can be read, too', () => {
    assert.equal(feeEther(0n), '0 ETH');
    assert.equal(feeEther(315_000n), '0.000000000000315 ETH (315000 wei)');
    assert.equal(feeEther(21_000n * 10n ** 9n), '0.000021 ETH (21000 gwei)');
    assert.equal(feeEther(1_500_000_000n), '0.0000000015 ETH (1.5 gwei)');
    assert.equal(feeEther(10n ** 15n), '0.001 ETH');
  });
});
