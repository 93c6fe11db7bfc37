import * as l10n from '@vscode/l10n';
import { assuranceOf, parseEndpoint, type Endpoint } from '../adapters/chain/endpoint';
import { findLedger } from '../adapters/chain/findLedger';
import type { RpcTransport } from '../adapters/chain/rpcTransport';
import { diskFault } from '../adapters/geth/diskSpace';
import type { GethLauncher } from '../adapters/geth/launcher';
import { DaoChainError } from '../core/errors';
import { networkLedger, usualConfirmations } from '../core/ledger/network';
import { ledgerKey } from '../core/ledger/types';
import type { LedgerPlace } from '../product';
import { UsageError } from './usageError';

/** The value of an option that names an endpoint. It is not repeated: it can hold a secret. */
export function readEndpoint(text: string): Endpoint {
  const endpoint = parseEndpoint(text);
  if (endpoint === undefined)
    throw new UsageError(l10n.t('An endpoint is the path of a socket or a web address (http or https).'));
  return endpoint;
}

/**
 * The ledger that an endpoint has. Where it is the data folder's, its profile counts; of another nothing vouches for more
 * than a development network. What a web address says is only reported. `nodeUnavailable`, `ledgerUnknown`.
 */
export async function locateAt(
  endpoint: Endpoint,
  launcher: GethLauncher,
  transport: RpcTransport,
  signal: AbortSignal,
): Promise<LedgerPlace> {
  const ledger = await findLedger(transport, signal);
  const stored = await launcher.storedNetwork();
  const profile =
    stored !== undefined && ledgerKey(networkLedger(stored)) === ledgerKey(ledger)
      ? stored
      : ({ kind: 'development', confirmations: usualConfirmations } as const);
  const { kind, confirmations } = profile;
  return { ledger, kind, confirmations, assurance: assuranceOf(endpoint), finality: 'depth' };
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
