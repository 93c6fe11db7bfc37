import { l10n, window } from 'vscode';
import { DaoChainError } from '../../core/errors';
import { namesRegistry, tryParseReference, type ImageReference } from '../../core/image/reference';
import { displayText } from '../../core/displayText';
import { lookAlikeText } from '../../words/lookAlikeText';
import { verdictLabel, verdictNextStep, verdictReason } from '../../words/verdictText';
import { judgedPlatformText } from '../../words/sidesText';
import { citedBy, isAlarm, type CitedStatement } from '../../core/judging/verdict';
import type { ImageAnswer } from '../../core/judging/imageAnswer';
import { pushTargetText } from '../../words/pushText';
import { wholePublisher } from '../../words/publisherText';
import { sentences } from '../../words/listText';

/** Asks for the name of an image. Throws `cancelled`. */
export async function askReference(title: string): Promise<string> {
  const text = await window.showInputBox({
    title,
    prompt: l10n.t('Name of the image in its registry'),
    placeHolder: 'registry.example.com/team/app:1.0',
    ignoreFocusOut: true,
    validateInput: (typed) =>
      tryParseReference(typed.trim()) ? undefined : l10n.t('This is not a name that an image can have.'),
  });
  if (text === undefined) throw new DaoChainError('cancelled', 'No name was given');
  return text.trim();
}

/** Asks whether an image is pulled although it is not verified. Closing the question says no. */
export async function confirmPull(judged: ImageAnswer): Promise<boolean> {
  const { text, verdict, lookAlike } = judged;
  const name = displayText(text);
  const pull = l10n.t('Pull Anyway');
  const message = isAlarm(verdict)
    ? l10n.t('Do not use {0}: it is not what its publisher published.', name)
    : l10n.t('{0} is not verified.', name);
  const reason = l10n.t('{0}. {1}', verdictLabel(verdict, l10n), verdictReason(verdict, l10n));
  const warning = lookAlike && lookAlikeText(lookAlike, l10n);
  const publishers = new Set(citedBy(verdict).map(publisherText));
  const detail = [
    sentences([warning, reason, judgedPlatformText(judged, l10n), verdictNextStep(verdict, l10n)], l10n),
    ...publishers,
  ].join('\n');
  return (await window.showWarningMessage(message, { modal: true, detail }, l10n.t('Do Not Pull'), pull)) === pull;
}

/** Asks before an image is sent to a registry that its name does not say. Throws `cancelled`. */
export async function confirmPushTarget(reference: ImageReference): Promise<void> {
  if (namesRegistry(reference)) return;
  const push = l10n.t('Push to {0}', reference.registry);
  const picked = await window.showWarningMessage(
    l10n.t('Push {0} to {1}?', displayText(reference.text), reference.registry),
    { modal: true, detail: pushTargetText(reference, l10n) },
    l10n.t('Do Not Push'),
    push,
  );
  if (picked !== push) throw new DaoChainError('cancelled', 'It is to go elsewhere, or nowhere');
}

/** The whole publisher, and never as if it had signed what it has not. */
function publisherText({ citation: { publisher }, role }: CitedStatement): string {
  const whole = wholePublisher(publisher, l10n);
  switch (role) {
    case 'states':
      return l10n.t('Publisher: {0}', whole);
    case 'statesElsewhere':
      return l10n.t('Publisher, under another name: {0}', whole);
    case 'statesOther':
      return l10n.t('Publisher of other content under this name: {0}', whole);
    case 'takenBack':
      return l10n.t('Publisher of a statement that is no longer valid: {0}', whole);
  }
}

/** Asks before a registry is taken at its word about what is signed. Throws `cancelled`. */
export async function confirmSigningFromRegistry(name: string): Promise<void> {
  const sign = l10n.t('Review and Sign');
  const picked = await window.showWarningMessage(
    l10n.t('You have not signed {0} yet. Sign what the registry has?', displayText(name)),
    {
      modal: true,
      detail: l10n.t(
        'Whoever runs the registry chooses what you are shown. Compare its digest with the one that your build printed.',
      ),
    },
    sign,
  );
  if (picked !== sign) throw new DaoChainError('cancelled', 'What the registry has is not signed');
}
