import assert from 'node:assert/strict';
import { encodeRlp } from 'ethers';
import fc from 'fast-check';
import { keccak_256 } from '@noble/hashes/sha3';
import { fromHex, toHex, type Hex } from '../../../../src/core/hex';
import { readRawBlock } from '../../../../src/core/ledger/rawBlock';

const parentHash: Hex = `0x${'ab'.repeat(32)}`;

function header(number: number, parent: Hex = parentHash): readonly string[] {
  const text = number.toString(16);
  const quantity = number === 0 ? '0x' : `0x${text.padStart(text.length + (text.length % 2), '0')}`;
  const word = `0x${'11'.repeat(32)}`;
  const bloom = `0x${'00'.repeat(256)}`;
  return [parent, word, `0x${'22'.repeat(20)}`, word, word, word, bloom, '0x020000', quantity, '0x', '0x', '0x', '0x'];
}

const block = (number: number, transactions: readonly string[] = []): Uint8Array =>
  fromHex(encodeRlp([[...header(number)], [...transactions], []]) as Hex);

describe('a block in its own bytes', () => {
  for (const [what, number, transactions] of [
    ['without transactions', 1, []],
    ['with a large number', 90_000_123, []],
    ['with transactions of many bytes', 7, [`0x${'ff'.repeat(70_000)}`]],
  ] as const) {
    it(`${what} is read with its hash`, () => {
      const bytes = block(number, transactions);
      assert.deepEqual(readRawBlock(new Uint8Array([...bytes, 1, 2, 3])), {
        number,
        parentHash,
        hash: toHex(keccak_256(fromHex(encodeRlp([...header(number)]) as Hex))),
        length: bytes.length,
      });
    });
  }

  it('is waited for as long as it is not all there', () => {
    const bytes = block(5);
    for (let length = 0; length < bytes.length; length += 1)
      assert.equal(readRawBlock(bytes.subarray(0, length)), undefined);
  });

  const refused: Readonly<Record<string, Uint8Array>> = {
    'is text': fromHex('0x83010203'),
    'has no header': fromHex('0xc0'),
    'has a header that ends early': fromHex(encodeRlp([[parentHash], [], []]) as Hex),
    'has a header that is longer than itself': fromHex('0xc3c8a0a0'),
    'has a parent that is no hash': fromHex(encodeRlp([[...header(1, '0xabcd')], [], []]) as Hex),
    'is longer than any block': fromHex('0xfb7fffffff'),
    'has a length of eight bytes': fromHex('0xffffffffffffffffff00'),
    'has a number of twenty bytes': fromHex(
      encodeRlp([header(1).map((field, index) => (index === 8 ? `0x${'11'.repeat(20)}` : field)), [], []]) as Hex,
    ),
  };
  for (const [what, bytes] of Object.entries(refused)) {
    it(`is none when it ${what}`, () => {
      assert.throws(() => readRawBlock(bytes), RangeError);
    });
  }

  it('is read, waited for or refused, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(599), (noise, at) => {
        const bytes = block(3);
        bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
        for (const each of [noise, bytes]) {
          try {
            const read = readRawBlock(each);
            assert.ok(read === undefined || read.length <= each.length);
          } catch (error) {
            assert.ok(error instanceof RangeError);
          }
        }
      }),
    );
  });
});
