import assert from 'node:assert/strict';
import { checksumAddress } from '../../../../src/core/checksumAddress';
import type { Address } from '../../../../src/core/hex';
import {
  escapedEntries,
  previewRevocation,
  type RevocationPreview,
  type SignerHistory,
} from '../../../../src/core/ledger/signerRevocation';
import type { Attestation, Leaf } from '../../../../src/core/ledger/types';
import {
  signerRevocationLines,
  revocationRows,
  signerRow,
  signerRows,
  voidedCountText,
} from '../../../../src/ui/organizations/signerText';
import { address } from '../accountStates';
import { chinese, english } from '../../words/localizers';
import { id } from '../organizations';

const other: Address = `0x${'cd'.repeat(20)}`;
const digest = `sha256:${'12'.repeat(32)}` as const;
const leaf: Leaf = {
  platform: { os: 'linux', architecture: 'arm64' },
  configDigest: digest,
  configSize: 1000,
  fingerprint: digest,
  dockerFields: digest,
};
const slot = { notBefore: 1, notAfter: 0, voidFrom: 0, isScoped: false };

function entry(block: number, changes: Partial<Attestation> = {}): Attestation {
  return {
    ...{ publisher: id, repository: 'registry.example.com/acme/app', tag: '1.0', key: id, kind: 'publish' },
    ...{ signer: other, validUntil: 0, position: block, statementHash: id },
    body: { type: 'statement', statement: { leaves: [leaf] } },
    ...{ block, time: Date.UTC(2026, 10, 24, 9, 30) / 1000, transaction: id },
    ...changes,
  };
}

function history(entries: readonly Attestation[], voidFrom = 0): SignerHistory {
  return {
    ...{ signer: other, histories: [], entries, isComplete: true, head: 100, finalBlock: 94, confirmations: 6 },
    slots: new Map([[other, { ...slot, voidFrom }]]),
  };
}

function preview(changes: Partial<RevocationPreview> = {}): RevocationPreview {
  return { sinceBlock: 40, voided: [entry(46)], lost: [], kept: [], isSettled: true, ...changes };
}

const content = { repository: 'registry.example.com/acme/app', tag: '1.0', leaf };

describe('a signer in a list', () => {
  it('is its whole address, and what it may do', () => {
    const row = signerRow({ signer: other, slot, scope: '', window: 'current' }, address, english);
    assert.ok(row.label.endsWith(checksumAddress(other)));
    assert.equal(row.detail, 'may sign');
    assert.equal(row.description, undefined);
    assert.equal(
      signerRow({ signer: address, slot, scope: '', window: 'current' }, address, english).description,
      'this wallet',
    );
  });

  it('says for what it may sign, where that is not everything', () => {
    const told = (scope: string | null): string | undefined =>
      signerRow({ signer: other, slot, scope, window: 'current' }, address, english).detail;
    assert.equal(told('ghcr.io/acme/web'), 'may sign, only for ghcr.io/acme/web and what is below it');
    assert.equal(told('ghcr.io/acme/'), 'may sign, only for what begins with ghcr.io/acme/');
    assert.equal(told(null), 'may sign, for a part that is not known here');
    assert.equal(told('a\\\u202e'), 'may sign, only for a\\\\\\u{202e} and what is below it');
  });

  it('can be changed by the admin alone, and not brought back once it was revoked', () => {
    const actions = (window: 'current' | 'notYet' | 'retired' | 'revoked', isAdmin: boolean): readonly string[] =>
      signerRows({ signer: other, slot, scope: '', window }, isAdmin, english).map(({ value }) => value);
    assert.deepEqual(actions('current', true), [
      'copyInvitation',
      'extend',
      'changeScope',
      'retire',
      'revoke',
      'copyAddress',
    ]);
    assert.deepEqual(actions('notYet', true), [
      'copyInvitation',
      'extend',
      'changeScope',
      'retire',
      'revoke',
      'copyAddress',
    ]);
    assert.deepEqual(actions('retired', true), ['extend', 'revoke', 'copyAddress']);
    assert.deepEqual(actions('revoked', true), ['revoke', 'copyAddress']);
    assert.deepEqual(actions('current', false), ['copyInvitation', 'copyAddress']);
    assert.deepEqual(actions('revoked', false), ['copyAddress']);
  });
});

describe('since when a signer is revoked', () => {
  it('is chosen from what it has said, newest first, with room for a reorganization', () => {
    const rows = revocationRows(history([entry(46), entry(3, { kind: 'vouch' })]), english);
    assert.deepEqual(
      rows.map(({ value }) => value),
      [100, 40, 1, 1],
    );
    assert.match(rows[1]?.label ?? '', /Published: registry\.example\.com\/acme\/app:1\.0$/);
    assert.equal(rows[1]?.description, 'block 46, 2026-11-24 09:30:00 UTC');
  });

  it('can only become earlier', () => {
    const rows = revocationRows(history([entry(46), entry(30)], 40), english);
    assert.deepEqual(
      rows.map(({ value }) => value),
      [24, 1],
    );
  });
});

describe('what becomes void', () => {
  const texts = (changes: Partial<RevocationPreview>, isComplete = true): string =>
    signerRevocationLines(other, preview(changes), isComplete, english)
      .map((line) => [line.label, line.description, line.detail ?? ''].join(' | '))
      .join('\n');

  it('is said to be for ever, and told apart from what stays because another signer stated it too', () => {
    const text = texts({ lost: [content], kept: [{ ...content, by: entry(7, { signer: address }) }] });
    assert.match(text, /This cannot be undone/);
    assert.match(text, /\$\(error\) registry\S+ \| linux\/arm64 \| Becomes revoked/);
    assert.match(
      text,
      /\$\(pass\) registry\S+ \| linux\/arm64 \| Stays valid: 0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB stated it too/,
    );
    assert.match(texts({ kept: [{ ...content, by: entry(7) }] }), /the same wallet had stated it before/);
    for (const line of signerRevocationLines(other, preview(), true, english)) assert.equal(line.decision, undefined);
  });

  it('is not said to stay for everybody where nothing but a vouch is left for it', () => {
    const published = entry(46);
    const vouched = entry(47, { kind: 'vouch', signer: address });
    const all = (entries: readonly Attestation[]): SignerHistory => ({
      ...history([published]),
      histories: [{ ...published, key: id, attestations: entries, word: id }],
    });
    const linesOf = (entries: readonly Attestation[]): string => texts(previewRevocation(all(entries), 40));
    assert.match(
      linesOf([published, vouched]),
      /only as far as 0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB has vouched for it/,
    );
    const published2 = entry(45, { signer: address });
    assert.match(
      linesOf([published2, published, vouched]),
      /Stays valid: 0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB stated it too/,
    );
  });

  it('is not said to be all where not everything could be read, or where the chain can still move it', () => {
    assert.doesNotMatch(texts({}), /could be read|not final/);
    assert.match(texts({}, false), /Not everything that it has signed could be read/);
    assert.match(texts({ isSettled: false }), /Check again when this is final/);
  });

  it('is counted', () => {
    assert.equal(voidedCountText(0, english), 'Nothing that it has signed becomes void');
    assert.equal(voidedCountText(1, english), 'One statement becomes void');
    assert.equal(voidedCountText(7, english), '7 statements become void');
  });

  it('is named one by one, however much a thief has signed, below what can be decided', () => {
    const lost = Array.from({ length: 500 }, (_, n) => ({ ...content, tag: `t${n}` }));
    const text = texts({ lost });
    for (const { tag } of lost) assert.ok(text.includes(`:${tag} |`), tag);
  });

  it('is said in Chinese', () => {
    const some = preview({ lost: [content], kept: [{ ...content, by: entry(7) }], isSettled: false });
    for (const { label, detail = '' } of signerRevocationLines(other, some, false, chinese))
      assert.match(`${label} ${detail}`, /\p{Script=Han}/u);
  });

  it('is looked at again when it is final: what a reorganization moved before the block counts again', () => {
    const moved = { ...entry(46), block: 39 };
    assert.deepEqual(escapedEntries(history([entry(46)]), history([moved]), 40), [moved]);
    assert.deepEqual(escapedEntries(history([entry(46)]), history([entry(46), entry(20)]), 40), []);
    assert.deepEqual(escapedEntries(history([entry(20)]), history([entry(20)]), 40), []);
  });
});
