import type { Localizer } from '../../words/localizer';
import type { QrFacts } from './qrPage';

/** Who shares what: the whole id, what goes before it, and the link that the code holds. */
export interface SharedPublisher {
  /** In its checked form. */
  readonly id: string;
  /** An organization's own words, escaped; absent for a wallet. */
  readonly name?: string;
  readonly repositories: string;
  readonly ledger: string;
  readonly link: string;
  readonly onlyHere?: string | undefined;
}

/** What stands beside the QR code of a trust link. */
export function publisherFacts(
  { id, name, repositories, ledger, link, onlyHere }: SharedPublisher,
  l10n: Localizer,
): QrFacts {
  return {
    title: l10n.t('My Publisher ID'),
    alt: l10n.t('QR code of the trust link of {0} for {1}', id, repositories),
    facts: [
      ...(name === undefined ? [] : [[l10n.t('Calls itself'), name] as const]),
      [l10n.t('Publisher ID'), id],
      [l10n.t('Repositories'), repositories],
      [l10n.t('Ledger'), ledger],
      [l10n.t('Trust link'), link],
    ],
    advice: l10n.t('Ask whoever opens the link to compare the ID with the one that you tell them in another way.'),
    onlyHere,
  };
}
