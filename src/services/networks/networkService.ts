import { DaoChainError, isDaoChainError } from '../../core/errors';
import type { Hex } from '../../core/hex';
import { formatHub, hubReach, isReachable, parseHub, type HubReach } from '../../core/ledger/hub';
import { parseAdmissionLink, admissionLink } from '../../core/ledger/admissionLink';
import { isCalled, type ExternalLedger } from '../../core/ledger/externalLedger';
import { joinFile, joinLink, parseJoinFile, parseJoinLink } from '../../core/ledger/joinLink';
import {
  createTeamNetwork,
  isNameTaken,
  isNetworkName,
  type NetworkFault,
  networkLedger,
  type TeamProfile,
} from '../../core/ledger/network';
import { termsProblem, type NetworkTerms } from '../../core/ledger/networkTerms';
import { ledgerKey, type LedgerId } from '../../core/ledger/types';
import { Emitter, type Event } from '../../core/emitter';
import type { AdmissionPlan, JoinPlan } from '../../core/plans/networkPlan';
import type {
  Checkpoint,
  DamagedNetwork,
  FollowedNetwork,
  FollowedNetworks,
  NetworkStore,
} from '../../core/ports/networks';
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
  /** Ends the node of a network whose files need not be in order, in whatever process it runs; what was read of it is kept. */
  readonly endNode: (chainId: number, signal: AbortSignal) => Promise<void>;
  /** The highest block that is final on a followed network, as far as this machine knows; undefined where it knows none. */
  readonly finalBlockOf: (chainId: number, signal: AbortSignal) => Promise<Checkpoint | undefined>;
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

/** By which others join: the two say the same. */
export interface SharedNetwork {
  readonly profile: TeamProfile;
  readonly link: string;
  readonly file: string;
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

  /** The same, also where the files of the network cannot be used: then it has its chain ID only. */
  findLeavable(nameOrChainId: string): FollowedNetwork | DamagedNetwork {
    const { damaged } = this.stored;
    return damaged.find(({ chainId }) => chainId.toString() === nameOrChainId) ?? this.find(nameOrChainId);
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
    const { profile, checkpoint } =
      typeof given === 'string' ? parseJoinLink(given, known) : parseJoinFile(given, known);
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

  /**
   * With the highest block that is final here, so that no joiner takes another chain for this one. `networkInvalid`, reason
   * `noHub`, where nobody could join; `cancelled`.
   */
  async share(chainId: number, signal: AbortSignal): Promise<SharedNetwork> {
    const { profile, place } = this.#network(chainId);
    if (!plannedHubs(profile).some(({ reach }) => isReachable(reach))) throw fault('noHub');
    const known = await this.#ports.finalBlockOf(chainId, signal);
    // The first block the ledger's ID tells.
    const checkpoint = known !== undefined && known.number > (place.checkpoint?.number ?? 0) ? known : place.checkpoint;
    return { profile, link: joinLink(profile, checkpoint), file: joinFile(profile, checkpoint) };
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

  /** Lets the node in. False where this machine's node was not told, so that it does so from its next start on. */
  async admit({ network, node }: AdmissionPlan, signal: AbortSignal): Promise<boolean> {
    const { chainId } = network.profile;
    await this.#ports.store.change(chainId, ({ place }) => {
      const others = place.admitted.filter(({ nodeKey }) => nodeKey !== node.nodeKey);
      return { place: { ...place, admitted: [...others, node] } };
    });
    return this.#whereItRuns(chainId, (peers) => peers.addTrusted(node.nodeKey, signal));
  }

  /** Lets the node in no longer, and hangs up on it. False as {@link admit}. */
  async dismiss(chainId: number, nodeKey: string, signal: AbortSignal): Promise<boolean> {
    await this.#ports.store.change(chainId, ({ place }) => {
      const admitted = place.admitted.filter((each) => each.nodeKey !== nodeKey);
      if (admitted.length === place.admitted.length) throw fault('notAdmitted');
      return { place: { ...place, admitted } };
    });
    return this.#whereItRuns(chainId, (peers) => peers.removeTrusted(nodeKey, signal));
  }

  /**
   * Makes this machine a hub, which listens there from the node's next start on, or one no longer. The link that is shared
   * names it.
   */
  async listenAt(chainId: number, listen: ListenAddress | undefined): Promise<FollowedNetwork> {
    const { store } = this.#ports;
    if (listen !== undefined) this.#checkListen(listen);
    const nodeKey = await store.nodeKey(chainId);
    return store.change(chainId, ({ profile, place: { admitted, checkpoint } }) => ({
      hubs: [
        ...hubsBeside(profile, nodeKey),
        ...(listen === undefined ? [] : [formatHub({ nodeKey, host: listen.host, port: listen.port })]),
      ],
      place: { admitted, ...(checkpoint !== undefined && { checkpoint }), ...(listen !== undefined && { listen }) },
    }));
  }

  /**
   * A hub whose address is new takes the place of the one with its key. False as {@link admit}, and where the node that runs
   * does not speak with such an address: a member's speaks with those alone that were its hubs' when it started.
   */
  async addHub(chainId: number, hub: string, signal: AbortSignal): Promise<boolean> {
    const parsed = parseHub(hub);
    if (parsed === undefined || !isReachable(hubReach(parsed.host))) throw fault('hubs', { value: hub });
    const { profile, place } = this.#network(chainId);
    await this.#ports.store.change(chainId, (now) => ({ hubs: [...hubsBeside(now.profile, parsed.nodeKey), hub] }));
    const isTold = await this.#whereItRuns(chainId, (peers) => peers.addStatic(hub, signal));
    return isTold && speaksWith(parsed.host, profile, place.listen);
  }

  async removeHub(chainId: number, nodeKey: string): Promise<void> {
    await this.#ports.store.change(chainId, ({ profile }) => {
      const hubs = hubsBeside(profile, nodeKey);
      if (hubs.length === profile.hubs.length) throw fault('notHub', { name: profile.name });
      return { hubs };
    });
  }

  /** `networkInvalid` with the reason `name` or `nameTaken`. */
  async rename(chainId: number, name: string): Promise<void> {
    const { profile } = this.#network(chainId);
    if (name === profile.name) return;
    this.#checkName(name, chainId);
    await this.#ports.store.change(chainId, () => ({ name }));
    this.#changed.fire();
  }

  /** The network on which this machine signs from the next start on. */
  async switchHome(chainId: 'development' | number): Promise<void> {
    await this.#ports.store.setHome(chainId);
    this.#changed.fire();
  }

  /**
   * Ends the network's node, whoever runs it, and follows the network no longer, also where its files cannot be used; gives the
   * folder in which all of it still is. Rejects as `NodeLauncher.end` does, and nothing was moved then.
   */
  async leave(chainId: number, signal: AbortSignal): Promise<string> {
    const { networks, damaged } = this.stored;
    const ids = [...networks.map(({ profile }) => profile.chainId), ...damaged.map((each) => each.chainId)];
    if (!ids.includes(chainId)) throw fault('notFollowed');
    await this.#ports.endNode(chainId, signal);
    const folder = await this.#ports.store.leave(chainId);
    this.#changed.fire();
    return folder;
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

  async #whereItRuns(chainId: number, tell: (peers: PeerControl) => Promise<void>): Promise<boolean> {
    const peers = this.#ports.peersOf(chainId);
    if (peers === undefined) return false;
    try {
      await tell(peers);
      return true;
    } catch (error) {
      // Its next start reads what is stored.
      if (!isDaoChainError(error, 'nodeUnavailable')) throw error;
      return false;
    }
  }
}

function hubsBeside({ hubs }: TeamProfile, nodeKey: string): readonly string[] {
  return hubs.filter((hub) => parseHub(hub)?.nodeKey !== nodeKey);
}

export function plannedHubs({ hubs }: TeamProfile): JoinPlan['hubs'] {
  return hubs
    .map(parseHub)
    .filter((hub) => hub !== undefined)
    .map((hub) => ({ ...hub, reach: hubReach(hub.host) }));
}

/** Whether a node that runs as a hub of this network speaks with an address; it was told at its start. A member's was told others. */
function speaksWith(host: string, profile: TeamProfile, listen: ListenAddress | undefined): boolean {
  if (listen === undefined) return false;
  const reaches = [listen.host, ...plannedHubs(profile).map((hub) => hub.host)].map(hubReach);
  return reaches.includes('public') || hubReach(host) === 'private';
}

function fault(reason: NetworkFault, details: Readonly<Record<string, string>> = {}): DaoChainError {
  return new DaoChainError('networkInvalid', `A network: ${reason}`, { details: { reason, ...details } });
}
