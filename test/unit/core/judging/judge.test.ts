import assert from 'node:assert/strict';
import type { ImageContent, ImageIdentity } from '../../../../src/core/image/identity';
import { contentRepository, contentTag } from '../../../../src/core/ledger/contentName';
import type { Attestation, History, Leaf } from '../../../../src/core/ledger/types';
import { judge } from '../../../../src/core/judging/judge';
import type { Verdict } from '../../../../src/core/judging/verdict';
import { isAlarm, verdictKinds } from '../../../../src/core/judging/verdict';
import {
  alice,
  amd64,
  arm64,
  bob,
  carol,
  complete,
  content,
  head,
  history,
  identity,
  input,
  inspected,
  inspectedClassic,
  leaf,
  mallory,
  needed,
  now,
  openSlot,
  repository,
  rule,
  silentLeaf,
  tag,
  viewOf,
  wallet,
} from './world';
import type { JudgeInput } from '../../../../src/core/judging/judgeInput';

const [A, B, C] = [content('a'), content('b'), content('c')];
const healthcheck = { Healthcheck: { Test: ['CMD', 'true'] } };
const checked = content('a', { docker: healthcheck });
const triggered = content('a', { docker: { ...healthcheck, OnBuild: ['RUN true'] } });
/** As `checked`, by a statement that does not say what it has. */
const silent = { leaves: [silentLeaf(checked)] };
const armA = content('arm a', { platform: arm64 });
const armB = content('arm b', { platform: arm64 });
const index = `sha256:${'5'.repeat(64)}` as const;
const manifest = `sha256:${'6'.repeat(64)}` as const;

/** As a registry serves it. */
function served(of: ImageContent, changes: Partial<ImageIdentity> = {}): ImageIdentity {
  return identity(of, { source: 'registry', manifestDigest: manifest, ...changes });
}
/** The statement as it is completed after a push. */
const completed = { leaves: [leaf(A, { manifestDigest: manifest })] };

const notFinal = head.number - 1;
const thief = wallet(8);
const organization = `0x${'0a'.repeat(32)}` as const;
const another = `0x${'0b'.repeat(32)}` as const;

/** Only repeated from an earlier entry. */
function carried(of: ImageContent, changes: Partial<Leaf> = {}): Leaf {
  return leaf(of, { carried: { content: true }, ...changes });
}

/** The reserved name of a content. */
function nameOf(of: ImageContent): { readonly repository: string; readonly tag: string } {
  return { repository: contentRepository, tag: contentTag(identity(of)) };
}

/** What Alice has entered about a content under every name. */
function everywhere(of: ImageContent, ...specs: Parameters<typeof history>[1]): Pick<JudgeInput, 'contentHistories'> {
  return { contentHistories: [history(alice, specs, nameOf(of))] };
}

/** Alice's rule and `more`, all in the user's settings. */
function rules(...all: Parameters<typeof rule>[0][]): Pick<JudgeInput, 'rules'> {
  return { rules: [{ origin: 'user', rules: all.map(rule) }] };
}

function view(...given: Parameters<typeof viewOf>): Pick<JudgeInput, 'view'> {
  return { view: viewOf(...given) };
}

/** The thief's key is void from `block` on. */
function thiefVoidFrom(block: number): Pick<JudgeInput, 'slotOf'> {
  return { slotOf: (_, signer) => (signer === thief ? { ...openSlot, voidFrom: block } : openSlot) };
}

const enforce = rules({ level: 'enforce' });
const vouching = rules({ accept: 'vouch' });
const noRule = { rules: [] };
const local = (of = B): Pick<JudgeInput, 'image'> => ({ image: { identity: identity(of), origin: 'local' } });
const incomplete = { state: 'incomplete', missing: 'ledgerIncomplete', head } as const;

function onlyEntry(of: History): Attestation {
  const [entry] = of.attestations;
  assert.ok(entry);
  return entry;
}

function elsewhere(from: string): Attestation {
  return onlyEntry(history(bob, [{ says: A }], { repository: from, tag: '9' }));
}

type Expected = Partial<Record<string, unknown>> & Pick<Verdict, 'kind'>;
type Row = readonly [title: string, input: JudgeInput, expected: Expected];

const table: readonly Row[] = [
  // tampered
  [
    'a deeper check found differing paths, whatever the chain says',
    input(A, [history(alice, [{ says: A }])], { deepCheck: { depth: 'rootfs', paths: ['/bin/sh'] } }),
    { kind: 'tampered', paths: ['/bin/sh'], depth: 'rootfs' },
  ],
  [
    'a deeper check needs neither rule nor chain nor engine',
    input(A, [], {
      ...noRule,
      ...view({ state: 'incomplete', missing: 'ledger' }),
      image: { missing: 'engine' },
      deepCheck: { depth: 'layers', paths: ['/x'] },
    }),
    { kind: 'tampered', depth: 'layers', coverage: 'none' },
  ],
  [
    'a deeper check without a finding only deepens the verdict',
    input(A, [history(alice, [{ says: A }])], { deepCheck: { depth: 'layers', paths: [] } }),
    { kind: 'verified', depth: 'layers' },
  ],

  // revoked
  [
    'the last word is a revocation',
    input(A, [history(alice, [{ says: A }, { revokes: 0, reason: 'vulnerable', note: 'CVE' }])]),
    { kind: 'revoked', by: 'revocation', reason: 'vulnerable', note: 'CVE' },
  ],
  [
    'a revocation counts from its first block',
    input(A, [history(alice, [{ says: A }, { revokes: 0, block: head.number }])]),
    { kind: 'revoked', by: 'revocation' },
  ],
  [
    'a revocation counts by whomever it was made',
    input(A, [history(alice, [{ says: A }, { revokes: 0, signer: thief }])], thiefVoidFrom(1)),
    { kind: 'revoked', by: 'revocation' },
  ],
  [
    'revoking one statement of the content revokes the content',
    input(A, [history(alice, [{ says: [A, armA] }, { says: A }, { revokes: 0 }])]),
    { kind: 'revoked', by: 'revocation' },
  ],
  [
    'a statement after the revocation is the last word',
    input(A, [history(alice, [{ says: A }, { revokes: 0 }, { says: A }])]),
    { kind: 'verified' },
  ],
  [
    'but only when it is final',
    input(A, [history(alice, [{ says: A }, { revokes: 0 }, { says: A, block: notFinal }])]),
    { kind: 'revoked', confirming: { confirmations: 2, needed: 3 } },
  ],
  [
    'and only when its signer is not void',
    input(A, [history(alice, [{ says: A }, { revokes: 0 }, { says: A, signer: thief }])], thiefVoidFrom(1)),
    { kind: 'revoked', by: 'revocation', confirming: undefined },
  ],
  [
    'a revocation takes back no statement that comes after it',
    input(A, [history(alice, [{ revokes: 1 }, { says: A }])]),
    { kind: 'verified' },
  ],
  [
    'but what it names was already said by another',
    input(A, [history(alice, [{ says: [A, armA] }, { revokes: 2 }, { says: A, signer: thief }])], thiefVoidFrom(1)),
    { kind: 'revoked', by: 'revocation' },
  ],
  [
    'a revocation before any statement of the content takes nothing back: pending as any other',
    input(A, [history(alice, [{ revokes: 1 }, { says: A, block: notFinal }])]),
    { kind: 'pending' },
  ],
  [
    'nor does it stand for what only a thief has stated since',
    input(A, [history(alice, [{ revokes: 1 }, { says: A, signer: thief }])], thiefVoidFrom(1)),
    { kind: 'revoked', by: 'signer' },
  ],
  [
    'a revocation that names only what comes later gives no older release back',
    input(
      A,
      [
        history(alice, [
          { says: A },
          { says: B },
          { revokes: 3 },
          { says: { leaves: [leaf(B, { manifestDigest: manifest })] }, signer: thief },
        ]),
      ],
      thiefVoidFrom(1),
    ),
    { kind: 'superseded' },
  ],
  [
    'stated anew and taken back again, neither of it final',
    input(A, [history(alice, [{ says: A }, { says: A, block: notFinal }, { revokes: 1, block: notFinal }])]),
    { kind: 'revoked', confirming: undefined },
  ],
  [
    'only void signers named the content',
    input(A, [history(alice, [{ says: A, signer: thief, block: 50 }])], thiefVoidFrom(50)),
    { kind: 'revoked', by: 'signer' },
  ],
  [
    'statements before the void block stand',
    input(A, [history(alice, [{ says: A, signer: thief, block: 49 }])], thiefVoidFrom(50)),
    { kind: 'verified' },
  ],
  [
    'what a good signer has said before, a thief cannot spoil by saying it again',
    input(A, [history(alice, [{ says: A }, { says: A, signer: thief }])], thiefVoidFrom(1)),
    { kind: 'verified' },
  ],
  [
    'a thief who said something else is skipped',
    input(A, [history(alice, [{ says: A }, { says: B, signer: thief }])], thiefVoidFrom(1)),
    { kind: 'verified' },
  ],
  [
    'revoking a thief revives nothing: what it restated stays revoked',
    input(A, [history(alice, [{ says: A }, { revokes: 0 }, { says: A, signer: thief }])], thiefVoidFrom(1)),
    { kind: 'revoked', by: 'revocation' },
  ],
  [
    'a good signer can state the content of a void one, once that is final',
    input(
      A,
      [
        history(alice, [
          { says: A, signer: thief },
          { says: A, block: notFinal },
        ]),
      ],
      thiefVoidFrom(1),
    ),
    { kind: 'revoked', by: 'signer' },
  ],
  [
    'a voucher takes its word for this very content back',
    input(
      A,
      [
        history(alice, [
          { says: A, kind: 'vouch' },
          { revokes: 0, reason: 'compromised' },
        ]),
      ],
      vouching,
    ),
    { kind: 'revoked', by: 'revocation', reason: 'compromised' },
  ],
  [
    'one accepted publisher revokes, another still states it',
    input(
      A,
      [history(alice, [{ says: A }]), history(bob, [{ says: A }, { revokes: 0 }])],
      rules({ publishers: [alice, bob] }),
    ),
    { kind: 'revoked', by: 'revocation' },
  ],
  [
    'a revocation is cited before a void signer',
    input(A, [history(alice, [{ says: A, signer: thief }]), history(bob, [{ says: A }, { revokes: 0 }])], {
      ...rules({ publishers: [alice, bob] }),
      ...thiefVoidFrom(1),
    }),
    { kind: 'revoked', by: 'revocation' },
  ],
  [
    'a vouch after a revoked publication is no publication',
    input(
      A,
      [history(alice, [{ says: A }, { revokes: 0, signer: thief }, { says: A, kind: 'vouch' }])],
      thiefVoidFrom(1),
    ),
    { kind: 'untrusted', accepted: 0 },
  ],

  // revoked, by what was carried
  [
    'a thief has stated it and another signer has carried it on: with the thief it ends',
    input(
      armB,
      [history(organization, [{ says: [A, armB], signer: thief }, { says: { leaves: [leaf(A), carried(armB)] } }])],
      {
        ...rules({ publishers: [organization] }),
        ...thiefVoidFrom(1),
      },
    ),
    { kind: 'revoked', by: 'signer' },
  ],
  [
    'what was carried on is no last word after its revocation',
    input(A, [history(alice, [{ says: A }, { revokes: 0 }, { says: { leaves: [carried(A), leaf(armA)] } }])]),
    { kind: 'revoked', by: 'revocation' },
  ],
  [
    'revoking what carries a content on takes the content back',
    input(A, [history(alice, [{ says: A }, { says: { leaves: [carried(A), leaf(armA)] } }, { revokes: 1 }])]),
    { kind: 'revoked', by: 'revocation' },
  ],

  [
    'an index that is carried on after a revocation revives none of its images',
    input(served(A, { indexDigest: index }), [
      history(alice, [
        { says: { leaves: [leaf(armA)], indexDigest: index } },
        { says: A },
        { revokes: 1 },
        { says: { leaves: [carried(armA)], indexDigest: index, isIndexCarried: true } },
      ]),
    ]),
    { kind: 'revoked', by: 'revocation' },
  ],
  [
    'what the image may have been converted from is carried on after a revocation of what it may have been, too',
    input(A, [
      history(alice, [
        { says: checked },
        { says: content('a', { docker: { Healthcheck: { Test: ['NONE'] } } }) },
        { revokes: 1 },
        { says: { leaves: [carried(checked), leaf(armA)] } },
      ]),
    ]),
    { kind: 'revoked', by: 'revocation' },
  ],

  // revoked under every name
  [
    'taken back everywhere, whatever was said under this name',
    input(A, [history(alice, [{ says: A }])], everywhere(A, { revokes: 9, reason: 'compromised', note: 'key' })),
    { kind: 'revoked', by: 'everywhere', reason: 'compromised', note: 'key' },
  ],
  [
    'taken back everywhere, from the first block, by a void signer and where nothing was said under this name',
    input(A, [], {
      ...everywhere(A, { revokes: 9, signer: thief, block: head.number }),
      ...thiefVoidFrom(1),
    }),
    { kind: 'revoked', by: 'everywhere' },
  ],
  [
    'taken back everywhere by a publisher whose vouch a rule accepts',
    input(A, [history(alice, [{ says: A, kind: 'vouch' }])], { ...vouching, ...everywhere(A, { revokes: 9 }) }),
    { kind: 'revoked', by: 'everywhere' },
  ],
  [
    'what it was before a conversion was taken back everywhere',
    input(A, [history(alice, [{ says: checked }])], everywhere(checked, { revokes: 9 })),
    { kind: 'revoked', by: 'everywhere' },
  ],
  [
    'stated again everywhere, but not finally',
    input(A, [history(alice, [{ says: A }])], everywhere(A, { revokes: 9 }, { says: A, block: notFinal })),
    { kind: 'revoked', by: 'everywhere', confirming: { confirmations: 2, needed: 3 } },
  ],
  [
    'stated again everywhere, but by a void signer',
    input(A, [history(alice, [{ says: A }])], {
      ...everywhere(A, { revokes: 9 }, { says: A, signer: thief }),
      ...thiefVoidFrom(1),
    }),
    { kind: 'revoked', by: 'everywhere', confirming: undefined },
  ],
  [
    'only carried on everywhere, which lifts nothing',
    input(
      A,
      [history(alice, [{ says: A }])],
      everywhere(A, { says: A }, { revokes: 9 }, { says: { leaves: [carried(A)] } }),
    ),
    { kind: 'revoked', by: 'everywhere' },
  ],
  [
    'stated again everywhere lifts it',
    input(A, [history(alice, [{ says: A }])], everywhere(A, { revokes: 9 }, { says: A })),
    { kind: 'verified' },
  ],
  [
    'a thief who states it everywhere harms nobody',
    input(A, [history(alice, [{ says: A }])], { ...everywhere(A, { says: A, signer: thief }), ...thiefVoidFrom(1) }),
    { kind: 'verified' },
  ],
  [
    'a stranger takes back everywhere what is not theirs',
    input(A, [history(alice, [{ says: A }])], {
      contentHistories: [history(mallory, [{ revokes: 9 }], nameOf(A))],
    }),
    { kind: 'verified' },
  ],
  [
    'other content was taken back everywhere',
    input(A, [history(alice, [{ says: A }])], everywhere(B, { revokes: 9 })),
    { kind: 'verified' },
  ],
  [
    'nobody knows whether it was taken back everywhere',
    input(A, [history(alice, [{ says: A }])], { isContentChecked: () => false }),
    { kind: 'unknown', missing: 'ledgerIncomplete' },
  ],
  [
    'nobody knows whether what it was before a conversion was taken back everywhere',
    input(A, [history(alice, [{ says: checked }])], {
      isContentChecked: (_, found) => found !== nameOf(checked).tag,
    }),
    { kind: 'unknown', missing: 'ledgerIncomplete' },
  ],
  [
    'nobody knows the signers of what was entered everywhere',
    input(A, [history(alice, [{ says: A }])], {
      ...everywhere(A, { revokes: 9 }, { says: A, signer: thief }),
      slotOf: (_, signer) => (signer === thief ? undefined : openSlot),
    }),
    { kind: 'unknown', missing: 'ledgerIncomplete' },
  ],
  [
    'an entry about it everywhere cannot be read',
    input(A, [history(alice, [{ says: A }])], everywhere(A, { kind: 'revoke' })),
    { kind: 'unknown', missing: 'unreadableEntry' },
  ],

  // carried forward
  [
    'carried on from an entry that counts',
    input(A, [history(alice, [{ says: A }, { says: { leaves: [carried(A), leaf(armA)] } }])]),
    { kind: 'verified', match: 'exact' },
  ],
  [
    'a thief has only restated what was carried on from another',
    input(
      A,
      [history(alice, [{ says: A }, { says: A, signer: thief }, { says: { leaves: [carried(A), leaf(armA)] } }])],
      thiefVoidFrom(1),
    ),
    { kind: 'verified' },
  ],
  [
    'carried on from a thief is as if it were not there: it contradicts nobody',
    input(
      A,
      [history(alice, [{ says: B, signer: thief }, { says: { leaves: [carried(B), leaf(armA)] } }])],
      thiefVoidFrom(1),
    ),
    { kind: 'unsigned', otherPlatforms: [arm64] },
  ],
  [
    'nor does an index stand for the platform of what a thief has stated',
    input(
      identity(B, { indexDigest: index }),
      [
        history(organization, [
          { says: B, signer: thief },
          { says: { leaves: [carried(B), leaf(armA)], indexDigest: index } },
        ]),
      ],
      { ...rules({ publishers: [organization] }), ...thiefVoidFrom(1) },
    ),
    { kind: 'revoked', by: 'signer' },
  ],
  [
    'carried on from a vouch, a publication says nothing',
    input(A, [history(alice, [{ says: A, kind: 'vouch' }, { says: { leaves: [carried(A), leaf(armA)] } }])]),
    { kind: 'untrusted', accepted: 0 },
  ],
  [
    'carried on, it is valid as long as what it was carried from',
    input(A, [history(alice, [{ says: A, validUntil: now - 1 }, { says: { leaves: [carried(A), leaf(armA)] } }])]),
    { kind: 'stale', cause: 'validity', since: now - 1 },
  ],
  [
    'and not shorter, because somebody else signs another platform for a while',
    input(A, [history(alice, [{ says: A }, { says: { leaves: [carried(A), leaf(armA)] }, validUntil: now - 1 }])]),
    { kind: 'verified' },
  ],
  [
    'carried on does not revive what the same signer has given an end',
    input(A, [
      history(alice, [{ says: A }, { says: A, validUntil: now - 1 }, { says: { leaves: [carried(A), leaf(armA)] } }]),
    ]),
    { kind: 'stale', since: now - 1 },
  ],
  [
    'a digest added by a thief to carried content goes with the thief',
    input(
      served(A),
      [history(alice, [{ says: A }, { says: { leaves: [carried(A, { manifestDigest: manifest })] }, signer: thief }])],
      thiefVoidFrom(1),
    ),
    { kind: 'unknown', missing: 'layers' },
  ],
  [
    'a digest that a thief has added and another carried on goes with the thief',
    input(
      served(A),
      [
        history(alice, [
          { says: A },
          { says: { leaves: [carried(A, { manifestDigest: manifest })] }, signer: thief },
          { says: { leaves: [leaf(A, { manifestDigest: manifest, carried: { digests: true } })] } },
        ]),
      ],
      thiefVoidFrom(1),
    ),
    { kind: 'unknown', missing: 'layers' },
  ],
  [
    'completed: the content is carried, the digest stated',
    input(served(A), [history(alice, [{ says: A }, { says: { leaves: [carried(A, { manifestDigest: manifest })] } }])]),
    { kind: 'verified', match: 'exact' },
  ],
  [
    'a release and its completion are taken back together',
    input(A, [
      history(alice, [
        { says: A },
        { says: B },
        { says: { leaves: [carried(B, { manifestDigest: manifest })] } },
        { revokes: 1 },
      ]),
    ]),
    { kind: 'verified' },
  ],
  [
    'a thief’s revocation does not hide what a completed release says against the image',
    input(
      C,
      [
        history(alice, [
          { says: B },
          { says: { leaves: [carried(B, { manifestDigest: manifest })] } },
          { revokes: 0, signer: thief },
        ]),
      ],
      thiefVoidFrom(1),
    ),
    { kind: 'mismatch' },
  ],

  // superseded
  ['an older release', input(A, [history(alice, [{ says: A }, { says: B }])]), { kind: 'superseded' }],
  [
    'not before the newer one is final',
    input(A, [history(alice, [{ says: A }, { says: B, block: notFinal }])]),
    { kind: 'verified' },
  ],
  [
    'stated again, but not final yet',
    input(A, [history(alice, [{ says: A }, { says: B }, { says: A, block: notFinal }])]),
    { kind: 'superseded', confirming: { confirmations: 2, needed: 3 } },
  ],
  [
    'an older vouch too',
    input(
      A,
      [
        history(alice, [
          { says: A, kind: 'vouch' },
          { says: B, kind: 'vouch' },
        ]),
      ],
      vouching,
    ),
    { kind: 'superseded' },
  ],
  [
    'a final revocation of the newer release makes the older one current again',
    input(A, [history(alice, [{ says: A }, { says: B }, { revokes: 1 }])]),
    { kind: 'verified' },
  ],
  [
    'a final revocation of the newer release, which was for another platform',
    input(A, [history(alice, [{ says: A }, { says: armA }, { revokes: 1 }])]),
    { kind: 'verified' },
  ],
  [
    'one that is not final does not',
    input(A, [history(alice, [{ says: A }, { says: B }, { revokes: 1, block: notFinal }])]),
    { kind: 'superseded' },
  ],
  [
    'nor does one by a void signer',
    input(A, [history(alice, [{ says: A }, { says: B }, { revokes: 1, signer: thief }])], thiefVoidFrom(1)),
    { kind: 'superseded' },
  ],
  [
    'revoking one of two statements of the newer release takes both back',
    input(A, [
      history(alice, [
        { says: A },
        { says: B },
        { says: { leaves: [leaf(B, { manifestDigest: manifest })] } },
        { revokes: 2 },
      ]),
    ]),
    { kind: 'verified' },
  ],
  [
    'seen in an incomplete view',
    input(A, [history(alice, [{ says: A }, { says: B }])], view(incomplete)),
    { kind: 'superseded' },
  ],

  // mismatch
  [
    'the accepted publisher says other content',
    input(B, [history(alice, [{ says: A }])]),
    { kind: 'mismatch', cause: 'content', platform: amd64, differences: [] },
  ],
  [
    'the differences are named where the signed content is known',
    input(B, [history(alice, [{ says: A }])], { contentOf: () => A }),
    { kind: 'mismatch', differences: ['layers', 'Env'] },
  ],
  [
    'contents that are not what was signed name nothing',
    input(B, [history(alice, [{ says: A }])], { contentOf: () => C }),
    { kind: 'mismatch', differences: [] },
  ],
  [
    'a digest does not outweigh the content hashes',
    input(B, [history(alice, [{ says: { leaves: [leaf(A, { configDigest: leaf(B).configDigest })] } }])]),
    { kind: 'mismatch' },
  ],
  [
    'an older vouch is no older release',
    input(A, [history(alice, [{ says: A, kind: 'vouch' }, { says: B }])]),
    { kind: 'mismatch' },
  ],
  [
    'nor is an older release that was revoked and only vouched for since',
    input(A, [history(alice, [{ says: A }, { revokes: 0 }, { says: A, kind: 'vouch' }, { says: B }])]),
    { kind: 'mismatch' },
  ],
  [
    'a statement past its validity still contradicts',
    input(B, [history(alice, [{ says: A, validUntil: now - 1 }])]),
    { kind: 'mismatch' },
  ],
  [
    'one that is not final does not contradict',
    input(B, [history(alice, [{ says: A, block: notFinal }])]),
    { kind: 'unsigned' },
  ],
  [
    'red from an incomplete view whose key was checked',
    input(B, [history(alice, [{ says: A }])], view(incomplete)),
    { kind: 'mismatch' },
  ],
  [
    'not from one whose key was not',
    input(B, [history(alice, [{ says: A }])], view(incomplete, { isChecked: () => false })),
    { kind: 'unknown', missing: 'ledgerIncomplete' },
  ],
  [
    'rebuilt here by whoever signed it',
    input(B, [history(alice, [{ says: A }])], { ...local(), ownPublishers: [alice] }),
    { kind: 'mismatch', cause: 'rebuilt' },
  ],
  [
    'rebuilt and signed again, not final yet',
    input(B, [history(alice, [{ says: A }, { says: B, block: notFinal }])], { ...local(), ownPublishers: [alice] }),
    { kind: 'mismatch', cause: 'rebuilt', confirming: { confirmations: 2, needed: 3 } },
  ],
  [
    'an own tag that came from a registry was not rebuilt here',
    input(B, [history(alice, [{ says: A }])], { ownPublishers: [alice] }),
    { kind: 'mismatch', cause: 'content' },
  ],
  [
    'no rebuild where another accepted publisher contradicts too',
    input(B, [history(alice, [{ says: A }]), history(bob, [{ says: A, signer: wallet(2) }])], {
      ...local(),
      ...rules({ publishers: [alice, bob] }),
      ownPublishers: [alice],
    }),
    { kind: 'mismatch', cause: 'content' },
  ],
  [
    'rebuilt here by whoever signed it for an organization',
    input(B, [history(organization, [{ says: A }])], {
      ...local(),
      ...rules({ publishers: [organization] }),
      ownPublishers: [alice, organization],
    }),
    { kind: 'mismatch', cause: 'rebuilt' },
  ],
  [
    'no rebuild where a colleague, or a thief, signed for the organization',
    input(B, [history(organization, [{ says: A, signer: thief }])], {
      ...local(),
      ...rules({ publishers: [organization] }),
      ownPublishers: [alice, organization],
    }),
    { kind: 'mismatch', cause: 'content' },
  ],
  [
    'one of two publishers contradicts, and the other is enough for the rule',
    input(A, [history(alice, [{ says: A }]), history(bob, [{ says: B }])], rules({ publishers: [alice, bob] })),
    { kind: 'mismatch', cause: 'content' },
  ],
  [
    'an older release of one publisher does not hide that another contradicts',
    input(
      A,
      [history(alice, [{ says: A }, { says: B }]), history(bob, [{ says: B }])],
      rules({ publishers: [alice, bob] }),
    ),
    { kind: 'mismatch' },
  ],
  [
    'a changed healthcheck is other content',
    input(content('a', { docker: { Healthcheck: { Test: ['CMD', 'evil'] } } }), [history(alice, [{ says: checked }])]),
    { kind: 'mismatch' },
  ],
  [
    'an added healthcheck is other content',
    input(checked, [history(alice, [{ says: A }])], { contentOf: () => A }),
    { kind: 'mismatch', differences: ['Healthcheck'] },
  ],
  [
    'OnBuild lost is other content',
    input(A, [history(alice, [{ says: triggered }])], { contentOf: () => triggered }),
    { kind: 'mismatch', differences: ['Healthcheck', 'OnBuild'] },
  ],
  [
    'a part of the docker-only fields lost is a change of the others',
    input(content('a', { docker: healthcheck }), [
      history(alice, [{ says: content('a', { docker: { ...healthcheck, Shell: ['sh'] } }) }]),
    ]),
    { kind: 'mismatch' },
  ],
  [
    'whom an accepted policy names contradicts too',
    input(B, [history(bob, [{ says: A }])], { rules: [{ origin: 'policy', rules: [rule({ publishers: [bob] })] }] }),
    { kind: 'mismatch' },
  ],

  [
    'revoked as one of two releases that share a signed index, and only vouched for since',
    input(
      identity(A, { indexDigest: index }),
      [
        history(alice, [
          { says: { leaves: [leaf(armA)], indexDigest: index } },
          { says: { leaves: [leaf(armB)], indexDigest: index } },
          { revokes: 1, signer: thief },
          { says: { leaves: [leaf(armA)], indexDigest: index }, kind: 'vouch' },
        ]),
      ],
      thiefVoidFrom(1),
    ),
    { kind: 'untrusted', accepted: 0 },
  ],

  // pending
  [
    'stated, not final yet',
    input(A, [history(alice, [{ says: A, block: notFinal }])]),
    { kind: 'pending', confirmations: 2, needed: 3 },
  ],
  [
    'as many confirmations as the last publisher that is needed has',
    input(
      A,
      [
        history(alice, [{ says: A, block: head.number - 1 }]),
        history(bob, [{ says: A, block: head.number }]),
        history(carol, [{ says: A, block: 10 }]),
      ],
      rules({ publishers: [alice, bob, carol], threshold: 2 }),
    ),
    { kind: 'pending', confirmations: 2 },
  ],
  [
    'by what the engine prints, under a digest that was signed',
    input(inspectedClassic(A), [history(alice, [{ says: A, block: notFinal }])]),
    { kind: 'pending' },
  ],
  [
    'in a block that the view has not reached',
    input(A, [history(alice, [{ says: A, block: head.number + 5 }])]),
    { kind: 'pending', confirmations: 0 },
  ],
  [
    'this platform is new to the release',
    input(A, [history(alice, [{ says: armA }, { says: [A, armA], block: notFinal }])]),
    { kind: 'pending' },
  ],
  [
    'not where a newer statement, not final either, says something else',
    input(A, [
      history(alice, [
        { says: A, block: notFinal },
        { says: B, block: notFinal },
      ]),
    ]),
    { kind: 'unsigned' },
  ],
  [
    'the second key of two is not final yet',
    input(
      A,
      [
        history(organization, [{ says: A }, { says: A, signer: wallet(2), block: notFinal }]),
        history(alice, [{ says: A }]),
      ],
      rules({ publishers: [organization, alice], threshold: 2 }),
    ),
    { kind: 'pending', confirmations: 2 },
  ],
  [
    'too few would be enough even when they are final',
    input(A, [history(alice, [{ says: A, block: notFinal }])], rules({ publishers: [alice, bob], threshold: 2 })),
    { kind: 'untrusted', accepted: 0, needed: 2 },
  ],

  // stale
  [
    'the validity has passed',
    input(A, [history(alice, [{ says: A, validUntil: now - 1 }])]),
    { kind: 'stale', cause: 'validity', since: now - 1 },
  ],
  ['valid in its last second', input(A, [history(alice, [{ says: A, validUntil: now }])]), { kind: 'verified' }],
  [
    'stated again with a longer validity',
    input(A, [history(alice, [{ says: A, validUntil: now - 1 }, { says: A }])]),
    { kind: 'verified' },
  ],
  [
    'since too few were left',
    input(
      A,
      [
        history(alice, [{ says: A, validUntil: now - 3 }]),
        history(bob, [{ says: A, validUntil: now - 2 }]),
        history(carol, [{ says: A, validUntil: now - 1 }]),
      ],
      rules({ publishers: [alice, bob, carol], threshold: 2 }),
    ),
    { kind: 'stale', cause: 'validity', since: now - 2 },
  ],
  [
    'the validity has passed by the chain’s own time, behind which the clock here is',
    input(A, [history(alice, [{ says: A, validUntil: head.time - 1 }])], { now: head.time - 100 }),
    { kind: 'stale', cause: 'validity', since: head.time - 1 },
  ],
  [
    'nobody can tell how old a view of the future is',
    input(A, [history(alice, [{ says: A }])], { ...rules({ maximumViewAgeSeconds: 60 }), now: head.time - 16 }),
    { kind: 'stale', cause: 'view', asOf: { block: head.number, time: head.time, ahead: 16 } },
  ],
  [
    'a block that is ahead as blocks are',
    input(A, [history(alice, [{ says: A }])], { ...rules({ maximumViewAgeSeconds: 60 }), now: head.time - 15 }),
    { kind: 'verified', asOf: { block: head.number, time: head.time } },
  ],
  [
    'the view is older than the rule allows',
    input(A, [history(alice, [{ says: A }])], rules({ maximumViewAgeSeconds: 9 })),
    { kind: 'stale', cause: 'view', since: head.time + 9 },
  ],
  [
    'just as old as the rule allows',
    input(A, [history(alice, [{ says: A }])], rules({ maximumViewAgeSeconds: 10 })),
    { kind: 'verified' },
  ],

  // verified
  ['the same config', input(A, [history(alice, [{ says: A }])]), { kind: 'verified', match: 'exact', differences: [] }],
  ['just final', input(A, [history(alice, [{ says: A, block: head.number - needed + 1 }])]), { kind: 'verified' }],
  [
    'the same manifest',
    input(identity(A, { configDigest: index, manifestDigest: manifest }), [
      history(alice, [{ says: { leaves: [leaf(A, { manifestDigest: manifest })] } }]),
    ]),
    { kind: 'verified', match: 'exact' },
  ],
  [
    'a signed index, and no leaf of the platform',
    input(identity(A, { indexDigest: index }), [
      history(alice, [{ says: { leaves: [leaf(armA)], indexDigest: index } }]),
    ]),
    { kind: 'verified', match: 'exact' },
  ],
  [
    'a signed index does not outweigh a leaf of the platform',
    input(identity(B, { indexDigest: index }), [history(alice, [{ says: { leaves: [leaf(A)], indexDigest: index } }])]),
    { kind: 'mismatch' },
  ],
  [
    'the same content under another digest, also where a rule enforces',
    input(identity(A, { configDigest: index }), [history(alice, [{ says: A }])], enforce),
    { kind: 'verified', match: 'content', coverage: 'enforce' },
  ],
  [
    'what the engine prints, under a digest that was signed',
    input(inspectedClassic(A), [history(alice, [{ says: A }])], enforce),
    { kind: 'verified', match: 'exact', coverage: 'enforce' },
  ],
  [
    'either of two leaves that mean the platform',
    input(A, [
      history(alice, [{ says: { leaves: [leaf(A), leaf(content('v1', { platform: { ...amd64, variant: 'v1' } }))] } }]),
    ]),
    { kind: 'verified', match: 'exact' },
  ],
  [
    'Healthcheck lost in a conversion',
    input(A, [history(alice, [{ says: checked }])]),
    { kind: 'verified', match: 'equivalent', differences: ['Healthcheck'] },
  ],
  [
    'the content itself has its own last word, beside one that it could have been converted from',
    input(A, [history(alice, [{ says: checked }, { says: A }, { revokes: 0 }])]),
    { kind: 'verified', match: 'exact' },
  ],
  [
    'the current release is this one converted, though an older one is exactly this',
    input(A, [history(alice, [{ says: A }, { says: checked }])]),
    { kind: 'verified', match: 'equivalent' },
  ],
  [
    'the current release is this one converted, and even a void signer may take that back',
    input(
      A,
      [history(alice, [{ says: A, kind: 'vouch' }, { says: checked }, { revokes: 1, signer: thief }])],
      thiefVoidFrom(1),
    ),
    { kind: 'untrusted' },
  ],
  [
    'published with more, then vouched for as it is',
    input(A, [history(alice, [{ says: checked }, { says: A, kind: 'vouch' }])]),
    { kind: 'verified', match: 'equivalent' },
  ],
  [
    'vouched for',
    input(A, [history(alice, [{ says: A, kind: 'vouch' }])], vouching),
    { kind: 'verified', by: [{ ...citationOf(alice), kind: 'vouch' }] },
  ],
  [
    'two of three',
    input(
      A,
      [history(alice, [{ says: A }]), history(carol, [{ says: A }])],
      rules({ publishers: [alice, bob, carol], threshold: 2 }),
    ),
    { kind: 'verified', by: [citationOf(alice), citationOf(carol)] },
  ],
  [
    'two of two by two keys, though a colleague who speaks for both has signed last',
    input(
      A,
      [
        history(organization, [
          { says: A, signer: wallet(2) },
          { says: A, signer: wallet(1) },
        ]),
        history(alice, [{ says: A }]),
      ],
      rules({ publishers: [organization, alice], threshold: 2 }),
    ),
    { kind: 'verified' },
  ],
  [
    'whoever can be given the signer that no other has is',
    input(
      A,
      [
        history(organization, [
          { says: A, signer: wallet(1) },
          { says: A, signer: wallet(2) },
        ]),
        history(another, [{ says: A, signer: wallet(1) }]),
      ],
      rules({ publishers: [organization, another], threshold: 2 }),
    ),
    { kind: 'verified' },
  ],
  [
    'two rules for one pattern: either is enough',
    input(A, [history(bob, [{ says: A }])], rules({}, { publishers: [bob] })),
    { kind: 'verified' },
  ],
  [
    'another vouched for something else, and that counts against nobody',
    input(
      A,
      [history(alice, [{ says: A }]), history(bob, [{ says: B, kind: 'vouch' }])],
      rules({}, { publishers: [bob], accept: 'vouch' }),
    ),
    { kind: 'verified' },
  ],
  [
    'on a development ledger, where no rule enforces',
    input(A, [history(alice, [{ says: A }])], view(complete, { ledgerKind: 'development' })),
    { kind: 'verified', ledgerKind: 'development' },
  ],
  [
    'by recovered signatures, where no rule enforces',
    input(A, [history(alice, [{ says: A }])], view(complete, { assurance: 'signature' })),
    { kind: 'verified', assurance: 'signature' },
  ],
  [
    'what an accepted policy accepts, where no rule of the user covers it',
    input(A, [history(bob, [{ says: A }])], {
      rules: [
        { origin: 'user', rules: [rule({ repositories: 'docker.io/other/**' })] },
        { origin: 'policy', rules: [rule({ publishers: [bob] })] },
      ],
    }),
    { kind: 'verified' },
  ],
  [
    'what the user and two accepted policies all ask for',
    input(A, [history(alice, [{ says: A }]), history(bob, [{ says: A }])], {
      rules: [
        { origin: 'user', rules: [rule()] },
        { origin: 'policy', rules: [rule({ publishers: [bob] })] },
        { origin: 'policy', rules: [rule({ publishers: [alice, bob], threshold: 2 })] },
      ],
    }),
    { kind: 'verified' },
  ],

  // untrusted
  [
    'a stranger states it, and more is still to be read',
    input(A, [history(mallory, [{ says: A }])], { ...noRule, ...view(complete, { strangers: 'reading' }) }),
    { kind: 'untrusted' },
  ],
  [
    'no rule covers the repository',
    input(A, [history(bob, [{ says: A }])], noRule),
    { kind: 'untrusted', accepted: 0, needed: 0, coverage: 'none', refused: undefined },
  ],
  [
    'a rule of another ledger does not count',
    input(A, [history(alice, [{ says: A }])], rules({ ledger: ledgerOf(8) })),
    { kind: 'untrusted', coverage: 'none' },
  ],
  [
    'the reader’s own wallet signed it for somebody whom no rule names',
    input(A, [history(bob, [{ says: A, signer: wallet(9) }])], { ...noRule, ownPublishers: [mallory] }),
    { kind: 'untrusted', isOwn: true },
  ],
  [
    'others signed it in the name of the reader’s organization',
    input(A, [history(organization, [{ says: A, signer: wallet(2) }])], {
      ...noRule,
      ownPublishers: [mallory, organization],
    }),
    { kind: 'untrusted', isOwn: undefined },
  ],
  [
    'a stranger signed it',
    input(A, [history(mallory, [{ says: A }])]),
    { kind: 'untrusted', accepted: 0, needed: 1, coverage: 'warn' },
  ],
  [
    'signed by a stranger and not final yet',
    input(A, [history(mallory, [{ says: A, block: notFinal }])]),
    { kind: 'untrusted' },
  ],
  ['an older release of a stranger', input(A, [history(mallory, [{ says: A }, { says: B }])]), { kind: 'untrusted' }],
  [
    'too few',
    input(A, [history(alice, [{ says: A }])], rules({ publishers: [alice, bob], threshold: 2 })),
    { kind: 'untrusted', accepted: 1, needed: 2 },
  ],
  [
    'published, where a rule accepts a vouch',
    input(A, [history(alice, [{ says: A }])], vouching),
    { kind: 'untrusted', accepted: 0, needed: 1 },
  ],
  [
    'vouched for, where a rule accepts a publication',
    input(A, [history(alice, [{ says: A, kind: 'vouch' }])]),
    { kind: 'untrusted', accepted: 0, needed: 1 },
  ],
  [
    'an organization and the wallet that signs for it are one key',
    input(
      A,
      [history(organization, [{ says: A }]), history(alice, [{ says: A }])],
      rules({ publishers: [organization, alice], threshold: 2 }),
    ),
    { kind: 'untrusted', accepted: 1, needed: 2, sharing: 2 },
  ],
  [
    'two organizations with one signer are one key',
    input(
      A,
      [history(organization, [{ says: A }]), history(another, [{ says: A }])],
      rules({ publishers: [organization, another], threshold: 2 }),
    ),
    { kind: 'untrusted', accepted: 1, needed: 2, sharing: 2 },
  ],
  [
    'what is only carried on is nobody’s second word',
    input(
      A,
      [
        history(organization, [{ says: A }, { says: { leaves: [carried(A), leaf(armA)] }, signer: wallet(2) }]),
        history(alice, [{ says: A }]),
      ],
      rules({ publishers: [organization, alice], threshold: 2 }),
    ),
    { kind: 'untrusted', accepted: 1, needed: 2 },
  ],
  [
    'an accepted policy asks for more',
    input(A, [history(alice, [{ says: A }])], {
      rules: [
        { origin: 'user', rules: [rule()] },
        { origin: 'policy', rules: [rule({ publishers: [bob], level: 'enforce' })] },
      ],
    }),
    { kind: 'untrusted', accepted: 0, needed: 1, coverage: 'enforce' },
  ],
  [
    'only reported, at any level',
    input(A, [history(alice, [{ says: A }])], view(complete, { assurance: 'reported' })),
    { kind: 'untrusted', refused: 'reported', accepted: 1, needed: 1 },
  ],
  [
    'a development ledger, where a rule enforces',
    input(A, [history(alice, [{ says: A }])], { ...enforce, ...view(complete, { ledgerKind: 'development' }) }),
    { kind: 'untrusted', refused: 'development' },
  ],
  [
    'a ledger without witnesses, where a rule enforces',
    input(A, [history(alice, [{ says: A }])], { ...enforce, ...view(complete, { finality: 'depth' }) }),
    { kind: 'untrusted', refused: 'depthOnly' },
  ],
  [
    'a ledger without witnesses, where no rule enforces',
    input(A, [history(alice, [{ says: A }])], view(complete, { finality: 'depth' })),
    { kind: 'verified' },
  ],
  [
    'recovered signatures, where a rule enforces',
    input(A, [history(alice, [{ says: A }])], { ...enforce, ...view(complete, { assurance: 'signature' }) }),
    { kind: 'untrusted', refused: 'noCheckpoint' },
  ],
  [
    'Healthcheck lost, where a rule enforces',
    input(A, [history(alice, [{ says: checked }])], enforce),
    { kind: 'untrusted', refused: 'equivalent' },
  ],
  [
    'a rule that asks for nobody is satisfied by nobody',
    input(A, [history(mallory, [{ says: A }])], rules({ threshold: 0 })),
    { kind: 'untrusted', accepted: 0, needed: 1 },
  ],

  // unsigned
  ['nothing at all', input(A, []), { kind: 'unsigned', knownAs: [], otherPlatforms: [], vouchedDiffers: [] }],
  [
    'nothing at all, and nobody looked into the image',
    input(A, [], { ...noRule, image: { unread: true } }),
    { kind: 'unsigned' },
  ],
  [
    'a stranger said what was not compared with the contract, where a rule covers',
    input(A, [history(mallory, [{ says: A }])], view(complete, { isChecked: (each) => each !== mallory })),
    { kind: 'unsigned' },
  ],
  [
    'strangers wrote too much, or are still read, where a rule covers',
    input(A, [], view(complete, { strangers: 'full' })),
    { kind: 'unsigned' },
  ],
  [
    'a stranger says other content',
    input(A, [history(mallory, [{ says: B }])], noRule),
    { kind: 'unsigned', coverage: 'none' },
  ],
  ['a stranger took its word back', input(A, [history(mallory, [{ says: A }, { revokes: 0 }])]), { kind: 'unsigned' }],
  [
    'the publisher took back the only thing it said, which was something else',
    input(B, [history(alice, [{ says: A }, { revokes: 0 }])]),
    { kind: 'unsigned' },
  ],
  [
    'known under other names, those of accepted publishers first',
    input(A, [], {
      ...rules({ publishers: [bob] }),
      knownAs: [
        { ...elsewhere('docker.io/acme/a'), publisher: mallory },
        elsewhere('docker.io/acme/b'),
        { ...elsewhere('docker.io/acme/void'), signer: thief },
        { ...elsewhere('docker.io/acme/new'), block: notFinal },
        { ...elsewhere('docker.io/acme/x'), repository, tag },
      ],
      ...thiefVoidFrom(1),
    }),
    {
      kind: 'unsigned',
      knownAs: [
        { ...citationOf(bob), repository: 'docker.io/acme/b', tag: '9' },
        { ...citationOf(bob), publisher: mallory, repository: 'docker.io/acme/a', tag: '9' },
      ],
    },
  ],
  [
    'other platforms are signed',
    input(A, [history(alice, [{ says: armA }])]),
    { kind: 'unsigned', otherPlatforms: [arm64] },
  ],
  [
    'the publisher dropped the platform from the release',
    input(A, [history(alice, [{ says: [A, armA] }, { says: armA }])]),
    { kind: 'unsigned', otherPlatforms: [arm64] },
  ],
  [
    'another release for other platforms was revoked',
    input(A, [history(alice, [{ says: armA }, { says: armB }, { revokes: 0 }])]),
    { kind: 'unsigned', otherPlatforms: [arm64] },
  ],
  [
    'other platforms are signed by whomever, where no rule covers',
    input(A, [history(mallory, [{ says: armA }])], noRule),
    { kind: 'unsigned', otherPlatforms: [arm64] },
  ],
  [
    'other content was vouched for',
    input(A, [history(alice, [{ says: B, kind: 'vouch' }])], vouching),
    { kind: 'unsigned', vouchedDiffers: [{ ...citationOf(alice), kind: 'vouch' }] },
  ],
  [
    'a history of another name is none of this one',
    input(A, [history(alice, [{ says: A }], { repository, tag: '2.0' })]),
    { kind: 'unsigned' },
  ],

  // unknown
  ...[input(A, [history(alice, [{ says: A }])]), input(B, [history(alice, [{ says: A }])]), input(A, [], noRule)].map(
    (given, place): Row => [
      `something final is gone from the chain, whatever it says now (${place})`,
      { ...given, ...view({ state: 'incomplete', missing: 'historyContradicted', head }) },
      { kind: 'unknown', missing: 'historyContradicted' },
    ],
  ),
  [
    'the chain is not the one by which its network was shared, whatever it says',
    { ...input(A, [history(alice, [{ says: A }])]), ...view({ state: 'incomplete', missing: 'otherChain', head }) },
    { kind: 'unknown', missing: 'otherChain' },
  ],
  [
    'something final is gone from the chain, and nobody knows the image',
    input(A, [], { ...view({ state: 'incomplete', missing: 'historyContradicted' }), image: { missing: 'engine' } }),
    { kind: 'unknown', missing: 'historyContradicted' },
  ],
  [
    'nobody looked into an image that may have been taken back everywhere',
    input(A, [], { image: { unread: true } }),
    { kind: 'unknown', missing: 'configBytes' },
  ],
  [
    'strangers are still read, where no rule covers',
    input(A, [], { ...noRule, ...view(complete, { strangers: 'reading' }) }),
    { kind: 'unknown', missing: 'stillReading' },
  ],
  [
    'strangers wrote more than is read, where no rule covers',
    input(A, [history(mallory, [{ says: B }])], { ...noRule, ...view(complete, { strangers: 'full' }) }),
    { kind: 'unknown', missing: 'strangersLeftOut' },
  ],
  ...(['engine', 'image', 'malformedImage', 'registry', 'variable'] as const).map((missing): Row => [
    `the answer of ${missing} is missing`,
    input(A, [history(alice, [{ says: A }])], { image: { missing, detail: 'why' } }),
    { kind: 'unknown', missing, detail: 'why' },
  ]),
  [
    'the chain was never read',
    input(A, [history(alice, [{ says: A }])], view({ state: 'incomplete', missing: 'ledger' })),
    { kind: 'unknown', missing: 'ledger' },
  ],
  [
    'a match in an incomplete view',
    input(A, [history(alice, [{ says: A }])], view(incomplete)),
    { kind: 'unknown', missing: 'ledgerIncomplete' },
  ],
  [
    'nothing in an incomplete view',
    input(A, [], view({ ...incomplete, missing: 'ledger', detail: 'no answer' })),
    { kind: 'unknown', missing: 'ledger', detail: 'no answer' },
  ],
  [
    'an accepted publisher was not compared with the contract, though others are enough',
    input(A, [history(alice, [{ says: A }])], {
      ...rules({ publishers: [alice, bob] }),
      ...view(complete, { isChecked: (publisher) => publisher !== bob }),
    }),
    { kind: 'unknown', missing: 'ledgerIncomplete' },
  ],
  [
    'the slot of a signer was not read',
    input(A, [history(alice, [{ says: A }])], { slotOf: () => undefined }),
    { kind: 'unknown', missing: 'ledgerIncomplete' },
  ],
  [
    'a stranger said something that was not compared with the contract',
    input(A, [history(mallory, [{ says: A }])], { ...noRule, ...view(complete, { isChecked: () => false }) }),
    { kind: 'unknown', missing: 'ledgerIncomplete' },
  ],
  [
    'nobody looked into the image, and something was stated',
    input(A, [history(alice, [{ says: A }])], { image: { unread: true } }),
    { kind: 'unknown', missing: 'configBytes' },
  ],
  [
    'nobody looked into the image, and a stranger stated something',
    input(A, [history(mallory, [{ says: A }])], { image: { unread: true } }),
    { kind: 'unknown', missing: 'configBytes' },
  ],
  [
    'what the engine prints does not tell whether the bytes are well formed',
    input(inspected(A), [history(alice, [{ says: A }])]),
    { kind: 'unknown', missing: 'configBytes' },
  ],
  [
    'nor before the statement is final',
    input(inspected(A), [history(alice, [{ says: A, block: notFinal }])]),
    { kind: 'unknown', missing: 'configBytes' },
  ],
  [
    'nor after its validity',
    input(inspected(A), [history(alice, [{ says: A, validUntil: now - 1 }])]),
    { kind: 'unknown', missing: 'configBytes' },
  ],
  [
    'nothing red rests on what the engine prints: other content',
    input(inspected(B), [history(alice, [{ says: A }])]),
    { kind: 'unknown', missing: 'configBytes' },
  ],
  [
    'nothing red rests on what the engine prints: revoked content',
    input(inspected(A), [history(alice, [{ says: A }, { revokes: 0 }])]),
    { kind: 'unknown', missing: 'configBytes' },
  ],
  [
    'what the engine prints may lack what the engine leaves out',
    input(inspected(A), [history(alice, [{ says: checked }])]),
    { kind: 'unknown', missing: 'configBytes' },
  ],
  [
    'what the engine prints is read again before it is asked what was lost',
    input(inspected(A), [history(alice, [{ says: silent }])]),
    { kind: 'unknown', missing: 'configBytes' },
  ],
  [
    'what the engine prints does not prove that a revoked content is another',
    input(inspected(B), [history(alice, [{ says: A }, { revokes: 0 }])]),
    { kind: 'unknown', missing: 'configBytes' },
  ],
  [
    'what the engine prints does not prove that a vouch is for other content',
    input(inspected(B), [history(alice, [{ says: A, kind: 'vouch' }])], vouching),
    { kind: 'unknown', missing: 'configBytes' },
  ],
  [
    'what strangers say makes nobody read the image',
    input(inspected(B), [history(mallory, [{ says: A }])]),
    { kind: 'unsigned' },
  ],
  [
    'something was lost, and the statement does not say what there was',
    input(A, [history(alice, [{ says: silent }])]),
    { kind: 'unknown', missing: 'signedContent' },
  ],
  [
    'contents that are known judge nothing',
    input(A, [history(alice, [{ says: silent }])], { contentOf: () => checked }),
    { kind: 'unknown', missing: 'signedContent' },
  ],
  [
    'the current release may be this one converted, though an older one is this for sure',
    input(A, [history(alice, [{ says: A }, { says: silent }])]),
    { kind: 'unknown', missing: 'signedContent' },
  ],
  [
    'the only statement that may be of it was taken back',
    input(A, [history(alice, [{ says: silent }, { revokes: 0 }])]),
    { kind: 'unknown', missing: 'signedContent' },
  ],
  [
    'the newest statement is of a form that cannot be read',
    input(A, [history(alice, [{ says: A }, { kind: 'publish' }])]),
    { kind: 'unknown', missing: 'unreadableEntry' },
  ],
  [
    'a revocation that cannot be read could be of this content',
    input(A, [history(alice, [{ says: A }, { kind: 'revoke', block: head.number }])]),
    { kind: 'unknown', missing: 'unreadableEntry' },
  ],
  [
    'a readable statement after it settles the matter',
    input(A, [history(alice, [{ kind: 'publish' }, { kind: 'revoke' }, { says: A }])]),
    { kind: 'verified' },
  ],
  [
    'what is only carried on settles no revocation that cannot be read',
    input(A, [history(alice, [{ says: A }, { kind: 'revoke' }, { says: { leaves: [carried(A), leaf(armA)] } }])]),
    { kind: 'unknown', missing: 'unreadableEntry' },
  ],
  [
    'nor does it hide what is said against the image',
    input(B, [history(alice, [{ says: A }, { kind: 'revoke' }, { says: { leaves: [carried(A), leaf(armA)] } }])]),
    { kind: 'mismatch' },
  ],
  [
    'an unreadable statement counts when it is final',
    input(A, [history(alice, [{ says: A }, { kind: 'publish', block: notFinal }])]),
    { kind: 'verified' },
  ],
  [
    'an unreadable statement by a void signer is skipped',
    input(A, [history(alice, [{ says: A }, { kind: 'publish', signer: thief }])], thiefVoidFrom(1)),
    { kind: 'verified' },
  ],
  [
    'an unreadable statement of a stranger is nothing to anybody',
    input(A, [history(mallory, [{ kind: 'publish' }])]),
    { kind: 'unsigned' },
  ],

  // from a registry
  [
    'a registry serves the manifest that was signed',
    input(served(A), [history(alice, [{ says: completed }])]),
    { kind: 'verified', match: 'exact' },
  ],
  [
    'a registry serves an image of the index that was signed',
    input(served(armA, { indexDigest: index }), [
      history(alice, [{ says: { leaves: [leaf(A)], indexDigest: index } }]),
    ]),
    { kind: 'verified', match: 'exact' },
  ],
  [
    'a registry serves the config of what was signed, and layers that nobody has seen',
    input(served(A), [history(alice, [{ says: A }])]),
    { kind: 'unknown', missing: 'layers' },
  ],
  [
    'the containerd store has the config of what was signed under a manifest that was not',
    input(identity(A, { manifestDigest: manifest }), [history(alice, [{ says: A }])]),
    { kind: 'unknown', missing: 'layers' },
  ],
  [
    'a deeper check has compared the layers of that image',
    input(identity(A, { manifestDigest: manifest }), [history(alice, [{ says: A }])], {
      deepCheck: { depth: 'layers', paths: [] },
    }),
    { kind: 'verified', match: 'content' },
  ],
  [
    'a registry serves the signed config below another manifest',
    input(served(A), [history(alice, [{ says: { leaves: [leaf(A, { manifestDigest: index })] } }])]),
    { kind: 'unknown', missing: 'layers' },
  ],
  [
    'a registry serves an image of another index than was signed',
    input(served(A, { indexDigest: manifest }), [
      history(alice, [{ says: { leaves: [leaf(A)], indexDigest: index } }]),
    ]),
    { kind: 'unknown', missing: 'layers' },
  ],
  [
    'a registry serves the signed content as a conversion left it',
    input(served(A), [history(alice, [{ says: checked }])]),
    { kind: 'unknown', missing: 'layers' },
  ],
  [
    'a registry serves the signed manifest, which is not final',
    input(served(A), [history(alice, [{ says: completed, block: notFinal }])]),
    { kind: 'pending' },
  ],
  [
    'a registry serves the config of what is not final',
    input(served(A), [history(alice, [{ says: A, block: notFinal }])]),
    { kind: 'unknown', missing: 'layers' },
  ],
  [
    'one key has signed the manifest that a registry serves for both publishers that a rule asks for',
    input(
      served(A),
      [
        history(organization, [
          { says: A, signer: wallet(2) },
          { says: { leaves: [carried(A, { manifestDigest: manifest })] }, signer: wallet(1) },
        ]),
        history(alice, [{ says: completed }]),
      ],
      rules({ publishers: [organization, alice], threshold: 2 }),
    ),
    { kind: 'unknown', missing: 'layers' },
  ],
  [
    'only one of two publishers that a rule asks for has signed the manifest that a registry serves',
    input(
      served(A),
      [history(alice, [{ says: completed }]), history(bob, [{ says: A }])],
      rules({ publishers: [alice, bob], threshold: 2 }),
    ),
    { kind: 'unknown', missing: 'layers' },
  ],
  [
    'a registry serves the config of what is valid no longer',
    input(served(A), [history(alice, [{ says: A, validUntil: now - 1 }])]),
    { kind: 'stale' },
  ],
  [
    'a registry serves the config of an older release',
    input(served(A), [history(alice, [{ says: A }, { says: B }])]),
    { kind: 'superseded' },
  ],
  [
    'a registry serves the config of a revoked release',
    input(served(A), [history(alice, [{ says: A }, { revokes: 0 }])]),
    { kind: 'revoked' },
  ],
  [
    'a registry serves what only a stranger has signed',
    input(served(A), [history(mallory, [{ says: completed }])]),
    { kind: 'untrusted' },
  ],
  [
    'a registry serves other content under the tag',
    input(served(B), [history(alice, [{ says: A }])]),
    { kind: 'mismatch', cause: 'content' },
  ],
  [
    'a registry serves other content below the signed manifest’s digest',
    input(served(B), [history(alice, [{ says: completed }])]),
    { kind: 'mismatch', cause: 'content' },
  ],
  [
    'a registry serves the signed image of another platform than was asked for',
    input(served(armA), [history(alice, [{ says: { leaves: [leaf(armA, { manifestDigest: manifest })] } }])], {
      platform: amd64,
    }),
    { kind: 'unsigned', otherPlatforms: [arm64] },
  ],
  [
    'a registry serves a stranger’s image of another platform than was asked for',
    input(served(armA), [history(mallory, [{ says: armA }])], { platform: amd64 }),
    { kind: 'untrusted' },
  ],
  [
    'a registry serves a signed variant of the platform that was asked for',
    input(served(A), [history(alice, [{ says: completed }])], { platform: { ...amd64, variant: 'v3' } }),
    { kind: 'verified' },
  ],
  [
    'a registry serves a signed manifest in an incomplete view',
    input(served(A), [history(alice, [{ says: completed }])], view(incomplete)),
    { kind: 'unknown', missing: 'ledgerIncomplete' },
  ],
];

function citationOf(publisher: Attestation['publisher']): Record<string, unknown> {
  const { signer, position, block, time, transaction } = onlyEntry(history(publisher, [{ says: A }]));
  return { publisher, signer, kind: 'publish', repository, tag, position, block, time, transaction };
}

function ledgerOf(chain: number): string {
  return `${chain}:0x${'11'.repeat(32)}:0x${'22'.repeat(20)}`;
}

/** Every way in which a verdict of the closed union can come out. A new one does not compile until it has a name here. */
function branchOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'revoked':
      return `revoked ${verdict.by}`;
    case 'mismatch':
    case 'stale':
      return `${verdict.kind} ${verdict.cause}`;
    case 'verified':
      return `verified ${verdict.match}`;
    case 'untrusted':
      return `untrusted ${verdict.refused ?? 'yet'}`;
    case 'unknown':
      return `unknown ${verdict.missing}`;
    case 'tampered':
    case 'superseded':
    case 'pending':
    case 'unsigned':
      return verdict.kind;
  }
}

const branches: Readonly<Record<Verdict['kind'], readonly string[]>> = {
  tampered: [''],
  revoked: ['revocation', 'everywhere', 'signer'],
  superseded: [''],
  mismatch: ['content', 'rebuilt'],
  pending: [''],
  stale: ['validity', 'view'],
  verified: ['exact', 'content', 'equivalent'],
  untrusted: ['yet', 'reported', 'development', 'depthOnly', 'equivalent', 'noCheckpoint'],
  unsigned: [''],
  unknown: [
    ...['engine', 'image', 'malformedImage', 'registry', 'variable', 'ledger', 'ledgerIncomplete'],
    ...['configBytes', 'layers', 'signedContent', 'unreadableEntry'],
    ...['historyContradicted', 'otherChain', 'stillReading', 'strangersLeftOut'],
  ],
};

describe('judge', () => {
  for (const kind of verdictKinds) {
    describe(kind, () => {
      for (const [title, given, expected] of table.filter((row) => row[2].kind === kind)) {
        it(title, () => {
          const verdict: Record<string, unknown> = { ...judge(given) };
          const found = Object.fromEntries(Object.keys(expected).map((key) => [key, verdict[key]]));
          assert.deepEqual(found, expected, JSON.stringify(verdict));
        });
      }
    });
  }

  it('gives every verdict in every way', () => {
    const reached = new Set(table.map(([, given]) => branchOf(judge(given))));
    const all = verdictKinds.flatMap((kind) => branches[kind].map((branch) => `${kind} ${branch}`.trim()));
    assert.deepEqual([...reached].sort(), all.sort());
  });

  it('says at which block it looked', () => {
    assert.deepEqual(judge(input(A, [])).asOf, { block: head.number, time: head.time });
    assert.equal(judge(input(A, [], view({ state: 'incomplete', missing: 'ledger' }))).asOf, undefined);
  });

  it('cites no more strangers than a person can read', () => {
    const strangers = Array.from({ length: 40 }, (_, n) =>
      history(`0x${String(100 + n).padStart(64, '0')}`, [{ says: A }]),
    );
    const verdict = judge(input(A, strangers));
    assert.ok(verdict.kind === 'untrusted');
    assert.equal(verdict.by.length, 10);
  });

  it('raises no alarm over a rebuild', () => {
    const signedA = [history(alice, [{ says: A }])];
    assert.equal(isAlarm(judge(input(B, signedA))), true);
    assert.equal(isAlarm(judge(input(B, signedA, { ...local(), ownPublishers: [alice] }))), false);
    assert.equal(isAlarm(judge(input(A, [history(alice, [{ says: A }, { revokes: 0 }])]))), true);
    assert.equal(isAlarm(judge(input(A, signedA))), false);
  });
});
