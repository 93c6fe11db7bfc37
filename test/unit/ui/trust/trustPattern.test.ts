import assert from 'node:assert/strict';
import fc from 'fast-check';
import { walletPublisher } from '../../../../src/core/hex';
import { matches, parseRule, patternProblem, type TrustRule } from '../../../../src/core/trust/rules';
import {
  missingTrust,
  namespacePattern,
  patternError,
  publisherError,
  publishersError,
  splitPublishers,
} from '../../../../src/ui/trust/trustPattern';
import { chinese, english } from '../../words/localizers';

const ledger = `7:0x${'1'.repeat(64)}:0x${'2'.repeat(40)}`;
const own = `0x${'0'.repeat(24)}${'ab'.repeat(20)}` as const;
const other = `0x${'0'.repeat(24)}${'cd'.repeat(20)}` as const;

function rule(repositories: string, publisher: string): TrustRule {
  return parseRule({ ledger, repositories, publishers: [publisher] });
}

describe('the pattern that is proposed', () => {
  it('is the namespace', () => {
    assert.equal(namespacePattern('ghcr.io/team/app'), 'ghcr.io/team/*');
    assert.equal(namespacePattern('ghcr.io/team/tools/app'), 'ghcr.io/team/tools/*');
    assert.equal(namespacePattern('docker.io/me/app'), 'docker.io/me/*');
  });

  it('is one repository where names without a namespace end up', () => {
    assert.equal(namespacePattern('docker.io/library/app'), 'docker.io/library/app');
  });

  it('is valid where the registry alone is the namespace', () => {
    assert.equal(namespacePattern('localhost:5000/app'), 'localhost:5000/*');
    assert.equal(patternProblem('localhost:5000/*'), undefined);
  });

  it('always covers the repository', () => {
    const segment = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), (path) => {
        const repository = `example.com/${path.join('/')}`;
        const pattern = namespacePattern(repository);
        return matches(pattern, repository) && patternProblem(pattern) === undefined;
      }),
    );
  });
});

describe('trust in the own wallet', () => {
  it('is asked for once a namespace', () => {
    assert.deepEqual(missingTrust(['a.io/b/c', 'a.io/b/d', 'a.io/e/f'], own, 'publish', ledger, []), [
      'a.io/b/*',
      'a.io/e/*',
    ]);
  });

  it('is not asked for where a rule names it', () => {
    assert.deepEqual(missingTrust(['a.io/b/c'], own, 'publish', ledger, [rule('a.io/b/*', own)]), []);
    assert.deepEqual(missingTrust(['a.io/b/c'], own, 'publish', ledger, [rule('a.io/**', own)]), []);
  });

  it('is asked for on the pattern that decides, when another publisher has it', () => {
    assert.deepEqual(missingTrust(['a.io/b/c'], own, 'publish', ledger, [rule('a.io/b/c', other)]), ['a.io/b/c']);
  });

  it('is asked for vouches apart from what was published', () => {
    assert.deepEqual(missingTrust(['a.io/b/c'], own, 'vouch', ledger, [rule('a.io/b/*', own)]), ['a.io/b/*']);
  });

  it('is for exactly the repository that was vouched for', () => {
    assert.deepEqual(missingTrust(['a.io/b/c'], own, 'vouch', ledger, []), ['a.io/b/c']);
    const debian = 'docker.io/library/debian';
    assert.deepEqual(missingTrust([debian], own, 'vouch', ledger, []), [debian]);
    assert.deepEqual(missingTrust([debian], own, 'vouch', ledger, [rule('docker.io/library/*', other)]), [debian]);
  });

  it('belongs to one ledger', () => {
    const elsewhere = { ...rule('a.io/b/*', own), ledger: ledger.replace('7:', '8:') };
    assert.deepEqual(missingTrust(['a.io/b/c'], own, 'publish', ledger, [elsewhere]), ['a.io/b/*']);
  });
});

describe('what a person types', () => {
  it('is refused with a reason when it is no pattern, or not one for this repository', () => {
    assert.equal(patternError('a.io/b/*', 'a.io/b/c', english), undefined);
    assert.match(patternError('*', undefined, english) ?? '', /covers every registry/);
    assert.equal(patternError('a.io/x/*', 'a.io/b/c', english), 'This does not cover a.io/b/c.');
    assert.match(patternError('*', undefined, chinese) ?? '', /注册表/);
  });

  it('is several publishers, each of them once', () => {
    const [wallet, id] = [`0x${'33'.repeat(20)}`, `0x${'44'.repeat(32)}`];
    assert.deepEqual(splitPublishers(` ${wallet}, ${id}\n`), [wallet, id]);
    assert.equal(publishersError(`${wallet}, ${id}`, english), undefined);
    assert.ok(publishersError(`${wallet}, 0x12`, english)?.includes('0x12'));
    assert.equal(
      publishersError(`${wallet} ${walletPublisher(`0x${'33'.repeat(20)}`)}`, english),
      'The rule names a publisher twice.',
    );
  });

  it('is a publisher as an address or an id, with space around it', () => {
    for (const text of [` 0x${'AB'.repeat(20)} `, own, '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'])
      assert.equal(publisherError(text, english), undefined);
    for (const text of ['', '0x12', 'alice', `0x${'0'.repeat(40)}`, '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD'])
      assert.ok(publisherError(text, english));
  });
});
