import assert from 'node:assert/strict';
import type { Localizer } from '../../../src/words/localizer';
import {
  accessibleLabel,
  verdictBasis,
  verdictLabel,
  verdictNextStep,
  verdictReason,
} from '../../../src/words/verdictText';
import type { RuleProblem } from '../../../src/core/trust/rules';
import type { Verdict } from '../../../src/core/judging/verdict';
import { verdictKinds } from '../../../src/core/judging/verdict';
import { citation, everyVerdict, unreadFrame, verdictOf } from '../core/judging/verdicts';
import { alice, bob, carol } from '../core/judging/world';
import { publisherLabel } from '../../../src/words/publisherText';
import { ruleProblemText } from '../../../src/words/ruleProblemText';

function fill(message: string, args: readonly (string | number | boolean)[]): string {
  return message.replace(/\{(\d+)\}/g, (_, place: string) => {
    const arg = args[Number(place)];
    assert.notEqual(arg, undefined, `"${message}" lacks {${place}}`);
    return String(arg);
  });
}

const english: Localizer = { t: (message, ...args) => fill(message, args) };
/** Marks what went through the localizer, so that everything else stands out. */
const marking: Localizer = { t: (message, ...args) => `«${fill(message, args)}»` };

const short = '0x010101…010101';
/** All that is said of a verdict; not of each there is something that it rests on. */
const sentencesOf = (verdict: Verdict, l10n: Localizer): readonly string[] =>
  [verdictReason(verdict, l10n), verdictNextStep(verdict, l10n), verdictBasis(verdict, l10n) ?? []].flat();

describe('explain', () => {
  it('has words for every verdict, in sentences and without holes', () => {
    for (const verdict of everyVerdict) {
      assert.match(verdictLabel(verdict, english), /^[A-Z][a-zA-Z ]+( \(development\))?$/);
      for (const said of sentencesOf(verdict, english)) {
        assert.match(said, /^[\p{L}0-9"].*[.!"]$|Details: why$/u, said);
        assert.doesNotMatch(said, /undefined|\{\d|\.\.|  /, said);
      }
    }
  });

  it('says nothing that did not go through the localizer', () => {
    for (const verdict of everyVerdict) {
      for (const said of [verdictLabel(verdict, marking), ...sentencesOf(verdict, marking)])
        assert.match(said, /^«.*»$/su);
      assert.match(accessibleLabel('nginx', verdict, marking), /^«nginx: «.*». «.*»»$/su);
    }
  });

  it('gives each verdict a label of its own', () => {
    assert.equal(new Set(verdictKinds.map((kind) => verdictLabel(verdictOf(kind), english))).size, verdictKinds.length);
    assert.equal(verdictLabel({ ...verdictOf('mismatch'), cause: 'rebuilt' }, english), 'Rebuilt since signed');
  });

  it('names a development ledger wherever the ledger has spoken', () => {
    for (const kind of verdictKinds) {
      const label = verdictLabel(verdictOf(kind, { ledgerKind: 'development' }), english);
      assert.equal(label.endsWith('(development)'), kind !== 'tampered' && kind !== 'unknown', label);
    }
  });

  const reasons: readonly (readonly [verdict: Verdict, reason: string])[] = [
    [verdictOf('verified'), `Published by ${short}.`],
    [
      { ...verdictOf('verified'), match: 'equivalent', differences: ['Healthcheck', 'Shell'] },
      `Published by ${short}. Lost in a conversion: Healthcheck, Shell.`,
    ],
    [{ ...verdictOf('verified'), by: [{ ...citation, kind: 'vouch' }] }, `Vouched for by ${short}.`],
    [
      { ...verdictOf('verified'), by: [alice, bob, carol, bob].map((publisher) => ({ ...citation, publisher })) },
      `Published by ${short} and 2 more.`,
    ],
    [
      { ...verdictOf('revoked'), note: 'CVE\u202e', confirming: { confirmations: 1, needed: 3 } },
      `Revoked by ${short} on 2027-01-15: compromised. "CVE\\u{202e}" Signed again; 1 of 3 confirmations.`,
    ],
    [
      verdictOf('mismatch'),
      `It is not what ${short} published under this tag for linux/amd64 on 2027-01-15. What differs: Env.`,
    ],
    [verdictOf('pending'), `Signed by ${short}; 1 of 3 confirmations.`],
    [verdictOf('untrusted', { coverage: 'none' }), `Signed by ${short}, but no trust rule covers this repository.`],
    [
      { ...verdictOf('untrusted'), accepted: 1, needed: 2 },
      `Signed by ${short}: 1 of the 2 publishers that a trust rule asks for.`,
    ],
    [
      verdictOf('unsigned'),
      `This content has no current signature under this tag. The same content is signed as docker.io/acme/app:1.0, by ${short}. Other platforms are signed: linux/arm64. ${short} vouched for other content under this tag.`,
    ],
    [{ ...verdictOf('unknown'), missing: 'platform', detail: 'linux/$X' }, 'The platform linux/$X is not understood.'],
    [{ ...verdictOf('tampered'), paths: ['/a', '/b'] }, 'The local content differs at /a and one more path.'],
    [
      { ...verdictOf('tampered'), paths: ['/a\n', '/b', '/c'] },
      'The local content differs at /a\\u{a} and 2 more paths.',
    ],
  ];
  for (const [verdict, reason] of reasons) {
    it(`says: ${reason}`, () => {
      assert.equal(verdictReason(verdict, english), reason);
    });
  }

  it('says on what a verdict rests', () => {
    assert.equal(
      verdictBasis(verdictOf('verified', { depth: 'layers', assurance: 'reported' }), english),
      'Its content and every layer were compared with what was signed. Only reported by an endpoint, at block 100 (2027-01-15).',
    );
  });

  it('says of what could not be checked at most who was asked and at which block, never that it was compared', () => {
    const unread: Verdict = { ...unreadFrame, kind: 'unknown', missing: 'ledger' };
    assert.equal(verdictBasis(unread, english), undefined);
    for (const depth of ['identity', 'layers', 'rootfs'] as const)
      assert.equal(
        verdictBasis(verdictOf('unknown', { depth }), english),
        'Checked by your own node at block 100 (2027-01-15).',
      );
  });

  it('says of an unsigned image that something was compared only where a deeper check has', () => {
    const block = 'Checked by your own node at block 100 (2027-01-15).';
    assert.equal(verdictBasis(verdictOf('unsigned'), english), block);
    const deeper = verdictBasis(verdictOf('unsigned', { depth: 'layers' }), english);
    assert.equal(deeper, `Its content and every layer were compared with what was signed. ${block}`);
  });

  it('shows no text of a stranger as it is', () => {
    const evil = 'a\u202e\u200b\n';
    const platform = { os: evil, architecture: evil };
    const verdicts: readonly Verdict[] = [
      { ...verdictOf('tampered'), paths: [evil, evil] },
      { ...verdictOf('revoked'), note: evil },
      { ...verdictOf('mismatch'), platform, differences: [evil] },
      { ...verdictOf('verified'), match: 'equivalent', differences: [evil] },
      { ...verdictOf('unsigned'), knownAs: [{ ...citation, repository: evil, tag: evil }], otherPlatforms: [platform] },
      { ...verdictOf('unknown'), detail: evil },
    ];
    for (const verdict of verdicts) {
      const said = [...sentencesOf(verdict, english), accessibleLabel(evil, verdict, english)].join('');
      assert.doesNotMatch(said, /[\u202e\u200b\n]/);
      assert.match(said, /\\u\{202e\}/);
    }
  });

  it('does not take a text of a stranger for a place to fill in', () => {
    const note = '{0} {1}';
    assert.ok(verdictReason({ ...verdictOf('revoked'), note }, english).includes(`"${note}"`));
  });

  it('survives the times that 64 bits can hold', () => {
    for (const since of [0, 2 ** 53, 2 ** 64]) {
      assert.match(verdictReason({ ...verdictOf('stale'), since }, english), /only until \d/);
    }
  });

  it('never shows a name without the id', () => {
    assert.equal(publisherLabel(alice, english), short);
    assert.equal(publisherLabel(alice, english, 'Acme\u202e'), `Acme\\u{202e} (${short})`);
    assert.equal(publisherLabel(`0x${'ab'.repeat(32)}`, english), '0xababab…ababab');
  });

  it('explains every problem of a rule', () => {
    const problems: Readonly<Record<RuleProblem, true>> = {
      patternUnscoped: true,
      patternWithoutRegistry: true,
      patternWildcard: true,
      patternNotCanonical: true,
      ledger: true,
      publisher: true,
      publishersEmpty: true,
      publishersRepeated: true,
      threshold: true,
      maximumViewAge: true,
    };
    const said = Object.keys(problems).map((problem) => ruleProblemText(problem as RuleProblem, 'x\u202e', english));
    assert.equal(new Set(said).size, said.length);
    for (const each of said) assert.match(each, /^[A-Z"][^\u202e]+\.$/);
  });
});

describe('a verdict where more than one ledger is followed', () => {
  const key = `30:0x${'11'.repeat(32)}:0x${'22'.repeat(20)}`;

  it('says which ledger it is of', () => {
    const verdict: Verdict = {
      ...verdictOf('unsigned'),
      ledgerKind: 'team',
      ledger: key,
      network: 'Acme',
    };
    assert.equal(verdictLabel(verdict, english), 'Unsigned (Acme)');
    assert.match(verdictBasis(verdict, english) ?? '', /Ledger of the network Acme\./);
    assert.match(accessibleLabel('a', verdict, english), /^a: Unsigned \(Acme\)\./);
  });

  it('names the ledger that does not answer, or that is not followed, and what can be done', () => {
    const silent: Verdict = {
      ...unreadFrame,
      kind: 'unknown',
      missing: 'ledger',
      coverage: 'warn',
      ledger: key,
      network: 'Acme',
    };
    assert.equal(verdictReason(silent, english), 'The ledger of the network Acme does not answer.');
    assert.equal(verdictNextStep(silent, english), 'Start the node of Acme, or remove the rule that names its ledger.');
    const unknown: Verdict = { ...unreadFrame, kind: 'unknown', missing: 'ledgerNotFollowed', ledger: key };
    assert.equal(
      verdictReason(unknown, english),
      'A trust rule names a ledger that is not followed here, on chain 30.',
    );
    assert.equal(verdictNextStep(unknown, english), 'Join its network, or remove or change the rule that names it.');
  });
});
