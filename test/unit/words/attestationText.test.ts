import assert from 'node:assert/strict';
import type { Attestation, History } from '../../../src/core/ledger/types';
import { attestationText } from '../../../src/words/attestationText';
import { verdict } from '../server/sampleVerdicts';
import { english } from './localizers';

const digest = `sha256:${'12'.repeat(32)}` as const;
const word = `0x${'34'.repeat(32)}` as const;
const publisher = `0x${'0'.repeat(24)}${'ab'.repeat(20)}` as const;

function attestation(position: number, changes: Partial<Attestation>): Attestation {
  return {
    publisher,
    repository: 'example.com/team/app',
    tag: '1',
    key: word,
    kind: 'publish',
    signer: `0x${'ab'.repeat(20)}`,
    validUntil: 0,
    position,
    statementHash: word,
    body: {
      type: 'statement',
      statement: {
        leaves: [
          {
            platform: { os: 'linux', architecture: 'amd64' },
            configDigest: digest,
            configSize: 1,
            fingerprint: digest,
            dockerFields: digest,
          },
        ],
      },
    },
    block: 100 + position,
    time: 1_790_000_000,
    transaction: word,
    ...changes,
  };
}

function text(attestations: readonly Attestation[]): string {
  const history: History = { key: word, publisher, repository: 'example.com/team/app', tag: '1', attestations, word };
  const histories = attestations.length === 0 ? [] : [history];
  const ledgers = [{ network: 'Home', ledger: undefined, histories }];
  return attestationText({ name: 'app:1', verdict: verdict('verified'), ledgers }, english);
}

describe('the details of an image', () => {
  it('are the verdict and the whole history, newest first', () => {
    const shown = text([attestation(0, {}), attestation(1, { validUntil: 1_800_000_000 })]);
    assert.ok(shown.startsWith('app:1\n\nVerified. Published by'));
    assert.ok(shown.indexOf('#1 Published') < shown.indexOf('#0 Published'));
    assert.match(shown, /block 101, /);
    assert.match(shown, /valid until /);
    assert.match(shown, new RegExp(`linux/amd64\n {4}config ${digest}`));
    assert.match(shown, new RegExp(`Publisher ${publisher}`));
  });

  it('show the note of a revocation escaped', () => {
    const revocation = { statementHash: word, reason: 'mistake', note: 'see\nhttp://evil \u202e' } as const;
    const shown = text([attestation(0, { kind: 'revoke', body: { type: 'revocation', revocation } })]);
    assert.match(shown, /note: see\\u\{a\}http:\/\/evil \\u\{202e\}/);
  });

  it('say of an entry that is not understood that it is not', () => {
    assert.match(text([attestation(0, { body: { type: 'malformed' } })]), /of a form that this version does not read/);
  });

  it('show the digests of a completed release', () => {
    const [manifest, index] = [`sha256:${'cd'.repeat(32)}`, `sha256:${'ef'.repeat(32)}`] as const;
    const first = attestation(0, {}).body;
    assert.ok(first.type === 'statement');
    const leaves = first.statement.leaves.map((leaf) => ({ ...leaf, manifestDigest: manifest }));
    const shown = text([attestation(0, { body: { type: 'statement', statement: { leaves, indexDigest: index } } })]);
    assert.match(shown, new RegExp(`manifest ${manifest}\n[^]*\n {2}index ${index}`));
  });

  it('say of each ledger which one it is and what it holds, where more than one is followed', () => {
    const ledger = { chainId: 7n, genesisHash: word, address: `0x${'56'.repeat(20)}` } as const;
    const history: History = { ...attestation(0, {}), attestations: [attestation(0, {})], word };
    const shown = attestationText(
      {
        ...{ name: 'app:1', verdict: verdict('verified') },
        ledgers: [
          { network: 'development', ledger: { name: 'development', kind: 'development', ledger }, histories: [] },
          { network: 'Team\u202e', ledger: { name: 'Team', kind: 'team', ledger }, histories: undefined },
          { network: 'Gone', ledger: undefined, histories: undefined },
          { network: 'Third', ledger: { name: 'Third', kind: 'team', ledger }, histories: [history] },
        ],
      },
      english,
    );
    assert.match(shown, /Ledger: The development ledger of this machine \(chain 7,.*\)\n\nThe ledger holds nothing/);
    assert.match(shown, /Ledger: The ledger of a team “Team\\u\{202e\}” \(chain 7,.*\)\n\nIt does not answer/);
    assert.match(shown, /Ledger: Gone\n\nIt does not answer/);
    assert.match(shown, /Ledger: The ledger of a team “Third” .*\n\nPublisher 0x[^]*#0 Published/);
  });

  it('say that there is nothing', () => {
    assert.match(text([]), /The ledger holds nothing under this name\./);
  });
});
