import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as v from 'valibot';
import type { LedgerKind, RevocationReason } from '../../../src/core/ledger/types';
import {
  verdictKinds,
  type Assurance,
  type Depth,
  type Match,
  type MissingPart,
  type Refusal,
  type Verdict,
  type VerdictFrame,
} from '../../../src/core/judging/verdict';
import { verdictSchema } from '../../../src/protocol/verdictSchema';
import { imageAnswerSchema } from '../../../src/protocol/verifyImages';
import { outcomes, verdict, verified } from '../server/sampleVerdicts';

/** Every member of a union: one that is missing here does not compile. */
function words<T extends string>(members: Readonly<Record<T, 0>>): readonly T[] {
  return Object.keys(members) as T[];
}

/** What a process receives of `value`. */
function sent(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

describe('a verdict between processes', () => {
  it('knows every verdict, with every part that it can have', () => {
    for (const kind of verdictKinds) assert.deepEqual(v.parse(verdictSchema, sent(verdict(kind))), verdict(kind));
  });

  it('knows every word of a verdict', () => {
    const variants: readonly Verdict[] = [
      ...words<Depth>({ identity: 0, layers: 0, rootfs: 0 }).map((depth) => ({ ...verdict('verified'), depth })),
      ...words<Assurance>({ ownNode: 0, signature: 0, reported: 0 }).map((assurance) => ({
        ...verdict('unsigned'),
        assurance,
      })),
      ...words<VerdictFrame['coverage']>({ none: 0, warn: 0, enforce: 0 }).map((coverage) =>
        verdict('unsigned', coverage),
      ),
      ...words<LedgerKind>({ development: 0, team: 0, external: 0 }).map((ledgerKind) => ({
        ...verdict('unsigned'),
        ledgerKind,
      })),
      ...words<RevocationReason>({ compromised: 0, vulnerable: 0, mistake: 0, unsupported: 0, other: 0 }).map(
        (reason) => ({
          ...verdict('revoked'),
          ...outcomes.revoked,
          reason,
        }),
      ),
      ...words<'revocation' | 'everywhere' | 'signer'>({ revocation: 0, everywhere: 0, signer: 0 }).map((by) => ({
        ...verdict('revoked'),
        ...outcomes.revoked,
        by,
      })),
      ...words<Match>({ exact: 0, content: 0, equivalent: 0 }).map((match) => ({
        ...verdict('verified'),
        ...outcomes.verified,
        match,
      })),
      ...words<Refusal>({ reported: 0, development: 0, depthOnly: 0, equivalent: 0, noCheckpoint: 0 }).map(
        (refused) => ({
          ...verdict('untrusted'),
          ...outcomes.untrusted,
          refused,
        }),
      ),
      ...words<MissingPart>({
        engine: 0,
        image: 0,
        malformedImage: 0,
        platform: 0,
        registry: 0,
        variable: 0,
        ledger: 0,
        ledgerNotFollowed: 0,
        ledgerIncomplete: 0,
        historyContradicted: 0,
        otherChain: 0,
        stillReading: 0,
        strangersLeftOut: 0,
        configBytes: 0,
        layers: 0,
        signedContent: 0,
        unreadableEntry: 0,
      }).map((missing) => ({ ...verdict('unknown'), ...outcomes.unknown, missing })),
    ];
    for (const each of variants) assert.deepEqual(v.parse(verdictSchema, sent(each)), each);
  });

  it('keeps what comes with it', () => {
    const image = { ...verified('a:1', 'verified'), platform: 'linux/amd64' };
    assert.deepEqual(v.parse(imageAnswerSchema, sent(image)), image);
  });

  it('is refused when any part is missing or of another type', () => {
    const optional = new Set([
      'asOf',
      'ledger',
      'reason',
      'note',
      'confirming',
      'sharing',
      'refused',
      'isOwn',
      'detail',
    ]);
    for (const kind of verdictKinds) {
      const whole = verdict(kind);
      for (const key of Object.keys(whole)) {
        const without = Object.fromEntries(Object.entries(whole).filter(([name]) => name !== key));
        assert.equal(v.is(verdictSchema, without), optional.has(key), `${kind} without ${key}`);
        for (const wrong of [null, {}, 'x', -1, 1.5, [null]]) {
          const accepted = typeof wrong === 'string' && (key === 'note' || key === 'detail');
          assert.equal(
            v.is(verdictSchema, { ...whole, [key]: wrong }),
            accepted,
            `${kind} with ${key}: ${JSON.stringify(wrong)}`,
          );
        }
      }
    }
  });

  it('is not green without a statement to rest on', () => {
    assert.equal(v.is(verdictSchema, { ...verdict('verified'), by: [] }), false);
    assert.equal(v.is(verdictSchema, { ...verdict('pending'), by: [] }), false);
  });

  it('is never made up', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        assert.equal(v.is(verdictSchema, value), false);
      }),
    );
    assert.equal(v.is(verdictSchema, { ...verdict('verified'), ...{ kind: 'trusted' } }), false);
    assert.equal(v.is(verdictSchema, outcomes.verified), false);
  });
});
