/**
 * The EIP-712 hash of an entry that a wallet signs for others to send (contracts/IDaoChainLedger.sol, `attestBySignature`).
 * Written out because `core` carries no ABI library.
 */
import { keccak_256 } from '@noble/hashes/sha3';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils';
import type { Hex, Hex32 } from '../hex';
import { fromHex, toHex } from '../hex';
import type { LedgerId, UnsignedEntry } from './types';
import { entryKindNumber } from './types';

const domainType = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)';
const attestationType =
  'Attestation(bytes32 publisher,bytes20 previous,uint8 kind,uint64 validUntil,string repository,string tag,bytes body,address signer,uint64 deadline)';

/** The hash that `signer` signs; the genesis hash of the ledger is not part of it. */
export function entryHash(ledger: LedgerId, { entry, signer, deadline }: UnsignedEntry): Hex32 {
  const domain = hashWords([
    hashText(domainType),
    hashText('DaoChain Ledger'),
    hashText('1'),
    uint(ledger.chainId),
    uint(BigInt(ledger.address)),
  ]);
  const attestation = hashWords([
    hashText(attestationType),
    fromHex(entry.publisher),
    // bytes20 stands at the left of its word.
    concatBytes(fromHex(entry.previous), new Uint8Array(12)),
    uint(BigInt(entryKindNumber[entry.kind])),
    uint(BigInt(entry.validUntil)),
    hashText(entry.repository),
    hashText(entry.tag),
    keccak_256(fromHex(entry.body)),
    uint(BigInt(signer)),
    uint(BigInt(deadline)),
  ]);
  return toHex(keccak_256(concatBytes(Uint8Array.of(0x19, 0x01), domain, attestation)));
}

function hashText(text: string): Uint8Array {
  return keccak_256(utf8ToBytes(text));
}

function hashWords(words: readonly Uint8Array[]): Uint8Array {
  return keccak_256(concatBytes(...words));
}

function uint(value: bigint): Uint8Array {
  const hex: Hex = `0x${value.toString(16).padStart(64, '0')}`;
  return fromHex(hex);
}
