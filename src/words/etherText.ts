import { checksumAddress } from '../core/checksumAddress';
import { balanceOf, type EtherHistory, type EtherMovement, type EtherTotals } from '../core/ether/etherHistory';
import type { PaymentRequest } from '../core/ether/paymentRequest';
import { leastLeft, type TransferPlan, type TransferWarning } from '../core/plans/transferPlan';
import { exactEther, feeEther } from './amountText';
import type { Localizer } from './localizer';
import { timeText } from './timeText';

/** What a transfer does, before it is signed: whole address, every digit, and what is left. */
export function transferLines(plan: TransferPlan, l10n: Localizer): readonly string[] {
  const { call, fee, onItsWay } = plan;
  const left = leastLeft(plan);
  return [
    l10n.t('Send {0} to {1}', exactEther(call.value), checksumAddress(call.to)),
    l10n.t('Balance now: {0}', exactEther(fee.balance)),
    ...(onItsWay === 0n ? [] : [l10n.t('of which {0} is on its way already', exactEther(onItsWay))]),
    ...(left < 0n ? [] : [l10n.t('Balance afterwards: {0} at least', exactEther(left))]),
  ];
}

/** What a person has to know of the receiver. */
export function transferWarningText(warning: TransferWarning, to: string, l10n: Localizer): string {
  switch (warning.kind) {
    case 'imitates':
      return l10n.t(
        '{0} begins and ends like {1}, which you know, but it is another address. Somebody may have made it to be mistaken for that one. Compare every character.',
        checksumAddress(to),
        checksumAddress(warning.address),
      );
    case 'self':
      return l10n.t('That is your own wallet. Nothing but the fee changes.');
    case 'contract':
      return l10n.t('The receiver is a contract: its code decides what becomes of the ether.');
    case 'first':
      return l10n.t('This wallet has never sent ether there.');
    case 'unread':
      return l10n.t(
        'Not all earlier transfers have been read, so an address that imitates one of their receivers would not be noticed. Compare every character.',
      );
  }
}

/** All that a payment request says, before anything is planned. */
export function paymentRequestLines(
  { to, chainId, value }: PaymentRequest,
  ledger: string,
  l10n: Localizer,
): readonly string[] {
  return [
    l10n.t('To: {0}', checksumAddress(to)),
    value === undefined
      ? l10n.t('It names no amount.')
      : l10n.t('Amount: {0}, exactly {1} wei', exactEther(value), value.toString()),
    l10n.t('On: {0}, chain {1}', ledger, chainId.toString()),
    l10n.t(
      'A request says nothing of who wrote it. Compare the address with the one that you were told in another way.',
    ),
  ];
}

/** What came of the ether of a wallet, as lines of one document. */
export function historyLines(
  { block, state, totals, movements, leftOut }: EtherHistory,
  address: string,
  l10n: Localizer,
): readonly string[] {
  return [
    l10n.t('Transfers of {0}, up to block {1}', checksumAddress(address), block),
    '',
    ...totalLines(totals, l10n),
    ...balanceLines(totals, state?.balance, l10n),
    '',
    ...movements.toReversed().flatMap((movement) => movementLines(movement, l10n)),
    ...(movements.length === 0 ? [l10n.t('No transfer yet.')] : []),
    ...(leftOut === 0 ? [] : [l10n.t('{0} older ones are not listed; they are in the totals.', leftOut)]),
  ];
}

/** Earned, and all else that the balance is made of. */
export function totalLines(totals: EtherTotals, l10n: Localizer): readonly string[] {
  const { start, mined, minedBlocks, received, sent, fees, other } = totals;
  return [
    ...(start === 0n ? [] : [l10n.t('From the start: {0}', exactEther(start))]),
    l10n.t('Earned by mining: {0}, {1} blocks', exactEther(mined), minedBlocks),
    l10n.t('Received: {0}', exactEther(received)),
    ...(other === 0n ? [] : [l10n.t('From contracts: {0}', exactEther(other))]),
    l10n.t('Sent: {0}', exactEther(sent)),
    l10n.t('Fees: {0}', feeEther(fees)),
  ];
}

function balanceLines(totals: EtherTotals, balance: bigint | undefined, l10n: Localizer): readonly string[] {
  if (balance !== undefined && balanceOf(totals) === balance) return [l10n.t('Balance: {0}', exactEther(balance))];
  return [
    ...(balance === undefined ? [] : [l10n.t('Balance: {0}', exactEther(balance))]),
    l10n.t('The node does not keep the states of old blocks, so what contracts sent is not known.'),
  ];
}

function movementLines(movement: EtherMovement, l10n: Localizer): readonly string[] {
  const { time, block, transaction, fee } = movement;
  const costs = fee === 0n ? '' : `, ${l10n.t('fee {0}', feeEther(fee))}`;
  return [
    `${timeText(time)}  ${movementText(movement, l10n)}${costs}`,
    `  ${l10n.t('block {0}', block)}${transaction === undefined ? '' : `, ${transaction}`}`,
  ];
}

function movementText({ kind, value, peer, failed }: EtherMovement, l10n: Localizer): string {
  const who = peer === undefined ? l10n.t('a new contract') : checksumAddress(peer);
  if (failed === true) return l10n.t('failed, to {0}', who);
  switch (kind) {
    case 'sent':
      return l10n.t('sent {0} to {1}', exactEther(value), who);
    case 'received':
      return l10n.t('received {0} from {1}', exactEther(value), who);
    case 'self':
      return l10n.t('sent {0} to itself', exactEther(value));
    case 'fee':
      return l10n.t('a transaction to {0}', who);
    case 'other':
      return l10n.t('{0} from a contract', exactEther(value));
  }
}
