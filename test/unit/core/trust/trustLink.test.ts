import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DaoChainError } from '../../../../src/core/errors';
import { errorText } from '../../../../src/words/errorText';
import { walletPublisher } from '../../../../src/core/hex';
import type { AcceptedKind } from '../../../../src/core/trust/rules';
import { patternProblem } from '../../../../src/core/trust/rules';
import {
  linkFaults,
  parseTrustLink,
  publisherText,
  trustLink,
  type TrustLink,
} from '../../../../src/core/trust/trustLink';
import { chinese, english } from '../../words/localizers';

const wallet = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
const organization = `0x${'ab'.repeat(32)}` as const;
const ledger = `1337:0x${'11'.repeat(32)}:0x${'22'.repeat(20)}`;
const repositories = 'registry.example.com/acme/*';
const link: TrustLink = {
  ledger,
  repositories,
  publishers: [walletPublisher(wallet)],
  threshold: 1,
  accept: 'publish',
};
const text = trustLink(link);

/** The link with its parameters changed by hand. */
function altered(change: (query: string) => string): string {
  const [start, query = ''] = text.split('?');
  return `${String(start)}?${change(query)}`;
}

function faultOf(given: string): string | undefined {
  try {
    parseTrustLink(given);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof DaoChainError && error.code === 'linkInvalid', String(error));
    const sentences = [english, chinese].map((l10n) => errorText(error, l10n));
    for (const sentence of sentences) assert.match(sentence, /^[^\p{Cc}\p{Cf}]{10,400}$/u);
    return error.details['reason'];
  }
}

describe('a trust link', () => {
  it('says everything but how strictly', () => {
    assert.equal(
      text,
      `vscode://daochain.daochain/trust?ledger=${ledger}&publisher=${wallet}&repositories=${repositories}&accept=publish`,
    );
    assert.deepEqual(parseTrustLink(text), link);
    assert.deepEqual(parseTrustLink(` ${text}\n`), link);
  });

  it('comes back as it was made', () => {
    const hexBytes = (bytes: number): fc.Arbitrary<`0x${string}`> =>
      fc
        .uint8Array({ minLength: bytes, maxLength: bytes })
        .filter((value) => value.some((byte) => byte !== 0))
        .map((value) => `0x${Buffer.from(value).toString('hex')}` as const);
    const publishers = fc.uniqueArray(fc.oneof(hexBytes(20).map(walletPublisher), hexBytes(32)), {
      minLength: 1,
      maxLength: 5,
    });
    const pattern = fc.constantFrom(repositories, 'docker.io/library/nginx', 'localhost:5000/**', 'a.example/b/*/c/**');
    fc.assert(
      fc.property(
        publishers,
        pattern,
        fc.nat(),
        fc.constantFrom<AcceptedKind>('publish', 'vouch'),
        (ids, pattern, n, accept) => {
          const made = { ledger, repositories: pattern, publishers: ids, threshold: 1 + (n % ids.length), accept };
          assert.deepEqual(parseTrustLink(trustLink(made)), made);
          // As mail programs and chats write it.
          assert.deepEqual(parseTrustLink(trustLink(made).replace(/[:/*](?=[^?]*$)/g, encodeURIComponent)), made);
        },
      ),
    );
  });

  it('opens in the editors that are made from VS Code, and is nothing else that looks alike', () => {
    for (const scheme of ['vscode', 'vscode-insiders', 'vscodium'])
      assert.deepEqual(parseTrustLink(text.replace(/^vscode/, scheme)), link);
    for (const given of [
      '',
      'javascript:alert(1)',
      `javascript:${text}`,
      text.replace('vscode:', 'https:'),
      text.replace('vscode:', 'command:'),
      text.replace('daochain.daochain', 'daochain.daocha1n'),
      text.replace('daochain.daochain', 'daochain.daochain@evil.example'),
      text.replace('/trust?', '/trust/?'),
      text.replace('/trust?', '/join?'),
      text.replace('/trust?', '/trust#?'),
      text.replace('/trust?', '/trust'),
    ])
      assert.equal(faultOf(given), 'notTrust', given);
  });

  it('is refused where it has a part too many, twice or not at all', () => {
    assert.equal(faultOf(altered((query) => `${query}&level=warn`)), 'unknown');
    assert.equal(faultOf(altered((query) => `${query}&maximumViewAgeSeconds=1`)), 'unknown');
    assert.equal(faultOf(altered((query) => `${query}&Accept=vouch`)), 'unknown');
    assert.equal(faultOf(altered((query) => `${query}&`)), 'unknown');
    assert.equal(faultOf(altered((query) => `${query}&__proto__=1`)), 'unknown');
    for (const [name, value] of Object.entries({ ledger, repositories: 'evil.example/**', accept: 'vouch' }))
      assert.equal(faultOf(altered((query) => `${query}&${name}=${value}`)), 'repeated', name);
    for (const name of ['ledger', 'publisher', 'repositories', 'accept']) {
      assert.equal(
        faultOf(altered((query) => query.replace(new RegExp(`&?${name}=[^&]*`), '').replace(/^&/, ''))),
        'missing',
        name,
      );
      assert.equal(
        faultOf(altered((query) => query.replace(new RegExp(`${name}=[^&]*`), `${name}=`))),
        'missing',
        name,
      );
      assert.equal(faultOf(altered((query) => query.replace(new RegExp(`${name}=[^&]*`), name))), 'missing', name);
    }
  });

  it('is refused with characters that hide what it says, escaped or not', () => {
    const hidden = ['\u202e', '\u200b', '\u0000', '\n', '\u0430', ' ', '%', '&', '=', '#', '?', '<', '"'];
    for (const character of hidden) {
      const inside = altered((query) => query.replace('acme', `ac${encodeURIComponent(character)}me`));
      assert.equal(faultOf(inside), 'character', inside);
    }
    for (const character of ['\u202e', '\u200b', '\u0000', '\n', '\u0430', ' '])
      assert.equal(faultOf(text.replace('acme', `ac${character}me`)), 'character');
    assert.equal(faultOf(text.replace('acme', '%')), 'encoding');
    assert.equal(faultOf(text.replace('acme', '%ff%fe')), 'encoding');
    // What is escaped twice stays escaped once, and no part has a percent sign.
    assert.equal(faultOf(text.replace('/acme', '%252Facme')), 'character');
    assert.equal(faultOf(`${text}#&level=warn`), 'character');
  });

  it('is refused when it is longer than any that is made', () => {
    assert.equal(faultOf(text + 'a'.repeat(10_000)), 'tooLong');
    assert.equal(faultOf(' '.repeat(10_000) + text), 'tooLong');
    const all = {
      ...link,
      publishers: Array.from({ length: 16 }, (_, i) => `0x${(i + 16).toString(16).repeat(32)}` as const),
    };
    assert.deepEqual(
      parseTrustLink(trustLink({ ...all, repositories: `registry.example.com/${'a'.repeat(234)}` })).publishers,
      all.publishers,
    );
  });

  it('is refused where a rule would be', () => {
    for (const pattern of [
      '*',
      '**',
      '*/acme/*',
      'acme/*',
      'registry.example.com/**/app',
      'registry.example.com/ac*e/app',
      'Registry.example.com/acme/*',
      'registry.example.com/Acme',
      'registry.example.com//app',
      'registry.example.com/../app',
      'index.docker.io/library/nginx',
    ]) {
      assert.notEqual(patternProblem(pattern), undefined);
      assert.equal(faultOf(altered((query) => query.replace(repositories, pattern))), 'rule', pattern);
    }
    for (const other of ['0x12', `0x${'00'.repeat(20)}`, `0x${'zz'.repeat(20)}`, 'acme'])
      assert.equal(faultOf(text.replace(wallet, other)), 'rule', other);
    assert.equal(faultOf(text.replace(ledger, '1:2:3')), 'rule');
    assert.equal(faultOf(text.replace('accept=publish', 'accept=both')), 'accept');
    for (const threshold of ['0', '-1', '1.5', '01', '1e1', '100', '٢']) {
      const found = faultOf(`${text}&threshold=${encodeURIComponent(threshold)}`);
      assert.ok(found === 'threshold' || found === 'character', threshold);
    }
    assert.equal(faultOf(`${text}&threshold=2`), 'rule');
    assert.equal(faultOf(altered((query) => `${query}&publisher=${walletPublisher(wallet)}`)), 'rule');
  });

  it('is refused where the case of an id contradicts its digits', () => {
    assert.equal(faultOf(text.replace(wallet, wallet.replace('aA', 'AA'))), 'checksum');
    assert.equal(faultOf(text.replace(wallet, wallet.replace('0x', '0X'))), 'checksum');
    assert.equal(faultOf(text.replace(wallet, organization.replace('ab', 'aB'))), 'checksum');
    assert.deepEqual(parseTrustLink(text.replace(wallet, wallet.toLowerCase())), link);
    assert.deepEqual(parseTrustLink(text.replace(wallet, walletPublisher(wallet))), link);
    assert.equal(publisherText(organization), organization);
  });

  it('is refused or means a rule, whatever it is', () => {
    const piece = fc.constantFrom(
      ...[
        'ledger=',
        'publisher=',
        'repositories=',
        'accept=',
        'threshold=',
        '&',
        '=',
        '%',
        '%2526',
        '*',
        '/',
        ':',
        '1',
      ],
      ...[ledger, wallet, organization, repositories, 'publish', '\u202e', '\u0000', '𝒶', '[', '\\'],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 20 }), (pieces) => {
        const fault = faultOf(`vscode://daochain.daochain/trust?${pieces.join('')}`);
        assert.ok(fault === undefined || linkFaults.some((each) => each === fault), fault);
      }),
    );
  });
});
