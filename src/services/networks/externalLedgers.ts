import { Emitter, type Event } from '../../core/emitter';
import { DaoChainError } from '../../core/errors';
import type { Address } from '../../core/hex';
import type { Assurance } from '../../core/judging/verdict';
import { isCalled, type ExternalLedger } from '../../core/ledger/externalLedger';
import { isNameTaken, isNetworkName, type NetworkFault, usualConfirmations } from '../../core/ledger/network';
import { mostConfirmations } from '../../core/ledger/networkTerms';
import { ledgerKey, parseLedgerKey, type LedgerId } from '../../core/ledger/types';
import type { ExternalPlan } from '../../core/plans/networkPlan';
import type { DamagedNetwork, ExternalStore, FollowedExternal } from '../../core/ports/networks';

/** A way to a chain, as a person named it. */
export interface ReadEndpoint {
  /** As it is stored. */
  readonly endpoint: string;
  /** Without what can be a secret. */
  readonly shown: string;
  readonly assurance: Assurance;
}

export interface ExternalPorts {
  readonly store: ExternalStore;
  /** Where released ledgers are deployed. */
  readonly addresses: readonly Address[];
  /** Undefined for what is none. */
  readonly readEndpoint: (text: string) => ReadEndpoint | undefined;
  /** The endpoint has that ledger, and this is how its blocks become final. `ledgerUnknown`, `nodeUnavailable`, `nodeFailed`. */
  readonly examine: (endpoint: string, ledger: LedgerId, signal: AbortSignal) => Promise<ExternalLedger['finality']>;
  /** Followed networks of ours. */
  readonly networks: () => readonly { readonly name: string; readonly chainId: number }[];
  /** This machine's own development network, if it was made. */
  readonly development: () => Promise<LedgerId | undefined>;
}

/** What a person says of a ledger that they want to read. */
export interface WantedExternal {
  /** Its key. */
  readonly ledger: string;
  readonly endpoint: string;
  readonly name: string;
  readonly confirmations?: number;
}

/** The ledgers that are read on chains which are none of ours. Nothing is signed there. */
export class ExternalLedgers {
  readonly #ports: ExternalPorts;
  readonly #changed = new Emitter<void>();

  constructor(ports: ExternalPorts) {
    this.#ports = ports;
  }

  /** What is followed has changed: who uses the product begins anew. */
  readonly onDidChange: Event<void> = this.#changed.event;

  /** With those whose files cannot be used. */
  get stored(): ReturnType<ExternalStore['read']> {
    return this.#ports.store.read();
  }

  /** By name or chain ID. */
  find(nameOrChainId: string): FollowedExternal | undefined {
    return this.stored.externals.find(({ external }) => isCalled(external, nameOrChainId));
  }

  /** The same, also where its file cannot be used: then it has its chain ID only. */
  findLeavable(nameOrChainId: string): FollowedExternal | DamagedNetwork | undefined {
    const { damaged } = this.stored;
    return damaged.find(({ chainId }) => chainId.toString() === nameOrChainId) ?? this.find(nameOrChainId);
  }

  /** Undefined for what is none on this system. */
  readEndpoint(text: string): ReadEndpoint | undefined {
    return this.#ports.readEndpoint(text.trim());
  }

  /** Why no ledger can have the name; undefined where `own`, or a new one, can. */
  nameProblem(name: string, own?: bigint): 'name' | 'nameTaken' | undefined {
    if (!isNetworkName(name)) return 'name';
    const externals = this.stored.externals.map(({ external }) => external);
    const others = externals.filter(({ ledger }) => ledger.chainId !== own);
    return isNameTaken(name, [...this.#ports.networks(), ...others]) ? 'nameTaken' : undefined;
  }

  /**
   * The ledger of a key that a person typed, if one can be followed: no endpoint is asked. `networkInvalid` with the reason
   * `ledgerId`, `ledgerAddress` or `chainIdTaken`.
   */
  async readLedger(text: string): Promise<LedgerId> {
    const { addresses, networks, development } = this.#ports;
    const ledger = parseLedgerKey(text.trim());
    // Chain IDs are the names of folders, and exact numbers in every file.
    if (ledger === undefined || ledger.chainId > BigInt(Number.MAX_SAFE_INTEGER)) throw fault('ledgerId');
    if (!addresses.includes(ledger.address)) throw fault('ledgerAddress');
    const isOther = this.stored.externals.some(
      ({ external }) => external.ledger.chainId === ledger.chainId && ledgerKey(external.ledger) !== ledgerKey(ledger),
    );
    const ours = [...networks().map(({ chainId }) => BigInt(chainId)), (await development())?.chainId];
    if (isOther || ours.includes(ledger.chainId)) throw fault('chainIdTaken');
    return ledger;
  }

  /** Looks at the ledger where it is said to be. `networkInvalid`, `ledgerUnknown`, `nodeUnavailable`, `nodeFailed`. */
  async plan(wanted: WantedExternal, signal: AbortSignal): Promise<ExternalPlan> {
    const ledger = await this.readLedger(wanted.ledger);
    const { name, confirmations = usualConfirmations } = wanted;
    const problem = this.nameProblem(name, ledger.chainId);
    if (problem !== undefined) throw fault(problem, { name });
    if (!Number.isInteger(confirmations) || confirmations < 1 || confirmations > mostConfirmations)
      throw fault('terms');
    const read = this.readEndpoint(wanted.endpoint);
    if (read === undefined) throw fault('endpoint');
    const { endpoint, shown, assurance } = read;
    const before = this.find(ledger.chainId.toString());
    const found = await this.#ports.examine(endpoint, ledger, signal);
    // A chain that told what is final goes on to; a node of it that does not is behind, or lies.
    const finality = before?.external.finality === 'tag' ? 'tag' : found;
    const external = { name, ledger, endpoint, finality, confirmations };
    return { external, ledger: ledgerKey(ledger), shownEndpoint: shown, assurance, isFollowed: before !== undefined };
  }

  async use({ external }: ExternalPlan): Promise<void> {
    await this.#ports.store.put(external);
    this.#changed.fire();
  }

  /** `networkInvalid` with the reason `name` or `nameTaken`. */
  async rename({ external }: FollowedExternal, name: string): Promise<void> {
    const problem = this.nameProblem(name, external.ledger.chainId);
    if (problem !== undefined) throw fault(problem, { name });
    await this.#ports.store.put({ ...external, name });
    this.#changed.fire();
  }

  /** Gives the folder in which all that is remembered of it still is. */
  async leave(followed: FollowedExternal | DamagedNetwork): Promise<string> {
    const chainId = 'error' in followed ? followed.chainId : Number(followed.external.ledger.chainId);
    const folder = await this.#ports.store.leave(chainId);
    this.#changed.fire();
    return folder;
  }
}

function fault(reason: NetworkFault, details: Readonly<Record<string, string>> = {}): DaoChainError {
  return new DaoChainError('networkInvalid', `A ledger of another chain: ${reason}`, {
    details: { reason, ...details },
  });
}
