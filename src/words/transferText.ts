import type { Localizer } from './localizer';
import { formatBytes } from './amountText';
import type { TransferProgress } from '../core/ports/engine';

/** How far a pull or a push is: `12.3 MB of 40 MB`. */
export function transferText({ phase, done, total }: TransferProgress, l10n: Localizer): string {
  if (total === 0) return l10n.t('waiting for the registry');
  const [moved, all] = [formatBytes(done), formatBytes(total)];
  return phase === 'extracting' ? l10n.t('extracting {0} of {1}', moved, all) : l10n.t('{0} of {1}', moved, all);
}
