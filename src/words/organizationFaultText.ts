import type { ErrorDetails } from '../core/errors';
import { maximumNameLength, type OrganizationFault } from '../core/ledger/organization';
import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';

/** What a person reads about an input about an organization that cannot be used; undefined for any other input. */
export function organizationFaultText(details: ErrorDetails, l10n: Localizer): string | undefined {
  const { text = '', length = '?', signer = '?', head = '?', voidFrom = '0' } = details;
  switch (details['reason'] as OrganizationFault | undefined) {
    case 'nameEmpty':
      return l10n.t('An organization needs a name.');
    case 'nameTooLong':
      return l10n.t('The name is too long: it has {0} bytes, and {1} is the most.', length, maximumNameLength);
    case 'nameHidden':
      return l10n.t('Others would see this name as: {0}', displayText(text));
    case 'walletForm':
      return l10n.t('The address of a wallet is 0x and 40 hexadecimal digits.');
    case 'walletChecksum':
      return l10n.t('This address contains a typing error: the case of its letters does not match its checksum.');
    case 'windowEmpty':
      return l10n.t('The period in which the signer may sign would end before it begins.');
    case 'scopeForm':
      return l10n.t(
        'A scope is a repository with its registry, or the beginning of one up to a segment: ghcr.io/acme/web or ghcr.io/acme/.',
      );
    case 'scopeUnknown':
      return l10n.t(
        '{0} signs for some of the repositories; for which is not known here and cannot be kept. State for what it signs.',
        signer,
      );
    case 'signerRevoked':
      return l10n.t('{0} was revoked permanently. Invite another wallet.', signer);
    case 'signerNotCurrent':
      return l10n.t('{0} is not a signer of the organization now.', signer);
    case 'sinceBlock':
      return voidFrom === '0'
        ? l10n.t('A signer can be revoked from a block between 1 and {0}.', head)
        : l10n.t(
            'The signer has already been revoked since block {0}; only an earlier block can replace it.',
            voidFrom,
          );
    case 'alreadyAdmin':
      return l10n.t('This wallet is already the admin.');
    case 'nothingOffered':
      return l10n.t('The admin role is offered to nobody.');
    case undefined:
      return undefined;
  }
}
