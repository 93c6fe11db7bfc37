import type { LedgerId, LedgerKind } from '../../core/ledger/types';
import { ledgerKey } from '../../core/ledger/types';
import type { Localizer } from '../../core/localizer';
import { isWholeRegistry, leastLevel, neighboursOf } from '../../core/trust/ruleChange';
import type { RuleLevel, TrustRule } from '../../core/trust/rules';
import type { TrustLink } from '../../core/trust/trustLink';
import { ledgerKindText } from '../../services/planText';
import { acceptText, publisherLine, whoText, type Names } from '../../services/ruleText';

/** A rule that somebody thinks of, on the ledger of this machine. How strictly it counts is not decided yet. */
export interface RuleDraft extends Omit<TrustLink, 'ledger'> {
  readonly ledger: LedgerId;
  readonly ledgerKind: LedgerKind;
}

export interface TrustChoice {
  readonly title: string;
  /** Undefined for who does not want the rule. */
  readonly level: RuleLevel | undefined;
}

export interface TrustQuestion {
  readonly message: string;
  readonly detail: string;
  /** The first is what Enter chooses. */
  readonly choices: readonly TrustChoice[];
}

interface Circumstances {
  /** `link`: somebody else wrote what is asked for. */
  readonly origin: 'typed' | 'link';
  /** The reader's rules. */
  readonly rules: readonly TrustRule[];
  readonly names: Names;
  /** What else has to be said before one trusts, such as that a name looks like another. */
  readonly warnings: readonly string[];
}

/** Everything that a person has to see before they believe somebody. */
export function trustQuestion(
  draft: RuleDraft,
  { origin, rules, names, warnings }: Circumstances,
  l10n: Localizer,
): TrustQuestion {
  const { repositories, publishers, threshold, accept, ledger, ledgerKind } = draft;
  const neighbours = neighboursOf({ ledger: ledgerKey(ledger), repositories }, rules);
  const who = (rule: TrustRule): string => acceptText(rule.accept, whoText(rule, names, l10n), l10n);
  const paragraphs = [
    ...warnings,
    ...(isWholeRegistry(repositories) ? [l10n.t('This is a whole registry, whoever has a repository there.')] : []),
    publishers
      .map((publisher) => l10n.t('Publisher: {0}', publisherLine(publisher, names, l10n)))
      .concat(publishers.length === 1 ? [] : [l10n.t('{0} of them have to say the same.', threshold)])
      .join('\n'),
    l10n.t('Repositories: {0}', repositories),
    accept === 'publish'
      ? l10n.t('Counts: what they published themselves')
      : l10n.t('Counts: what they vouched for, whoever made it'),
    [l10n.t('Ledger: {0}', ledgerKindText(ledgerKind, l10n)), wholeLedgerText(ledger, l10n)].join('\n'),
    ...neighbours.besides.map((rule) => l10n.t('Believed for it already, and each suffices: {0}', who(rule))),
    ...neighbours.replaced.map((rule) =>
      l10n.t('Where it matches, it takes the place of {0}: {1}', rule.repositories, who(rule)),
    ),
    ...neighbours.before.map((rule) => l10n.t('A more specific rule goes before it: {0}', rule.repositories)),
    ...(ledgerKind === 'development' ? [] : [levelsText(leastLevel(neighbours), l10n)]),
  ];
  return {
    message:
      publishers.length === 1
        ? l10n.t('Believe this publisher about {0}?', repositories)
        : l10n.t('Believe these {0} publishers about {1}?', publishers.length, repositories),
    detail: paragraphs.join('\n\n'),
    choices: [
      ...(origin === 'link' ? [{ title: l10n.t('Do Not Trust'), level: undefined }] : []),
      ...trustChoices(ledgerKind, leastLevel(neighbours), l10n),
    ],
  };
}

/** What is signed on a development ledger never satisfies a rule that enforces, so there is nothing to choose. */
function trustChoices(kind: LedgerKind, least: RuleLevel, l10n: Localizer): readonly TrustChoice[] {
  if (kind === 'development') return [{ title: l10n.t('Trust'), level: 'warn' }];
  const enforce: TrustChoice = { title: l10n.t('Trust and Enforce'), level: 'enforce' };
  return least === 'enforce' ? [enforce] : [enforce, { title: l10n.t('Trust and Warn'), level: 'warn' }];
}

function levelsText(least: RuleLevel, l10n: Localizer): string {
  return least === 'enforce'
    ? l10n.t('A rule for some of these repositories enforces, so this one does too.')
    : l10n.t('Enforce: what they do not sign is not pulled, and a check fails. Warn: it is pointed out.');
}

/** A ledger with every digit, for a person to compare. */
function wholeLedgerText({ chainId, genesisHash, address }: LedgerId, l10n: Localizer): string {
  return l10n.t('chain {0}, genesis {1}, contract {2}', chainId.toString(), genesisHash, address);
}
