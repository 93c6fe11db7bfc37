import { checksumAddress } from '../core/checksumAddress';
import type { TransactionPlan } from '../core/plans/transactionPlan';
import { exactEther, feeEther } from './amountText';
import { callLines } from './callText';
import { ledgerKindText, ledgerText } from './ledgerText';
import type { Localizer } from './localizer';

/** What a person sees of every transaction beside what it is about; the editor and the terminal lay it out. */
export interface PlanFrame {
  /** `id` has every digit. */
  readonly ledger: { readonly kind: string; readonly id: string };
  readonly signer: string;
  /** Undefined where nothing is sent. */
  readonly cost: { readonly most: string; readonly balance: string } | undefined;
  /** All that it says; undefined where nothing is sent, and for the entries of a signing request, which are shown as the request. */
  readonly signed: { readonly title: string; readonly lines: readonly string[] } | undefined;
}

export function planFrame(plan: TransactionPlan, l10n: Localizer): PlanFrame {
  const { ledger, ledgerKind, signer, call, fee, missing } = plan;
  const balance = exactEther(fee.balance);
  const lines = call === undefined ? [] : callLines(call, l10n);
  return {
    ledger: { kind: ledgerKindText(ledgerKind, l10n), id: ledgerText(ledger, l10n) },
    signer: l10n.t('Signed by {0}', checksumAddress(signer)),
    cost: call && {
      most: l10n.t('Costs {0} at most', feeEther(fee.cost)),
      balance: missing > 0n ? l10n.t('the balance is {0}', balance) : l10n.t('of a balance of {0}', balance),
    },
    signed: lines.length === 0 ? undefined : { title: l10n.t('What is signed:'), lines },
  };
}

/** In the place of what a plan costs that has nothing to send. */
export function nothingToSendText(l10n: Localizer): string {
  return l10n.t('This content is signed already in this name; there is nothing to send');
}
