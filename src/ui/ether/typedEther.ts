import { isDaoChainError } from '../../core/errors';
import { parseEther } from '../../core/ether/amount';
import { parsePaymentRequest } from '../../core/ether/paymentRequest';
import { errorText } from '../../words/errorText';
import type { Localizer } from '../../words/localizer';

/** In the place of an amount: all that the fee leaves. */
const everything = 'all';

/** What a person typed, once it has no problem. */
export function typedAmount(text: string): bigint | 'all' {
  return text === everything ? everything : parseEther(text);
}

/** What is wrong with a text that a person types; undefined for nothing. */
function problemOf(read: (text: string) => unknown, text: string, l10n: Localizer): string | undefined {
  try {
    read(text);
    return undefined;
  } catch (error) {
    if (!isDaoChainError(error)) throw error;
    return errorText(error, l10n);
  }
}

export function amountProblem(text: string, l10n: Localizer): string | undefined {
  return problemOf(typedAmount, text, l10n);
}

/** Nothing is an amount that the payer chooses. */
export function askedAmountProblem(text: string, l10n: Localizer): string | undefined {
  return text === '' ? undefined : problemOf(parseEther, text, l10n);
}

export function requestProblem(text: string, l10n: Localizer): string | undefined {
  return problemOf(parsePaymentRequest, text, l10n);
}
