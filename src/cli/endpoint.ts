import * as l10n from '@vscode/l10n';
import { assuranceOf, parseEndpoint, type Endpoint } from '../adapters/chain/endpoint';
import { findLedger } from '../adapters/chain/findLedger';
import type { RpcTransport } from '../adapters/chain/rpcTransport';
import { diskFault } from '../adapters/geth/diskSpace';
import type { GethLauncher } from '../adapters/geth/launcher';
import { DaoChainError } from '../core/errors';
import { networkLedger, usualConfirmations, type NetworkProfile } from '../core/ledger/network';
import type { LedgerPlace } from '../product';
import { UsageError } from './usageError';

/** The value of an option that names an endpoint. It is not repeated: it can hold a secret. */
export function readEndpoint(text: string): Endpoint {
  const endpoint = parseEndpoint(text);
  if (endpoint === undefined)
    throw new UsageError(l10n.t('An endpoint is the path of a socket or a web address (http or https).'));
  return endpoint;
}

/** Where the ledger of an endpoint is, and which of this machine's networks has it; `development` where none does. */
export interface EndpointPlace {
  readonly home: string;
  readonly place: LedgerPlace;
}

/**
 * The ledger that an endpoint has. Where it is of this machine's own network or of a followed one, its profile counts, and what
 * is remembered of it and on its way there; of another nothing vouches for more than a development network. What a web address
 * says is only reported. `nodeUnavailable`, `ledgerUnknown`.
 */
export async function locateAt(
  endpoint: Endpoint,
  known: ReadonlyMap<string, NetworkProfile>,
  transport: RpcTransport,
  signal: AbortSignal,
): Promise<EndpointPlace> {
  const { ledger, profile } = await findLedger(transport, [...known.values()], signal);
  const [home = 'development'] = [...known].find(([, each]) => each === profile) ?? [];
  const { kind, confirmations } = profile ?? ({ kind: 'development', confirmations: usualConfirmations } as const);
  const terms = profile?.kind === 'team' ? profile : undefined;
  return { home, place: { ledger, kind, confirmations, assurance: assuranceOf(endpoint), finality: 'depth', terms } };
}

/** The ledger of the data folder, if its node runs: what was read of it before is no answer without one. `nodeUnavailable`, `nodeFailed`. */
export async function locateInFolder(launcher: GethLauncher, signal: AbortSignal): Promise<LedgerPlace> {
  const isRunning = launcher.ipcPath !== undefined || (await launcher.join(signal)) !== undefined;
  if (!isRunning) {
    const fault = await diskFault(launcher.folder);
    if (fault !== undefined) throw fault;
    throw new DaoChainError('nodeUnavailable', 'No node of this data folder is running', {
      details: { reason: 'notRunning' },
    });
  }
  const network = await launcher.network();
  const { kind, confirmations } = network;
  const terms = kind === 'team' ? network : undefined;
  return { ledger: networkLedger(network), kind, confirmations, assurance: 'ownNode', finality: 'depth', terms };
}
