import * as v from 'valibot';
import { ledgerUnknown } from './findLedger';
import type { LedgerId } from '../../core/ledger/types';
import { IpcTransport } from './ipcTransport';
import { ledgerReleases } from './ledgerAbi';
import type { RpcTransport } from './rpcTransport';
import { askNode, bigintSchema, bytesSchema, hex32Schema, readAnswer } from './rpcAnswer';

/**
 * Makes sure that the node's chain has `ledger`: chain id, genesis hash, and at its address a released code.
 * `ledgerUnknown` says in `details.reason` which of them differs. 3 calls.
 */
export async function identifyLedger(transport: RpcTransport, ledger: LedgerId, signal: AbortSignal): Promise<void> {
  const [chainId, genesis, code] = await askNode(
    transport,
    [
      { method: 'eth_chainId', params: [] },
      { method: 'eth_getBlockByNumber', params: ['0x0', false] },
      { method: 'eth_getCode', params: [ledger.address, 'latest'] },
    ],
    signal,
  );
  const { hash } = readAnswer(v.object({ hash: hex32Schema }), genesis, 'eth_getBlockByNumber');
  const runtimeCode = readAnswer(bytesSchema, code, 'eth_getCode');
  if (readAnswer(bigintSchema, chainId, 'eth_chainId') !== ledger.chainId)
    throw ledgerUnknown('chainId', 'The node has another chain id');
  if (hash !== ledger.genesisHash) throw ledgerUnknown('genesis', 'The chain of the node began otherwise');
  if (ledgerReleases.every((release) => release.runtimeCode !== runtimeCode))
    throw ledgerUnknown('code', 'No released code at the ledger');
}

/** The same for a node that nothing is connected to yet. */
export async function identifyLedgerAt(ipcPath: string, ledger: LedgerId, signal: AbortSignal): Promise<void> {
  const visitor = new IpcTransport(() => ipcPath);
  try {
    await identifyLedger(visitor, ledger, signal);
  } finally {
    visitor.dispose();
  }
}
