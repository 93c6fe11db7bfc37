import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isDaoChainError } from '../../../../src/core/errors';
import { toHex, walletPublisher, type Hex } from '../../../../src/core/hex';
import { encodeRevocation } from '../../../../src/core/ledger/revocation';
import type { RequestFault, SigningRequest } from '../../../../src/core/ledger/signingRequest';
import { encodeStatement } from '../../../../src/core/ledger/statement';
import { entryHash } from '../../../../src/core/ledger/typedData';
import type { Entry } from '../../../../src/core/ledger/types';
import { formatRequestFile, parseRequestFile } from '../../../../src/services/signing/signingRequestFile';
import { revocation, statement } from '../../core/ledger/arbitraries';
import { statementOf, wallet } from '../fakeLedger';

const hex = (length: number): fc.Arbitrary<Hex> => fc.uint8Array({ minLength: length, maxLength: length }).map(toHex);
const seconds = fc.nat({ max: 4_000_000_000 });
const publisher = walletPublisher(wallet(7));

const entries: fc.Arbitrary<readonly Entry[]> = fc
  .array(
    fc.record({
      previous: hex(20),
      validUntil: seconds,
      said: fc.oneof(
        fc.record({
          kind: fc.constantFrom('publish', 'vouch'),
          body: statement.map((each) => toHex(encodeStatement(each))),
        }),
        fc.record({
          kind: fc.constant('revoke' as const),
          body: revocation.map((each) => toHex(encodeRevocation(each))),
        }),
      ),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((all) =>
    all.map(({ previous, validUntil, said }, index) => ({
      ...{ publisher, previous, validUntil, repository: `registry.example.com/shop/web${index}`, tag: '1.0' },
      ...said,
    })),
  );
const requests: fc.Arbitrary<SigningRequest> = fc
  .record({
    ledger: fc.record(
      { chainId: fc.bigInt(1n, 2n ** 64n), genesisHash: hex(32), address: hex(20) },
      { noNullPrototype: true },
    ),
    deadline: seconds,
    entries,
    signature: hex(65),
    isSigned: fc.boolean(),
  })
  .map(({ signature, isSigned, ...request }) => ({
    ...request,
    publisher,
    ...(isSigned && { signer: wallet(7), signatures: request.entries.map(() => signature) }),
  }));

const parse = (text: string): SigningRequest => parseRequestFile(new TextEncoder().encode(text));

function refused(reason: RequestFault): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isDaoChainError(error, 'requestInvalid'), String(error));
    assert.equal(error.details['reason'], reason);
    return true;
  };
}

/** What the signer's wallet signs of a request. */
function signedHashes({ ledger, entries: all, signer = wallet(7), deadline }: SigningRequest): readonly Hex[] {
  return all.map((entry) => entryHash(ledger, { entry, signer, deadline }));
}

describe('the file of a signing request', () => {
  const entry: Entry = {
    publisher,
    previous: `0x${'00'.repeat(20)}`,
    kind: 'publish',
    validUntil: 0,
    repository: 'registry.example.com/shop/web',
    tag: '1.0',
    body: toHex(encodeStatement(statementOf('content'))),
  };
  const request: SigningRequest = {
    ledger: { chainId: 20_260n, genesisHash: `0x${'56'.repeat(32)}`, address: wallet(0xda0) },
    publisher,
    signer: wallet(7),
    deadline: 1_800_000_000,
    entries: [entry],
    signatures: [`0x${'11'.repeat(65)}`],
  };
  const text = formatRequestFile(request);
  const withEntries = (...changes: readonly Partial<Entry>[]): string =>
    formatRequestFile({
      ...request,
      entries: changes.map((each) => ({ ...entry, ...each })),
      signatures: changes.map(() => '0x11'),
    });

  it('holds the whole request', () => {
    fc.assert(
      fc.property(requests, (each) => {
        assert.deepEqual(parse(formatRequestFile(each)), each);
      }),
    );
  });

  it('with any byte changed is refused, or means another hash, or is the same in all that is signed', () => {
    const bytes = new TextEncoder().encode(text);
    const change = fc.record({ at: fc.nat({ max: bytes.length - 1 }), value: fc.nat({ max: 255 }) });
    let refusedOnes = 0;
    fc.assert(
      fc.property(change, ({ at, value }) => {
        const altered = Uint8Array.from(bytes);
        altered[at] = value;
        let read: SigningRequest;
        try {
          read = parseRequestFile(altered);
        } catch (error) {
          assert.ok(isDaoChainError(error, 'requestInvalid'), String(error));
          refusedOnes++;
          return;
        }
        const isSameSigned = signedHashes(read)[0] === signedHashes(request)[0];
        // Then the signatures fit as before, unless they are what was changed, and the text shown is made of the same values.
        if (isSameSigned) {
          const { ledger, signatures, ...rest } = read;
          const { ledger: before, signatures: old, ...expected } = request;
          assert.deepEqual(rest, expected);
          assert.deepEqual([ledger.chainId, ledger.address], [before.chainId, before.address]);
          assert.equal(signatures?.length, old?.length);
        }
      }),
      { numRuns: 2_000 },
    );
    assert.ok(refusedOnes > 0);
  });

  it('has nothing else in it, and nothing twice', () => {
    const alterations: readonly ((all: string) => string)[] = [
      (all) => all.replace('"version": 1', '"version": 1, "comment": "trust me"'),
      (all) => all.replace('"kind": "publish"', '"kind": "publish", "name": "the web shop"'),
      (all) => all.replace('"kind": "publish"', '"kind": "publish", "kind": "revoke"'),
      (all) => all.replace('"kind": "publish"', '"kind": "endorse"'),
      (all) => all.replace('"kind": "publish"', '"Kind": "publish"'),
      (all) => all.replace(/"deadline": \d+/, '"deadline": "soon"'),
      (all) => all.replace(/"deadline": \d+/, '"deadline": -1'),
      (all) => all.replace(/"deadline": \d+/, '"deadline": 1.5'),
      (all) => all.replace('"chainId": "20260"', '"chainId": 20260'),
      (all) => all.replace('"chainId": "20260"', '"chainId": "020260"'),
      (all) => all.replace(publisher, publisher.toUpperCase().replace('0X', '0x').replace('7', 'A')),
      (all) => all.replace(/"signer": "0x/, '"signer": "0X'),
      (all) => all.replace(/"signatures": \[[^\]]*\]/, '"signatures": []'),
      (all) => all.replace(/\n {2}"signer": "0x[0-9a-f]+",/, ''),
      (all) => all.replace(/"entries": \[[^]*\],\n {2}"signatures"/, '"entries": [],\n  "signatures"'),
      (all) => `${all}{}`,
      (all) => `\ufeff${all}`,
      (all) => all.slice(0, -20),
      () => '[]',
      () => '',
    ];
    for (const alter of alterations) {
      assert.notEqual(alter(text), text);
      assert.throws(() => parse(alter(text)), refused('damaged'), alter(text));
    }
  });

  it('of a later version is told from a damaged one', () => {
    assert.throws(() => parse(text.replace('"version": 1', '"version": 2, "rings": []')), refused('newer'));
    assert.throws(() => parse(text.replace('"version": 1', '"version": 0')), refused('damaged'));
  });

  it('has at most 50 entries, each of another name', () => {
    const named = (count: number): string =>
      withEntries(...Array.from({ length: count }, (_, tag) => ({ tag: `t${tag}` })));
    assert.equal(parse(named(50)).entries.length, 50);
    assert.throws(() => parse(named(51)), refused('tooMany'));
    assert.throws(() => parse(withEntries({}, { previous: `0x${'12'.repeat(20)}` })), refused('twice'));
  });

  it('has only names that everybody reads alike', () => {
    for (const repository of [
      'web',
      'docker.io/web',
      'REGISTRY.example.com/web',
      'registry.example.com/w\u0435b',
      'a.b/c:1',
      '',
    ]) {
      assert.throws(() => parse(withEntries({ repository })), refused('name'), repository);
    }
    for (const tag of ['', '1.0\u202e', '-1', 'a b', 'x'.repeat(129)]) {
      assert.throws(() => parse(withEntries({ tag })), refused('name'), tag);
    }
  });

  it('has only bodies that can be read', () => {
    const revoked = toHex(encodeRevocation({ statementHash: `0x${'12'.repeat(32)}`, reason: 'mistake', note: '' }));
    assert.equal(parse(withEntries({ kind: 'revoke', body: revoked })).entries[0]?.kind, 'revoke');
    const wrong: readonly Partial<Entry>[] = [
      { body: `${entry.body}00` },
      { body: '0x01' },
      { body: revoked },
      { kind: 'revoke' },
      { kind: 'revoke', body: revoked.slice(0, -2) as Hex },
      { kind: 'revoke', body: `${revoked}ff` },
    ];
    for (const changes of wrong) assert.throws(() => parse(withEntries(changes)), refused('body'));
    assert.throws(() => parse(withEntries({ body: '0x' })), refused('damaged'));
    assert.throws(() => parse(withEntries({ body: `0x${'11'.repeat(16_385)}` })), refused('damaged'));
  });
});
