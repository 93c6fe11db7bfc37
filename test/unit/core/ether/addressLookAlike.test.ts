import assert from 'node:assert/strict';
import fc from 'fast-check';
import { imitatedAddress } from '../../../../src/core/ether/addressLookAlike';
import type { Address } from '../../../../src/core/hex';

const known: Address = '0x1234567890abcdef1234567890abcdef12345678';
const make = (start: string, end: string): Address => `0x${start}${'f'.repeat(40 - start.length - end.length)}${end}`;

describe('addresses that imitate others', () => {
  it('have their beginning and their end', () => {
    for (const [start, end] of [
      ['1234', '5678'],
      ['123', '678'],
      ['12', '5678'],
      ['123456', ''],
      ['', '345678'],
    ] as const)
      assert.equal(imitatedAddress(make(start, end), [known]), known, `${start}…${end}`);
  });

  it('are not every address that has a few digits in common', () => {
    for (const [start, end] of [
      ['12', '678'],
      ['', ''],
      ['12345', ''],
    ] as const)
      assert.equal(imitatedAddress(make(start, end), [known]), undefined, `${start}…${end}`);
  });

  it('are no address that is known itself', () => {
    const other = make('1234', '5678');
    assert.equal(imitatedAddress(known, [other, known]), undefined);
    assert.equal(imitatedAddress(known, [other]), other);
  });

  it('are found whoever of the two was first', () => {
    const digits = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 40, maxLength: 40 });
    const address = digits.map((all): Address => `0x${all.map((each) => each.toString(16)).join('')}`);
    fc.assert(
      fc.property(address, address, fc.nat(6), (one, two, at) => {
        const mixed: Address = `0x${one.slice(2, 2 + at)}${two.slice(2 + at, 36 + at)}${one.slice(36 + at)}`;
        return mixed === one
          ? imitatedAddress(mixed, [one]) === undefined
          : imitatedAddress(mixed, [one]) === one && imitatedAddress(one, [mixed]) === mixed;
      }),
    );
  });
});
