import type { DaoChainError } from '../../core/errors';
import { publisherWallet } from '../../core/hex';
import { isUnfollowed, ledgerIn, type KnownLedgers } from '../../core/ledger/knownLedgers';
import type { PublisherId } from '../../core/ledger/types';
import type { Localizer } from '../../words/localizer';
import { canBeEnforced, type TrustRule } from '../../core/trust/rules';
import {
  acceptText,
  levelText,
  problemText,
  publisherLine,
  ruleLines,
  thresholdText,
  whoText,
  type Names,
} from '../../words/ruleText';
import type { WrittenRule } from '../settings';
import { rowNames } from './rowNames';
import { publisherLabel } from '../../words/publisherText';
import { sentences } from '../../words/listText';
import { displayText } from '../../core/displayText';

/** A row of the view, as it is drawn. */
export interface TrustRow {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  /** Drawn in grey: its ledger is not followed, so that what it covers cannot be checked. */
  readonly isIdle?: boolean;
  readonly tooltip: string;
  /** What the manifest's `when` clauses ask for. */
  readonly contextValue: string;
  readonly accessibleLabel: string;
  readonly children: readonly TrustRow[];
  /** Of a rule: what commands work on. */
  readonly written?: WrittenRule;
  /** Of a policy: where its file is. */
  readonly folder?: string;
}

/** The reader's rules by their patterns, in the order of the alphabet, and after them what is not understood. */
export function ruleRows(written: readonly WrittenRule[], known: KnownLedgers, l10n: Localizer): readonly TrustRow[] {
  const understood = written.flatMap((each) => (each.rule === undefined ? [] : [{ written: each, rule: each.rule }]));
  const patterns = [...new Set(understood.map(({ rule }) => rule.repositories))].toSorted();
  const labels = rowNames(patterns);
  return [
    ...patterns.map((pattern): TrustRow => {
      const children = understood
        .filter(({ rule }) => rule.repositories === pattern)
        .map((each, index) => ruleRow(each.rule, each.written, `${pattern} ${index}`, known, l10n));
      const count = children.length === 1 ? l10n.t('1 rule') : l10n.t('{0} rules', children.length);
      return {
        id: `pattern:${pattern}`,
        icon: 'repo',
        contextValue: 'pattern',
        children,
        label: labels.get(pattern) ?? pattern,
        description: children.length === 1 ? '' : count,
        tooltip: patternTooltip(pattern, children.length, l10n),
        accessibleLabel: l10n.t('{0}: {1}', pattern, count),
      };
    }),
    ...written.flatMap((each, index) =>
      each.problem === undefined ? [] : [brokenRow(each, each.problem, index, l10n)],
    ),
  ];
}

function patternTooltip(pattern: string, count: number, l10n: Localizer): string {
  const several = l10n.t('Any one of these rules is enough.');
  return count === 1 ? pattern : `${pattern}\n${several}`;
}

function ruleRow(rule: TrustRule, written: WrittenRule, id: string, known: KnownLedgers, l10n: Localizer): TrustRow {
  const { publishers, threshold, accept } = rule;
  const [place, names] = [ledgerIn(known, rule.ledger), known.names(rule.ledger)];
  const [only] = publishers.length === 1 ? publishers : [];
  const label = acceptText(accept, whoText(rule, names, l10n), l10n);
  const isIdle = isUnfollowed(known, rule.ledger);
  const description = [levelText(rule.level, l10n), placeText(rule, known, l10n)].join(' · ');
  const icon = only === undefined ? 'organization' : publisherIcon(only);
  return {
    id: `rule:${id}`,
    label,
    description,
    isIdle,
    written,
    icon: isIdle ? 'circle-slash' : icon,
    contextValue: place !== undefined && !canBeEnforced(place.kind) && rule.level === 'warn' ? 'rule' : 'rule;levels',
    tooltip: ruleLines(rule, known, l10n).join('\n'),
    accessibleLabel: l10n.t('{0}: {1}', rule.repositories, sentences([`${label},`, description], l10n)),
    children:
      only === undefined
        ? publishers.map((publisher) => publisherRow(publisher, `${id} ${publisher}`, threshold, names, l10n))
        : [],
  };
}

function publisherRow(publisher: PublisherId, id: string, threshold: number, names: Names, l10n: Localizer): TrustRow {
  const label = publisherLabel(publisher, l10n, names.get(publisher));
  const whole = publisherLine(publisher, names, l10n);
  return {
    id: `publisher:${id}`,
    label,
    description: '',
    icon: publisherIcon(publisher),
    contextValue: 'publisher',
    accessibleLabel: whole,
    children: [],
    tooltip: [whole, thresholdText(threshold, l10n)].join('\n'),
  };
}

function brokenRow(written: WrittenRule, problem: DaoChainError, index: number, l10n: Localizer): TrustRow {
  const label = l10n.t('A trust rule is not understood');
  const description = problemText(problem, l10n);
  return {
    id: `broken:${index}`,
    label,
    description,
    icon: 'warning',
    contextValue: 'broken',
    written,
    children: [],
    tooltip: [description, l10n.t('It has no effect until it is corrected.')].join('\n'),
    accessibleLabel: l10n.t('{0}: {1}', label, description),
  };
}

function publisherIcon(publisher: PublisherId): string {
  return publisherWallet(publisher) === undefined ? 'organization' : 'account';
}

function placeText({ ledger }: TrustRule, known: KnownLedgers, l10n: Localizer): string {
  const place = ledgerIn(known, ledger);
  if (place === undefined) {
    return isUnfollowed(known, ledger)
      ? l10n.t('the ledger of chain {0} is not followed: what the rule covers cannot be checked', chainOf(ledger))
      : l10n.t('ledger of chain {0}', chainOf(ledger));
  }
  if (place.kind === 'development') return l10n.t('development ledger');
  return known.all.length < 2 ? l10n.t('this ledger') : l10n.t('ledger of the network {0}', displayText(place.name));
}

function chainOf(ledger: string): string {
  return ledger.split(':')[0] ?? ledger;
}
