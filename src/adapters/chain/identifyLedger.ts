import * as v from 'valibot';
import { ledgerUnknown } from './findLedger';
import type { LedgerId } from '../../core/ledger/types';
import { IpcTransport } from './ipcTransport';
import { ledgerReleases, type LedgerRelease } from './ledgerAbi';
import type { RpcCall, RpcTransport } from './rpcTransport';
import { askNode, bigintSchema, bytesSchema, hex32Schema, readAnswer } from './rpcAnswer';

const blockSchema = v.object({ hash: hex32Schema });

/** What tells one chain from all others. */
export const chainCalls: readonly RpcCall[] = [
  { method: 'eth_chainId', params: [] },
  { method: 'eth_getBlockByNumber', params: ['0x0', false] },
];

/** The answers to {@link chainCalls} are those of the ledger's chain. `ledgerUnknown`, reason `otherChain`. */
export function requireChain([chainId, genesis]: readonly unknown[], ledger: LedgerId): void {
  const { hash } = readAnswer(blockSchema, genesis, 'eth_getBlockByNumber');
  if (readAnswer(bigintSchema, chainId, 'eth_chainId') !== ledger.chainId)
    throw ledgerUnknown('otherChain', 'The node has another chain id');
  if (hash !== ledger.genesisHash) throw ledgerUnknown('otherChain', 'The chain of the node began otherwise');
}

/**
 * Makes sure that the node's chain has `ledger`: chain id, genesis hash, and at its address the code of a release.
 * `ledgerUnknown` says in `details.reason` which of them differs. 3 calls.
 */
export async function identifyLedger(
  transport: RpcTransport,
  ledger: LedgerId,
  signal: AbortSignal,
  releases: readonly LedgerRelease[] = ledgerReleases,
): Promise<void> {
  const calls = [...chainCalls, { method: 'eth_getCode', params: [ledger.address, 'latest'] }];
  const answers = await askNode(transport, calls, signal);
  const code = readAnswer(bytesSchema, answers.at(-1), 'eth_getCode');
  requireChain(answers, ledger);
  if (releases.every(({ runtimeCode }) => runtimeCode !== code))
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
