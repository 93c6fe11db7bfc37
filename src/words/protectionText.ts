import { rentedCard, type Protection, type TeamProtection } from '../core/ledger/protection';
import { formatHashrate } from './amountText';
import type { Localizer } from './localizer';
import { durationText } from './miningText';
import { sentences } from './listText';

/** What protects a ledger from being rewritten, and what does not: one paragraph each. */
export function protectionLines(protection: Protection, l10n: Localizer): readonly string[] {
  switch (protection.kind) {
    case 'development':
      return [
        l10n.t('This machine alone makes this chain. Whoever uses it can rewrite the chain, and nobody else would know.'),
      ];
    case 'external':
      return [l10n.t('The miners or validators of that chain protect it. DaoChain does not measure them.')];
    case 'team':
      return [forgeryText(l10n), workText(protection, l10n), witnessText(protection, l10n)];
  }
}

function forgeryText(l10n: Localizer): string {
  return l10n.t(
    'Nobody can forge a statement: a wallet signed it. But whoever computes more than all its miners together can take statements back, hold them back and order them otherwise.',
  );
}

function workText({ work, confirmations, dataset }: TeamProtection, l10n: Localizer): string {
  const card = rentedCard.name;
  const rate = formatHashrate(rentedCard.hashrate);
  if (work === undefined)
    return l10n.t(
      'How much its miners compute is known once the node has its newest blocks. One {0}, which anybody can rent by the hour, computes {1}.',
      card,
      rate,
    );
  const { hashrate, blockSeconds, cards, seconds } = work;
  const all =
    hashrate === undefined || blockSeconds === undefined
      ? undefined
      : l10n.t(
          'All its miners together compute {0}, a block every {1}.',
          formatHashrate(hashrate),
          durationText(blockSeconds, l10n),
        );
  const overtaking =
    cards === 1
      ? l10n.t(
          'One {0}, which anybody can rent by the hour, computes {1} and needs {2} to overtake {3} confirmations.',
          card,
          rate,
          durationText(seconds, l10n),
          confirmations,
        )
      : l10n.t(
          'It takes {0} rented {1} ({2} each) to compute more; they need {3} to overtake {4} confirmations.',
          cards,
          card,
          rate,
          durationText(seconds, l10n),
          confirmations,
        );
  return sentences([all, overtaking, dataset === 'small' ? smallText(l10n) : undefined], l10n);
}

function smallText(l10n: Localizer): string {
  return l10n.t('On the small dataset that this network has, a card is faster still.');
}

function witnessText({ witnesses, threshold, confirmations }: TeamProtection, l10n: Localizer): string {
  return witnesses === 0
    ? l10n.t(
        'It has no witnesses: what is {0} blocks deep counts as final (final by depth only). Trust rules with the level enforce do not accept that.',
        confirmations,
      )
    : l10n.t(
        'It names {0} witnesses, of whom {1} must agree. This version does not ask them yet: what is {2} blocks deep counts as final, and trust rules with the level enforce do not accept that.',
        witnesses,
        threshold,
        confirmations,
      );
}
