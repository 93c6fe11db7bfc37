import assert from 'node:assert/strict';
import { keccak_256 } from '@noble/hashes/sha3';
import { toHex, type Address } from '../../../../src/core/hex';
import { genesisLedgerAddress } from '../../../../src/core/ledger/genesis';
import { mostWitnesses, termsHash, termsProblem, type NetworkTerms } from '../../../../src/core/ledger/networkTerms';

const alone: NetworkTerms = { kind: 'team', dataset: 'small', confirmations: 6, witnesses: [], threshold: 0 };

function wallet(n: number): Address {
  return `0xaa${n.toString(16).padStart(38, '0')}`;
}

function wallets(count: number): readonly Address[] {
  return Array.from({ length: count }, (_, i) => wallet(i));
}

describe('the terms of a network', () => {
  it('are committed by the hash of their one JSON', () => {
    const text = '{"confirmations":6,"dataset":"small","kind":"team","threshold":0,"version":1,"witnesses":[]}';
    assert.equal(termsHash(alone), toHex(keccak_256(text)));
  });

  it('have a hash for each of them', () => {
    const others: readonly NetworkTerms[] = [
      alone,
      { ...alone, dataset: 'full' },
      { ...alone, confirmations: 7 },
      { ...alone, witnesses: wallets(1), threshold: 1 },
      { ...alone, witnesses: [wallet(7)], threshold: 1 },
      { ...alone, witnesses: wallets(3), threshold: 2 },
      { ...alone, witnesses: wallets(3), threshold: 3 },
    ];
    assert.equal(new Set(others.map(termsHash)).size, others.length);
    const named = { ...alone, name: 'Shop', hubs: [] };
    assert.equal(termsHash(named), termsHash(alone));
  });

  it('need more than half of the witnesses, and no more than there are', () => {
    for (let count = 0; count <= mostWitnesses + 1; count++) {
      for (let threshold = -1; threshold <= count + 1; threshold++) {
        const isRight = count === 0 ? threshold === 0 : 2 * threshold > count && threshold <= count;
        const expected = count > mostWitnesses ? 'witnesses' : isRight ? undefined : 'threshold';
        const problem = termsProblem({ ...alone, witnesses: wallets(count), threshold });
        assert.equal(problem, expected, `${threshold.toString()} of ${count.toString()}`);
      }
    }
    assert.equal(termsProblem({ ...alone, witnesses: wallets(3), threshold: 2.5 }), 'threshold');
    assert.equal(termsProblem({ ...alone, threshold: NaN }), 'threshold');
  });

  it('name wallets, each once and in order', () => {
    const wrong: readonly (readonly Address[])[] = [
      [wallet(2), wallet(1)],
      [wallet(1), wallet(1)],
      [`0x${'AA'.repeat(20)}`],
      ['0x12'],
      [`${wallet(1)}0`],
      [`0x${'0'.repeat(40)}`],
      // A precompile of Ethereum, and of another chain.
      [`0x${'0'.repeat(39)}9`],
      [`0x${'0'.repeat(37)}100`],
      [genesisLedgerAddress],
    ];
    for (const witnesses of wrong)
      assert.equal(termsProblem({ ...alone, witnesses, threshold: witnesses.length }), 'witnesses', witnesses.join());
  });

  it('have 1 to 1,000 confirmations', () => {
    for (const confirmations of [1, 6, 1_000]) assert.equal(termsProblem({ ...alone, confirmations }), undefined);
    for (const confirmations of [0, -1, 1.5, 1_001, NaN, Infinity])
      assert.equal(termsProblem({ ...alone, confirmations }), 'confirmations');
  });
});
