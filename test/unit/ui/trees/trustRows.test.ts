import assert from 'node:assert/strict';
import { DaoChainError } from '../../../../src/core/errors';
import { walletPublisher } from '../../../../src/core/hex';
import type { KnownLedgers } from '../../../../src/core/ledger/knownLedgers';
import type { LedgerId, NamedLedger, PublisherId } from '../../../../src/core/ledger/types';
import { ledgerKey } from '../../../../src/core/ledger/types';
import { parseRule, type RuleText, type TrustRule } from '../../../../src/core/trust/rules';
import type { AcceptedPolicy, PolicyStatus } from '../../../../src/services/trust/policies';
import type { WrittenRule } from '../../../../src/ui/settings';
import { folderNames, policyRows } from '../../../../src/ui/trees/policyRows';
import { ruleRows, type TrustRow } from '../../../../src/ui/trees/trustRows';
import { knowing } from '../../words/knowing';
import { chinese, english } from '../../words/localizers';

const ledger: LedgerId = { chainId: 1337n, genesisHash: `0x${'11'.repeat(32)}`, address: `0x${'22'.repeat(20)}` };
const here: NamedLedger = { name: 'Acme', ledger, kind: 'external' };
const wallet = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
const acme: PublisherId = `0x${'ac'.repeat(32)}`;
const names = new Map([[acme, 'Acme\u202e Inc.']]);

function rule(changes: Partial<RuleText> = {}): TrustRule {
  return parseRule({
    ledger: ledgerKey(ledger),
    repositories: 'registry.example.com/acme/*',
    publishers: [walletPublisher(wallet)],
    ...changes,
  });
}
const written = (each: TrustRule): WrittenRule => ({ value: each, rule: each });

function rows(rules: readonly WrittenRule[], at: NamedLedger = here): readonly TrustRow[] {
  return ruleRows(rules, knowing([at], names), english);
}
function only(each: TrustRule, at?: NamedLedger): TrustRow {
  const [row] = rows([written(each)], at)[0]?.children ?? [];
  return row ?? assert.fail('no row');
}
function everyRow(given: readonly TrustRow[]): readonly TrustRow[] {
  return given.flatMap((row) => [row, ...everyRow(row.children)]);
}

describe('rows of trust rules', () => {
  it('are there for nobody who believes nobody', () => {
    assert.deepEqual(rows([]), []);
  });

  it('stand below their pattern, in the order of the alphabet', () => {
    const [b, a] = [rule({ repositories: 'b.example/x' }), rule({ repositories: 'a.example/x' })];
    const found = rows([b, a, rule({ repositories: 'b.example/x', publishers: [acme] })].map(written));
    assert.deepEqual(
      found.map(({ label, description, children }) => [label, description, children.length]),
      [
        ['a.example/x', '', 1],
        ['b.example/x', '2 rules', 2],
      ],
    );
    assert.ok(found[1]?.tooltip.includes('Any one of these rules is enough.'));
  });

  it('say who is believed, about what they say, how strictly and on which ledger', () => {
    const row = only(rule({ level: 'enforce' }));
    assert.deepEqual([row.label, row.description], ['Published by 0x5aaeb6…1beaed', 'enforced · this ledger']);
    assert.equal(
      row.accessibleLabel,
      'registry.example.com/acme/*: Published by 0x5aaeb6…1beaed, enforced · this ledger',
    );
    assert.ok(row.tooltip.includes(wallet), row.tooltip);
    assert.equal(only(rule({ accept: 'vouch' })).label, 'Vouched for by 0x5aaeb6…1beaed');
  });

  it('never show an organization’s name without its id, nor a character of it that hides something', () => {
    const row = only(rule({ publishers: [acme] }));
    assert.equal(row.label, 'Published by Acme\\u{202e} Inc. (0xacacac…acacac)');
    assert.ok(row.tooltip.includes(`${acme}, which calls itself “Acme\\u{202e} Inc.”`), row.tooltip);
    assert.equal(row.icon, 'organization');
  });

  it('name each of several publishers, and how many of them it takes', () => {
    const row = only(rule({ publishers: [acme, walletPublisher(wallet)], threshold: 2 }));
    assert.equal(row.label, 'Published by 2 of 2 publishers');
    assert.deepEqual(
      row.children.map(({ label, icon }) => [label, icon]),
      [
        ['Acme\\u{202e} Inc. (0xacacac…acacac)', 'organization'],
        ['0x5aaeb6…1beaed', 'account'],
      ],
    );
    assert.ok(row.tooltip.includes('2 of them must agree.'));
  });

  it('are grey and say so where they are of another ledger', () => {
    const row = only(rule({ ledger: ledgerKey(ledger).replace('1337', '5') }));
    assert.equal(row.isIdle, true);
    assert.equal(
      row.description,
      'warns · the ledger of chain 5 is not followed: what the rule covers cannot be checked',
    );
    assert.ok(row.accessibleLabel.includes('cannot be checked'));
    assert.ok(row.tooltip.includes(`Ledger: ${ledgerKey(ledger).replace('1337', '5')}`));
  });

  it('name the network where more than one is followed, and whom each ledger has under an id', () => {
    const team: NamedLedger = { name: 'Team\u202e', ledger: { ...ledger, chainId: 5n }, kind: 'team' };
    const namesThere = new Map([[acme, 'Another Acme']]);
    const known: KnownLedgers = {
      ...knowing([here, team]),
      names: (key) => (key === ledgerKey(team.ledger) ? namesThere : names),
    };
    const [first, second] = [here, team].map((at) => {
      const rules = [written(rule({ ledger: ledgerKey(at.ledger), publishers: [acme] }))];
      return ruleRows(rules, known, english)[0]?.children[0];
    });
    assert.ok(first && second);
    assert.deepEqual(
      [first, second].map(({ isIdle, description }) => [isIdle, description]),
      [
        [false, 'warns · ledger of the network Acme'],
        [false, 'warns · ledger of the network Team\\u{202e}'],
      ],
    );
    assert.ok(second.tooltip.includes('calls itself “Another Acme”'), second.tooltip);
    assert.ok(second.tooltip.includes('Ledger: The ledger of a team “Team\\u{202e}” (chain 5,'));
    assert.equal(second.contextValue, 'rule');
    assert.equal(first.contextValue, 'rule;levels');
  });

  it('claim nothing about the ledger as long as it is not known', () => {
    const [found] = ruleRows([written(rule())], { ...knowing([], names), isWhole: false }, english);
    assert.deepEqual(
      found?.children.map(({ isIdle, description }) => [isIdle, description]),
      [[false, 'warns · ledger of chain 1337']],
    );
  });

  it('name a development ledger, where a rule can only be made to warn', () => {
    const at: NamedLedger = { ...here, kind: 'development' };
    assert.deepEqual(
      [only(rule(), at).description, only(rule(), at).contextValue],
      ['warns · development ledger', 'rule'],
    );
    assert.equal(only(rule({ level: 'enforce' }), at).contextValue, 'rule;levels');
    assert.equal(only(rule()).contextValue, 'rule;levels');
  });

  it('show what is not understood, with its problem, and let it be removed', () => {
    const problem = new DaoChainError('ruleInvalid', 'no', {
      details: { problem: 'patternUnscoped', value: '**\u202e' },
    });
    const shape = new DaoChainError('ruleInvalid', 'no', { details: { problem: 'shape', value: 'level' } });
    const [first, second] = rows([
      { value: {}, problem },
      { value: { level: 'always' }, problem: shape },
    ]);
    assert.ok(first && second);
    assert.equal(first.label, 'A trust rule is not understood');
    assert.ok(first.description.startsWith('"**\\u{202e}" covers every registry.'), first.description);
    assert.equal(first.contextValue, 'broken');
    assert.ok(second.description.includes('level'));
    assert.ok(second.tooltip.includes('It has no effect until it is corrected.'));
  });

  it('have ids that no two share', () => {
    const twice = [rule(), rule(), rule({ publishers: [acme, walletPublisher(wallet)] })].map(written);
    const ids = everyRow(rows(twice)).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, ids.join('\n'));
  });

  it('are in Chinese too', () => {
    const [pattern] = ruleRows([written(rule({ accept: 'vouch', level: 'enforce' }))], knowing([here], names), chinese);
    const [row] = pattern?.children ?? [];
    for (const text of [pattern?.accessibleLabel, row?.label, row?.description, row?.accessibleLabel])
      assert.match(text ?? '', /\p{Script=Han}/u);
    for (const line of row?.tooltip.split('\n') ?? []) assert.match(line, /\p{Script=Han}/u);
  });
});

describe('rows of policies', () => {
  it('have names that differ where folders end alike, as short as that takes', () => {
    const folders = ['/home/me/shop/deploy', '/home/me/bank/deploy', '/srv/bank/deploy', '/home/me/web', '/deploy'];
    const statuses = folders.map((folder): PolicyStatus => ({ folder, state: 'offered' }));
    const [head] = policyRows(statuses, knowing([here], names), english);
    assert.deepEqual(
      head?.children.map(({ label }) => label),
      ['shop/deploy', 'me/bank/deploy', 'srv/bank/deploy', 'web', '/deploy'],
    );
    assert.deepEqual([...folderNames(['C:\\a\\x', 'D:\\a\\x']).values()], ['C:/a/x', 'D:/a/x']);
    assert.equal(new Set(folderNames(['/x', '/x/', '/a/x']).values()).size, 3);
  });

  const accepted: AcceptedPolicy = { text: '', digest: `sha256:${'12'.repeat(32)}`, rules: [rule()], acceptedAt: 1 };

  it('are absent where no folder has a policy', () => {
    assert.deepEqual(policyRows([{ folder: '/home/me/shop', state: 'none' }], knowing([here], names), english), []);
  });

  it('say for each folder what counts of it', () => {
    const states = ['offered', 'accepted', 'changed', 'refused', 'missing', 'damaged'] as const;
    const statuses = states.map((state): PolicyStatus => ({
      ...{ folder: `/home/me/${state}`, state },
      ...(state === 'accepted' || state === 'changed' ? { accepted } : {}),
    }));
    const [head] = policyRows(statuses, knowing([here], names), english);
    assert.deepEqual(
      head?.children.map(({ label, description, folder, children }) => [label, description, folder, children.length]),
      [
        ['offered', 'not accepted: has no effect', '/home/me/offered', 0],
        ['accepted', 'accepted', '/home/me/accepted', 1],
        ['changed', 'changed since it was accepted; what was accepted counts', '/home/me/changed', 1],
        ['refused', 'not a valid policy: has no effect', '/home/me/refused', 0],
        ['missing', 'the file is gone; what was accepted counts', '/home/me/missing', 0],
        ['damaged', 'cannot be read: nothing in this folder can be judged', '/home/me/damaged', 0],
      ],
    );
    const ids = everyRow([head]).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });
});
