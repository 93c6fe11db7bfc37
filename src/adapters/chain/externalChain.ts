import { DaoChainError, isDaoChainError } from '../../core/errors';
import { type ExternalLedger, externalLedgerAddress } from '../../core/ledger/externalLedger';
import type { LedgerId } from '../../core/ledger/types';
import { toHeader } from './chainHeads';
import { ledgerUnknown } from './findLedger';
import { identifyLedger } from './identifyLedger';
import { ledgerReleases } from './ledgerAbi';
import { askNode, bytesSchema, readAnswer } from './rpcAnswer';
import { RpcError, type RpcCall, type RpcTransport } from './rpcTransport';

/** Addresses of all released ledgers, on any chain that is none of ours. */
export const externalLedgerAddresses = ledgerReleases.map(({ creationCodeHash }) =>
  externalLedgerAddress(creationCodeHash),
);

/**
 * Makes sure that an endpoint has the chain of `ledger`, and there the ledger that a release deploys; tells whether the chain
 * says which of its blocks is final. `ledgerUnknown` says in `details.reason` what is not so. 6 calls in three messages.
 */
export async function examineExternal(
  transport: RpcTransport,
  ledger: LedgerId,
  signal: AbortSignal,
): Promise<ExternalLedger['finality']> {
  const releases = ledgerReleases.filter((_, i) => externalLedgerAddresses[i] === ledger.address);
  if (releases.length === 0) throw ledgerUnknown('address', 'No released ledger is deployed at this address');
  await identifyLedger(transport, ledger, signal, releases);
  if (await wasThereFromTheStart(transport, ledger, signal))
    throw ledgerUnknown('beginning', 'The first block of the chain has the ledger, and so could have entries in it');
  return finalityOf(transport, signal);
}

/** A chain can begin with any code at any address, and with storage. Nodes that keep no old states do not tell. */
async function wasThereFromTheStart(transport: RpcTransport, ledger: LedgerId, signal: AbortSignal): Promise<boolean> {
  const method = 'eth_getCode';
  const answers = await unlessRefused(transport, [{ method, params: [ledger.address, '0x0'] }], signal);
  return answers !== undefined && readAnswer(bytesSchema, answers[0], method) !== '0x';
}

async function finalityOf(transport: RpcTransport, signal: AbortSignal): Promise<ExternalLedger['finality']> {
  const method = 'eth_getBlockByNumber';
  const calls = ['finalized', 'latest'].map((which): RpcCall => ({ method, params: [which, false] }));
  const answers = await unlessRefused(transport, calls, signal);
  const [tagged, newest] = answers ?? [];
  if (tagged === undefined || tagged === null) return 'depth';
  const [final, head] = [toHeader(tagged, method), toHeader(newest, method)];
  if (final.number > head.number)
    throw new DaoChainError('nodeFailed', 'The block that the node calls final is above its newest');
  // Of a chain that makes nothing final, some nodes tell the first block.
  return final.number === 0 ? 'depth' : 'tag';
}

/** Undefined where the node answers that it does not know. */
async function unlessRefused(
  transport: RpcTransport,
  calls: readonly RpcCall[],
  signal: AbortSignal,
): Promise<readonly unknown[] | undefined> {
  try {
    return await askNode(transport, calls, signal);
  } catch (error) {
    if (isDaoChainError(error, 'nodeFailed') && error.cause instanceof RpcError) return undefined;
    throw error;
  }
}
