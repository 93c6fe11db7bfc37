/** The networks that this machine follows beside its own development network, each in a folder of its own. */
import type { DaoChainError } from '../errors';
import type { Hex32 } from '../hex';
import type { ExternalLedger } from '../ledger/externalLedger';
import type { TeamProfile } from '../ledger/network';
import type { ListenAddress } from './node';

/** A node that a hub of this machine lets in. */
export interface AdmittedNode {
  readonly nodeKey: string;
  /** What the machine calls itself, in a stranger's words. */
  readonly machine: string;
}

/** A block that the network had when its link was made. */
export interface Checkpoint {
  readonly number: number;
  readonly hash: Hex32;
}

/** What this machine is in a network. */
export interface NetworkPlace {
  /** Where its node listens, as a person named it; a member's listens nowhere. */
  readonly listen?: ListenAddress;
  readonly admitted: readonly AdmittedNode[];
  readonly checkpoint?: Checkpoint;
}

export interface FollowedNetwork {
  readonly profile: TeamProfile;
  readonly place: NetworkPlace;
  /** Everything of the network is below it. */
  readonly folder: string;
}

/** What is stored of all of them. `home`: the network on which this machine signs; an error where nobody can know. */
export interface FollowedNetworks {
  readonly home: 'development' | FollowedNetwork | DaoChainError;
  readonly networks: readonly FollowedNetwork[];
  readonly damaged: readonly DamagedNetwork[];
}

/** A network whose files cannot be used. */
export interface DamagedNetwork extends Pick<FollowedNetwork, 'folder'> {
  readonly chainId: number;
  /** `networkInvalid` with the `file`. */
  readonly error: DaoChainError;
}

/** What can change of a network; what is not given stays. */
export interface NetworkChange extends Partial<Pick<TeamProfile, 'name' | 'hubs'>> {
  readonly place?: NetworkPlace;
}

/**
 * Writes are whole or not at all, and one after another among all windows and commands; what could not be read again is not
 * written. `networkInvalid`, with the reason `notFollowed` for a network that is not, `busy` while others go on changing them,
 * `nameTaken`, `hubsFull`, `admittedFull`.
 */
export interface NetworkStore {
  /** At once, since everything else of the product begins with it. */
  read(): FollowedNetworks;
  /** Reason `alreadyFollowed` where a network with its chain ID is followed. */
  add(profile: TeamProfile, place: NetworkPlace): Promise<FollowedNetwork>;
  /** `change` gets the network as it is stored now, and nobody else changes it meanwhile. What it throws changes nothing. */
  change(chainId: number, change: (network: FollowedNetwork) => NetworkChange): Promise<FollowedNetwork>;
  setHome(chainId: 'development' | number): Promise<void>;
  /** Follows it no longer, also where its files cannot be used; gives the folder to which all of it was moved. */
  leave(chainId: number): Promise<string>;
  /** The public key of this machine's node in the network, which is made where there is none. */
  nodeKey(chainId: number): Promise<string>;
}

export interface FollowedExternal {
  readonly external: ExternalLedger;
  /** What is remembered of the ledger is below it. */
  readonly folder: string;
}

/** Ledgers on chains that are none of ours, as they are stored. Writes are whole or not at all. */
export interface ExternalStore {
  read(): { readonly externals: readonly FollowedExternal[]; readonly damaged: readonly DamagedNetwork[] };
  /** Takes the place of what is stored of the same ledger. `networkInvalid`, reason `chainIdTaken`, for that of another one. */
  put(external: ExternalLedger): Promise<void>;
  /** Follows it no longer; gives the folder to which all of it was moved. */
  leave(chainId: number): Promise<string>;
}
