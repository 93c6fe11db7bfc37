import * as v from 'valibot';
import { DaoChainError, type ErrorDetails } from '../../core/errors';
import type { Hex32 } from '../../core/hex';
import { createGenesis, genesisHash, genesisLedgerAddress } from '../../core/ledger/genesis';
import { networkLedger, type NetworkProfile } from '../../core/ledger/network';
import { ledgerKey, type LedgerId } from '../../core/ledger/types';
import { ledgerReleases } from './ledgerAbi';
import { askNode, bigintSchema, bytesSchema, hex32Schema, readAnswer } from './rpcAnswer';
import type { RpcTransport } from './rpcTransport';

/** Of a development network. */
const noCommitment: Hex32 = `0x${'0'.repeat(64)}`;
const blockSchema = v.object({ hash: hex32Schema, extraData: hex32Schema, mixHash: hex32Schema });

/**
 * What `ledgerUnknown` says of a node. `terms`: its network commits to terms that only its link or file tells. `otherChain`: it
 * is not that of the ledger that is looked for. `address` and `beginning` are of chains that are none of ours.
 */
export type LedgerFault = 'chainId' | 'genesis' | 'code' | 'terms' | 'otherChain' | 'address' | 'beginning';

export interface FoundLedger {
  readonly ledger: LedgerId;
  /** Whose it is; undefined for a development network that is not known here. */
  readonly profile: NetworkProfile | undefined;
}

/**
 * The ledger of a node of which nothing is known but where it listens. Its first block must be the one that we would
 * make of its extra data, a released code and what it commits to: then the ledger began without storage, and the chain id
 * is no copy of another network's. What it commits to decides verdicts, so that has to be known: from `known` profiles.
 * `ledgerUnknown` with a `LedgerFault` as `details.reason`. 3 calls.
 */
export async function findLedger(
  transport: RpcTransport,
  known: readonly NetworkProfile[],
  signal: AbortSignal,
): Promise<FoundLedger> {
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
  const { hash, extraData, mixHash } = block.output;
  const commitment = mixHash === noCommitment ? undefined : mixHash;
  const genesis = { extraData, ledgerCode: release.runtimeCode, commitment };
  if (hash !== genesisHash(genesis)) throw ledgerUnknown('genesis', 'The chain of the node began otherwise');
  if (chainId !== BigInt(createGenesis(genesis).config.chainId))
    throw ledgerUnknown('chainId', 'The chain id is a copy');
  const ledger = { chainId, genesisHash: hash, address: genesisLedgerAddress };
  const profile = known.find((each) => ledgerKey(networkLedger(each)) === ledgerKey(ledger));
  if (commitment !== undefined && profile === undefined)
    throw ledgerUnknown('terms', 'The network commits to terms that nobody has told', { ledger: ledgerKey(ledger) });
  return { ledger, profile };
}

export function ledgerUnknown(reason: LedgerFault, message: string, details: ErrorDetails = {}): DaoChainError {
  return new DaoChainError('ledgerUnknown', message, { details: { reason, ...details } });
}
