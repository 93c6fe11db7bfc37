import { l10n } from 'vscode';
import type { LedgerKind } from '../../core/ledger/types';
import { show, tell } from '../notify';
import { sentences } from '../../words/listText';
import { onlyHereText } from '../../words/ledgerText';

/** Says that a link was copied; of one that is of no use elsewhere so that it is read before it is handed on. */
export function tellCopied(message: string, kind: LedgerKind | undefined): void {
  const onlyHere = kind && onlyHereText(kind, l10n);
  if (onlyHere === undefined) {
    tell(message);
    return;
  }
  void show({ severity: 'warning', message: sentences([l10n.t('{0}.', message), onlyHere], l10n), actions: [] });
}
