import { keccak_256 } from '@noble/hashes/sha3';
import { bytesToHex } from '@noble/hashes/utils';

/** An address as people read and copy it: letters in the case that checks it (EIP-55). */
export function checksumAddress(address: string): string {
  const digits = address.slice(2).toLowerCase();
  const hash = bytesToHex(keccak_256(digits));
  return `0x${digits.replace(/[a-f]/g, (digit, at: number) => (hash.charAt(at) >= '8' ? digit.toUpperCase() : digit))}`;
}

/** Whether the letters' case contradicts the digits, as after a typing error. All in one case says nothing (EIP-55). */
export function hasWrongChecksum(address: string): boolean {
  const digits = address.slice(2);
  const mixed = digits !== digits.toLowerCase() && digits !== digits.toUpperCase();
  return /^0x[0-9a-fA-F]{40}$/.test(address) && mixed && checksumAddress(address) !== address;
}
