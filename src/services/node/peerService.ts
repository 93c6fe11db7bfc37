import { isDaoChainError } from '../../core/errors';
import { Emitter, type Event } from '../../core/emitter';
import { peerView, type PeerView } from './peerState';
import type { LedgerReader } from '../../core/ports/ledger';
import type { Log } from '../../core/ports/log';
import type { HubCall, PeerControl } from '../../core/ports/node';

export interface PeerPorts {
  readonly control: Pick<PeerControl, 'self' | 'peers' | 'syncing'>;
  readonly chain: Pick<LedgerReader, 'head'>;
  /** The network's hubs, as `enode://…`. */
  readonly hubs: () => Promise<readonly string[]>;
  /** What came of the running node's calls, by address. */
  readonly calls: () => ReadonlyMap<string, HubCall>;
  /** Resolves after so many milliseconds, at once when aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: Log;
}

/** How often a node is asked while somebody looks, in milliseconds. */
const lookEvery = 2_000;

/** The other machines of the network, read while somebody looks and not otherwise. */
export class PeerService {
  readonly #ports: PeerPorts;
  readonly #views = new Emitter<PeerView | undefined>();
  #looking: AbortController | undefined;

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

  /** Comes at once and then again and again, as long as somebody listens. */
  readonly onView: Event<PeerView | undefined> = (listener) => {
    const listening = this.#views.event(listener);
    if (this.#looking === undefined) {
      this.#looking = new AbortController();
      void this.#look(this.#looking.signal);
    }
    return {
      dispose: () => {
        listening.dispose();
        if (this.#views.hasListeners) return;
        this.#looking?.abort();
        this.#looking = undefined;
      },
    };
  };

  async #look(signal: AbortSignal): Promise<void> {
    const { wait, log } = this.#ports;
    while (!signal.aborted) {
      try {
        this.#views.fire(await this.read(signal));
      } catch (error) {
        if (!isDaoChainError(error, 'cancelled')) log.warn(`The peers of the node: ${String(error)}`);
      }
      await wait(lookEvery, signal);
    }
  }
}
