import { randomBytes } from 'node:crypto';
import { TextEncoder } from 'node:util';
import { ViewColumn, commands, env, l10n, window, workspace } from 'vscode';
import { DaoChainError, describeForLog, isDaoChainError } from '../../core/errors';
import { displayText } from '../../core/displayText';
import { formatAddress } from '../../core/ledger/hub';
import type { DamagedNetwork, FollowedExternal, FollowedNetwork } from '../../core/ports/networks';
import type { Log } from '../../core/ports/log';
import { plannedHubs, type NetworkService } from '../../services/networks/networkService';
import type { NodeService } from '../../services/node/nodeService';
import type { PeerService } from '../../services/node/peerService';
import { admissionFacts, joinFacts, listenText, networkText, peerChangeText } from '../../words/networkText';
import { errorText } from '../../words/errorText';
import { tell, tellNothing } from '../notify';
import { confirmPages } from '../prompts/confirmPages';
import { withCancellableProgress, withStatusProgress } from '../prompts/progress';
import { back, choose, type Choice, type Place } from '../prompts/steps';
import { qrPage } from '../trust/qrPage';
import type { ExternalCommands } from './externalCommands';
import { askHub, askInvitation, askLink, askListen, askName, askNewNetwork, askTarget } from './networkPrompts';
import {
  actionRows,
  creationFacts,
  factPages,
  leaveRow,
  networkName,
  networkRow,
  peerRows,
  shareFacts,
  type ManagedNetwork,
  type NetworkAction,
} from './networkRows';

/** A network as the window has it since it started. */
export interface NetworkNode {
  readonly network: 'development' | FollowedNetwork;
  readonly node: NodeService;
  readonly peers: Pick<PeerService, 'read'>;
}

interface NetworkParts {
  readonly networks: NetworkService;
  readonly externalCommands: ExternalCommands;
  readonly ledgerParts: readonly NetworkNode[];
  /** An SVG. */
  readonly drawQr: (text: string) => Promise<string>;
  readonly log: Log;
}

/** How long a list waits for a node to tell who is connected, in milliseconds. */
const patience = 2_000;

/** What a code that can still be scanned from a screen holds, in characters. */
const longestInQr = 2_000;

const furtherCommands = { create: 'createNetwork', join: 'joinNetwork', use: 'useLedger' } as const;

/** The commands about networks of several machines. None of them starts a node but *Start the node*. */
export class NetworkCommands {
  constructor(private readonly parts: NetworkParts) {}

  /** `networkInvalid`, `cancelled`. */
  async create(): Promise<void> {
    const { networks } = this.parts;
    const wanted = await askNewNetwork(networks);
    await confirmPages(l10n.t('Create this network?'), factPages(creationFacts(wanted, l10n)), l10n.t('Create'));
    const { profile } = await networks.create(wanted);
    const [home, share] = [l10n.t('Make It Home'), l10n.t('Share Network')];
    const picked = await window.showInformationMessage(
      l10n.t('{0} was created.', displayText(profile.name)),
      ...[home, ...(wanted.listen === undefined ? [] : [share])],
    );
    if (picked === home) await this.#makeHome(profile.chainId);
    if (picked === share) await this.share(profile.chainId);
  }

  /** `given`: a link, from anybody. Shows all of what it says, and asks. `linkInvalid`, `networkInvalid`, `cancelled`. */
  async join(given?: unknown): Promise<void> {
    const { networks } = this.parts;
    const plan = await networks.planJoin(
      typeof given === 'string' ? given : await askInvitation(l10n.t('Join Network')),
    );
    await confirmPages(
      l10n.t('Join this network?'),
      factPages(joinFacts(plan, l10n)),
      l10n.t('Join'),
      l10n.t('Do Not Join'),
    );
    const link = await networks.join(plan);
    const { name, chainId } = plan.profile;
    const [copy, home] = [l10n.t('Copy Link for the Hub’s Owner'), l10n.t('Make It Home')];
    // Both may be wanted, one after the other.
    for (const offered = new Set([copy, home]); offered.size > 0;) {
      const picked = await window.showInformationMessage(
        l10n.t(
          'You follow {0} now. The owner of a hub lets your machine in by the link that you send them.',
          displayText(name),
        ),
        ...offered,
      );
      if (picked === undefined) return;
      if (picked === copy) await this.#copy(link);
      else await this.#makeHome(chainId);
      offered.delete(picked);
    }
  }

  /** `given`: a link, from anybody. Shows all of what it says, and asks. `linkInvalid`, `networkInvalid`, `cancelled`. */
  async admit(given?: unknown): Promise<void> {
    const { networks } = this.parts;
    const link =
      typeof given === 'string'
        ? given
        : await askLink(
            l10n.t('Admit Machine'),
            l10n.t('The link that the owner of the machine sent you'),
            'vscode://daochain.daochain/admit?…',
          );
    const plan = await networks.planAdmission(link);
    await confirmPages(
      l10n.t('Let this machine in?'),
      factPages(admissionFacts(plan, l10n)),
      l10n.t('Let It In'),
      l10n.t('Do Not Let It In'),
    );
    await this.#join(plan.network);
    const isTold = await withCancellableProgress(l10n.t('Letting the machine in'), (signal) =>
      networks.admit(plan, signal),
    );
    tell(peerChangeText(l10n.t('{0} may connect to this hub.', displayText(plan.node.machine)), isTold, l10n));
  }

  /** `given`: a chain ID, where it is clear which one is meant. `networkInvalid`, `cancelled`. */
  async share(given?: unknown): Promise<void> {
    const title = l10n.t('Share Network');
    const { networks } = this.parts;
    const picked = await this.#pick(title, given);
    const { profile, link, file } = await withCancellableProgress(l10n.t('Asking the node'), (signal) =>
      networks.share(picked.profile.chainId, signal),
    );
    const way = await choose<'link' | 'qr' | 'file'>({
      title,
      placeholder: displayText(profile.name),
      choices: [
        { value: 'link', label: `$(link) ${l10n.t('Copy link')}`, detail: l10n.t('It opens in VS Code.') },
        ...(link.length > longestInQr
          ? []
          : [
              {
                value: 'qr' as const,
                label: `$(device-camera) ${l10n.t('Show QR code')}`,
                detail: l10n.t('The same link, to scan from this screen.'),
              },
            ]),
        { value: 'file', label: `$(save) ${l10n.t('Save as file')}` },
      ],
    });
    if (way === 'link') await this.#copy(link);
    else if (way === 'qr') {
      const panel = window.createWebviewPanel('daochain.network', title, ViewColumn.Active, { localResourceRoots: [] });
      panel.webview.html = qrPage(shareFacts(profile, link, l10n), {
        ...{ svg: await this.parts.drawQr(link), nonce: randomBytes(16).toString('base64url'), language: env.language },
      });
    } else {
      const target = await askTarget(title, profile.chainId);
      await workspace.fs.writeFile(target, new TextEncoder().encode(file));
      tell(l10n.t('Written to {0}', displayText(target.fsPath)));
    }
  }

  /** `cancelled`. */
  async switchHome(): Promise<void> {
    const all = this.#managed();
    const chosen = await choose<ManagedNetwork>({
      title: l10n.t('Switch Home Network'),
      placeholder: l10n.t('On which network does this machine sign, mine and send ether?'),
      choices: all.map((each) => networkRow(each, each, l10n)),
    });
    if (!chosen.isHome) await this.#makeHome(chainIdOf(chosen.network));
  }

  /** `networkInvalid`, `cancelled`, and whatever keeps what was chosen from being done. */
  async manage(): Promise<void> {
    for (;;) {
      const managed = await this.#pickManaged();
      if ('external' in managed) {
        if ((await this.parts.externalCommands.manage(managed)) === back) continue;
        return;
      }
      if ('error' in managed) {
        if ((await this.#manageDamaged(managed)) === back) continue;
        return;
      }
      const place: Place = { title: networkName(managed.network, l10n), canGoBack: true };
      const action = await choose<NetworkAction>({
        ...place,
        placeholder: l10n.t('What would you like to do?'),
        choices: actionRows(managed, l10n),
      });
      if (action === back) continue;
      await this.#act(action, managed.network);
      return;
    }
  }

  /** Its files can be put in order by hand, or it is left. */
  async #manageDamaged({ chainId, error }: DamagedNetwork): Promise<typeof back | undefined> {
    const action = await choose<'leave'>({
      title: l10n.t('A network that cannot be used'),
      placeholder: errorText(error, l10n),
      canGoBack: true,
      choices: [leaveRow(l10n)],
    });
    if (action === back) return back;
    await this.#leave(chainId, chainId.toString());
    return undefined;
  }

  // --- what is followed ---------------------------------------------------------------------------------------------

  /** Every network that is followed, as far as it is known without being waited for. */
  #managed(): readonly ManagedNetwork[] {
    const { home, networks: followed } = this.parts.networks.stored;
    const isHome = (network: ManagedNetwork['network']): boolean =>
      !isDaoChainError(home) && chainIdOf(network) === chainIdOf(home);
    // To go back to it, the development network is offered also where it was not made yet.
    return (['development', ...followed] as const).map((network) => ({
      network,
      isHome: isHome(network),
      node: this.#nodeOf(network)?.node.state,
      connected: undefined,
    }));
  }

  #nodeOf(network: ManagedNetwork['network']): NetworkNode | undefined {
    return this.parts.ledgerParts.find((each) => chainIdOf(each.network) === chainIdOf(network));
  }

  async #pickManaged(): Promise<ManagedNetwork | FollowedExternal | DamagedNetwork> {
    const { networks, externalCommands } = this.parts;
    const known = await Promise.all(
      this.#managed().map(async (each) => ({ ...each, connected: await this.#connected(each) })),
    );
    const chosen = await choose<ManagedNetwork | FollowedExternal | DamagedNetwork | 'create' | 'join' | 'use'>({
      title: l10n.t('Manage Networks'),
      placeholder: l10n.t('Which network?'),
      choices: [
        ...known.map((each): Choice<ManagedNetwork> => networkRow(each, each, l10n)),
        ...externalCommands.rows(),
        ...[...networks.stored.damaged, ...externalCommands.damaged].map((value) => ({
          value,
          label: `$(warning) ${l10n.t('A network that cannot be used')}`,
          description: value.chainId.toString(),
          detail: errorText(value.error, l10n),
        })),
        { value: 'create', label: `$(add) ${l10n.t('Create a network…')}` },
        { value: 'join', label: `$(link) ${l10n.t('Join a network…')}` },
        { value: 'use', label: `$(link-external) ${l10n.t('Use a ledger of another chain…')}` },
      ],
    });
    if (typeof chosen !== 'string') return chosen;
    await commands.executeCommand(`daochain.${furtherCommands[chosen]}`);
    throw new DaoChainError('cancelled', 'Another command goes on');
  }

  /** How many machines a running node of a team is connected to, if it tells in time. */
  async #connected({ network, node }: ManagedNetwork): Promise<number | undefined> {
    if (network === 'development' || (node?.status !== 'running' && node?.status !== 'buildingDag')) return undefined;
    try {
      return (await this.#nodeOf(network)?.peers.read(AbortSignal.timeout(patience)))?.peers.length;
    } catch (error) {
      this.parts.log.debug(`Who is connected is not known: ${describeForLog(error)}`);
      return undefined;
    }
  }

  async #pick(title: string, chainId: unknown): Promise<FollowedNetwork> {
    const { followed, stored } = this.parts.networks;
    const named = followed.find(({ profile }) => profile.chainId === chainId);
    if (named !== undefined) return named;
    const [only, ...others] = followed;
    if (only === undefined)
      tellNothing(
        l10n.t('You follow no network of several machines yet.'),
        { title: l10n.t('Create Network'), command: 'daochain.createNetwork' },
        { title: l10n.t('Join Network'), command: 'daochain.joinNetwork' },
      );
    if (others.length === 0) return only;
    const { home } = stored;
    return choose({
      title,
      placeholder: l10n.t('Which network?'),
      choices: followed.map((value) => ({
        value,
        label: networkText(value, !isDaoChainError(home) && chainIdOf(home) === value.profile.chainId, l10n),
        detail: listenText(value.place.listen, l10n),
      })),
    });
  }

  // --- what is done with one ----------------------------------------------------------------------------------------

  async #act(action: NetworkAction, network: ManagedNetwork['network']): Promise<void> {
    if (action === 'makeHome') return this.#makeHome(chainIdOf(network));
    if (action === 'start' || action === 'stop') return this.#run(action, network);
    if (action === 'reload') {
      await commands.executeCommand('workbench.action.reloadWindow');
      return;
    }
    if (network === 'development') return;
    const { networks } = this.parts;
    const { chainId, name } = network.profile;
    const title = displayText(name);
    switch (action) {
      case 'peers':
        return this.#showPeers(network);
      case 'share':
        return this.share(chainId);
      case 'copyAdmission':
        return this.#copy(await networks.admissionLink(chainId));
      case 'admit':
        return this.admit();
      case 'dismiss':
        return this.#dismiss(network);
      case 'rename':
        return networks.rename(chainId, await askName(networks, { title }, name, chainId));
      case 'listen': {
        const { place } = await networks.listenAt(chainId, await askListen(networks, title, network.place.listen));
        tell(`${listenText(place.listen, l10n)}. ${l10n.t('It takes effect when the node starts next.')}`);
        return;
      }
      case 'addHub': {
        const hub = await askHub(title);
        await this.#join(network);
        const isTold = await withCancellableProgress(l10n.t('Adding the hub'), (signal) =>
          networks.addHub(chainId, hub, signal),
        );
        tell(peerChangeText(l10n.t('The node connects to it.'), isTold, l10n));
        return;
      }
      case 'removeHub': {
        const { nodeKey } = await choose({
          title,
          placeholder: l10n.t('To which hub does this machine no longer connect?'),
          choices: plannedHubs(network.profile).map((value) => ({
            value,
            label: formatAddress(value),
            detail: value.nodeKey,
          })),
        });
        await networks.removeHub(chainId, nodeKey);
        tell(l10n.t('The node does not connect to it from its next start on.'));
        return;
      }
      case 'leave':
        return this.#leave(chainId, title);
    }
  }

  async #makeHome(chainId: 'development' | number): Promise<void> {
    await this.parts.networks.switchHome(chainId);
  }

  async #run(action: 'start' | 'stop', network: ManagedNetwork['network']): Promise<void> {
    const node = this.#nodeOf(network)?.node;
    if (node === undefined) return;
    if (action === 'start') await withStatusProgress(l10n.t('Starting the node…'), () => node.start());
    else await withStatusProgress(l10n.t('Stopping the node…'), () => node.stop());
    const name = networkName(network, l10n);
    tell(action === 'start' ? l10n.t('The node of {0} is running.', name) : l10n.t('No node of {0} is running.', name));
  }

  async #showPeers(network: FollowedNetwork): Promise<void> {
    const view = await withCancellableProgress(l10n.t('Asking the node'), (signal) =>
      Promise.resolve(this.#nodeOf(network)?.peers.read(signal)),
    );
    if (view === undefined) {
      tell(l10n.t('No node is running.'));
      return;
    }
    await choose({
      title: displayText(network.profile.name),
      placeholder: l10n.t('Who is connected'),
      choices: peerRows(view, l10n),
    });
  }

  async #dismiss(network: FollowedNetwork): Promise<void> {
    const title = displayText(network.profile.name);
    const { nodeKey, machine } = await choose({
      title,
      placeholder: l10n.t('Which machine may no longer connect?'),
      choices: network.place.admitted.map((value) => ({
        value,
        label: displayText(value.machine),
        detail: value.nodeKey,
      })),
    });
    await confirmPages(
      l10n.t('Dismiss this machine?'),
      [[l10n.t('The machine calls itself {0}.', displayText(machine)), l10n.t('Its node: {0}', nodeKey)].join('\n\n')],
      l10n.t('Dismiss It'),
      l10n.t('Do Nothing'),
    );
    await this.#join(network);
    const isTold = await withCancellableProgress(l10n.t('Dismissing the machine'), (signal) =>
      this.parts.networks.dismiss(network.profile.chainId, nodeKey, signal),
    );
    tell(peerChangeText(l10n.t('It may no longer connect to this hub.'), isTold, l10n));
  }

  async #leave(chainId: number, name: string): Promise<void> {
    await confirmPages(
      l10n.t('Leave this network?'),
      [
        [
          l10n.t('Network: {0}', name),
          l10n.t(
            'Its node ends, and rules for its ledger make everything that they cover unknown. Its chain, what is on its way and its settings are moved aside; nothing is deleted.',
          ),
        ].join('\n\n'),
      ],
      l10n.t('Leave'),
      l10n.t('Stay'),
    );
    const folder = await withCancellableProgress(l10n.t('Leaving the network'), (signal) =>
      this.parts.networks.leave(chainId, signal),
    );
    tell(l10n.t('You no longer follow it. Everything of it is in {0}', displayText(folder)));
  }

  /** So that a running node is told as well; where none runs, its next start reads what is stored. */
  async #join(network: FollowedNetwork): Promise<void> {
    try {
      await this.#nodeOf(network)?.node.join();
    } catch (error) {
      if (!isDaoChainError(error) || error.code === 'cancelled') throw error;
    }
  }

  async #copy(link: string): Promise<void> {
    await env.clipboard.writeText(link);
    tell(l10n.t('Link copied'));
  }
}

function chainIdOf(network: ManagedNetwork['network']): 'development' | number {
  return network === 'development' ? network : network.profile.chainId;
}
