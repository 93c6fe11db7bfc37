import assert from 'node:assert/strict';
import { protectionOf } from '../../../src/core/ledger/protection';
import { durationText } from '../../../src/words/miningText';
import { protectionLines } from '../../../src/words/protectionText';
import { chinese, english } from './localizers';
import type { NetworkWork } from '../../../src/core/ledger/networkWork';
import type { NetworkTerms } from '../../../src/core/ledger/networkTerms';

const terms: NetworkTerms = { kind: 'team', dataset: 'full', confirmations: 6, witnesses: [], threshold: 0 };
const work: NetworkWork = { difficulty: 400_000n, blocks: 32, own: 3, blockSeconds: 13.2, hashrate: 30_303 };

function text(given: NetworkTerms, known?: NetworkWork, l10n = english): string {
  return protectionLines(protectionOf(given, known), l10n).join('\n');
}

describe('what protects a ledger, in words', () => {
  it('has the numbers: what the miners compute, what a rented card does, and how long it needs', () => {
    const told = text(terms, work);
    assert.match(told, /All its miners together compute 30 kH\/s, a block every 14 s\./);
    assert.match(told, /One NVIDIA RTX 3090, .*, computes 120 MH\/s and needs less than a second to overtake 6 conf/);
    assert.match(told, /no witnesses.* 6 blocks deep.*final by depth only.*enforce do not accept/);
    assert.match(text(terms, work, chinese), /合计算力为 30 kH\/s.*NVIDIA RTX 3090.*120 MH\/s.*不到一秒/);
  });

  it('tells of as many cards as it takes', () => {
    const strong = { ...work, difficulty: 13_000_000_000n, blockSeconds: 13, hashrate: 1_000_000_000 };
    assert.match(
      text(terms, strong),
      /It takes 9 rented NVIDIA RTX 3090 \(120 MH\/s each\).* they need 17 min to over/,
    );
  });

  it('says what is not known, and nothing in its place', () => {
    assert.match(text(terms), /is known once the node has its newest blocks\. One NVIDIA RTX 3090.*120 MH\/s\./);
    assert.doesNotMatch(text(terms), /overtake/);
    const first = { difficulty: 131_072n, blocks: 1, own: 1, blockSeconds: undefined, hashrate: undefined };
    assert.doesNotMatch(text(terms, first), /together compute/);
    assert.match(text(terms, first), /overtake 6 confirmations/);
  });

  it('says that the small dataset makes it easier', () => {
    assert.match(text({ ...terms, dataset: 'small' }, work), /small dataset.*faster still/);
    assert.doesNotMatch(text(terms, work), /small dataset/);
  });

  it('counts no witnesses before they are asked', () => {
    const witnesses = ['1', '2', '3'].map((digit) => `0x${digit.repeat(40)}` as const);
    const told = text({ ...terms, witnesses, threshold: 2 }, work);
    assert.match(told, /names 3 witnesses, of whom 2 must agree.*does not ask them yet.*enforce do not accept/);
  });

  it('tells durations in a unit that fits', () => {
    const durations = [0.4, 1.23, 13.1, 89.5, 91, 3_600, 5_500, 200_000];
    assert.deepEqual(
      durations.map((seconds) => durationText(seconds, english)),
      ['less than a second', '1.3 s', '14 s', '90 s', '1.6 min', '60 min', '1.6 h', '2.4 days'],
    );
  });
});
