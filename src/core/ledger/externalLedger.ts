import { keccak_256 } from '@noble/hashes/sha3';
import { concatBytes } from '@noble/hashes/utils';
import { fromHex, toHex, type Address, type Hex32 } from '../hex';
import { zeroWord } from './link';
import type { Finality, LedgerId } from './types';

/** A ledger on a chain that is none of ours, and where this machine asks about it. */
export interface ExternalLedger {
  readonly name: string;
  readonly ledger: LedgerId;
  /** A web address, which can hold a secret, or the path of a node's socket. */
  readonly endpoint: string;
  /** `tag`: the chain tells which of its blocks is final, and nothing else counts. */
  readonly finality: Extract<Finality, 'depth' | 'tag'>;
  /** How deep a block must be, itself counted, where depth decides. */
  readonly confirmations: number;
}

export function isCalled({ name, ledger }: ExternalLedger, nameOrChainId: string | undefined): boolean {
  return name === nameOrChainId || ledger.chainId.toString() === nameOrChainId;
}

/**
 * The account that deploys ledgers, the same on every chain (github.com/Arachnid/deterministic-deployment-proxy). Nobody has
 * its key. What it deploys is at an address that commits to the code which runs first, so whose proxy it is does not matter.
 */
export const deployer: Address = '0x4e59b44847b379578588920ca78fbf26c0b4956c';

/** Where a ledger is on every chain that is none of ours (EIP-1014). It commits to no witnesses. */
export function externalLedgerAddress(creationCodeHash: Hex32): Address {
  const parts = [Uint8Array.of(0xff), ...[deployer, zeroWord, creationCodeHash].map(fromHex)];
  return toHex(keccak_256(concatBytes(...parts)).slice(12));
}
