import { formatAddress, parseHub, type Hub } from '../../core/ledger/hub';
import type { HubCall, Peer, SyncProgress } from '../../core/ports/node';

/** What a running node says of the other machines, all at one time. */
export interface PeerAnswers {
  /** The node's own key. */
  readonly self: string;
  /** Number of its newest block. */
  readonly block: number;
  readonly peers: readonly Peer[];
  readonly syncing: SyncProgress | undefined;
  /** The network's hubs, as `enode://…`. */
  readonly hubs: readonly string[];
  readonly calls: ReadonlyMap<string, HubCall>;
}

export interface HubView extends Hub {
  readonly standing:
    | 'self'
    | 'connected'
    /** It was connected, and is not. */
    | 'gone'
    /** It was not called yet, or nothing came of it yet. */
    | 'calling'
    | Exclude<HubCall['outcome'], 'connected'>;
  /** It was connected since the node started. */
  readonly wasConnected: boolean;
}

export type SyncState =
  /** There is nobody to call, and nobody has called. */
  | { readonly status: 'alone' }
  /** Nobody is connected yet. */
  | { readonly status: 'connecting' }
  /** A hub was connected, and now nobody is. */
  | { readonly status: 'hubGone' }
  | ({ readonly status: 'syncing' } & SyncProgress)
  /** Others have blocks up to `to`, and nobody is connected from whom to fetch them. */
  | { readonly status: 'behind'; readonly at: number; readonly to: number }
  /** Nobody who is connected has anything that this node lacks, as far as it was told. */
  | { readonly status: 'level' };

export interface PeerView {
  readonly state: SyncState;
  readonly self: string;
  readonly block: number;
  readonly peers: readonly Peer[];
  readonly hubs: readonly HubView[];
}

/** Who is there, how far this node is, and what is the matter with each hub. */
export function peerView({ self, block, peers, syncing, hubs, calls }: PeerAnswers): PeerView {
  const connected = peers.filter(({ isGreeted }) => isGreeted);
  const views = hubs
    .map(parseHub)
    .filter((hub) => hub !== undefined)
    .map((hub): HubView => {
      const call = calls.get(formatAddress(hub));
      const wasConnected = call?.wasConnected === true;
      if (hub.nodeKey === self) return { ...hub, standing: 'self', wasConnected: false };
      if (connected.some(({ nodeKey }) => nodeKey === hub.nodeKey))
        return { ...hub, standing: 'connected', wasConnected: true };
      // The last call was answered, and nobody is there any more.
      if (call?.outcome === 'connected') return { ...hub, standing: 'gone', wasConnected };
      return { ...hub, standing: call?.outcome ?? 'calling', wasConnected };
    });
  return { self, block, peers, hubs: views, state: stateOf(connected.length, views, syncing) };
}

function stateOf(connected: number, hubs: readonly HubView[], syncing: SyncProgress | undefined): SyncState {
  if (connected > 0) return syncing === undefined ? { status: 'level' } : { status: 'syncing', ...syncing };
  if (syncing !== undefined) return { status: 'behind', at: syncing.at, to: syncing.to };
  if (hubs.some(({ wasConnected }) => wasConnected)) return { status: 'hubGone' };
  return hubs.some(({ standing }) => standing !== 'self') ? { status: 'connecting' } : { status: 'alone' };
}
