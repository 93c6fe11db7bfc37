import type { TransferPlan } from '../../core/plans/transferPlan';
import { transferLines, transferWarningText } from '../../words/etherText';
import type { Localizer } from '../../words/localizer';
import { below, decisionLines, frameLines, type Circumstances, type ConfirmationLine } from '../signing/confirmation';

/** Everything a person has to see before they send ether: what they can do, what speaks against it, and what is sent. */
export function transferRows(
  plan: TransferPlan,
  circumstances: Circumstances,
  l10n: Localizer,
): readonly ConfirmationLine[] {
  const [what = '', ...balances] = transferLines(plan, l10n);
  return [
    ...decisionLines(plan, l10n.t('Send'), circumstances, l10n),
    ...plan.warnings.map((warning) => ({
      label: `$(${warning.kind === 'first' ? 'info' : 'warning'}) ${transferWarningText(warning, plan.call.to, l10n)}`,
      description: '',
    })),
    { label: `$(arrow-right) ${what}`, description: '' },
    ...balances.map(below),
    ...frameLines(plan, l10n),
  ];
}
