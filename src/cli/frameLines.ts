import * as l10n from '@vscode/l10n';
import type { TransactionPlan } from '../core/plans/transactionPlan';
import { nothingToSendText, planFrame, type PlanFrame } from '../words/frameText';

/** The frame of a plan as a terminal has it. */
export function frameLines(plan: TransactionPlan): readonly string[] {
  const { ledger, signer, cost, signed } = planFrame(plan, l10n);
  return [
    ledgerLine(ledger),
    signer,
    cost === undefined ? nothingToSendText(l10n) : `${cost.most}, ${cost.balance}`,
    ...signedLines(signed),
  ];
}

/** What of it is for those who send the transaction from a file: that is signed and paid for elsewhere. */
export function exportedFrameLines(plan: TransactionPlan): readonly string[] {
  const { ledger, signed } = planFrame(plan, l10n);
  return [ledgerLine(ledger), ...signedLines(signed)];
}

function ledgerLine({ kind, id }: PlanFrame['ledger']): string {
  return `${kind}: ${id}`;
}

function signedLines(signed: PlanFrame['signed']): readonly string[] {
  return signed === undefined ? [] : [signed.title, ...signed.lines.map((line) => `  ${line}`)];
}
