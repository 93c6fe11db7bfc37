import assert from 'node:assert/strict';
import { walletPublisher, type Address } from '../../../../src/core/hex';
import type { LedgerId, NamedLedger, PublisherId } from '../../../../src/core/ledger/types';
import { ledgerKey } from '../../../../src/core/ledger/types';
import { parseRule, type RuleText, type TrustRule } from '../../../../src/core/trust/rules';
import { trustQuestion, type RuleDraft, type TrustQuestion } from '../../../../src/ui/trust/trustQuestion';
import { knowing } from '../../words/knowing';
import { english } from '../../words/localizers';

const ledger: LedgerId = { chainId: 1337n, genesisHash: `0x${'11'.repeat(32)}`, address: `0x${'22'.repeat(20)}` };
const wallet = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
const acme: PublisherId = `0x${'ac'.repeat(32)}`;
const place: NamedLedger = { name: 'Home', ledger, kind: 'external' };
const draft: RuleDraft = {
  place,
  repositories: 'registry.example.com/acme/*',
  publishers: [walletPublisher(wallet)],
  threshold: 1,
  accept: 'publish',
};
const rule = (changes: Partial<RuleText> = {}): TrustRule =>
  parseRule({ ledger: ledgerKey(ledger), repositories: draft.repositories, publishers: [acme], ...changes });

interface Given {
  readonly origin?: 'typed' | 'link';
  readonly rules?: readonly TrustRule[];
  readonly all?: readonly NamedLedger[];
  /** Whether the ledger told who signs for whom. */
  readonly isSilent?: boolean;
}
const ask = (
  changes: Partial<RuleDraft> = {},
  { origin = 'link', rules = [], all = [place], isSilent = false }: Given = {},
): TrustQuestion =>
  trustQuestion(
    { ...draft, ...changes },
    {
      ...{ origin, rules, known: knowing(all, new Map([[acme, 'Acme']])) },
      signers: isSilent ? undefined : new Map([[acme, [wallet.toLowerCase() as Address]]]),
    },
    english,
  );
const levels = ({ choices }: TrustQuestion): readonly unknown[] => choices.map(({ level }) => level);

describe('the question before a publisher is trusted', () => {
  it('shows every digit of who is believed, for what and on which ledger', () => {
    const { message, detail } = ask({ publishers: [walletPublisher(wallet), acme], threshold: 2, accept: 'vouch' });
    assert.equal(message, 'Trust these 2 publishers for registry.example.com/acme/*?');
    for (const shown of [
      ...[wallet, acme, 'which calls itself “Acme”', '2 of them must agree.', 'what they vouched for'],
      ...[
        'Repositories: registry.example.com/acme/*',
        '1337',
        ledger.genesisHash,
        ledger.address,
        'An external ledger',
      ],
    ])
      assert.ok(detail.includes(shown), `${shown}\n${detail}`);
  });

  it('warns where one wallet signs for several publishers, of whom more than one is asked for', () => {
    const publishers = [walletPublisher(wallet), acme];
    const warning = `counts once: ${wallet.toLowerCase()}, for`;
    assert.ok(ask({ publishers, threshold: 2 }).detail.includes(warning));
    assert.ok(!ask({ publishers, threshold: 1 }).detail.includes(warning));
    assert.ok(
      !ask({ publishers: [walletPublisher(`0x${'12'.repeat(20)}`), acme], threshold: 2 }).detail.includes(
        'counts once',
      ),
    );
  });

  it('names the network where more than one is followed, also that of a rule that it meets', () => {
    const team: NamedLedger = { name: 'Acme’s team', kind: 'team', ledger: { ...ledger, chainId: 5n } };
    assert.ok(ask().detail.includes('Ledger: An external ledger\n'));
    const { detail } = ask({ place: team }, { all: [place, team], rules: [rule()] });
    assert.ok(detail.includes('Ledger: The ledger of a team “Acme’s team”\nchain 5,'), detail);
    assert.ok(detail.includes(`Published by Acme (${acme}) (An external ledger “Home”)`), detail);
  });

  it('says that nobody knows who signs for several of them, where their ledger does not answer', () => {
    const publishers = [walletPublisher(wallet), acme];
    const unknown =
      'Whether one wallet signs for several of them is not known. This ledger does not answer: An external';
    assert.ok(ask({ publishers, threshold: 2 }, { isSilent: true }).detail.includes(unknown));
    assert.ok(!ask({ publishers, threshold: 2 }).detail.includes('does not answer'));
  });

  it('is answered with no by Enter where somebody else wrote what is asked for', () => {
    assert.deepEqual(levels(ask()), [undefined, 'enforce', 'warn']);
    assert.deepEqual(levels(ask({}, { origin: 'typed' })), ['enforce', 'warn']);
    for (const kind of ['development', 'team'] as const)
      assert.deepEqual(levels(ask({ place: { ...place, kind } })), [undefined, 'warn']);
  });

  it('offers nothing below what is enforced already, here or in part', () => {
    for (const repositories of [draft.repositories, 'registry.example.com/**', 'registry.example.com/*/*']) {
      const question = ask({}, { rules: [rule({ repositories, level: 'enforce' })] });
      assert.deepEqual(levels(question), [undefined, 'enforce'], repositories);
      assert.ok(question.detail.includes('is enforced, so this one is enforced too'));
      const rules = [rule({ repositories, level: 'enforce' })];
      assert.deepEqual(
        levels(ask({ place: { ...place, kind: 'team' } }, { rules })),
        [undefined, 'enforce'],
        repositories,
      );
    }
    for (const elsewhere of ['registry.example.com/other/*', 'registry.example.org/**'])
      assert.equal(levels(ask({}, { rules: [rule({ repositories: elsewhere, level: 'enforce' })] })).length, 3);
  });

  it('says what is believed already, and what the rule takes the place of', () => {
    const rules = [
      ...[rule(), rule({ repositories: 'registry.example.com/**', accept: 'vouch' })],
      rule({ repositories: 'registry.example.com/acme/app' }),
    ];
    const { detail } = ask({}, { rules });
    for (const shown of [
      `Already trusted for it, and any one of them is enough: Published by Acme (0x${'ac'.repeat(32)})`,
      `Where it matches, it replaces registry.example.com/**: Vouched for by Acme (0x${'ac'.repeat(32)})`,
      'A more specific rule takes precedence: registry.example.com/acme/app',
    ])
      assert.ok(detail.includes(shown), detail);
  });

  it('begins with what warns of it', () => {
    const rules = [rule({ repositories: 'registry.example.com/**' })];
    const whole = ask({ repositories: 'registry.example.com/**' }).detail;
    assert.ok(whole.startsWith('This covers a whole registry'), whole);
    const imitating = ask({ repositories: 'docker.io/libary/*' }, { rules }).detail;
    assert.ok(imitating.startsWith('Did you mean docker.io/library'), imitating);
    assert.ok(ask().detail.startsWith('Publisher: '));
  });
});
