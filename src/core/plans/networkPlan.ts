import type { HubReach, Hub } from '../ledger/hub';
import type { ExternalLedger } from '../ledger/externalLedger';
import type { TeamProfile } from '../ledger/network';
import type { Assurance } from '../judging/verdict';
import type { LedgerKey } from '../ledger/types';
import type { AdmittedNode, Checkpoint, FollowedNetwork } from '../ports/networks';

export interface PlannedHub extends Hub {
  readonly reach: HubReach;
}

/** What a person sees before this machine joins a network. Joining starts with no trust, and changes nothing of other networks. */
export interface JoinPlan {
  readonly profile: TeamProfile;
  readonly ledger: LedgerKey;
  readonly hubs: readonly PlannedHub[];
  readonly checkpoint: Checkpoint | undefined;
}

/** What a person sees before this machine, a hub of the network, lets another one in. */
export interface AdmissionPlan {
  readonly network: FollowedNetwork;
  readonly ledger: LedgerKey;
  readonly node: AdmittedNode;
  readonly isAdmitted: boolean;
}

/** What a person sees before this machine reads a ledger of another chain. It was looked at where its endpoint is. */
export interface ExternalPlan {
  readonly external: ExternalLedger;
  readonly ledger: LedgerKey;
  /** Without what can be a secret. */
  readonly shownEndpoint: string;
  readonly assurance: Assurance;
  /** The ledger is followed already, and gets this endpoint and name. */
  readonly isFollowed: boolean;
}
