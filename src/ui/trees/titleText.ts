import type { LedgerKind } from '../../core/ledger/types';
import type { Localizer } from '../../words/localizer';
import type { EngineEndpoint } from '../../core/ports/engine';

/**
 * What stands beside the title of a list: where it comes from, unless that is where everybody looks, and whether its ledger is
 * one whose word proves nothing elsewhere.
 */
export function titleText(
  { origin, context, host }: EngineEndpoint,
  ledger: LedgerKind | undefined,
  l10n: Localizer,
): string {
  return [
    // First, for a narrow view cuts off the end.
    ...(ledger === 'development' ? [l10n.t('development network')] : []),
    ...(origin === 'default' ? [] : [context ?? host]),
  ].join(' · ');
}
