import type { ErrorDetails } from '../core/errors';
import { displayText } from '../core/displayText';
import { mostAdmitted, mostHubs, type NetworkFault } from '../core/ledger/network';
import type { Localizer } from './localizer';

/** What is wrong with a network, and what can be done; undefined for what only the log says more about. */
export function networkFaultText(
  { reason, value = '', name = '', file = '' }: ErrorDetails,
  l10n: Localizer,
): string | undefined {
  const shown = displayText(value);
  // Of a file of this machine, what to do with the file is what counts.
  if (file !== '' && isOfProfile(reason)) return undefined;
  switch (reason as NetworkFault | undefined) {
    case 'chainIdTaken':
      return l10n.t(
        'The network is refused: it has the chain ID of another network that you follow, so what is signed on one could be replayed on the other.',
      );
    case 'ledgerCode':
      return l10n.t(
        'The network is refused: the code of its ledger is not one that this version knows. Update DaoChain on both machines.',
      );
    case 'ledgerStorage':
      return l10n.t('The network is refused: its ledger does not begin empty, so it can hold forged statements.');
    case 'commitment':
      return l10n.t(
        'The network is refused: it does not have the terms that its ledger commits to. Somebody has changed its dataset, confirmations or witnesses, or calls it another kind of network.',
      );
    case 'genesis':
      return l10n.t(
        'The network is refused: its chain ID or first block is not one that DaoChain makes, so what is signed elsewhere could be replayed there.',
      );
    case 'newer':
      return l10n.t('The network is described by a newer version of DaoChain. Update it to join.');
    case 'shape':
      return l10n.t('That is not the file of a network: a part is missing, unknown, said twice or of the wrong type.');
    case 'terms':
      return l10n.t(
        'The network is refused: 1 to 1,000 confirmations, up to 32 different witnesses in ascending order, and more than half of them must agree.',
      );
    case 'hubs':
      return l10n.t(
        'The network is refused: its hubs are up to 64 addresses of different nodes, each written as enode://KEY@ADDRESS:PORT with a literal address.',
      );
    case 'hubReach':
      return l10n.t(
        'The network is refused: {0} is an address of your own machine, of its cable or of nobody. Ask for a link with an address that others reach.',
        shown,
      );
    case 'development':
      return l10n.t('The network is refused: it is the development network of one machine, which nobody can join.');
    case 'nameTaken':
      return l10n.t(
        'You follow a network called {0} already. Rename that one first, so that nobody takes one for the other.',
        displayText(value === '' ? name : value),
      );
    case 'name':
      return l10n.t(
        'A network has a name of 1 to 64 printable characters, with no space at its ends, and not of digits alone.',
      );
    case 'listen':
      return l10n.t(
        '{0} is not an address of this machine that others reach. Name one of its addresses in your network or VPN.',
        shown,
      );
    case 'ledgerId':
      return l10n.t(
        'That is not the ID of a ledger on another chain: the number of the chain, the hash of its first block and the address of the ledger, with colons between.',
      );
    case 'ledgerAddress':
      return l10n.t(
        'The ledger is refused: no release that this version knows is deployed at its address, so anything could have been written there before. Ask whoever gave you the ID, or update DaoChain.',
      );
    case 'endpoint':
      return l10n.t('An endpoint is the path of a socket or a web address (http or https).');
    case 'externalHome':
      return l10n.t(
        '{0} is a ledger of another chain: it is read here, and nothing is signed on it. Choose a network of yours.',
        displayText(name),
      );
    case 'notFollowed':
      return name === ''
        ? l10n.t('You do not follow this network.')
        : l10n.t('You follow no network called {0}.', displayText(name));
    case 'alreadyFollowed':
      return l10n.t('You follow this network already.');
    case 'noHub':
      return l10n.t('Nobody could join: the network has no hub. Say where this machine’s node listens, or add a hub.');
    case 'withoutHub':
      return l10n.t(
        'The network is refused: its link or file names no hub, so this machine could connect to nobody. Ask for a link from a machine that listens.',
      );
    case 'hubsFull':
      return l10n.t('A network names up to {0} hubs. Remove one first.', mostHubs);
    case 'admittedFull':
      return l10n.t(
        'A hub lets up to {0} machines in. Dismiss one first, or let this one in at another hub.',
        mostAdmitted,
      );
    case 'busy':
      return l10n.t('Another window or command goes on changing your networks. Nothing was changed; try again.');
    case 'notHub':
      return l10n.t('This machine is no hub of {0}: its node listens to nobody.', displayText(name));
    case 'ownNode':
      return l10n.t('That is the link of this machine itself. The joiner makes one on theirs.');
    case 'notAdmitted':
      return l10n.t('That node was not let in here.');
    case 'homeGone':
      return l10n.t(
        'The network on which this machine signs is not followed any more. Choose another one; {0} says which it was.',
        displayText(file),
      );
    case 'nodeKey':
      return l10n.t(
        'The key of this machine’s node, {0}, cannot be used. Move it away: a new one is made, and hubs have to let it in again.',
        displayText(file),
      );
    case undefined:
      return undefined;
  }
}

function isOfProfile(reason: string | undefined): boolean {
  const faults: readonly (NetworkFault | undefined)[] = [
    ...(['shape', 'newer', 'genesis', 'commitment', 'ledgerCode', 'ledgerStorage', 'terms', 'hubs', 'name'] as const),
  ];
  return faults.includes(reason as NetworkFault | undefined);
}
