import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checksumAddress } from '../../../../src/core/checksumAddress';
import {
  parsePaymentRequest,
  paymentFaults,
  paymentLink,
  paymentUri,
  type PaymentFault,
  type PaymentRequest,
} from '../../../../src/core/ether/paymentRequest';
import { DaoChainError, isDaoChainError } from '../../../../src/core/errors';
import type { Address } from '../../../../src/core/hex';
import { errorText } from '../../../../src/words/errorText';
import { chinese, english } from '../../words/localizers';

const to: Address = '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed';
const checked = checksumAddress(to);
const ether = 10n ** 18n;
const eip = (rest: string): string => `ethereum:${checked}${rest}`;
const editor = (rest: string): string => `vscode://daochain.daochain/pay?${rest}`;

describe('payment requests', () => {
  it('are read as they were written, in either form', () => {
    const address = fc
      .uint8Array({ minLength: 20, maxLength: 20 })
      .filter((bytes) => bytes.some((byte, at) => at < 18 && byte > 0))
      .map((bytes): Address => `0x${Buffer.from(bytes).toString('hex')}`);
    const request = fc.record(
      {
        to: address,
        chainId: fc.bigInt({ min: 1n, max: 2n ** 256n - 1n }),
        value: fc.bigInt({ min: 1n, max: 2n ** 256n - 1n }),
      },
      { requiredKeys: ['to', 'chainId'], noNullPrototype: true },
    );
    fc.assert(
      fc.property(request, (made) => {
        for (const write of [paymentUri, paymentLink])
          assert.deepEqual(parsePaymentRequest(write(made as PaymentRequest)), made);
      }),
    );
  });

  const read: readonly (readonly [text: string, value: bigint | undefined])[] = [
    [eip('@1'), undefined],
    [eip('@1?value=2.014e18'), 2_014_000_000_000_000_000n],
    [eip('@1?value=2.014E18'), 2_014_000_000_000_000_000n],
    [eip('@1?value=1e18'), ether],
    [eip('@1?value=.5e18'), ether / 2n],
    [eip('@1?value=1.50e1'), 15n],
    [eip('@1?value=1.0'), 1n],
    [eip('@1?value=1e0'), 1n],
    [`ethereum:${to}@1?value=1`, 1n],
    // What EIP-681 lets stand before an address.
    [`ethereum:pay-${checked}@1?value=1`, 1n],
    [`  ${eip('@1?value=1')}\n`, 1n],
    [editor(`to=${checked}&chain=1&value=2.014e18`), 2_014_000_000_000_000_000n],
    [editor(`value=1&chain=1&to=${to}`), 1n],
    [`vscodium://daochain.daochain/pay?to=${to}&chain=1`, undefined],
    [editor(`to=${to}&chain=%31&value=1`), 1n],
  ];
  for (const [text, value] of read)
    it(`say ${value ?? 'no amount'}: ${text.trim()}`, () => {
      assert.deepEqual(parsePaymentRequest(text), { to, chainId: 1n, ...(value !== undefined && { value }) });
    });

  const misspelt = checked.replace('5aA', '5Aa');
  const hostile: readonly (readonly [text: string, reason: PaymentFault])[] = [
    [`bitcoin:${checked}@1?value=1`, 'notPayment'],
    [`Ethereum:${checked}@1?value=1`, 'notPayment'],
    [`web+ethereum:${checked}@1`, 'notPayment'],
    [`https://example.com/?ethereum:${checked}@1`, 'notPayment'],
    [`vscode://daochain.daochain/trust?to=${to}&chain=1`, 'notPayment'],
    [`vscode://evil.daochain/pay?to=${to}&chain=1`, 'notPayment'],
    [`vscode://daochain.daochain/pay/?to=${to}&chain=1`, 'notPayment'],
    ['', 'notPayment'],
    [to, 'notPayment'],
    ['ethereum:', 'missing'],
    [eip(''), 'missing'],
    [eip('@'), 'missing'],
    [eip('?value=1'), 'missing'],
    [eip('@1?value='), 'missing'],
    [eip('@1?value'), 'missing'],
    [eip('@1?'), 'unknown'],
    [eip('@1?value=1&value=1'), 'repeated'],
    [eip('@1?value=1&value=2'), 'repeated'],
    [eip('@1?Value=1'), 'unknown'],
    [eip('@1?value=1&gasPrice=1'), 'unknown'],
    [eip('@1?value=1&gas=1'), 'unknown'],
    [eip('@1?value=1?value=2'), 'paymentAmount'],
    [eip('@1?uint256=1'), 'unknown'],
    [eip('@1?value=1#2'), 'paymentAmount'],
    [eip('@1?value=-1'), 'paymentAmount'],
    [eip('@1?value=+1'), 'paymentAmount'],
    [eip('@1?value=0'), 'paymentAmount'],
    [eip('@1?value=0e18'), 'paymentAmount'],
    [eip('@1?value=1.5'), 'paymentAmount'],
    [eip('@1?value=1.2345e3'), 'paymentAmount'],
    [eip('@1?value=1e'), 'paymentAmount'],
    [eip('@1?value=1e-1'), 'paymentAmount'],
    [eip('@1?value=1e999999999'), 'paymentAmount'],
    [eip('@1?value=1e78'), 'paymentAmount'],
    [eip(`@1?value=${2n ** 256n}`), 'paymentAmount'],
    [eip('@1?value=0x10'), 'paymentAmount'],
    [eip('@1?value=1_000'), 'paymentAmount'],
    [eip('@1?value=1,5'), 'paymentAmount'],
    [eip('@1?value=.'), 'paymentAmount'],
    [eip('@1?value=e18'), 'paymentAmount'],
    [eip('@1?value=NaN'), 'paymentAmount'],
    [eip('@1?value=%31'), 'encoding'],
    [eip('@1?v%61lue=1'), 'encoding'],
    [eip('@1?value=１'), 'character'],
    [eip('@1\u202e?value=1'), 'character'],
    [eip('@1?value=1 0'), 'character'],
    [eip('@1/transfer?address=0x0&uint256=1'), 'paymentFunction'],
    [eip('/transfer?uint256=1'), 'paymentFunction'],
    [eip('@1/'), 'paymentFunction'],
    ['ethereum:vitalik.eth@1?value=1', 'paymentName'],
    ['ethereum:pay-vitalik.eth@1?value=1', 'paymentName'],
    [`ethereum:pay-pay-${checked}@1`, 'paymentName'],
    [`ethereum:PAY-${checked}@1`, 'paymentName'],
    [`ethereum:approve-${checked}@1`, 'paymentName'],
    [`ethereum:${checked.slice(2)}@1`, 'paymentName'],
    [`ethereum:${checked}00@1`, 'paymentAddress'],
    [`ethereum:${checked.slice(0, -1)}@1`, 'paymentAddress'],
    [`ethereum:0x${'0'.repeat(40)}@1`, 'paymentAddress'],
    [`ethereum:0x${'0'.repeat(39)}4@1`, 'paymentAddress'],
    [`ethereum:${misspelt}@1?value=1`, 'checksum'],
    [editor(`to=${misspelt}&chain=1`), 'checksum'],
    [eip('@0'), 'paymentChain'],
    [eip('@01'), 'paymentChain'],
    [eip('@0x1'), 'paymentChain'],
    [eip('@-1'), 'paymentChain'],
    [eip('@1@2'), 'paymentChain'],
    [editor(`to=${to}&chain=1&to=${to}`), 'repeated'],
    [editor(`to=${to}`), 'missing'],
    [editor('chain=1'), 'missing'],
    [editor(`to=${to}&chain=1&from=${to}`), 'unknown'],
    [editor(`to=${to}&chain=1&value=%2531`), 'paymentAmount'],
    [editor(`to=${to}&chain=1&value=%E0%A4%A`), 'encoding'],
    [editor(`to=${to}&chain=1#value=1`), 'paymentChain'],
    [editor(`to=${to}%26value=9&chain=1`), 'paymentAddress'],
    [eip(`@1?value=${'1'.repeat(500)}`), 'tooLong'],
  ];
  for (const [text, reason] of hostile)
    it(`are refused (${reason}): ${text.slice(0, 100)}`, () => {
      assert.throws(
        () => parsePaymentRequest(text),
        (error) => isDaoChainError(error, 'linkInvalid') && error.details['reason'] === reason,
      );
    });

  it('are refused with a reason that people can read, each its own', () => {
    for (const l10n of [english, chinese]) {
      const texts = paymentFaults.map((reason) =>
        errorText(new DaoChainError('linkInvalid', '', { details: { reason, value: 'x' } }), l10n),
      );
      const general = errorText(new DaoChainError('linkInvalid', '', { details: { reason: 'none' } }), l10n);
      assert.ok(!texts.includes(general));
    }
  });
});
