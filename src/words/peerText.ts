import { displayText } from '../core/displayText';
import { formatAddress } from '../core/ledger/hub';
import type { Peer } from '../core/ports/node';
import type { HubView, SyncState } from '../services/node/peerState';
import type { Localizer } from './localizer';

/** How this machine stands in its network, in one sentence or two. */
export function syncText(state: SyncState, l10n: Localizer): string {
  switch (state.status) {
    case 'alone':
      return l10n.t('No other machine is connected, and this network names none that could be called.');
    case 'connecting':
      return l10n.t('No other machine is connected yet.');
    case 'hubGone':
      return l10n.t('The connection to the hub is lost; it is called again and again.');
    case 'syncing':
      return l10n.t('Fetching blocks: {0} of {1}', state.at, state.to);
    case 'behind':
      return l10n.t(
        'This machine is behind: others have block {1} and it has block {0}, and none of them is connected.',
        state.at,
        state.to,
      );
    case 'level':
      return l10n.t('No machine that is connected has more blocks than this one.');
  }
}

/** What is the matter with a hub, and what helps. */
export function hubText(hub: HubView, l10n: Localizer): string {
  const address = formatAddress(hub);
  switch (hub.standing) {
    case 'self':
      return l10n.t('{0}: this machine', address);
    case 'connected':
      return l10n.t('{0}: connected', address);
    case 'calling':
      return l10n.t('{0}: being called', address);
    case 'gone':
      return l10n.t('{0}: was connected and has gone', address);
    case 'unreachable':
      return hub.wasConnected
        ? l10n.t('{0}: was connected, and cannot be reached now. It is off, or its address has changed.', address)
        : l10n.t(
            '{0}: cannot be reached. It is off, its address has changed, or something between blocks it.',
            address,
          );
    case 'otherAnswer':
      return l10n.t(
        '{0}: something answers that does not prove to be this hub. Its address has changed, or it accepts nobody from here. Ask for a new link to the network.',
        address,
      );
    case 'notAdmitted':
      return l10n.t('{0}: does not let this machine in. Its owner has to admit it.', address);
    case 'refused':
      return l10n.t('{0}: hangs up on this machine.', address);
  }
}

/** One machine that is connected. Its program’s name is its own word. */
export function peerText({ client, address, isInbound, isGreeted }: Peer, l10n: Localizer): string {
  const [at, name] = [formatAddress(address), displayText(client)];
  if (!isGreeted) return l10n.t('{0}: greeting ({1})', at, name);
  return isInbound ? l10n.t('{0}: has called here ({1})', at, name) : l10n.t('{0}: was called ({1})', at, name);
}
