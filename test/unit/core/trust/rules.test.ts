import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { isDaoChainError } from '../../../../src/core/errors';
import { isCanonicalRepository } from '../../../../src/core/image/reference';
import type { RuleProblem, RuleSource, RuleText } from '../../../../src/core/trust/rules';
import {
  coveringRules,
  ledgersOf,
  matches,
  onLedger,
  parsePublisher,
  parseRule,
  patternProblem,
  specificity,
} from '../../../../src/core/trust/rules';
import { alice, bob, ledger, repository, rule, wallet } from '../judging/world';

describe('patternProblem', () => {
  const good = [
    'docker.io/library/nginx',
    'docker.io/library/*',
    'docker.io/acme/**',
    'docker.io/**',
    'registry.acme.example:5000/*',
    'localhost/app',
    'localhost:5000/**',
    'ghcr.io/*/app',
    'ghcr.io/acme/*/**',
  ];
  for (const pattern of good) {
    it(`accepts ${pattern}`, () => {
      assert.equal(patternProblem(pattern), undefined);
    });
  }

  const bad: readonly (readonly [pattern: string, problem: RuleProblem])[] = [
    ['', 'patternWithoutRegistry'],
    ['nginx', 'patternWithoutRegistry'],
    ['library/nginx', 'patternWithoutRegistry'],
    ['docker.io', 'patternWithoutRegistry'],
    ['**', 'patternUnscoped'],
    ['*', 'patternUnscoped'],
    ['*/**', 'patternUnscoped'],
    ['*.io/acme/app', 'patternUnscoped'],
    ['docker.*/acme/app', 'patternUnscoped'],
    ['docker.io/**/app', 'patternWildcard'],
    ['docker.io/acme/app-*', 'patternWildcard'],
    ['docker.io/acme/***', 'patternWildcard'],
    ['docker.io/', 'patternNotCanonical'],
    ['docker.io//app', 'patternNotCanonical'],
    ['docker.io/Acme/app', 'patternNotCanonical'],
    ['Docker.io/acme/app', 'patternNotCanonical'],
    ['index.docker.io/acme/app', 'patternNotCanonical'],
    ['docker.io/nginx', 'patternNotCanonical'],
    ['docker.io/*', 'patternNotCanonical'],
    ['docker.io/acme/app:1.0', 'patternNotCanonical'],
    ['docker.io/acme/app ', 'patternNotCanonical'],
    ['docker.io/acme/аpp', 'patternNotCanonical'],
    ['https://docker.io/acme/app', 'patternNotCanonical'],
  ];
  for (const [pattern, problem] of bad) {
    it(`refuses "${pattern}": ${problem}`, () => {
      assert.equal(patternProblem(pattern), problem);
    });
  }
});

const hosts = fc.constantFrom('docker.io', 'ghcr.io', 'localhost:5000');
const segments = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 2, maxLength: 4 });
const repositories = fc.tuple(hosts, segments).map(([host, path]) => [host, ...path].join('/'));
const wild = fc.array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 3 });
const patterns = fc
  .tuple(hosts, wild, fc.boolean())
  .map(([host, path, open]) => [host, ...path, ...(open ? ['**'] : [])].join('/'));

describe('matches', () => {
  const table: readonly (readonly [pattern: string, repository: string, expected: boolean])[] = [
    ['docker.io/acme/app', 'docker.io/acme/app', true],
    ['docker.io/acme/app', 'docker.io/acme/app2', false],
    ['docker.io/acme/app', 'docker.io/acme/app/web', false],
    ['docker.io/acme/*', 'docker.io/acme/app', true],
    ['docker.io/acme/*', 'docker.io/acme/app/web', false],
    ['docker.io/acme/*', 'docker.io/acme', false],
    ['docker.io/acme/**', 'docker.io/acme/app', true],
    ['docker.io/acme/**', 'docker.io/acme/app/web', true],
    ['docker.io/acme/**', 'docker.io/acme', false],
    ['docker.io/acme/**', 'docker.io/acmeevil/app', false],
    ['docker.io/acme/**', 'ghcr.io/acme/app', false],
    ['ghcr.io/*/app', 'ghcr.io/acme/app', true],
    ['localhost:5000/**', 'localhost:5001/app', false],
    // Not even a pattern that slipped past the check reaches over registries.
    ['**', 'docker.io/acme/app', false],
    ['*/**', 'docker.io/acme/app', false],
  ];
  for (const [pattern, given, expected] of table) {
    it(`${pattern} ${expected ? 'matches' : 'does not match'} ${given}`, () => {
      assert.equal(matches(pattern, given), expected);
    });
  }

  it('never leaves the registry, and a literal pattern matches itself only', () => {
    fc.assert(
      fc.property(patterns, repositories, (pattern, given) => {
        if (matches(pattern, given)) assert.equal(pattern.split('/')[0], given.split('/')[0]);
        assert.equal(matches(given, given), true);
        if (!pattern.includes('*')) assert.equal(matches(pattern, given), pattern === given);
      }),
    );
  });

  it('takes every canonical repository as a pattern of itself', () => {
    fc.assert(
      fc.property(repositories, (given) => {
        assert.equal(patternProblem(given) === undefined, isCanonicalRepository(given));
      }),
    );
  });
});

describe('specificity', () => {
  it('orders from the left: literal, one segment, everything below', () => {
    const ascending = [
      'ghcr.io/**',
      'ghcr.io/*/**',
      'ghcr.io/*/*/c',
      'ghcr.io/*/b/c',
      'ghcr.io/a/**',
      'ghcr.io/a/*/c',
      'ghcr.io/a/b/**',
      'ghcr.io/a/b/*',
      'ghcr.io/a/b/c',
    ];
    assert.ok(ascending.every((pattern) => matches(pattern, 'ghcr.io/a/b/c')));
    assert.deepEqual(
      [...ascending].reverse().sort((a, b) => (specificity(a) < specificity(b) ? -1 : 1)),
      ascending,
    );
  });

  it('is the same for two patterns of one repository only when they are the same', () => {
    fc.assert(
      fc.property(repositories, patterns, patterns, (given, a, b) => {
        fc.pre(matches(a, given) && matches(b, given));
        assert.equal(specificity(a) === specificity(b), a === b);
      }),
      { maxSkipsPerRun: 10_000 },
    );
  });
});

describe('parseRule', () => {
  const text: RuleText = { ledger, repositories: repository, publishers: [alice] };

  it('fills in what is not written', () => {
    assert.deepEqual(parseRule(text), rule());
    assert.deepEqual(
      parseRule({
        ...text,
        publishers: [alice, bob],
        threshold: 2,
        accept: 'vouch',
        level: 'enforce',
        maximumViewAgeSeconds: 60,
      }),
      rule({ publishers: [alice, bob], threshold: 2, accept: 'vouch', level: 'enforce', maximumViewAgeSeconds: 60 }),
    );
  });

  it('takes a wallet as a publisher, in any case', () => {
    const address = wallet(0xab);
    assert.deepEqual(parseRule({ ...text, publishers: [` 0x${address.slice(2).toUpperCase()} `] }).publishers, [
      `0x${'0'.repeat(24)}${address.slice(2)}`,
    ]);
  });

  const refused: readonly (readonly [change: Partial<RuleText>, problem: RuleProblem, value: string])[] = [
    [{ repositories: '**' }, 'patternUnscoped', '**'],
    [{ ledger: '7' }, 'ledger', '7'],
    [{ ledger: ledger.toUpperCase() }, 'ledger', ledger.toUpperCase()],
    [{ publishers: [] }, 'publishersEmpty', ''],
    [{ publishers: ['acme'] }, 'publisher', 'acme'],
    [{ publishers: [`0x${'0'.repeat(64)}`] }, 'publisher', `0x${'0'.repeat(64)}`],
    [{ publishers: [alice, wallet(1)] }, 'publishersRepeated', `${alice}, ${alice}`],
    [{ threshold: 0 }, 'threshold', '0'],
    [{ threshold: 2 }, 'threshold', '2'],
    [{ threshold: 0.5 }, 'threshold', '0.5'],
    [{ threshold: Number.NaN }, 'threshold', 'NaN'],
    [{ maximumViewAgeSeconds: 0 }, 'maximumViewAge', '0'],
    [{ maximumViewAgeSeconds: Number.POSITIVE_INFINITY }, 'maximumViewAge', 'Infinity'],
  ];
  for (const [change, problem, value] of refused) {
    it(`refuses ${JSON.stringify(change)}: ${problem}`, () => {
      assert.throws(
        () => parseRule({ ...text, ...change }),
        (error) => {
          assert.ok(isDaoChainError(error, 'ruleInvalid'));
          assert.deepEqual(error.details, { problem, value });
          return true;
        },
      );
    });
  }

  it('knows no other publishers', () => {
    for (const each of ['', '0x', `0x${'1'.repeat(41)}`, `0x${'g'.repeat(64)}`, '1'.repeat(64)]) {
      assert.equal(parsePublisher(each), undefined);
    }
  });
});

describe('coveringRules', () => {
  const broad = rule({ repositories: 'docker.io/acme/**' });
  const narrow = rule({ publishers: [bob] });

  it('takes the most specific rules of each source', () => {
    const sources: readonly RuleSource[] = [
      { origin: 'user', rules: [broad, narrow, rule({ level: 'enforce' })] },
      { origin: 'policy', rules: [broad] },
    ];
    assert.deepEqual(coveringRules(sources, repository), [
      { origin: 'user', rules: [narrow, rule({ level: 'enforce' })] },
      { origin: 'policy', rules: [broad] },
    ]);
  });

  it('leaves out sources without a rule for the repository', () => {
    const sources: readonly RuleSource[] = [
      { origin: 'user', rules: [broad] },
      { origin: 'policy', rules: [rule({ repositories: 'docker.io/other/**' })] },
    ];
    assert.deepEqual(coveringRules(sources, repository), [{ origin: 'user', rules: [broad] }]);
    assert.deepEqual(coveringRules(sources, 'ghcr.io/acme/app'), []);
  });

  it('compares patterns over all ledgers, before any rule is left out for its ledger', () => {
    const elsewhere = rule({ ledger: ledger.replace('7:', '8:'), level: 'enforce' });
    const sources: readonly RuleSource[] = [{ origin: 'user', rules: [elsewhere, broad] }];
    const covering = coveringRules(sources, repository);
    assert.deepEqual(covering, [{ origin: 'user', rules: [elsewhere] }]);
    assert.deepEqual(onLedger(covering, ledger), []);
    assert.deepEqual(ledgersOf(covering), [elsewhere.ledger]);
  });

  it('takes the rules of every ledger as long as none is known', () => {
    const both = rule({ ledger: ledger.replace('7:', '8:') });
    const covering = coveringRules([{ origin: 'user', rules: [both, narrow] }], repository);
    assert.deepEqual(onLedger(covering, undefined), covering);
    assert.deepEqual(onLedger(covering, ledger), [{ origin: 'user', rules: [narrow] }]);
  });
});
