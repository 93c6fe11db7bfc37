import assert from 'node:assert/strict';
import { checksumAddress } from '../../../../src/core/checksumAddress';
import { DaoChainError } from '../../../../src/core/errors';
import { fromHex, toHex, type Address } from '../../../../src/core/hex';
import { sha256Digest, type Digest } from '../../../../src/core/image/digest';
import { encodeRevocation } from '../../../../src/core/ledger/revocation';
import { entryContent, requestInvalid, type RequestFault } from '../../../../src/core/ledger/signingRequest';
import { encodeStatement, statementHash } from '../../../../src/core/ledger/statement';
import type { Entry, Leaf } from '../../../../src/core/ledger/types';
import { requestLines } from '../../../../src/ui/signing/requestLines';
import { statementOf, wallet } from '../../services/fakeLedger';
import { chinese, english } from '../../words/localizers';
import type { CheckedEntry, CheckedRequest } from '../../../../src/core/plans/requestPlan';

const organization = `0x${'3f'.repeat(32)}` as const;
const [alice, bob] = [wallet(0xa11ce), wallet(0xb0b)];
const statement = statementOf('content');
const release: Entry = {
  publisher: organization,
  previous: `0x${'00'.repeat(20)}`,
  kind: 'publish',
  validUntil: 1_899_979_200,
  repository: 'docker.io/team/app',
  tag: '1.0',
  body: toHex(encodeStatement(statement)),
};
const revocation: Entry = {
  ...release,
  kind: 'revoke',
  body: toHex(
    encodeRevocation({
      statementHash: statementHash(fromHex(release.body)),
      reason: 'vulnerable',
      note: 'CVE \u202e $(verified) fine',
    }),
  ),
};

function checked(
  entry: Entry,
  changes: Partial<CheckedEntry> = {},
  rest: Partial<CheckedRequest> = {},
): CheckedRequest {
  const each: CheckedEntry = {
    ...{ entry, image: `${entry.repository}:${entry.tag}`, content: entryContent(entry) },
    ...{ state: 'fresh', signature: 'none' },
    ...changes,
  };
  return {
    request: {
      ledger: { chainId: 1234n, genesisHash: `0x${'56'.repeat(32)}`, address: wallet(0xda0) },
      ...{ publisher: organization, deadline: 1_800_014_400, entries: [entry] },
    },
    ...{ ledgerKind: 'team', publisherName: 'Shop\u202e', entries: [each], refusal: undefined },
    ...rest,
  };
}

const signed = (request: CheckedRequest): CheckedRequest => ({
  ...request,
  request: { ...request.request, signer: alice, signatures: ['0x11'] },
});

function shown(request: CheckedRequest, own: Address | 'none' = alice, l10n = english): string {
  return requestLines(request, own === 'none' ? undefined : own, l10n)
    .map(({ label, description, detail = '' }) => `${label} ${description} ${detail}`)
    .join('\n');
}

function decisions(request: CheckedRequest, own: Address | 'none' = alice): readonly string[] {
  return requestLines(request, own === 'none' ? undefined : own, english).flatMap(({ decision }) => decision ?? []);
}

describe('a signing request before it is signed or sent', () => {
  it('is shown whole: what it says, who speaks, for which ledger and until when', () => {
    const [leaf = assert.fail()] = statement.leaves;
    const text = shown(checked(release, { change: 'changed' }));
    for (const part of [
      'Publish team/app:1.0 (docker.io/team/app:1.0)',
      'linux/amd64',
      leaf.configDigest,
      leaf.manifestDigest ?? '-',
      leaf.fingerprint,
      statement.indexDigest ?? '-',
      'config size 7 B',
      'valid until 2030-03-17 12:00:00 UTC',
      'Not the content that you signed before.',
      `Publisher ${organization} (Shop\\u{202e})`,
      'To be signed by any signer of the publisher',
      'Not valid after 2027-01-15 12:00:00 UTC',
      'The ledger of a team',
      `chain 1234, genesis 0x${'56'.repeat(32)}, contract ${wallet(0xda0)}`,
      'the first entry under this name',
    ]) {
      assert.ok(text.includes(part), `${part} in\n${text}`);
    }
    assert.doesNotMatch(text, /\u202e/);
  });

  it('hides nothing that an image does: what Docker alone knows of it has a line where there is any', () => {
    const bodyOf = (dockerFields: Digest, changes: Partial<Leaf> = {}): Entry => ({
      ...release,
      body: toHex(encodeStatement({ leaves: statement.leaves.map((leaf) => ({ ...leaf, dockerFields, ...changes })) })),
    });
    const digestOf = (text: string): Digest => sha256Digest(new TextEncoder().encode(text));
    const onBuild = digestOf('{"OnBuild":["RUN curl evil"]}');
    assert.ok(shown(checked(bodyOf(onBuild))).includes(`with Healthcheck, Shell or OnBuild ${onBuild}`));
    const named = shown(checked(bodyOf(onBuild, { dockerFieldNames: ['Healthcheck', 'OnBuild'] })));
    assert.match(named, /has Healthcheck, OnBuild/);
    assert.doesNotMatch(shown(checked(bodyOf(digestOf('{}')))), /OnBuild/);
  });

  it('says which statement it takes back, or that there is none', () => {
    const revoked = { position: 3 } as NonNullable<CheckedEntry['revoked']>;
    const text = shown(checked(revocation, { revoked }));
    assert.match(
      text,
      /Revoke team\/app:1\.0[^]*statement #3[^]*vulnerable[^]*note: CVE \\u\{202e\} \\u\{24\}\(verified\) fine/,
    );
    assert.match(shown(checked(revocation)), /no such statement/);
    assert.match(
      shown(checked({ ...release, kind: 'vouch' }, { change: 'first' })),
      /Vouch for team\/app[^]*not vouched/,
    );
  });

  it('is signed by whom it asks, and sent once signed', () => {
    assert.deepEqual(decisions(checked(release)), ['sign']);
    const forBob = checked(release);
    const asked = { ...forBob, request: { ...forBob.request, signer: bob } };
    assert.deepEqual(decisions(asked), []);
    assert.match(
      shown(asked),
      new RegExp(`asks ${checksumAddress(bob)} to sign; this wallet is ${checksumAddress(alice)}`),
    );
    assert.deepEqual(decisions(asked, bob), ['sign']);
    assert.deepEqual(decisions(asked, 'none'), ['sign']);
    assert.deepEqual(decisions(signed(checked(release)), bob), ['send']);
    assert.match(shown(signed(checked(release))), new RegExp(`The request is signed by ${checksumAddress(alice)}`));
  });

  it('that cannot be used says why, and is made anew where that helps', () => {
    const refusedAs = (reason: RequestFault): DaoChainError => requestInvalid(reason, 'no', { image: 'team/app:1.0' });
    const cases: readonly (readonly [DaoChainError, readonly string[], RegExp])[] = [
      [new DaoChainError('requestExpired', 'late'), ['renew'], /has expired/],
      [refusedAs('overtaken'), ['renew'], /Something else has been signed for team\/app:1\.0/],
      [refusedAs('unknownLink'), ['renew'], /does not have/],
      [refusedAs('written'), [], /in the ledger already/],
      [refusedAs('tooLong'), [], /more than 30 days/],
      [
        new DaoChainError('signatureInvalid', 'no', { details: { image: 'team/app:1.0' } }),
        [],
        /The signature for team\/app/,
      ],
      [
        new DaoChainError('signerNotAllowed', 'no', { details: { reason: 'revoked' } }),
        [],
        /permanently revoked this signer/,
      ],
    ];
    for (const [refusal, expected, sentence] of cases) {
      for (const each of [checked(release, {}, { refusal }), signed(checked(release, {}, { refusal }))]) {
        assert.deepEqual(decisions(each), expected, refusal.code);
        assert.match(shown(each), sentence);
      }
    }
    assert.deepEqual(decisions(checked(revocation, {}, { refusal: cases[0]?.[0] })), []);
  });

  it('says what is in the ledger in its place', () => {
    const instead = { signer: bob } as NonNullable<CheckedEntry['instead']>;
    assert.match(
      shown(checked(release, { state: 'overtaken', instead })),
      new RegExp(`signed by ${checksumAddress(bob)}`),
    );
    assert.match(shown(checked(release, { state: 'written', instead })), /In the ledger already/);
    assert.match(shown(checked(release, { state: 'unknownLink' })), /does not have/);
  });

  it('speaks Chinese', () => {
    for (const { label } of requestLines(checked(revocation), alice, chinese)) {
      assert.match(label, /\p{Script=Han}|\$\(blank\)/u);
    }
  });
});
