import { l10n, window, type QuickPickItem } from 'vscode';
import { DaoChainError } from '../../core/errors';
import type { ConfirmationLine, SigningDecision } from './confirmation';
import { planRows } from './planRows';

interface DecisionItem<D> extends QuickPickItem {
  readonly decision: D | undefined;
}

/** Shows the whole of a plan and asks. A line that only tells something cannot be picked. Throws `cancelled`. */
export async function confirmPlan<D = SigningDecision>(
  title: string,
  lines: readonly ConfirmationLine<D>[],
): Promise<D> {
  const pick = window.createQuickPick<DecisionItem<D>>();
  pick.title = title;
  pick.placeholder = l10n.t('Review what you sign. Nothing is sent before you choose.');
  pick.ignoreFocusOut = true;
  pick.items = planRows(lines).map(({ decision, ...line }) => ({ ...line, decision, alwaysShow: true }));
  pick.activeItems = pick.items.filter(({ decision }) => decision !== undefined).slice(0, 1);
  try {
    return await new Promise<D>((resolve, reject) => {
      pick.onDidAccept(() => {
        const decision = pick.selectedItems[0]?.decision;
        if (decision !== undefined) resolve(decision);
      });
      pick.onDidHide(() => {
        reject(new DaoChainError('cancelled', 'The plan was closed'));
      });
      pick.show();
    });
  } finally {
    pick.dispose();
  }
}
