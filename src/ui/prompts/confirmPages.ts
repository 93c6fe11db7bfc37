import { l10n, window } from 'vscode';
import { DaoChainError } from '../../core/errors';

/**
 * Asks in as many dialogs as it takes to show everything. The button that does it is on the last one, behind `refusal` where
 * there is one: the first button is what Enter presses. Throws `cancelled`.
 */
export async function confirmPages(
  question: string,
  pages: readonly string[],
  act: string,
  refusal?: string,
): Promise<void> {
  for (const [index, detail] of pages.entries()) {
    const message = pages.length === 1 ? question : l10n.t('{0} Page {1} of {2}', question, index + 1, pages.length);
    const isLast = index === pages.length - 1;
    const button = isLast ? act : l10n.t('Next Page');
    const buttons = isLast && refusal !== undefined ? [refusal, button] : [button];
    const picked = await window.showWarningMessage(message, { modal: true, detail }, ...buttons);
    if (picked !== button) throw new DaoChainError('cancelled', 'Not confirmed');
  }
}
