import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Address } from '../../../../src/core/hex';
import type { Attestation, History, PublisherId } from '../../../../src/core/ledger/types';
import { judge } from '../../../../src/core/judging/judge';
import type { RuleSource, TrustRule } from '../../../../src/core/trust/rules';
import { coveringRules } from '../../../../src/core/trust/rules';
import { suppositionsOf, type Change, type Supposed } from '../../../../src/core/judging/suppositions';
import type { VerdictKind } from '../../../../src/core/judging/verdict';
import { whyOf } from '../../../../src/core/judging/why';
import { friendlyWorld, world } from './smallWorld';
import { head, history, needed, openSlot, repository, rule } from './world';
import type { JudgeInput } from '../../../../src/core/judging/judgeInput';

const runs = { numRuns: 1500 };
const asked = { engine: 'found', registry: { unasked: 'engineOnly' }, names: 1 } as const;

function changesOf(input: JudgeInput): readonly Change[] {
  const tried = suppositionsOf(input).map(({ supposed, suppose }) => ({ supposed, then: judge(suppose(input)) }));
  return whyOf({ input, verdict: judge(input), asked, tried }).changes;
}

// --- the same things done by hand ------------------------------------------------------------------------------------

function atBlock(input: JudgeInput, more: number): JudgeInput {
  return { ...input, view: { ...input.view, state: 'complete', head: { ...head, number: head.number + more } } };
}

/** A world in which one publisher goes on, by a signer that never was there, until that is final. */
function continued(input: JudgeInput, publisher: PublisherId, more: (told: History) => Attestation): JudgeInput {
  const before = input.histories.find((each) => each.publisher === publisher) ?? history(publisher, []);
  const after = { ...before, attestations: [...before.attestations, more(before)] };
  return {
    ...input,
    histories: [after, ...input.histories.filter((each) => each !== before)],
    slotOf: (of, by) => (by === newcomerOf(publisher) ? openSlot : input.slotOf(of, by)),
  };
}

/** A wallet that speaks for this publisher alone. */
function newcomerOf(publisher: PublisherId): Address {
  return `0x${'77'.repeat(19)}${publisher.slice(-2)}`;
}

function entry(publisher: PublisherId, told: History, spec: Parameters<typeof history>[1][number]): Attestation {
  const [made] = history(publisher, [{ ...spec, signer: newcomerOf(publisher), block: head.number + 1 }]).attestations;
  assert.ok(made);
  return { ...made, position: told.attestations.length };
}

function byRules(input: JudgeInput, change: (source: RuleSource) => readonly TrustRule[]): JudgeInput {
  return { ...input, rules: input.rules.map((source) => ({ ...source, rules: change(source) })) };
}

function deciding(source: RuleSource): readonly TrustRule[] {
  return coveringRules([source], repository).flatMap(({ rules }) => rules);
}

/** What is supposed, done to the world itself. */
function done(input: JudgeInput, supposed: Supposed): JudgeInput {
  switch (supposed.what) {
    case 'mined':
      return atBlock(input, supposed.blocks);
    case 'later':
      return { ...input, now: supposed.time };
    case 'caughtUp':
      return { ...input, view: { ...input.view, state: 'complete', head: { ...head, time: input.now } } };
    case 'ownNode':
      return { ...input, view: { ...input.view, assurance: 'ownNode' } };
    case 'onlyWarned':
      return byRules(input, (source) =>
        source.rules.map((each) => (deciding(source).includes(each) ? { ...each, level: 'warn' } : each)),
      );
    case 'ruleRemoved':
      return byRules(input, ({ rules }) => rules.filter((each) => each !== supposed.rule));
    case 'accepted': {
      const { publisher, kind, pattern } = supposed;
      return byRules(input, (source) => {
        const own = deciding(source).filter(({ accept }) => accept === kind);
        if (source.origin !== 'user') return source.rules;
        if (own.length === 0) {
          return [...source.rules, rule({ repositories: pattern, publishers: [publisher], accept: kind })];
        }
        return source.rules.map((each) =>
          own.includes(each) ? { ...each, publishers: [...each.publishers, publisher] } : each,
        );
      });
    }
    case 'stated': {
      const { image } = input;
      assert.ok('identity' in image);
      const { content } = image.identity;
      const said = supposed.publishers.reduce(
        (then, publisher) =>
          continued(then, publisher, (told) => entry(publisher, told, { says: content, kind: supposed.kind })),
        input,
      );
      return atBlock(said, needed * supposed.publishers.length);
    }
    case 'takenBack': {
      const { publisher, position } = supposed;
      const taken = continued(input, publisher, (told) => {
        const target = told.attestations[position];
        assert.ok(target);
        const revocation = { statementHash: target.statementHash, reason: 'other', note: '' } as const;
        return { ...entry(publisher, told, { revokes: 0 }), body: { type: 'revocation', revocation } };
      });
      return atBlock(taken, needed);
    }
    case 'signerRevoked': {
      const { publisher, signer, since } = supposed;
      return atBlock(
        {
          ...input,
          slotOf: (of, by) => {
            const slot = input.slotOf(of, by);
            if (slot === undefined || of !== publisher || by !== signer) return slot;
            return { ...slot, voidFrom: Math.min(since, slot.voidFrom === 0 ? since : slot.voidFrom) };
          },
        },
        1,
      );
    }
    case 'layersCompared':
      return { ...input, deepCheck: { depth: 'layers', paths: [] } };
    case 'ledgerRead':
      return assert.fail('these worlds have been read');
  }
}

describe('what would change a verdict', () => {
  it('does so when it happens, and is told wherever it would', () => {
    fc.assert(
      fc.property(fc.oneof(world, friendlyWorld), (given) => {
        const { kind } = judge(given);
        const changes = changesOf(given);
        for (const { supposed, then } of changes) {
          assert.equal(judge(done(given, supposed)).kind, then.kind, JSON.stringify(supposed));
        }
        const inTime = new Map<string, VerdictKind>();
        for (const { supposed } of suppositionsOf(given)) {
          const then = judge(done(given, supposed)).kind;
          const isTold = changes.some((change) => change.supposed === supposed || same(change.supposed, supposed));
          const before = inTime.get(supposed.what) ?? kind;
          if (supposed.what === 'mined' || supposed.what === 'later') inTime.set(supposed.what, then);
          assert.equal(isTold, then !== before, `${kind} ${then} ${JSON.stringify(supposed)}`);
        }
      }),
      runs,
    );
  }).timeout(600_000);

  it('names whoever would make it green or red by being accepted, strangers all', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { kind } = judge(given);
        const named = changesOf(given).map(({ supposed }) => supposed);
        const user = given.rules.find(({ origin }) => origin === 'user');
        assert.ok(user);
        const own = deciding(user);
        const spoken = given.histories.filter(({ attestations }) => attestations.length > 0);
        for (const { publisher } of spoken) {
          for (const accept of ['publish', 'vouch'] as const) {
            const rules = given.rules.flatMap(deciding);
            if (rules.some((each) => each.accept === accept && each.publishers.includes(publisher))) continue;
            const what = { what: 'accepted', publisher, kind: accept } as const;
            const isNewRule = !own.some((each) => each.accept === accept);
            const pattern = own[0]?.repositories ?? repository;
            const then = judge(done(given, { ...what, pattern, isNewRule })).kind;
            const isNamed = named.some(
              (each) => each.what === 'accepted' && each.publisher === publisher && each.kind === accept,
            );
            assert.equal(isNamed, then !== kind, `${kind} ${then} ${publisher} ${accept}`);
          }
        }
      }),
      runs,
    );
  }).timeout(600_000);
});

function same(one: Supposed, other: Supposed): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
