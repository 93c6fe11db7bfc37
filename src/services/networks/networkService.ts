import { DaoChainError, isDaoChainError } from '../../core/errors';
import type { Hex } from '../../core/hex';
import { formatHub, hubReach, isReachable, parseHub, type HubReach } from '../../core/ledger/hub';
import { parseAdmissionLink, admissionLink } from '../../core/ledger/admissionLink';
import { isCalled, type ExternalLedger } from '../../core/ledger/externalLedger';
import { type Joining, joinLink, parseJoinLink, profileForJoining } from '../../core/ledger/joinLink';
import {
  createTeamNetwork,
  isNameTaken,
  isNetworkName,
  mostHubs,
  type NetworkFault,
  networkLedger,
  type TeamProfile,
} from '../../core/ledger/network';
import { termsProblem, type NetworkTerms } from '../../core/ledger/networkTerms';
import { ledgerKey, type LedgerId } from '../../core/ledger/types';
import { Emitter, type Event } from '../../core/emitter';
import type { AdmissionPlan, JoinPlan } from '../../core/plans/networkPlan';
import type { Checkpoint, FollowedNetwork, FollowedNetworks, NetworkStore } from '../../core/ports/networks';
import type { ListenAddress, PeerControl } from '../../core/ports/node';

export interface NetworkServicePorts {
  readonly store: NetworkStore;
  /** Runtime codes of released ledgers, the newest last. */
  readonly releasedCodes: readonly Hex[];
  /** Ledgers of other chains that are followed. */
  readonly externals: () => readonly ExternalLedger[];
  /** This machine's own development network, if it was made. */
  readonly development: () => Promise<LedgerId | undefined>;
  /** Of the node of a followed network; rejects with `nodeUnavailable` where it does not run. */
  readonly peersOf: (chainId: number) => PeerControl | undefined;
  /** Literal addresses of this machine. */
  readonly ownAddresses: () => readonly string[];
  readonly machineName: () => string;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** What a person chooses of a new network. */
export interface NewNetwork extends Omit<NetworkTerms, 'kind'> {
  readonly name: string;
  /** Where this machine's node listens, so that others can join; nowhere unless given. */
  readonly listen?: ListenAddress | undefined;
}

/** Creates, joins, shares and leaves networks. Nothing of it starts a node. */
export class NetworkService {
  readonly #ports: NetworkServicePorts;
  readonly #changed = new Emitter<void>();

  constructor(ports: NetworkServicePorts) {
    this.#ports = ports;
  }

  /** What is followed has changed, or which network is home: who uses the product begins anew. */
  readonly onDidChange: Event<void> = this.#changed.event;

  /** With those whose files cannot be used. */
  get stored(): FollowedNetworks {
    return this.#ports.store.read();
  }

  get followed(): readonly FollowedNetwork[] {
    return this.stored.networks;
  }

  /** Where the node of this machine can listen: literal addresses which others can reach. */
  get listenAddresses(): readonly { readonly host: string; readonly reach: HubReach }[] {
    return [...new Set(this.#ports.ownAddresses())]
      .map((host) => ({ host, reach: hubReach(host) }))
      .filter(({ reach }) => isReachable(reach));
  }

  /** Why no new network can have the name; undefined where one can. */
  nameProblem(name: string, own?: number): 'name' | 'nameTaken' | undefined {
    if (!isNetworkName(name)) return 'name';
    const others = this.followed.map(({ profile }) => profile).filter(({ chainId }) => chainId !== own);
    return isNameTaken(name, [...others, ...this.#ports.externals()]) ? 'nameTaken' : undefined;
  }

  /**
   * A network of ours by this name or chain ID. `networkInvalid`, `details.reason` `notFollowed`, or `externalHome` for a ledger
   * of another chain.
   */
  find(nameOrChainId: string): FollowedNetwork {
    const found = this.followed.find(
      ({ profile }) => profile.chainId.toString() === nameOrChainId || profile.name === nameOrChainId,
    );
    if (found !== undefined) return found;
    const isExternal = this.#ports.externals().some((external) => isCalled(external, nameOrChainId));
    throw fault(isExternal ? 'externalHome' : 'notFollowed', { name: nameOrChainId });
  }

  /** `networkInvalid` with the reason `terms`, `name`, `nameTaken` or `listen`. */
  async create({ name, listen, ...chosen }: NewNetwork): Promise<FollowedNetwork> {
    const { store, releasedCodes, randomBytes } = this.#ports;
    const terms: NetworkTerms = { kind: 'team', ...chosen };
    if (termsProblem(terms) !== undefined) throw fault('terms');
    this.#checkName(name);
    if (listen !== undefined) this.#checkListen(listen);
    const code = releasedCodes.at(-1);
    if (code === undefined) throw new RangeError('no ledger was released');
    const profile = createTeamNetwork({ name, ...terms, hubs: [] }, randomBytes(32), code);
    const made = await store.add(profile, { admitted: [] });
    const network = listen === undefined ? made : await this.listenAt(profile.chainId, listen);
    this.#changed.fire();
    return network;
  }

  /** From a link, or from the bytes of a profile's file. `linkInvalid`, `networkInvalid`. */
  async planJoin(given: string | Uint8Array): Promise<JoinPlan> {
    const { releasedCodes, development } = this.#ports;
    const own = await development();
    const networks = this.followed;
    const known = {
      releasedCodes,
      ledgers: [...networks.map(({ profile }) => networkLedger(profile)), ...(own === undefined ? [] : [own])],
      followed: networks.map(({ profile }) => profile),
    };
    const { profile, checkpoint }: Joining =
      typeof given === 'string'
        ? parseJoinLink(given, known)
        : { profile: profileForJoining(given, known), checkpoint: undefined };
    const externals = this.#ports.externals();
    if (isNameTaken(profile.name, externals)) throw fault('nameTaken', { name: profile.name });
    if (externals.some(({ ledger }) => ledger.chainId === BigInt(profile.chainId))) throw fault('chainIdTaken');
    return { profile, ledger: ledgerKey(networkLedger(profile)), hubs: plannedHubs(profile), checkpoint };
  }

  /** Follows the network from now on; its node runs once a person starts it. Gives the link for the owner of a hub. */
  async join({ profile, checkpoint }: JoinPlan): Promise<string> {
    await this.#ports.store.add(profile, { admitted: [], ...(checkpoint !== undefined && { checkpoint }) });
    this.#changed.fire();
    return this.admissionLink(profile.chainId);
  }

  /** What a hub needs to let this machine in. It holds nothing secret. */
  async admissionLink(chainId: number): Promise<string> {
    const { store, machineName } = this.#ports;
    const { profile } = this.#network(chainId);
    const nodeKey = await store.nodeKey(chainId);
    return admissionLink({ ledger: ledgerKey(networkLedger(profile)), nodeKey, machine: machineName() });
  }

  /** `networkInvalid`, reason `noHub`, where nobody could join by it. */
  share(chainId: number, checkpoint?: Checkpoint): string {
    const { profile } = this.#network(chainId);
    if (!plannedHubs(profile).some(({ reach }) => isReachable(reach))) throw fault('noHub');
    return joinLink(profile, checkpoint);
  }

  /** `linkInvalid`; `networkInvalid`, reason `notFollowed` for another ledger, `notHub` where this machine listens nowhere. */
  async planAdmission(link: string): Promise<AdmissionPlan> {
    const { ledger, nodeKey, machine } = parseAdmissionLink(link);
    const network = this.followed.find(({ profile }) => ledgerKey(networkLedger(profile)) === ledger);
    if (network === undefined) throw fault('notFollowed', { ledger });
    const { listen, admitted } = network.place;
    if (listen === undefined) throw fault('notHub', { name: network.profile.name });
    if ((await this.#ports.store.nodeKey(network.profile.chainId)) === nodeKey) throw fault('ownNode');
    const isAdmitted = admitted.some((each) => each.nodeKey === nodeKey);
    return { network, ledger, node: { nodeKey, machine }, isAdmitted };
  }

  /** Lets the node in, at once where this machine's node runs. */
  async admit({ network, node }: AdmissionPlan, signal: AbortSignal): Promise<void> {
    const { chainId } = network.profile;
    const { place } = this.#network(chainId);
    const others = place.admitted.filter(({ nodeKey }) => nodeKey !== node.nodeKey);
    await this.#ports.store.changePlace(chainId, { ...place, admitted: [...others, node] });
    await this.#whereItRuns(chainId, (peers) => peers.addTrusted(node.nodeKey, signal));
  }

  /** Lets the node in no longer, and hangs up on it. */
  async dismiss(chainId: number, nodeKey: string, signal: AbortSignal): Promise<void> {
    const { place } = this.#network(chainId);
    const admitted = place.admitted.filter((each) => each.nodeKey !== nodeKey);
    if (admitted.length === place.admitted.length) throw fault('notAdmitted');
    await this.#ports.store.changePlace(chainId, { ...place, admitted });
    await this.#whereItRuns(chainId, (peers) => peers.removeTrusted(nodeKey, signal));
  }

  /**
   * Makes this machine a hub, which listens there from the node's next start on, or one no longer. The link that is shared
   * names it.
   */
  async listenAt(chainId: number, listen: ListenAddress | undefined): Promise<FollowedNetwork> {
    const { store } = this.#ports;
    if (listen !== undefined) this.#checkListen(listen);
    const { profile, place } = this.#network(chainId);
    const nodeKey = await store.nodeKey(chainId);
    const others = profile.hubs.filter((hub) => parseHub(hub)?.nodeKey !== nodeKey);
    const own = listen === undefined ? [] : [formatHub({ nodeKey, ...listen })];
    if (others.length + own.length > mostHubs) throw fault('hubs');
    await store.changePlace(chainId, {
      admitted: place.admitted,
      ...(place.checkpoint !== undefined && { checkpoint: place.checkpoint }),
      ...(listen !== undefined && { listen }),
    });
    await this.#changeHubs(profile, [...others, ...own]);
    return this.#network(chainId);
  }

  /** A hub whose address is new takes the place of the one with its key. Takes effect at once where the node runs. */
  async addHub(chainId: number, hub: string, signal: AbortSignal): Promise<void> {
    const parsed = parseHub(hub);
    if (parsed === undefined || !isReachable(hubReach(parsed.host))) throw fault('hubs', { value: hub });
    const { profile } = this.#network(chainId);
    const others = profile.hubs.filter((each) => parseHub(each)?.nodeKey !== parsed.nodeKey);
    if (others.length >= mostHubs) throw fault('hubs', { value: hub });
    await this.#changeHubs(profile, [...others, hub]);
    await this.#whereItRuns(chainId, (peers) => peers.addStatic(hub, signal));
  }

  async removeHub(chainId: number, nodeKey: string): Promise<void> {
    const { profile } = this.#network(chainId);
    const hubs = profile.hubs.filter((hub) => parseHub(hub)?.nodeKey !== nodeKey);
    if (hubs.length === profile.hubs.length) throw fault('notHub', { name: profile.name });
    await this.#changeHubs(profile, hubs);
  }

  /** `networkInvalid` with the reason `name` or `nameTaken`. */
  async rename(chainId: number, name: string): Promise<void> {
    const { profile } = this.#network(chainId);
    if (name === profile.name) return;
    this.#checkName(name, chainId);
    await this.#ports.store.changeProfile({ ...profile, name });
    this.#changed.fire();
  }

  /** The network on which this machine signs from the next start on. */
  async switchHome(chainId: 'development' | number): Promise<void> {
    await this.#ports.store.setHome(chainId);
    this.#changed.fire();
  }

  /** Follows the network no longer; gives the folder in which all of it still is. Its node must not run. */
  async leave(chainId: number): Promise<string> {
    const folder = await this.#ports.store.leave(chainId);
    this.#changed.fire();
    return folder;
  }

  async #changeHubs(profile: TeamProfile, hubs: readonly string[]): Promise<void> {
    await this.#ports.store.changeProfile({ ...profile, hubs });
  }

  #network(chainId: number): FollowedNetwork {
    const found = this.followed.find(({ profile }) => profile.chainId === chainId);
    if (found === undefined) throw fault('notFollowed');
    return found;
  }

  /** `own`: the chain ID of the network that has the name. */
  #checkName(name: string, own?: number): void {
    const problem = this.nameProblem(name, own);
    if (problem !== undefined) throw fault(problem, { name });
  }

  /** Nothing listens but where a person said, and that is an address of this machine which others can reach. */
  #checkListen({ host, port }: ListenAddress): void {
    const isPort = Number.isInteger(port) && port > 0 && port < 65_536;
    if (!isPort || !isReachable(hubReach(host)) || !this.#ports.ownAddresses().includes(host))
      throw fault('listen', { value: host });
  }

  async #whereItRuns(chainId: number, tell: (peers: PeerControl) => Promise<void>): Promise<void> {
    const peers = this.#ports.peersOf(chainId);
    if (peers === undefined) return;
    try {
      await tell(peers);
    } catch (error) {
      // Its next start reads what is stored.
      if (!isDaoChainError(error, 'nodeUnavailable')) throw error;
    }
  }
}

export function plannedHubs({ hubs }: TeamProfile): JoinPlan['hubs'] {
  return hubs
    .map(parseHub)
    .filter((hub) => hub !== undefined)
    .map((hub) => ({ ...hub, reach: hubReach(hub.host) }));
}

function fault(reason: NetworkFault, details: Readonly<Record<string, string>> = {}): DaoChainError {
  return new DaoChainError('networkInvalid', `A network: ${reason}`, { details: { reason, ...details } });
}
