import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import type { History, Leaf, PublisherId, Statement } from '../../../../src/core/ledger/types';
import { judge } from '../../../../src/core/judging/judge';
import { suppositionsOf } from '../../../../src/core/judging/suppositions';
import { whyOf } from '../../../../src/core/judging/why';
import { acme, content, evil, history, input, leaf, rule, wallet, type EntrySpec } from './world';
import type { JudgeInput } from '../../../../src/core/judging/judgeInput';

const [A, B] = [content('a'), content('b')];
const statedA: Statement = { leaves: [leaf(A)] };
const carriedA: Statement = { leaves: [leaf(A, { carried: { content: true } })] };

/** As many platforms as one body of the contract holds. */
function wide(of: Leaf, n: number): Statement {
  const others = Array.from({ length: 139 }, (_, place): Leaf => {
    const platform = { os: 'linux', architecture: `a${place}`, variant: `v${n}` };
    return { ...leaf(B), platform };
  });
  return { leaves: [of, ...others] };
}

/** What somebody can write under one name to make it slow to read, in `n` entries. */
const shapes: Readonly<Record<string, (n: number) => readonly EntrySpec[]>> = {
  'the same statement again and again': (n) => Array.from({ length: n }, () => ({ says: statedA })),
  'statements that are all different': (n) =>
    Array.from({ length: n }, (_, place) => ({ says: content(`other ${place}`), validUntil: 1_900_000_000 + place })),
  'the same content in bodies that are all different': (n) =>
    Array.from({ length: n }, (_, place) => ({ says: { leaves: [leaf(A, { configSize: place })] } })),
  'nothing but revocations': (n) => [{ says: statedA }, ...Array.from({ length: n }, () => ({ revokes: 0 }))],
  'revocations each of which names all statements': (n) =>
    Array.from({ length: n }, (_, place) => (place % 2 === 0 ? { says: statedA } : { revokes: 0 })),
  'statements each with a revocation of its own': (n) =>
    Array.from({ length: n }, (_, place) =>
      place % 2 === 0 ? { says: { leaves: [leaf(A, { configSize: place })] } } : { revokes: place - 1 },
    ),
  'one statement carried on by all others': (n) => [
    { says: statedA },
    ...Array.from({ length: n }, () => ({ says: carriedA })),
  ],
  'a new source, a carrying and a revocation in turns': (n) =>
    Array.from({ length: n }, (_, place) => [{ says: statedA }, { says: carriedA }, { revokes: 0 }][place % 3] ?? {}),
  'entries that nobody can read': (n) => Array.from({ length: n }, () => ({ kind: 'revoke' as const })),
  'signers that are all different': (n) =>
    Array.from({ length: n }, (_, place) => ({
      says: statedA,
      signer: `0x${place.toString(16).padStart(40, '0')}` as const,
      validUntil: 1_900_000_000 + place,
    })),
};

function ofStranger(of: History): JudgeInput {
  return input(A, [of], { rules: [] });
}

function ofAccepted(of: History): JudgeInput {
  return input(A, [of, { ...of, publisher: evil }], {
    rules: [{ origin: 'user', rules: [rule({ publishers: [acme], maximumViewAgeSeconds: 60 })] }],
  });
}

/** In milliseconds. */
function timeOf(act: () => void): number {
  const start = performance.now();
  act();
  return performance.now() - start;
}

describe('a history that is made to be slow', function () {
  this.timeout(300_000);
  // What grows with the cube of the entries takes a day at this size; room for a machine that is busy.
  const [entries, enoughMs] = [5_000, 10_000];

  for (const [name, shape] of Object.entries(shapes)) {
    it(`is judged in a moment: ${name}`, () => {
      const of = history(acme, shape(entries));
      for (const given of [ofStranger(of), ofAccepted(of)]) {
        const ms = timeOf(() => void judge(given));
        assert.ok(ms < enoughMs, `${ms} ms`);
      }
    });
  }

  it('is judged in a moment where each entry has all the leaves that fit', () => {
    const specs = Array.from({ length: 300 }, (_, place): EntrySpec => {
      if (place % 3 === 2) return { revokes: place - 1 };
      return { says: wide(leaf(A, place % 3 === 1 ? { carried: { content: true } } : {}), place - (place % 3)) };
    });
    const of = history(acme, specs);
    for (const given of [ofStranger(of), ofAccepted(of)]) {
      const ms = timeOf(() => void judge(given));
      assert.ok(ms < enoughMs, `${ms} ms`);
    }
  });

  it('is explained in a moment too, with all that is supposed', () => {
    for (const [name, shape] of Object.entries(shapes)) {
      const given = ofAccepted(history(acme, shape(1000)));
      const ms = timeOf(() => {
        const tried = suppositionsOf(given).map(({ supposed, suppose }) => ({ supposed, then: judge(suppose(given)) }));
        whyOf({
          input: given,
          verdict: judge(given),
          asked: { engine: 'found', registry: { unasked: 'engineOnly' }, names: 1 },
          tried,
        });
      });
      assert.ok(ms < enoughMs, `${name}: ${ms} ms`);
    }
  });

  it('costs nothing where a rule covers and a stranger states something else', () => {
    const own = [history(acme, [{ says: statedA }])];
    const rules = [{ origin: 'user' as const, rules: [rule({ publishers: [acme] })] }];
    let looked = 0;
    const strange = history(
      evil,
      Array.from({ length: 1000 }, () => ({ says: B })),
    );
    const watched: History = {
      ...strange,
      get attestations() {
        looked++;
        return strange.attestations;
      },
    };
    const verdict = judge(input(A, [...own, watched], { rules }));
    assert.equal(verdict.kind, 'verified');
    assert.equal(looked, 0);
  });

  it('asks for as many slots as it has signers, however many entries these have written', () => {
    const asked = (n: number): number => {
      const specs = Array.from({ length: n }, (_, place): EntrySpec => ({ says: statedA, signer: wallet(place % 2) }));
      let times = 0;
      const slotOf: JudgeInput['slotOf'] = (...pair) => {
        times++;
        return openSlot(...pair);
      };
      const of = history(acme, specs);
      for (const given of [ofStranger(of), ofAccepted(of)]) judge({ ...given, slotOf });
      return times;
    };
    const openSlot = input(A, []).slotOf;
    assert.equal(asked(1000), asked(10));
  });

  it('is counted in a moment where a rule names as many publishers as signers, each with all signers', () => {
    const publishers = Array.from({ length: 100 }, (_, n): PublisherId => `0x${(0xa0_00 + n).toString(16).repeat(16)}`);
    const specs = Array.from({ length: 100 }, (_, n): EntrySpec => ({
      says: statedA,
      signer: wallet(n + 1),
      block: 10,
    }));
    const given = input(
      A,
      publishers.map((publisher) => history(publisher, specs)),
      {
        rules: [{ origin: 'user', rules: [rule({ publishers, threshold: publishers.length })] }],
      },
    );
    const ms = timeOf(() => {
      assert.equal(judge(given).kind, 'verified');
    });
    assert.ok(ms < enoughMs, `${ms} ms`);
  });
});
