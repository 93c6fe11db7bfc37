import { checksumAddress } from '../../core/checksumAddress';
import type { Address } from '../../core/hex';
import type { RequestFault } from '../../core/ledger/signingRequest';
import type { Localizer } from '../../words/localizer';
import { entryDetails, entryTitle, requestFrame, requestStateText } from '../../words/requestText';
import { below, type ConfirmationLine } from './confirmation';
import { ledgerKindText } from '../../words/ledgerText';
import type { CheckedRequest } from '../../core/plans/requestPlan';

/** `renew`: ask for the same images anew. */
export type RequestDecision = 'sign' | 'send' | 'renew';

/** Everything a person has to see of a request: first what can be done with it, then all that it says. */
export function requestLines(
  checked: CheckedRequest,
  wallet: Address | undefined,
  l10n: Localizer,
): readonly ConfirmationLine<RequestDecision>[] {
  const { ledgerKind } = checked;
  return [
    ...decisionLines(checked, wallet, l10n),
    ...contentLines(checked, l10n),
    { label: `$(link) ${ledgerKindText(ledgerKind, l10n)}`, description: '' },
  ];
}

/** What a request says, digest by digest. */
export function contentLines(
  { request, publisherName, entries }: CheckedRequest,
  l10n: Localizer,
): readonly ConfirmationLine<never>[] {
  return [
    ...entries.flatMap((shown) => [
      { label: `$(package) ${entryTitle(shown.entry, l10n)}`, description: '' },
      ...entryDetails(shown, l10n).map(below),
    ]),
    { label: `$(organization) ${l10n.t('In whose name, and until when')}`, description: '' },
    ...requestFrame(request, l10n, publisherName).map(below),
  ];
}

function decisionLines(
  checked: CheckedRequest,
  wallet: Address | undefined,
  l10n: Localizer,
): readonly ConfirmationLine<RequestDecision>[] {
  const { request, refusal } = checked;
  const state = requestStateText(checked, l10n);
  const warning = (text: string): ConfirmationLine<never> => ({ label: `$(warning) ${text}`, description: '' });
  if (refusal !== undefined) {
    const renew = { label: `$(refresh) ${l10n.t('Make a new request…')}`, description: '', decision: 'renew' } as const;
    return [warning(state), ...(canBeRenewed(checked) ? [renew] : [])];
  }
  if (request.signatures !== undefined) {
    return [{ label: `$(cloud-upload) ${l10n.t('Send…')}`, description: state, decision: 'send' }];
  }
  if (request.signer !== undefined && wallet !== undefined && request.signer !== wallet) {
    return [
      warning(
        l10n.t(
          'The signing request asks {0} to sign; this wallet is {1}.',
          checksumAddress(request.signer),
          checksumAddress(wallet),
        ),
      ),
    ];
  }
  return [
    {
      label: `$(key) ${l10n.t('Sign, for others to send')}`,
      description: l10n.t('costs nothing; saved as a file'),
      decision: 'sign',
    },
  ];
}

/** Whether the same images can be asked for again: releases of a request that came too late. */
function canBeRenewed({ refusal, request: { entries } }: CheckedRequest): boolean {
  const late: readonly (string | undefined)[] = ['overtaken', 'unknownLink'] satisfies RequestFault[];
  const isLate =
    refusal?.code === 'requestExpired' ||
    (refusal?.code === 'requestInvalid' && late.includes(refusal.details['reason']));
  return isLate && entries.every(({ kind }) => kind === 'publish');
}
