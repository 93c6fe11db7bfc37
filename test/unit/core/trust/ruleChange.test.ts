import assert from 'node:assert/strict';
import fc from 'fast-check';
import { walletPublisher } from '../../../../src/core/hex';
import {
  isSameRule,
  isWholeRegistry,
  leastLevel,
  neighboursOf,
  overlap,
  withoutRule,
  withRule,
} from '../../../../src/core/trust/ruleChange';
import type { RuleSource, TrustRule } from '../../../../src/core/trust/rules';
import { coveringRules, matches, parseRule, patternProblem } from '../../../../src/core/trust/rules';

const ledger = `1337:0x${'11'.repeat(32)}:0x${'22'.repeat(20)}`;
const rule = (repositories: string, changes: Partial<TrustRule> = {}): TrustRule => ({
  ...parseRule({ ledger, repositories, publishers: [walletPublisher(`0x${'33'.repeat(20)}`)] }),
  ...changes,
});

const segment = fc.constantFrom('a', 'b', '*');
const pattern = fc
  .tuple(fc.constantFrom('r.example', 's.example'), fc.array(segment, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([host, segments, open]) => [host, ...segments, ...(open ? ['**'] : [])].join('/'));
const repositories = ['r.example', 's.example'].flatMap((host) => {
  const paths = (depth: number): readonly string[] =>
    depth === 0 ? [''] : paths(depth - 1).flatMap((path) => ['/a', '/b', '/c'].map((next) => path + next));
  return [1, 2, 3, 4, 5].flatMap((depth) => paths(depth).map((path) => host + path));
});

describe('what a rule does beside others', () => {
  it('meets another exactly where a repository is matched by both', () => {
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        assert.equal(patternProblem(one), undefined);
        const both = repositories.some((each) => matches(one, each) && matches(other, each));
        assert.equal(overlap(one, other), both, `${one} ${other}`);
        assert.equal(overlap(other, one), both);
      }),
    );
  });

  it('never lowers what is enforced for any repository', () => {
    const rules = fc.array(
      fc
        .tuple(pattern, fc.constantFrom('enforce' as const, 'warn' as const))
        .map(([each, level]) => rule(each, { level })),
      { maxLength: 4 },
    );
    const enforced = (given: readonly TrustRule[], repository: string): boolean =>
      coveringRules([{ origin: 'user', rules: given }], repository).some((covering) =>
        covering.rules.some(({ level }) => level === 'enforce'),
      );
    fc.assert(
      fc.property(pattern, rules, (added, others) => {
        const level = leastLevel(neighboursOf(rule(added), others));
        const after = [...others, rule(added, { level })];
        for (const each of repositories) assert.ok(!enforced(others, each) || enforced(after, each), each);
      }),
      { numRuns: 60 },
    );
  });

  it('stands beside the same pattern, before the more general ones and after the more specific ones', () => {
    const [general, same, special] = ['r.example/**', 'r.example/a/*', 'r.example/a/b'].map((each) => rule(each));
    // The more specific pattern decides over all ledgers.
    const onAnother = rule('r.example/**', { ledger: ledger.replace('1337', '1') });
    const elsewhere = [rule('s.example/**'), onAnother];
    assert.deepEqual(
      neighboursOf(
        rule('r.example/a/*'),
        [general, same, special, ...elsewhere].filter((each) => each !== undefined),
      ),
      { besides: [same], replaced: [general, onAnother], before: [special] },
    );
  });

  it('is all of a registry where nothing but its host is named', () => {
    assert.deepEqual(
      ['r.example/**', 'r.example/*', 'r.example/*/**', 'r.example/a/**', 'r.example/*/a'].map(isWholeRegistry),
      [...[true, true, true, false, false]],
    );
  });

  it('is put in and taken out without touching what is not the reader’s', () => {
    const [own, more] = [rule('r.example/a'), rule('r.example/b', { level: 'enforce' })];
    const other: RuleSource = { ...({ origin: 'user', rules: [] } as RuleSource), origin: 'user', rules: [own] };
    assert.deepEqual(withRule([], more), [{ origin: 'user', rules: [more] }]);
    assert.deepEqual(withRule([other], more), [{ origin: 'user', rules: [own, more] }]);
    assert.deepEqual(withoutRule(withRule([other], more), { ...more }), [other]);
    assert.deepEqual(withoutRule([other], more), [other]);
    assert.ok(!isSameRule(own, { ...own, level: 'enforce' }));
    const pair = [`0x${'44'.repeat(32)}`, `0x${'55'.repeat(32)}`] as const;
    assert.ok(isSameRule({ ...own, publishers: pair }, { ...own, publishers: pair.toReversed() }));
  });
});
