import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { ImageIdentity } from '../../../../src/core/image/identity';
import type { Address } from '../../../../src/core/hex';
import { contentRepository, contentTag } from '../../../../src/core/ledger/contentName';
import type { History, PublisherId } from '../../../../src/core/ledger/types';
import { judge } from '../../../../src/core/judging/judge';
import type { RuleSource, TrustRule } from '../../../../src/core/trust/rules';
import { coveringRules, onLedger } from '../../../../src/core/trust/rules';
import { isProtected } from '../../../../src/core/diagnostics';
import type { Verdict, VerdictKind } from '../../../../src/core/judging/verdict';
import { verdictKinds } from '../../../../src/core/judging/verdict';
import {
  everybody,
  friendlyWorld,
  greenWorld,
  lastFinalBlock,
  story,
  tell,
  trusted,
  trustRule,
  world,
} from './smallWorld';
import type { EntrySpec } from './world';
import { complete, head, history, ledger, openSlot, repository, rule, viewOf, wallet } from './world';
import type { JudgeInput } from '../../../../src/core/judging/judgeInput';

const runs = { numRuns: 3000 };
const signer = fc.constantFrom(wallet(1), wallet(2));

// --- words -----------------------------------------------------------------------------------------------------------

const red: readonly VerdictKind[] = ['tampered', 'revoked', 'mismatch'];
const neither: readonly VerdictKind[] = ['untrusted', 'unsigned', 'unknown'];

function isGreen({ kind }: Verdict): boolean {
  return kind === 'verified';
}

/** What the publisher's statements of one kind make of the image by themselves. */
function aloneSays(given: JudgeInput, publisher: PublisherId, accept: TrustRule['accept']): Verdict {
  const rules = [rule({ publishers: [publisher], accept })];
  return judge({ ...given, rules: [{ origin: 'user', rules }], view: viewOf(complete) });
}

/** Speaks against the image, or could be heard to. */
function isContradicting(given: JudgeInput, publisher: PublisherId, accept: TrustRule['accept']): boolean {
  return [...red, 'superseded', 'unknown'].includes(aloneSays(given, publisher, accept).kind);
}

function withUserRules(given: JudgeInput, change: (rules: readonly TrustRule[]) => readonly TrustRule[]): JudgeInput {
  return {
    ...given,
    rules: given.rules.map((source) =>
      source.origin === 'user' ? { ...source, rules: change(source.rules) } : source,
    ),
  };
}

function decidingRules(sources: readonly RuleSource[]): readonly TrustRule[] {
  return onLedger(coveringRules(sources, repository), ledger).flatMap((coverage) => coverage.rules);
}

function ownRules({ rules }: JudgeInput): readonly RuleSource[] {
  return rules.filter(({ origin }) => origin === 'user');
}

function policyOf(rules: readonly TrustRule[]): RuleSource {
  return { origin: 'policy', rules };
}

function shuffled<T>(list: readonly T[]): fc.Arbitrary<readonly T[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length });
}

describe('judge, in any small world', function () {
  this.timeout(600_000);

  it('meets every verdict that needs no deeper check', () => {
    const count = new Map<VerdictKind, number>();
    for (const given of fc.sample(world, { numRuns: 2 * runs.numRuns, seed: 1 })) {
      const { kind } = judge(given);
      count.set(kind, (count.get(kind) ?? 0) + 1);
    }
    for (const kind of verdictKinds.filter((each) => each !== 'tampered')) {
      assert.ok((count.get(kind) ?? 0) > 20, `${kind}: ${count.get(kind) ?? 0} of ${2 * runs.numRuns}`);
    }
  });

  it('does not depend on the order in which anything comes', () => {
    const reordered = world.chain((given) =>
      fc.record({
        given: fc.constant(given),
        histories: shuffled(given.histories),
        knownAs: shuffled(given.histories.flatMap(({ attestations }) => attestations)),
        rules: fc
          .tuple(
            ...given.rules.map(({ origin, rules }) =>
              fc
                .tuple(...rules.map((each) => shuffled(each.publishers).map((publishers) => ({ ...each, publishers }))))
                .chain(shuffled)
                .map((changed): RuleSource => ({ origin, rules: changed })),
            ),
          )
          .chain(shuffled),
      }),
    );
    fc.assert(
      fc.property(reordered, ({ given, histories, knownAs, rules }) => {
        const renamed = (entries: typeof knownAs): typeof knownAs => entries.map((each) => ({ ...each, tag: 'other' }));
        const before = { ...given, knownAs: renamed(given.histories.flatMap(({ attestations }) => attestations)) };
        assert.deepEqual(judge({ ...before, histories, rules, knownAs: renamed(knownAs) }), judge(before));
      }),
      runs,
    );
  });

  it('is never green in an incomplete view', () => {
    fc.assert(
      fc.property(world, fc.constantFrom('ledger' as const, 'ledgerIncomplete' as const), (given, missing) => {
        const { kind } = judge({ ...given, view: viewOf({ state: 'incomplete', missing, head }) });
        assert.ok(!['verified', 'stale', 'pending', 'untrusted', 'unsigned'].includes(kind), kind);
      }),
      runs,
    );
  });

  it('is never green while a publisher that a rule names was not compared with the contract', () => {
    const one = world.chain((given) => {
      const named = decidingRules(given.rules).flatMap(({ publishers }) => publishers);
      return fc.record({
        given: fc.constant(given),
        unchecked: fc.constantFrom(...(named.length > 0 ? named : trusted)),
      });
    });
    fc.assert(
      fc.property(one, ({ given, unchecked }) => {
        assert.ok(!isGreen(judge({ ...given, view: viewOf(complete, { isChecked: (each) => each !== unchecked }) })));
      }),
      runs,
    );
  });

  it('cannot be made green by whoever withholds entries or whole histories', () => {
    const withheld = world.chain((given) =>
      fc.record({
        given: fc.constant(given),
        shown: fc.tuple(
          ...given.histories.map((of) =>
            fc.oneof(
              fc.constant(of),
              fc.constant(undefined),
              fc.subarray([...of.attestations]).map((attestations): History => ({ ...of, attestations })),
            ),
          ),
        ),
      }),
    );
    fc.assert(
      fc.property(withheld, ({ given, shown }) => {
        const lengthOf = (all: readonly (History | undefined)[], publisher: PublisherId): number =>
          all.find((of) => of?.publisher === publisher)?.attestations.length ?? 0;
        // The contract's link tells a whole history from any part of it.
        const isChecked = (publisher: PublisherId): boolean =>
          lengthOf(shown, publisher) === lengthOf(given.histories, publisher);
        const histories = shown.filter((of) => of !== undefined);
        const seen = judge({ ...given, histories, view: { ...given.view, isChecked } });
        if (isGreen(seen)) assert.deepEqual(seen, judge(given));
        if (seen.kind === 'unsigned') assert.ok(neither.includes(judge(given).kind));
      }),
      runs,
    );
  });

  it('owes nothing red or green to strangers', () => {
    fc.assert(
      fc.property(world, story, fc.constantFrom(...everybody), (given, entries, stranger) => {
        const named = new Set(given.rules.flatMap(({ rules }) => rules.flatMap(({ publishers }) => publishers)));
        fc.pre(!named.has(stranger));
        const others = given.histories.filter(({ publisher }) => publisher !== stranger);
        const without = judge({ ...given, histories: others });
        const strange = judge({ ...given, histories: [...others, tell(stranger, entries, lastFinalBlock - 2)] });
        if (neither.includes(without.kind)) assert.ok(neither.includes(strange.kind), strange.kind);
        else assert.deepEqual(strange, without);
      }),
      runs,
    );
  });

  it('knows neither red nor green where no rule covers the repository', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { kind } = judge({
          ...given,
          rules: [{ origin: 'user', rules: [rule({ repositories: 'docker.io/other/**' })] }],
        });
        assert.ok(kind === 'untrusted' || kind === 'unsigned', kind);
      }),
      runs,
    );
  });

  it('stays green when trust is added that nobody uses against the image', () => {
    fc.assert(
      fc.property(
        greenWorld,
        fc.constantFrom(...trusted),
        fc.constantFrom('publish' as const, 'vouch' as const),
        (given, publisher, accept) => {
          const [deciding] = decidingRules(ownRules(given));
          fc.pre(deciding !== undefined && !isContradicting(given, publisher, accept));
          const more = rule({ repositories: deciding.repositories, publishers: [publisher], accept });
          assert.ok(isGreen(judge(withUserRules(given, (rules) => [...rules, more]))));
        },
      ),
      { ...runs, maxSkipsPerRun: 1000 },
    );
  });

  it('does not become green when trust is taken away from whoever says nothing against the image', () => {
    fc.assert(
      fc.property(friendlyWorld, fc.constantFrom(...trusted), (given, publisher) => {
        fc.pre(
          !isGreen(judge(given)) &&
            !isContradicting(given, publisher, 'publish') &&
            !isContradicting(given, publisher, 'vouch'),
        );
        const less = withUserRules(given, (rules) =>
          rules.map((each) => ({ ...each, publishers: each.publishers.filter((named) => named !== publisher) })),
        );
        assert.ok(!isGreen(judge(less)));
      }),
      { ...runs, maxSkipsPerRun: 1000 },
    );
  });

  it('stays green when a publisher states the same content', () => {
    fc.assert(
      fc.property(
        greenWorld,
        fc.constantFrom(...trusted),
        fc.constantFrom('publish' as const, 'vouch' as const),
        (given, publisher, kind) => {
          assert.ok('identity' in given.image);
          const { content: image } = given.image.identity;
          // With a key in good standing: what a void one states, speaks against the content.
          const open = { ...given, slotOf: () => openSlot };
          fc.pre(isGreen(judge(open)));
          const of = given.histories.find((each) => each.publisher === publisher);
          const appended = append(of, publisher, { says: image, kind, block: lastFinalBlock });
          const histories = [...given.histories.filter((each) => each !== of), appended];
          assert.ok(isGreen(judge({ ...open, histories })));
        },
      ),
      { ...runs, maxSkipsPerRun: 1000 },
    );
  });

  it('does not become green when a statement of the same content is taken out', () => {
    const smaller = friendlyWorld.chain((given) => {
      const removable = given.histories.flatMap((of) =>
        of.attestations.filter((entry) => isAgreeing(given, of, entry)),
      );
      return fc.record({ given: fc.constant(given), removed: fc.constantFrom(undefined, ...removable) });
    });
    fc.assert(
      fc.property(smaller, ({ given, removed }) => {
        fc.pre(removed !== undefined && !isGreen(judge(given)));
        const histories = given.histories.map((of) => ({
          ...of,
          attestations: of.attestations.filter((entry) => entry !== removed),
        }));
        assert.ok(!isGreen(judge({ ...given, histories })));
      }),
      { ...runs, maxSkipsPerRun: 1000 },
    );
  });

  it('is neither made nor unmade green by whoever only carries on what a publisher has stated last', () => {
    const carrying = fc
      .oneof(greenWorld, friendlyWorld)
      .chain((given) =>
        fc.record({ given: fc.constant(given), of: fc.constantFrom(undefined, ...given.histories), by: signer }),
      );
    fc.assert(
      fc.property(carrying, ({ given, of, by }) => {
        const last = of?.attestations.at(-1);
        fc.pre(of !== undefined && last?.body.type === 'statement' && last.kind !== 'revoke');
        // By somebody in good standing: whatever else they sign is no matter.
        const open = { ...given, slotOf: slotOfAll(given, by) };
        // What nobody in good standing has stated does not stand, and who carries that on ends what they said before.
        const { voidFrom = 0 } = open.slotOf(of.publisher, last.signer) ?? {};
        fc.pre(voidFrom === 0 || last.block < voidFrom);
        const leaves = last.body.statement.leaves.map((each) => ({ ...each, carried: { content: true } as const }));
        const appended = append(of, of.publisher, { says: { leaves }, kind: last.kind, signer: by });
        const histories = given.histories.map((each) => (each === of ? appended : each));
        const [before, after] = [judge(open), judge({ ...open, histories })];
        assert.equal(isGreen(after), isGreen(before), `${before.kind} ${after.kind}`);
        if (before.kind === 'revoked') assert.equal(after.kind, 'revoked');
      }),
      { ...runs, maxSkipsPerRun: 1000 },
    );
  });

  it('is red wherever content was taken back by an accepted publisher under every name and not stated there again', () => {
    fc.assert(
      fc.property(world, fc.constantFrom(...trusted), (given, publisher) => {
        assert.ok('identity' in given.image);
        const name = { repository: contentRepository, tag: contentTag(given.image.identity) };
        const taken = [history(publisher, [{ revokes: 9, block: head.number }], name)];
        const { kind } = judge({ ...given, contentHistories: taken });
        const isAccepted = decidingRules(given.rules).some(({ publishers }) => publishers.includes(publisher));
        const isPrinted = given.image.identity.source === 'inspect';
        if (isAccepted) assert.equal(kind, isPrinted ? 'unknown' : 'revoked');
        else assert.deepEqual(judge({ ...given, contentHistories: taken }), judge({ ...given, contentHistories: [] }));
      }),
      runs,
    );
  });

  describe('with a policy file that the reader has accepted', () => {
    const rules = fc.array(trustRule, { minLength: 1, maxLength: 3 });
    const covers = (given: JudgeInput, sources: readonly RuleSource[]): boolean =>
      coveringRules(sources, given.reference.repository).length > 0;

    it('is no looser where the reader’s own rules cover the repository', () => {
      fc.assert(
        fc.property(
          fc.oneof(world, friendlyWorld),
          fc.array(rules, { minLength: 1, maxLength: 2 }),
          (given, policies) => {
            const own = ownRules(given);
            fc.pre(covers(given, own));
            const before = judge({ ...given, rules: own });
            const after = judge({ ...given, rules: [...own, ...policies.map(policyOf)] });
            if (isGreen(after)) assert.ok(isGreen(before), before.kind);
            if (red.includes(before.kind)) assert.ok(red.includes(after.kind), after.kind);
            if (isProtected(before)) assert.ok(isProtected(after));
            if (before.coverage === 'enforce') assert.equal(after.coverage, 'enforce');
          },
        ),
        { ...runs, maxSkipsPerRun: 1000 },
      );
    });

    it('is no greener than every policy says that covers the repository', () => {
      fc.assert(
        fc.property(fc.oneof(world, friendlyWorld), fc.array(rules, { maxLength: 2 }), (given, policies) => {
          const sources = [...given.rules, ...policies.map(policyOf)].filter((source) => covers(given, [source]));
          if (!isGreen(judge({ ...given, rules: sources }))) return;
          assert.ok(sources.length > 0);
          for (const source of sources) assert.ok(isGreen(judge({ ...given, rules: [source] })));
        }),
        runs,
      );
    });

    it('is what the policy says where nothing else covers the repository, and what it was where the policy does not', () => {
      fc.assert(
        fc.property(world, rules, (given, policy) => {
          const without = judge(given);
          const withPolicy = judge({ ...given, rules: [...given.rules, policyOf(policy)] });
          if (!covers(given, [policyOf(policy)])) assert.deepEqual(withPolicy, without);
          else if (!covers(given, given.rules))
            assert.deepEqual(withPolicy, judge({ ...given, rules: [policyOf(policy)] }));
        }),
        runs,
      );
    });
  });

  it('gives nothing red by what an engine prints, and nothing green but under a signed digest', () => {
    fc.assert(
      fc.property(friendlyWorld, (given) => {
        assert.ok('identity' in given.image);
        const { configDigest } = given.image.identity;
        const inspect = { ...given.image.identity, source: 'inspect' as const };
        const verdict = judge({ ...given, image: { ...given.image, identity: inspect } });
        assert.ok(!red.includes(verdict.kind));
        if (isGreen(verdict))
          assert.ok(configDigest !== undefined && verdict.kind === 'verified' && verdict.match === 'exact');
      }),
      runs,
    );
  });

  describe('of what is known by its manifest', () => {
    const manifestDigest = `sha256:${'d'.repeat(64)}` as const;
    const indexDigest = `sha256:${'e'.repeat(64)}` as const;

    /** The image as a registry serves it, or as the containerd store has it; nobody has signed those digests. */
    const servedBy = (given: JudgeInput, source: ImageIdentity['source'] = 'registry'): JudgeInput => {
      assert.ok('identity' in given.image);
      const identity = { ...given.image.identity, source, manifestDigest, indexDigest };
      return { ...given, image: { identity, origin: 'registry' } };
    };
    /** What every statement says of the image's content, it says with this digest, and carries both on together. */
    const completed = (given: JudgeInput): JudgeInput => {
      assert.ok('identity' in given.image);
      const { fingerprint } = given.image.identity;
      const histories = given.histories.map((of) => ({
        ...of,
        attestations: of.attestations.map((entry) => {
          if (entry.body.type !== 'statement') return entry;
          const leaves = entry.body.statement.leaves.map((each) => {
            if (each.fingerprint !== fingerprint) return each;
            const carried = each.carried?.content === true && { carried: { content: true, digests: true } as const };
            return { ...each, manifestDigest, ...carried };
          });
          return { ...entry, body: { ...entry.body, statement: { ...entry.body.statement, leaves } } };
        }),
      }));
      return { ...given, histories };
    };
    /** Read from the config's own bytes, and pulled from a registry. */
    const here = (given: JudgeInput): JudgeInput => {
      assert.ok('identity' in given.image);
      return { ...given, image: { identity: { ...given.image.identity, source: 'bytes' }, origin: 'registry' } };
    };

    for (const [name, worlds] of [
      ['any', world],
      ['a friendly', friendlyWorld],
    ] as const) {
      it(`is never green, nor about to be, without a signed digest, in ${name} world`, () => {
        fc.assert(
          fc.property(worlds, (given) => {
            for (const source of ['registry', 'bytes', 'inspect'] as const) {
              const { kind } = judge(servedBy(given, source));
              assert.ok(kind !== 'verified' && kind !== 'pending', `${source}: ${kind}`);
            }
          }),
          runs,
        );
      });
    }

    it('says the same of a signed manifest as of the image it brings, but for what a conversion has lost', () => {
      fc.assert(
        fc.property(friendlyWorld, (given) => {
          const [before, after] = [judge(servedBy(completed(given))), judge(here(given))];
          if (before.kind === 'unknown' && before.missing === 'layers') {
            assert.ok(
              after.kind === 'pending' || (after.kind === 'verified' && after.match === 'equivalent'),
              after.kind,
            );
          } else assert.equal(before.kind, after.kind);
        }),
        runs,
      );
    });

    it('is never green, nor red for that alone, as another platform than was asked for', () => {
      fc.assert(
        fc.property(friendlyWorld, (given) => {
          const [before, after] = [judge(given), judge({ ...given, platform: { os: 'plan9', architecture: 'mips' } })];
          assert.ok(!['verified', 'pending', 'stale'].includes(after.kind), after.kind);
          if (red.includes(before.kind)) assert.deepEqual(after, before);
          else assert.ok(!red.includes(after.kind));
        }),
        runs,
      );
    });

    it('is red where the same content would be red here, by a claim of a registry too', () => {
      fc.assert(
        fc.property(world, (given) => {
          const after = judge(here(given));
          if (!['verified', 'pending'].includes(after.kind)) assert.deepEqual(judge(servedBy(given)), after);
        }),
        runs,
      );
    });
  });

  it('is green only by enough final words of the very kind and content, and against nobody', () => {
    fc.assert(
      fc.property(greenWorld, (given) => {
        const verdict = judge(given);
        for (const { rules } of coveringRules(given.rules, repository)) {
          assert.ok(
            rules.some((each) => backers(given, each) >= each.threshold),
            JSON.stringify(verdict),
          );
        }
        if (verdict.coverage !== 'enforce') return;
        assert.equal(verdict.assurance, 'ownNode');
        assert.notEqual(verdict.ledgerKind, 'development');
        assert.ok(verdict.kind === 'verified' && verdict.match !== 'equivalent');
      }),
      { ...runs, maxSkipsPerRun: 1000 },
    );
  });
});

/** As it is, but for one signer, who is in good standing. */
function slotOfAll(given: JudgeInput, by: Address): JudgeInput['slotOf'] {
  return (of, each) => (each === by ? openSlot : given.slotOf(of, each));
}

// --- a second opinion, by hand ---------------------------------------------------------------------------------------

/** Publishers of a rule who stated the image's fingerprint, finally and by a signer in good standing, after any revocation of it. */
function backers(given: JudgeInput, { publishers, accept }: TrustRule): number {
  assert.ok('identity' in given.image);
  const { fingerprint } = given.image.identity;
  return publishers.filter((publisher) => {
    const entries = given.histories.find((of) => of.publisher === publisher)?.attestations ?? [];
    const states = (entry: (typeof entries)[number]): boolean =>
      entry.body.type === 'statement' && entry.body.statement.leaves.some((each) => each.fingerprint === fingerprint);
    return entries.some((entry) => {
      const { voidFrom: since = 0 } = given.slotOf(publisher, entry.signer) ?? {};
      const isGood = entry.block <= lastFinalBlock && (since === 0 || entry.block < since);
      const isRevokedLater = entries.some(
        ({ body, position }) =>
          position > entry.position &&
          body.type === 'revocation' &&
          body.revocation.statementHash === entry.statementHash,
      );
      return states(entry) && entry.kind === accept && isGood && !isRevokedLater;
    });
  }).length;
}

/** Says exactly this content without an end, by a signer in good standing, and no revocation names it. */
function isAgreeing(given: JudgeInput, of: History, entry: History['attestations'][number]): boolean {
  if (!('identity' in given.image) || entry.body.type !== 'statement' || entry.validUntil !== 0) return false;
  const { fingerprint, dockerFields } = given.image.identity;
  const saysIt = ({ body }: History['attestations'][number]): boolean =>
    body.type === 'statement' &&
    body.statement.leaves.some((each) => each.fingerprint === fingerprint && each.dockerFields === dockerFields);
  const { voidFrom: since = 0 } = given.slotOf(of.publisher, entry.signer) ?? {};
  const isVoid = since !== 0 && entry.block >= since;
  // A revocation takes back content, by whichever statement it names: that the content was stated before is part of it.
  const stating = new Set(of.attestations.filter(saysIt).map(({ statementHash }) => statementHash));
  const isTakenBack = of.attestations.some(
    ({ body }) => body.type === 'revocation' && stating.has(body.revocation.statementHash),
  );
  // Without the entry that states it, what another carries would make that one malformed: no chain holds such a history.
  const isSource = of.attestations.some(
    ({ body }) => body.type === 'statement' && body.statement.leaves.some(({ carried }) => carried !== undefined),
  );
  // A vouch never speaks against other content. So where a later one took its place, that it was vouched for before is all
  // that makes the content an older one.
  const isReplaced =
    entry.kind === 'vouch' &&
    of.attestations.some((each) => each.kind === 'vouch' && each.position > entry.position && !saysIt(each));
  return saysIt(entry) && !isVoid && !isTakenBack && !isSource && !isReplaced;
}

function append(of: History | undefined, publisher: PublisherId, spec: EntrySpec): History {
  const before = of?.attestations ?? [];
  const block = Math.max(spec.block ?? 0, before.at(-1)?.block ?? 0);
  const [added] = history(publisher, [{ ...spec, block }]).attestations;
  assert.ok(added);
  const base = of ?? history(publisher, []);
  return { ...base, attestations: [...before, { ...added, position: before.length }] };
}
