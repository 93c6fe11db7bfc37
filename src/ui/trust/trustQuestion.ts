import type { KnownLedgers } from '../../core/ledger/knownLedgers';
import type { NamedLedger } from '../../core/ledger/types';
import { ledgerKey, type LedgerKind } from '../../core/ledger/types';
import type { Localizer } from '../../words/localizer';
import { leastLevel, neighboursOf } from '../../core/trust/ruleChange';
import { canBeEnforced, type RuleLevel, type TrustRule } from '../../core/trust/rules';
import type { Signers } from '../../core/trust/sharedSigners';
import type { TrustLink } from '../../core/trust/trustLink';
import {
  countsText,
  neighbourLines,
  publisherLine,
  sharedSignerLines,
  thresholdText,
  warningLines,
} from '../../words/ruleText';
import { namedLedgerText, ledgerText } from '../../words/ledgerText';

/** A rule that somebody thinks of, on a ledger that is followed. How strictly it counts is not decided yet. */
export interface RuleDraft extends Omit<TrustLink, 'ledger'> {
  readonly place: NamedLedger;
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
  readonly known: KnownLedgers;
  /** Who may sign for the organizations that are asked for; undefined where that could not be read. */
  readonly signers: Signers | undefined;
}

/** Everything that a person has to see before they trust somebody. */
export function trustQuestion(
  draft: RuleDraft,
  { origin, rules, known, signers }: Circumstances,
  l10n: Localizer,
): TrustQuestion {
  const { repositories, publishers, threshold, accept, place } = draft;
  const asked = { ledger: ledgerKey(place.ledger), repositories, publishers, threshold };
  const names = known.names(asked.ledger);
  const least = leastLevel(neighboursOf(asked, rules));
  const paragraphs = [
    ...warningLines(asked, rules, l10n),
    ...sharedSignerLines(asked, signers, known, l10n),
    publishers
      .map((publisher) => l10n.t('Publisher: {0}', publisherLine(publisher, names, l10n)))
      .concat(publishers.length === 1 ? [] : [thresholdText(threshold, l10n)])
      .join('\n'),
    l10n.t('Repositories: {0}', repositories),
    countsText(accept, l10n),
    [l10n.t('Ledger: {0}', namedLedgerText(place, known, l10n)), ledgerText(place.ledger, l10n)].join('\n'),
    ...neighbourLines(asked, rules, known, l10n),
    ...(canBeEnforced(place.kind) || least === 'enforce' ? [levelsText(least, l10n)] : []),
  ];
  return {
    message:
      publishers.length === 1
        ? l10n.t('Trust this publisher for {0}?', repositories)
        : l10n.t('Trust these {0} publishers for {1}?', publishers.length, repositories),
    detail: paragraphs.join('\n\n'),
    choices: [
      ...(origin === 'link' ? [{ title: l10n.t('Do Not Trust'), level: undefined }] : []),
      ...trustChoices(place.kind, least, l10n),
    ],
  };
}

/** Where nothing satisfies a rule that enforces there is nothing to choose; and nothing that is enforced becomes looser. */
function trustChoices(kind: LedgerKind, least: RuleLevel, l10n: Localizer): readonly TrustChoice[] {
  if (!canBeEnforced(kind)) return [{ title: l10n.t('Trust'), level: least }];
  const enforce: TrustChoice = { title: l10n.t('Trust and Enforce'), level: 'enforce' };
  return least === 'enforce' ? [enforce] : [enforce, { title: l10n.t('Trust and Warn'), level: 'warn' }];
}

function levelsText(least: RuleLevel, l10n: Localizer): string {
  return least === 'enforce'
    ? l10n.t('A rule for some of these repositories is enforced, so this one is enforced too.')
    : l10n.t(
        'Enforce: images that they did not sign are not pulled, and checks fail. Warn: such images are pointed out.',
      );
}
