import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toHex, walletPublisher } from '../../../../src/core/hex';
import { contentLeaf, mergeLeaves } from '../../../../src/core/ledger/carried';
import type { FoldResult } from '../../../../src/core/ledger/fold';
import { fold } from '../../../../src/core/ledger/fold';
import { statementHash, encodeStatement } from '../../../../src/core/ledger/statement';
import type { AttestedEvent, History } from '../../../../src/core/ledger/types';
import type { ReadHistory } from '../../../../src/services/ledger/historyReader';
import { continued, noHistory } from '../../../../src/services/ledger/historyReader';
import { FakeLedger, statementOf, wallet } from '../../services/fakeLedger';
import { carriedVectors, linkVectors } from './vectors';

const [alice, bob] = [wallet(0xa11ce), wallet(0xb0b)];
const organization = `0x${'c0'.repeat(32)}` as const;
const [repository, tag] = ['docker.io/acme/app', 'latest'];

function historyOf(events: readonly AttestedEvent[]): History {
  const { history, broken } = fold(events);
  assert.ok(history, `broken: ${broken ?? ''}`);
  return history;
}

/** Two entries in one block, one of them by another signer, a body nobody can read, and a revocation. */
function ledger(): FakeLedger {
  return new FakeLedger()
    .attest(
      { publisher: organization, signer: alice, content: 'one' },
      { publisher: organization, signer: bob, content: 'two', kind: 'vouch', validUntil: 2n ** 64n - 1n },
    )
    .mine()
    .attest({ publisher: organization, signer: alice, body: '0xff', validUntil: 1_900_000_000 })
    .mine(3)
    .attest({ publisher: organization, signer: bob, content: 'one', kind: 'revoke' })
    .mine();
}

function assertSameBitByBit(events: readonly AttestedEvent[]): void {
  for (let cut = 1; cut < events.length; cut++) {
    const base = fold(events.slice(0, cut));
    assert.ok(base.history);
    assert.deepEqual(historyAfter(fold(events.slice(cut), base)), historyAfter(fold(events)));
    const known: ReadHistory = { events: events.slice(0, cut), folded: base };
    const middle = continued(known, events.slice(cut, cut + 1));
    assert.deepEqual(historyOfRead(continued(middle, events.slice(cut + 1))), historyAfter(fold(events)));
    assert.deepEqual(historyOfRead(middle), historyAfter(fold(events.slice(0, cut + 1))));
    assert.deepEqual(historyAfter(base), historyAfter(fold(events.slice(0, cut))));
    // What does not follow makes no history.
    if (cut + 1 < events.length) assert.equal(continued(known, events.slice(cut + 1)).folded, undefined);
  }
}

function historyOfRead({ folded }: ReadHistory): unknown {
  return folded && historyAfter(folded);
}

function historyAfter(folded: FoldResult): unknown {
  assert.ok(folded.history);
  return { history: folded.history, words: folded.words };
}

describe('fold', () => {
  it('arrives at the link of the contract', () => {
    const chain = ledger();
    const history = historyOf(chain.events());
    assert.equal(history.word, chain.link(organization, repository, tag));
    assert.deepEqual(
      history.attestations.map(({ position, kind, signer, block, body }) => [position, kind, signer, block, body.type]),
      [
        [0, 'publish', alice, 1, 'statement'],
        [1, 'vouch', bob, 1, 'statement'],
        [2, 'publish', alice, 2, 'malformed'],
        [3, 'revoke', bob, 5, 'revocation'],
      ],
    );
    const [first, , , last] = history.attestations;
    assert.deepEqual(first?.body, { type: 'statement', statement: statementOf('one') });
    assert.equal(last?.body.type === 'revocation' && last.body.revocation.statementHash, first.statementHash);
    assert.equal(first.statementHash, statementHash(encodeStatement(statementOf('one'))));
  });

  it('agrees with the vectors', () => {
    const { publisher, signer, name, entries } = linkVectors;
    const events = entries.map(({ previous, kind, validUntil, body, block, time, link }): AttestedEvent => ({
      ...{ publisher, name, signer, previous, kind, validUntil: BigInt(validUntil), time, body, block },
      ...{ repository: linkVectors.repository, tag: linkVectors.tag, logIndex: 0, blockHash: link, transaction: link },
    }));
    const history = historyOf(events);
    assert.equal(history.word, entries.at(-1)?.link);
    assert.equal(history.key, linkVectors.key);
    assert.equal(history.attestations[2]?.body.type, 'revocation');
  });

  for (const { name: carries, entries } of carriedVectors) {
    it(`agrees with the vector on carrying ${carries}`, () => {
      const chain = new FakeLedger();
      for (const { kind, body } of entries) chain.attest({ signer: alice, kind, body }).mine();
      const said = historyOf(chain.events()).attestations.map(({ body }) => body.type);
      assert.deepEqual(
        said,
        entries.map(({ says }) => says),
      );
      assertSameBitByBit(chain.events());
    });
  }

  it('does not depend on the order of arrival, nor on what arrives twice', () => {
    const events = ledger().events();
    const expected = fold(events);
    const mixed = fc
      .array(fc.constantFrom(...events), { maxLength: 5 })
      .chain((again) => fc.shuffledSubarray([...events, ...again], { minLength: events.length + again.length }));
    fc.assert(
      fc.property(mixed, (arrived) => {
        assert.deepEqual(fold(arrived), expected);
      }),
    );
  });

  it('is the same in one go as bit by bit', () => {
    assertSameBitByBit(ledger().events());
  });

  it('takes what is carried in linear time, in one go and block by block', function () {
    this.timeout(60_000);
    const platforms = [...Array(20).keys()].map((i) => {
      const [leaf] = statementOf(`platform ${i}`).leaves;
      assert.ok(leaf);
      return { ...contentLeaf(leaf), platform: { os: 'linux', architecture: `a${i}` } };
    });
    const stated = toHex(encodeStatement({ leaves: platforms }));
    const carried = toHex(encodeStatement(mergeLeaves({ leaves: platforms }, platforms.slice(0, 1))));
    const chain = (count: number): readonly AttestedEvent[] => {
      const ledgerOf = new FakeLedger();
      for (let i = 0; i < count; i++) ledgerOf.attest({ signer: alice, body: i % 2 === 0 ? stated : carried });
      return ledgerOf.mine().events();
    };
    const time = (work: () => void): number => {
      const start = performance.now();
      work();
      return performance.now() - start;
    };
    const bitByBit = (events: readonly AttestedEvent[]): void => {
      const grown = events.reduce((known, event) => {
        const next = continued(known, [event]);
        assert.ok(next.folded?.history);
        return next;
      }, noHistory);
      assert.equal(grown.folded?.history.word, fold(events).history?.word);
    };
    const [few, many] = [chain(60), chain(600)];
    time(() => fold(few));
    // Ten times as many: a square would be a hundred.
    const atOnce = time(() => fold(many));
    assert.ok(atOnce < 40 * time(() => fold(few)), `${atOnce} ms at once`);
    const entryByEntry = time(() => {
      bitByBit(many);
    });
    assert.ok(entryByEntry < 20 * atOnce, `${entryByEntry} ms entry by entry, ${atOnce} at once`);
  });

  it('notices every change of a field, and every event that is missing or in another place', () => {
    const chain = ledger();
    const events = chain.events();
    const word = chain.link(organization, repository, tag);
    const isNoticed = (changed: readonly AttestedEvent[]): boolean => fold(changed).history?.word !== word;
    const changes: readonly Partial<AttestedEvent>[] = [
      { publisher: walletPublisher(alice) },
      { name: `0x${'11'.repeat(32)}` },
      { signer: wallet(3) },
      { previous: `0x${'22'.repeat(32)}` },
      { kind: 1 },
      { kind: 2 },
      { kind: 3 },
      { kind: 4 },
      { validUntil: 1 },
      { time: 1 },
      { repository: 'docker.io/acme/other' },
      { tag: 'other' },
      { body: '0xfe' },
      { block: 4 },
    ];
    events.forEach((event, i) => {
      for (const change of changes) {
        const [field] = Object.keys(change) as (keyof AttestedEvent)[];
        if (field === undefined || event[field] === change[field]) continue;
        assert.ok(isNoticed(events.with(i, { ...event, ...change })), `${field} of event ${i}`);
      }
      if (events.length > 1) assert.ok(isNoticed(events.toSpliced(i, 1)), `event ${i} is missing`);
      events.forEach((other, j) => {
        if (i === j) return;
        const { block, logIndex } = other;
        const swapped = events
          .with(i, { ...event, block, logIndex })
          .with(j, { ...other, block: event.block, logIndex: event.logIndex });
        assert.ok(isNoticed(swapped), `events ${i} and ${j} are swapped`);
      });
    });
  });

  it('says what is wrong', () => {
    const events = ledger().events();
    const [first] = events;
    assert.ok(first);
    assert.deepEqual(fold(events.slice(1)), { broken: 'previous' });
    assert.deepEqual(fold([...events, { ...first, signer: bob }]), { broken: 'conflict' });
    assert.deepEqual(fold([{ ...first, tag: 'other' }, ...events.slice(1)]), { broken: 'name' });
    assert.deepEqual(fold([{ ...first, kind: 7 }]), { broken: 'field' });
    assert.deepEqual(fold([{ ...first, validUntil: 2 ** 60 }]), { broken: 'field' });
    assert.throws(() => fold([]), RangeError);
  });
});
