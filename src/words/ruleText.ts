import type { DaoChainError } from '../core/errors';
import { publisherWallet } from '../core/hex';
import { isUnfollowed, ledgerIn, type KnownLedgers } from '../core/ledger/knownLedgers';
import type { LedgerKey, PublisherId } from '../core/ledger/types';
import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';
import { lookAlikeOf } from '../core/trust/lookAlike';
import { lookAlikeText } from './lookAlikeText';
import { isWholeRegistry, neighboursOf } from '../core/trust/ruleChange';
import type { AcceptedKind, RuleLevel, TrustRule } from '../core/trust/rules';
import { ruleProblems } from '../core/trust/rules';
import { sharedSigners, type Signers } from '../core/trust/sharedSigners';
import { publisherText } from '../core/trust/trustLink';
import { publisherLabel, wholePublisher } from './publisherText';
import { ruleProblemText } from './ruleProblemText';
import { namedLedgerText, ledgerText } from './ledgerText';

/** What organizations call themselves, by their ids. */
export type Names = ReadonlyMap<PublisherId, string>;

/** Why a rule is not understood: a sentence. */
export function problemText({ details: { problem = '', value = '' } }: DaoChainError, l10n: Localizer): string {
  const known = ruleProblems.find((each) => each === problem);
  return known !== undefined
    ? ruleProblemText(known, value, l10n)
    : l10n.t('A rule has a field that is missing, unknown or of the wrong type: {0}', displayText(value));
}

/** All publishers of a rule by their whole IDs, and how many of them must agree. */
export function wholeWhoText({ publishers, threshold }: TrustRule, names: Names, l10n: Localizer): string {
  const [first = '', ...more] = publishers.map((publisher) => wholePublisher(publisher, l10n, names.get(publisher)));
  if (more.length === 0) return first;
  const all = more.reduce((before, each) => l10n.t('{0}, {1}', before, each), first);
  return l10n.t('{0} of {1} publishers: {2}', threshold, publishers.length, all);
}

/** For rows: one publisher in short, or how many of how many. */
export function whoText({ publishers, threshold }: TrustRule, names: Names, l10n: Localizer): string {
  const [first, ...more] = publishers;
  if (first !== undefined && more.length === 0) return publisherLabel(first, l10n, names.get(first));
  return l10n.t('{0} of {1} publishers', threshold, publishers.length);
}

export function acceptText(accept: AcceptedKind, who: string, l10n: Localizer): string {
  switch (accept) {
    case 'publish':
      return l10n.t('Published by {0}', who);
    case 'vouch':
      return l10n.t('Vouched for by {0}', who);
  }
}

export function levelText(level: RuleLevel, l10n: Localizer): string {
  switch (level) {
    case 'enforce':
      return l10n.t('enforced');
    case 'warn':
      return l10n.t('warns');
  }
}

/** A publisher with its whole id; what an organization calls itself comes after it. */
export function publisherLine(publisher: PublisherId, names: Names, l10n: Localizer): string {
  const [id, name] = [publisherText(publisher), names.get(publisher)];
  if (name !== undefined) return l10n.t('{0}, which calls itself “{1}”', id, displayText(name));
  return publisherWallet(publisher) === undefined ? l10n.t('{0}, an organization', id) : l10n.t('{0}, a wallet', id);
}

export function thresholdText(threshold: number, l10n: Localizer): string {
  return threshold === 1 ? l10n.t('One of them is enough.') : l10n.t('{0} of them must agree.', threshold);
}

export function countsText(accept: AcceptedKind, l10n: Localizer): string {
  return accept === 'publish'
    ? l10n.t('Counts: what they published themselves')
    : l10n.t('Counts: what they vouched for, whoever made it');
}

/** A rule in full: pattern, publishers with their whole ids, what counts, how strictly and on which ledger. */
export function ruleLines(rule: TrustRule, known: KnownLedgers, l10n: Localizer): readonly string[] {
  const { publishers, threshold, accept, repositories, level, maximumViewAgeSeconds } = rule;
  const names = known.names(rule.ledger);
  return [
    l10n.t('Repositories: {0}', repositories),
    ...publishers.map((publisher) => l10n.t('Publisher: {0}', publisherLine(publisher, names, l10n))),
    ...(publishers.length === 1 ? [] : [thresholdText(threshold, l10n)]),
    countsText(accept, l10n),
    level === 'enforce'
      ? l10n.t('Enforced: what does not satisfy it is not pulled, and checks fail')
      : l10n.t('Warns: what does not satisfy it is pointed out'),
    ...(maximumViewAgeSeconds === undefined
      ? []
      : [l10n.t('The view of the chain may be at most {0} seconds old', maximumViewAgeSeconds)]),
    l10n.t('Ledger: {0}', ruleLedgerText(rule.ledger, known, l10n)),
    ...(isUnfollowed(known, rule.ledger)
      ? [l10n.t('That ledger is not followed here, so what the rule covers cannot be checked.')]
      : []),
  ];
}

function ruleLedgerText(key: LedgerKey, known: KnownLedgers, l10n: Localizer): string {
  const found = ledgerIn(known, key);
  return found === undefined ? key : `${namedLedgerText(found, known, l10n)} (${ledgerText(found.ledger, l10n)})`;
}

type Asked = Pick<TrustRule, 'ledger' | 'repositories'>;

/** What has to be said first about a pattern for which somebody is to be trusted. */
export function warningLines({ repositories }: Asked, rules: readonly TrustRule[], l10n: Localizer): readonly string[] {
  const imitated = lookAlikeOf(
    repositories,
    rules.map((rule) => rule.repositories),
  );
  return [
    ...(imitated === undefined ? [] : [lookAlikeText(imitated, l10n)]),
    ...(isWholeRegistry(repositories)
      ? [l10n.t('This covers a whole registry, whoever owns the repositories in it.')]
      : []),
  ];
}

/** Where a rule asks for several publishers: which wallets sign for more than one of them. */
export function sharedSignerLines(
  { ledger, publishers, threshold }: Pick<TrustRule, 'ledger' | 'publishers' | 'threshold'>,
  signers: Signers | undefined,
  known: KnownLedgers,
  l10n: Localizer,
): readonly string[] {
  if (threshold < 2) return [];
  if (signers === undefined) {
    const place = ruleLedgerText(ledger, known, l10n);
    return [
      l10n.t('Whether one wallet signs for several of them is not known. This ledger does not answer: {0}', place),
    ];
  }
  const names = known.names(ledger);
  return sharedSigners(publishers, signers).map(({ signer, publishers: of }) =>
    l10n.t(
      'One wallet signs for several of them and counts once: {0}, for {1}.',
      signer,
      of.map((publisher) => publisherLine(publisher, names, l10n)).join('; '),
    ),
  );
}

/** What a new rule does beside the reader's others. */
export function neighbourLines(
  asked: Asked,
  rules: readonly TrustRule[],
  known: KnownLedgers,
  l10n: Localizer,
): readonly string[] {
  const { besides, replaced, before } = neighboursOf(asked, rules);
  const who = (rule: TrustRule): string => {
    const text = acceptText(rule.accept, wholeWhoText(rule, known.names(rule.ledger), l10n), l10n);
    if (rule.ledger === asked.ledger) return text;
    const place = ledgerIn(known, rule.ledger);
    return l10n.t('{0} ({1})', text, place === undefined ? rule.ledger : namedLedgerText(place, known, l10n));
  };
  return [
    ...besides.map((rule) => l10n.t('Already trusted for it, and any one of them is enough: {0}', who(rule))),
    ...replaced.map((rule) => l10n.t('Where it matches, it replaces {0}: {1}', rule.repositories, who(rule))),
    ...before.map((rule) => l10n.t('A more specific rule takes precedence: {0}', rule.repositories)),
  ];
}
