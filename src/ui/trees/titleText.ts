import { displayText } from '../../core/displayText';
import type { LedgerKind } from '../../core/ledger/types';
import type { Localizer } from '../../words/localizer';
import type { EngineEndpoint } from '../../core/ports/engine';

/**
 * The text beside the title of a list: where the images come from, unless that is the usual place, and whether the
 * ledger is one that proves nothing elsewhere. `network`: the name of another network that is home.
 */
export function titleText(
  { origin, context, host }: EngineEndpoint,
  ledger: LedgerKind | undefined,
  network: string | undefined,
  l10n: Localizer,
): string {
  return [
    // First, for a narrow view cuts off the end.
    ...(ledger === 'development' ? [l10n.t('development network')] : []),
    ...(network === undefined ? [] : [displayText(network)]),
    ...(origin === 'default' ? [] : [context ?? host]),
  ].join(' · ');
}
