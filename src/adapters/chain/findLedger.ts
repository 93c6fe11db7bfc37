import * as v from 'valibot';
import { DaoChainError } from '../../core/errors';
import { createGenesis, genesisHash, genesisLedgerAddress } from '../../core/ledger/genesis';
import type { LedgerId } from '../../core/ledger/types';
import { ledgerReleases } from './ledgerAbi';
import { askNode, bigintSchema, bytesSchema, hex32Schema, readAnswer } from './rpcAnswer';
import type { RpcTransport } from './rpcTransport';

const blockSchema = v.object({ hash: hex32Schema, extraData: hex32Schema });

/**
 * The ledger of a node of which nothing is known but where it listens. Its first block must be the one that we would
 * make of its extra data and a released code: then the ledger began without storage, and the chain id is no copy of
 * another network's. `ledgerUnknown` says in `details.reason` what is not so. 3 calls.
 */
export async function findLedger(transport: RpcTransport, signal: AbortSignal): Promise<LedgerId> {
  const [chainIdAnswer, blockAnswer, codeAnswer] = await askNode(
    transport,
    [
      { method: 'eth_chainId', params: [] },
      { method: 'eth_getBlockByNumber', params: ['0x0', false] },
      { method: 'eth_getCode', params: [genesisLedgerAddress, 'latest'] },
    ],
    signal,
  );
  const chainId = readAnswer(bigintSchema, chainIdAnswer, 'eth_chainId');
  const code = readAnswer(bytesSchema, codeAnswer, 'eth_getCode');
  const release = ledgerReleases.find(({ runtimeCode }) => runtimeCode === code);
  if (release === undefined) throw ledgerUnknown('code', 'No released code where networks of ours have the ledger');
  const block = v.safeParse(blockSchema, blockAnswer);
  if (!block.success) throw ledgerUnknown('genesis', 'The first block is none of ours');
  const { hash, extraData } = block.output;
  const genesis = { extraData, ledgerCode: release.runtimeCode };
  if (hash !== genesisHash(genesis)) throw ledgerUnknown('genesis', 'The chain of the node began otherwise');
  if (chainId !== BigInt(createGenesis(genesis).config.chainId))
    throw ledgerUnknown('chainId', 'The chain id is a copy');
  return { chainId, genesisHash: hash, address: genesisLedgerAddress };
}

/** `otherChain`: than that of the ledger that is looked for. `address` and `beginning` are of chains that are none of ours. */
type UnknownLedger = 'chainId' | 'genesis' | 'code' | 'otherChain' | 'address' | 'beginning';

export function ledgerUnknown(reason: UnknownLedger, message: string): DaoChainError {
  return new DaoChainError('ledgerUnknown', message, { details: { reason } });
}
