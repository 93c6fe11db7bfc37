import { ledgerIn, type KnownLedgers } from '../../core/ledger/knownLedgers';
import type { Localizer } from '../../words/localizer';
import { isSameRule, overlap } from '../../core/trust/ruleChange';
import type { TrustRule } from '../../core/trust/rules';
import type { Policy } from '../../services/trust/parsePolicy';
import { ruleLines } from '../../words/ruleText';
import { pagesOf } from '../prompts/pageText';

/** What a person compares a policy with. */
export interface PolicyContext {
  readonly own: readonly TrustRule[];
  readonly known: KnownLedgers;
}

/**
 * All that somebody accepts with a policy, page by page: every rule in full, what is new in it, what each does here, and
 * at the end what it no longer says. At least one page.
 */
export function policyPages(
  policy: Policy,
  accepted: Policy | undefined,
  context: PolicyContext,
  l10n: Localizer,
): readonly string[] {
  const rules = policy.rules.map((rule, index) => {
    const isNew = accepted !== undefined && !accepted.rules.some((each) => isSameRule(each, rule));
    const title = isNew ? l10n.t('Rule {0} (new)', index + 1) : l10n.t('Rule {0}', index + 1);
    return [title, ...ruleLines(rule, context.known, l10n), ...effects(rule, context, l10n)];
  });
  const dropped = (accepted?.rules ?? [])
    .filter((rule) => !policy.rules.some((each) => isSameRule(each, rule)))
    .map((rule) => [l10n.t('No longer a rule:'), ...ruleLines(rule, context.known, l10n)]);
  const all = [...rules, ...dropped];
  return all.length === 0 ? [l10n.t('It has no rules.')] : pagesOf(all);
}

/** What a rule does on this machine, and beside the user's own. */
function effects(rule: TrustRule, { own, known }: PolicyContext, l10n: Localizer): readonly string[] {
  const overlapping = own.filter((each) => overlap(each.repositories, rule.repositories));
  return [
    ...placeLines(rule, known, l10n),
    ...new Set(
      overlapping.map(({ repositories }) =>
        l10n.t('Your own rule for {0} counts as well: both have to be satisfied.', repositories),
      ),
    ),
  ];
}

/** That a ledger is not followed, every rule says by itself. */
function placeLines(rule: TrustRule, known: KnownLedgers, l10n: Localizer): readonly string[] {
  const place = ledgerIn(known, rule.ledger);
  if (place === undefined) return [];
  if (place.kind === 'team' && rule.level === 'enforce')
    return [
      l10n.t('It is a ledger without witnesses, final by depth only, and nothing on it satisfies an enforcing rule.'),
    ];
  if (place.kind !== 'development') return [];
  return [
    rule.level === 'enforce'
      ? l10n.t('It is a development ledger, and nothing on a development ledger satisfies an enforcing rule.')
      : l10n.t('It is a development ledger: whoever uses this machine can rewrite it.'),
  ];
}
