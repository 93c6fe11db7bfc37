import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { compose, type ComposedInput, type LedgerFacts } from '../../../../src/core/judging/composition';
import { judge } from '../../../../src/core/judging/judge';
import type { JudgeInput, ViewState } from '../../../../src/core/judging/judgeInput';
import type { Verdict } from '../../../../src/core/judging/verdict';
import { contentRepository, contentTag } from '../../../../src/core/ledger/contentName';
import type { LedgerKey } from '../../../../src/core/ledger/types';
import type { RuleSource, TrustRule } from '../../../../src/core/trust/rules';
import { friendlyWorld, greenWorld, trusted, trustRule, world } from './smallWorld';
import { acme, bolt, complete, content, head, history, identity, input, ledger, repository, rule } from './world';

const runs = { numRuns: 500 };

/** Home is the first. */
const keys = [ledger, ...['8:', '9:'].map((chain) => ledger.replace('7:', chain))] as readonly LedgerKey[];
const key = fc.constantFrom(...keys);
const silent: readonly ViewState[] = [
  { state: 'incomplete', missing: 'ledger' },
  { state: 'incomplete', missing: 'ledgerNotFollowed' },
  { state: 'incomplete', missing: 'ledgerIncomplete', head },
];
const heard: fc.Arbitrary<ViewState> = fc.oneof(
  { arbitrary: fc.constant<ViewState>(complete), weight: 8 },
  ...silent.map((state) => ({ arbitrary: fc.constant(state), weight: 1 })),
);

/** What each ledger says of one image, and rules that name any of them. */
interface World {
  readonly worlds: ReadonlyMap<LedgerKey, LedgerFacts>;
  readonly rules: readonly RuleSource[];
}

function on(given: JudgeInput, at: LedgerKey, state: ViewState): LedgerFacts {
  const { ledgerKind, assurance, finality, needed, isChecked, strangers } = given.view;
  return { ...given, view: { ledger: at, ledgerKind, assurance, finality, needed, isChecked, strangers, ...state } };
}

function worldsOf(each: fc.Arbitrary<JudgeInput>): fc.Arbitrary<World> {
  return fc
    .record({
      given: fc.tuple(each, each, each),
      states: fc.tuple(heard, heard, heard),
      places: fc.array(key, { minLength: 6, maxLength: 6 }),
    })
    .map(({ given, states, places }) => {
      const [first] = given;
      let next = 0;
      const placed = first.rules.map((source) => ({
        ...source,
        rules: source.rules.map((one) => ({ ...one, ledger: places[next++] ?? ledger })),
      }));
      const worlds = given.map((one, i): [LedgerKey, LedgerFacts] => {
        const at = keys[i] ?? ledger;
        // The image is one, whatever ledger is asked about it.
        const { image, ownPublishers } = first;
        return [at, on({ ...one, image, ownPublishers }, at, states[i] ?? complete)];
      });
      return { worlds: new Map(worlds), rules: placed };
    });
}

const anyWorlds = worldsOf(fc.oneof(world, friendlyWorld));

function composed({ worlds, rules }: World): Verdict {
  return compose(inputOf({ worlds, rules }));
}

function inputOf({ worlds, rules }: World): ComposedInput {
  const factsOf = (of: LedgerKey | undefined): LedgerFacts => {
    const facts = worlds.get(of ?? ledger);
    if (facts === undefined) throw new RangeError('no such ledger');
    return facts;
  };
  return { reference: factsOf(ledger).reference, rules, home: ledger, factsOf };
}

// --- a second reading of docs/verdicts.md, which shares only the judge of one ledger ---------------------------------

/** Whether the first of two patterns for one repository is the more specific one, segment by segment. */
function isCloser(one: string, other: string): boolean {
  const [a, b] = [one.split('/'), other.split('/')];
  const worth = (segment: string | undefined): number =>
    segment === '**' ? 1 : segment === '*' ? 2 : segment === undefined ? 0 : 3;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (worth(a[i]) !== worth(b[i])) return worth(a[i]) > worth(b[i]);
  }
  return false;
}

function naive({ worlds, rules }: World): string {
  const covers = ({ repositories }: TrustRule): boolean =>
    repositories === repository || repositories === 'docker.io/acme/*' || repositories === 'docker.io/acme/**';
  const deciding = rules
    .map((source) => source.rules.filter(covers))
    .map((all) => all.filter((one) => !all.some((other) => isCloser(other.repositories, one.repositories))))
    .filter((all) => all.length > 0);
  const strict = deciding.flat().some(({ level }) => level === 'enforce');
  const at = (of: LedgerKey, sources: readonly (readonly TrustRule[])[]): Verdict => {
    const facts = worlds.get(of);
    assert.ok(facts !== undefined);
    const raised = sources.map((list) => list.map((one) => (strict ? { ...one, level: 'enforce' as const } : one)));
    return judge({ ...facts, rules: raised.map((list) => ({ origin: 'user', rules: list })) });
  };
  const places = [...new Set(deciding.flat().map((one) => one.ledger))];
  if (places.length === 0) return at(ledger, []).kind;
  const [only, ...more] = places;
  if (only !== undefined && more.length === 0) return at(only, deciding).kind;

  const answers = deciding.map((list) => {
    const kinds: string[] = [];
    let isOld = false;
    for (const of of new Set(list.map((one) => one.ledger))) {
      const here = list.filter((one) => one.ledger === of);
      kinds.push(at(of, [here]).kind);
      const { view, now } = worlds.get(of) ?? {};
      const age = (now ?? 0) - (view?.head?.time ?? 0);
      isOld ||= view?.head !== undefined && here.some((one) => age > (one.maximumViewAgeSeconds ?? Infinity));
    }
    const order = [
      'tampered',
      'revoked',
      'mismatch',
      'superseded',
      'unknown',
      'verified',
      'pending',
      'stale',
      'untrusted',
    ];
    const answer = order.find((kind) => kinds.includes(kind)) ?? 'unsigned';
    return answer === 'verified' && isOld ? 'stale' : answer;
  });
  const worst = [
    'tampered',
    'revoked',
    'mismatch',
    'superseded',
    'unknown',
    'unsigned',
    'untrusted',
    'stale',
    'pending',
  ];
  return worst.find((kind) => answers.includes(kind)) ?? 'verified';
}

// --- properties ------------------------------------------------------------------------------------------------------

const against = ['tampered', 'revoked', 'mismatch', 'superseded'];

function shuffled<T>(list: readonly T[]): fc.Arbitrary<readonly T[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length });
}

function told({ kind, ledger: of, coverage, ledgerKind, ...rest }: Verdict): unknown {
  return { kind, of, coverage, ledgerKind, missing: 'missing' in rest ? rest.missing : undefined };
}

describe('verdicts over several ledgers', function () {
  this.timeout(600_000);

  it('are those of a second reading, and every kind is met on several ledgers', () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(anyWorlds, (given) => {
        const { kind } = composed(given);
        assert.equal(kind, naive(given));
        if (new Set(given.rules.flatMap(({ rules }) => rules.map((one) => one.ledger))).size > 1) met.add(kind);
      }),
      { numRuns: 4 * runs.numRuns },
    );
    assert.equal(met.size, 9, [...met].join());
  });

  it('do not depend on the order of ledgers, rules and sources', () => {
    const reordered = anyWorlds.chain((given) =>
      fc.record({
        given: fc.constant(given),
        rules: fc
          .tuple(
            ...given.rules.map(({ origin, rules }) =>
              shuffled(rules).map((some): RuleSource => ({ origin, rules: some })),
            ),
          )
          .chain(shuffled),
      }),
    );
    fc.assert(
      fc.property(reordered, ({ given, rules }) => {
        assert.deepEqual(told(composed({ ...given, rules })), told(composed(given)));
      }),
      runs,
    );
  });

  it('are those of the one ledger where all rules that decide name it', () => {
    fc.assert(
      fc.property(fc.oneof(world, friendlyWorld), (given) => {
        const worlds = new Map(keys.map((at) => [at, on(given, at, complete)]));
        assert.deepEqual(
          composed({ worlds, rules: given.rules }),
          judge({ ...on(given, ledger, complete), rules: given.rules }),
        );
      }),
      runs,
    );
  });

  // What an engine prints is read again by its bytes wherever one of them asks for it; then they agree.
  it('agree with one judgement by all sources together, but for what merely is not accepted', () => {
    const notAccepted = ['pending', 'stale', 'untrusted', 'unsigned'];
    const kindOf = (kind: string): string => (notAccepted.includes(kind) ? 'not accepted' : kind);
    fc.assert(
      fc.property(fc.oneof(world, friendlyWorld, greenWorld), (given) => {
        assert.ok('identity' in given.image);
        const image = { ...given.image, identity: { ...given.image.identity, source: 'bytes' as const } };
        const worlds = new Map(keys.map((at) => [at, on({ ...given, image }, at, complete)]));
        const apart = given.rules.map((source, i) => ({
          ...source,
          rules: source.rules.map((one) => ({ ...one, ledger: keys[i] ?? ledger })),
        }));
        const together = composed({ worlds, rules: given.rules }).kind;
        assert.equal(kindOf(composed({ worlds, rules: apart }).kind), kindOf(together));
      }),
      runs,
    );
  });

  it('stay green with one more alternative, unless its publisher speaks against the content or cannot be heard', () => {
    const more = worldsOf(greenWorld).chain((given) =>
      fc.record({
        given: fc.constant(given),
        at: key,
        publishers: fc.subarray(trusted, { minLength: 1 }),
        accept: fc.constantFrom('publish' as const, 'vouch' as const),
      }),
    );
    let kept = 0;
    fc.assert(
      fc.property(more, ({ given, at, publishers, accept }) => {
        const before = composed(given);
        if (before.kind !== 'verified') return;
        const [own] = given.rules;
        const closest = own?.rules
          .filter(({ repositories }) => !repositories.startsWith('docker.io/other/'))
          .reduce<TrustRule | undefined>(
            (best, one) => (best === undefined || isCloser(one.repositories, best.repositories) ? one : best),
            undefined,
          );
        if (own === undefined || closest === undefined) return;
        const level = before.coverage === 'enforce' ? 'enforce' : 'warn';
        const added = rule({ repositories: closest.repositories, publishers, accept, level, ledger: at });
        const after = composed({
          ...given,
          rules: given.rules.map((source) =>
            source === own ? { ...source, rules: [...source.rules, added] } : source,
          ),
        });
        if (after.kind === 'verified') {
          kept++;
          return;
        }
        const alone = composed({ ...given, rules: [{ origin: 'user', rules: [added] }] });
        assert.ok(alone.kind === 'unknown' || against.includes(alone.kind), `${alone.kind}, ${after.kind}`);
      }),
      runs,
    );
    assert.ok(kept > 50, String(kept));
  });

  it('hear what was taken back everywhere on one ledger and is declared on another', () => {
    const image = content('a');
    const original = content('a', { docker: { Healthcheck: { Test: ['CMD', 'true'] } } });
    const reserved = { repository: contentRepository, tag: contentTag(identity(original)) };
    const [home, other] = keys.map((at) => on(input(image, []), at, complete));
    assert.ok(home !== undefined && other !== undefined);
    const declaring = { ...home, histories: [history(acme, [{ says: original }])] };
    const takingBack = { ...other, contentHistories: [history(bolt, [{ revokes: 9 }], reserved)] };
    const rules = [rule({ publishers: [acme] }), rule({ publishers: [bolt], ledger: other.view.ledger ?? '' })];
    const verdictOn = (second: LedgerFacts, sources: readonly RuleSource[]): Verdict['kind'] =>
      composed({
        worlds: new Map([
          [ledger, declaring],
          [second.view.ledger ?? '', second],
        ]),
        rules: sources,
      }).kind;
    const [alternatives, apart] = [
      [{ origin: 'user' as const, rules }],
      rules.map((one) => ({ origin: 'user' as const, rules: [one] })),
    ];
    assert.equal(verdictOn(other, alternatives), 'verified');
    assert.equal(verdictOn(takingBack, alternatives), 'revoked');
    assert.equal(verdictOn(takingBack, apart), 'revoked');
    assert.equal(verdictOn({ ...other, isContentChecked: (_, tag) => tag !== reserved.tag }, alternatives), 'unknown');
  });

  it('are never made green by moving a rule to another ledger, with what its publisher wrote', () => {
    const moved = fc.oneof(world, friendlyWorld, greenWorld).chain((given) =>
      fc.record({
        given: fc.constant(given),
        places: fc.array(key, { minLength: 6, maxLength: 6 }),
      }),
    );
    fc.assert(
      fc.property(moved, ({ given, places }) => {
        const worlds = new Map(keys.map((at) => [at, on(given, at, complete)]));
        let next = 0;
        const rules = given.rules.map((source) => ({
          ...source,
          rules: source.rules.map((one) => ({ ...one, ledger: places[next++] ?? ledger })),
        }));
        const [before, after] = [composed({ worlds, rules: given.rules }), composed({ worlds, rules })];
        if (after.kind === 'verified') assert.equal(before.kind, 'verified');
        // Nor does moving hide what is said against the content.
        if (against.includes(before.kind)) assert.ok(against.includes(after.kind), `${before.kind}, ${after.kind}`);
      }),
      { numRuns: 2 * runs.numRuns },
    );
  });

  it('are never green while a ledger is silent, not followed or not read whole, whose rule decides', () => {
    const unheard = worldsOf(greenWorld).chain((given) =>
      fc.record({ given: fc.constant(given), at: key, state: fc.constantFrom(...silent) }),
    );
    fc.assert(
      fc.property(unheard, ({ given: { worlds, rules }, at, state }) => {
        const [own, ...others] = rules;
        const facts = worlds.get(at);
        if (own === undefined || facts === undefined) return;
        const deciding = rule({ ledger: at });
        const quiet = new Map([...worlds, [at, on({ ...facts, rules: [] }, at, state)]]);
        const sources = [{ ...own, rules: [...own.rules, deciding] }, ...others];
        const verdict = composed({ worlds: quiet, rules: sources });
        assert.ok(verdict.kind === 'unknown' || against.includes(verdict.kind), verdict.kind);
        if (
          verdict.kind === 'unknown' &&
          worlds.size > 0 &&
          sources.every(({ rules: all }) => all.every((one) => one.ledger === at))
        )
          assert.equal(verdict.ledger, at);
      }),
      runs,
    );
  });

  it('compare patterns before any rule is left out for its ledger', () => {
    fc.assert(
      fc.property(anyWorlds, fc.array(trustRule, { maxLength: 3 }), key, key, ({ worlds }, wide, a, b) => {
        const narrow = rule({ ledger: a });
        const wider = wide.map((one) => ({ ...one, repositories: 'docker.io/acme/**', ledger: b }));
        assert.deepEqual(
          composed({ worlds, rules: [{ origin: 'user', rules: [narrow, ...wider] }] }),
          composed({ worlds, rules: [{ origin: 'user', rules: [narrow] }] }),
        );
      }),
      runs,
    );
  });
});
