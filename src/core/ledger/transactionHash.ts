import { keccak_256 } from '@noble/hashes/sha3';
import type { Hex, Hex32 } from '../hex';
import { fromHex, toHex } from '../hex';

/** The name of a signed transaction on its chain (EIP-2718): keccak256 of its raw bytes. */
export function transactionHash(raw: Hex): Hex32 {
  return toHex(keccak_256(fromHex(raw)));
}
