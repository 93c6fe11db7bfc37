import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { findLedger } from '../adapters/chain/findLedger';
import { IpcTransport } from '../adapters/chain/ipcTransport';
import type { RpcTransport } from '../adapters/chain/rpcTransport';
import { diskFault } from '../adapters/geth/diskSpace';
import type { GethLauncher } from '../adapters/geth/launcher';
import { DaoChainError } from '../core/errors';
import { networkLedger, usualConfirmations, type NetworkProfile } from '../core/ledger/network';
import { displayText } from '../core/displayText';
import type { LedgerPlace } from '../product';
import { UsageError } from './usageError';

/** A node that this command neither runs nor finds by the data folder. */
export type Endpoint = { readonly type: 'path'; readonly path: string } | { readonly type: 'web'; readonly url: URL };

export function parseEndpoint(text: string, platform = process.platform): Endpoint {
  const isAddress = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const socket = platform === 'win32' ? ownPipe(text) : path.resolve(text);
  if (!isAddress && socket !== undefined) return { type: 'path', path: socket };
  const url = isAddress && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new UsageError(l10n.t('{0} is neither the path of a socket nor a web address.', displayText(text)));
  return { type: 'web', url };
}

/** On Windows a path can lead to a pipe of another machine, and what that says is not what one's own node says. */
function ownPipe(text: string): string | undefined {
  const pipe = path.win32.resolve(text);
  return /^\\\\[.?]\\pipe\\[^\\]/i.test(pipe) ? pipe : undefined;
}

/** HTTP is loaded only where it is spoken. */
export async function openEndpoint(endpoint: Endpoint): Promise<RpcTransport> {
  if (endpoint.type === 'path') return new IpcTransport(() => endpoint.path);
  const { HttpRpcTransport } = await import('../adapters/chain/httpRpcTransport');
  return new HttpRpcTransport(endpoint.url);
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
  { type }: Endpoint,
  known: ReadonlyMap<string, NetworkProfile>,
  transport: RpcTransport,
  signal: AbortSignal,
): Promise<EndpointPlace> {
  const { ledger, profile } = await findLedger(transport, [...known.values()], signal);
  const [home = 'development'] = [...known].find(([, each]) => each === profile) ?? [];
  const { kind, confirmations } = profile ?? ({ kind: 'development', confirmations: usualConfirmations } as const);
  const terms = profile?.kind === 'team' ? profile : undefined;
  const assurance = type === 'path' ? 'ownNode' : 'reported';
  return { home, place: { ledger, kind, confirmations, assurance, finality: 'depth', terms } };
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
