import assert from 'node:assert/strict';
import { keccak256 } from 'ethers';
import fc from 'fast-check';
import { isDaoChainError } from '../../../../src/core/errors';
import { fromHex, toHex } from '../../../../src/core/hex';
import { sha256Digest } from '../../../../src/core/image/digest';
import { decodeStatement, encodeStatement, platformText, statementHash } from '../../../../src/core/ledger/statement';
import type { Leaf, Statement } from '../../../../src/core/ledger/types';
import { damaged, statement } from './arbitraries';
import { statementVectors } from './vectors';

function isRefused(work: () => unknown): true {
  assert.throws(work, (error) => isDaoChainError(error, 'statementInvalid'));
  return true;
}

const some = (text: string) => sha256Digest(new TextEncoder().encode(text));

function leafOf(platform: string, content = platform): Leaf {
  const [os = '', architecture = ''] = platform.split('/');
  return {
    platform: { os, architecture },
    configDigest: some(`config ${content}`),
    configSize: 1471,
    fingerprint: some(`fingerprint ${content}`),
    dockerFields: some('docker'),
  };
}

describe('statement encoding', () => {
  for (const { name, statement: value, bytes, hash } of statementVectors.accepted) {
    it(`agrees with the vector ${name}`, () => {
      assert.equal(toHex(encodeStatement(value)), bytes);
      assert.equal(statementHash(fromHex(bytes)), hash);
      assert.equal(keccak256(bytes), hash);
      const sorted = [...value.leaves].sort((a, b) => (platformText(a.platform) < platformText(b.platform) ? -1 : 1));
      assert.deepEqual(decodeStatement(fromHex(bytes)), { ...value, leaves: sorted });
    });
  }

  for (const { name, bytes } of statementVectors.rejected) {
    it(`refuses ${name}`, () => {
      isRefused(() => decodeStatement(fromHex(bytes)));
    });
  }

  it('takes 180 bytes for one platform with manifest and index digest', () => {
    const pushed = { ...leafOf('linux/amd64'), manifestDigest: some('manifest') };
    const complete = { leaves: [pushed], indexDigest: some('index') };
    assert.equal(encodeStatement(complete).length, 180);
  });

  it('gives back every statement', () => {
    fc.assert(
      fc.property(statement, (value) => {
        assert.deepEqual(decodeStatement(encodeStatement(value)), value);
      }),
    );
  });

  it('has one encoding for each statement, whatever the order of its leaves', () => {
    const shuffled = statement.chain((value) =>
      fc.tuple(fc.constant(value), fc.shuffledSubarray([...value.leaves], { minLength: value.leaves.length })),
    );
    fc.assert(
      fc.property(shuffled, ([value, mixed]) => {
        assert.deepEqual(encodeStatement({ ...value, leaves: mixed }), encodeStatement(value));
      }),
    );
  });

  it('reads nothing but what it writes', () => {
    let accepted = 0;
    const nearly = damaged(statement.map(encodeStatement));
    fc.assert(
      fc.property(fc.oneof(nearly, fc.uint8Array({ maxLength: 400 })), (bytes) => {
        let value: Statement;
        try {
          value = decodeStatement(bytes);
        } catch (error) {
          assert.ok(isDaoChainError(error, 'statementInvalid'), String(error));
          return;
        }
        accepted++;
        assert.deepEqual(encodeStatement(value), bytes);
      }),
      { numRuns: 3_000 },
    );
    assert.ok(accepted > 50, `only ${accepted} of the damaged encodings were read at all`);
  });

  it('refuses what it cannot state', () => {
    const one = leafOf('linux/amd64');
    isRefused(() => encodeStatement({ leaves: [] }));
    isRefused(() => encodeStatement({ leaves: [one, leafOf('linux/amd64', 'other')] }));
    isRefused(() => encodeStatement({ leaves: [leafOf('unknown/unknown')] }));
    for (const configSize of [-1, 0.5, 2 ** 32, NaN])
      isRefused(() => encodeStatement({ leaves: [{ ...one, configSize }] }));
    for (const platform of [
      { os: '', architecture: 'amd64' },
      { os: 'linux', architecture: 'amd64', variant: '' },
      { os: 'linux', architecture: 'amd64/v2' },
      { os: 'linux:1', architecture: 'amd64' },
      { os: 'linux', architecture: 'a\u202emd64' },
    ]) {
      isRefused(() => encodeStatement({ leaves: [{ ...one, platform }] }));
    }
    isRefused(() => encodeStatement({ leaves: [{ ...one, configDigest: 'sha256:12' }] }));
    isRefused(() => encodeStatement({ leaves: [one], indexDigest: `sha256:${'A'.repeat(64)}` }));
    isRefused(() => encodeStatement({ leaves: [one], isIndexCarried: true }));
    isRefused(() => encodeStatement({ leaves: [{ ...one, carried: { content: true, digests: true } }] }));
  });

  it('refuses more than the ledger takes', () => {
    const many = (count: number): readonly Leaf[] => [...Array(count).keys()].map((i) => leafOf(`linux/a${i}`));
    assert.ok(encodeStatement({ leaves: many(140) }).length <= 16_384);
    isRefused(() => encodeStatement({ leaves: many(160) }));
    isRefused(() => encodeStatement({ leaves: many(256) }));
    isRefused(() => decodeStatement(new Uint8Array(16_385)));
  });
});
