import assert from 'node:assert/strict';
import { AbiCoder, keccak256 } from 'ethers';
import fc from 'fast-check';
import { toHex } from '../../../../src/core/hex';
import { contentHash, linkContent, linkKey, nameHash, nextWord, zeroWord } from '../../../../src/core/ledger/link';
import { hash } from './arbitraries';
import { linkVectors } from './vectors';

function abiHash(types: readonly string[], values: readonly unknown[]): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, values));
}

const text = fc.string({ unit: 'binary', maxLength: 100 });
const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(toHex);
const start = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(toHex);
const uint64 = fc.oneof(fc.maxSafeNat(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));

describe('links', () => {
  it('are what ethers encodes and hashes', () => {
    fc.assert(
      fc.property(text, text, (repository, tag) => {
        assert.equal(nameHash(repository, tag), abiHash(['string', 'string'], [repository, tag]));
      }),
    );
    fc.assert(
      fc.property(hash, hash, (publisher, name) => {
        assert.equal(linkKey(publisher, name), abiHash(['bytes32', 'bytes32'], [publisher, name]));
      }),
    );
    fc.assert(
      fc.property(
        start,
        hash,
        fc.nat({ max: 255 }),
        address,
        uint64,
        hash,
        (previous, key, kind, signer, validUntil, bodyHash) => {
          assert.equal(
            contentHash({ previous, key, kind, signer, validUntil, bodyHash }),
            abiHash(
              ['bytes20', 'bytes32', 'uint8', 'address', 'uint64', 'bytes32'],
              [previous, key, kind, signer, validUntil, bodyHash],
            ),
          );
        },
      ),
    );
    fc.assert(
      fc.property(hash, hash, fc.maxSafeNat(), fc.maxSafeNat(), (before, content, block, time) => {
        const seal = abiHash(['bytes32', 'bytes32', 'uint256', 'uint256'], [before, content, block, time]);
        assert.equal(nextWord(before, content, block, time), content.slice(0, 42) + seal.slice(2, 26));
      }),
    );
  });

  it('agree with the vectors', () => {
    const { publisher, signer, repository, tag, name, key, entries } = linkVectors;
    assert.equal(nameHash(repository, tag), name);
    assert.equal(linkKey(publisher, name), key);
    let word = zeroWord;
    for (const { previous, kind, validUntil, body, block, time, content, link } of entries) {
      assert.equal(word, previous);
      const bodyHash = keccak256(body) as `0x${string}`;
      const computed = contentHash({
        previous: linkContent(word),
        key,
        kind,
        signer,
        validUntil: BigInt(validUntil),
        bodyHash,
      });
      assert.equal(computed, content);
      word = nextWord(word, computed, block, time);
      assert.equal(word, link);
      assert.equal(linkContent(word), linkContent(content));
    }
  });
});
