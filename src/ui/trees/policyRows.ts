import type { Localizer } from '../../words/localizer';
import { displayText } from '../../core/displayText';
import type { PolicyStatus } from '../../services/trust/policies';
import { acceptText, levelText, ruleLines, whoText } from '../../words/ruleText';
import { rowNames } from './rowNames';
import type { TrustRow } from './trustRows';
import type { KnownLedgers } from '../../core/ledger/knownLedgers';

/** The policy files of the open folders under one head, each with what is in force of it; none where there is no file. */
export function policyRows(
  policies: readonly PolicyStatus[],
  known: KnownLedgers,
  l10n: Localizer,
): readonly TrustRow[] {
  const shown = policies.filter(({ state }) => state !== 'none');
  const labels = folderNames(shown.map(({ folder }) => folder));
  const children = shown.map((policy) => policyRow(policy, labels.get(policy.folder) ?? policy.folder, known, l10n));
  if (children.length === 0) return [];
  const label = l10n.t('Policies of folders');
  return [
    {
      id: 'policies',
      label,
      description: '',
      icon: 'folder-library',
      contextValue: 'policies',
      children,
      tooltip: l10n.t('A policy file takes effect in its folder once you have accepted it, beside your own rules.'),
      accessibleLabel: label,
    },
  ];
}

/** The last part of each, and of those that share it as many as tell them apart. */
export function folderNames(folders: readonly string[]): ReadonlyMap<string, string> {
  const named = folders.map((folder) => ({ folder, parts: folder.split(/[\\/]/).filter((part) => part !== '') }));
  const names = new Map<string, string>();
  let alike = named;
  for (let count = 1; alike.length > 0; count += 1) {
    const nameOf = ({ folder, parts }: (typeof named)[number]): string =>
      count > parts.length ? folder : parts.slice(-count).join('/');
    const found = new Map<string, number>();
    for (const each of alike) found.set(nameOf(each), (found.get(nameOf(each)) ?? 0) + 1);
    for (const each of alike) names.set(each.folder, displayText(nameOf(each)));
    alike = alike.filter((each) => (found.get(nameOf(each)) ?? 0) > 1 && count <= each.parts.length);
  }
  return names;
}

function policyRow(policy: PolicyStatus, label: string, known: KnownLedgers, l10n: Localizer): TrustRow {
  const { folder, accepted } = policy;
  const description = stateText(policy, l10n);
  const rules = accepted?.rules ?? [];
  const labels = rowNames(rules.map(({ repositories }) => repositories));
  return {
    id: `policy:${folder}`,
    label,
    description,
    icon: stateIcon(policy),
    folder,
    contextValue: 'policy',
    tooltip: `${displayText(folder)}\n${description}`,
    accessibleLabel: l10n.t('Policy of {0}: {1}', displayText(folder), description),
    children: rules.map((rule, index): TrustRow => {
      const who = acceptText(rule.accept, whoText(rule, known.names(rule.ledger), l10n), l10n);
      const more = [who, levelText(rule.level, l10n)].join(' · ');
      return {
        id: `policy:${folder}:${index}`,
        description: more,
        icon: 'repo',
        children: [],
        label: labels.get(rule.repositories) ?? rule.repositories,
        contextValue: 'policyRule',
        tooltip: ruleLines(rule, known, l10n).join('\n'),
        accessibleLabel: l10n.t('{0}: {1}', rule.repositories, more),
      };
    }),
  };
}

function stateText({ state, accepted }: PolicyStatus, l10n: Localizer): string {
  switch (state) {
    case 'none':
      return '';
    case 'offered':
      return l10n.t('not accepted: has no effect');
    case 'accepted':
      return l10n.t('accepted');
    case 'changed':
      return l10n.t('changed since it was accepted; what was accepted counts');
    case 'refused':
      return accepted === undefined
        ? l10n.t('not a valid policy: has no effect')
        : l10n.t('no longer a valid policy; what was accepted counts');
    case 'missing':
      return l10n.t('the file is gone; what was accepted counts');
    case 'damaged':
      return l10n.t('cannot be read: nothing in this folder can be judged');
  }
}

function stateIcon({ state }: PolicyStatus): string {
  return state === 'accepted' ? 'check' : state === 'offered' ? 'question' : 'warning';
}
