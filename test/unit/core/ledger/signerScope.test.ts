import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isDaoChainError } from '../../../../src/core/errors';
import { contentRepository } from '../../../../src/core/ledger/contentName';
import { covers, isCanonicalScope, outsideOf, signerScope } from '../../../../src/core/ledger/signerScope';

describe('the scope of a signer', () => {
  it('ends at a segment', () => {
    for (const [scope, repository, isCovered] of [
      ['', 'ghcr.io/acme/web', true],
      ['', contentRepository, true],
      ['ghcr.io/acme/web', 'ghcr.io/acme/web', true],
      ['ghcr.io/acme/web', 'ghcr.io/acme/web/api', true],
      ['ghcr.io/acme/web', 'ghcr.io/acme/webshop', false],
      ['ghcr.io/acme/web', 'ghcr.io/acme/web-old', false],
      ['ghcr.io/acme/web', 'ghcr.io/acme', false],
      ['ghcr.io/acme/web', contentRepository, false],
      ['ghcr.io/acme/', 'ghcr.io/acme/web', true],
      ['ghcr.io/acme/', 'ghcr.io/acme', false],
      ['ghcr.io/acme/', 'ghcr.io/acmex/web', false],
      ['ghcr.io', 'ghcr.io/acme/web', true],
      ['ghcr.io', 'ghcr.io.evil.example/acme/web', false],
      ['localhost', 'localhost:5000/acme/web', false],
    ] as const) {
      assert.equal(covers(scope, repository), isCovered, `${scope} | ${repository}`);
    }
  });

  it('covers no more where it is longer by a segment', () => {
    const path = fc.array(fc.constantFrom('a', 'ab', 'b', ''), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(path, fc.constantFrom('a', 'b'), path, (scope, segment, repository) => {
        const [wide, narrow, name] = [scope, [...scope, segment], repository].map((each) => each.join('/')) as [
          string,
          string,
          string,
        ];
        if (wide !== '' && !wide.endsWith('/')) assert.ok(!covers(narrow, name) || covers(wide, name));
      }),
    );
  });

  it('names the first that is outside, and leaves to the ledger what nobody here knows', () => {
    const names = ['ghcr.io/acme/web', 'ghcr.io/acme/shop', 'ghcr.io/acme/app'].map((repository) => ({ repository }));
    assert.equal(outsideOf('ghcr.io/acme/web', names)?.repository, 'ghcr.io/acme/shop');
    assert.equal(outsideOf('ghcr.io/acme/', names), undefined);
    assert.equal(outsideOf(null, names), undefined);
  });

  it('is typed with its registry, and as * where it is everything, so that no empty variable of a script means that', () => {
    assert.equal(signerScope('*'), '');
    for (const right of ['ghcr.io/acme/web', 'ghcr.io/acme/', 'ghcr.io', 'docker.io/', 'localhost:5000/a']) {
      assert.equal(signerScope(right), right);
      assert.ok(isCanonicalScope(right));
    }
    for (const wrong of [
      ...['', ' ', '/', 'nginx', 'acme/web', 'ghcr.io//', 'ghcr.io/acme//', 'ghcr.io/Acme', 'ghcr.io/acme/*', '**'],
      ...['ghcr.io/acme/web:1.0', 'https://ghcr.io/acme', 'ghcr.io/../x', 'ghcr.io/acme/web\u202e', contentRepository],
      ...[`ghcr.io/${'x'.repeat(256)}`],
    ]) {
      assert.throws(
        () => signerScope(wrong),
        (error) => isDaoChainError(error, 'invalidInput') && error.details['reason'] === 'scopeForm',
        JSON.stringify(wrong),
      );
    }
  });
});
