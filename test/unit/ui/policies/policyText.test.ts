import assert from 'node:assert/strict';
import { walletPublisher } from '../../../../src/core/hex';
import type { LedgerId } from '../../../../src/core/ledger/types';
import { ledgerKey } from '../../../../src/core/ledger/types';
import type { RuleText } from '../../../../src/core/trust/rules';
import { parseRule } from '../../../../src/core/trust/rules';
import { parsePolicy, type Policy } from '../../../../src/services/trust/parsePolicy';
import { policyPages, type PolicyContext } from '../../../../src/ui/policies/policyText';
import { knowing } from '../../words/knowing';
import { chinese, english } from '../../words/localizers';

const here: LedgerId = { chainId: 7n, genesisHash: `0x${'11'.repeat(32)}`, address: `0x${'22'.repeat(20)}` };
const organization = `0x${'ab'.repeat(32)}` as const;
const wallet = `0x${'33'.repeat(20)}` as const;
const rule: RuleText = {
  ...{ ledger: ledgerKey(here), repositories: 'docker.io/shop/*', publishers: [organization, wallet] },
  ...{ threshold: 2, accept: 'vouch', level: 'enforce', maximumViewAgeSeconds: 60 },
};
const policyOf = (...rules: readonly RuleText[]): Policy =>
  parsePolicy(new TextEncoder().encode(JSON.stringify({ version: 1, rules })));
const place = { name: 'Acme', ledger: here, kind: 'team' } as const;
const context: PolicyContext = { own: [], known: knowing([place]) };

describe('what a person accepts with a policy', () => {
  const pagesOf = (policy: Policy, accepted?: Policy, more: Partial<PolicyContext> = {}): readonly string[] =>
    policyPages(policy, accepted, { ...context, ...more }, english);

  it('is every rule in full', () => {
    const [page = '', ...more] = pagesOf(policyOf(rule), undefined, {
      known: knowing([place], new Map([[organization, 'ACME']])),
    });
    assert.deepEqual(more, []);
    for (const part of [
      ...['docker.io/shop/*', organization, 'ACME', '3333333333333333333333333333333333333333'],
      ...['2 of them must agree', 'vouched for', 'Enforced', '60 seconds', 'chain 7'],
    ])
      assert.ok(page.includes(part), `${part}\n${page}`);
    assert.doesNotMatch(page, /new|No longer|ledger of this machine/);
  });

  it('is told page by page, and no rule is left out', () => {
    const rules = Array.from({ length: 13 }, (_, n) => ({ ...rule, repositories: `docker.io/shop/r${n}` }));
    const pages = pagesOf(policyOf(...rules));
    assert.ok(pages.length > 2);
    for (const { repositories } of rules)
      assert.equal(pages.filter((page) => page.includes(`Repositories: ${repositories}\n`)).length, 1);
    assert.deepEqual(pagesOf(policyOf()), ['It has no rules.']);
  });

  it('says what is new, and what it says no longer', () => {
    const other = { ...rule, repositories: 'docker.io/other/*' };
    const text = pagesOf(policyOf(rule, { ...other, level: 'warn' }), policyOf(rule, other)).join('\n\n');
    const [first = '', second = '', third = ''] = text.split('\n\n');
    assert.match(first, /^Rule 1\n/);
    assert.match(second, /^Rule 2 \(new\)\n(?:.*\n)*Warns/);
    assert.match(third, /^No longer a rule:\nRepositories: docker\.io\/other\/\*\n(?:.*\n)*Enforced/);
    assert.match(pagesOf(policyOf(), policyOf(rule)).join(), /^No longer a rule:/);
  });

  it('says what it does on this machine', () => {
    const effect = (more: Partial<PolicyContext>, changes: Partial<RuleText> = {}): string =>
      pagesOf(policyOf({ ...rule, ...changes }), undefined, more).join();
    const development = { known: knowing([{ ...place, kind: 'development' }]) };
    assert.match(effect(development), /nothing on a development ledger satisfies an enforcing rule/);
    assert.match(effect(development, { level: 'warn' }), /whoever uses this machine can rewrite it/);
    assert.match(effect({ known: knowing([]) }), /That ledger is not followed here/);
    const untold = { known: { ...knowing([]), isWhole: false } };
    assert.doesNotMatch(effect(untold), /not followed/);
    const elsewhere = ledgerKey({ ...here, chainId: 8n });
    const foreign = effect({}, { ledger: elsewhere });
    assert.match(foreign, /That ledger is not followed here/);
    assert.ok(foreign.includes(elsewhere));
  });

  it('names the rules of one’s own for the same repositories', () => {
    const own = ['docker.io/shop/web', 'docker.io/**', 'docker.io/other/*'].map((repositories) =>
      parseRule({ ledger: ledgerKey(here), repositories, publishers: [walletPublisher(wallet)] }),
    );
    const [page = ''] = pagesOf(policyOf(rule), undefined, { own });
    assert.match(page, /Your own rule for docker\.io\/shop\/web counts as well/);
    assert.match(page, /Your own rule for docker\.io\/\*\* counts as well/);
    assert.doesNotMatch(page, /docker\.io\/other/);
  });

  it('is told in Chinese too', () => {
    for (const line of policyPages(policyOf(rule), policyOf(), { ...context, known: knowing([]) }, chinese)[0]?.split(
      '\n',
    ) ?? [])
      assert.match(line, /\p{Script=Han}/u);
  });
});
