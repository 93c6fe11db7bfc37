import * as fc from 'fast-check';
import type { ImageContent } from '../../../../src/core/image/identity';
import { contentRepository, contentTag } from '../../../../src/core/ledger/contentName';
import type { History, Leaf, PublisherId, SignerSlot } from '../../../../src/core/ledger/types';
import { judge } from '../../../../src/core/judging/judge';
import type { RuleSource, TrustRule } from '../../../../src/core/trust/rules';
import type { EntrySpec } from './world';
import {
  acme,
  alice,
  arm64,
  bolt,
  complete,
  content,
  core,
  evil,
  head,
  history,
  identity,
  input,
  inspected,
  inspectedClassic,
  leaf,
  needed,
  now,
  openSlot,
  repository,
  rule,
  silentLeaf,
  viewOf,
  wallet,
} from './world';
import type { JudgeInput } from '../../../../src/core/judging/judgeInput';

/**
 * Everything happens under one name, among three publishers whom rules may name and one whom no rule names, with two
 * signers each and four contents, at the edge of finality: so small a world that a few thousand meet nearly everything.
 */
export const trusted = [acme, bolt, core];
export const everybody = [...trusted, evil];
export const lastFinalBlock = head.number - needed + 1;

const A = content('a');
const B = content('b');
const armA = content('arm a', { platform: arm64 });
/** What `A` is after a conversion. */
const checked = content('a', { docker: { Healthcheck: { Test: ['CMD', 'true'] } } });
/** One object for each statement, so that it is hashed once. */
const [ofA, ofB, ofChecked, ofArm, ofBoth] = [[A], [B], [checked], [armA], [A, armA]];
const ofSilent = { leaves: [silentLeaf(checked)] };
const carriedOn = (of: ImageContent): Leaf => leaf(of, { carried: { content: true } });
const [ofCarried, ofCarriedOther, ofCarriedBoth] = [
  { leaves: [carriedOn(A)] },
  { leaves: [carriedOn(B), leaf(armA)] },
  { leaves: [carriedOn(A), leaf(armA)] },
];
/** The name under which `A` is taken back everywhere. */
const nameOfA = { repository: contentRepository, tag: contentTag(identity(A)) };

/** `usual` comes `weight` times as often as each of the others. */
function usually<T>(weight: number, usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { arbitrary: fc.constant(usual), weight },
    ...others.map((other) => ({ arbitrary: fc.constant(other), weight: 1 })),
  );
}

const takenBack: readonly EntrySpec[] = [{ revokes: 9 }];
const lifted: readonly EntrySpec[] = [{ revokes: 9 }, { says: ofA }];

interface Said {
  readonly spec: EntrySpec;
  /** Blocks after the entry before. */
  readonly gap: number;
}

function storyOf(weight: number): fc.Arbitrary<readonly Said[]> {
  const statement: fc.Arbitrary<EntrySpec> = fc.record({
    says: usually<NonNullable<EntrySpec['says']>>(
      weight,
      ofA,
      ofB,
      ofChecked,
      ofArm,
      ofBoth,
      ofSilent,
      ofCarried,
      ofCarriedOther,
      ofCarriedBoth,
    ),
    kind: usually<'publish' | 'vouch'>(weight, 'publish', 'vouch'),
    signer: usually(weight, wallet(1), wallet(2)),
    validUntil: usually(2 * weight, 0, now - 1, now + 1),
  });
  const revocation = fc.record({ revokes: fc.nat(3), signer: usually(weight, wallet(1), wallet(2)) });
  const unreadable = fc.record({ kind: fc.constantFrom('publish' as const, 'revoke' as const) });
  const spec = fc.oneof(
    { arbitrary: statement, weight: 4 * weight },
    { arbitrary: revocation, weight: 3 },
    { arbitrary: unreadable, weight: 1 },
  );
  const said = fc.record({ spec, gap: fc.constantFrom(0, 0, 1, 1, 2) });
  return fc.oneof(fc.array(said, { maxLength: 5 }), fc.array(said, { minLength: 1, maxLength: 1 }));
}

export const story = storyOf(2);

/** Entries follow each other from `block` on. */
export function tell(publisher: PublisherId, entries: readonly Said[], block: number): History {
  let at = block;
  return history(
    publisher,
    entries.map(({ spec, gap }) => ({ ...spec, block: (at += gap) })),
  );
}

function ruleOf(weight: number): fc.Arbitrary<TrustRule> {
  return fc
    .record({
      repositories: usually(weight, repository, 'docker.io/acme/*', 'docker.io/other/**'),
      publishers: fc.subarray(trusted, { minLength: 1 }),
      threshold: usually(weight, 1, 2),
      accept: usually<TrustRule['accept']>(weight, 'publish', 'vouch'),
      level: usually<TrustRule['level']>(weight, 'warn', 'enforce'),
      age: usually(weight, undefined, 5),
    })
    .map(({ age, threshold, ...rest }) => {
      const maximumViewAge = age === undefined ? {} : { maximumViewAgeSeconds: age };
      return rule({ ...rest, ...maximumViewAge, threshold: Math.min(threshold, rest.publishers.length) });
    });
}

export const trustRule = ruleOf(2);

function worldOf(weight: number): fc.Arbitrary<JudgeInput> {
  const voidFrom = usually(2 * weight, 0, lastFinalBlock - 1, 1);
  const start = usually(weight, lastFinalBlock - 4, lastFinalBlock);
  const chapter = fc.record({ entries: storyOf(weight), block: start });
  return fc
    .record({
      image: usually(weight, A, B, checked, armA),
      found: usually(weight, (image: ImageContent) => identity(image), inspected, inspectedClassic),
      origin: fc.constantFrom('local' as const, 'registry' as const),
      stories: fc.tuple(...everybody.map(() => chapter)),
      voids: fc.tuple(...everybody.flatMap(() => [voidFrom, voidFrom])),
      rules: fc.array(ruleOf(weight), { minLength: 1, maxLength: 3 }),
      policy: usually(weight, 0, 1, 2).chain((n) => fc.array(trustRule, { minLength: n, maxLength: n })),
      assurance: usually<'ownNode' | 'signature' | 'reported'>(weight, 'ownNode', 'signature', 'reported'),
      ledgerKind: usually<'team' | 'development'>(weight, 'team', 'development'),
      finality: usually<'witnesses' | 'depth' | 'tag'>(weight, 'witnesses', 'depth', 'tag'),
      own: fc.subarray([alice, evil]),
      everywhere: fc.tuple(...everybody.map(() => usually<readonly EntrySpec[]>(10 * weight, [], takenBack, lifted))),
    })
    .map((drawn): JudgeInput => {
      const slots = new Map(
        everybody.flatMap((publisher, p) =>
          [wallet(1), wallet(2)].map((signer, s): [string, SignerSlot] => [
            `${publisher} ${signer}`,
            { ...openSlot, voidFrom: drawn.voids[2 * p + s] ?? 0 },
          ]),
        ),
      );
      const histories = drawn.stories.flatMap(({ entries, block }, p) => {
        const publisher = everybody[p];
        return publisher === undefined || entries.length === 0 ? [] : [tell(publisher, entries, block)];
      });
      const policy: RuleSource = { origin: 'policy', rules: drawn.policy };
      const found = drawn.found(drawn.image);
      const contentHistories = drawn.everywhere.flatMap((specs, p) => {
        const publisher = everybody[p];
        return publisher === undefined || specs.length === 0 ? [] : [history(publisher, specs, nameOfA)];
      });
      return input(found, histories, {
        contentHistories,
        image: { identity: found, origin: drawn.origin },
        slotOf: (publisher, signer) => slots.get(`${publisher} ${signer}`),
        rules: [{ origin: 'user', rules: drawn.rules }, ...(drawn.policy.length > 0 ? [policy] : [])],
        view: viewOf(complete, {
          assurance: drawn.assurance,
          ledgerKind: drawn.ledgerKind,
          finality: drawn.finality,
        }),
        ownPublishers: drawn.own,
      });
    });
}

export const world = worldOf(2);
/** A world in which most is as it should be. */
export const friendlyWorld = worldOf(12);
export const greenWorld = friendlyWorld.filter((given) => judge(given).kind === 'verified');
