import { isDaoChainError } from '../../core/errors';
import { formatHub } from '../../core/ledger/hub';
import { peerView, type PeerView } from '../../core/ledger/peerState';
import type { LedgerReader } from '../../core/ports/ledger';
import type { Log } from '../../core/ports/log';
import type { HubCall, PeerControl } from '../../core/ports/node';

export interface PeerPorts {
  readonly control: Pick<PeerControl, 'self' | 'peers' | 'syncing' | 'greet'>;
  readonly chain: Pick<LedgerReader, 'head'>;
  /** The network's hubs, as `enode://…`. */
  readonly hubs: () => Promise<readonly string[]>;
  /** What came of the running node's calls, by address. */
  readonly calls: () => ReadonlyMap<string, HubCall>;
  /** Resolves after so many milliseconds, at once when aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: Log;
}

/**
 * How often hubs are greeted anew, in milliseconds. geth calls nobody again within 35 s of the last call, so that a much shorter
 * time would leave it without anybody.
 */
const greetEvery = 300_000;

/** The other machines of the network. */
export class PeerService {
  readonly #ports: PeerPorts;

  constructor(ports: PeerPorts) {
    this.#ports = ports;
  }

  /** Undefined while no node runs. 4 calls. */
  async read(signal: AbortSignal): Promise<PeerView | undefined> {
    const { control, chain, hubs, calls } = this.#ports;
    try {
      const [self, peers, syncing, { number }, known] = await Promise.all([
        control.self(signal),
        control.peers(signal),
        control.syncing(signal),
        chain.head(signal),
        hubs(),
      ]);
      return peerView({ self, peers, syncing, block: number, hubs: known, calls: calls() });
    } catch (error) {
      if (isDaoChainError(error, 'nodeUnavailable')) return undefined;
      throw error;
    }
  }

  /**
   * For who runs the node, until `signal`. Nodes tell of a block once: what a short cut of the line swallowed stays unknown until
   * the next one, and nobody can see that it is missing. When two greet each other both tell their newest block, and what waits to
   * be mined. So this node greets the hubs that it has called again and again.
   */
  async keepUp(signal: AbortSignal): Promise<void> {
    const { hubs, wait, log } = this.#ports;
    for (;;) {
      await wait(greetEvery, signal);
      if (signal.aborted) return;
      try {
        if ((await hubs()).length > 0) await this.#greet(signal);
      } catch (error) {
        if (!isDaoChainError(error, 'cancelled')) log.warn(`The hubs of the node: ${String(error)}`);
      }
    }
  }

  async #greet(signal: AbortSignal): Promise<void> {
    const view = await this.read(signal);
    if (view?.state.status !== 'level') return;
    const called = new Set(view.peers.filter(({ isInbound }) => !isInbound).map(({ nodeKey }) => nodeKey));
    for (const hub of view.hubs)
      if (hub.standing === 'connected' && called.has(hub.nodeKey))
        await this.#ports.control.greet(formatHub(hub), signal);
  }
}
