import assert from 'node:assert/strict';
import { pinned } from '../../../../src/core/judging/pinned';
import { verdictKinds, type MissingPart, type Verdict } from '../../../../src/core/judging/verdict';
import { verdictOf } from './verdicts';

const [verified, revoked, unsigned] = [verdictOf('verified'), verdictOf('revoked'), verdictOf('unsigned')];

function missing(part: MissingPart): Verdict {
  return { ...verdictOf('unknown'), missing: part };
}

/** Whatever comes first. */
function best(...verdicts: readonly [Verdict, ...Verdict[]]): Verdict {
  const verdict = pinned(verdicts);
  const [first, ...more] = verdicts.toReversed();
  assert.ok(first);
  assert.equal(pinned([first, ...more]).kind, verdict.kind);
  return verdict;
}

describe('the verdict on a digest without a tag', () => {
  it('is revoked where one name says so, whatever others say', () => {
    for (const other of [verified, missing('ledger'), verdictOf('mismatch'), unsigned])
      assert.equal(best(other, revoked), revoked);
  });

  it('is what one name of an accepted publisher says, whether or not others were read', () => {
    for (const part of ['ledger', 'ledgerIncomplete', 'unreadableEntry', 'engine', 'configBytes'] as const) {
      for (const said of [verified, verdictOf('pending'), verdictOf('superseded'), verdictOf('stale')])
        assert.equal(best(said, missing(part)), said);
    }
  });

  it('is unknown, not unsigned, where no such name was found and one was not read', () => {
    for (const part of ['ledger', 'ledgerIncomplete', 'unreadableEntry', 'engine', 'configBytes'] as const) {
      for (const said of [verdictOf('untrusted'), unsigned, verdictOf('mismatch')])
        assert.deepEqual(best(said, missing(part)), missing(part));
    }
  });

  it('is the best of the names that state the content', () => {
    const order = [
      ...[verified, verdictOf('pending'), missing('layers'), verdictOf('superseded'), verdictOf('stale')],
      ...[missing('signedContent'), verdictOf('untrusted'), unsigned],
    ];
    for (const [place, one] of order.entries()) {
      for (const other of order.slice(place)) assert.equal(best(one, other), one);
    }
  });

  it('is not red because a tag is other content', () => {
    assert.equal(best(unsigned, verdictOf('mismatch')), unsigned);
    assert.equal(best(verified, verdictOf('mismatch')), verified);
  });

  it('depends on the order in which names come only among those that weigh the same', () => {
    for (const kind of verdictKinds) {
      for (const other of verdictKinds) {
        if (kind !== other && [kind, other].every((each) => !['mismatch', 'tampered'].includes(each)))
          best(verdictOf(kind), verdictOf(other));
      }
      assert.equal(best(verdictOf(kind), verdictOf('verified')).kind, kind === 'revoked' ? 'revoked' : 'verified');
    }
  });
});
