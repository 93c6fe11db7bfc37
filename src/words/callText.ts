import { zeroAddress } from '../core/hex';
import { checksumAddress } from '../core/checksumAddress';
import { entryContent } from '../core/ledger/signingRequest';
import type { Entry } from '../core/ledger/types';
import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';
import { timeText } from './timeText';
import { publisherText } from '../core/trust/trustLink';
import { scopeText } from './organizationText';
import { entryDetails, entryTitle } from './requestText';
import type { TransactionCall } from '../core/ports/ledger';
import { exactEther } from './amountText';

/**
 * Everything that a transaction says or sends, whole, and read from what is sent and from nothing else. No two say the
 * same. What is sent for a signing request is shown as the request.
 */
export function callLines(call: TransactionCall, l10n: Localizer): readonly string[] {
  const organization = 'organization' in call ? [l10n.t('Organization {0}', call.organization)] : [];
  switch (call.type) {
    case 'attest':
      return call.entries.flatMap((entry) => entryLines(entry, l10n));
    case 'attestBySignature':
      return [];
    case 'createOrganization':
      return [l10n.t('Create the organization "{0}"', displayText(call.name))];
    case 'setSigner':
      return [
        ...organization,
        l10n.t('Let {0} sign for it', checksumAddress(call.signer)),
        call.notBefore === 0 ? l10n.t('from now on') : l10n.t('from {0}', timeText(call.notBefore)),
        call.notAfter === 0 ? l10n.t('no expiry') : l10n.t('until {0}', timeText(call.notAfter)),
        scopeText(call.scope, l10n),
      ];
    case 'revokeSigner':
      return [
        ...organization,
        l10n.t('Revoke {0} permanently', checksumAddress(call.signer)),
        l10n.t('since block {0}', call.sinceBlock),
      ];
    case 'transferAdmin':
      return [
        ...organization,
        call.newAdmin === zeroAddress
          ? l10n.t('Offer the admin role to nobody (withdraw the offer)')
          : l10n.t('Offer the admin role to {0}', checksumAddress(call.newAdmin)),
      ];
    case 'acceptAdmin':
      return [...organization, l10n.t('Accept the admin role')];
    case 'transfer':
      return [
        l10n.t('Send {0} to {1}', exactEther(call.value), checksumAddress(call.to)),
        l10n.t('exactly {0} wei', call.value.toString()),
      ];
    case 'endWallet':
      return [l10n.t('End the wallet permanently')];
  }
}

function entryLines(entry: Entry, l10n: Localizer): readonly string[] {
  return [
    entryTitle(entry, l10n),
    l10n.t('Publisher: {0}', publisherText(entry.publisher)),
    ...entryDetails({ entry, content: entryContent(entry) }, l10n),
  ].map((line, index) => (index === 0 ? line : `  ${line}`));
}
