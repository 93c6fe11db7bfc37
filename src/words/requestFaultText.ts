import type { ErrorDetails } from '../core/errors';
import type { SignerFault } from '../core/ledger/signerStanding';
import type { RequestFault } from '../core/ledger/signingRequest';
import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';
import { contentRepository } from '../core/ledger/contentName';
import { scopeText } from './organizationText';

/** What a person reads about a signing request that cannot be used. */
export function requestFaultText(details: ErrorDetails, l10n: Localizer): string {
  const image = displayText(details['image'] ?? '?');
  switch (details['reason'] as RequestFault | undefined) {
    case 'newer':
      return l10n.t('The signing request was made by a newer version of DaoChain. Update DaoChain to open it.');
    case 'tooMany':
      return l10n.t('A signing request has at most 50 entries. Make several requests.');
    case 'empty':
      return l10n.t('Nothing here needs a signature: this content is already signed.');
    case 'name':
      return l10n.t('The signing request names an image in a form that no reader looks up. Do not sign it.');
    case 'twice':
      return l10n.t(
        'The signing request has two entries for {0}. Make a request for each, one after the other.',
        image,
      );
    case 'body':
      return l10n.t('What the signing request says about {0} cannot be read. Do not sign it.', image);
    case 'content':
      return l10n.t('What the signing request states for {0} belongs to other content. Do not sign it.', image);
    case 'carried':
      return l10n.t(
        'The signing request carries forward for {0} what nobody has signed before. Do not sign it.',
        image,
      );
    case 'tooLong':
      return l10n.t('The signing request asks for a signature that is valid for more than 30 days.');
    case 'otherLedger':
      return l10n.t('The signing request is for another ledger than that of this node.');
    case 'otherGenesis':
      return l10n.t('The signing request is for another network that has the same chain ID. Do not sign it.');
    case 'wrongSigner':
      return l10n.t(
        'The signing request asks {0} to sign; this wallet is {1}.',
        details['asked'] ?? '?',
        details['signer'] ?? '?',
      );
    case 'signed':
      return l10n.t('The signing request is signed already. Send it.');
    case 'unsigned':
      return l10n.t('Nobody has signed the request yet.');
    case 'written':
      return l10n.t('What the request says about {0} is in the ledger already. Nothing was sent.', image);
    case 'overtaken':
      return l10n.t('Something else has been signed for {0} since the request was made. Make a new request.', image);
    case 'unknownLink':
      return l10n.t(
        'For {0}, the request follows a signature that this node does not have. If the node is up to date, make a new request.',
        image,
      );
    case 'damaged':
    case undefined:
    default:
      return l10n.t('That file is not a signing request that DaoChain can read.');
  }
}

/** Why a signer may not sign, where that is known. */
export function signerFaultText({ reason, scope, repository }: ErrorDetails, l10n: Localizer): string {
  switch (reason as SignerFault | undefined) {
    case 'revoked':
      return l10n.t('The organization has permanently revoked this signer.');
    case 'retired':
      return l10n.t('The period in which the signer may sign for the organization is over.');
    case 'notYet':
      return l10n.t('The period in which the signer may sign for the organization has not begun yet.');
    case 'notSigner':
      return l10n.t('This wallet is not a signer of that publisher. Its admin has to invite the wallet’s address.');
    case 'walletEnded':
      return l10n.t('The wallet has been ended and can only revoke.');
    case 'outsideScope':
      return outsideText(scope, repository, l10n);
    case undefined:
    default:
      return l10n.t('This wallet may not sign for that publisher.');
  }
}

function outsideText(scope: string | undefined, repository: string | undefined, l10n: Localizer): string {
  if (scope === undefined || repository === undefined)
    return l10n.t('The signer signs for a part of the repositories only, and this is outside of it.');
  const part = scopeText(scope, l10n);
  return repository === contentRepository
    ? l10n.t(
        'The signer signs for the organization {0}. What holds under every name is for a signer of everything: choose another reason, or let one of them sign.',
        part,
      )
    : l10n.t(
        'The signer signs for the organization {0}, and {1} is outside of that. Its admin can change it.',
        part,
        displayText(repository),
      );
}
