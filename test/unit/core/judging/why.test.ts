import assert from 'node:assert/strict';
import { publisherWallet } from '../../../../src/core/hex';
import type { PublisherId } from '../../../../src/core/ledger/types';
import type { Localizer } from '../../../../src/words/localizer';
import { judge } from '../../../../src/core/judging/judge';
import { markdownOf, plainTextOf, type SectionedText } from '../../../../src/words/sectionedText';
import { suppositionsOf } from '../../../../src/core/judging/suppositions';
import { verdictKinds, type VerdictKind } from '../../../../src/core/judging/verdict';
import { displayText } from '../../../../src/core/displayText';
import { whyOf, type Asked, type Unasked, type Why } from '../../../../src/core/judging/why';
import { changedVerdictText, whyText } from '../../../../src/words/whyText';
import { chinese, english } from '../../words/localizers';
import {
  alice,
  arm64,
  bob,
  complete,
  content,
  head,
  history,
  identity,
  input,
  inspected,
  leaf,
  ledger,
  mallory,
  needed,
  now,
  openSlot,
  repository,
  rule,
  tag,
  viewOf,
  wallet,
  type EntrySpec,
} from './world';
import type { JudgedSides } from '../../../../src/core/judging/imageAnswer';
import type { JudgeInput } from '../../../../src/core/judging/judgeInput';

const [A, B] = [content('a'), content('b')];
const checked = content('a', { docker: { Healthcheck: { Test: ['CMD', 'true'] } } });
const acme: PublisherId = `0x${'ac'.repeat(32)}`;
const nothingAsked: Asked = { engine: 'found', registry: { unasked: 'engineOnly' }, names: 1 };
const last = head.number - needed + 1;

function why(given: JudgeInput, asked: Asked = nothingAsked): Why {
  const tried = suppositionsOf(given).map(({ supposed, suppose }) => ({ supposed, then: judge(suppose(given)) }));
  return whyOf({ input: given, verdict: judge(given), asked, tried });
}

/** Of an image that the engine has. */
function judgedAs(given: JudgeInput, named: string): JudgedSides & { readonly text: string } {
  const verdict = judge(given);
  return { text: named, verdict, local: { verdict } };
}

function text(given: JudgeInput, l10n: Localizer = english, asked?: Asked): string {
  return plainTextOf(
    whyText(why(given, asked), judgedAs(given, 'app:1.0'), { names: new Map([[acme, 'Acme']]), l10n }),
  );
}

function changes(given: JudgeInput): readonly string[] {
  const { changes: told } = why(given);
  return told.map((change) => changedVerdictText(change, { names: new Map(), l10n: english }));
}

function said(...specs: readonly EntrySpec[]): JudgeInput {
  return input(A, [history(alice, specs)]);
}

function voided(publisher: PublisherId, from: number): JudgeInput['slotOf'] {
  return (of) => ({ ...openSlot, voidFrom: of === publisher ? from : 0 });
}

const reported = viewOf(complete, { assurance: 'reported' });
const enforced = [{ origin: 'user' as const, rules: [rule({ level: 'enforce' })] }];
const unread = viewOf({ state: 'incomplete', missing: 'ledger' });
const partly = viewOf({ state: 'incomplete', missing: 'ledgerIncomplete', head }, { isChecked: () => false });

/** At least one for each kind, and for each way to come to it that has words of its own. */
const stories: readonly (readonly [kind: VerdictKind, given: JudgeInput])[] = [
  ['tampered', { ...said({ says: A }), deepCheck: { depth: 'layers', paths: ['/bin/sh'] } }],
  ['revoked', said({ says: A }, { revokes: 0, reason: 'compromised', note: 'CVE' })],
  ['revoked', { ...said({ says: A }), slotOf: voided(alice, 1) }],
  ['superseded', said({ says: A }, { says: B })],
  ['mismatch', said({ says: B })],
  ['mismatch', said({ says: B }, { says: A, block: last + 1 })],
  ['pending', said({ says: A, block: head.number })],
  ['stale', said({ says: A, validUntil: now - 1 })],
  ['stale', { ...said({ says: A }), rules: [{ origin: 'user', rules: [rule({ maximumViewAgeSeconds: 5 })] }] }],
  ['verified', said({ says: A })],
  ['verified', said({ says: B }, { revokes: 0 }, { says: A, validUntil: now + 3600 }, { kind: 'vouch' })],
  ['verified', input(A, [history(alice, [{ says: checked }])])],
  ['untrusted', input(A, [history(mallory, [{ says: A }])])],
  ['untrusted', { ...input(A, [history(mallory, [{ says: A, kind: 'vouch' }])]), rules: [] }],
  ['untrusted', { ...said({ says: A }), view: reported }],
  [
    'untrusted',
    { ...said({ says: A }), rules: [{ origin: 'user', rules: [rule({ publishers: [alice, bob], threshold: 2 })] }] },
  ],
  ['untrusted', { ...said({ says: A }), rules: enforced, view: viewOf(complete, { ledgerKind: 'development' }) }],
  [
    'untrusted',
    {
      ...said({ says: A }),
      rules: [
        { origin: 'user', rules: [rule()] },
        { origin: 'policy', folder: '/shop', rules: [rule({ publishers: [bob], accept: 'vouch' })] },
        { origin: 'policy', rules: [rule({ repositories: 'docker.io/**' }), rule({ level: 'enforce' })] },
      ],
    },
  ],
  ['unsigned', input(A, [])],
  [
    'unsigned',
    {
      ...input(A, []),
      image: { unread: true },
      rules: [rule({ ledger: ledger.replace('7:', '8:') })].map((each) => ({ origin: 'user', rules: [each] })),
    },
  ],
  ['unsigned', input(A, [history(alice, [{ says: content('arm', { platform: arm64 }) }])])],
  ['unknown', { ...said({ says: A }), image: { missing: 'engine' } }],
  ['unknown', { ...said({ says: A }), view: unread }],
  ['unknown', { ...said({ says: A }), view: partly }],
  ['unknown', { ...input(A, []), view: partly }],
  ['unknown', said({ says: A }, { kind: 'publish' })],
  ['unknown', input(inspected(B), [history(alice, [{ says: A }])])],
  [
    'unknown',
    input(identity(A, { source: 'registry', manifestDigest: `sha256:${'5'.repeat(64)}` }), [
      history(alice, [{ says: A }]),
    ]),
  ],
];

const unasked: readonly Unasked[] = [
  'engineOnly',
  'ledgerUnread',
  'cannotMatter',
  'digestHere',
  'noPlatform',
  'noName',
];
const answers: readonly Asked[] = [
  ...unasked.map((each): Asked => ({ engine: 'absent', registry: { unasked: each }, names: 1 })),
  ...(['found', 'malformed', 'silent', 'notAsked'] as const).map((engine): Asked => ({
    engine,
    registry: { failure: 'registryUnavailable' },
    names: 3,
  })),
  { engine: 'found', registry: { malformed: 'why' }, names: 1 },
];

describe('why', () => {
  it('has its stories of every kind', () => {
    for (const [kind, given] of stories) assert.equal(judge(given).kind, kind, JSON.stringify(given.histories));
    assert.deepEqual(new Set(stories.map(([kind]) => kind)), new Set(verdictKinds));
  });

  it('has five sections for every verdict, with words and without holes, in both languages', () => {
    for (const [kind, given] of stories) {
      for (const asked of answers) {
        for (const l10n of [english, chinese]) {
          const shown = text(given, l10n, asked);
          assert.equal(shown.split('\n\n').length, 6, shown);
          assert.doesNotMatch(shown, /undefined|\[object|\{\d|NaN|\.\.\s/, `${kind}: ${shown}`);
          assert.doesNotMatch(shown, /[ ]$|\n{3}/m, shown);
        }
      }
    }
  });

  it('says nothing in English where Chinese is read', () => {
    for (const [, given] of stories) {
      for (const asked of answers) {
        for (const line of text(given, chinese, asked).split('\n')) {
          if (/^\s*linux\/\w+$/.test(line) || line === '') continue;
          assert.match(line, /\p{Script=Han}/u, line);
        }
      }
    }
  });

  it('shows the rule that decides, in clear and with whole ids, how far it is met, and those that do not decide', () => {
    const rules = [
      rule({ publishers: [acme, alice], threshold: 2, level: 'enforce' }),
      rule({ repositories: 'docker.io/acme/*', publishers: [bob] }),
      rule({ ledger: ledger.replace('7:', '8:') }),
    ];
    const shown = text({ ...said({ says: A }), rules: [{ origin: 'user', rules }] });
    for (const sentence of [
      'Your own rules: not satisfied.',
      `For ${repository}, published by at least 2 of those below. The rule enforces.`,
      `Acme (${acme}): states nothing under this name.`,
      `${publisherWallet(alice) ?? ''}: states this content.`,
      '1 of 2 count for this image.',
      'Matches too and is less specific: the rule for docker.io/acme/*.',
      `Applies to another ledger only: the rule for ${repository}.`,
    ])
      assert.ok(shown.includes(sentence), `${sentence} is not in ${shown}`);
  });

  it('names the source of each rule, and says that each source has to be satisfied', () => {
    const [, given] = stories.find(([, { rules }]) => rules.length === 3) ?? assert.fail();
    const shown = text(given);
    assert.match(shown, /Your own rules: satisfied\./);
    assert.match(shown, /The policy file that you accepted for \/shop: not satisfied\./);
    assert.match(shown, /The policy file that you named: satisfied\./);
    assert.match(shown, /All of them must be satisfied\./);
    assert.match(shown, /vouched for by at least 1 of those below\. The rule warns\./);
  });

  it('says where no rule covers that nobody can make it green, and that an id comes from its publisher', () => {
    const shown = text({ ...input(A, [history(mallory, [{ says: A }])]), rules: [] });
    assert.match(shown, /No rule covers docker\.io\/acme\/app here, so this image cannot become verified\./);
    assert.match(shown, /Get its ID from the publisher itself, never from what is shown here\./);
  });

  it('folds the history: what each entry says of the image, whether it counts, and what takes it back', () => {
    const shown = text({
      ...input(A, [
        history(alice, [
          { says: B, signer: wallet(2), block: 90 },
          { says: A, block: 91, validUntil: now + 3600 },
          { revokes: 1, reason: 'vulnerable', note: 'CVE-1', block: 92 },
          { says: A, block: head.number },
          { says: checked, kind: 'vouch', block: head.number },
        ]),
        history(mallory, [{ says: [A, content('arm', { platform: arm64 })] }]),
      ]),
      slotOf: (_, signer) => ({ ...openSlot, voidFrom: signer === wallet(2) ? 90 : 0 }),
    });
    const entry = (position: number): string =>
      new RegExp(` {4}#${position} [^]*?(?=\\n {4}\\S|\\n\\n)`).exec(shown)?.[0] ?? assert.fail(shown);
    assert.match(
      entry(0),
      /#0 Published[^]*States other content\.[^]*Has no effect: its signer has been revoked since block 90\./,
    );
    assert.match(entry(1), /States exactly this image\.\n +Revoked by #2\.\n +Final: 10 confirmations\./);
    assert.match(entry(1), /block 91, 2027-01-15 07:58:30 UTC\n[^]*valid until 2027-01-15 09:00:10 UTC/);
    assert.match(entry(2), /#2 Revoked\n +Revokes #1: vulnerable\.\n +note: CVE-1/);
    assert.match(entry(3), /States exactly this image\.\n +Not final yet: 1 of 3 confirmations\./);
    assert.match(entry(4), /#4 Vouched for\n +States this content before a conversion\. Lost: Healthcheck\./);
    assert.ok(shown.indexOf('whom a rule names') < shown.indexOf('whom no rule names'));
    assert.match(shown, /These are all the entries, in this order: their hash is the one in the contract\./);
    assert.doesNotMatch(shown, /Not compared with the contract/);
  });

  it('does not say that a history is whole where nobody has compared it', () => {
    const notChecked = viewOf(complete, { isChecked: (publisher) => publisher !== mallory });
    const histories = [history(alice, [{ says: A }]), history(mallory, [{ says: A }])];
    const shown = text({ ...input(A, histories), view: notChecked });
    assert.equal(shown.match(/These are all the entries/g)?.length, 1);
    assert.equal(shown.match(/Not compared with the contract: entries may be missing\./g)?.length, 1);
    const slotless = text({ ...input(A, histories), slotOf: () => undefined });
    assert.doesNotMatch(slotless, /These are all the entries/);
  });

  it('never says that something was compared which nobody has looked into', () => {
    const [, missing] = stories.find(([, { image }]) => 'missing' in image) ?? assert.fail();
    const [, unreadImage] = stories.find(([, { image }]) => 'unread' in image) ?? assert.fail();
    for (const given of [missing, unreadImage]) {
      const shown = text(given);
      assert.match(shown, /The image itself was not examined\./);
      assert.doesNotMatch(shown, /compared\./);
    }
    assert.doesNotMatch(text(input(A, [])), /Its content was compared with what was signed/);
    assert.match(
      text(said({ says: A })),
      /Its content was compared with what was signed\.[^]*Not compared: the bytes of the layers/,
    );
  });

  it('says of an image that is not here, and of which no registry was asked, that nobody has looked at it', () => {
    const given = input(A, []);
    const asked: Asked = { engine: 'absent', registry: { unasked: 'cannotMatter' }, names: 1 };
    const shown = plainTextOf(
      whyText(why(given, asked), { text: 'app:1.0', verdict: judge(given) }, { names: new Map(), l10n: english }),
    );
    assert.match(shown, /^app:1\.0: Not looked at\n/);
    assert.match(shown, /Not looked at\. The image is not here\. Nobody has signed anything under its name\./);
    assert.match(shown, /Pull or build the image\./);
    assert.doesNotMatch(shown, /Sign it if you made it/);
  });

  it('advises of an image without a name only what can be done about it', () => {
    const given = input(A, []);
    const id = `sha256:${'ab'.repeat(32)}`;
    const shown = plainTextOf(whyText(why(given), judgedAs(given, id), { names: new Map(), l10n: english }));
    assert.match(shown, /Give it a name with "docker tag"/);
    assert.doesNotMatch(shown, /Sign it if you made it/);
  });

  it('says whose word it is, of which block, and how old', () => {
    assert.match(text(said({ says: A })), /Checked by your own node at block 100[^]*That block is 10 s old\./);
    const seen = { ...said({ says: A }), view: reported };
    const shown = whyText(why(seen), judgedAs(seen, 'app'), {
      ...{ names: new Map<PublisherId, string>(), l10n: english },
      reportedBy: 'node.example.com',
    });
    assert.match(plainTextOf(shown), /Only reported by an endpoint[^]*As reported by node\.example\.com\./);
    assert.match(text({ ...said({ says: A }), view: unread }), /The ledger was not read\./);
    assert.doesNotMatch(text({ ...input(A, []), view: partly }), /The ledger holds nothing/);
  });

  it('caps strangers and entries, and says how many are not shown', () => {
    const crowd = Array.from({ length: 30 }, (_, n) =>
      history(
        `0x${(n + 16).toString(16).repeat(32)}`,
        Array.from({ length: 30 }, () => ({ says: B })),
      ),
    );
    const told = why({
      ...input(A, [
        ...crowd,
        history(
          alice,
          Array.from({ length: 50 }, () => ({ says: A })),
        ),
      ]),
    });
    assert.equal(told.omittedStrangers, 25);
    assert.deepEqual(
      told.histories.map(({ entries, omitted }) => [entries.length, omitted]),
      [[40, 10], ...Array.from({ length: 5 }, () => [5, 25])],
    );
    assert.ok(suppositionsOf(input(A, crowd)).length < 40);
  });
});

describe('what would change it', () => {
  const [short] = [`${(publisherWallet(alice) ?? '').slice(0, 8)}…${(publisherWallet(alice) ?? '').slice(-6)}`];
  const whole = publisherWallet(mallory) ?? '';
  const cases: readonly (readonly [given: JudgeInput, told: string])[] = [
    [input(A, [history(mallory, [{ says: A }])]), `If your rule for ${repository} named ${whole} too: Verified.`],
    [
      { ...input(A, [history(mallory, [{ says: A }])]), rules: [] },
      `If a rule of yours for ${repository} accepted what ${whole} publishes: Verified.`,
    ],
    [
      input(A, [history(mallory, [{ says: A, kind: 'vouch' }])]),
      `If a rule of yours for ${repository} accepted what ${whole} vouches for: Verified.`,
    ],
    [input(A, [history(mallory, [{ says: B }])]), `If your rule for ${repository} named ${whole} too: Mismatch.`],
    [said({ says: A, block: head.number }), 'After 2 more blocks, if nothing else is entered: Verified.'],
    [said({ says: A, block: last + 1 }), 'After one more block, if nothing else is entered: Verified.'],
    [
      said({ says: A }, { says: B, block: head.number }),
      'After 2 more blocks, if nothing else is entered: Superseded.',
    ],
    [said({ says: B }), `If ${short} published this content: Verified.`],
    [input(A, []), `If ${short} published this content: Verified.`],
    [said({ says: A }, { revokes: 0 }), `If ${short} published this content: Verified.`],
    [said({ says: A }), `If ${short} revoked its statement #0: Revoked.`],
    [said({ says: A }), `If ${short} revoked its signer ${wallet(1)} since block 10: Revoked.`],
    [said({ says: B, signer: wallet(2) }), `If ${short} revoked its signer ${wallet(2)} since block 10: Unsigned.`],
    [said({ says: A }, { says: B, signer: wallet(2) }), `If ${short} revoked its statement #1: Verified.`],
    [said({ says: A }), `Without your rule for ${repository}: Untrusted publisher.`],
    [
      { ...said({ says: A }), rules: enforced, view: viewOf(complete, { ledgerKind: 'development' }) },
      'If the rules only warned: Verified (development).',
    ],
    [{ ...said({ says: A }), view: reported }, 'If your own node had executed the blocks and said the same: Verified.'],
    [{ ...said({ says: A }), view: partly }, 'If the rest of the ledger were read and held nothing more: Verified.'],
    [said({ says: A, validUntil: now + 86_400 * 3 }), 'After 2027-01-18, if nothing is read until then: Stale.'],
    [
      { ...said({ says: A }), rules: [{ origin: 'user', rules: [rule({ maximumViewAgeSeconds: 5 })] }] },
      'If the chain were read up to now and held nothing more: Verified.',
    ],
    [
      input(identity(A, { source: 'registry', manifestDigest: `sha256:${'5'.repeat(64)}` }), [
        history(alice, [{ says: A }]),
      ]),
      'If the layers were compared, as after a pull, and matched the configuration: Verified.',
    ],
  ];
  for (const [given, told] of cases) {
    it(told, () => {
      assert.ok(changes(given).includes(told), changes(given).join('\n'));
    });
  }

  it('counts several publishers together where a rule lacks several', () => {
    const rules = [{ origin: 'user' as const, rules: [rule({ publishers: [alice, bob, acme], threshold: 2 })] }];
    const told = changes({ ...input(A, []), rules });
    assert.ok(
      told.some((each) => /^If 0x010101…010101, 0x020202…020202 published this content: Verified\.$/.test(each)),
    );
  });

  it('is nothing where a part is missing, and that is said', () => {
    const [, missing] = stories.find(([, { image }]) => 'missing' in image) ?? assert.fail();
    assert.match(text(missing), /What is missing is needed before anything else can change the verdict\./);
    const [, tampered] = stories.find(([kind]) => kind === 'tampered') ?? assert.fail();
    assert.match(text(tampered), /No single change that was tried makes a difference\./);
  });

  it('says beside every stranger where an id has to come from', () => {
    const id = 'Get its ID from the publisher itself, never from what is shown here.';
    assert.ok(text(input(A, [history(mallory, [{ says: A }])])).endsWith(id));
    assert.ok(!text(said({ says: A })).includes(id));
  });
});

describe('what strangers write', () => {
  const evil = '[x](command:evil) <img src=x onerror=y> **b** `c` https://e.com $(gear)\n\n# h\u202e | - 1. x';

  function hostile(): SectionedText {
    const names = new Map([[mallory, evil]]);
    const platform = { os: evil, architecture: evil };
    const told = history(mallory, [{ says: A }, { revokes: 0, note: evil }]);
    const attestations = told.attestations.map((entry) =>
      entry.body.type === 'statement'
        ? { ...entry, body: { type: 'statement' as const, statement: { leaves: [{ ...leaf(A), platform }] } } }
        : entry,
    );
    const given = input(A, [{ ...told, attestations }, history(alice, [{ says: A }, { revokes: 0, note: evil }])]);
    const byPolicy = { ...given, rules: [{ origin: 'policy' as const, folder: `/${evil}`, rules: [rule()] }] };
    const asked: Asked = { engine: 'found', registry: { malformed: evil }, names: 2 };
    return whyText(why(byPolicy, asked), judgedAs(byPolicy, evil), { names, reportedBy: evil, l10n: english });
  }

  it('is text in Markdown, whatever it is, and stays on its line', () => {
    const shown = markdownOf(hostile());
    for (const line of shown.split('\n')) {
      const [, written = ''] = /^(?:#{1,2} | *- )?(.*)$/.exec(line) ?? [];
      assert.doesNotMatch(written.replace(/\\[!-/:-@[-`{-~]/g, ''), /[!-/:-@[-`{-~]/, line);
      assert.doesNotMatch(line, /[\u202e\r]/);
    }
    assert.match(shown, /\\\[x\\\\u\\\{5d\\\}/);
  });

  it('is escaped in a terminal, and not cut: a person decides by it', () => {
    const shown = plainTextOf(hostile());
    assert.doesNotMatch(shown, /\u202e|\n# h/);
    assert.ok(shown.includes(`note: ${displayText(evil)}\n`), shown);
  });

  it('never stands for an id', () => {
    const told = plainTextOf(hostile());
    const whole = publisherWallet(mallory) ?? '';
    for (const line of told.split('\n').filter((each) => each.includes('whom no rule names'))) {
      assert.ok(line.includes(`(${whole})`), line);
    }
    assert.ok(told.includes(`(${whole}), whom no rule names`));
  });
});

describe('the facts', () => {
  it('are plain data', () => {
    const facts = why(said({ says: A }, { revokes: 0 }));
    assert.deepEqual(JSON.parse(JSON.stringify(facts)), facts);
    assert.deepEqual(facts.name, { repository, tag });
  });
});
