import { l10n } from 'vscode';
import { askText, back, choose, type Back, type First, type Place } from '../prompts/steps';
import { everywhere } from '../../core/ledger/signerScope';
import { scopePreview } from '../../words/organizationText';
import { endOfDay, lastDayProblem, scopeProblem, walletProblem } from './typedText';

const daySeconds = 86_400;

/** Asks for the wallet of somebody else, as they sent it. `cancelled`. */
export function askWallet(place: First<Place>, prompt: string): Promise<string> {
  return askText({ ...place, prompt, placeHolder: '0x…', problem: (text) => walletProblem(text, l10n) });
}

/** Asks for what a wallet may sign: a scope, as it is typed. `cancelled`. */
export async function askScope(place: Place): Promise<string | Back> {
  for (;;) {
    const scope = await choose<string | undefined>({
      ...place,
      placeholder: l10n.t('For what may the wallet sign? What it has signed stays valid afterwards.'),
      choices: [
        { label: l10n.t('For everything that the organization publishes'), value: everywhere },
        {
          label: l10n.t('Only for some repositories…'),
          detail: l10n.t('For the key of a CI job: where it is stolen, it speaks for these alone.'),
          value: undefined,
        },
      ],
    });
    if (scope !== undefined) return scope;
    const typed = await askText({
      ...place,
      canGoBack: true,
      prompt: l10n.t('A repository with its registry, or the beginning of several, ending in /'),
      placeHolder: 'ghcr.io/acme/web',
      problem: (text) => scopeProblem(text, l10n),
      preview: (text) => (text === everywhere ? l10n.t('It signs for everything.') : scopePreview(text, l10n)),
    });
    if (typed !== back) return typed;
  }
}

/** Asks for how long a wallet may sign, from `now` on: Unix seconds of the end, 0 for none. `cancelled`. */
export async function askEnd(place: Place, now: number): Promise<number | Back> {
  for (;;) {
    const end = await choose<number | undefined>({
      ...place,
      placeholder: l10n.t('How long may the wallet sign? What it has signed stays valid afterwards.'),
      choices: [
        { label: l10n.t('No expiry'), value: 0 },
        { label: l10n.t('For 90 days'), value: now + 90 * daySeconds },
        { label: l10n.t('For a year'), value: now + 365 * daySeconds },
        { label: l10n.t('Until a date…'), value: undefined },
      ],
    });
    if (end !== undefined) return end;
    const day = await askText({
      ...place,
      prompt: l10n.t('The last day on which the wallet may sign (UTC)'),
      placeHolder: '2027-01-31',
      problem: (text) => lastDayProblem(text, now, l10n),
    });
    if (day !== back) return endOfDay(day) ?? 0;
  }
}
