import { displayText } from '../../core/displayText';
import { isDaoChainError } from '../../core/errors';
import type { ExternalLedger } from '../../core/ledger/externalLedger';
import type { HubReach } from '../../core/ledger/hub';
import { networkLedger, type TeamProfile } from '../../core/ledger/network';
import type { PeerView } from '../../core/ledger/peerState';
import { ledgerKey } from '../../core/ledger/types';
import type { FollowedNetwork } from '../../core/ports/networks';
import type { ReadEndpoint } from '../../services/networks/externalLedgers';
import type { NewNetwork } from '../../services/networks/networkService';
import type { NodeState } from '../../services/node/nodeService';
import { errorText } from '../../words/errorText';
import { phrases } from '../../words/listText';
import type { Localizer } from '../../words/localizer';
import { externalFacts, listenText, termFacts, type NetworkFact } from '../../words/networkText';
import { hubText, peerText, syncText } from '../../words/peerText';
import { nodeLine } from '../account/statusBarView';
import { pagesOf } from '../prompts/pageText';
import type { QrFacts } from '../trust/qrPage';

/** A row of a list, as VS Code takes it. */
export interface NetworkRow<T> {
  readonly value: T;
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
}

/** A followed network and its node. */
export interface ManagedNetwork {
  readonly network: 'development' | FollowedNetwork;
  /** It is home from the window's next start on, if it is not yet. */
  readonly isHome: boolean;
  /** Undefined as long as the window was not reloaded since the network was followed. */
  readonly node: NodeState | undefined;
  /** How many machines are connected; undefined where no node tells. */
  readonly connected: number | undefined;
}

export type NetworkAction =
  | 'start'
  | 'stop'
  | 'reload'
  | 'peers'
  | 'share'
  | 'copyAdmission'
  | 'admit'
  | 'dismiss'
  | 'makeHome'
  | 'rename'
  | 'listen'
  | 'addHub'
  | 'removeHub'
  | 'leave';

/** Everything, in as many pages as it takes. No line begins with spaces: a dialog would break a long key off behind them. */
export function factPages(facts: readonly NetworkFact[]): readonly string[] {
  return pagesOf(facts.map(({ text, below = [] }) => [text, ...below]));
}

/** All of a network that a person is about to make. Its ledger's ID comes from what is drawn when it is made. */
export function creationFacts(network: NewNetwork, l10n: Localizer): readonly NetworkFact[] {
  return [
    { text: l10n.t('Network: {0}', displayText(network.name)) },
    ...termFacts({ kind: 'team', ...network }, l10n),
    { text: listenText(network.listen, l10n) },
    {
      text: l10n.t(
        'All but the name and where it listens is fixed for ever, because the ID of its ledger commits to it. Nothing starts before you start it.',
      ),
    },
  ];
}

export function networkName(network: ManagedNetwork['network'], l10n: Localizer): string {
  return network === 'development' ? l10n.t('development network') : displayText(network.profile.name);
}

export function networkRow<T>(
  { network, isHome, node, connected }: ManagedNetwork,
  value: T,
  l10n: Localizer,
): NetworkRow<T> {
  const facts = [
    ...(node === undefined
      ? network === 'development'
        ? []
        : [l10n.t('in use once the window is reloaded')]
      : [nodeLine({ node }, l10n)]),
    ...(connected === undefined ? [] : [l10n.t('Machines connected: {0}', connected)]),
    ...(network === 'development' ? [] : [listenText(network.place.listen, l10n)]),
  ];
  return {
    value,
    label: `$(${isHome ? 'home' : 'globe'}) ${networkName(network, l10n)}`,
    ...(isHome && { description: l10n.t('home') }),
    detail: phrases(facts, l10n),
  };
}

/** What can be done with a network now; what is likeliest first. */
export function actionRows(
  { network, isHome, node }: ManagedNetwork,
  l10n: Localizer,
): readonly NetworkRow<NetworkAction>[] {
  const row = (value: NetworkAction, icon: string, label: string, detail?: string): NetworkRow<NetworkAction> => ({
    value,
    label: `$(${icon}) ${label}`,
    ...(detail !== undefined && { detail }),
  });
  const home = isHome
    ? []
    : [row('makeHome', 'home', l10n.t('Make it home'), l10n.t('This machine signs, mines and sends ether on it.'))];
  const run = nodeRow(node, row, l10n);
  if (network === 'development') return node === undefined ? home : [run, ...home];
  const { listen, admitted } = network.place;
  return [
    run,
    ...(node?.status === 'running' || node?.status === 'buildingDag'
      ? [row('peers', 'server', l10n.t('Show who is connected'))]
      : []),
    row('share', 'link', l10n.t('Share it'), l10n.t('As a link, a QR code or a file.')),
    row(
      'copyAdmission',
      'copy',
      l10n.t('Copy the link for the owner of a hub'),
      l10n.t('Your machine is let in by it.'),
    ),
    ...(listen === undefined ? [] : [row('admit', 'mail-read', l10n.t('Let a machine in'))]),
    ...(admitted.length === 0
      ? []
      : [row('dismiss', 'circle-slash', l10n.t('Dismiss a machine'), l10n.t('Let in: {0}', admitted.length))]),
    ...home,
    row('listen', 'broadcast', l10n.t('Change where it listens'), listenText(listen, l10n)),
    row('addHub', 'add', l10n.t('Add a hub')),
    ...(network.profile.hubs.length === 0 ? [] : [row('removeHub', 'remove', l10n.t('Remove a hub'))]),
    row('rename', 'edit', l10n.t('Rename it')),
    leaveRow(l10n),
  ];
}

/** A ledger of another chain: where it is read, what that is worth, and why it cannot be used, where that was tried. */
export function externalRow<T>(
  external: ExternalLedger,
  endpoint: ReadEndpoint | undefined,
  failure: unknown,
  value: T,
  l10n: Localizer,
): NetworkRow<T> {
  const isFailed = isDaoChainError(failure);
  const facts = endpoint === undefined ? [] : externalFacts(external, endpoint, l10n).map(({ text }) => text);
  return {
    value,
    label: `$(${isFailed ? 'warning' : 'link-external'}) ${displayText(external.name)}`,
    description: l10n.t('chain {0}', external.ledger.chainId.toString()),
    detail: isFailed ? errorText(failure, l10n) : facts.join(' '),
  };
}

export type ExternalAction = 'endpoint' | 'rename' | 'leave';

export function externalActionRows(l10n: Localizer): readonly NetworkRow<ExternalAction>[] {
  return [
    { value: 'endpoint', label: `$(plug) ${l10n.t('Change its endpoint')}` },
    { value: 'rename', label: `$(edit) ${l10n.t('Rename it')}` },
    leaveRow(l10n),
  ];
}

export function leaveRow(l10n: Localizer): NetworkRow<'leave'> {
  return {
    value: 'leave',
    label: `$(sign-out) ${l10n.t('Leave it')}`,
    detail: l10n.t('Everything of it is moved aside; nothing is deleted.'),
  };
}

function nodeRow(
  node: NodeState | undefined,
  row: (value: NetworkAction, icon: string, label: string, detail?: string) => NetworkRow<NetworkAction>,
  l10n: Localizer,
): NetworkRow<NetworkAction> {
  if (node === undefined) return row('reload', 'refresh', l10n.t('Reload the window to use it'));
  return node.status === 'stopped' || node.status === 'failed'
    ? row('start', 'debug-start', l10n.t('Start the node'), nodeLine({ node }, l10n))
    : row('stop', 'debug-stop', l10n.t('Stop the node'), nodeLine({ node }, l10n));
}

/** Who is connected, and what is the matter with each hub. */
export function peerRows(view: PeerView, l10n: Localizer): readonly NetworkRow<undefined>[] {
  const value = undefined;
  return [
    { value, label: syncText(view.state, l10n), description: l10n.t('Block: {0}', view.block) },
    ...view.hubs.map((hub) => ({ value, label: `$(server) ${hubText(hub, l10n)}`, detail: hub.nodeKey })),
    ...view.peers.map((peer) => ({ value, label: `$(plug) ${peerText(peer, l10n)}`, detail: peer.nodeKey })),
  ];
}

/** Where a node can listen, nowhere first. */
export function listenRows(
  addresses: readonly { readonly host: string; readonly reach: HubReach }[],
  l10n: Localizer,
): readonly NetworkRow<string | undefined>[] {
  return [
    {
      value: undefined,
      label: l10n.t('Nowhere'),
      detail: l10n.t('This machine calls others and is called by nobody. A network needs one machine that listens.'),
    },
    ...addresses.map(({ host, reach }) => ({
      value: host,
      label: host,
      detail:
        reach === 'private'
          ? l10n.t('An address of a private network: machines elsewhere do not reach it.')
          : l10n.t('A public address: anybody can call, and only machines that you let in are answered.'),
    })),
  ];
}

/** A port as it is typed; undefined for what is none. */
export function typedPort(text: string): number | undefined {
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined;
  return port !== undefined && port < 65_536 ? port : undefined;
}

/** What stands beside the QR code of a network's link. */
export function shareFacts(profile: TeamProfile, link: string, l10n: Localizer): QrFacts {
  const name = displayText(profile.name);
  const ledger = ledgerKey(networkLedger(profile));
  return {
    title: l10n.t('Share Network'),
    alt: l10n.t('QR code of the link to the network {0}', name),
    facts: [
      [l10n.t('Name'), name],
      [l10n.t('Ledger'), ledger],
      [l10n.t('Link'), link],
    ],
    advice: l10n.t(
      'Ask whoever joins to compare the ID of the ledger with the one that you tell them in another way. They send you a link back, by which you let their machine in.',
    ),
  };
}
