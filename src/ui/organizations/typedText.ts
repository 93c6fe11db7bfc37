import { isDaoChainError } from '../../core/errors';
import { errorText } from '../../words/errorText';
import { parseInvitation } from '../../core/ledger/invitation';
import { organizationName, walletAddress } from '../../core/ledger/organization';
import { signerScope } from '../../core/ledger/signerScope';
import type { Localizer } from '../../words/localizer';
import { patternProblem } from '../../core/trust/rules';

type Problem = (text: string, l10n: Localizer) => string | undefined;

/** What is wrong with a text that a person types, as the reading of it says; undefined for nothing. */
function refusalOf(read: (text: string) => unknown): Problem {
  return (text, l10n) => {
    try {
      read(text);
      return undefined;
    } catch (error) {
      if (!isDaoChainError(error)) throw error;
      return errorText(error, l10n);
    }
  };
}

export const nameProblem = refusalOf(organizationName);
export const walletProblem = refusalOf(walletAddress);
export const scopeProblem = refusalOf(signerScope);
export const invitationProblem = refusalOf(parseInvitation);

/** Having no namespace is fine. */
export const namespaceProblem: Problem = (text, l10n) =>
  text === '' || (!text.includes('*') && patternProblem(`${text}/*`) === undefined)
    ? undefined
    : l10n.t('A namespace is a registry and a path in it, such as registry.example.com/team.');

/** The last second of a day (UTC) that is written as `2027-01-31`, in Unix seconds; undefined for what is no day. */
export function endOfDay(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text}T23:59:59Z`);
  // 2027-02-30 would be read as a day of March.
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text ? undefined : time / 1000;
}

/** What is wrong with the last day of a window. `now` in Unix seconds. */
export function lastDayProblem(text: string, now: number, l10n: Localizer): string | undefined {
  const end = endOfDay(text);
  if (end === undefined) return l10n.t('Write the day as year, month and day: 2027-01-31.');
  return end > now ? undefined : l10n.t('This day has passed.');
}
