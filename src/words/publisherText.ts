import type { PublisherId } from '../core/ledger/types';
import type { Localizer } from './localizer';
import { publisherWallet } from '../core/hex';
import { displayText } from '../core/displayText';
import { publisherText } from '../core/trust/trustLink';

/**
 * A publisher in short, for rows and sentences. A name comes from the chain, where anybody takes any, so the short id is
 * always there; ids that differ in the middle look alike, so nobody decides by it.
 */
export function publisherLabel(publisher: PublisherId, l10n: Localizer, name?: string): string {
  const id = publisherWallet(publisher) ?? publisher;
  const short = `${id.slice(0, 8)}…${id.slice(-6)}`;
  return name === undefined ? short : l10n.t('{0} ({1})', displayText(name), short);
}

/** A publisher by its whole id, where a person decides. What an organization calls itself stands before it. */
export function wholePublisher(publisher: PublisherId, l10n: Localizer, name?: string): string {
  const id = publisherText(publisher);
  return name === undefined ? id : l10n.t('{0} ({1})', displayText(name), id);
}
