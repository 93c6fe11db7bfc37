import { checksumAddress } from '../core/checksumAddress';
import { errorText } from './errorText';
import { familiarName } from '../core/image/reference';
import { entryContent, type SigningRequest } from '../core/ledger/signingRequest';
import { isContentName } from '../core/ledger/contentName';
import { linkContent, zeroWord } from '../core/ledger/link';
import type { Entry } from '../core/ledger/types';
import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';
import { nameText } from './nameText';
import { statementLines, revocationText } from './statementText';
import { timeText } from './timeText';
import { publisherText } from '../core/trust/trustLink';
import { changeText, foreseenText, vouchChangeText } from './planText';
import { ledgerText } from './ledgerText';
import type { CheckedEntry, CheckedRequest, RequestPlan } from '../core/plans/requestPlan';

/** What is known of an entry; without the ledger, what it says and no more. */
type ShownEntry = Pick<CheckedEntry, 'entry' | 'content'> & Partial<CheckedEntry>;

/** What an entry follows that is the first under its name. */
const noEntry = linkContent(zeroWord);

/** What an entry does, and to which name. */
export function entryTitle({ kind, ...entry }: Entry, l10n: Localizer): string {
  if (isContentName(entry)) {
    return kind === 'revoke'
      ? l10n.t('Revoke under every name: content {0}', entry.tag)
      : kind === 'vouch'
        ? l10n.t('Vouch again under every name: content {0}', entry.tag)
        : l10n.t('Make valid again under every name: content {0}', entry.tag);
  }
  const name = nameText(entry, l10n);
  switch (kind) {
    case 'publish':
      return l10n.t('Publish {0}', name);
    case 'vouch':
      return l10n.t('Vouch for {0}', name);
    case 'revoke':
      return l10n.t('Revoke {0}', name);
  }
}

/** What the reader will see of each image that is here, once a request is sent and final. */
export function foreseenTexts(
  { checked: { request, publisherName }, signer, foreseen = [] }: RequestPlan,
  l10n: Localizer,
): readonly string[] {
  const { publisher } = request;
  const speaker = { publisher, signer, ...(publisherName !== undefined && { publisherName }) };
  return foreseen.flatMap((each) => {
    const text = foreseenText(each, speaker, l10n);
    return text === undefined ? [] : l10n.t('{0}: {1}', displayText(familiarName(each.reference)), text);
  });
}

/** All that an entry says, read from what is signed and from nothing else, and what the ledger has to say to it. */
export function entryDetails(shown: ShownEntry, l10n: Localizer): readonly string[] {
  const { entry, content } = shown;
  return [
    ...(content.type === 'statement' ? statementLines(content.statement, l10n) : revocationLines(shown, l10n)),
    ...(entry.validUntil === 0 ? [] : [l10n.t('valid until {0}', timeText(entry.validUntil))]),
    entry.previous === noEntry
      ? l10n.t('the first entry under this name')
      : l10n.t('follows the entry with the link {0}', entry.previous),
    ...placeLines(shown, l10n),
  ];
}

function revocationLines({ entry, content, revoked, state }: ShownEntry, l10n: Localizer): readonly string[] {
  if (content.type !== 'revocation') return [];
  const { statementHash, reason, note } = content.revocation;
  return [
    l10n.t('revokes statement {0}', statementHash),
    ...(revoked === undefined ? [] : [l10n.t('statement #{0}', revoked.position)]),
    // Under a reserved name it names a statement of another history.
    ...(revoked === undefined && state !== undefined && !isContentName(entry)
      ? [l10n.t('The ledger has no such statement of that publisher.')]
      : []),
    revocationText(reason, l10n),
    ...(note === '' ? [] : [l10n.t('note: {0}', displayText(note))]),
  ];
}

function placeLines({ entry, state, change, instead }: ShownEntry, l10n: Localizer): readonly string[] {
  const by = instead === undefined ? '?' : checksumAddress(instead.signer);
  if (state === undefined) return [];
  switch (state) {
    case 'fresh':
      if (change === undefined) return [];
      return [changeOf(change === 'changed' ? { type: change, differences: [] } : { type: change }, entry, l10n)];
    case 'written':
      return [l10n.t('In the ledger already, signed by {0}.', by)];
    case 'overtaken':
      return [l10n.t('Something else is in its place in the ledger, signed by {0}.', by)];
    case 'unknownLink':
      return [l10n.t('It follows a signature that this node does not have.')];
  }
}

function changeOf(change: Parameters<typeof changeText>[0], { kind }: Entry, l10n: Localizer): string {
  return kind === 'vouch' ? vouchChangeText(change, l10n) : changeText(change, l10n);
}

/** In whose name, by whom, until when and on which ledger, all of it whole: it is what is signed. */
export function requestFrame(
  { ledger, publisher, signer, deadline, signatures }: SigningRequest,
  l10n: Localizer,
  publisherName?: string,
): readonly string[] {
  const name = publisherName === undefined ? '' : ` (${displayText(publisherName)})`;
  return [
    `${l10n.t('Publisher {0}', publisherText(publisher))}${name}`,
    signer === undefined
      ? l10n.t('To be signed by any signer of the publisher')
      : signatures === undefined
        ? l10n.t('To be signed by {0}', checksumAddress(signer))
        : l10n.t('The request is signed by {0}', checksumAddress(signer)),
    l10n.t('Not valid after {0}', timeText(deadline)),
    l10n.t('Ledger: {0}', ledgerText(ledger, l10n)),
  ];
}

/** What can be done with a request, in one sentence. */
export function requestStateText({ request, entries, refusal }: CheckedRequest, l10n: Localizer): string {
  if (refusal !== undefined) return errorText(refusal, l10n);
  if (request.signatures === undefined) return l10n.t('Nobody has signed the request yet.');
  const waiting = entries.filter(({ state }) => state === 'fresh').length;
  return waiting === entries.length
    ? l10n.t('Signed, and ready to be sent by anybody.')
    : l10n.t('Signed; {0} of {1} are not in the ledger yet.', waiting, entries.length);
}

/** All of a request, line by line. */
export function checkedLines(checked: CheckedRequest, l10n: Localizer): readonly string[] {
  const { request, publisherName, entries } = checked;
  return [
    ...entries.flatMap((shown) => [
      entryTitle(shown.entry, l10n),
      ...entryDetails(shown, l10n).map((line) => `  ${line}`),
      ...(shown.hash === undefined || shown.signature !== 'none'
        ? []
        : [`  ${l10n.t('EIP-712 hash {0}', shown.hash)}`]),
    ]),
    ...requestFrame(request, l10n, publisherName),
    requestStateText(checked, l10n),
  ];
}

/** The same for a request that could not be checked. */
export function uncheckedLines(request: SigningRequest, l10n: Localizer): readonly string[] {
  return [
    ...request.entries.flatMap((entry) => [
      entryTitle(entry, l10n),
      ...entryDetails({ entry, content: entryContent(entry) }, l10n).map((line) => `  ${line}`),
    ]),
    ...requestFrame(request, l10n),
  ];
}
