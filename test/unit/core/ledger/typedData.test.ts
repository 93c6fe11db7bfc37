import assert from 'node:assert/strict';
import { SigningKey } from 'ethers/crypto';
import { TypedDataEncoder } from 'ethers/hash';
import { computeAddress } from 'ethers/transaction';
import fc from 'fast-check';
import { attestationTypes } from '../../../../scripts/contracts/gas';
import { EthersSignatureRecovery } from '../../../../src/adapters/secrets/signatureRecovery';
import { toHex, type Hex } from '../../../../src/core/hex';
import { entryHash } from '../../../../src/core/ledger/typedData';
import type { LedgerId, UnsignedEntry } from '../../../../src/core/ledger/types';
import { entryKindNumber } from '../../../../src/core/ledger/types';

const bytes = (length: number, most = length): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: length, maxLength: most }).map(toHex);
const seconds = fc.oneof(fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER), fc.nat());
const ledgers: fc.Arbitrary<LedgerId> = fc.record({
  chainId: fc.oneof(fc.constantFrom(1n, 2n ** 256n - 1n), fc.bigInt(1n, 2n ** 53n)),
  genesisHash: bytes(32),
  address: bytes(20),
});
const requests: fc.Arbitrary<UnsignedEntry> = fc.record({
  entry: fc.record({
    publisher: bytes(32),
    previous: bytes(20),
    kind: fc.constantFrom('publish', 'vouch', 'revoke'),
    validUntil: seconds,
    repository: fc.string({ unit: 'grapheme' }),
    tag: fc.string({ unit: 'grapheme' }),
    body: bytes(0, 300),
  }),
  signer: bytes(20),
  deadline: seconds,
});
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const keys = fc.bigInt(1n, order - 1n).map((key) => `0x${key.toString(16).padStart(64, '0')}`);

describe('the hash of an entry that is signed for others to send', () => {
  it('is that of EIP-712, as another library makes it', () => {
    fc.assert(
      fc.property(ledgers, requests, (ledger, { entry, signer, deadline }) => {
        const { chainId, address: verifyingContract } = ledger;
        const domain = { name: 'DaoChain Ledger', version: '1', chainId, verifyingContract };
        const message = { ...entry, kind: entryKindNumber[entry.kind], signer, deadline };
        const expected = TypedDataEncoder.hash(domain, attestationTypes, message);
        assert.equal(entryHash(ledger, { entry, signer, deadline }), expected);
      }),
    );
  });

  it('is another for every other field, and has nothing of the genesis', () => {
    fc.assert(
      fc.property(ledgers, requests, requests, (ledger, one, two) => {
        const hash = entryHash(ledger, one);
        for (const field of Object.keys(one.entry) as (keyof typeof one.entry)[]) {
          const changed = { ...one, entry: { ...one.entry, [field]: two.entry[field] } };
          assert.equal(entryHash(ledger, changed) === hash, one.entry[field] === two.entry[field], field);
        }
        assert.equal(entryHash(ledger, { ...one, deadline: two.deadline }) === hash, one.deadline === two.deadline);
        assert.equal(entryHash(ledger, { ...one, signer: two.signer }) === hash, one.signer === two.signer);
        assert.notEqual(entryHash({ ...ledger, chainId: ledger.chainId - 1n }, one), hash);
        assert.equal(entryHash({ ...ledger, genesisHash: two.entry.publisher }, one), hash);
      }),
    );
  });
});

describe('the wallet behind a signature', () => {
  const recovery = new EthersSignatureRecovery();
  const signatures = fc.tuple(keys, bytes(32)).map(([secret, hash]) => {
    const key = new SigningKey(secret);
    const { r, s, v } = key.sign(hash);
    return { hash, r, s, v, address: computeAddress(key).toLowerCase() };
  });
  const text = (r: string, s: string, v: number): Hex =>
    `0x${r.slice(2)}${s.slice(2)}${v.toString(16).padStart(2, '0')}`;

  it('is found', async () => {
    await fc.assert(
      fc.asyncProperty(signatures, async ({ hash, r, s, v, address }) => {
        assert.equal(await recovery.recover(hash, text(r, s, v)), address);
      }),
      { numRuns: 20 },
    );
  });

  it('is nobody for a high s, another length, another v, or zeros', async () => {
    await fc.assert(
      fc.asyncProperty(signatures, async ({ hash, r, s, v }) => {
        const high = `0x${(order - BigInt(s)).toString(16).padStart(64, '0')}`;
        const zero = `0x${'0'.repeat(64)}`;
        for (const wrong of [
          text(r, high, v === 27 ? 28 : 27),
          text(r, s, v - 27),
          text(r, s, 29),
          `${text(r, s, v)}00` as const,
          text(r, s, v).slice(0, -2) as Hex,
          text(zero, s, v),
          text(r, zero, v),
          text(`0x${'f'.repeat(64)}`, s, v),
          '0x' as const,
        ]) {
          assert.equal(await recovery.recover(hash, wrong), undefined, wrong);
        }
      }),
      { numRuns: 10 },
    );
  });
});
